import AsyncHTTPClient
import LedgerCore
import LedgerIngest
import LedgerOperations
import NIOCore

/// Gets the identity token of a CI job, with which it needs no stored secret.
public enum IdentityTokenSource {
    /// Holds the token of a GitLab job that asks for one by `id_tokens:`, or any other.
    public static let variable = "LEDGER_ID_TOKEN"

    private static let byteLimit = 65_536
    private static let timeLimit = Duration.seconds(5)

    /// The token in `LEDGER_ID_TOKEN`, else what GitHub Actions gives to a job with the permission
    /// `id-token: write`; nil elsewhere.
    ///
    /// - Parameters:
    ///   - environment: the job's variables.
    ///   - audience: what the server wants in `aud`; that of `LEDGER_ID_TOKEN` is chosen where it is
    ///     asked for.
    /// - Throws: `busy` if GitHub can't be reached within 5 s or can't answer now, `notAllowed` if
    ///   it refuses. No error shows a token or the address, which may hold one.
    public static func token(
        environment: [String: String], audience: String
    ) async throws(LedgerError) -> String? {
        if let token = environment[variable] {
            let trimmed = token.trimmed
            if !trimmed.isEmpty { return trimmed }
        }
        // docs.github.com, "OpenID Connect reference": both are there only with the permission.
        guard let url = environment["ACTIONS_ID_TOKEN_REQUEST_URL"], !url.isEmpty,
            let secret = environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"], !secret.isEmpty
        else { return nil }
        let separator = url.contains("?") ? "&" : "?"
        var request = HTTPClientRequest(
            url: url + separator + "audience=" + percentEncoded(audience))
        request.headers.add(name: "Authorization", value: "bearer " + secret)
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "ledger")
        return try await answer(to: request)
    }

    private static func answer(to request: HTTPClientRequest) async throws(LedgerError) -> String {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        // Else it tries again and again until the time is over.
        configuration.connectionPool.retryConnectionEstablishment = false
        do {
            return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
                // The client's own deadline is over once the answer begins.
                try await Deadline.run(within: timeLimit) { try await answer(to: request, client) }
            }
        } catch is Deadline.Passed {
            throw LedgerError(.busy, "GitHub gave no identity token in time")
        } catch let error as LedgerError {
            throw error
        } catch {
            // What the library says may hold the address.
            throw LedgerError(.busy, "GitHub can't be reached for an identity token")
        }
    }

    private static func answer(
        to request: HTTPClientRequest, _ client: HTTPClient
    ) async throws -> String {
        let response = try await client.execute(request, deadline: .now() + .seconds(60))
        switch response.status.code {
        case 200: break
        case 429, 500...599:
            throw LedgerError(
                .busy, "GitHub gave no identity token: status \(response.status.code)")
        default:
            throw LedgerError(
                .notAllowed, "GitHub gave no identity token: status \(response.status.code)",
                advice: "does the job have the permission id-token: write?")
        }
        let body = try? await response.body.collect(upTo: byteLimit)
        let bytes = body.map { Array($0.readableBytesView) } ?? []
        guard let token = (try? LenientJSON.read(bytes))?["value"]?.text else {
            throw LedgerError(.busy, "GitHub's answer holds no identity token")
        }
        return token
    }

    private static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}

extension String {
    /// Without white space at its ends: a variable often ends with a line break.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
