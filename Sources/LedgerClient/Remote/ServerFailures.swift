import AsyncHTTPClient
import Glibc
import LedgerCore
import LedgerIngest
import LedgerOperations
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// What went wrong between here and a server, in words. The server's URL is among them, a token
/// never is.
struct ServerFailures: Sendable {
    private let url: String
    private let hasToken: Bool
    private let limits: RemoteSettings.Limits

    init(_ settings: RemoteSettings) {
        url = settings.url
        hasToken = settings.token != nil || !settings.jobVariables.isEmpty
        limits = settings.limits
    }

    /// The server has closed the connection, and there is no answer.
    static func isClosedConnection(_ error: any Error) -> Bool {
        if let error = error as? HTTPClientError { return error == .remoteConnectionClosed }
        if let error = error as? IOError { return [ECONNRESET, EPIPE].contains(error.errnoCode) }
        if let error = error as? NIOSSLError { return error == .uncleanShutdown }
        return false
    }

    // MARK: What the server says

    /// A problem document's error; of anything else, that it makes no sense.
    func refusal(status: Int, type: String?, requestID: String?, body: [UInt8]) -> LedgerError {
        if let problem = problem(type: type, requestID: requestID, status: status, body: body) {
            return problem
        }
        switch status {
        case 413:
            return LedgerError(
                .tooLarge, "\(url) does not take so much at once (HTTP status 413)",
                advice: "a proxy in front of the ledger may have the smaller limit")
        case 300..<400:
            return LedgerError(
                .io,
                "\(url) sends us elsewhere (HTTP status \(status)), and a token must not follow",
                advice: "give the URL at which the ledger is")
        case 429, 503:
            return LedgerError(
                .busy, "\(url) can't take more right now (HTTP status \(status))",
                advice: "try again")
        default: return nonsense("HTTP status \(status) without a reason")
        }
    }

    private func problem(
        type: String?, requestID: String?, status: Int, body: [UInt8]
    ) -> LedgerError? {
        guard type?.hasPrefix("application/problem+json") ?? false,
            let object = (try? JSONReader.read(body))?.object,
            let code = (object["code"]?.string).flatMap(LedgerError.Code.init(rawValue:)),
            let detail = object["detail"]?.string
        else { return nil }
        var advice = object["advice"]?.string
        if code == .notAuthenticated, !hasToken {
            advice = "set LEDGER_TOKEN to a token; ledger token create makes one"
        } else if status >= 500, let requestID, let given = advice {
            advice = "\(given) (request \(requestID))"
        }
        return LedgerError(code, detail, advice: advice)
    }

    func nonsense(_ what: String) -> LedgerError {
        LedgerError(
            .io, "\(url) does not answer as a ledger does: \(what)",
            advice: "something may answer in its place; is the URL right?")
    }

    // MARK: What the network says

    func error(_ error: any Error) -> LedgerError {
        if let error = error as? LedgerError { return error }
        if let error = error as? Deadline.Passed {
            return silence(Int64(error.limit / .milliseconds(1)))
        }
        if let error = error as? HTTPClientError { return self.error(error) }
        if let error = error as? NIOConnectionError { return self.error(error) }
        if let error = error as? IOError {
            return unreachable(Self.text(error), cause: error)
        }
        if error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError {
            return insecure(error)
        }
        if let error = error as? ChannelError, case .connectTimeout = error {
            return noConnection(cause: error)
        }
        if error is CancellationError {
            return LedgerError(.io, "the request to \(url) was given up", cause: error)
        }
        if let error = error as? HTTPParserError, error == .invalidEOFState {
            return closed(cause: error)
        }
        if error is NIOTooManyBytesError { return nonsense("its answer has no end") }
        return nonsense(Self.words(of: error))
    }

    private func error(_ error: HTTPClientError) -> LedgerError {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            return noConnection(cause: error)
        case .deadlineExceeded: return silence(limits.answerMilliseconds)
        case .readTimeout, .writeTimeout: return silence(limits.idleMilliseconds)
        case .remoteConnectionClosed: return closed(cause: error)
        case .invalidURL, .emptyHost, .emptyScheme:
            return LedgerError(
                .usage, "\(url) is no URL", advice: "give it as https://ledger.example.com")
        default: return nonsense(error.shortDescription)
        }
    }

    private func error(_ error: NIOConnectionError) -> LedgerError {
        let failures = error.connectionErrors.map(\.error)
        if failures.isEmpty, error.dnsAError != nil || error.dnsAAAAError != nil {
            return unreachable("the name \(error.host) can't be resolved", cause: error)
        }
        let reasons = failures.map { failure in
            (failure as? IOError).map(Self.text) ?? Self.words(of: failure)
        }
        var told: [String] = []
        for reason in reasons where !told.contains(reason) { told.append(reason) }
        return unreachable(told.joined(separator: "; "), cause: error)
    }

    private func insecure(_ error: any Error) -> LedgerError {
        let words = Self.words(of: error)
        let (reason, advice) =
            if words.contains("CERTIFICATE_VERIFY_FAILED") {
                (
                    "its certificate is not trusted",
                    "a private authority's certificates belong in LEDGER_CA_FILE"
                )
            } else if words.contains("WRONG_VERSION_NUMBER") {
                ("it does not speak TLS", "is the port right?")
            } else if error is NIOSSLExtraError {
                (
                    "its certificate is not for this name or address",
                    "use the name that the certificate has"
                )
            } else {
                (words, "is the URL right?")
            }
        return LedgerError(
            .io, "no secure connection to \(url): \(reason)", advice: advice, cause: error)
    }

    private func unreachable(_ reason: String, cause: any Error) -> LedgerError {
        LedgerError(
            .io, "can't reach \(url): \(reason)", advice: "is it running, and is the URL right?",
            cause: cause)
    }

    private func noConnection(cause: any Error) -> LedgerError {
        LedgerError(
            .io, "can't reach \(url): no connection in \(Self.seconds(limits.connectMilliseconds))",
            advice: "is it running, and is the URL right?", cause: cause)
    }

    private func closed(cause: any Error) -> LedgerError {
        LedgerError(
            .io, "\(url) closed the connection before its answer was complete", cause: cause)
    }

    private func silence(_ milliseconds: Int64) -> LedgerError {
        LedgerError(.io, "\(url) did not answer in \(Self.seconds(milliseconds))")
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        "\(Double(milliseconds) / 1000) s"
    }

    private static func text(_ error: IOError) -> String {
        ErrnoText.text(of: error.errnoCode)
    }

    // One line, short: libraries' errors may hold whatever came over the wire.
    private static func words(of error: any Error) -> String {
        let visible = "\(error)".unicodeScalars.prefix(300).map { scalar in
            0x20..<0x7F ~= scalar.value ? String(scalar) : " "
        }
        return visible.joined()
    }
}
