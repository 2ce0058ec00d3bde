import ArgumentParser
import LedgerCore
import LedgerIngest
import LedgerOperations

struct ImportPgAudit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pgaudit",
        abstract: "Take in the changes that PostgreSQL's log shows by pgAudit.",
        discussion: """
            From csvlog, jsonlog or standard error. DDL, roles and data changes become deployments, \
            each once; those of ledger run are left out. Whether one was committed is told where \
            the log shows it: pgaudit.log = 'ddl, role, write, misc'.

              ledger import pgaudit postgresql.csv --service orders --env prod
              ledger import pgaudit postgresql.log --service orders --env prod \\
                --log-line-prefix '%m [%p] %q%u@%d ' --not-user orders_app
            """)

    @OptionGroup var audit: AuditFlags
    @Option(
        help: ArgumentHelp(
            "Of a log of standard error, if it isn't '%m [%p] %q%u@%d '.", valueName: "prefix"))
    var logLinePrefix: String?
    @OptionGroup(title: "Where") var target: TargetFlags
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        try await audit.take(
            .pgaudit, prefix: try Setting.value(logLinePrefix, "--log-line-prefix"), target, ledger)
    }
}

struct ImportMariaDBAudit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mariadb-audit",
        abstract: "Take in the changes that MariaDB's audit plugin shows.",
        discussion: """
            From the lines of server_audit. DDL, rights and data changes become deployments, each \
            once. Its times are by the server's clock: say with --time-zone which that is.

              ledger import mariadb-audit server_audit.log --service orders \\
                --env prod --time-zone Europe/Berlin
            """)

    @OptionGroup var audit: AuditFlags
    @OptionGroup(title: "Where") var target: TargetFlags
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        try await audit.take(.mariadb, prefix: nil, target, ledger)
    }
}

/// What logs of databases have in common.
struct AuditFlags: ParsableArguments {
    @Argument(help: "The file, or - for standard input.") var file: String

    @Option(
        name: .customLong("user"),
        help: ArgumentHelp(
            "Only what this user of the database did; repeatable.", valueName: "name"))
    var users: [String] = []

    @Option(
        name: .customLong("not-user"),
        help: ArgumentHelp("Not what this one did; repeatable.", valueName: "name"))
    var otherUsers: [String] = []

    @Option(help: "The database's host, with a port after a colon.") var host: String?

    @Option(
        help: ArgumentHelp(
            "Of times that don't say theirs: UTC, +02:00, Europe/Berlin.", valueName: "zone"))
    var timeZone: String?

    func take(
        _ log: AuditImport.Log, prefix: String?, _ target: TargetFlags, _ ledger: LedgerOptions
    ) async throws {
        let configuration = try Configuration.current()
        let zone = try timeZone.map { (name) throws(LedgerError) in
            ToolZone(secondsAhead: try NamedZone.secondsAhead(name))
        }
        let selection = AuditImport.Selection(
            users: try Setting.values(users, "--user"),
            otherUsers: try Setting.values(otherUsers, "--not-user"),
            host: try Setting.value(host, "--host"), target: try targets(target, configuration))
        let bytes = try TextFile.bytes(file, limit: ReportOptions.byteLimit)
        let made = try TakenReport.reading(file) { () throws(LedgerError) in
            try AuditImport(log, bytes, prefix: prefix, zone: zone ?? .unknown, selection)
        }
        try await TakenReport.record(
            made.events, source: "import " + log.rawValue, made.remarks, in: ledger)
    }

    /// The one that the flags name, for all or for `--database` alone; else that of ledger.yaml by
    /// the database's name.
    private func targets(
        _ flags: TargetFlags, _ configuration: Configuration
    ) throws(LedgerError) -> @Sendable (String?) -> Target? {
        if let given = try flags.givenForAll(configuration) { return { given.target(of: $0) } }
        let host = try Setting.value(host, "--host")
        let targets = configuration.targets.filter {
            host == nil || $0.address.hasPrefix((host ?? "") + "/")
        }
        if targets.isEmpty {
            throw LedgerError(
                .usage, "it is not said of which service and environment this log is",
                advice:
                    "give --service and --env, or name the databases under targets in ledger.yaml")
        }
        return { name in
            let found = targets.filter {
                $0.address.split(separator: "/").last.map(String.init) == name
            }
            return found.count == 1 ? found[0].target : nil
        }
    }
}
