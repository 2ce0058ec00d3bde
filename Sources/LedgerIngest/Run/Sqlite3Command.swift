/// `sqlite3`, the SQLite command. Checked with 3.40.1:
///
/// - Standard input, SQL arguments and `.read FILE` end with 1 if any statement failed; with
///   `-bail` the rest of the script is not run.
/// - What `-init FILE` and `-cmd COMMAND` run does not count: without `-bail` the command ends with
///   0 although statements in them failed.
enum Sqlite3Command {
    static let advice =
        "sqlite3 exits 0 even when statements of -init or -cmd failed, so the outcome is recorded "
        + "as unknown; run it with -bail"

    static let examples = [
        CommandExample(["sqlite3", "/var/lib/orders.db"]) {
            $0.tool = "sqlite3"
            $0.database = "orders.db"
            $0.databaseFile = "/var/lib/orders.db"
            $0.scripts = [.standardInput]
        },
        CommandExample(["sqlite3", "-bail", "orders.db", ".read V42.sql", "SELECT 1;"]) {
            $0.tool = "sqlite3"
            $0.database = "orders.db"
            $0.databaseFile = "orders.db"
            $0.scripts = [.file("V42.sql"), .inline("SELECT 1;")]
        },
        CommandExample(["sqlite3", "orders.db", ".read 'with space.sql'"]) {
            $0.tool = "sqlite3"
            $0.database = "orders.db"
            $0.databaseFile = "orders.db"
            $0.scripts = [.file("with space.sql")]
        },
        CommandExample(["sqlite3", "--init", "V42.sql", "-separator", ",", "orders.db", "SELECT 1"])
        {
            $0.tool = "sqlite3"
            $0.database = "orders.db"
            $0.databaseFile = "orders.db"
            $0.scripts = [.file("V42.sql"), .inline("SELECT 1")]
            $0.zeroExit = .leavesDoubt(advice: advice)
        },
        CommandExample(["nice", "-n", "5", "sqlite3", "-bail", "-cmd", "PRAGMA x", "orders.db"]) {
            $0.tool = "sqlite3"
            $0.database = "orders.db"
            $0.databaseFile = "orders.db"
            $0.scripts = [.inline("PRAGMA x"), .standardInput]
        },
        CommandExample(["sqlite3", "-version"]) { $0.tool = "sqlite3" },
    ]

    private static let valueCounts = [
        "cmd": 1, "init": 1, "separator": 1, "nullvalue": 1, "newline": 1, "vfs": 1, "maxsize": 1,
        "mmap": 1, "nonce": 1, "heap": 1, "lookaside": 2, "pagecache": 2,
    ]

    static func recognize(_ arguments: ArraySlice<String>) -> RecognizedCommand {
        var command = RecognizedCommand(tool: "sqlite3")
        var operands: [String] = []
        var bails = false
        var hasPreamble = false
        var rest = arguments
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-"), argument != "-" else {
                operands.append(argument)
                continue
            }
            let option = String(argument.drop { $0 == "-" })
            let values = rest.prefix(valueCounts[option] ?? 0)
            rest = rest.dropFirst(values.count)
            switch option {
            case "bail": bails = true
            case "cmd": command.scripts += values.map(script)
            case "init": command.scripts += values.map { .file($0) }
            case "version", "help": return RecognizedCommand(tool: "sqlite3")
            default: break
            }
            if option == "cmd" || option == "init" { hasPreamble = true }
        }
        command.database = operands.first?.baseName
        command.databaseFile = operands.first
        command.scripts += operands.dropFirst().map(script)
        if operands.count <= 1 { command.scripts.append(.standardInput) }
        if hasPreamble, !bails { command.zeroExit = .leavesDoubt(advice: advice) }
        return command
    }

    /// `.read FILE` runs a file; `.read '|COMMAND'` runs what a command writes, which we can't see.
    private static func script(_ text: String) -> RecognizedCommand.Script {
        let words = text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == ".read" else { return .inline(text) }
        var path = String(words[1])
        while path.last?.isWhitespace == true { path.removeLast() }
        for quote in ["'", "\""]
        where path.count > 1 && path.hasPrefix(quote) && path.hasSuffix(quote) {
            path = String(path.dropFirst().dropLast())
        }
        return path.hasPrefix("|") ? .inline(text) : .file(path)
    }
}
