import LedgerCore
import Logging
import Testing

@testable import LedgerService

/// How the keys of an issuer are read, kept and read again.
@Suite struct IssuerKeysTests {
    private let clocks = TestClocks()

    private func trusted(_ issuer: LoopbackIssuer) throws -> TrustedIssuers {
        let settings = try IssuerSettings(
            issuer: issuer.url, rules: [try IdentityRule("writer repository=shop/*")])
        return TrustedIssuers(
            [settings], clock: clocks.wall, uptime: clocks.uptime,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func now() -> Int64 { clocks.wall.now() / 1000 }

    @Test func readsTheKeysOnceForManyTokensAtOnce() async throws {
        let key = try await SigningKey(.es256, id: "first")
        try await LoopbackIssuer.during([key]) { issuer in
            let trusted = try trusted(issuer)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    let token = try key.token(issuer.claims(["sub": .string("job \(number)")]))
                    group.addTask { _ = try await trusted.access(with: token) }
                }
                try await group.waitForAll()
            }
            #expect(issuer.published.readings == 1)
        }
    }

    @Test func takesANewKeyOnceItIsUsed() async throws {
        let (first, second) = (
            try await SigningKey(.es256, id: "first"), try await SigningKey(.rs256, id: "second")
        )
        try await LoopbackIssuer.during([first]) { issuer in
            let trusted = try trusted(issuer)
            _ = try await trusted.access(with: try first.token(issuer.claims()))
            let token = try second.token(issuer.claims())
            // It was read just now.
            await expectNotAuthenticated("a key unknown yet", "no key second") {
                _ = try await trusted.access(with: token)
            }
            #expect(issuer.published.readings == 1)
            clocks.pass(10)
            issuer.publish { $0.keys.append(second.jwk) }
            _ = try await trusted.access(with: token)
            #expect(issuer.published.readings == 2)
            // Keys that the issuer doesn't have are asked for at most once in ten seconds.
            let unknown = try await SigningKey(.es256, id: "third").token(issuer.claims())
            clocks.pass(9)
            for _ in 0..<20 {
                await expectNotAuthenticated("an unknown key") {
                    _ = try await trusted.access(with: unknown)
                }
            }
            #expect(issuer.published.readings == 2)
        }
    }

    @Test func forgetsAKeyThatTheIssuerGaveUp() async throws {
        let (first, second) = (
            try await SigningKey(.es256, id: "first"), try await SigningKey(.es256, id: "second")
        )
        try await LoopbackIssuer.during([first]) { issuer in
            let trusted = try trusted(issuer)
            _ = try await trusted.access(with: try first.token(issuer.claims()))
            issuer.publish { $0.keys = [second.jwk] }
            clocks.pass(3599)
            _ = try await trusted.access(with: try first.token(issuer.claims(now: now())))
            clocks.pass(1)
            await expectNotAuthenticated("a key that was given up") {
                _ = try await trusted.access(with: try first.token(issuer.claims(now: now())))
            }
        }
    }

    @Test func goesOnForADayWhileTheIssuerIsAway() async throws {
        let key = try await SigningKey(.es256, id: "first")
        let other = try await SigningKey(.es256, id: "other")
        let (verifier, issuer) = try await LoopbackIssuer.during([key]) { running in
            let verifier = try trusted(running)
            _ = try await verifier.access(with: try key.token(running.claims()))
            return (verifier, running)
        }
        // Now nothing listens there any more.
        clocks.pass(7200)
        _ = try await verifier.access(with: try key.token(issuer.claims(now: now())))
        await expectNotAuthenticated("a key that is not known") {
            _ = try await verifier.access(with: try other.token(issuer.claims(now: now())))
        }
        clocks.pass(86_400 - 7201)
        _ = try await verifier.access(with: try key.token(issuer.claims(now: now())))
        clocks.pass(1)
        await expectBusy {
            _ = try await verifier.access(with: try key.token(issuer.claims(now: now())))
        }
    }

    @Test func believesOnlyTheIssuersOwnDocuments() async throws {
        let key = try await SigningKey(.es256, id: "first")
        try await LoopbackIssuer.during([key]) { issuer in
            let bad: [(String, @Sendable (inout LoopbackIssuer.Published) -> Void)] = [
                ("calls itself https://another", { $0.name = "https://another.example.com" }),
                ("calls itself", { $0.name = issuer.url + "/" }),
                ("no secure address", { $0.keyAddress = "http://ledger.example.com/keys" }),
                ("no secure address", { $0.keyAddress = "http://127.0.0.1@ledger.example.com/" }),
                ("no secure address", { $0.keyAddress = "file:///etc/passwd" }),
                ("no secure address", { $0.keyAddress = "" }),
                ("the status 303", { $0.keyAddress = issuer.url + "/moved" }),
                ("the status 404", { $0.keyAddress = issuer.url + "/other" }),
                ("no set of keys", { $0.keyText = "<html>" }),
                ("no set of keys", { $0.keyText = #"{"keys":{}}"# }),
                ("none of its keys", { $0.keyText = #"{"keys":[null,1,"x",[],{}]}"# }),
                (
                    "none of its keys",
                    { $0.keyText = #"{"keys":[{"kty":"oct","k":"AAAA","alg":"HS256"}]}"# }
                ),
                ("than 262144 bytes", { $0.keyText = String(repeating: " ", count: 300_000) }),
                ("none of its keys", { $0.keys = [JSONObject(["crv": "P-256", "kty": "EC"])] }),
                ("none of its keys", { $0.keys[0]["use"] = "enc" }),
                ("none of its keys", { $0.keys[0]["alg"] = "HS256" }),
                ("the status 500", { $0.status = .internalServerError }),
            ]
            let good = issuer.published
            for (words, change) in bad {
                issuer.publish { $0 = good }
                issuer.publish(change)
                let error = await refusal(words) {
                    _ = try await IssuerDocuments(issuer: issuer.url).keys()
                }
                #expect(error?.code == .io)
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test func saysThatTheKeysAreNotThereUntilTheyAre() async throws {
        let key = try await SigningKey(.es256, id: "first")
        try await LoopbackIssuer.during([key]) { issuer in
            issuer.publish { $0.name = "https://another.example.com" }
            let trusted = try trusted(issuer)
            let token = try key.token(issuer.claims())
            for _ in 0..<3 { await expectBusy { _ = try await trusted.access(with: token) } }
            #expect(issuer.published.readings == 0)
            issuer.publish { $0.name = nil }
            clocks.pass(10)
            _ = try await trusted.access(with: token)
        }
    }

    @Test func doesNotWaitForAnAnswerThatNeverEnds() async throws {
        let key = try await SigningKey(.es256, id: "first")
        try await LoopbackIssuer.during([key]) { issuer in
            issuer.publish { $0.isSlow = true }
            let documents = IssuerDocuments(issuer: issuer.url, timeLimit: .seconds(3))
            let error = await refusal { _ = try await documents.keys() }
            #expect(error?.code == .io)
            #expect(error?.message.contains("took more than") == true, "\(error?.message ?? "")")
            #expect(issuer.published.readings == 1)
        }
    }

    @Test func usesTheKeysThatItKnowsAmongOthers() async throws {
        let key = try await SigningKey(.rs256, id: nil, declaresAlgorithm: false)
        try await LoopbackIssuer.during([key]) { issuer in
            issuer.publish {
                $0.keys.insert(
                    contentsOf: [
                        JSONObject(["crv": "secp256k1", "kid": "a", "kty": "EC", "x": "AA"]),
                        JSONObject(["alg": "RSA-OAEP-256", "kid": "b", "kty": "RSA", "n": "AA"]),
                        JSONObject(["kty": "new"]), JSONObject(["e": "AQAB", "kty": "RSA"]),
                    ], at: 0)
            }
            _ = try await trusted(issuer).access(with: try key.token(issuer.claims()))
        }
    }
}
