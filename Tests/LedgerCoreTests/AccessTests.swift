import LedgerCore
import Testing

@Suite struct AccessTests {
    @Test func whoDeploysMayNeitherApproveNorTakeTargetsAway() throws {
        func event(_ text: String) throws -> Event { try EventReader.read(Array(text.utf8)) }
        func access(_ scope: WriteScope) -> Access {
            Access(principal: Principal(kind: .token, id: "t"), role: .writer, scope: scope)
        }
        let limited = access(WriteScope(services: ["orders"]))
        let approval = try event(
            #"{"type":"review","service":"orders","change":{"id":"42"},"#
                + #""review":{"decision":"approved"}}"#)
        let lint = try event(
            #"{"type":"review","service":"orders","change":{"id":"42"},"#
                + #""review":{"decision":"passed","kind":"lint"}}"#)
        let retired = try event(
            #"{"type":"target","service":"orders","environment":"prod","#
                + #""target":{"action":"retire"}}"#)
        try limited.check([lint], source: "ci")
        try access(.everywhere).check([approval, retired], source: "ci")
        for refused in [approval, retired] {
            #expect(throws: LedgerError.self) { try limited.check([refused], source: "ci") }
        }
    }

    private func mayWrite(as source: String, with beginning: String) throws -> Bool {
        let access = Access(
            principal: Principal(kind: .token, id: "t", name: nil), role: .writer,
            scope: WriteScope(sources: [beginning]))
        var members = JSONObject()
        members["type"] = "note"
        members["message"] = "hello"
        let event = try EventReader.event(from: members)
        do throws(LedgerError) {
            try access.check([event], source: source)
            return true
        } catch {
            #expect(error.code == .notAllowed)
            return false
        }
    }

    private static let within: [(source: String, beginning: String)] = [
        ("ci", "ci"), ("ci/shop", "ci"), ("ci:7", "ci"), ("ci/shop", "ci/"),
        ("github:acme/orders", "github:acme/orders"), ("github:acme/orders", "github:"),
        ("github:acme/orders#12", "github:acme/orders"),
        ("github:acme/orders@main", "github:acme/orders"),
    ]
    private static let beside: [(source: String, beginning: String)] = [
        ("cicd", "ci"), ("ci-of-others", "ci"), ("c", "ci"), ("CI/shop", "ci"), ("/ci/shop", "ci"),
        ("github:acme/orders-evil", "github:acme/orders"), ("gitlab:acme", "github:"),
    ]

    @Test func aSourceWithinABeginningMayBeNamed() throws {
        for (source, beginning) in Self.within {
            #expect(try mayWrite(as: source, with: beginning), "\(source), \(beginning)")
        }
    }

    @Test func aSourceThatOnlyBeginsLikeItMayNot() throws {
        for (source, beginning) in Self.beside {
            let mayWrite = try mayWrite(as: source, with: beginning)
            #expect(!mayWrite, "\(source), \(beginning)")
        }
    }

    /// What holds for others too is not for who may write of some targets only.
    @Test(arguments: [
        #"{"type":"policy","policy":{"digest":"sha256:\#(String(repeating: "a", count: 64))"}}"#,
        #"{"type":"path","path":{"steps":["dev"]}}"#,
        #"{"type":"freeze","about":[{"entry":6}],"freeze":{"action":"lift"}}"#,
        #"{"type":"acknowledgement","about":[{"finding":"x"}]}"#,
        #"{"type":"correction","about":[{"entry":7}],"correction":{"environment":"dev"}}"#,
    ])
    func aScopedTokenGovernsNothing(text: String) throws {
        var object = try #require(JSONReader.read(Array(text.utf8)).object)
        object.set("orders", at: "service")
        object.set("dev", at: "environment")
        let event = try EventReader.event(from: object)
        let principal = Principal(kind: .token, id: "tok_1")
        let scoped = Access(
            principal: principal, role: .writer,
            scope: WriteScope(services: ["orders"], environments: ["dev"]))
        #expect(throws: LedgerError.self) { try scoped.check([event], source: "ci") }
        let free = Access(principal: principal, role: .writer, scope: WriteScope(sources: ["ci"]))
        try free.check([event], source: "ci")
    }
}
