import ArgumentParser
import LedgerClient
import LedgerCore
import LedgerOperations
import LedgerReport

struct SpoolVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spool",
        abstract: "What waits because the ledger could not be reached, or was refused.",
        discussion: """
            A folder: $LEDGER_SPOOL, else $XDG_STATE_HOME/ledger/spool, else \
            ~/.local/state/ledger/spool.

              ledger spool list
              ledger spool send
              ledger spool mend --all --env prod
            """,
        subcommands: [SpoolList.self, SpoolSend.self, SpoolMend.self, SpoolDrop.self],
        defaultSubcommand: SpoolList.self)

    static func open() throws(LedgerError) -> Spool {
        Spool(path: try Spool.path(from: Environment.all))
    }
}

struct SpoolList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what waits and what was refused, oldest first.",
        discussion: """
              ledger spool list
              ledger spool list --json
            """)

    @Flag(name: .customLong("json"), help: "Print JSON.") var isJSON = false

    func run() throws {
        let spool = try SpoolVerb.open()
        let rows = try spool.list()
        if isJSON {
            let items: [JSON] = rows.map { row in
                var object = JSONObject([
                    "name": .string(row.name), "summary": .string(row.summary),
                ])
                object.set(row.time?.utc, at: "time")
                object.set(row.ledger, at: "ledger")
                object.set(row.refusal, at: "refusal")
                return .object(object)
            }
            return try Output.json(["rows": .array(items), "v": 1])
        }
        for row in rows {
            let state = row.refusal == nil ? "waits" : "refused"
            let line = "\(row.name)  \(state)  \(row.summary)  \(row.ledger ?? "")"
            try Output.line(VisibleText.line(line))
            for line in row.refusal.map(VisibleText.lines) ?? [] { try Output.line("    \(line)") }
        }
        if rows.isEmpty { Terminal.note("nothing waits in \(spool.path)") }
    }
}

struct SpoolSend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send what waits, in order; exits with 1 if something still waits.",
        discussion: """
              ledger spool send
              ledger spool send --refused
            """)

    @Flag(help: "Try again what was refused, too.") var refused = false

    func run() async throws {
        let spool = try SpoolVerb.open()
        if refused { _ = try spool.retryRefused() }
        let result = try await spool.send { (address) throws(LedgerError) in
            let ledger = try LedgerAddress(address).open()
            return { (events) throws(LedgerError) in try await ledger.record(events, source: "cli")
            }
        } progress: { name, fate in
            switch fate {
            case .recorded(let receipt): Terminal.note(receipt.text)
            case .refused(let error): Terminal.note("refused: \(name): \(error.message)")
            case .waiting: break
            }
        }
        for failure in result.failures {
            Terminal.note("ledger: \(failure.ledger): \(failure.error.message)")
        }
        Terminal.note(
            "\(result.recordedCount) recorded, \(result.refusedCount) refused, "
                + "\(result.waitingCount) still waiting")
        if result.waitingCount + result.refusedCount > 0 { throw ExitCode(1) }
    }
}

struct SpoolMend: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mend",
        abstract: "Give refused events what they lacked, and let them wait to be sent.",
        discussion: """
            A deployment has two events, its beginning and its end: name both, or --all.

              ledger spool mend --all --service orders --env prod
              ledger spool mend 01a20cd3-8709-7401-8f60-77f91f12ad9f.json --env prod
              ledger spool send
            """)

    @Argument(help: "The names that list shows.") var names: [String] = []
    @Flag(help: "Everything that was refused.") var all = false
    @OptionGroup(title: "The right values") var right: CorrectedValues

    func validate() throws {
        if names.isEmpty != all { throw ValidationError("Give names, or --all.") }
    }

    func run() throws {
        let spool = try SpoolVerb.open()
        let configuration = try Configuration.current()
        var count = 0
        for name in all ? [nil] : names.map(Optional.some) {
            count += try spool.mend(name) { (event) throws(LedgerError) in
                try right.members(of: event, configuration)
            }
        }
        Terminal.note("\(count) mended; ledger spool send brings them to the ledger")
    }
}

struct SpoolDrop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop",
        abstract: "Throw away what waits or was refused; it will never be recorded.",
        discussion: """
              ledger spool drop 01a20cd3-8709-7401-8f60-77f91f12ad9f.json
              ledger spool drop --all
            """)

    @Argument(help: "The names that list shows.") var names: [String] = []
    @Flag(help: "Everything.") var all = false

    func validate() throws {
        if names.isEmpty != all { throw ValidationError("Give names, or --all.") }
    }

    func run() throws {
        let spool = try SpoolVerb.open()
        if all {
            Terminal.note("\(try spool.dropAll()) dropped")
            return
        }
        for name in names { try spool.drop(name) }
    }
}
