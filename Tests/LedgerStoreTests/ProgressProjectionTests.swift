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
        #expect(plan.contains("event_change (change=? AND service=? AND environment=? AND tenant=?)"))
        #expect(!plan.contains("TEMP B-TREE"))
    }
}

/// Events of few names in any order: deployments with their starts before or after, merges, and
/// corrections of them all.
private struct MixedEvents {
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    private mutating func one(of values: [String]) -> String {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    private mutating func time() -> String {
        "2026-01-0\(Int.random(in: 1...3, using: &random))T00:00:0\(one(of: ["1", "2", "3"]))Z"
    }

    private mutating func digest() -> String {
        "sha256:" + String(repeating: one(of: ["a", "b"]), count: 64)
    }

    mutating func event(_ number: Int) throws -> Event {
        var object = JSONObject()
        object.set("e\(number)", at: "id")
        if number > 0, chance(15) {
            object.set("correction", at: "type")
            let entry = Int64.random(in: 0..<Int64(number), using: &random)
            object.set(.array([.object(JSONObject(["entry": .integer(entry)]))]), at: "about")
            switch Int.random(in: 0..<4, using: &random) {
            case 0: object.set(one(of: ["dev", "prod"]), at: "correction", "environment")
            case 1: object.set(one(of: ["1", "2"]), at: "correction", "change", "id")
            case 2: object.set(time(), at: "correction", "time")
            default: object.set(one(of: ["acme", "globex"]), at: "correction", "tenant")
            }
            return try EventReader.event(from: object)
        }
        object.set("orders", at: "service")
        object.set(one(of: ["1", "2", "3"]), at: "change", "id")
        if chance(70) { object.set(time(), at: "time") }
        if chance(60) { object.set(digest(), at: "change", "digest") }
        if chance(15) {
            object.set("merge", at: "type")
            object.set(String(repeating: "a", count: 40), at: "git", "commit")
            return try EventReader.event(from: object)
        }
        object.set(one(of: ["dev", "prod"]), at: "environment")
        if chance(80) { object.set(one(of: ["acme", "globex"]), at: "tenant") }
        let statuses = ["started", "started", "succeeded", "succeeded", "failed", "skipped"]
        object.set(one(of: statuses + ["unknown"]), at: "deployment", "status")
        if chance(60) { object.set("d\(one(of: ["1", "2", "3", "4"]))", at: "deployment", "id") }
        let operations = ["apply", "apply", "apply", "revert", "baseline", "mark", "repair"]
        object.set(one(of: operations), at: "deployment", "operation")
        if chance(50) {
            let duration = Int64.random(in: 1...5, using: &random)
            object.set(.integer(duration), at: "deployment", "duration_ms")
        }
        return try EventReader.event(from: object)
    }
}
