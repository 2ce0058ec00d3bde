import LedgerCore
import LedgerIngest
import LedgerOperations
import Testing
import Yams

@testable import LedgerService

/// Whom a rule gives what.
@Suite struct IdentityRuleTests {
    private func claims(_ json: String) throws -> IdentityClaims {
        let bytes = Array(#"{"iss":"https://i","sub":"s","exp":1,\#(json)}"#.utf8)
        return try IdentityClaims(try LenientJSON.read(bytes), of: bytes)
    }

    @Test(arguments: [
        ("shop/orders", "shop/orders", true), ("shop/orders", "shop/orders-evil", false),
        ("shop/orders", "evil/shop/orders", false), ("shop/orders", "shop/order", false),
        ("shop/orders", "Shop/orders", false), ("shop/*", "shop/orders", true),
        ("shop/*", "shop/", true), ("shop/*", "shop", false), ("shop/*", "shop-evil/orders", false),
        ("*/orders", "shop/orders", true), ("*/orders", "shop/orders-evil", false),
        ("shop/*/main", "shop/a/b/main", true), ("shop/*/main", "shop/main", false),
        ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false), ("a**b", "ab", true),
        ("*ab", "aab", true), ("*aab", "aaab", true), ("a*a", "a", false), ("a*a", "aa", true),
        ("refs/heads/v-*", "refs/heads/v-", true), ("?", "x", false), (".*", "x", false),
        ("caf\u{E9}", "cafe\u{301}", false), ("*", "", false),
    ])
    func aStarIsAnyRunAndNothingElseIsSpecial(
        _ pattern: String, _ text: String, _ isExpected: Bool
    ) throws {
        let claims = try claims("\"repository\":\"\(text)\"")
        let pattern = ClaimPattern(claim: "repository", pattern: pattern)
        #expect(pattern.matches(claims) == isExpected)
    }

    @Test func everyClaimOfARuleMustHoldByItself() throws {
        let rule = try IdentityRule("writer repository=shop/* ref=refs/heads/main")
        let good = try claims(#""repository":"shop/a","ref":"refs/heads/main""#)
        #expect(rule.scope(for: good) != nil)
        for other in [
            #""repository":"shop/a","ref":"refs/heads/evil""#, #""repository":"shop/a""#,
            #""ref":"refs/heads/main""#, #""repository":"refs/heads/main","ref":"shop/a""#,
            #""repository":"shop/a,ref=refs/heads/main""#, #""repository":null,"ref":{}"#,
        ] {
            #expect(try rule.scope(for: claims(other)) == nil, "\(other)")
        }
    }

    @Test func anyElementOfAListMayFit() throws {
        let rule = try IdentityRule("reader groups=db-*")
        #expect(try rule.scope(for: claims(#""groups":["staff","db-admins"]"#)) != nil)
        #expect(try rule.scope(for: claims(#""groups":["staff","mydb-admins"]"#)) == nil)
        #expect(try rule.scope(for: claims(#""groups":[["db-admins"],{"a":"db-a"}]"#)) == nil)
        #expect(try rule.scope(for: claims(#""groups":[]"#)) == nil)
        #expect(
            try IdentityRule("reader owner=4711 verified=true")
                .scope(for: claims(#""owner":4711,"verified":true"#)) != nil)
    }

    @Test func takesPlacesFromTheToken() throws {
        let rule = try IdentityRule(
            claims: [ClaimPattern(claim: "repository", pattern: "shop/*")], role: .writer,
            scope: WriteScope(
                services: ["{repository}"], environments: ["{environment}", "test"],
                sources: ["github:{repository}:{environment}"]))
        let scope = try rule.scope(
            for: claims(#""repository":"shop/orders","environment":["prod","{repository}"]"#))
        #expect(
            scope
                == WriteScope(
                    services: ["shop/orders"], environments: ["prod", "{repository}", "test"],
                    sources: ["github:shop/orders:prod", "github:shop/orders:{repository}"]))
        // Without the claim the list would be empty, which stands for everywhere.
        for other in ["", #","environment":"""#, #","environment":[]"#, #","environment":null"#] {
            #expect(try rule.scope(for: claims(#""repository":"shop/orders"\#(other)"#)) == nil)
        }
    }

    @Test func aRuleOfAFlagSaysRolePlacesAndClaims() throws {
        let rule = try IdentityRule("writer:orders,billing:prod sub=repo:a/b:ref:x  ref=a=b")
        #expect(rule.role == .writer)
        #expect(rule.scope == WriteScope(services: ["orders", "billing"], environments: ["prod"]))
        #expect(
            rule.claims == [
                ClaimPattern(claim: "sub", pattern: "repo:a/b:ref:x"),
                ClaimPattern(claim: "ref", pattern: "a=b"),
            ])
    }

    @Test(arguments: [
        "", " ", "writer", "writer:orders", "wirter repository=a", "writer: repository=a",
        "writer:a,:b repository=a", "writer:a:b:c repository=a", "writer repository", "writer =a",
        "writer repository=", "writer repository=*", "writer repository=** ref=*",
        "writer:{a repository=a", "writer:a} repository=a", "writer:{} repository=a",
        "repository=a writer",
    ])
    func refusesARuleThatSaysTooLittle(_ text: String) {
        let error = #expect(throws: LedgerError.self) { _ = try IdentityRule(text) }
        #expect(error?.code == .usage)
    }

    @Test(arguments: [
        "https://gitlab.com": true, "https://auth.example.com/realms/a/": true,
        "http://127.0.0.1:8080": true, "http://[::1]:1/x": true, "http://localhost": true,
        "http://gitlab.com": false, "http://127.0.0.1.evil.com": false,
        "http://localhost.evil.com": false, "http://127.0.0.1@evil.com": false,
        "https://a@b": false, "https://": false, "gitlab.com": false, "HTTPS://gitlab.com": false,
        "https://a b": false, "https://a#b": false, "https://a?b": false, "http://127.1": false,
        "https://a\\b": false, "": false,
    ])
    func anIssuerIsSecureOrOnThisMachine(_ url: String, _ isGood: Bool) throws {
        let rule = try IdentityRule("reader a=b")
        let settings = try? IssuerSettings(issuer: url, rules: [rule])
        #expect((settings != nil) == isGood)
    }

    @Test func readsTheSettingsFile() throws {
        let node = try #require(
            try Yams.compose(
                yaml: """
                    - issuer: https://token.actions.githubusercontent.com
                      audience: https://ledger.example.com
                      rules:
                        - claims: {repository: shop/orders, repository_owner_id: 4711, ref: "refs/heads/*"}
                          role: writer
                          services: [orders]
                          environments: ["{environment}"]
                          sources: ["github:"]
                        - claims: {repository: shop/audit}
                          role: auditor
                    - issuer: https://gitlab.com
                      rules: [{claims: {project_path: shop/*}, role: reader}]
                    """))
        let read = try IssuerSettings.read(node, YAMLReader(path: "serve.yaml"))
        let writer = try IdentityRule(
            claims: [
                ClaimPattern(claim: "repository", pattern: "shop/orders"),
                ClaimPattern(claim: "repository_owner_id", pattern: "4711"),
                ClaimPattern(claim: "ref", pattern: "refs/heads/*"),
            ], role: .writer,
            scope: WriteScope(
                services: ["orders"], environments: ["{environment}"], sources: ["github:"]))
        #expect(
            read == [
                try IssuerSettings(
                    issuer: "https://token.actions.githubusercontent.com",
                    audience: "https://ledger.example.com",
                    rules: [writer, try IdentityRule("auditor repository=shop/audit")]),
                try IssuerSettings(
                    issuer: "https://gitlab.com",
                    rules: [try IdentityRule("reader project_path=shop/*")]),
            ])
    }

    @Test(arguments: [
        ("issuer: x", "must be a list"), ("[]", "empty"), ("- rules: []", "rules is empty"),
        ("- isuer: https://a", "did you mean issuer?"), ("- issuer: https://a", "no rule says"),
        ("- issuer: http://a\n  rules: [{claims: {a: b}, role: reader}]", "line 1: http://a is no"),
        ("- issuer: https://a\n  rules:\n  - {claim: {a: b}, role: reader}", "you mean claims?"),
        ("- issuer: https://a\n  rules:\n  - {claims: {a: b}, role: raeder}", "line 3: there is"),
        ("- issuer: https://a\n  rules:\n  - {claims: {a: b}}", "line 3: a rule needs a role"),
        ("- issuer: https://a\n  rules:\n  - {role: writer}", "to everybody"),
        ("- issuer: https://a\n  rules:\n  - {claims: {a: '*'}, role: writer}", "to everybody"),
        ("- issuer: https://a\n  rules:\n  - {claims: {a: [b]}, role: writer}", "claim a must be"),
        (
            "- issuer: https://a\n  rules:\n  - {claims: {a: b}, role: writer, services: []}",
            "services is empty"
        ),
        (
            "- &a\n  issuer: https://a\n  rules: [{claims: {a: b}, role: reader}]\n- *a",
            "stands there twice"
        ),
    ])
    func everyMistakeInTheFileIsNamed(_ yaml: String, _ words: String) throws {
        let node = try #require(try Yams.compose(yaml: yaml))
        let error = #expect(throws: LedgerError.self) {
            _ = try IssuerSettings.read(node, YAMLReader(path: "serve.yaml"))
        }
        #expect(error?.code == .usage)
        let text = error?.description ?? ""
        #expect(text.hasPrefix("serve.yaml, line "), "\(text)")
        #expect(text.contains(words), "\(text)")
    }
}
