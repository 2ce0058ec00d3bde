import AsyncHTTPClient
import LedgerCore
import LedgerIngest
import LedgerOperations
import NIOCore

/// Reads what an issuer publishes: where its keys are (OpenID Connect Discovery 1.0 §4), and them.
struct IssuerDocuments: Sendable {
    let issuer: String
    /// For both documents together.
    var timeLimit = Duration.seconds(5)

    private static let byteLimit = 262_144
    private static let path = "/.well-known/openid-configuration"

    /// - Throws: `io` if they can't be read or are not those of the issuer.
    func keys() async throws(LedgerError) -> [IssuerKey] {
        var configuration = HTTPClient.Configuration()
        // It would lead past the check that the address is secure.
        configuration.redirectConfiguration = .disallow
        // Else it tries again and again until the time is over.
        configuration.connectionPool.retryConnectionEstablishment = false
        let timeLimit = timeLimit
        do {
            return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
                // The client's own deadline is over once the answer begins.
                try await Deadline.run(within: timeLimit) { try await keys(client) }
            }
        } catch is Deadline.Passed {
            throw LedgerError(.io, "it took more than \(timeLimit)")
        } catch let error as LedgerError {
            throw error
        } catch {
            throw LedgerError(.io, "it can't be reached: \(error)", cause: error)
        }
    }

    private func keys(_ client: HTTPClient) async throws -> [IssuerKey] {
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        let discovery = try await document(base + Self.path, client)
        guard let object = try? LenientJSON.read(discovery), object.members != nil else {
            throw LedgerError(.io, "what it says of itself is no JSON object")
        }
        let name = object["issuer"]?.text
        guard let name, name.hasSameBytes(as: issuer) else {
            throw LedgerError(.io, "it calls itself \(name ?? "nothing")")
        }
        guard let text = object["jwks_uri"]?.text, let url = EndpointURL(text),
            url.isSecure || !issuer.hasPrefix("https:")
        else { throw LedgerError(.io, "it names no secure address of its keys") }
        return try await IssuerKey.all(in: try await document(url.text, client))
    }

    private func document(_ url: String, _ client: HTTPClient) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "ledger")
        let response = try await client.execute(request, deadline: .now() + .seconds(60))
        guard response.status == .ok else {
            throw LedgerError(.io, "\(url) answered with the status \(response.status.code)")
        }
        do {
            let buffer = try await response.body.collect(upTo: Self.byteLimit)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw LedgerError(.io, "\(url) has more than \(Self.byteLimit) bytes")
        }
    }
}
