import LedgerCore
import LedgerCorrelation

/// What `ledger rollback steps` prints.
public enum RollbackStepsReport {
    /// What can't be undone first, then a table for all targets with the same steps.
    public static func writeTable(
        _ steps: RollbackSteps, now: Timestamp, _ appearance: Appearance,
        to output: BufferedOutput
    ) throws {
        for line in warnings(steps, appearance.local) + steps.notes {
            // What doesn't fit goes under the line, further in.
            let lines = WrappedText.lines(line, width: appearance.width.map { $0 - 2 })
            try output.write(lines.joined(separator: "\n  ") + "\n")
        }
        for group in RollbackGroup.groups(steps.steps) {
            let title = VisibleText.line(group.title)
            try output.write("\n" + appearance.painted(title, .heading) + "\n")
            try write(group, now, appearance, output)
        }
        try output.flush()
    }

    private static func write(
        _ group: RollbackGroup, _ now: Timestamp, _ appearance: Appearance,
        _ output: BufferedOutput
    ) throws {
        var table = TextTable(
            [
                .init(header: "", isRightAligned: true, importance: 10),
                .init(header: "UNDO", minimumWidth: 12, importance: 8),
                .init(header: "HOW", minimumWidth: 16, importance: 9),
                .init(header: "TESTED", minimumWidth: 7, importance: 7),
                .init(header: "RAN", importance: 6, isOptional: true),
                .init(header: "INDEX", isRightAligned: true, importance: 7),
            ], appearance: appearance, output: output)
        for rows in group.steps {
            let step = rows[0]
            let kept = step.keptWords(now, appearance.local)
            try table.add(
                [
                    .init("\(step.number)"), .init(step.called),
                    .init(step.howWords, step.obstacle == nil ? .plain : .bad),
                    .init(step.testedWords, step.isUntested ? .doubtful : .plain),
                    .init(step.ranWords(now), step.state.tone == .bad ? .bad : .plain),
                    .init(Words.list(rows.map { "#\($0.index)" }, atMost: 1)),
                ], below: [kept].compactMap(\.self))
        }
        try table.finish()
    }

    /// What a person has to know before anything is done.
    static func warnings(_ steps: RollbackSteps, _ local: LocalTime) -> [String] {
        var lines: [String] = []
        let blocked = steps.steps.filter { $0.obstacle != nil }
        if !blocked.isEmpty {
            lines.append(
                "STOP: \(blocked.count) of \(Words.count(steps.steps.count, "step")) "
                    + "can't simply be undone")
            lines += told(blocked) { $0.obstacleWords(local) ?? "" }
        }
        let untested = steps.steps.filter(\.isUntested)
        if !untested.isEmpty {
            var seen: Set<ExactText> = []
            let names = untested.map { "\($0.service):\($0.called)" }
                .filter { seen.insert(ExactText($0)).inserted }
            lines.append("tested nowhere: \(names.joined(separator: ", "))")
        }
        if let point = steps.steps.first(where: { $0.isRestore }) {
            lines.append(
                "a restore point brings back the whole database: what was written since is lost "
                    + "(\(point.called))")
        }
        return lines
    }

    /// A line for each change and word, with the targets.
    private static func told(
        _ steps: [RollbackStep], _ words: (RollbackStep) -> String
    ) -> [String] {
        var order: [ExactText] = []
        var targets: [ExactText: [String]] = [:]
        for step in steps {
            // Entries differ from target to target.
            let line = ExactText("\(step.service):\(step.called): \(words(step))")
            if targets[line] == nil { order.append(line) }
            targets[line, default: []].append(step.target.place)
        }
        return order.map { "- \($0.text) [\((targets[$0] ?? []).joined(separator: ", "))]" }
    }

    public static func closingLine(_ steps: RollbackSteps) -> String {
        if steps.steps.isEmpty { return "there is nothing to undo" }
        let targets = Set(steps.steps.map(\.target)).count
        return "\(Words.count(steps.steps.count, "step")) on \(Words.count(targets, "target")), "
            + "newest first; nothing was executed"
    }
}

extension RollbackStep {
    /// Whether a restore point is what it goes back to.
    var isRestore: Bool { plan?.strategy == .restorePoint && obstacle == nil && before == nil }
}
