import Glibc
import LedgerCore
import LedgerIngest

/// One run, step by step: `recordStart`, then `refusalToStart` if asked for, then `runCommand` and
/// `outcome`.
struct RunSession {
    /// What tools print of many changes, or of many targets.
    private static let toolOutputByteLimit = 256 << 10

    private let run: DeploymentRun
    private var events: RunEvents
    private let delivery: Delivery
    private let spool: Spool?
    private let timeoutMilliseconds: Int64
    private var startedIDs: [String] = []
    private var endedIDs: [String] = []
    private var result = RunOutcome()
    private var notes: [String] = []
    private var isSpooled = true
    private let watch: ToolWatch?

    init(_ run: DeploymentRun) {
        self.run = run
        let timeout = Self.timeout(run.request.recordTimeout)
        timeoutMilliseconds = timeout ?? DeploymentRun.defaultTimeoutMilliseconds
        if timeout == nil {
            notes.append("--record-timeout is no number of seconds; the ledger gets 5")
        }
        do throws(LedgerError) {
            spool = Spool(path: try Spool.path(from: run.surroundings.variables))
        } catch {
            spool = nil
            isSpooled = false
            notes.append("\(error.message); the events are sent without it")
        }
        delivery = Delivery(spool: spool, ledger: run.ledger, record: run.record)
        watch = ToolWatch(run.request, run.surroundings)
        let tables = watch?.before()
        notes += tables?.notes ?? []
        events = RunEvents(
            request: run.request, surroundings: run.surroundings,
            changeFromPath: run.changeFromPath, tools: tables?.tools ?? [])
    }

    /// Nil for anything but a number of seconds from 0 to 3600.
    static func timeout(_ text: String?) -> Int64? {
        guard let text else { return DeploymentRun.defaultTimeoutMilliseconds }
        guard let seconds = Double(text), 0...3600 ~= seconds else { return nil }
        return Int64(seconds * 1000)
    }

    mutating func recordStart() {
        startedIDs = add(events.started(at: RunClock.now()))
    }

    /// Waits for the receipt of the start. If there is none the command must not start.
    mutating func refusalToStart() -> RunOutcome? {
        let fates = wait(for: startedIDs)
        let signal = ChildProcess.heldSignal
        let receipts = startedIDs.compactMap { Self.receipt(fates[$0]) }
        if !startedIDs.isEmpty, receipts.count == startedIDs.count, signal == nil { return nil }
        result.receipts = receipts
        let reason =
            signal.map { "a signal came before it (\($0))" }
            ?? "its start could not be recorded (--require-record)"
        // An attempt that hangs may have been recorded: the entry must not stand for one that runs.
        endedIDs = add(events.notStarted(because: reason, at: RunClock.now()))
        describe(fates, startedIDs)
        say("the command was not started: \(reason)")
        result.exitCode = signal.map { 128 + $0 } ?? 1
        result.signal = signal
        return finished()
    }

    mutating func runCommand() {
        var child = ChildProcess(run.request.command, variables: events.variables)
        child.teesStandardInput = events.teesStandardInput
        if !events.tools.isEmpty {
            child.teesStandardOutput = true
            child.keptByteLimit = Self.toolOutputByteLimit
        }
        let session = typedSession()
        for (name, value) in session?.variables ?? [:] { child.variables[name] = value }
        let started = RunClock.now()
        let before = RunClock.monotonicMilliseconds()
        var ending = child.run()
        let duration = RunClock.monotonicMilliseconds() - before
        result.exitCode = ending.exitCode
        result.signal = ending.signal
        if let failure = ending.startFailure { say(failure) }
        let answers =
            events.isTyped && ending.startFailure == nil ? finish(session, &ending) : RunAnswers()
        endedIDs = add(executed(ending, started, duration))
        endedIDs += add(
            events.ended(
                ending, started: started, durationMilliseconds: duration, answers: answers))
    }

    private mutating func typedSession() -> TypedSession? {
        guard events.isTyped else { return nil }
        do throws(LedgerError) {
            return try TypedSession(run.surroundings.variables)
        } catch {
            notes.append("what is typed is not kept: \(error.message)")
            return nil
        }
    }

    /// Keeps what was typed, and asks for what is missing.
    private mutating func finish(
        _ session: TypedSession?, _ ending: inout ChildProcess.Ending
    ) -> RunAnswers {
        ending.standardInput = session?.typed()
        if session != nil, ending.standardInput == nil {
            notes.append(
                "nothing that was typed could be seen: psql kept its history elsewhere, or nothing "
                    + "was typed")
        }
        guard RunQuestions.canAsk else { return RunAnswers() }
        return RunQuestions.ask(hasReason: run.request.reason != nil)
    }

    private mutating func executed(
        _ ending: ChildProcess.Ending, _ started: Timestamp, _ duration: Int64
    ) -> [RunEvent] {
        guard let watch, ending.startFailure == nil else { return [] }
        let tools = events.tools
        return events.executed(
            ending, started: started,
            ended: Timestamp(milliseconds: started.milliseconds + duration)
        ) { (place) throws(LedgerError) in try watch.after(tools[place]) }
    }

    mutating func outcome() -> RunOutcome {
        let fates = wait(for: startedIDs + endedIDs)
        describe(fates, startedIDs + endedIDs)
        let recorded = startedIDs.compactMap { Self.receipt(fates[$0]) }
        let ended = endedIDs.compactMap { Self.receipt(fates[$0]) }
        result.receipts = recorded + ended
        let isMissing = endedIDs.isEmpty || ended.count < endedIDs.count
        if run.request.requiresRecord, isMissing, result.exitCode == 0 {
            say("the end could not be recorded (--require-record)")
            result.exitCode = 1
        }
        return finished(printing: ended.isEmpty ? recorded : ended)
    }

    private mutating func finished(printing receipts: [Receipt] = []) -> RunOutcome {
        delivery.stop()
        for note in events.notes + notes + delivery.notes { say(note) }
        result.lines += receipts.map(\.text)
        return result
    }

    /// Keeps and sends the events that are valid; the others are kept for a person to mend.
    private mutating func add(_ made: [RunEvent]) -> [String] {
        var ids: [String] = []
        for event in made {
            let source = event.object["source"]?.string ?? "ledger run"
            let item = SpoolItem(ledger: run.ledger, source: source, event: event.object)
            do throws(LedgerError) {
                if case .failure(let error) = event.event {
                    keepRefused(item, error)
                } else {
                    ids.append(event.id)
                    try delivery.add(item, id: event.id)
                }
            } catch {
                if isSpooled {
                    notes.append(
                        "the spool can't be used, the events are sent without it: \(error.message)")
                }
                isSpooled = false
            }
        }
        return ids
    }

    private mutating func keepRefused(_ item: SpoolItem, _ reason: LedgerError) {
        var line = "not recorded: \(reason.message)" + Self.missing(in: item.event)
        if let spool, (try? spool.addRefused(item, reason: reason.message)) != nil {
            line += "; kept in \(spool.refused.path) (ledger spool mend)"
        }
        if !notes.contains(line) { notes.append(line) }
    }

    /// The flags that say where it ran, if neither they nor their variables were given.
    private static func missing(in event: JSONObject) -> String {
        let flags = [
            ("service", "--service or LEDGER_SERVICE"), ("environment", "--env or LEDGER_ENV"),
        ].filter { event[$0.0] == nil }.map(\.1)
        return flags.isEmpty ? "" : ": give \(flags.joined(separator: " and "))"
    }

    private func wait(for ids: [String]) -> [String: SpoolFate] {
        let deadline = RunClock.monotonicMilliseconds() + timeoutMilliseconds
        return delivery.wait(for: ids, until: deadline)
    }

    /// Says once for each reason what was not recorded.
    private mutating func describe(_ fates: [String: SpoolFate], _ ids: [String]) {
        for id in ids {
            switch fates[id] {
            case .recorded: break
            case .refused(let error):
                say(
                    "the ledger refused the event: \(error.message)" + place(spool?.refused, "mend")
                )
            case .waiting(let error):
                say("not recorded yet: \(error.message)" + place(spool?.waiting))
            case nil:
                let seconds = Double(timeoutMilliseconds) / 1000
                say("not recorded yet: no answer in \(seconds) s" + place(spool?.waiting))
            }
        }
    }

    private func place(_ folder: SpoolFolder?, _ verb: String = "send") -> String {
        guard let folder, isSpooled else { return "; NOT KEPT: there is no spool" }
        return "; kept in \(folder.path) (ledger spool list, ledger spool \(verb))"
    }

    private mutating func say(_ text: String) {
        let line = "ledger: " + text.split(separator: "\n").joined(separator: " ")
        if !result.lines.contains(line) { result.lines.append(line) }
    }

    private static func receipt(_ fate: SpoolFate?) -> Receipt? {
        if case .recorded(let receipt) = fate { receipt } else { nil }
    }
}
