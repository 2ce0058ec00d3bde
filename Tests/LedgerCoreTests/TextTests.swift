import Testing

@testable import LedgerCore
@testable import LedgerCrypto

@Suite struct TextTests {
    @Test(
        arguments: [
            ("comand", "command"), ("Service", "service"), ("enviroment", "environment"),
            ("tenat", "tenant"), ("hots", "host"), ("regino", "region"), ("colour", nil),
            ("x", nil),
            ("", nil), ("service", nil),
        ] as [(String, String?)])
    func suggestsOnlyWhatIsASlipAway(_ word: String, _ expected: String?) {
        let known = ["command", "service", "environment", "tenant", "host", "region"]
        #expect(Suggestion.closest(to: word, among: known) == expected)
    }

    @Test func answersAtOnceForAVeryLongWord() {
        let word = String(repeating: "servic", count: 100_000)
        let known = (0..<1000).map { "service\($0)" }
        let start = ContinuousClock.now
        #expect(Suggestion.closest(to: word, among: known) == nil)
        #expect(ContinuousClock.now - start < .seconds(1))
    }

    @Test func knownWordsAreListedWhenNoneIsClose() {
        #expect(Suggestion.advice(for: "prodd", among: ["prod", "dev"]) == "did you mean prod?")
        #expect(
            Suggestion.advice(for: "elsewhere", among: ["prod", "dev"]) == "known are prod, dev")
        #expect(Suggestion.advice(for: "x", among: []) == nil)
        let many = (0..<20).map { "environment-\($0)" }
        #expect(Suggestion.advice(for: "x", among: many)?.hasSuffix("environment-11 …") == true)
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("ab", "ba", 1), ("kitten", "sitting", 3), ("abc", "abc", 0),
        ("ca", "abc", 3), ("flaw", "lawn", 2),
    ])
    func countsEdits(_ left: String, _ right: String, _ distance: Int) {
        #expect(Suggestion.editDistance(left, right) == distance)
        #expect(Suggestion.editDistance(right, left) == distance)
    }

    @Test(arguments: [
        ("https://git.example.com/shop/orders.git", "https://git.example.com/shop/orders.git"),
        ("https://bot:hunter2@git.example.com/orders", "https://git.example.com/orders"),
        ("https://ghp_abc@github.com/o/r.git", "https://github.com/o/r.git"),
        ("https://a@b:c@d@host/", "https://host/"),
        ("git@git.example.com:shop/orders.git", "git@git.example.com:shop/orders.git"),
        ("ssh://git@host:22/o.git", "ssh://host:22/o.git"),
        ("https://h/a@b?x=1", "https://h/a@b?x=1"),
        ("https://h?x=a@b", "https://h?x=a@b"),
        ("https://h/?access_token=1", "https://h/"),
        ("https://h/?a=1&Token=2&b=3", "https://h/?a=1&b=3"),
        ("https://h/?a=1;password=2", "https://h/?a=1"),
        ("https://h/?%74oken=2&b=3", "https://h/?b=3"),
        ("https://h/?X-Amz-Signature=2&b=3#L1", "https://h/?b=3#L1"),
        ("https://h/p#access_token=1&x=2", "https://h/p"),
        ("https://h/p#token=1?x=2", "https://h/p"),
        ("https://h/p#L1", "https://h/p#L1"),
        ("https://h/p#a?token=1", "https://h/p"),
        ("https://h/#!/x?y=1", "https://h/#!/x?y=1"),
        ("https://u:p@\u{301}h/", "https://\u{301}h/"),
        ("https://h/?\u{301}token=1", "https://h/"),
        ("https://h/p?\u{301}=1#\u{301}token=2", "https://h/p?\u{301}=1"),
        ("jdbc:postgresql://db/orders?user=u&password=p", "jdbc:postgresql://db/orders?user=u"),
        (
            "jdbc:sqlserver://db:1433;databaseName=o;password=p;user=u",
            "jdbc:sqlserver://db:1433;databaseName=o;user=u"
        ),
        ("https://h/a;session=1/b;v=2", "https://h/a/b;v=2"),
        ("postgres://u:p@h/d?sslmode=require", "postgres://h/d?sslmode=require"),
        ("://", "://"), ("x://", "x://"), ("x://@", "x://"), ("x://?", "x://"), ("x://#", "x://#"),
    ])
    func takesSecretsOutOfURLs(_ url: String, _ expected: String) {
        let cleaned = SecretFreeURL.text(of: url)
        #expect(cleaned.hasSameBytes(as: expected), "\(cleaned)")
        #expect(SecretFreeURL.text(of: cleaned).hasSameBytes(as: cleaned))
    }

    @Test(arguments: [
        ("PGPASSWORD", true), ("api_key", true), ("API-KEY", true), ("key", true),
        ("keyboard", false),
        ("pass", true), ("passage", false), ("branch", false), ("sslmode", false), ("", false),
        ("clientSecret", true),
    ])
    func knowsNamesOfSecrets(_ name: String, _ isSecret: Bool) {
        #expect(SecretFreeURL.isSecret(name: name) == isSecret)
    }

    @Test func namesEveryStreamByWhatItsTargetHas() {
        let hasher = SHA256()
        func id(_ target: Target) -> Digest { target.streamID(log: "local/ab", hasher: hasher) }
        #expect(id(Target()) == SHA256.hash(Array(#"{"log":"local/ab"}"#.utf8)))
        let whole = Target(
            service: "o\"", environment: "prod", tenant: "é", region: "eu", cluster: "c")
        let canonical =
            #"{"cluster":"c","environment":"prod","log":"local/ab","region":"eu","service":"o\"","tenant":"é"}"#
        #expect(id(whole) == SHA256.hash(Array(canonical.utf8)))
        #expect(whole.text == "o\"/prod/é/eu/c")
        let targets = [
            Target(), Target(service: "a"), Target(environment: "a"), Target(tenant: "a"),
            Target(region: "a"), Target(cluster: "a"), Target(service: "a", environment: "a"),
            Target(service: "e\u{301}"), Target(service: "\u{e9}"),
            Target(service: "", tenant: "a"),
        ]
        #expect(Set(targets.map(id)).count == targets.count)
        #expect(Set(targets).count == targets.count)
        #expect(
            whole
                != Target(
                    service: "o\"", environment: "prod", tenant: "e\u{301}", region: "eu",
                    cluster: "c"))
    }

    @Test func leavesOfTwoLogsThatLookTheSameAreDifferent() {
        func leaf(_ log: String) -> Leaf {
            Leaf(
                body: .zero, index: 0, log: log, prev: .zero,
                stream: .init(id: .zero, index: 0, prev: .zero), time: 0)
        }
        #expect(leaf("\u{e9}") != leaf("e\u{301}"))
        #expect(leaf("\u{e9}") == leaf("\u{e9}"))
    }

    @Test func anErrorSaysWhatAndWhatNext() {
        let error = LedgerError(.usage, "no such thing", advice: "try another")
        #expect(error.description == "no such thing\n  try another")
        #expect(error.prefixed("line 3").description == "line 3: no such thing\n  try another")
        #expect(LedgerError(.io, "broken").description == "broken")
    }
}
