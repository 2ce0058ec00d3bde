import LedgerCore
import LedgerCorrelation

/// What `ledger rollback show` prints.
public enum RollbackPlanReport {
    public static func writeTable(
        _ plans: [RollbackPlan], now: Timestamp, _ appearance: Appearance,
        to output: BufferedOutput
    ) throws {
        var table = TextTable(
            [
                .init(header: "WHERE", minimumWidth: 10, importance: 9),
                .init(header: "STRATEGY", importance: 10),
                .init(header: "SCRIPT", importance: 6, isOptional: true),
                .init(header: "RESTORE POINT", minimumWidth: 14, importance: 5, isOptional: true),
                .init(header: "TESTED IN", minimumWidth: 8, importance: 7),
                .init(header: "SAID BY", importance: 8),
            ], appearance: appearance, output: output)
        for group in groups(plans) {
            let plan = group[0]
            let names = group.map { $0.isEverywhere ? "everywhere" : $0.target.place }
            let source = plan.isInferred ? "#\(plan.index), inferred" : "#\(plan.index)"
            try table.add(
                [
                    .init(Words.list(names)),
                    .init(
                        plan.strategy.rawValue,
                        plan.strategy == .irreversible ? .bad : .plain),
                    .init(
                        plan.script.map {
                            String($0.digest.dropFirst(7).prefix(8))
                                + ($0.index == plan.index ? "" : " #\($0.index)")
                        }),
                    .init(
                        plan.pointWords(now, appearance.local),
                        plan.isExpired(at: now) ? .bad : .plain),
                    .init(plan.testedWords, plan.tests.isEmpty ? .doubtful : .good),
                    .init(group.count > 1 ? "\(source) +\(group.count - 1)" : source),
                ], below: below(plan))
        }
        try table.finish()
    }

    /// Deployments that say the same of themselves stand in one row.
    private static func groups(_ plans: [RollbackPlan]) -> [[RollbackPlan]] {
        var groups: [[RollbackPlan]] = []
        for plan in plans {
            let alike = groups.firstIndex { group in
                !group[0].isEverywhere && !plan.isEverywhere && group[0].isAlike(plan)
                    && group[0].isInferred == plan.isInferred && group[0].reason == plan.reason
            }
            if let alike { groups[alike].append(plan) } else { groups.append([plan]) }
        }
        return groups
    }

    private static func below(_ plan: RollbackPlan) -> [String] {
        let tests = plan.tests.compactMap { test in
            test.undone.map { "tested in \(test.environment): #\(test.index) undid #\($0)" }
                ?? "tested in \(test.environment): #\(test.index) says so"
        }
        return tests + [plan.reason.map { "reason: \($0)" }].compactMap(\.self)
    }

    public static func closingLine(_ plans: [RollbackPlan], of change: String) -> String {
        plans.isEmpty
            ? "nobody said how to undo \(change): ledger rollback set"
            : "\(Words.count(plans.count, "plan")) of \(change)"
    }
}

extension Target {
    /// What is named besides the service: `prod/acme`.
    var place: String {
        var target = self
        target.service = nil
        return target.text
    }
}

extension RollbackPlan {
    /// `snap-1 until 2026-12-01 03:00+00`.
    func pointWords(_ now: Timestamp, _ local: LocalTime) -> String? {
        guard strategy == .restorePoint || restorePoint != nil else { return nil }
        let expires = restorePointExpires.map {
            let word = isExpired(at: now) ? "EXPIRED" : "until"
            return " \(word) \(local.text(of: $0, to: .minutes))"
        }
        return (restorePoint ?? "none named") + (expires ?? "")
    }

    /// `stage, dev`, or `nowhere`.
    var testedWords: String {
        switch strategy {
        case .irreversible, .forwardFix: "-"
        case .reversible, .restorePoint, .expandContract:
            tests.isEmpty ? "nowhere" : Words.list(tests.map(\.environment))
        }
    }
}
