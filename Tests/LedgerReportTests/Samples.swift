import LedgerCore
import LedgerCrypto
import Testing

@testable import LedgerReport

/// Rows, entries and clocks that the tests share.
enum Samples {
    static func time(_ text: String) throws -> Timestamp {
        try #require(Timestamp(rfc3339: text))
    }

    /// Central European time in 2026: summer from March 29th to October 25th, both at 01:00 UTC.
    static let berlin = LocalTime { time in
        let summer: Range<Int64> = 1_774_746_000_000..<1_792_890_000_000
        return summer.contains(time.milliseconds) ? 120 : 60
    }

    static func json(_ text: String) throws -> JSONObject {
        try #require(try JSONReader.read(Array(text.utf8)).object)
    }

    /// A row of an event as it would come from a store.
    static func row(
        _ index: Int64, _ event: String, at: String? = "2026-11-17T08:00:00Z",
        firstIndex: Int64? = nil, correctedBy: Int64? = nil, strategy: String? = nil,
        principalName: String? = nil, archivedBy: Int64? = nil
    ) throws -> HistoryRow {
        let event = try EventReader.event(from: try json(event))
        let recorded = try time("2026-11-17T08:01:00Z")
        var privateMembers = event.privateMembers
        privateMembers[EventSchema.principalName] = principalName.map(JSON.string)
        return HistoryRow(
            index: index, firstIndex: firstIndex, hash: SHA256.hash(Array("\(index)".utf8)),
            recorded: recorded, at: try at.map(time) ?? recorded, isTimeKnown: at != nil,
            members: event.members, privateMembers: privateMembers,
            principal: JSONObject(["kind": "token", "id": "tok_7f3a"]), correctedBy: correctedBy,
            strategy: strategy ?? event.string("rollback", "strategy"), archivedBy: archivedBy)
    }

    /// A deployment of `orders` in `prod`.
    static func deployment(
        _ index: Int64, tenant: String? = nil, status: String = "succeeded",
        operation: String = "apply", change: String = "42", service: String = "orders",
        environment: String = "prod", milliseconds: Int64 = 200, actor: String = "alice",
        at: String? = "2026-11-17T08:00:00Z"
    ) throws -> HistoryRow {
        let tenant = tenant.map { "\"tenant\":\"\($0)\"," } ?? ""
        return try row(
            index,
            """
            {"service":"\(service)","environment":"\(environment)",\(tenant)"actor":"\(actor)",
             "change":{"id":"\(change)","name":"V\(change)__add_index","tool":"flyway"},
             "deployment":{"status":"\(status)","operation":"\(operation)",
              "duration_ms":\(milliseconds)},"trigger":{"kind":"cli"}}
            """, at: at)
    }

    /// One of everything, in one row.
    static func full() throws -> HistoryRow {
        let digest = String(repeating: "ab", count: 32)
        let commit = String(repeating: "c", count: 40)
        return try row(
            1235,
            """
            {"id":"e1","source":"ci","service":"orders","environment":"prod","tenant":"acme",
             "region":"eu","cluster":"c1","database":"shop","labels":{"team":"a,b"},
             "links":{"ticket":"https://example.com/INC-9"},"about":[{"entry":12}],
             "override":{"reasons":["no-review"]},
             "export":{"report":"deployments","rows":3,"digest":"sha256:\(digest)"},
             "change":{"id":"42","name":"V42__add_index","digest":"sha256:\(digest)",
              "tool":"flyway","kind":"schema","class":"emergency","ticket":"INC-9"},
             "deployment":{"id":"d1","status":"failed","operation":"apply",
              "started":"2026-11-17T08:00:00Z","ended":"2026-11-17T08:14:03Z","attempt":2,
              "group":"g1","exit_code":-1},
             "rollback":{"strategy":"restore_point","restore_point":"snap-1",
              "restore_point_expires":"2026-12-01T00:00:00Z","tested_in":["dev","stage"]},
             "review":{"decision":"approved","kind":"approval","role":"dba","check":"four eyes"},
             "git":{"repository":"https://example.com/orders.git","commit":"\(commit)",
              "path":"migrations/V42__add_index.sql"},
             "trigger":{"kind":"cli","tool":"ledger","run":"https://ci.example.com/1"},
             "actor":{"id":"alice@example.com","name":"Alice","kind":"human"},
             "author":{"id":"bob","kind":"agent","on_behalf_of":"carol"},"requestor":"dave",
             "executed_as":"postgres","title":"Add \\"the\\" index","message":"one\\ntwo",
             "reason":"=1+1","error":"ERROR: deadlock","command":"flyway migrate","host":"db1"}
            """, firstIndex: 1234, correctedBy: 1300, principalName: "deploy bot", archivedBy: 1310)
    }

    /// An entry as it would lie in a store, with fixed salts.
    static func entry(
        _ index: Int64, _ event: String, attachments: [LedgerCore.Attachment] = [],
        principalName: String? = nil, without erased: Set<String> = [], isArchived: Bool = false
    ) throws -> StoredEntry {
        let event = try EventReader.event(from: try json(event), attachments: attachments)
        let hasher = SHA256()
        let salt = [UInt8](repeating: 7, count: 16)
        let body = Body(
            event: event, principal: Principal(kind: .token, id: "tok_7f3a", name: principalName),
            nonce: salt, hasher: hasher, salts: { salt[...] })
        let leaf = Leaf(
            body: hasher.hash(body.bytes), index: index, log: "local/test", prev: .zero,
            stream: .init(
                id: event.target.streamID(log: "local/test", hasher: hasher), index: 0,
                prev: .zero), time: try time("2026-11-17T08:01:00.123Z").milliseconds)
        return StoredEntry(
            index: index, leaf: leaf.bytes, hash: Leaf.hash(leaf.bytes, with: hasher),
            body: isArchived ? nil : body.bytes,
            disclosures: isArchived
                ? [] : body.disclosures.filter { !erased.contains($0.name) })
    }

    /// What `body` writes.
    static func output(_ body: (BufferedOutput) throws -> Void) throws -> String {
        var bytes: [UInt8] = []
        let output = BufferedOutput(blockSize: 100) { bytes += $0 }
        try body(output)
        try output.flush()
        return String(decoding: bytes, as: UTF8.self)
    }

    static func appearance(
        width: Int? = nil, isColoured: Bool = false, local: LocalTime = berlin
    ) -> Appearance {
        Appearance(width: width, isColoured: isColoured, local: local)
    }
}
