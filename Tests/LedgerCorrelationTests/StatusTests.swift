import Foundation
import LedgerCore
import LedgerReport
import TestSupport
import Testing

@testable import LedgerCorrelation
@testable import LedgerOperations

/// `ledger status` over real ledgers.
@Suite(.serialized) struct StatusTests {
    /// One line for each change: its cells in the order of the environments.
    private func changes(_ events: String, at: String? = nil) async throws -> [String] {
        let ledger = try await RecordedLedger(events)
        var inquiry = StatusInquiry()
        inquiry.question.services = ["orders"]
        inquiry.at = at.flatMap(Timestamp.init(rfc3339:))
        guard case .changes(let rows) = try await ledger.view().reply(to: inquiry) else {
            Issue.record("not changes")
            return []
        }
        return Dictionary(grouping: rows, by: \.change).sorted { $0.key < $1.key }.map { id, rows in
            "\(id) "
                + rows.map {
                    let others = $0.others.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                        "\($0.key.rawValue):\($0.value.joined(separator: "+"))"
                    }
                    return ["\($0.environment)=\($0.state.rawValue)"].appending(others)
                        .joined(separator: ",")
                }.joined(separator: " ")
        }
    }

    private static let merged = """
        {"type":"path","service":"orders","path":{"steps":["dev","prod"]},"time":"2026-01-01T00:00:00Z"}
        {"type":"merge","service":"orders","change":{"id":"42"},"git":{"commit":"\
        aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},"time":"2026-01-01T00:00:00Z"}

        """

    private static func run(
        _ environment: String, _ tenant: String? = nil, _ status: String = "succeeded",
        digest: String = "a", operation: String = "apply", change: String = "42",
        time: String = "2026-01-02T00:00:00Z", repeatable: Bool = false
    ) -> String {
        let tenant = tenant.map { #""tenant":"\#($0)","# } ?? ""
        return #"{"service":"orders","environment":"\#(environment)",\#(tenant)"#
            + #""change":{"id":"\#(change)","digest":"sha256:"#
            + String(repeating: digest, count: 64) + #"","repeatable":\#(repeatable)},"#
            + #""deployment":{"status":"\#(status)","operation":"\#(operation)"},"#
            + #""time":"\#(time)"}"# + "\n"
    }

    @Test func whatWasMergedIsPendingUntilItComes() async throws {
        #expect(try await changes(Self.merged + Self.run("dev")) == ["42 dev=applied prod=pending"])
    }

    @Test func otherTargetsThatHaveItMakeItMissing() async throws {
        let events =
            Self.merged + Self.run("dev") + Self.run("prod", "acme")
            + Self.run("prod", "globex", change: "41") + Self.run("prod", "globex", "failed")
            + Self.run("prod", "initech", change: "41")
        #expect(
            try await changes(events).last
                == "42 dev=applied prod=failed,failed:globex,missing:initech")
    }

    @Test func otherContentThanUpstreamIsEdited() async throws {
        let events = Self.merged + Self.run("dev") + Self.run("prod", digest: "b")
        #expect(try await changes(events) == ["42 dev=applied prod=edited,edited:prod"])
    }

    @Test func aRepeatableChangeIsComparedVersionByVersion() async throws {
        let first = Self.run("dev", repeatable: true) + Self.run("prod", repeatable: true)
        #expect(try await changes(Self.merged + first) == ["42 dev=applied prod=applied"])
        let second = Self.run("dev", digest: "b", time: "2026-01-03T00:00:00Z", repeatable: true)
        #expect(
            try await changes(Self.merged + first + second)
                == ["42 dev=applied prod=pending,pending:prod"])
    }

    @Test func aBaselineSpeaksForWhatCameBefore() async throws {
        let events =
            Self.run("dev", change: "41") + Self.run("dev") + Self.run("dev", change: "43")
            + Self.run("prod", operation: "baseline")
        #expect(
            try await changes(events) == [
                "41 dev=applied prod=baseline,baseline:prod",
                "42 dev=applied prod=baseline,baseline:prod",
                "43 dev=applied prod=pending,pending:prod",
            ])
    }

    @Test func aRevertTakesItAwayAndASkipDoesNot() async throws {
        let later = "2026-01-03T00:00:00Z"
        let reverted =
            Self.merged + Self.run("dev") + Self.run("dev", operation: "revert", time: later)
        #expect(try await changes(reverted) == ["42 dev=reverted,reverted:dev prod=pending"])
        #expect(
            try await changes(reverted, at: "2026-01-02T12:00:00Z")
                == ["42 dev=applied prod=pending"])
        let skipped = Self.merged + Self.run("dev") + Self.run("dev", nil, "skipped", time: later)
        #expect(try await changes(skipped) == ["42 dev=applied prod=pending"])
    }

    static let rounds = ProcessInfo.processInfo.environment["LEDGER_TORTURE"] == "1" ? 500 : 20

    /// The counts that the store keeps say what all deployments say, one by one.
    @Test(arguments: 0..<Self.rounds)
    func countsAndDeploymentsTellTheSame(seed: Int) async throws {
        var events = MixedEvents(seed: UInt64(seed))
        let ledger = try await RecordedLedger((0..<60).map { try events.event($0) })
        let view = try ledger.view()
        let counted = try view.histories(of: [], asOf: .now, needsTargets: false)
        let walked = try view.histories(of: [], asOf: .now, needsTargets: true)
        #expect(
            counted.flatMap(BoardRow.rows) == walked.flatMap(BoardRow.rows), "seed \(seed)")
        let later = AsOf(at: Timestamp.bounds.upperBound)
        let then = try view.histories(of: [], asOf: later, needsTargets: true)
        // As of another moment, a target from which only a repair was heard is none.
        let rows = zip(then.flatMap(BoardRow.rows), walked.flatMap(BoardRow.rows))
        for (one, other) in rows where one.targetCount == other.targetCount {
            #expect(one == other, "seed \(seed)")
        }
    }
}

extension [String] {
    fileprivate func appending(_ others: [String]) -> [String] { self + others }
}
