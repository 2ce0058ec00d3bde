import AsyncHTTPClient
import Glibc
import LedgerCore
import LedgerOperations
import NIOCore
import NIOSSL
import Synchronization

/// The way to one server: opened when it is first used, kept for the next request.
final class ServerConnection: Sendable {
    /// More than any answer that is held as a whole.
    private static let answerByteLimit = 256 << 20
    private static let bytesPerSecond: Int64 = 128 << 10

    let settings: RemoteSettings
    let failures: ServerFailures
    private let idleMilliseconds: Int64
    private let tokens: IdentityTokens
    // Made by the first request; nil again once it is closed.
    private let client = Mutex<HTTPClient?>(nil)

    init(_ settings: RemoteSettings, idleMilliseconds: Int64? = nil) {
        self.settings = settings
        self.idleMilliseconds = idleMilliseconds ?? settings.limits.idleMilliseconds
        failures = ServerFailures(settings)
        tokens = IdentityTokens(
            given: settings.token, environment: settings.jobVariables, audience: settings.audience)
    }

    deinit {
        guard let client = client.withLock({ $0.take() }) else { return }
        // It lives until it is shut down.
        client.shutdown().whenComplete { _ in withExtendedLifetime(client) {} }
    }

    func close() async {
        guard let client = client.withLock({ $0.take() }) else { return }
        try? await client.shutdown()
    }

    /// The whole answer to a request, within the time for one.
    func answer(to request: ServerRequest) async throws(LedgerError) -> [UInt8] {
        let sending = Int64(request.body?.count ?? 0) * 1000 / Self.bytesPerSecond
        let time = settings.limits.answerMilliseconds + sending
        do {
            return try await Deadline.run(within: .milliseconds(time)) { [self] in
                let response = try await respond(to: request, milliseconds: time)
                let buffer = try await response.body.collect(upTo: Self.answerByteLimit)
                return Array(buffer.readableBytesView)
            }
        } catch {
            throw failures.error(error)
        }
    }

    /// Hands over a long answer piece by piece, until `body` returns false.
    ///
    /// - Parameter head: is handed the answer's header fields, by name, before anything else.
    func stream(
        _ request: ServerRequest, head: ((String) -> String?) -> Void = { _ in },
        _ body: (ByteBufferView) throws -> Bool
    ) async throws(LedgerError) {
        do {
            let response = try await respond(
                to: request, milliseconds: max(idleMilliseconds, settings.limits.answerMilliseconds)
            )
            head { response.headers.first(name: $0) }
            for try await buffer in response.body {
                do {
                    guard try body(buffer.readableBytesView) else { return }
                } catch {
                    throw LedgerError(wrapping: error)
                }
            }
        } catch {
            throw failures.error(error)
        }
    }

    /// The head of an answer that is no error, in the form that was asked for.
    private func respond(
        to request: ServerRequest, milliseconds: Int64
    ) async throws -> HTTPClientResponse {
        let deadline = NIODeadline.now() + .milliseconds(milliseconds)
        let token = try await tokens.token()
        var response = try await execute(request, token, deadline)
        if response.status == .unauthorized,
            let other = try await tokens.token(insteadOf: token), other != token
        {
            // That of a job is good for some minutes only.
            response = try await execute(request, other, deadline)
        }
        guard 200..<300 ~= response.status.code else {
            let body = try await response.body.collect(upTo: Self.answerByteLimit)
            throw failures.refusal(
                status: Int(response.status.code),
                type: response.headers.first(name: "Content-Type"),
                requestID: response.headers.first(name: "X-Request-ID"),
                body: Array(body.readableBytesView))
        }
        let type = response.headers.first(name: "Content-Type") ?? ""
        guard type.prefix(while: { $0 != ";" }) == request.accept else {
            throw failures.nonsense("its answer is \(type.isEmpty ? "of no type" : type)")
        }
        return response
    }

    private func execute(
        _ request: ServerRequest, _ token: String?, _ deadline: NIODeadline
    ) async throws -> HTTPClientResponse {
        let made = httpRequest(request, token)
        let client = try openClient()
        do {
            return try await client.execute(made, deadline: deadline)
        } catch {
            // A connection that lay idle may be closed at the moment in which it is used again.
            guard request.isRepeatable, ServerFailures.isClosedConnection(error) else {
                throw error
            }
            return try await client.execute(made, deadline: deadline)
        }
    }

    private func httpRequest(_ request: ServerRequest, _ token: String?) -> HTTPClientRequest {
        var made = HTTPClientRequest(url: settings.url + request.path)
        made.method = .RAW(value: request.method.rawValue)
        made.headers.add(name: "Accept", value: request.accept)
        made.headers.add(name: "User-Agent", value: "ledger")
        if let token {
            made.headers.add(name: "Authorization", value: "Bearer \(token)")
        }
        if let body = request.body {
            made.headers.add(name: "Content-Type", value: request.contentType)
            made.body = .bytes(ByteBuffer(bytes: body))
        }
        return made
    }

    private func openClient() throws(LedgerError) -> HTTPClient {
        try client.withLock { (client) throws(LedgerError) -> HTTPClient in
            if let client { return client }
            let made = HTTPClient(configuration: try configuration())
            client = made
            return made
        }
    }

    private func configuration() throws(LedgerError) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try tlsConfiguration(),
            // A token goes to the server that was named and to no other one.
            redirectConfiguration: .disallow,
            timeout: .init(
                connect: .milliseconds(settings.limits.connectMilliseconds),
                read: .milliseconds(idleMilliseconds),
                write: .milliseconds(idleMilliseconds)))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return configuration
    }

    private func tlsConfiguration() throws(LedgerError) -> TLSConfiguration? {
        guard let file = settings.authorityFile else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        do {
            configuration.additionalTrustRoots = [
                .certificates(try NIOSSLCertificate.fromPEMFile(file))
            ]
        } catch {
            throw LedgerError(
                .usage, "LEDGER_CA_FILE, \(file), can't be read as certificates",
                advice: "it must be a file of PEM certificates", cause: error)
        }
        return configuration
    }
}
