import ArgumentParser
import LedgerClient
import LedgerCore
import LedgerCorrelation
import LedgerIngest
import LedgerOperations

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a command that changes a database, and record it.",
        discussion: """
            The command keeps its standard streams, its terminal and its signals, and run exits as \
            it did, whatever is wrong with the ledger: what can't be recorded now waits in the \
            spool (ledger spool list).

              ledger run --service orders --env prod --tenant acme -m 'report' -- \\
                psql -v ON_ERROR_STOP=1 -f V42__add_index.sql
              ledger run --service orders --env stage -- \\
                sqlite3 -bail orders.db < V42__add_index.sql

            psql -f exits with 0 even when statements failed; without ON_ERROR_STOP the outcome is \
            therefore recorded as unknown. The same is true of sqlite3 -init and -cmd without \
            -bail.
            """)

    @OptionGroup(title: "Where") var target: TargetFlags

    @Option(
        help:
            "The change: its id or its file's stem, if the command doesn't show it. [$LEDGER_CHANGE]"
    )
    var change: String?
    @Option(
        help: ArgumentHelp(
            "The script, if the command doesn't show it. [$LEDGER_FILE]", valueName: "path"))
    var file: String?
    @Option(help: "The tool that runs. [$LEDGER_TOOL]") var tool: String?
    @Option(help: "schema, data, config or permission. [$LEDGER_KIND]") var kind: String?
    @Flag(help: "This is an emergency change.") var emergency = false
    @Option(help: "The ticket that asked for it. [$LEDGER_TICKET]") var ticket: String?
    @Option(name: [.customLong("reason"), .customShort("m")], help: "Why. [$LEDGER_REASON]")
    var reason: String?
    @Option(help: "A line that says what it is. [$LEDGER_TITLE]") var title: String?
    @Option(help: "apply, revert, baseline, mark or repair. [$LEDGER_OPERATION]") var operation:
        String?
    @Option(help: "Which attempt it is: 1, 2, 3. [$LEDGER_ATTEMPT]") var attempt: String?
    @Option(help: "Ties the deployments of one run. [$LEDGER_GROUP]") var group: String?
    @Option(help: "Who does it, if the job or your login doesn't say. [$LEDGER_ACTOR]") var actor:
        String?
    @Option(help: "Who sends it. [$LEDGER_SOURCE]") var source: String?
    @Option(help: "The page of the pipeline's run. [$LEDGER_RUN]") var run: String?
    @Option(
        name: .customLong("label"),
        help: ArgumentHelp("Free words; repeatable.", valueName: "name=value"))
    var labels: [String] = []

    @Flag(
        help: "Start the command only once its beginning is recorded, and fail if its end can't be."
    )
    var requireRecord = false
    @Option(
        help: ArgumentHelp(
            "How long the ledger may take after the command's end; 5 if left out. [$LEDGER_RECORD_TIMEOUT]",
            valueName: "seconds"))
    var recordTimeout: String?

    @OptionGroup var ledger: LedgerOptions

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after --.")
    var command: [String] = []

    func validate() throws {
        if command.isEmpty { throw ValidationError("Name the command to run after --.") }
    }

    func run() async throws {
        var notes: [String] = []
        let configuration = attempt(&notes, Configuration()) { () throws(LedgerError) in
            try Configuration.current()
        }
        let named = Configuration.ledgerOfInvalidFile
        let given = attempt(&notes, .file(named() ?? "ledger.db")) { () throws(LedgerError) in
            try ledger.address()
        }
        // One fault may be met twice.
        for note in Set(notes).sorted() { Terminal.note("ledger: \(note)") }
        let request = request(configuration)
        let naming = try? ChangeNames(configuration, service: request.service)
        let address = given.absolute
        await DeploymentRun(
            request: request, ledger: address.text,
            changeFromPath: { path, content in
                naming?.change(forScript: path, content: content).map {
                    ($0.id, $0.name, $0.isRepeatable)
                }
            },
            record: { (events) throws(LedgerError) in
                try await Self.record(events, at: address)
            }
        ).runAndExit()
    }

    private static func record(
        _ events: [Event], at address: LedgerAddress
    ) async throws(LedgerError) -> [Receipt] {
        guard case .server(let url) = address else {
            let ledger = try address.open()
            let receipts = try await ledger.record(events, source: "cli")
            // The events are durable; that the file holds them alone can wait.
            try? await ledger.close()
            return receipts
        }
        let ledger: RemoteLedger
        do throws(LedgerError) {
            ledger = try Servers.ledger(at: url)
        } catch {
            // What is wrong with the settings is not wrong with the event, which waits for better
            // ones.
            throw LedgerError(.io, error.message, advice: error.advice, cause: error)
        }
        return try await ledger.record(events, source: "cli")
    }

    /// What is wrong is told, and never keeps the command from running.
    private func attempt<Value>(
        _ notes: inout [String], _ otherwise: @autoclosure () -> Value,
        _ body: () throws(LedgerError) -> Value
    ) -> Value {
        do throws(LedgerError) {
            return try body()
        } catch {
            notes.append(error.message)
            return otherwise()
        }
    }

    private func request(_ configuration: Configuration) -> RunRequest {
        var request = RunRequest(command: command)
        let known = ConnectionTarget(configuration).target(of: command)
        request.service =
            value(target.service, "LEDGER_SERVICE") ?? known?.service ?? configuration.onlyService
        request.environment = (value(target.environment, "LEDGER_ENV") ?? known?.environment)
            .map(configuration.environment)
        request.tenant = value(target.tenant, "LEDGER_TENANT") ?? known?.tenant
        request.region = value(target.region, "LEDGER_REGION") ?? known?.region
        request.cluster = value(target.cluster, "LEDGER_CLUSTER") ?? known?.cluster
        // Who says less says nothing else.
        if let known, known != request.target, !known.fits(request.target) {
            request.labels.append(("connected_to", known.text))
            Terminal.note(
                "ledger: this database is that of \(known.text), and the flags say otherwise: both "
                    + "are recorded")
        }
        request.database = value(target.database, "LEDGER_DATABASE")
        request.toolDatabase = Environment["LEDGER_DATABASE_URL"].flatMap { ToolDatabase($0) }
        request.targetDatabases = targetDatabases(of: request, configuration)
        request.change = value(change, "LEDGER_CHANGE")
        request.file = value(file, "LEDGER_FILE")
        request.tool = value(tool, "LEDGER_TOOL")
        request.kind = value(kind, "LEDGER_KIND")
        request.isEmergency = emergency
        request.ticket = value(ticket, "LEDGER_TICKET")
        request.reason = value(reason, "LEDGER_REASON")
        request.title = value(title, "LEDGER_TITLE")
        request.operation = value(operation, "LEDGER_OPERATION")
        request.attempt = value(attempt, "LEDGER_ATTEMPT")
        request.group = value(group, "LEDGER_GROUP")
        request.actor = value(actor, "LEDGER_ACTOR")
        request.source = value(source, "LEDGER_SOURCE")
        request.run = value(run, "LEDGER_RUN")
        request.requiresRecord = requireRecord
        request.recordTimeout = value(recordTimeout, "LEDGER_RECORD_TIMEOUT")
        for label in labels {
            let parts = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            request.labels.append((String(parts[0]), parts.count > 1 ? String(parts[1]) : ""))
        }
        return request
    }

    /// The databases of the targets that are meant: those that have what is given.
    private func targetDatabases(
        of request: RunRequest, _ configuration: Configuration
    ) -> [TargetDatabase] {
        guard request.service != nil, request.environment != nil else { return [] }
        let given = request.target
        return configuration.targets.filter { known in
            given == known.target || given.fits(known.target)
        }.compactMap { known in
            known.toolDatabase(in: configuration.folder ?? ".").map {
                TargetDatabase(target: known.target, database: $0)
            }
        }
    }

    // An empty value is handed on: the run tells of it, and does not stop for it.
    private func value(_ flag: String?, _ variable: String) -> String? {
        if let flag { return flag }
        return Environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Finds a target of `ledger.yaml` by the database that a command connects to.
struct ConnectionTarget {
    private let configuration: Configuration

    init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    func target(of command: [String]) -> Target? {
        if configuration.targets.isEmpty { return nil }
        let tool = ToolCommand(command, environment: Environment.all) { path in
            (try? TextFile.bytes(path, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
        }
        if let database = tool?.database { return target(of: database) }
        let recognized = RecognizedCommand(
            command: command, environment: Environment.all, userName: LocalUser.name)
        if let file = recognized.databaseFile { return target(ofFile: file) }
        guard let database = recognized.database else { return nil }
        return target(host: recognized.host, port: recognized.port, database: database)
    }

    func target(of database: ToolDatabase) -> Target? {
        switch database {
        case .sqlite(let file): return target(ofFile: file)
        case .postgres(let url, _):
            let connection = PostgresConnection(url)
            return connection.database.flatMap {
                target(host: connection.host, port: connection.port, database: $0)
            }
        }
    }

    private func target(host: String?, port: String?, database: String) -> Target? {
        guard let host else { return configuration.target(at: database) }
        let candidates = [port.map { "\(host):\($0)/\(database)" }, "\(host)/\(database)"]
        return candidates.lazy.compactMap(\.self).compactMap(configuration.target(at:)).first
    }

    // By the whole path: another folder's file of the same name is another database.
    private func target(ofFile file: String) -> Target? {
        guard let folder = configuration.folder else { return configuration.target(at: file) }
        let path = AbsolutePath.text(file)
        return configuration.targets.first { target in
            let address = target.address
            return AbsolutePath.text(address.hasPrefix("/") ? address : "\(folder)/\(address)")
                == path
        }?.target
    }
}
