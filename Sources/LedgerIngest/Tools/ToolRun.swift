import LedgerCore

/// Gives a table's rows, one by one; nil at the end.
public typealias ToolRows = () throws(LedgerError) -> ToolRow?

/// What a tool's command did to one target, change by change: told by the tool's own table before and
/// after, and where that can't tell, by what the tool printed.
public struct ToolRun {
    /// A change that was executed, or should have been.
    struct Outcome {
        let change: ChangeName
        var operation: DeploymentOperation
        var status: DeploymentStatus
        /// What its row says, and the row as it came.
        var record: ToolRecord?
        var row: [UInt8]?
        var error: String?
        var script: RunScript?
        /// Where it was seen: the table's name, `output`, or `scripts`.
        let seenIn: String
    }

    /// What a run's failure means for one of its targets.
    enum Failure {
        case none
        /// It stopped here.
        case here
        /// It may have stopped here.
        case perhaps
        /// It stopped at another one, before it came here.
        case notReached
    }

    public let command: ToolCommand
    /// The target, if the command has several.
    let place: TargetDatabase?
    /// The table, and its rows before the command; nil if what it printed is all that there is.
    private let before: (table: ToolTable, rows: KnownRows)?
    private var heads: [String] = []

    /// - Parameters:
    ///   - table: by its target.
    ///   - place: the target, if the command has several.
    ///   - before: gives the rows before the command, one by one; none if there is no table yet.
    public init(
        _ command: ToolCommand, _ table: ToolTable, place: TargetDatabase? = nil,
        before: ToolRows
    ) throws(LedgerError) {
        self.command = command
        self.place = place
        var known = KnownRows(of: table)
        while let row = try before() {
            guard let record = try command.history.record(row, table.reading) else { continue }
            _ = known.take(record.key, KnownRows.State(record))
            if command.history.removal == .moves, record.status == .succeeded {
                heads.append(record.change.id)
            }
        }
        known.forgetSeen()
        self.before = (table, known)
    }

    /// Of a tool that has no table, or one that nobody can read.
    public init(byOutputOf command: ToolCommand) {
        self.command = command
        (place, before) = (nil, nil)
    }

    /// Whether no table is read for it.
    public var isToldByOutput: Bool { before == nil }

    /// `flyway_schema_history/3`.
    func row(_ key: String) -> String? { before?.table.row(key) }

    /// What the rows after the command say that those before didn't, in the order of the table, then
    /// what went wrong and what did not run.
    ///
    /// - Parameters:
    ///   - after: gives the rows after the command.
    ///   - output: what the tool printed, as far as it was kept.
    func outcomes(
        _ failure: Failure, output: String, after: ToolRows
    ) throws(LedgerError) -> [Outcome] {
        guard let (table, rows) = before else {
            return command.plansItself
                ? plans(output, hasFailed: failure != .none)
                : printed(output, hasFailed: failure != .none)
        }
        var known = rows
        var found: [Outcome] = []
        var there: Set<String> = []
        var newHeads: [String] = []
        let history = command.history
        while let row = try after() {
            guard let record = try history.record(row, table.reading) else { continue }
            if record.status == .succeeded, record.operation != .revert {
                there.insert(record.change.id)
            } else if record.operation == .revert {
                there.remove(record.change.id)
            }
            if history.removal == .moves, record.status == .succeeded {
                newHeads.append(record.change.id)
                _ = known.take(record.key, KnownRows.State(record))
                continue
            }
            let operation: DeploymentOperation
            switch known.take(record.key, KnownRows.State(record)) {
            case .same: continue
            case .new: operation = record.operation
            // By a repair, or since the change ran again.
            case .changed: operation = command.operation == .repair ? .repair : record.operation
            }
            var outcome = Outcome(
                change: record.change, operation: operation, status: record.status,
                record: record, row: row.bytes, error: record.error, seenIn: table.reading.table)
            if outcome.operation == .apply, command.operation == .mark {
                outcome.operation = .mark
            }
            found.append(outcome)
        }
        let scripts = ToolScripts(command.folders, history.tool)
        if history.removal == .moves { found += moved(to: newHeads, in: table, scripts, &there) }
        if history.removal == .rollback {
            found += known.unseen.map { gone in
                Outcome(
                    change: scripts.script(of: gone.state.change)?.name
                        ?? ChangeName(id: gone.state.change, name: gone.state.change),
                    operation: .revert, status: .succeeded, seenIn: table.reading.table)
            }
        }
        if failure == .here { addBegun(output, scripts, &found) }
        if failure != .none {
            addMissing(scripts, there, &found, isStopped: failure == .notReached)
        }
        return found.map { complete($0, scripts) }
    }

    /// The changes that it printed, each in its last state.
    private func printed(_ output: String, hasFailed: Bool) -> [Outcome] {
        let scripts = ToolScripts(command.folders, command.history.tool)
        let begun = ToolOutput.begun(command.history.tool, output)
        var found: [Outcome] = []
        for (number, change) in begun.enumerated() {
            let isLast = number == begun.count - 1
            let name =
                scripts.script(called: change.name)?.name
                ?? ChangeName(id: change.name, name: change.name)
            let outcome = Outcome(
                change: name, operation: change.isReverted ? .revert : .apply,
                status: hasFailed && isLast && !change.isOver ? .failed : .succeeded,
                seenIn: "output")
            if let last = found.last, last.change.id.hasSameBytes(as: name.id),
                last.operation == outcome.operation
            {
                found[found.count - 1] = outcome
            } else {
                found.append(outcome)
            }
        }
        return found.map { complete($0, scripts) }
    }

    private func plans(_ output: String, hasFailed: Bool) -> [Outcome] {
        let plans = AtlasPlan.all(in: output)
        return plans.enumerated().map { number, plan in
            var record = ToolRecord(key: plan.change.id, change: plan.change)
            record.statements = Int64(plan.statements.count)
            record.statementsDone = plan.doneCount.map(Int64.init)
            return Outcome(
                change: plan.change, operation: .apply,
                status: plan.status(hasFailed: hasFailed && number == plans.count - 1),
                record: record, error: plan.error, script: RunScript(inline: plan.script),
                seenIn: "output")
        }
    }

    private func moved(
        to newHeads: [String], in table: ToolTable, _ scripts: ToolScripts,
        _ there: inout Set<String>
    ) -> [Outcome] {
        if command.operation == .mark {
            return newHeads.filter { !heads.contains($0) }.map { head in
                Outcome(
                    change: scripts.script(of: head)?.name ?? ChangeName(id: head, name: head),
                    operation: .mark, status: .succeeded, seenIn: table.reading.table)
            }
        }
        let moves = scripts.moves(from: heads, to: newHeads)
        there.formUnion(scripts.moves(from: [], to: newHeads).applied.map(\.id))
        func outcome(_ name: ChangeName, _ operation: DeploymentOperation) -> Outcome {
            Outcome(
                change: name, operation: operation, status: .succeeded,
                seenIn: table.reading.table)
        }
        return moves.reverted.map { outcome($0, .revert) }
            + moves.applied.map { outcome($0, .apply) }
    }

    /// The change at which it stopped, as the tool printed it.
    private func addBegun(_ output: String, _ scripts: ToolScripts, _ found: inout [Outcome]) {
        let begun = ToolOutput.begun(command.history.tool, output)
        let hasFailure = found.contains { $0.status == .failed }
        if !hasFailure, let last = begun.last {
            let name =
                scripts.script(called: last.name)?.name
                ?? ChangeName(id: last.name, name: last.name)
            let isDone = found.contains {
                $0.change.id == name.id && ($0.operation == .revert) == last.isReverted
            }
            if !isDone {
                found.append(
                    Outcome(
                        change: name, operation: last.isReverted ? .revert : .apply,
                        status: .failed, seenIn: "output"))
            }
        }
    }

    /// The changes that should have come, and did not.
    private func addMissing(
        _ scripts: ToolScripts, _ there: Set<String>, _ found: inout [Outcome], isStopped: Bool
    ) {
        guard command.operation == .apply else { return }
        let seen = Set(found.map { $0.change.id }).union(there)
        // Of a tool that doesn't say at which it stopped, it may have been the first that is not
        // there.
        var isStopped = isStopped || found.contains { $0.status == .failed }
        for script in scripts.scripts.prefix(1000)
        where !seen.contains(script.name.id) && !script.name.isRepeatable {
            found.append(
                Outcome(
                    change: script.name, operation: .apply,
                    status: isStopped ? .skipped : .unknown, seenIn: "scripts"))
            isStopped = true
        }
    }

    /// With its script, and the name that its script has.
    private func complete(_ outcome: Outcome, _ scripts: ToolScripts) -> Outcome {
        guard let script = scripts.script(of: outcome.change.id) else { return outcome }
        var complete = Outcome(
            change: script.name, operation: outcome.operation, status: outcome.status,
            seenIn: outcome.seenIn)
        (complete.record, complete.row, complete.error) = (
            outcome.record, outcome.row, outcome.error
        )
        complete.script = scripts.content(of: script)
        return complete
    }
}
