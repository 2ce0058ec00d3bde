import LedgerCore
import LedgerCrypto
import Logging
import Testing

@testable import LedgerService

/// Which tokens are good.
@Suite struct TrustedIssuersTests {
    private let clocks = TestClocks()

    private func trusted(
        _ issuer: LoopbackIssuer, audience: String = IssuerSettings.defaultAudience,
        rule: String = "writer:orders repository=shop/orders ref=refs/heads/main"
    ) throws -> TrustedIssuers {
        let settings = try IssuerSettings(
            issuer: issuer.url, audience: audience, rules: [try IdentityRule(rule)])
        return TrustedIssuers(
            [settings], clock: clocks.wall, uptime: clocks.uptime,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test(arguments: SigningKey.Kind.allCases, [true, false])
    func takesATokenSignedWithEveryKnownAlgorithm(
        _ kind: SigningKey.Kind, declaresAlgorithm: Bool
    ) async throws {
        let key = try await SigningKey(kind, id: "first", declaresAlgorithm: declaresAlgorithm)
        try await LoopbackIssuer.during([key]) { issuer in
            let access = try await trusted(issuer).access(with: try key.token(issuer.claims()))
            #expect(access.role == .writer)
            #expect(access.scope == WriteScope(services: ["orders"]))
            #expect(access.principal.kind == .oidc)
            let pair = #"["\#(issuer.url)","repo:shop/orders:environment:prod"]"#
            #expect(access.principal.id == SHA256.hash(Array(pair.utf8)).hex)
            let host = issuer.url.dropFirst("http://".count)
            #expect(access.principal.name == "\(host):shop/orders@refs/heads/main (kim)")
        }
    }

    @Test func refusesWhatTheIssuerDidNotSign() async throws {
        let key = try await SigningKey(.rs256, id: "first")
        let other = try await SigningKey(.rs256, id: "first")
        let point = try await SigningKey(.es256, id: "point")
        try await LoopbackIssuer.during([key, point]) { issuer in
            let trusted = try trusted(issuer)
            let good = try key.token(issuer.claims())
            _ = try await trusted.access(with: good)
            let parts = good.split(separator: ".").map(String.init)
            let changed = try key.token(issuer.claims(["repository": "shop/other"]))
                .split(separator: ".")
            // An HMAC whose secret is the key that everybody knows, in its usual forms.
            let signed = key.signedPart(issuer.claims(), ["alg": "HS256"])
            let modulus = try #require(key.jwk["n"]?.string)
            let secrets = [Array(modulus.utf8), Base64URL.decode(Array(modulus.utf8)) ?? []]
            var forged = [
                "another's key": try other.token(issuer.claims()),
                "claims of another token": "\(parts[0]).\(changed[1]).\(parts[2])",
                "a cut signature": String(good.dropLast(8)),
                "no signature": "\(parts[0]).\(parts[1]).",
                "algorithm none": key.signedPart(issuer.claims(), ["alg": "none"]) + ".",
                "algorithm None": key.signedPart(issuer.claims(), ["alg": "None"]) + ".AAAA",
                "another algorithm of the key": try key.token(
                    issuer.claims(), header: ["alg": "RS512"]),
                "another kind of algorithm": try point.token(
                    issuer.claims(), header: ["kid": "first"]),
                "an extension": try key.token(issuer.claims(), header: ["crit": ["b64"]]),
                "a key of its own": try other.token(
                    issuer.claims(), header: ["jwk": .object(other.jwk), "kid": "own"]),
            ]
            for (number, secret) in secrets.enumerated() {
                let code = HMACSHA256.code(of: Array(signed.utf8), key: secret)
                forged["HMAC \(number)"] = signed + "." + Base64URL.encode(code.bytes)
            }
            for (what, token) in forged {
                await expectNotAuthenticated(what) { _ = try await trusted.access(with: token) }
            }
            // And after all that, a good one is still good.
            _ = try await trusted.access(with: good)
        }
    }

    @Test func refusesWhatIsNoToken() async throws {
        let key = try await SigningKey(.es256, id: "first")
        try await LoopbackIssuer.during([key]) { issuer in
            let trusted = try trusted(issuer)
            let huge = try key.token(
                issuer.claims(["more": .string(String(repeating: "x", count: 17_000))]))
            let texts = [
                "", "..", "a.b.c", "....", "{}.{}.{}", "\u{0}.\u{0}.\u{0}", huge,
                String(repeating: ".", count: 100_000), "e30.e30.e30", "W10.W10.W10",
                Base64URL.encode(Array(#"{"alg":"ES256"}"#.utf8)) + ".bnVsbA.AAAA",
                try key.token(issuer.claims()) + "=", try key.token(issuer.claims()) + ".",
            ]
            for text in texts {
                await expectNotAuthenticated(String(text.prefix(40))) {
                    _ = try await trusted.access(with: text)
                }
            }
            #expect(issuer.published.readings == 0)
        }
    }

    @Test func refusesWhatIsForOthersOrForAnotherTime() async throws {
        let key = try await SigningKey(.es256, id: "first")
        try await LoopbackIssuer.during([key]) { issuer in
            let trusted = try trusted(issuer)
            let now: Int64 = 1_767_225_600
            let bad: [(String, KeyValuePairs<String, JSON?>)] = [
                ("for this ledger", ["aud": "other"]), ("for this ledger", ["aud": nil]),
                ("for this ledger", ["aud": ["a", "ledgers"]]), ("for this ledger", ["aud": 1]),
                ("for this ledger", ["aud": ["more": "ledger"]]),
                ("expired", ["exp": .integer(now - 60)]), ("never expires", ["exp": nil]),
                ("exp is no time", ["exp": "1767225900"]),
                ("not good yet", ["nbf": .integer(now + 61)]),
                ("in the future", ["iat": .integer(now + 61)]),
                ("nbf is no time", ["nbf": "soon"]), ("no subject", ["sub": nil]),
                ("no subject", ["sub": ""]), ("no issuer", ["iss": nil]),
                ("not trusted", ["iss": .string(issuer.url + "/")]),
                ("not trusted", ["iss": "https://token.actions.githubusercontent.com"]),
                ("no issuer", ["iss": [.string(issuer.url)]]),
            ]
            for (words, claims) in bad {
                let token = try key.token(issuer.claims(claims))
                await expectNotAuthenticated("\(claims)", words) {
                    _ = try await trusted.access(with: token)
                }
            }
            let good: [KeyValuePairs<String, JSON?>] = [
                ["exp": .integer(now - 59)], ["nbf": .integer(now + 60)], ["nbf": nil],
                ["iat": .integer(now + 60)], ["iat": nil], ["aud": ["other", "ledger"]],
            ]
            for claims in good {
                _ = try await trusted.access(with: try key.token(issuer.claims(claims)))
            }
            let other = try self.trusted(issuer, audience: "https://ledger.example.com")
            await expectNotAuthenticated("another audience", "https://ledger.example.com") {
                _ = try await other.access(with: try key.token(issuer.claims()))
            }
            _ = try await other.access(
                with: try key.token(issuer.claims(["aud": "https://ledger.example.com"])))
        }
    }

    @Test func saysWhichClaimsNoRuleFits() async throws {
        let key = try await SigningKey(.es256, id: "first")
        try await LoopbackIssuer.during([key]) { issuer in
            let trusted = try trusted(issuer)
            let token = try key.token(issuer.claims(["repository": "shop/evil"]))
            let error = await refusal { _ = try await trusted.access(with: token) }
            #expect(error?.code == .notAllowed)
            let message = error?.message ?? ""
            #expect(message.contains("repository (shop/evil)"))
            #expect(message.contains("ref (refs/heads/main)"))
            #expect(message.contains("actor"))
            #expect(!message.contains("kim"))
        }
    }
}
