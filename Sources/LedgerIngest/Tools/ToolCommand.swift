import LedgerCore

// ToolCommand.swift
//
// A command of a migration tool that changes a database, with what its arguments, variables and files
// say of where its own table is and where its scripts lie:
//
//    flyway -url=jdbc:sqlite:app.db migrate      flyway.conf, flyway.toml, FLYWAY_URL
//    liquibase update --url=…                    liquibase.properties, LIQUIBASE_COMMAND_URL
//    alembic upgrade head                        alembic.ini, DATABASE_URL
//    atlas migrate apply --url sqlite://app.db, atlas schema apply -u sqlite://app.db --to file://a.sql
//    sqitch deploy db:sqlite:app.db              sqitch.conf
//    dbmate --url sqlite:app.db up               .env, DATABASE_URL
//    manage.py migrate                           DATABASE_URL
//    yoyo apply -d sqlite:///app.db              yoyo.ini
//    migrate -database sqlite3://app.db up
//    goose sqlite3 app.db up                     GOOSE_DRIVER, GOOSE_DBSTRING
//    rails db:migrate, knex migrate:latest       DATABASE_URL
//    prisma migrate deploy                       .env, DATABASE_URL
//
// Programs in front of it (`sudo`, `python -m`, `npx`, `bundle exec`, `poetry run`) are passed over, and
// a shell's `-c` is looked into for the first such command.
// What a tool computes in a program of its own (Django's settings, a knexfile, an env.py) is not seen:
// the variable LEDGER_DATABASE_URL says it, and goes before all others; else, where nothing is found,
// the target's address in `ledger.yaml`.

/// A migration tool's command, as far as it changes a database.
public struct ToolCommand: Sendable {
    public let history: any ToolHistory.Type
    /// Where its table is; nil if neither arguments, variables nor files tell.
    public var database: ToolDatabase?
    /// The names that the table may have.
    public let tables: [String]
    /// Where its scripts may lie.
    public let folders: [String]
    /// What it does to the rows: `mark` and `baseline` for commands that only say so.
    public let operation: DeploymentOperation
    /// Whether it makes its change itself, of a schema, and no table tells of it.
    public let plansItself: Bool

    /// - Parameters:
    ///   - environment: the variables with which the command starts.
    ///   - read: gives the text of a file, nil if it can't be read.
    public init?(
        _ command: [String], environment: [String: String],
        read: @escaping (String) -> String?
    ) {
        let prefix = CommandPrefix(command)
        let variables = environment.merging(prefix.assignments) { $1 }
        if let shell = prefix.command.first?.baseName, ShellCommand.programs.contains(shell) {
            guard let text = ShellCommand.text(prefix.command.dropFirst()),
                let inner = ShellCommand.commands(text).lazy.compactMap({ words in
                    ToolCommand(words, environment: variables, read: read)
                }).first
            else { return nil }
            self = inner
            // What a variable or another folder makes of its arguments is not seen.
            if text.contains("$") || text.contains("cd ") { database = nil }
            return
        }
        let words = ToolWords.command(Array(prefix.command))
        guard let program = words.first?.baseName,
            let tool = ToolWords.tool(program, words.dropFirst())
        else { return nil }
        let arguments = ToolArguments(Array(words.dropFirst()), variables, read)
        guard let verb = tool.verb(in: arguments) else { return nil }
        self.init(tool, arguments, verb)
    }

    /// A command that is no tool's own, but calls one: it is named.
    public init?(
        calling name: String, environment: [String: String],
        read: @escaping (String) -> String?
    ) {
        guard let tool = ToolGrammar.all.first(where: { $0.tool.rawValue == name }) else {
            return nil
        }
        self.init(tool, ToolArguments([], environment, read), .apply)
    }

    private init?(
        _ tool: ToolGrammar, _ arguments: ToolArguments, _ operation: DeploymentOperation
    ) {
        guard let history = ToolHistories.all.first(where: { $0.tool == tool.tool }) else {
            return nil
        }
        self.history = history
        self.operation = operation
        plansItself = tool.plans(arguments)
        let place = tool.place(arguments)
        database = place.database
        tables = place.table.map { [$0] } ?? history.tables
        folders = place.folders
    }
}

/// The arguments of a tool, with the variables and files that stand in for some.
struct ToolArguments {
    let words: [String]
    let variables: [String: String]
    let read: (String) -> String?

    init(_ words: [String], _ variables: [String: String], _ read: @escaping (String) -> String?) {
        self.words = words
        self.variables = variables
        self.read = read
    }

    /// The value of `-name VALUE`, `--name=VALUE` and so on: the last one.
    func option(_ names: String...) -> String? {
        var found: String?
        for (place, word) in words.enumerated() where word.hasPrefix("-") {
            let plain = word.drop { $0 == "-" }
            let parts = plain.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard names.contains(where: { $0.lowercased() == parts[0].lowercased() }) else {
                continue
            }
            if parts.count > 1 {
                found = String(parts[1])
            } else if place + 1 < words.count {
                found = words[place + 1]
            }
        }
        return found
    }

    /// The value of a key in the first of these files that has it: `key = value`, `key: value`.
    func setting(_ names: String..., in files: [String]) -> String? {
        for file in files {
            for line in (read(file) ?? "").split(whereSeparator: \.isNewline) {
                let text = line.trimmed
                guard let sign = text.firstIndex(where: { $0 == "=" || $0 == ":" }),
                    !text.hasPrefix("#"), !text.hasPrefix(";"),
                    names.contains(String(text[..<sign].trimmed))
                else { continue }
                let value = text[text.index(after: sign)...].trimmed
                return String(value.trimming("\"").trimming("'"))
            }
        }
        return nil
    }

    /// A variable, also one that only `.env` sets.
    func variable(_ name: String) -> String? {
        variables[name] ?? setting(name, "export \(name)", in: [".env"])
    }
}

extension Substring {
    /// Without a quotation mark on both sides.
    fileprivate func trimming(_ mark: Character) -> Substring {
        count > 1 && first == mark && last == mark ? dropFirst().dropLast() : self
    }
}

/// What stands in front of a tool.
enum ToolWords {
    private static let runners: [[String]] = [
        ["python", "-m"], ["python3", "-m"], ["python"], ["python3"], ["npx"], ["pnpm", "exec"],
        ["yarn"], ["bundle", "exec"], ["poetry", "run"], ["uv", "run"], ["pipenv", "run"],
        ["bin/rails"],
    ]

    static func command(_ words: [String]) -> [String] {
        var words = words
        while let runner = runners.dropLast().first(where: { runner in
            words.count > runner.count && words[0].baseName == runner[0]
                && words[1..<runner.count].elementsEqual(runner.dropFirst())
        }) {
            words.removeFirst(runner.count)
        }
        return words
    }

    static func tool(_ program: String, _ arguments: ArraySlice<String>) -> ToolGrammar? {
        ToolGrammar.all.first { $0.programs.contains(program) }
    }
}
