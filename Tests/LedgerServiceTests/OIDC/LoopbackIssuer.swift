import Hummingbird
import LedgerCore
import Logging
import Synchronization
import Testing

/// An OpenID Connect issuer on a free port of this machine.
final class LoopbackIssuer: Sendable {
    struct Published: Sendable {
        var keys: [JSONObject] = []
        /// What it calls itself, if not by its URL.
        var name: String?
        /// Where it says that its keys are, if not at `/keys`.
        var keyAddress: String?
        /// In place of its set of keys.
        var keyText: String?
        var status: HTTPResponse.Status = .ok
        /// Whether the answer with its keys begins and never ends.
        var isSlow = false
        /// How often its keys were read.
        var readings = 0
        /// What `/token` answers, as GitHub does to a job.
        var tokenText = ""
        /// How it was asked for: the parameters, and the field Authorization.
        var tokenRequests: [String] = []
    }

    let url: String
    private let state = Mutex(Published())

    private init(url: String) {
        self.url = url
    }

    var published: Published { state.withLock { $0 } }

    func publish(_ change: @Sendable (inout Published) -> Void) {
        state.withLock { change(&$0) }
    }

    /// Runs `body` while an issuer publishes these keys; it is away afterwards.
    static func during<Result: Sendable>(
        _ keys: [SigningKey], _ body: @Sendable (LoopbackIssuer) async throws -> Result
    ) async throws -> Result {
        let router = Router()
        let issuer = Mutex<LoopbackIssuer?>(nil)
        router.get("/.well-known/openid-configuration") { _, _ in
            try #require(issuer.withLock { $0 }).discovery()
        }
        router.get("/keys") { _, _ in try #require(issuer.withLock { $0 }).keySet() }
        router.get("/moved") { _, _ in Response.redirect(to: "/keys") }
        router.get("/token") { request, _ in
            try #require(issuer.withLock { $0 }).token(request)
        }
        let (ports, port) = AsyncStream<Int>.makeStream()
        var logger = Logger(label: "issuer")
        // Clients go away in the middle here.
        logger.logLevel = .critical
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                port.yield(channel.localAddress?.port ?? 0)
                port.finish()
            }, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            defer { group.cancelAll() }
            let number = try #require(await ports.first { _ in true })
            let made = LoopbackIssuer(url: "http://127.0.0.1:\(number)")
            made.publish { $0.keys = keys.map(\.jwk) }
            issuer.withLock { $0 = made }
            return try await body(made)
        }
    }

    private func discovery() -> Response {
        let now = published
        return response(
            JSONObject([
                "issuer": .string(now.name ?? url),
                "jwks_uri": .string(now.keyAddress ?? url + "/keys"),
            ]), now.status)
    }

    private func keySet() -> Response {
        publish { $0.readings += 1 }
        let now = published
        if let text = now.keyText {
            return Response(status: .ok, body: .init(byteBuffer: .init(string: text)))
        }
        if now.isSlow {
            let body = ResponseBody(contentLength: 1000) { writer in
                try await writer.write(.init(string: "{"))
                // Until the connection is closed.
                try await Task.sleep(for: .seconds(600))
            }
            return Response(status: .ok, body: body)
        }
        return response(
            JSONObject(["keys": .array(now.keys.map(JSON.object))]), now.status)
    }

    private func token(_ request: Request) -> Response {
        let asked = "\(request.uri.query ?? "") \(request.headers[.authorization] ?? "")"
        publish { $0.tokenRequests.append(asked) }
        let now = published
        return Response(status: now.status, body: .init(byteBuffer: .init(string: now.tokenText)))
    }

    private func response(_ object: JSONObject, _ status: HTTPResponse.Status) -> Response {
        let bytes = CanonicalJSON.bytes(.object(object))
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: .init(bytes: bytes)))
    }

    /// What a token of GitHub Actions says, with these claims in place of its own.
    func claims(_ others: KeyValuePairs<String, JSON?> = [:], now: Int64 = 1_767_225_600)
        -> JSONObject
    {
        var claims = JSONObject([
            "actor": "kim", "aud": "ledger", "environment": "prod", "exp": .integer(now + 300),
            "iat": .integer(now), "iss": .string(url), "nbf": .integer(now - 5),
            "ref": "refs/heads/main", "repository": "shop/orders", "repository_owner_id": "4711",
            "sub": "repo:shop/orders:environment:prod",
        ])
        for (name, value) in others { claims[name] = value }
        return claims
    }
}
