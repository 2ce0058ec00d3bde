import Foundation
import LedgerCore
import TestSupport
import Testing

@testable import LedgerStore

@Suite struct ProgressProjectionTests {
    static let rounds = ProcessInfo.processInfo.environment["LEDGER_TORTURE"] == "1" ? 500 : 24

    private struct Told: Equatable {
        var lines: [String] = []
        /// The groups whose targets have different scripts; the store may name more.
        var mixed: Set<String> = []
    }

    private func line(_ group: String, _ count: Int, _ applied: LedgerCore.Progress.Applied?)
        -> String
    {
        guard let applied else { return "\(group) \(count)" }
        return "\(group) \(count) \(applied.firstAt) \(applied.lastAt) #\(applied.last) "
            + "\(applied.longestMilliseconds ?? -1) \(applied.digest ?? "")"
    }

    /// The same from all deployments, one by one.
    private func folded(_ reader: SQLiteEntryReader, _ asOf: AsOf = .now) throws -> Told {
        struct Key: Hashable {
            let change: ExactText
            let target: Target
        }
        var last: [Key: Deployment] = [:]
        var applied: [String: LedgerCore.Progress.Applied] = [:]
        func group(_ deployment: Deployment) -> String {
            [
                deployment.target.service ?? "", deployment.target.environment ?? "",
                deployment.change, deployment.state.rawValue,
            ].joined(separator: " ")
        }
        try reader.forEachDeployment(of: [], asOf: asOf) { deployment in
            if deployment.state == .applied {
                let group = group(deployment)
                if applied[group]?.add(deployment) == nil {
                    applied[group] = LedgerCore.Progress.Applied(deployment)
                }
            }
            let key = Key(change: ExactText(deployment.change), target: deployment.target)
            if let known = last[key], known.supersedes(deployment) { return }
            last[key] = deployment
        }
        var told = Told()
        for (group, deployments) in Dictionary(grouping: last.values, by: group) {
            told.lines.append(line(group, deployments.count, applied[group]))
            if deployments.contains(where: { $0.digest != applied[group]?.digest }),
                applied[group] != nil
            {
                told.mixed.insert(group)
            }
        }
        told.lines.sort()
        return told
    }

    private func stored(_ reader: SQLiteEntryReader) throws -> Told {
        var told = Told()
        for row in try reader.progress(of: []) {
            let group = [row.service, row.environment, row.change, row.state.rawValue]
                .joined(separator: " ")
            told.lines.append(line(group, Int(row.targetCount), row.applied))
            if row.applied?.isMixed ?? false { told.mixed.insert(group) }
        }
        told.lines.sort()
        return told
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
        let (kept, walked) = try (stored(reader), folded(reader))
        #expect(kept.lines == walked.lines, "seed \(seed)")
        #expect(kept.mixed.isSuperset(of: walked.mixed), "seed \(seed)")
        #expect(try merges(reader, .now) == merges(reader, AsOf(index: 1000)), "seed \(seed)")

        // What the ledger knew then is what a ledger without the later entries knows.
        let young = try TestLedger()
        for (number, event) in events.prefix(cut).enumerated() {
            try young.record([event], now: now(number))
        }
        let then = AsOf(index: try reader.index(recordedBy: now(cut - 1)))
        #expect(then.index == Int64(cut - 1))
        let known = try young.reader()
        let (looked, knew) = try (folded(reader, then).lines, stored(known).lines)
        #expect(looked.filter { !knew.contains($0) } == [], "seed \(seed)")
        #expect(knew.filter { !looked.contains($0) } == [], "seed \(seed)")
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

    @Test func theNewVersionOfARepeatableChangeIsMixedUntilAllHaveIt() throws {
        let ledger = try TestLedger()
        func run(_ tenant: String, _ digit: String) throws {
            let digest = "sha256:" + String(repeating: digit, count: 64)
            try ledger.record([
                Events.event(
                    """
                    {"service":"orders","environment":"prod","tenant":"\(tenant)",
                     "change":{"id":"R__v","digest":"\(digest)","repeatable":true},
                     "deployment":{"status":"succeeded"}}
                    """)
            ])
        }
        func isMixed() throws -> Bool? {
            try ledger.reader().progress(of: []).first?.applied?.isMixed
        }
        try run("acme", "a")
        try run("globex", "a")
        #expect(try isMixed() == false)
        try run("acme", "b")
        #expect(try isMixed() == true)
        try run("globex", "b")
        #expect(try isMixed() == false)
        try run("globex", "b")
        #expect(try isMixed() == false)
        #expect(try ProjectionCheck.differences(at: ledger.path).map(\.detail) == [])
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
