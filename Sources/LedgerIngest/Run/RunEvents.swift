import Glibc
import LedgerCore
import LedgerCrypto

/// An event of a run: as it will be recorded, or, if it is no valid one, with the reason.
public struct RunEvent: Sendable {
    public let id: String
    /// As it is taken in, attachments included.
    public let object: JSONObject
    public let event: Result<Event, LedgerError>

    init(_ object: JSONObject) {
        self.object = object
        id = object["id"]?.string ?? ""
        event = Result { () throws(LedgerError) in try EventReader.event(from: object) }
    }
}

/// Makes the events of a run: `started` before the command starts, and one that says how it ended.
public struct RunEvents {
    /// What a person should know, one line each.
    public private(set) var notes: [String]
    /// Variables that the command gets besides ours, and, where nil, doesn't get.
    public let variables: [String: String?]
    public let teesStandardInput: Bool
    /// Somebody types to the command at a terminal.
    public let isTyped: Bool
    /// Tell change by change what the command did, one for each of its targets; none if it is no
    /// migration tool, or its table can't be read.
    public let tools: [ToolRun]

    private let isChangeGiven: Bool
    private let plan: RunPlan
    private let command: RecognizedCommand
    private let common: JSONObject
    private let mint: IDMint

    public init(
        request: RunRequest, surroundings: RunSurroundings,
        changeFromPath: @escaping ChangeFromPath, tools: [ToolRun] = [],
        mint: IDMint = .shared, standardInput: Int32 = STDIN_FILENO
    ) {
        self.tools = tools
        isChangeGiven = request.change != nil
        var command = RecognizedCommand(
            command: request.command, environment: surroundings.variables,
            userName: surroundings.userName)
        if tools.count == 1 { command.connect(tools[0].command) }
        self.command = command
        plan = RunPlan(
            request: request, command: command, changeFromPath: changeFromPath, mint: mint,
            standardInput: standardInput)
        var members = MemberSet()
        members.setTarget(request, command)
        members.setChange(request, command)
        members.setPeople(request, surroundings, command)
        members.setOrigin(request, surroundings)
        if plan.deployments.count > 1 || !tools.isEmpty,
            members.object[["deployment", "group"]] == nil
        {
            members.set("deployment", "group", to: .string(mint.next()))
        }
        common = members.object
        notes = plan.notes + members.notes
        self.mint = mint
        teesStandardInput = plan.awaitsStandardInput
        isTyped = plan.isTyped
        var variables: [String: String?] = ["LEDGER_TOKEN": nil, "LEDGER_ID_TOKEN": nil]
        if command.tool == "psql", surroundings.variables["PGAPPNAME"] == nil {
            variables["PGAPPNAME"] = "ledger/\(plan.deployments[0].id)"
        }
        self.variables = variables
    }

    public func started(at time: Timestamp) -> [RunEvent] {
        plan.deployments.map { deployment in
            event(
                deployment, script: deployment.script, time: time,
                JSONObject(["status": "started", "started": .string(time.utc)]))
        }
    }

    /// - Parameters:
    ///   - started: when the command started.
    ///   - durationMilliseconds: how long it ran, by a clock that nobody can set.
    ///   - answers: what was said of it afterwards.
    public mutating func ended(
        _ ending: ChildProcess.Ending, started: Timestamp, durationMilliseconds: Int64,
        answers: RunAnswers = RunAnswers()
    ) -> [RunEvent] {
        let verdict = RunVerdict(ending: ending, command: command, plan: plan)
        if let note = verdict.note { notes.append(note) }
        let ended = Timestamp(milliseconds: started.milliseconds + durationMilliseconds)
        let isOnly = plan.deployments.count == 1
        return zip(plan.deployments, verdict.statuses).map { deployment, status in
            var members = JSONObject([
                "status": .string(status.rawValue), "started": .string(started.utc),
                "ended": .string(ended.utc), "exit_code": .integer(Int64(ending.exitCode)),
            ])
            // Of several scripts nobody knows how long each one took.
            if isOnly { members["duration_ms"] = .integer(durationMilliseconds) }
            let piped = isOnly && deployment.script == nil && deployment.others.isEmpty
            return event(
                deployment, script: deployment.script ?? (piped ? ending.standardInput : nil),
                standardInput: piped ? nil : ending.standardInput, time: ended,
                error: status == .succeeded || status == .skipped ? nil : Self.error(ending),
                members, answers: answers)
        }
    }

    /// What a migration tool's command did, change by change, target by target.
    ///
    /// - Parameter after: gives the rows of the table of one of `tools` now.
    public mutating func executed(
        _ ending: ChildProcess.Ending, started: Timestamp, ended: Timestamp,
        after: (Int) throws(LedgerError) -> ToolRows
    ) -> [RunEvent] {
        let output =
            String(decoding: ending.standardOutput, as: UTF8.self) + "\n"
            + String(decoding: ending.standardError, as: UTF8.self)
        var stop = ToolStop(tools, hasFailed: ending.exitCode != 0, output)
        var found: [Int: [RunEvent]] = [:]
        for place in stop.order {
            let tool = tools[place]
            do throws(LedgerError) {
                let outcomes = try tool.outcomes(
                    stop.failure(at: place), output: output, after: try after(place))
                stop.note(outcomes, at: place)
                found[place] = outcomes.map {
                    event(of: $0, ending, started: started, ended: ended, tool)
                }
            } catch {
                notes.append("what ran is not recorded change by change: \(error.message)")
            }
        }
        return tools.indices.flatMap { found[$0] ?? [] }
    }

    private func event(
        of outcome: ToolRun.Outcome, _ ending: ChildProcess.Ending, started: Timestamp,
        ended: Timestamp, _ tool: ToolRun
    ) -> RunEvent {
        let isOver = outcome.status != .skipped
        var members = JSONObject([
            "status": .string(outcome.status.rawValue),
            "operation": .string(outcome.operation.rawValue),
        ])
        let record = outcome.record
        // By the database's clock, if it was set within the run.
        let time = record?.time.flatMap { started <= $0 && $0 <= ended ? $0 : nil } ?? ended
        if isOver { members.set(time.utc, at: "ended") }
        if outcome.row != nil { members.set(record.flatMap { tool.row($0.key) }, at: "row") }
        members.set(record?.durationMilliseconds.map(JSON.integer), at: "duration_ms")
        members.set(record?.statements.map(JSON.integer), at: "statements")
        members.set(record?.statementsDone.map(JSON.integer), at: "statements_done")
        var change = JSONObject(["tool": .string(tool.command.history.tool.rawValue)])
        change.set(record?.checksum.flatMap { GitText.line($0, limit: 200) }, at: "tool_digest")
        var own = JSONObject(["change": .object(change)])
        own.set(GitText.line(outcome.seenIn, limit: 200), at: "labels", "seen_in")
        own.set(record?.executedAs.flatMap { GitText.line($0, limit: 200) }, at: "executed_as")
        if let author = record?.author.flatMap({ GitText.line($0.id, limit: 320) }) {
            own.set(author, at: "author", "id")
        }
        if let place = tool.place { own = own.merging(Self.targetMembers(place)) }
        let deployment = RunPlan.Deployment(
            id: mint.next(),
            change: (
                GitText.name(outcome.change.id), GitText.name(outcome.change.name),
                outcome.change.isRepeatable
            ), script: outcome.script, others: [], givenPath: outcome.script?.path,
            undo: outcome.operation == .apply
                ? outcome.script.flatMap { UndoScript.bytes(for: $0.path, content: $0.bytes) }
                : nil)
        let failure =
            [.failed, .unknown].contains(outcome.status)
            ? outcome.error ?? Self.error(ending).map(Self.lastLines) : outcome.error
        return event(
            deployment, script: deployment.script, time: time,
            error: failure.map { SecretFreeText.text(of: $0) }, members, also: own,
            row: outcome.row)
    }

    /// Of the target, and of its database, if it is another one than the run's.
    private static func targetMembers(_ place: TargetDatabase) -> JSONObject {
        var members = place.target.json
        var connection = RecognizedCommand()
        connection.connect(to: place.database)
        members.set(connection.database.line(200), at: "database")
        members.set(connection.address.line(200), at: "host")
        return members
    }

    /// For a command that was not started because its beginning could not be recorded.
    public func notStarted(because reason: String, at time: Timestamp) -> [RunEvent] {
        plan.deployments.map { deployment in
            event(
                deployment, script: deployment.script, time: time, error: reason,
                JSONObject(["status": "skipped", "ended": .string(time.utc)]))
        }
    }

    private func event(
        _ deployment: RunPlan.Deployment, script: RunScript?, standardInput: RunScript? = nil,
        time: Timestamp, error: String? = nil, _ outcome: JSONObject,
        also more: JSONObject? = nil, row: [UInt8]? = nil, answers: RunAnswers = RunAnswers()
    ) -> RunEvent {
        var members = MemberSet()
        // A run of a migration tool is of no change; its changes are deployments of their own.
        if tools.isEmpty || more != nil || isChangeGiven {
            members.set("change", "id", to: .string(deployment.change.id))
            members.set("change", "name", to: .string(deployment.change.name))
            if deployment.change.isRepeatable { members.set("change", "repeatable", to: true) }
        }
        let path = script?.path.flatMap(RepositoryPath.find)
        members.set("git", "path", to: path.map { .string($0) })
        members.set("error", to: error.map { .string($0) })
        if let script, script.bytes == nil {
            members.set("change", "digest", to: .string(Attachment.text(of: script.digest)))
        }
        var attachments = JSONObject()
        var scripts = deployment.others
        if let standardInput { scripts.append(("standard_input", standardInput)) }
        if let script { scripts.append((Attachment.script, script)) }
        for (name, script) in scripts {
            guard let bytes = script.bytes else { continue }
            attachments[name] = [
                "base64": .string(Base64.encode(bytes)), "media_type": "application/sql",
            ]
        }
        if let undo = answers.undo ?? deployment.undo {
            if answers.undo == nil {
                members.set("rollback", "strategy", to: "reversible")
                members.set("rollback", "inferred", to: true)
            }
            attachments[Attachment.rollbackScript] = [
                "base64": .string(Base64.encode(undo)), "media_type": "application/sql",
            ]
        }
        if let row {
            attachments["row"] = [
                "base64": .string(Base64.encode(row)), "media_type": "application/json",
            ]
        }
        var own = JSONObject([
            "id": .string(mint.next()), "time": .string(time.utc), "type": "deployment",
            "deployment": .object(outcome),
        ])
        own = own.merging(JSONObject(["deployment": ["id": .string(deployment.id)]]))
        var object = common.merging(members.object).merging(answers.members).merging(own)
            .merging(more ?? JSONObject())
        if !attachments.isEmpty { object["attachments"] = .object(attachments) }
        return RunEvent(object)
    }

    /// What a tool says at its end, without where in its own code it was.
    private static func lastLines(_ text: String) -> String {
        text.split(separator: "\n").suffix(12).joined(separator: "\n")
    }

    /// The last lines of standard error, without secrets and without what steers a terminal.
    private static func error(_ ending: ChildProcess.Ending) -> String? {
        if let failure = ending.startFailure { return failure }
        let text = SecretFreeText.text(
            of: TerminalText.plain(OutputTee.wholeLines(ending.standardError)))
        if !text.isEmpty { return text }
        return ending.signal.map { "ended by signal \($0)" }
    }
}
