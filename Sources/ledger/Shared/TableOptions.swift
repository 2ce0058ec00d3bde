import ArgumentParser
import Glibc
import LedgerClient
import LedgerCore
import LedgerIngest
import LedgerOperations

/// Where a tool's own table is.
struct TableOptions: ParsableArguments {
    @OptionGroup(title: "Where") var target: TargetFlags

    @Option(help: ArgumentHelp("A SQLite file.", valueName: "path")) var databaseFile: String?
    @Option(help: ArgumentHelp("A PostgreSQL database, for psql -d. [$LEDGER_DATABASE_URL]"))
    var url: String?
    @Option(
        help: ArgumentHelp(
            "A dump of the table: CSV with a header, JSON, NDJSON; - for standard input.",
            valueName: "path"))
    var dump: String?
    @Option(
        help: ArgumentHelp("Each of these targets of ledger.yaml.", valueName: "pattern"))
    var targets: String?
    @Option(help: "The table's name, if it has another one: app.history.") var table: String?
    @Option(
        help: ArgumentHelp(
            "Of times that don't say theirs: UTC, +02:00, Europe/Berlin. SQLite's are UTC.",
            valueName: "zone"))
    var timeZone: String?

    func validate() throws {
        if [databaseFile, url, dump, targets].compactMap(\.self).count > 1 {
            throw ValidationError(
                "--database-file, --url, --dump and --targets exclude each other.")
        }
    }

    /// What is to be read.
    func sources(
        _ configuration: Configuration, of history: any ToolHistory.Type
    ) throws(LedgerError) -> [TableSource] {
        if let targets {
            let pattern = TargetPattern(targets)
            let known = configuration.targets.filter { pattern.matches($0.target) }
            if known.isEmpty {
                throw LedgerError(
                    .notFound, "no target of ledger.yaml is \(VisibleName.of(targets))",
                    advice: "write SERVICE/ENVIRONMENT/TENANT, * for any")
            }
            return known.compactMap { target in
                target.toolDatabase(in: configuration.folder ?? ".").map {
                    TableSource(target: target.target, database: nil, place: .database($0))
                }
            }
        }
        let given = try target.given(configuration)
        let url = try Setting.value(url, "--url", "LEDGER_DATABASE_URL")
        let place: TableSource.Place
        if let file = try Setting.value(databaseFile, "--database-file") {
            place = .database(.sqlite(file))
        } else if let dump = try Setting.value(dump, "--dump") {
            place = .dump(dump)
        } else if let url {
            place = .database(ToolDatabase(url) ?? .postgres(url, password: nil))
        } else {
            throw LedgerError(
                .usage, "it is not said where \(history.tables[0]) is",
                advice: "name it with --database-file, --url, --dump or --targets")
        }
        var target = given.target
        if let known = TableSource.target(of: place, configuration) {
            target = Target(
                service: target.service ?? known.service,
                environment: target.environment ?? known.environment,
                tenant: target.tenant ?? known.tenant, region: target.region ?? known.region,
                cluster: target.cluster ?? known.cluster)
        }
        target.service = target.service ?? configuration.onlyService
        guard target.service != nil, target.environment != nil else {
            throw LedgerError(
                .usage, "it is not said of which service and environment this history is",
                advice:
                    "give --service and --env, or name the database under targets in ledger.yaml")
        }
        return [TableSource(target: target, database: given.database, place: place)]
    }

    /// Opens a table, and says how it is to be read.
    func open(
        _ source: TableSource, _ history: any ToolHistory.Type
    ) throws(LedgerError) -> (OpenTable, ToolTable) {
        var zone = source.isSQLite ? ToolZone.utc : .unknown
        if let timeZone { zone = ToolZone(secondsAhead: try NamedZone.secondsAhead(timeZone)) }
        let open = try source.open(history, table: table)
        return (
            open,
            ToolTable(
                history, of: source.target, database: source.database,
                reading: ToolReading(table: open.table, zone: zone))
        )
    }
}

/// Where a table is, and of which target it tells.
struct TableSource {
    enum Place {
        case database(ToolDatabase)
        case dump(String)
    }

    let target: Target
    let database: String?
    let place: Place

    var isSQLite: Bool {
        if case .database(.sqlite) = place { true } else { false }
    }

    static func target(of place: Place, _ configuration: Configuration) -> Target? {
        if case .database(let database) = place {
            return ConnectionTarget(configuration).target(of: database)
        }
        return nil
    }

    /// - Throws: if the table can't be read, or is not the tool's.
    func open(
        _ history: any ToolHistory.Type, table: String?
    ) throws(LedgerError) -> OpenTable {
        switch place {
        case .dump(let path):
            return try OpenTable(
                dump: try ToolDump(path: path), of: history, named: table ?? history.tables[0])
        case .database(let database):
            return try OpenTable(
                of: history, named: table.map { [$0] } ?? history.tables, in: database)
        }
    }
}

extension Configuration.KnownTarget {
    /// The database that its address names: a SQLite file, which may not be there yet, or
    /// `host/database`.
    func toolDatabase(in folder: String) -> ToolDatabase? {
        let file = address.hasPrefix("/") ? address : "\(folder)/\(address)"
        let isFile =
            !address.dropFirst().contains("/")
            || [".db", ".sqlite", ".sqlite3"].contains { address.hasSuffix($0) }
        if isFile || access(file, F_OK) == 0 { return .sqlite(file) }
        return ToolDatabase("postgresql://\(address)")
    }
}

/// `orders/prod/*`: names of a target's parts, `*` for any.
struct TargetPattern {
    private let parts: [Substring]

    init(_ text: String) {
        parts = text.split(separator: "/", omittingEmptySubsequences: false)
    }

    func matches(_ target: Target) -> Bool {
        let names = [
            target.service, target.environment, target.tenant, target.region, target.cluster,
        ].compactMap(\.self)
        if names.count < parts.count { return false }
        return zip(parts, names).allSatisfy { part, name in
            part == "*" || String(part).hasSameBytes(as: name)
        }
    }
}
