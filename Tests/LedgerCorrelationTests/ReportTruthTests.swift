import Foundation
import LedgerCore
import LedgerReport
import TestSupport
import Testing

@testable import LedgerCorrelation
@testable import LedgerOperations

/// What reports say is what a slow recomputation from the entries alone says.
@Suite(.serialized) struct ReportTruthTests {
    /// An entry's event, as it was recorded.
    private struct Told {
        let index: Int64
        let members: JSONObject
        let privateMembers: JSONObject
        let recorded: String

        func text(_ path: String...) -> String? { members[path]?.string }
        var at: String { text("time") ?? recorded }
        var place: String { "\(text("service") ?? "")/\(text("environment") ?? "")" }
        var actor: String? { privateMembers[["actor", "id"]]?.string }
    }

    private func told(_ view: LocalView) throws -> [Told] {
        var all: [Told] = []
        try view.forEachEntry(in: 0..<view.head().entryCount, isReversed: false) { entry in
            let stored = entry.stored
            guard let body = stored.body.flatMap({ StoredBody($0) }), let leaf = Leaf(stored.leaf)
            else { return true }
            var members = JSONObject()
            for disclosure in stored.disclosures { members[disclosure.name] = disclosure.value }
            all.append(
                Told(
                    index: stored.index, members: body.event, privateMembers: members,
                    recorded: Timestamp(milliseconds: leaf.time).utc))
            return true
        }
        return all
    }

    private func rows(
        _ report: String, _ view: LocalView, _ query: EntryQuery = EntryQuery()
    ) async throws -> [JSONObject] {
        let export = Export(
            try ReportRequest(WrittenDefinition(report: report), query), as: .ndjson,
            by: Principal(kind: .local, id: "501"))
        var bytes: [UInt8] = []
        _ = try await export.write(view, to: BufferedOutput { bytes += $0 }) { _ in nil }
        return try bytes.split(separator: 0x0A).map {
            try #require(try JSONReader.read(Array($0)).object)
        }
    }

    private func recorded(_ seed: Int) async throws -> (LocalView, RecordedLedger) {
        let history = FaultyHistory(seed: UInt64(seed))
        let ledger = try await RecordedLedger(
            history.events.map { try EventReader.event(from: $0.members) },
            recorded: history.events.map(\.at))
        return (try ledger.view(clock: Clock { history.now }), ledger)
    }

    @Test(arguments: 0..<8) func reportsOfEventsHaveEachOnce(seed: Int) async throws {
        let (view, _) = try await recorded(seed)
        let all = try told(view)
        let since = "2026-02-01T00:00:00.000Z"
        var query = EntryQuery()
        query.since = Timestamp(rfc3339: since)
        // Every deployment of these histories is one event.
        let expected = all.filter { $0.text("type") == "deployment" && $0.at >= since }
        let found = try await rows("deployments", view, query)
        #expect(
            Set(found.compactMap { $0["index"]?.integer }) == Set(expected.map(\.index)),
            "seed \(seed)")
        #expect(found.count == expected.count)
        #expect(found.compactMap { $0["at"]?.string } == expected.map(\.at).sorted())
        let approvals = all.filter {
            $0.text("type") == "review" && ($0.text("review", "kind") ?? "approval") == "approval"
        }
        let reviews = try await rows("approvals", view)
        #expect(
            reviews.compactMap { $0["index"]?.integer }.sorted() == approvals.map(\.index),
            "seed \(seed)")
        for row in reviews {
            let one = approvals.first { $0.index == row["index"]?.integer }
            #expect(row["actor_id"]?.string == one?.actor)
            #expect(row["review_decision"]?.string == one?.text("review", "decision"))
        }
    }

    @Test(arguments: 0..<8) func thePopulationIsThatOfTheEntries(seed: Int) async throws {
        let (view, _) = try await recorded(seed)
        let all = try told(view)
        let runs = all.filter { $0.text("type") == "deployment" }
        let groups = Dictionary(grouping: runs) {
            "\($0.place):\($0.text("change", "id") ?? "")"
        }
        let found = try await rows("change-population", view)
        #expect(found.count == groups.count, "seed \(seed)")
        for row in found {
            let change = row["change"]?.string ?? ""
            let service = row["service"]?.string ?? ""
            let key = "\(service)/\(row["environment"]?.string ?? ""):\(change)"
            let group = try #require(groups[key], "seed \(seed): \(key)")
            #expect(row["attempts"]?.integer == Int64(group.count), "seed \(seed): \(key)")
            let about = all.filter {
                $0.text("service") == service && $0.text("change", "id") == change
            }
            let others = about.filter {
                ["merge", "review", "rollback_plan"].contains($0.text("type") ?? "")
            }
            #expect(
                row["entries"]?.array?.compactMap(\.integer)
                    == (group + others).map(\.index).sorted(), "seed \(seed): \(key)")
            let approved = others.filter {
                $0.text("review", "decision") == "approved" && $0.text("review", "kind") != "lint"
            }
            let approvers = (row["approvers"]?.array ?? []).compactMap { $0.object?["id"]?.string }
            #expect(Set(approvers) == Set(approved.compactMap(\.actor)), "seed \(seed): \(key)")
            let merges = others.filter { $0.text("type") == "merge" }
            #expect(
                row["authors"]?.array?.compactMap(\.string) == (merges.isEmpty ? nil : ["ann"]))
            let applied = group.filter {
                $0.text("deployment", "status") == "succeeded"
                    && $0.text("deployment", "operation") == nil
            }
            let first = applied.map(\.at).min()
            let isBefore = approved.map(\.at).min().flatMap { at in first.map { at <= $0 } }
            #expect(row["approved_before"]?.bool == isBefore, "seed \(seed): \(key)")
            #expect(
                row["started"]?.string == group.map(\.at).min(), "seed \(seed): \(key)")
        }
    }

    @Test(arguments: 0..<8) func countsAreThoseOfTheEntries(seed: Int) async throws {
        let (view, _) = try await recorded(seed)
        let all = try told(view)
        var expected: [String: Int] = [:]
        for event in all {
            let key = [event.actor ?? "", event.text("type") ?? "", event.place]
            expected[key.joined(separator: " "), default: 0] += 1
        }
        for row in try await rows("who-did-what", view) {
            let place = "\(row["service"]?.string ?? "")/\(row["environment"]?.string ?? "")"
            let key = [row["actor"]?.string ?? "", row["type"]?.string ?? "", place]
            let count = expected.removeValue(forKey: key.joined(separator: " "))
            #expect(row["events"]?.integer == count.map { Int64($0) }, "seed \(seed)")
        }
        #expect(expected.isEmpty, "seed \(seed): \(expected.keys)")

        let merged = Set(
            all.filter { $0.text("type") == "merge" }.map {
                "\($0.text("service") ?? ""):\($0.text("change", "id") ?? "")"
            })
        let executed = all.filter {
            $0.text("type") == "deployment"
                && ["succeeded", "failed"].contains($0.text("deployment", "status") ?? "")
        }
        let months = Dictionary(grouping: executed) {
            "\($0.at.prefix(7)) \($0.text("service") ?? "")"
        }
        let shares = try await rows("ad-hoc-share", view)
        #expect(shares.count == months.count, "seed \(seed)")
        for row in shares {
            let key = "\(row["month"]?.string ?? "") \(row["service"]?.string ?? "")"
            let group = months[key] ?? []
            let adHoc = group.filter {
                !merged.contains("\($0.text("service") ?? ""):\($0.text("change", "id") ?? "")")
            }
            #expect(row["deployments"]?.integer == Int64(group.count), "seed \(seed)")
            #expect(row["ad_hoc"]?.integer == Int64(adHoc.count), "seed \(seed)")
        }
    }

    @Test(arguments: 0..<8) func stateAndFindingsAreThoseOfTheVerbs(seed: Int) async throws {
        let (view, _) = try await recorded(seed)
        let findings = try await view.reply(to: CheckInquiry()).findings
        let found = try await rows("findings", view)
        #expect(
            Set(found.compactMap { $0["id"]?.string }) == Set(findings.map(\.id)), "seed \(seed)")
        let histories = try view.histories(of: [], asOf: .now, needsTargets: true)
        var expected: Set<String> = []
        for history in histories {
            for (number, place) in history.environments.enumerated() {
                for (target, name) in (place.targets?.targets ?? []).enumerated() {
                    for (change, told) in history.changes.enumerated() {
                        let state = history.state(change, number, target)
                        if state != .absent {
                            expected.insert("\(name.text) \(told.id) \(state.rawValue)")
                        }
                    }
                }
            }
        }
        let states = try await rows("environment-state", view).map { row in
            "\(Target(of: row).text) \(row["change"]?.string ?? "") \(row["state"]?.string ?? "")"
        }
        #expect(Set(states) == expected, "seed \(seed)")
        #expect(states.count == expected.count, "seed \(seed)")
    }
}
