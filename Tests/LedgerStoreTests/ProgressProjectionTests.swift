import Foundation
import LedgerCore
import TestSupport
import Testing

@testable import LedgerStore

@Suite struct ProgressProjectionTests {
    static let rounds = ProcessInfo.processInfo.environment["LEDGER_TORTURE"] == "1" ? 500 : 24

    /// The same from all deployments, one by one.
    private func folded(_ reader: SQLiteEntryReader, _ asOf: AsOf = .now) throws -> [String] {
        struct Key: Hashable {
            let change: ExactText
            let target: Target
        }
        var last: [Key: Deployment] = [:]
        try reader.forEachDeployment(of: [], asOf: asOf) { deployment in
            let key = Key(change: ExactText(deployment.change), target: deployment.target)
            if let known = last[key], known.supersedes(deployment) { return }
            last[key] = deployment
        }
        let groups = Dictionary(grouping: last.values) {
            [$0.target.service, $0.target.environment, $0.change, $0.state.rawValue]
                .map { $0 ?? "" }
        }
        return groups.map { key, deployments in
            let sorted = deployments.sorted { ($0.at, $0.index) < ($1.at, $1.index) }
            let text = "\(key.joined(separator: " ")) \(sorted.count)"
            guard key[3] == "applied", let first = sorted.first, let end = sorted.last else {
                return text
            }
            let longest = sorted.compactMap(\.durationMilliseconds).max() ?? -1
            let isMixed = Set(sorted.map { $0.digest ?? "" }).count > 1
            return "\(text) \(first.at) \(end.at) #\(end.index) \(longest) \(isMixed)"
        }.sorted()
    }

    private func stored(_ reader: SQLiteEntryReader) throws -> [String] {
        try reader.progress(of: []).map { row in
            let text =
                "\(row.service) \(row.environment) \(row.change) \(row.state.rawValue) "
                + "\(row.targetCount)"
            guard let applied = row.applied else { return text }
            return "\(text) \(applied.firstAt) \(applied.lastAt) #\(applied.last) "
                + "\(applied.longestMilliseconds ?? -1) \(applied.isMixed)"
        }.sorted()
    }

    private func merges(_ reader: SQLiteEntryReader, _ asOf: AsOf) throws -> [String] {
        try reader.serviceChanges(of: [], asOf: asOf).compactMap { change in
            change.merge.map { "\(change.id) \($0.firstAt) #\($0.last) \($0.digest ?? "")" }
        }.sorted()
    }

    @Test(arguments: 0..<Self.rounds)
    func tellsWhatAllDeploymentsTell(seed: Int) throws {
        var history = MixedEvents(seed: UInt64(seed))
        let ledger = try TestLedger()
        let cut = 20 + seed % 40
        let events = try (0..<80).map { try history.event($0) }
        for (number, event) in events.enumerated() { try ledger.record([event], now: now(number)) }
        let reader = try ledger.reader()
        #expect(try stored(reader) == folded(reader), "seed \(seed)")
        #expect(try merges(reader, .now) == merges(reader, AsOf(index: 1000)), "seed \(seed)")

        // What the ledger knew then is what a ledger without the later entries knows.
        let young = try TestLedger()
        for (number, event) in events.prefix(cut).enumerated() {
            try young.record([event], now: now(number))
        }
        let then = AsOf(index: try reader.index(recordedBy: now(cut - 1)))
        #expect(then.index == Int64(cut - 1))
        let known = try young.reader()
        #expect(try folded(reader, then) == stored(known), "seed \(seed)")
        #expect(try merges(reader, then) == merges(known, .now), "seed \(seed)")
        #expect(try ProjectionCheck.differences(at: ledger.path).map(\.detail) == [])
    }

    private func now(_ number: Int) -> Int64 { 1_767_225_600_000 + Int64(number) * 1000 }

    @Test func aTargetThatGoesOnLeavesWhereItStood() throws {
        let ledger = try TestLedger()
        try ledger.record([
            Events.deployment("42", tenant: "acme", status: "failed"),
            Events.deployment("42", tenant: "globex"),
            Events.deployment("42", tenant: "acme"),
            Events.deployment("42", tenant: "globex", status: "skipped"),
        ])
        let rows = try ledger.reader().progress(of: ["orders"])
        #expect(rows.map(\.state) == [.applied])
        #expect(rows.first?.targetCount == 2)
        #expect(rows.first?.applied?.last == 2)
        let heard = try ledger.reader().heardTargets(of: [])
        #expect(heard.map(\.shape) == [.tenant])
        #expect(heard.map(\.targetCount) == [2])
    }

    @Test func theLastOnATargetIsFoundByTheIndex() throws {
        let ledger = try TestLedger()
        let plan = try ledger.sqlite3(
            """
            EXPLAIN QUERY PLAN SELECT idx FROM event
            WHERE change = 'a' AND service = 'b' AND environment = 'c' AND tenant IS 'd'
            AND latest AND type = 'deployment' ORDER BY at DESC, idx DESC LIMIT 1
            """
        ).output
        #expect(
            plan.contains("event_change (change=? AND service=? AND environment=? AND tenant=?)"))
        #expect(!plan.contains("TEMP B-TREE"))
    }
}
