import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

@testable import LedgerStore

@Suite struct ProjectionTests {
    private func rows(
        _ ledger: TestLedger, _ change: (inout EntryQuery) -> Void = { _ in }
    ) throws -> [HistoryRow] {
        var query = EntryQuery()
        change(&query)
        var rows: [HistoryRow] = []
        try ledger.reader().forEachRow(matching: query) {
            rows.append($0)
            return true
        }
        return rows
    }

    @Test func showsStartAndEndAsOneDeployment() throws {
        let ledger = try TestLedger()
        try ledger.record([
            Events.deployment("42", status: "started", deployment: "d1"),
            Events.deployment("43", status: "started", deployment: "d2"),
            Events.deployment("42", status: "failed", deployment: "d1"),
        ])
        let rows = try rows(ledger)
        #expect(rows.map(\.index) == [2, 1])
        #expect(rows.map(\.firstIndex) == [0, nil])
        #expect(rows.map(\.status) == [.failed, .started])
    }

    @Test func takesAStartThatArrivesAfterTheEnd() throws {
        let ledger = try TestLedger()
        var start = JSONObject()
        start.set("orders", at: "service")
        start.set("prod", at: "environment")
        start.set("42", at: "change", "id")
        start.set("INC-9", at: "change", "ticket")
        start.set("started", at: "deployment", "status")
        start.set("d1", at: "deployment", "id")
        start.set("why not", at: "reason")
        try ledger.record([
            Events.deployment("42", deployment: "d1"), EventReader.event(from: start),
        ])
        let rows = try rows(ledger) { $0.tickets = ["INC-9"] }
        #expect(rows.map(\.index) == [0])
        #expect(rows.first?.firstIndex == 1)
        #expect(rows.first?.status == .succeeded)
        #expect(rows.first?.privateString("reason") == "why not")
    }

    @Test func keepsDeploymentsOfTwoTargetsApartThoughTheyShareAnId() throws {
        let ledger = try TestLedger()
        try ledger.record([
            Events.deployment("42", tenant: "acme", status: "started", deployment: "d1"),
            Events.deployment("42", tenant: "globex", status: "succeeded", deployment: "d1"),
        ])
        #expect(try rows(ledger).map(\.status) == [.succeeded, .started])
    }

    @Test func answersWithCorrectedValues() throws {
        let ledger = try TestLedger()
        try ledger.record([Events.deployment("42", env: "prod")])
        let correction = """
            {"type":"correction","about":[{"entry":0}],"correction":{"environment":"stage"},
             "reason":"wrong variable"}
            """
        try ledger.record([Events.event(correction)])
        #expect(try rows(ledger) { $0.environments = ["prod"] }.isEmpty)
        let stage = try rows(ledger) { $0.environments = ["stage"] }
        #expect(stage.map(\.index) == [0])
        #expect(stage.first?.target.environment == "stage")
        #expect(stage.first?.correctedBy == 1)
    }

    @Test func correctsAStartBehindTheRowOfItsEnd() throws {
        let ledger = try TestLedger()
        try ledger.record([
            Events.deployment("42", status: "started", deployment: "d1"),
            Events.deployment("42", status: "failed", deployment: "d1"),
        ])
        try ledger.record([
            Events.event(
                """
                {"type":"correction","about":[{"entry":0}],
                 "correction":{"change":{"ticket":"INC-1"},"deployment":{"status":"started"}}}
                """)
        ])
        let rows = try rows(ledger) { $0.tickets = ["INC-1"] }
        #expect(rows.map(\.index) == [1])
        #expect(rows.first?.status == .failed)
        #expect(rows.first?.string("change", "ticket") == "INC-1")
    }

    @Test func findsACorrectedDeploymentByNamesThatWereNeverRecordedBefore() throws {
        let ledger = try TestLedger()
        try ledger.record([
            Events.deployment("42", env: "prd"),
            Events.event(
                """
                {"type":"correction","about":[{"entry":0}],
                 "correction":{"environment":"prod","change":{"id":"43"}}}
                """),
        ])
        let reader = try ledger.reader()
        #expect(try reader.knownNames(of: .environment) == ["prd", "prod"])
        #expect(try reader.changes(named: "43", service: nil, limit: 5).map(\.id) == ["43"])
        #expect(try rows(ledger) { $0.environments = ["prod"] }.map(\.index) == [0])
        #expect(try ProjectionCheck.differences(at: ledger.path).map(\.detail) == [])
    }

    @Test func twoEndsOfOneDeploymentAreTwoRows() throws {
        let ledger = try TestLedger()
        try ledger.record([
            Events.deployment("42", status: "failed", deployment: "d1"),
            Events.deployment("42", status: "succeeded", deployment: "d1"),
        ])
        #expect(try rows(ledger).map(\.status) == [.succeeded, .failed])
    }

    @Test func aStartAndAnEndOfDifferentChangesAreTwoRows() throws {
        let ledger = try TestLedger()
        try ledger.record([
            Events.deployment("5", status: "started", deployment: "d1"),
            Events.deployment("6", status: "succeeded", deployment: "d1"),
        ])
        #expect(try rows(ledger) { $0.changes = ["5"] }.map(\.status) == [.started])
        #expect(try rows(ledger) { $0.changes = ["6"] }.map(\.status) == [.succeeded])
    }

    @Test func plansOfPeopleStandOverThoseOfMerges() throws {
        let ledger = try TestLedger()
        let merge = """
            {"type":"merge","service":"orders","change":{"id":"42","name":"V42__x"},
             "git":{"commit":"\(String(repeating: "a", count: 40))"},
             "rollback":{"strategy":"reversible"}}
            """
        let plan = """
            {"type":"rollback_plan","service":"orders","change":{"id":"42"},
             "rollback":{"strategy":"irreversible"}}
            """
        try ledger.record([
            Events.event(merge), Events.event(plan), Events.event(merge), Events.deployment("42"),
        ])
        #expect(try rows(ledger).first?.strategy == "irreversible")
        let known = try ledger.reader().changes(named: "V42", service: nil, limit: 5)
        #expect(
            known == [
                KnownChange(service: "orders", id: "42", name: "V42__x", strategy: "irreversible")
            ])
    }

    @Test func filtersByEveryMember() throws {
        let ledger = try TestLedger()
        let event = """
            {"service":"orders","environment":"prod","tenant":"acme","region":"eu","cluster":"c1",
             "database":"orders_db","change":{"id":"42","name":"V42__x","ticket":"INC-9",
             "digest":"sha256:\(String(repeating: "0", count: 64))"},
             "deployment":{"status":"failed","operation":"revert"},"trigger":{"kind":"cli"},
             "actor":{"id":"ann@example.com","name":"Ann"},"error":"Disk Quota exceeded",
             "time":"2026-11-01T03:10:00Z"}
            """
        try ledger.record([Events.event(event), Events.deployment("43", env: "dev")])
        let narrow: [(String, (inout EntryQuery) -> Void)] = [
            ("env", { $0.environments = ["prod", "stage"] }),
            (
                "service+tenant",
                {
                    $0.services = ["orders"]; $0.tenants = ["acme"]
                }
            ),
            ("region", { $0.regions = ["eu"] }), ("cluster", { $0.clusters = ["c1"] }),
            ("database", { $0.databases = ["orders_db"] }), ("change id", { $0.changes = ["42"] }),
            ("change name", { $0.changes = ["V42__x"] }), ("actor", { $0.actors = ["Ann"] }),
            (
                "actor id",
                {
                    $0.actors = ["ann@example.com"]; $0.statuses = [.failed]
                }
            ), ("status", { $0.statuses = [.failed] }),
            ("operation", { $0.operations = [.revert] }), ("trigger", { $0.triggers = [.cli] }),
            ("ticket", { $0.tickets = ["INC-9"] }),
            ("digest", { $0.digests = ["sha256:" + String(repeating: "0", count: 64)] }),
            ("text", { $0.text = "disk quota" }),
            (
                "time",
                {
                    $0.since = Timestamp(rfc3339: "2026-11-01T03:10:00Z")
                    $0.until = Timestamp(rfc3339: "2026-11-01T03:10:01Z")
                }
            ),
        ]
        for (name, change) in narrow {
            #expect(try rows(ledger, change).map(\.index) == [0], "\(name)")
        }
        #expect(try rows(ledger).map(\.index) == [0, 1])
        #expect(try rows(ledger) { $0.isReversed = true }.map(\.index) == [1, 0])
        #expect(try rows(ledger) { $0.limit = 1 }.map(\.index) == [0])
        #expect(try rows(ledger) { $0.types = [.note] }.isEmpty)
        #expect(try rows(ledger) { $0.tenants = ["acme' OR 1=1 --"] }.isEmpty)
    }

    @Test func reindexGivesTheSameRows() throws {
        let ledger = try TestLedger()
        var generator = SeededGenerator()
        try ledger.record(try RandomHistory.events(300, using: &generator))
        #expect(
            try ProjectionCheck.differences(at: ledger.path).map(\.detail) == [],
            "seed \(generator.seed)")
        let before = try ledger.sqlite3(".dump event stream change seen about").output
        try ledger.sqlite3("DELETE FROM event WHERE idx % 3 = 0; UPDATE stream SET entries = 1")
        #expect(try !ProjectionCheck.differences(at: ledger.path).isEmpty)
        try ledger.store.reindex()
        #expect(try ledger.sqlite3(".dump event stream change seen about").output == before)
    }

    @Test func historyShowsEveryEventToAPersonWithSqlite3() throws {
        let ledger = try TestLedger()
        try ledger.record([Events.deployment("42", time: "2026-11-01T03:10:00+01:00")])
        let row = try ledger.sqlite3(
            "SELECT idx, time, service, environment, change, status, actor, principal_name FROM history"
        ).output
        #expect(
            row == "0|2026-11-01T02:10:00.000Z|orders|prod|42|succeeded|ann@example.com|tester\n")
    }
}

/// Events of all kinds that belong together, at random.
enum RandomHistory {
    static func events(_ count: Int, using generator: inout SeededGenerator) throws -> [Event] {
        var events: [Event] = []
        for number in 0..<count {
            let change = String(Int.random(in: 0..<12, using: &generator))
            let env = ["dev", "stage", "prod"].randomElement(using: &generator)
            let tenant = ["acme", "globex", nil].randomElement(using: &generator) ?? nil
            let deployment =
                Bool.random(using: &generator)
                ? "d\(Int.random(in: 0..<60, using: &generator))" : nil
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                events.append(
                    try Events.event(
                        """
                        {"type":"correction","about":[{"entry":\(Int.random(in: 0...number, using: &generator))}],
                         "correction":{"environment":"\(env ?? "dev")"}}
                        """))
            case 1:
                events.append(
                    try Events.event(
                        """
                        {"type":"rollback_plan","service":"orders","change":{"id":"\(change)"},
                         "rollback":{"strategy":"forward_fix"}}
                        """))
            case 2:
                events.append(
                    try Events.event(
                        """
                        {"type":"review","review":{"decision":"approved"},
                         "about":[{"change":"orders:\(change)"}]}
                        """))
            default:
                let status = ["started", "succeeded", "failed"].randomElement(using: &generator)
                events.append(
                    try Events.deployment(
                        change, env: env ?? "dev", tenant: tenant, status: status ?? "started",
                        deployment: deployment))
            }
        }
        return events
    }
}
