import LedgerCore
import LedgerCorrelation

/// `ledger rollback steps -o markdown`: what has to be done, to be ticked off in an incident channel.
public enum RollbackChecklist {
    /// - Parameters:
    ///   - goal: what was asked, such as `undo orders:V42 in prod`.
    ///   - changeName: what `--change` takes for the change of a step.
    public static func text(
        _ steps: RollbackSteps, goal: String, now: Timestamp, local: LocalTime,
        changeName: (RollbackStep) -> String = { $0.change }
    ) -> String {
        var lines = ["## \(plain(goal))", ""]
        lines.append("Made at \(local.text(of: now, to: .minutes)). Nothing was executed yet.")
        let warnings = RollbackStepsReport.warnings(steps, local) + steps.notes
        if !warnings.isEmpty { lines.append("") }
        for line in warnings {
            let isPart = line.hasPrefix("- ")
            let text = plain(String(isPart ? line.dropFirst(2) : line[...]))
            lines.append(
                line.hasPrefix("STOP") ? "- **\(text)**" : isPart ? "  - \(text)" : "- \(text)")
        }
        if steps.steps.isEmpty { lines += ["", "There is nothing to undo."] }
        for group in RollbackGroup.groups(steps.steps) {
            lines += ["", "### \(plain(group.title))", ""]
            for rows in group.steps {
                lines += self.lines(rows, now, local, changeName(rows[0]))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(
        _ rows: [RollbackStep], _ now: Timestamp, _ local: LocalTime, _ changeName: String
    ) -> [String] {
        let step = rows[0]
        let tested = step.isUntested ? ", **tested nowhere**" : step.testedSentence
        var lines = [
            "- [ ] **\(step.number).** \(code("\(step.service):\(step.called)")): "
                + "\(plain(step.howWords))\(tested)"
        ]
        if let kept = step.keptWords(now, local) { lines.append("  - \(plain(kept))") }
        if let words = step.obstacleWords(local) { lines.append("  - **stop:** \(plain(words))") }
        if let fetch = RollbackCommands(step, changeName).fetch {
            lines.append("  - script: \(code(fetch))")
        }
        for row in rows {
            let time = local.text(of: row.at, to: .minutes)
            lines.append(
                "  - [ ] \(code(row.target.place)) (\(row.state.rawValue) \(time), "
                    + "`#\(row.index)`)")
            lines += RollbackCommands(row, changeName).commands.map { "    \(code($0))" }
        }
        return lines
    }

    /// Words of other people can't become a heading, a link or a mention.
    private static func plain(_ text: String) -> String {
        var plain = ""
        for character in VisibleText.line(text) {
            // Between letters `_` means nothing: names stay as they are.
            let isInWord = plain.last.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
            if "\\`*[]<>#@|~".contains(character) || character == "_" && !isInWord {
                plain.append("\\")
            }
            plain.append(character)
        }
        return plain
    }

    private static func code(_ text: String) -> String {
        let text = VisibleText.line(text)
        return text.contains("`") ? "`` \(text) ``" : "`\(text)`"
    }
}

/// What a person types for a step.
struct RollbackCommands {
    private let step: RollbackStep
    private let changeName: String

    init(_ step: RollbackStep, _ changeName: String) {
        self.step = step
        self.changeName = changeName
    }

    /// Brings the script.
    var fetch: String? {
        if let before, before.digest != nil {
            return "ledger show \(before.index) --script > \(file)"
        }
        guard runsScript else { return nil }
        return "ledger rollback show \(quoted("\(step.service):\(step.change)"))\(place)"
            + " --script > \(file)"
    }

    /// Runs it and records that, or records what was done by other means.
    var commands: [String] {
        let what = " --change \(quoted(changeName))"
        let revert = before == nil ? " --operation revert" : ""
        if before != nil || runsScript {
            return [
                "ledger run\(target)\(what)\(revert) -- psql -v ON_ERROR_STOP=1 -f \(file)"
            ]
        }
        return ["ledger record deployment\(target)\(what)\(revert) -m 'what was done'"]
    }

    private var before: RollbackStep.Version? {
        step.obstacle == .thereBefore ? nil : step.before
    }

    /// Whether there is a script that may be run: what can't be undone has none that should.
    private var runsScript: Bool {
        guard let plan = step.plan, plan.script?.size != nil else { return false }
        return plan.strategy == .reversible || plan.strategy == .expandContract
    }

    private var file: String {
        let name = step.called.map { character in
            character.isASCII && (character.isLetter || character.isNumber) || character == "_"
                || character == "-" ? character : "-"
        }
        return (before == nil ? "undo-" : "again-") + String(name) + ".sql"
    }

    private var target: String { " --service \(quoted(step.service))\(place)" }

    private var place: String {
        [
            ("env", step.target.environment), ("tenant", step.target.tenant),
            ("region", step.target.region), ("cluster", step.target.cluster),
        ].compactMap { name, value in value.map { " --\(name) \(quoted($0))" } }.joined()
    }

    private func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2B...0x2F, 0x5F: true
                default: false
                }
            }
        if isPlain { return text }
        return "'" + text.replacing("'", with: "'\\''") + "'"
    }
}

extension RollbackStep {
    /// `, tested in stage (#12)`.
    fileprivate var testedSentence: String {
        guard before == nil, let tests = plan?.tests, !tests.isEmpty else { return "" }
        let list = tests.map { "\($0.environment) (`#\($0.index)`)" }.joined(separator: ", ")
        return ", tested in \(list)"
    }
}
