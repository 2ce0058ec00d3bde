import LedgerClient
import LedgerCore
import LedgerOperations
import Logging
import Testing

@testable import LedgerService

/// A CI job gets its own token.
@Suite struct IdentityTokenSourceTests {
    private func token(_ environment: [String: String]) async throws -> String? {
        try await IdentityTokenSource.token(environment: environment, audience: "a b/c&d=é")
    }

    private func job(_ issuer: LoopbackIssuer) -> [String: String] {
        [
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-secret",
            "ACTIONS_ID_TOKEN_REQUEST_URL": issuer.url + "/token?api-version=2.0",
        ]
    }

    @Test func asksGitHubForATokenThatTheServiceTakes() async throws {
        let key = try await SigningKey(.rs256, id: "first")
        try await LoopbackIssuer.during([key]) { issuer in
            let made = try key.token(issuer.claims(["aud": "a b/c&d=é"]))
            issuer.publish { $0.tokenText = #"{"count":1234,"more":null,"value":"\#(made)"}"# }
            let given = try await self.token(job(issuer))
            let token = try #require(given)
            #expect(
                issuer.published.tokenRequests == [
                    "api-version=2.0&audience=a%20b%2Fc%26d%3D%C3%A9 bearer request-secret"
                ])
            let settings = try IssuerSettings(
                issuer: issuer.url, audience: "a b/c&d=é",
                rules: [try IdentityRule("writer repository=shop/orders")])
            let clocks = TestClocks()
            let trusted = TrustedIssuers(
                [settings], clock: clocks.wall, uptime: clocks.uptime,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let access = try await trusted.access(with: token)
            #expect(access.role == .writer)
        }
    }

    @Test func takesTheTokenThatAJobWasGiven() async throws {
        try await LoopbackIssuer.during([]) { issuer in
            var variables = job(issuer)
            variables["LEDGER_ID_TOKEN"] = " \n a.b.c\n"
            let given = try await token(variables)
            #expect(given == "a.b.c")
            #expect(issuer.published.tokenRequests.isEmpty)
        }
    }

    @Test func thereIsNoneOutsideAJob() async throws {
        for variables in [
            [:], ["LEDGER_ID_TOKEN": ""], ["LEDGER_ID_TOKEN": " \n"],
            ["ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:1/"],
            ["ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x"],
            ["ACTIONS_ID_TOKEN_REQUEST_TOKEN": "", "ACTIONS_ID_TOKEN_REQUEST_URL": ""],
        ] {
            let none = try await token(variables)
            #expect(none == nil)
        }
    }

    @Test func saysWhyThereIsNoneAndShowsNoSecret() async throws {
        let issuer = try await LoopbackIssuer.during([]) { issuer in
            let answers: [(String, Int, LedgerError.Code)] = [
                ("{}", 200, .busy), ("<html>", 200, .busy), (#"{"value":1}"#, 200, .busy),
                (#"{"value":""}"#, 200, .busy), (String(repeating: "x", count: 70_000), 200, .busy),
                ("", 403, .notAllowed), ("", 404, .notAllowed), ("", 302, .notAllowed),
                ("", 429, .busy), ("", 500, .busy), ("", 503, .busy),
            ]
            for (text, status, code) in answers {
                issuer.publish {
                    $0.tokenText = text
                    $0.status = .init(code: status)
                }
                let error = await refusal { _ = try await token(job(issuer)) }
                #expect(error?.code == code, "\(status) \(text.prefix(20))")
                #expect(error?.description.contains("secret") == false)
            }
            return issuer
        }
        for url in [issuer.url, "no url", "ftp://a/secret"] {
            let error = await refusal {
                _ = try await token([
                    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-secret",
                    "ACTIONS_ID_TOKEN_REQUEST_URL": url,
                ])
            }
            #expect(error?.code == .busy)
            #expect(error?.description.contains("secret") == false)
        }
    }
}
