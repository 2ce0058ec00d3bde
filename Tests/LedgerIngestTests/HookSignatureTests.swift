import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

@testable import LedgerIngest

@Suite struct HookSignatureTests {
    static let body = Array("Hello, World!".utf8)
    static let secret = "It's a Secret to Everybody"
    /// docs.github.com, "Testing the webhook payload validation".
    static let code = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    /// A way of signing: the header with its value for a body and a secret.
    struct Way: CustomTestStringConvertible {
        let kind: HookKind
        let header: String
        let sign: @Sendable (_ body: [UInt8], _ secret: String) -> String
        /// Whether the body is signed; else the secret itself is sent.
        var coversBody = true
        var testDescription: String { "\(kind.rawValue) \(header)" }
    }

    private static func hex(_ body: [UInt8], _ secret: String) -> String {
        HMACSHA256.code(of: body, key: Array(secret.utf8)).hex
    }

    private static func prefixed(_ body: [UInt8], _ secret: String) -> String {
        "sha256=" + hex(body, secret)
    }

    static let ways = [
        Way(kind: .github, header: "X-Hub-Signature-256", sign: prefixed),
        Way(kind: .bitbucket, header: "X-Hub-Signature", sign: prefixed),
        Way(kind: .gitea, header: "X-Gitea-Signature", sign: hex),
        Way(kind: .gitea, header: "X-Hub-Signature-256", sign: prefixed),
        Way(kind: .forgejo, header: "X-Forgejo-Signature", sign: hex),
        Way(kind: .forgejo, header: "X-Gitea-Signature", sign: hex),
        Way(kind: .forgejo, header: "X-Hub-Signature-256", sign: prefixed),
        Way(kind: .gitlab, header: "X-Gitlab-Token", sign: { $1 }, coversBody: false),
        Way(
            kind: .azure, header: "Authorization",
            sign: { "Basic " + Base64.encode(Array($1.utf8)) }, coversBody: false),
        Way(
            kind: .bytebase, header: "Authorization",
            sign: { "Basic " + Base64.encode(Array($1.utf8)) }, coversBody: false),
    ]

    private func check(
        _ kind: HookKind, _ secrets: [String], _ body: [UInt8], _ headers: (String, String)...
    ) throws(LedgerError) -> Int {
        try Hook.authenticate(
            HookRequest(headers: headers.map { (name: $0.0, value: $0.1) }, body: body),
            HookSecrets(secrets, of: kind), now: HookSamples.now)
    }

    @Test func theSignatureOfGitHubsOwnExampleIsGood() throws {
        let place = try check(
            .github, [Self.secret], Self.body, ("x-hub-signature-256", "sha256=" + Self.code))
        #expect(place == 0)
    }

    @Test(arguments: ways)
    func aSecretFitsWhereverItStandsAndNothingElseDoes(_ way: Way) throws {
        let secrets = ["old:secret", "new:secret"]
        for (place, secret) in secrets.enumerated() {
            let value = way.sign(Self.body, secret)
            #expect(try check(way.kind, secrets, Self.body, (way.header, value)) == place)
            #expect(
                try check(way.kind, secrets, Self.body, (way.header.uppercased(), value)) == place)
            #expect(try check(way.kind, [secret], Self.body, (way.header, value)) == 0)
        }
        let good = way.sign(Self.body, "new:secret")
        let bad: [[(String, String)]] = [
            [], [("X-Other", good)], [(way.header, "")],
            [(way.header, way.sign(Self.body, "new:secreT"))],
            [(way.header, way.sign(Self.body, "new:secretx"))],
            [(way.header, way.sign(Self.body, ":"))],
            [(way.header, String(good.dropLast()))], [(way.header, good + "0")],
            [(way.header, good.uppercased())], [(way.header, good), (way.header, good)],
        ]
        for headers in bad {
            let request = HookRequest(
                headers: headers.map { (name: $0.0, value: $0.1) }, body: Self.body)
            let secrets = try HookSecrets(secrets, of: way.kind)
            let error = #expect(throws: LedgerError.self, "\(headers)") {
                try Hook.authenticate(request, secrets, now: HookSamples.now)
            }
            #expect(error?.code == .notAllowed)
            #expect(error?.description.contains("secret:") == false)
            #expect(error?.description.contains("new:") == false)
        }
    }

    @Test(arguments: ways.filter(\.coversBody))
    func aSignatureOverOtherBytesIsRefused(_ way: Way) throws {
        let value = way.sign(Self.body, "s")
        for body in [
            [], Self.body + [0x0A], Array(Self.body.dropLast()), [0xEF, 0xBB, 0xBF] + Self.body,
        ] {
            #expect(throws: LedgerError.self) {
                try check(way.kind, ["s"], body, (way.header, value))
            }
        }
    }

    @Test func aHeaderOfAnotherForgeIsNone() throws {
        for way in Self.ways {
            for kind in HookKind.allCases where kind != way.kind {
                if Self.ways.contains(where: { $0.kind == kind && $0.header == way.header }) {
                    continue
                }
                let value = way.sign(Self.body, "a:b")
                let error = #expect(throws: LedgerError.self, "\(way.header) for \(kind)") {
                    try check(kind, ["a:b"], Self.body, (way.header, value))
                }
                #expect(error?.message.hasPrefix("the request has no ") == true)
            }
        }
    }

    // Else a sender who knows neither could choose the weaker one.
    @Test func forgejosOwnSignatureDecidesBeforeThoseBesideIt() throws {
        let good = Self.hex(Self.body, "s")
        let bad = Self.hex(Self.body, "t")
        #expect(throws: LedgerError.self) {
            try check(
                .forgejo, ["s"], Self.body, ("X-Gitea-Signature", good),
                ("X-Forgejo-Signature", bad))
        }
        let place = try check(
            .forgejo, ["s"], Self.body, ("X-Gitea-Signature", bad), ("X-Forgejo-Signature", good))
        #expect(place == 0)
    }

    // MARK: GitLab's signing token

    static let key = Array("0123456789abcdef0123456789abcdef".utf8)
    static let token = "whsec_" + Base64.encode(key)

    private func signed(
        _ body: [UInt8], id: String = "msg_1", seconds: Int64 = 1_767_323_045,
        key: [UInt8] = key, before: String = ""
    ) -> [(name: String, value: String)] {
        let code = HMACSHA256.code(of: Array("\(id).\(seconds).".utf8) + body, key: key)
        return [
            ("webhook-id", id), ("webhook-timestamp", String(seconds)),
            ("webhook-signature", before + "v1," + Base64.encode(code.bytes)),
        ]
    }

    private func checkSigned(
        _ headers: [(name: String, value: String)], _ secrets: [String] = [token]
    ) throws(LedgerError) -> Int {
        try Hook.authenticate(
            HookRequest(headers: headers, body: Self.body), HookSecrets(secrets, of: .gitlab),
            now: HookSamples.now)
    }

    /// The example of the specification's test suite, standard-webhooks.
    @Test func theSignatureOfStandardWebhooksOwnExampleIsGood() throws {
        let request = HookRequest(
            headers: [
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("webhook-timestamp", "1614265330"),
                ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ], body: Array(#"{"test": 2432232314}"#.utf8))
        let secrets = try HookSecrets(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], of: .gitlab)
        let now = Timestamp(milliseconds: 1_614_265_330_000)
        #expect(try Hook.authenticate(request, secrets, now: now) == 0)
    }

    @Test func aSignedHookIsGoodWithinFiveMinutesAndNotBeyond() throws {
        #expect(try checkSigned(signed(Self.body)) == 0)
        let now: Int64 = 1_767_323_045
        for seconds in [now - 300, now + 300] {
            #expect(try checkSigned(signed(Self.body, seconds: seconds)) == 0)
        }
        for seconds in [now - 301, now + 301, 0, -1, .max, .min, 1_767_323_045_000] {
            let error = #expect(throws: LedgerError.self) {
                try checkSigned(signed(Self.body, seconds: seconds))
            }
            #expect(error?.message.contains("5 minutes") == true)
        }
    }

    @Test func aTokenAndASigningTokenAreValidBesideEachOther() throws {
        let secrets = ["plain", Self.token, "whsec_" + Base64.encode([1, 2, 3])]
        #expect(try checkSigned(signed(Self.body), secrets) == 1)
        #expect(try checkSigned(signed(Self.body, key: [1, 2, 3]), secrets) == 2)
        #expect(try checkSigned([("X-Gitlab-Token", "plain")], secrets) == 0)
        // Signed twice, while the token is changed.
        let two = signed(Self.body, before: "v1,\(Base64.encode(Self.body)) v2,x v1,, ")
        #expect(try checkSigned(two, secrets) == 1)
    }

    @Test func aSignedHookIsRefusedWhenAnyPartIsAnother() throws {
        let good = signed(Self.body)
        for place in good.indices {
            var headers = good
            headers[place].value += "1"
            #expect(throws: LedgerError.self, "\(headers)") { try checkSigned(headers) }
            headers.remove(at: place)
            #expect(throws: LedgerError.self, "\(headers)") { try checkSigned(headers) }
        }
        #expect(throws: LedgerError.self) { try checkSigned(signed(Self.body + [0x20])) }
        #expect(throws: LedgerError.self) { try checkSigned(signed(Self.body, key: [1])) }
        // The signing token itself is nothing to be sent.
        #expect(throws: LedgerError.self) { try checkSigned([("X-Gitlab-Token", Self.token)]) }
        // And a plain token is no key.
        #expect(throws: LedgerError.self) {
            try checkSigned(signed(Self.body, key: Array("plain".utf8)), ["plain"])
        }
    }

    // MARK: Secrets

    @Test func secretsThatCannotBeUsedAreRefusedAndNotShown() {
        let bad: [([String], HookKind)] = [
            ([], .github), ([""], .github), (["a", ""], .gitea),
            (["hunter2"], .azure), ([":hunter2"], .azure), (["hunter2"], .bytebase),
            (["whsec_hunter2!"], .gitlab),
            (["whsec_"], .gitlab), (Array(repeating: "hunter2", count: 5), .github),
        ]
        for (secrets, kind) in bad {
            let error = #expect(throws: LedgerError.self, "\(secrets)") {
                try HookSecrets(secrets, of: kind)
            }
            #expect(error?.code == .usage)
            #expect(error?.description.contains("hunter2") == false)
        }
    }

    @Test func secretsAreNeverPrinted() throws {
        for secret in ["hunter2:hunter2", Self.token] {
            let secrets = try HookSecrets([secret], of: .gitlab)
            var dumped = ""
            dump(secrets, to: &dumped)
            for text in ["\(secrets)", String(reflecting: secrets), dumped, "\([secrets])"] {
                #expect(text.contains("1 secrets") || text.contains("HookSecrets"))
                // Neither as text nor as the bytes of an array.
                for trace in ["hunter2", "104, 117", "whsec", "48, 49"] {
                    #expect(!text.contains(trace), "\(text)")
                }
            }
        }
    }
}
