import LedgerCore
import TestSupport
import Testing

@testable import LedgerReport

struct FoldingTests {
    /// Folds rows as the command does: a query's rows one by one, and each group's when it is met.
    private func folded(
        _ rows: [HistoryRow], _ query: EntryQuery = EntryQuery(), targets: [KnownTarget] = []
    ) throws -> (rows: [FoldedRow], isCut: Bool, fetches: Int) {
        var fetches = 0
        var folding = Folding(query, targets: targets) { group, give in
            fetches += 1
            for row in rows where group.contains(RowOutline(row)) {
                give(Folding.Member(outcome(row)))
            }
        }
        var given: [FoldedRow] = []
        for row in rows {
            if try !folding.take(RowOutline(row), whole: { row }, { given.append($0) }) { break }
        }
        return (given, folding.isCut, fetches)
    }

    private func outcome(_ row: HistoryRow) -> RowOutcome {
        RowOutcome(
            outline: RowOutline(row), actor: row.person("actor"),
            durationMilliseconds: row.durationMilliseconds)
    }

    private func targets(_ count: Int) throws -> [KnownTarget] {
        let time = try Samples.time("2026-11-17T08:00:00Z")
        return (0..<count).map {
            KnownTarget(
                target: Target(service: "orders", environment: "prod", tenant: "t\($0)"),
                entryCount: 1, lastRecorded: time)
        } + [
            KnownTarget(
                target: Target(service: "orders", environment: "prod"), entryCount: 1,
                lastRecorded: time)
        ]
    }

    @Test func tenantsOfOneChangeAreOneRowThatNamesThoseThatFailed() throws {
        var rows = try (0..<118).map { try Samples.deployment(Int64(500 - $0), tenant: "t\($0)") }
        rows.insert(
            try Samples.deployment(600, tenant: "globex", status: "failed", milliseconds: 843_000),
            at: 60)
        let answer = try folded(rows, targets: try targets(120))
        #expect(answer.rows.count == 1)
        #expect(answer.fetches == 1)
        let row = try #require(answer.rows.first)
        #expect(row.place == "orders/prod/*")
        #expect(row.outcome == .init("118/120, failed: globex", .bad))
        #expect(row.duration == "0.2 s–14 min 3 s")
        #expect(row.row.index == 500)
    }

    @Test func aTargetCountsByItsLatestAttempt() throws {
        let rows = [
            try Samples.deployment(9, tenant: "acme", at: "2026-11-17T09:00:00Z"),
            try Samples.deployment(8, tenant: "globex", status: "started"),
            try Samples.deployment(7, tenant: "acme", status: "failed"),
            try Samples.deployment(6, tenant: "hooli", actor: "bob"),
        ]
        let row = try #require(try folded(rows, targets: try targets(3)).rows.first)
        #expect(row.outcome == .init("2/3, not finished: globex, 1 retried", .doubtful))
        #expect(row.who == "alice +1")
        let backwards = try #require(
            try folded(rows.reversed(), targets: try targets(3)).rows.first)
        #expect(backwards.outcome == row.outcome)
    }

    @Test func otherServicesEnvironmentsOperationsAndChangesStayApart() throws {
        let rows = try [
            ("apply", "42", "orders", "prod"), ("revert", "42", "orders", "prod"),
            ("apply", "43", "orders", "prod"), ("apply", "42", "billing", "prod"),
            ("apply", "42", "orders", "stage"),
        ].enumerated().flatMap { number, parts in
            try ["acme", "globex"].enumerated().map { tenant, name in
                try Samples.deployment(
                    Int64(100 - 10 * number - tenant), tenant: name, operation: parts.0,
                    change: parts.1, service: parts.2, environment: parts.3)
            }
        }
        let answer = try folded(rows)
        #expect(answer.rows.map(\.row.index) == [100, 90, 80, 70, 60])
        #expect(answer.rows[1].outcome == .init("revert 2/2", .good))
    }

    @Test func whatReachedOneTargetOnlyIsNotFolded() throws {
        let rows = [
            try Samples.deployment(5, tenant: "acme"), try Samples.deployment(4),
            try Samples.deployment(3, tenant: "acme", status: "failed"),
            try Samples.row(2, #"{"type":"note","title":"hello"}"#),
        ]
        let answer = try folded(rows)
        #expect(answer.rows.map(\.row.index) == [5, 4, 3, 2])
        #expect(answer.rows.allSatisfy { $0.fold == nil })
        #expect(answer.fetches == 1)
    }

    @Test func withoutAllOutcomesNothingIsCountedAgainstTheKnownTargets() throws {
        var query = EntryQuery()
        query.statuses = [.failed]
        let rows = try ["acme", "globex"].enumerated().map {
            try Samples.deployment(Int64(9 - $0), tenant: $1, status: "failed")
        }
        let row = try #require(try folded(rows, query, targets: try targets(120)).rows.first)
        #expect(row.outcome == .init("failed: acme, globex", .bad))
    }

    @Test func aGroupIsAskedForByItsOwnNamesWithinTheBoundsOfTheQuestion() throws {
        var query = EntryQuery()
        query.environments = ["prod", "stage"]
        query.tenants = ["acme"]
        query.since = try Samples.time("2026-11-01T00:00:00Z")
        query.limit = 50
        let row = try Samples.deployment(1, tenant: "acme", operation: "revert")
        let narrowed = try #require(Folding.Group(of: RowOutline(row))).narrowing(query)
        #expect(narrowed.services == ["orders"])
        #expect(narrowed.environments == ["prod"])
        #expect(narrowed.tenants == ["acme"])
        #expect(narrowed.changeIDs == ["42"])
        #expect(narrowed.operations == [.revert])
        #expect(narrowed.since == query.since)
        #expect(narrowed.limit == nil)
    }

    @Test func namesAreTheSameOnlyIfTheirBytesAre() throws {
        let rows = try ["caf\u{E9}", "cafe\u{301}"].enumerated().map {
            try Samples.deployment(Int64(9 - $0), tenant: $1)
        }
        #expect(try folded(rows).rows.first?.fold?.targetCount == 2)
        let changes = try ["caf\u{E9}", "cafe\u{301}"].enumerated().map {
            try Samples.deployment(Int64(9 - $0), tenant: "acme", change: $1)
        }
        #expect(try folded(changes).rows.count == 2)
    }

    @Test func foldedRowsKeepOrderLimitAndEveryTarget() throws {
        var random = SeededGenerator()
        for _ in 0..<100 {
            let count = Int64.random(in: 1...60, using: &random)
            let rows = try (0..<count).map { number in
                let isPlain = Int.random(in: 0..<5, using: &random) == 0
                return try Samples.deployment(
                    count - number,
                    tenant: isPlain ? nil : "t\(Int.random(in: 0..<4, using: &random))",
                    status: ["succeeded", "failed", "started"][
                        Int.random(in: 0..<3, using: &random)],
                    change: "\(Int.random(in: 0..<6, using: &random))")
            }
            var query = EntryQuery()
            query.limit = Int.random(in: 1...20, using: &random)
            let all = try folded(rows)
            let some = try folded(rows, query)
            let comment: Comment = "seed \(random.seed)"
            // The newest row of each is what they are ordered by.
            let indexes = all.rows.map(\.row.index)
            #expect(indexes == indexes.sorted(by: >), comment)
            #expect(some.rows.map(\.row.index) == Array(indexes.prefix(query.limit ?? 0)), comment)
            #expect(some.isCut == (indexes.count > some.rows.count), comment)
            // Each group is read once at most, and no row is lost: it is shown, or in a fold.
            #expect(all.fetches <= all.rows.count, comment)
            for row in rows {
                let isShown = indexes.contains(row.index)
                let fold = all.rows.first {
                    $0.fold != nil
                        && Folding.Group(of: RowOutline($0.row))?.contains(RowOutline(row)) == true
                }
                #expect(isShown || fold != nil, comment)
            }
            for folded in all.rows {
                guard let fold = folded.fold, let group = Folding.Group(of: RowOutline(folded.row))
                else {
                    continue
                }
                let tenants = Set(
                    rows.filter({ group.contains(RowOutline($0)) }).map(\.target.tenant))
                let others = fold.others.values.reduce(0) { $0 + $1.count }
                #expect(fold.succeededCount + others == tenants.count, comment)
                #expect(fold.targetCount == tenants.count, comment)
            }
        }
    }
}
