import HTTPTypes
import Hummingbird
import HummingbirdCore
import LedgerCore
import NIOCore

// Problem.swift
//
// Every answer that is an error is a problem document (RFC 9457), `application/problem+json`:
//
//    {"advice":"…","code":"conflict","detail":"…","status":409,"title":"…",
//     "type":"urn:ledger:problem:conflict"}
//
// `code` is stable and the same as on the command line; `detail` says what happened, `advice` what
// to do next. An error of the server's own says no more than that: its log has the rest, under the
// request's id.

/// How an error is answered.
struct Problem {
    let error: LedgerError

    init(_ error: any Error) {
        if let error = error as? LedgerError {
            self.error = error
        } else if let error = error as? any HTTPResponseError {
            self.error = Self.error(of: error.status)
        } else {
            self.error = LedgerError(.internal, "\(error)", cause: error)
        }
    }

    var status: HTTPResponse.Status { Self.status(of: error.code) }

    /// An error whose words are for the log alone.
    var isOurs: Bool { status.code >= 500 && error.code != .busy && error.code != .diskFull }

    /// - Parameter other: instead of the status that the error has elsewhere.
    func response(as other: HTTPResponse.Status? = nil) -> Response {
        let (shown, status) = (shown, other ?? status)
        let document = JSONObject([
            "advice": shown.advice.map(JSON.string), "code": .string(error.code.rawValue),
            "detail": .string(shown.message), "status": .integer(Int64(status.code)),
            "title": .string(status.reasonPhrase),
            "type": .string("urn:ledger:problem:" + error.code.rawValue),
        ])
        var response = Response.json(document, status: status)
        response.headers[.contentType] = "application/problem+json"
        if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        if [429, 503].contains(status.code) { response.headers[.retryAfter] = "1" }
        return response
    }

    private var shown: LedgerError {
        switch error.code {
        case .busy:
            LedgerError(.busy, "the ledger can't take more right now", advice: "try again")
        case .diskFull:
            LedgerError(
                .diskFull, "the ledger's disk is full, and nothing of this was recorded",
                advice: "make room on the server; then try again")
        case _ where isOurs:
            LedgerError(
                error.code, "something is wrong at the server",
                advice: "its log has more, under this request's id")
        default: error
        }
    }

    static func status(of code: LedgerError.Code) -> HTTPResponse.Status {
        switch code {
        case .usage, .ambiguous: .badRequest
        case .invalidEvent: .unprocessableContent
        case .conflict, .exists: .conflict
        case .notFound: .notFound
        case .busy: .serviceUnavailable
        case .notAuthenticated: .unauthorized
        case .notAllowed: .forbidden
        case .tooLarge: .contentTooLarge
        case .notAcceptable: .notAcceptable
        case .unsupportedType: .unsupportedMediaType
        case .tooMany: .tooManyRequests
        case .diskFull: .init(code: 507, reasonPhrase: "Insufficient Storage")
        case .readOnly, .stopped: .serviceUnavailable
        case .notALedger, .newerFormat, .damaged, .notVerified, .io, .internal:
            .internalServerError
        }
    }

    /// Errors of the HTTP library itself.
    private static func error(of status: HTTPResponse.Status) -> LedgerError {
        switch status.code {
        case 404:
            LedgerError(
                .notFound, "there is nothing at this path", advice: "see /openapi.yaml")
        case 413: LedgerError(.tooLarge, "the body is too large")
        case 400..<500: LedgerError(.usage, "the request can't be taken: \(status.reasonPhrase)")
        default: LedgerError(.internal, "HTTP status \(status.code)")
        }
    }
}

extension Response {
    static func json(
        _ object: JSONObject, status: HTTPResponse.Status = .ok
    ) -> Response {
        var bytes: [UInt8] = []
        CanonicalJSON.append(object, to: &bytes)
        bytes.append(0x0A)
        return bytesResponse(bytes, "application/json", status)
    }

    static func bytesResponse(
        _ bytes: [UInt8], _ type: String, _ status: HTTPResponse.Status = .ok
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .contentLength: String(bytes.count)],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
