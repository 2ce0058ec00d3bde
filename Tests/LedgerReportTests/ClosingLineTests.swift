import LedgerCore
import Testing

@testable import LedgerReport

struct ClosingLineTests {
    private func text(
        _ count: Int, _ heard: [(String?, String)], scope: String? = "prod", isCut: Bool = false
    ) throws -> String {
        ClosingLine.text(
            count: count, noun: "deployment", isCut: isCut,
            targets: try heard.map {
                KnownTarget(
                    target: Target(
                        service: "orders", environment: $0.0 == nil ? nil : "prod", tenant: $0.0),
                    entryCount: 1, lastRecorded: try Samples.time($0.1))
            }, scope: scope, since: try Samples.time("2026-11-10T08:00:00Z"),
            now: try Samples.time("2026-11-17T08:00:00Z"))
    }

    @Test func saysHowManyTargetsWereHeardFromAndWhen() throws {
        #expect(
            try text(
                12,
                [
                    ("a", "2026-11-16T08:00:00Z"), ("b", "2026-11-17T07:57:00Z"),
                    ("c", "2026-11-11T08:00:00Z"), ("d", "2026-11-10T08:00:00Z"),
                ])
                == "12 deployments; 4 of 4 targets of prod heard from, the last 3 min ago "
                + "(orders/prod/b)")
    }

    @Test func namesTheSilentOnesLongestSilenceFirst() throws {
        #expect(
            try text(
                1,
                [
                    ("a", "2026-11-17T07:59:50Z"), ("b", "2026-11-09T08:00:00Z"),
                    ("c", "2026-10-17T08:00:00Z"),
                ], scope: nil)
                == "1 deployment; 1 of 3 targets heard from, the last 10 s ago (orders/prod/a); "
                + "silent: orders/prod/c (31 d ago), orders/prod/b (8 d ago)")
    }

    @Test func saysSoWhenNothingWasHeardAndWhenThereIsMore() throws {
        #expect(try text(0, []) == "no deployments; no target of prod was ever heard from")
        #expect(
            try text(50, [("a", "2026-11-17T12:00:00Z")], isCut: true)
                == "50 deployments, and there are more: --limit; 1 of 1 target of prod heard from, "
                + "the last in the future, by this machine's clock (orders/prod/a)")
    }

    @Test func namesFromOutsideDoNotSteerTheTerminal() throws {
        let line = try text(1, [("\u{1B}[2J", "2026-11-17T07:59:50Z")], scope: "\u{1B}]0;x")
        #expect(!line.unicodeScalars.contains("\u{1B}"))
    }
}
