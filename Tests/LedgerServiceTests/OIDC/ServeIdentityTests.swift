import AsyncHTTPClient
import Foundation
import LedgerCore
import LedgerCrypto
import NIOCore
import TestSupport
import Testing

/// The built command takes identity tokens.
@Suite struct ServeIdentityTests {
    private static let event =
        #"{"service":"orders","environment":"prod","change":{"id":"1"},"deployment":{"status":"succeeded"}}"#

    /// Runs `ledger serve`, and ends it by SIGTERM.
    private func serving(
        _ ledger: BuiltLedger, _ flags: [String], _ body: (String) async throws -> Void
    ) async throws {
        let errors = Pipe()
        let process = try TestProcess(
            [BuiltLedger.executable(), "serve", "--listen", "127.0.0.1:0"] + flags,
            folder: ledger.folder.path,
            variables: ledger.variables.merging(["PATH": "/usr/bin:/bin"]) { $1 },
            streams: [
                .file("/dev/null"), .file(ledger.folder.file("out")),
                .descriptor(errors.fileHandleForWriting.fileDescriptor),
            ])
        try errors.fileHandleForWriting.close()
        defer {
            process.send(SIGTERM)
            #expect(process.wait().exitCode == 0)
        }
        var text = ""
        while !text.contains("\n") {
            let data = errors.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
        }
        let line = try #require(text.split(separator: "\n").first)
        let start = try #require(line.range(of: " at http://"), "\(text)")
        try await body(String(line[start.lowerBound...].dropFirst(4)))
    }

    private func post(
        _ event: String, _ token: String, _ url: String
    ) async throws -> (status: UInt, body: String) {
        var request = HTTPClientRequest(url: url + "/v1/events")
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer " + token)
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: event))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1 << 20)
        return (response.status.code, String(buffer: body))
    }

    @Test func recordsAsWhomTheIssuerVouchedFor() async throws {
        let key = try await SigningKey(.rs256, id: "first")
        let stranger = try await SigningKey(.rs256, id: "first")
        let ledger = try BuiltLedger()
        try await LoopbackIssuer.during([key]) { issuer in
            let now = Int64(Date().timeIntervalSince1970)
            let flags = [
                "--trust-oidc", issuer.url, "--oidc-allow",
                "writer:orders:{environment} repository=shop/orders ref=refs/heads/main",
                "--oidc-allow", "reader repository=shop/orders",
            ]
            try await serving(ledger, flags) { url in
                let token = try key.token(issuer.claims(now: now))
                let made = try await post(Self.event, token, url)
                #expect(made.status == 201, "\(made.body)")

                let service = Self.event.replacing("orders", with: "billing")
                let other = try await post(service, token, url)
                #expect(other.status == 403, "\(other.body)")
                #expect(other.body.contains("billing"))
                let place = Self.event.replacing("prod", with: "test")
                #expect(try await post(place, token, url).status == 403)

                // The second rule: it may read, and not write.
                let branch = try key.token(issuer.claims(["ref": "refs/heads/x"], now: now))
                #expect(try await post(Self.event, branch, url).status == 403)
                // No rule.
                let evil = try key.token(
                    issuer.claims(["repository": "shop/orders-evil"], now: now))
                let refused = try await post(Self.event, evil, url)
                #expect(refused.status == 403)
                #expect(refused.body.contains("repository (shop/orders-evil)"))
                // Another's key.
                let forged = try stranger.token(issuer.claims(now: now))
                #expect(try await post(Self.event, forged, url).status == 401)
                #expect(try await post(Self.event, token, url).status == 201)
            }
            let rows = try ledger.run("query", "-o", "json").standardOutput
            let document = try JSONReader.read(Array(rows.utf8)).object
            let principals = (document?["rows"]?.array ?? []).map { $0.object?["principal"] }
            #expect(principals.count == 2)
            let claims = issuer.claims()
            let subject = try #require(claims["sub"]?.string)
            let pair = JSON.array([.string(issuer.url), .string(subject)])
            let host = String(issuer.url.dropFirst("http://".count))
            let expected = JSONObject([
                "id": .string(SHA256.hash(CanonicalJSON.bytes(pair)).hex), "kind": "oidc",
                "name": .string("\(host):shop/orders@refs/heads/main (kim)"),
            ])
            for principal in principals { #expect(principal == .object(expected)) }
            #expect(try ledger.run("verify").status == 0)
        }
    }

    @Test func takesTheIdentityOfAJobThatTheCommandRunsIn() async throws {
        let key = try await SigningKey(.es256, id: "first")
        let ledger = try BuiltLedger()
        try await LoopbackIssuer.during([key]) { issuer in
            let token = try key.token(issuer.claims(now: Int64(Date().timeIntervalSince1970)))
            let settings = try ledger.folder.write(
                """
                oidc:
                  - issuer: \(issuer.url)
                    rules:
                      - claims: {repository: shop/orders}
                        role: writer
                        services: [orders]
                """, to: "serve.yaml")
            try await serving(ledger, ["--config", settings]) { url in
                func record(_ service: String, _ variables: [String: String]) throws -> Shell.Result
                {
                    try Shell.execute(
                        BuiltLedger.executable(),
                        [
                            "record", "note", "--message", "x", "--service", service, "--ledger",
                            url,
                        ],
                        environment: ledger.variables.merging(variables) { $1 },
                        folder: ledger.folder.path)
                }
                let made = try record("orders", ["LEDGER_ID_TOKEN": token])
                #expect(made.status == 0, "\(made.standardError)")
                let other = try record("billing", ["LEDGER_ID_TOKEN": token])
                #expect(other.status == 4, "\(other.standardError)")
                let nobody = try record("orders", [:])
                #expect(nobody.status == 4, "\(nobody.standardError)")
            }
            let rows = try ledger.run("query", "--type", "note", "-o", "ndjson").standardOutput
            #expect(rows.contains(#""kind":"oidc""#))
        }
    }

    @Test(arguments: [
        (["--trust-oidc", "https://gitlab.com"], "--oidc-allow 'writer:orders repository="),
        (["--trust-oidc", "http://gitlab.com", "--oidc-allow", "reader a=b"], "must be https"),
        (["--trust-oidc", "", "--oidc-allow", "reader a=b"], "--trust-oidc is empty"),
        (["--oidc-allow", "reader a=b"], "--trust-oidc URL"),
        (["--trust-oidc", "https://gitlab.com", "--oidc-allow", "reader a=*"], "everybody"),
        (["--trust-oidc", "https://gitlab.com", "--oidc-allow", "rader a=b"], "you mean reader"),
        (
            [
                "--trust-oidc", "https://a", "--trust-oidc", "https://b",
                "--oidc-allow", "reader a=b",
            ],
            "settings file"
        ),
        (
            ["--trust-oidc", "https://a", "--oidc-audience", "", "--oidc-allow", "reader a=b"],
            "--oidc-audience is empty"
        ),
    ])
    func doesNotStartWithRulesThatSayTooLittle(_ flags: [String], _ words: String) throws {
        let ledger = try BuiltLedger()
        let result = try Shell.execute(
            BuiltLedger.executable(), ["serve", "--listen", "127.0.0.1:0"] + flags,
            environment: ledger.variables, folder: ledger.folder.path)
        #expect(result.status == 64)
        #expect(result.standardError.contains(words), "\(result.standardError)")
    }
}
