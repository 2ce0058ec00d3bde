import LedgerCore
import TestSupport
import Testing

@testable import LedgerStore

/// What is kept beside for entries that are out of the ordinary.
@Suite struct OddityTests {
    private static let day: Int64 = 86_400_000
    private static let start: Int64 = 20_454 * day

    private func event(_ members: String) throws -> Event {
        try Events.event(#"{"service":"orders","environment":"stage",\#(members)}"#)
    }

    private func expectSound(_ ledger: TestLedger) throws {
        #expect(try ProjectionCheck.differences(at: ledger.path).map(\.detail) == [])
    }

    @Test func targetsAreCountedOnTheDayOnWhichTheyWereHeardFromLast() throws {
        let ledger = try TestLedger()
        func hear(_ tenants: String..., day: Int64) throws {
            let events = try tenants.map { try Events.deployment("42", tenant: $0) }
            try ledger.record(events, now: Self.start + day * Self.day)
        }
        func days() throws -> [ClosedRange<Int64>] {
            let heard = try ledger.reader().heardTargets(of: ["orders"])
            #expect(heard.map(\.targetCount) == [2])
            return heard.map { $0.days.lowerBound - 20_454...$0.days.upperBound - 20_454 }
        }
        try hear("acme", "globex", day: 0)
        #expect(try days() == [0...0])
        try hear("acme", "acme", day: 40)
        #expect(try days() == [0...40])
        try hear("globex", day: 41)
        #expect(try days() == [40...41])
        // A clock that was set back.
        try hear("acme", day: 39)
        #expect(try days() == [39...41])
        try expectSound(ledger)
        #expect(try ledger.sqlite3("SELECT count(*) FROM heard").output == "2\n")
    }

    @Test func whatNamesItsServiceOnlyByAChangeIsNoTargetOfIt() throws {
        let ledger = try TestLedger()
        for (service, day) in [("a", Int64(0)), ("b", 40)] {
            let review = try Events.event(
                """
                {"type":"review","environment":"prod","about":[{"change":"\(service):42"}],
                 "review":{"decision":"approved"}}
                """)
            try ledger.record([review], now: Self.start + day * Self.day)
        }
        #expect(try ledger.reader().heardTargets(of: []).isEmpty)
        try expectSound(ledger)
    }

    @Test func entriesWhoseTimeIsFarFromTheirRecordingAreFoundNewestFirst() throws {
        let ledger = try TestLedger()
        let times = ["T00:00:30Z", "T00:10:00Z", "T03:00:00Z"]
        for time in times {
            try ledger.record(
                [
                    try event(
                        #""time":"2026-01-01\#(time)","change":{"id":"42"},"#
                            + #""deployment":{"status":"succeeded"}"#)
                ], now: Self.start)
        }
        let note =
            #"{"type":"note","service":"orders","time":"2026-01-02T00:00:00Z","message":"a"}"#
        try ledger.record([try Events.event(note)], now: Self.start)
        let reader = try ledger.reader()
        func ahead(_ environment: String?, _ milliseconds: Int64) throws -> [Int64] {
            try reader.untimely(
                .ahead, service: "orders", environment: environment, beyond: milliseconds, since: 0
            ).map(\.index)
        }
        #expect(try ahead("stage", 60_000) == [2, 1])
        #expect(try ahead("stage", 3_600_000) == [2])
        #expect(try ahead(nil, 60_000) == [3])
        #expect(try ahead("prod", 60_000) == [])
        let late = try reader.untimely(
            .late, service: "orders", environment: "stage", beyond: 60_000, since: 0)
        #expect(late.isEmpty)
    }

    @Test func attemptsAreCountedWhereTheyRanAfterAll() throws {
        let ledger = try TestLedger()
        func attempt(_ number: Int, tenant: String) throws -> Event {
            try event(
                #""tenant":"\#(tenant)","change":{"id":"42"},"#
                    + #""deployment":{"status":"failed","attempt":\#(number)}"#)
        }
        try ledger.record([try attempt(1, tenant: "globex"), try attempt(2, tenant: "acme")])
        func lone() throws -> [LoneAttempt] {
            try ledger.reader().loneAttempts(service: "orders", environment: "stage")
        }
        #expect(try lone().map(\.index) == [1])
        #expect(try lone().first?.earlierCount == 0)
        try ledger.record([
            try Events.event(
                #"{"type":"correction","about":[{"entry":0}],"correction":{"tenant":"acme"}}"#)
        ])
        #expect(try lone().isEmpty)
        try expectSound(ledger)
    }

    @Test func someDeploymentsOfEachPlaceShowToWhichDatabaseItConnected() throws {
        let ledger = try TestLedger()
        func connect(_ environment: String, _ host: String) throws -> Event {
            try Events.event(
                #"{"service":"orders","environment":"\#(environment)","change":{"id":"42"},"#
                    + #""deployment":{"status":"succeeded"},"#
                    + #""host":"\#(host)","database":"orders"}"#)
        }
        for _ in 0..<20 { try ledger.record([try connect("stage", "DB1:5433")]) }
        try ledger.record([
            try connect("prod", "db1"), try connect("dev", "localhost"), try connect("dev", "db2"),
        ])
        func found(_ address: String, except: String...) throws -> [Int64] {
            let address = try #require(DatabaseAddress(address))
            return try ledger.reader().connections(
                to: address, exceptFrom: Set(except.map(ExactText.init))
            ).map(\.index)
        }
        #expect(try found("db1:5433/orders") == Array(0..<8))
        #expect(try found("db1/orders", except: "stage") == [20])
        #expect(try found("db1/orders", except: "stage", "prod") == [])
        #expect(try found("localhost.example.com/orders") == [])
        try ledger.record([
            try Events.event(
                #"{"type":"correction","about":[{"entry":0}],"#
                    + #""correction":{"environment":"prod"}}"#)
        ])
        #expect(try found("db1/orders", except: "prod") == Array(1..<8))
        try expectSound(ledger)
    }
}
