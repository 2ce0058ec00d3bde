import Foundation
import LedgerCore
import LedgerReport
import TestSupport
import Testing

@testable import LedgerCorrelation
@testable import LedgerOperations

/// `ledger why` over real ledgers.
@Suite(.serialized) struct WhyTests {
    private static let day: Int64 = 86_400_000
    private static func noon(_ day: Int64) -> Int64 {
        ExampleEvents.dayZero + day * Self.day + Self.day / 2
    }

    /// At noon of day 5, with a window of 7 days: the changes with the codes of their reasons.
    private func why(
        _ events: String, _ change: (inout WhyInquiry) -> Void = { _ in }
    ) async throws -> [String] {
        try await reply(events, change).rows.map { row in
            ([row.change ?? "-"] + row.reasons.map(\.code)).joined(separator: " ")
        }
    }

    private func reply(
        _ events: String, _ change: (inout WhyInquiry) -> Void = { _ in }
    ) async throws -> WhyReply {
        let ledger = try await RecordedLedger(ExampleEvents(events).events)
        var inquiry = WhyInquiry(environment: "prod")
        inquiry.window = "7d"
        change(&inquiry)
        // What goes over the wire and back is the same question.
        let sent = try WhyInquiry(checking: inquiry.parameters)
        let reply = try await ledger.view(clock: Clock { Self.noon(5) }).reply(to: sent)
        #expect(WhyReply(json: reply.json)?.json == reply.json)
        return reply
    }

    @Test func theNearestIsTheMostSuspect() async throws {
        let events = "run 41 prod day 1; run 43 prod day 4; run 42 prod day 3; run 44 stage day 4"
        #expect(try await why(events) == ["43 before", "42 before", "41 before"])
        #expect(try await why(events) { $0.window = "48h" } == ["43 before"])
        #expect(
            try await why(events) { $0.at = Timestamp(milliseconds: Self.noon(3)) }
                == ["42 before", "41 before"])
    }

    @Test func theReasonsWeighMoreThanSomeDays() async throws {
        #expect(
            try await why("run 41 prod day 2 failed; run 42 prod day 4")
                == ["41 failed before", "42 before"])
        #expect(
            try await why("run 41 prod day 2 failed; run 41 prod day 3; run 42 prod day 5")
                == ["42 before", "41 before retried"])
        #expect(try await why("run 41 prod day 2 started") == ["41 unfinished before"])
        #expect(try await why("run 41 prod day 2 unknown") == ["41 before unknown"])
        #expect(try await why("run 41 prod day 2 skipped") == [])
        #expect(try await why("run 41 prod day 4 mark") == ["41 before not-run"])
    }

    @Test func itIsComparedWithTheEnvironmentsBeforeAndWithTheMerges() async throws {
        let path = "path stage prod\n"
        let slow = path + "run 42 stage day 1 took 200\nrun 42 prod day 4 took 840000"
        let row = try #require(try await reply(slow).rows.first)
        #expect(row.reasons.map(\.text) == ["1 d before", "took 14 min, 0.2 s in stage"])
        #expect(
            try await why(path + "run 42 stage day 1 script a\nrun 42 prod day 4 script b")
                == ["42 before edited"])
        #expect(
            try await why("merge 42 day 0 script a; run 42 prod day 4 script b")
                == ["42 before edited"])
        #expect(
            try await why("merge 41 day 0; run 41 prod day 3; run fix prod day 4")
                == ["fix before ad-hoc", "41 before"])
        #expect(
            try await why("run 42 prod/a day 4 script a; run 42 prod/b day 4 script b")
                == ["42 before edited"])
        // As it is known now: the other script came upstream later.
        #expect(
            try await why(
                path + """
                    run 42 prod day 2 script b
                    run 42 stage day 4 script a
                    """
            ) { $0.at = Timestamp(milliseconds: Self.noon(3)) } == ["42 before edited"])
    }

    @Test func oneChangeOnSeveralTenantsIsOneRow() async throws {
        let events = """
            run 42 prod/acme day 3; run 42 prod/globex day 4 failed; run 42 prod/initech day 4
            run 42 prod/initech day 4 revert; run 43 prod day 4
            """
        let rows = try await reply(events).rows
        #expect(rows.map(\.change) == ["42", "43", "42"])
        #expect(rows[0].targets.compactMap(\.tenant) == ["acme", "globex", "initech"])
        #expect(rows[0].failed.compactMap(\.tenant) == ["globex"])
        #expect(rows[0].attemptCount == 3)
        #expect(rows[2].operation == .revert)
        // What ran for no tenant may have been for all of them.
        #expect(try await why(events) { $0.tenant = "acme" } == ["43 before", "42 before"])
    }

    @Test func whatHadBegunAndNotEndedWasUnderWay() async throws {
        // From 11:51 to 12:01.
        let events =
            "run 41 prod day 5 hour 11; run 42 prod day 5 hour 12 took 600000"
        let moment = { (minutes: Int64) in
            Timestamp(milliseconds: Self.noon(5) - minutes * 60_000)
        }
        #expect(try await why(events) { $0.at = moment(1) } == ["42 under-way", "41 before"])
        #expect(try await why(events) { $0.at = moment(15) } == ["41 before"])
    }

    @Test func aClockThatIsAheadHidesNothing() async throws {
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        let ahead = Timestamp(milliseconds: now.milliseconds + 3_600_000)
        let ledger = try await RecordedLedger(
            #"{"service":"orders","environment":"prod","change":{"id":"1"},"#
                + #""deployment":{"status":"succeeded"},"time":"\#(ahead.utc)"}"#)
        let rows = try await ledger.view().reply(to: WhyInquiry(environment: "prod")).rows
        #expect(rows.map { $0.reasons.map(\.text) } == [["0 s before"]])
        var before = WhyInquiry(environment: "prod")
        before.at = Timestamp(milliseconds: now.milliseconds - 60_000)
        #expect(try await ledger.view().reply(to: before).rows.isEmpty)
    }

    @Test func aFreezeAndAnOverriddenGateAreTold() async throws {
        let events = """
            freeze prod from 3 until 9
            run 41 prod day 2; run 42 prod day 4
            """
        #expect(try await why(events) == ["42 before frozen", "41 before"])
        let ledger = try await RecordedLedger(ExampleEvents("run 41 prod day 2").events)
        let now = Self.noon(3)
        let writer = try LocalLedger(
            path: ledger.folder.file("ledger.db"), principal: Principal(kind: .local, id: "0"),
            clock: Clock { now })
        for id in ["41", "42"] {
            let question = GateQuestion(
                environment: "prod", changes: [.init(service: "orders", change: id)])
            _ = try await writer.gate(
                question, overriding: GateOverride(reason: "it burns", actor: nil))
        }
        try writer.close()
        var inquiry = WhyInquiry(environment: "prod")
        inquiry.window = "7d"
        let rows = try await ledger.view(clock: Clock { Self.noon(4) }).reply(to: inquiry).rows
        #expect(rows.map(\.change) == ["42", "41"])
        #expect(rows.allSatisfy { $0.reasons.map(\.code) == ["before", "overridden"] })
        #expect(rows[0].type == .override)
        #expect(rows[1].entries.count == 2)
    }

    @Test func whatTouchesTheObjectComesFirst() async throws {
        func run(_ service: String, _ change: String, day: Int, _ script: String) -> String {
            #"{"service":"\#(service)","environment":"prod","change":\#(change),"#
                + #""deployment":{"status":"succeeded"},"time":"2026-01-0\#(day)T00:00:00Z","#
                + #""attachments":{"script":{"text":"\#(script)"}}}"# + "\n"
        }
        let ledger = try await RecordedLedger(
            run("orders", #"{"id":"1"}"#, day: 3, "ALTER TABLE shop.orders ADD x INT")
                + run(
                    "billing", #"{"id":"2","kind":"permission"}"#, day: 5,
                    "GRANT SELECT ON invoices TO a"))
        let view = try ledger.view(clock: Clock { Self.noon(5) })
        var inquiry = WhyInquiry(environment: "prod")
        inquiry.window = "7d"
        #expect(try await view.reply(to: inquiry).rows.map(\.change) == ["2", "1"])
        for name in ["orders", "shop.orders"] {
            inquiry.object = name
            let reply = try await view.reply(to: inquiry)
            #expect(reply.rows.map(\.change) == ["1", "2"])
            #expect(reply.rows[0].reasons[0].text == "touches \(name)")
            #expect(reply.notes == [])
        }
        inquiry.object = "ordres"
        let reply = try await view.reply(to: inquiry)
        #expect(reply.rows.map(\.change) == ["2", "1"])
        #expect(reply.notes.first?.contains("did you mean orders?") == true)
        inquiry.object = nil
        inquiry.services = ["orders"]
        #expect(try await view.reply(to: inquiry).rows.map(\.change) == ["1"])
    }

    @Test func itFitsATerminalOfEightyColumns() async throws {
        let rows = try await reply(
            """
            path stage prod
            run V42__add_index_by_status_and_customer stage day 1 took 200 script a
            run V42__add_index_by_status_and_customer prod/acme day 4 took 840000 script b
            run V42__add_index_by_status_and_customer prod/globex day 4 failed script b
            run 41 prod day 3
            """
        ).rows
        var text = ""
        let output = BufferedOutput { text += String(decoding: $0, as: UTF8.self) }
        try SuspectTable.write(
            rows, Appearance(width: 80, isColoured: false, local: .utc), to: output)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")
        #expect(
            text.split(separator: "\n", omittingEmptySubsequences: false).map {
                $0.replacing("  ", with: "")
            }.contains(
                "on acme, globex; 1 d before; failed on globex; another script than stage;"),
            "\(text)")
        #expect(text.contains("1 of 2 failed"))
    }

    @Test func ifNothingChangedItSaysWhatDidLast() async throws {
        let reply = try await reply("run 41 prod day 1; run 42 prod/acme day 2") {
            $0.window = "6h"
        }
        #expect(reply.rows.isEmpty)
        #expect(reply.last?.name == "42")
        let other = try await self.reply("run 41 prod/globex day 1; run 42 prod/acme day 2") {
            $0.window = "30m"
            $0.tenant = "globex"
        }
        #expect(other.last?.name == "41")
    }

    @Test(arguments: ["env=prd", "env=prod&tenant=x", "env=prod&window=soon", "window=6h"])
    func aSlipIsSaid(text: String) async throws {
        let ledger = try await RecordedLedger(ExampleEvents("run 41 prod/acme day 1").events)
        let parameters = text.split(separator: "&").map { part -> Question.Parameter in
            let halves = part.split(separator: "=").map(String.init)
            return (halves[0], halves[1])
        }
        await #expect(throws: LedgerError.self) {
            try await ledger.view().reply(to: WhyInquiry(checking: parameters))
        }
    }

    static let rounds = ProcessInfo.processInfo.environment["LEDGER_TORTURE"] == "1" ? 300 : 12

    /// Every change of a random history has its place once, a reason for it, and always the same.
    @Test(arguments: 0..<Self.rounds)
    func everyRowHasAReasonAndItsPlace(seed: Int) async throws {
        var mixed = MixedEvents(seed: UInt64(seed))
        let ledger = try await RecordedLedger((0..<80).map { try mixed.event($0) })
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        let view = try ledger.view(clock: Clock { now.milliseconds })
        for environment in try view.knownNames(of: .environment) {
            var inquiry = WhyInquiry(environment: environment)
            inquiry.window = "100000d"
            inquiry.at = seed % 2 == 0 ? nil : now
            let rows = try await view.reply(to: inquiry).rows
            #expect(rows == (try await view.reply(to: inquiry).rows), "seed \(seed)")
            for row in rows {
                #expect(!row.reasons.isEmpty, "seed \(seed)")
                #expect(row.reasons.allSatisfy { !$0.text.isEmpty }, "seed \(seed)")
                #expect(row.reasons.map(\.points) == row.reasons.map(\.points).sorted(by: >))
                #expect(row.entries.contains(row.index))
            }
            for (one, next) in zip(rows, rows.dropFirst()) {
                #expect(
                    (one.points, one.at, one.index) > (next.points, next.at, next.index),
                    "seed \(seed)")
            }
            var query = EntryQuery()
            query.environments = [environment]
            query.types = [.deployment, .override]
            var expected: [HistoryRow] = []
            try view.forEachRow(matching: query) { row in
                if row.status != .skipped, row.at <= now { expected.append(row) }
                return true
            }
            #expect(
                rows.flatMap(\.entries).sorted() == expected.map(\.index).sorted(), "seed \(seed)")
            // Whatever order they were read in.
            var generator = SeededGenerator(seed: UInt64(seed))
            let search = SuspectSearch(moment: now, windowMilliseconds: 100_000 * Self.day)
            #expect(
                search.suspects(expected.shuffled(using: &generator)).map(\.entries)
                    == search.suspects(expected).map(\.entries), "seed \(seed)")
        }
    }
}
