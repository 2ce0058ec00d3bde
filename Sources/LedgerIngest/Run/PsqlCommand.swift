/// `psql` of PostgreSQL. Checked with psql 15 against a server:
///
/// - `-f FILE` and standard input end with 0 whatever statements failed, and with 3 at the first
///   failure if `ON_ERROR_STOP` is on; a missing file gives 1, a failed connection 2.
/// - One `-c SQL` ends with 1 if a statement failed. Of several `-c` and `-f` the last one decides,
///   unless `ON_ERROR_STOP` is on.
/// - `-v ON_ERROR_STOP=` with nothing after the sign turns it on; without the sign it does not.
enum PsqlCommand {
    static let advice =
        "psql exits 0 even when statements failed, so the outcome is recorded as unknown; "
        + "run it with -v ON_ERROR_STOP=1"

    static let examples = [
        CommandExample(["psql", "-v", "ON_ERROR_STOP=1", "-d", "orders", "-f", "V42.sql"]) {
            $0.tool = "psql"
            $0.database = "orders"
            $0.scripts = [.file("V42.sql")]
        },
        CommandExample(["psql", "-h", "db1", "-p5433", "-U", "app", "--file=V42.sql", "orders"]) {
            $0.tool = "psql"
            ($0.host, $0.port, $0.database, $0.executedAs) = ("db1", "5433", "orders", "app")
            $0.scripts = [.file("V42.sql")]
            $0.zeroExit = .dependsOnScripts(advice: advice)
        },
        CommandExample(["sudo", "-u", "postgres", "psql", "orders", "-c", "SELECT 1"]) {
            $0.tool = "psql"
            ($0.database, $0.executedAs) = ("orders", "postgres")
            $0.scripts = [.inline("SELECT 1")]
        },
        CommandExample(["psql", "-Xqc", "SELECT 1", "-c", "SELECT 2", "orders", "app"]) {
            $0.tool = "psql"
            ($0.database, $0.executedAs) = ("orders", "app")
            $0.scripts = [.inline("SELECT 1"), .inline("SELECT 2")]
            $0.zeroExit = .leavesDoubt(advice: advice)
        },
        CommandExample(["psql", "postgresql://app:x@db1:5433/orders?sslmode=require", "-1"]) {
            $0.tool = "psql"
            ($0.host, $0.port, $0.database, $0.executedAs) = ("db1", "5433", "orders", "app")
            $0.scripts = [.standardInput]
            $0.zeroExit = .dependsOnScripts(advice: advice)
            $0.isSingleTransaction = true
        },
        CommandExample([
            "env", "PGUSER=app", "psql", "host=db1 dbname='my orders'", "--set=ON_ERROR_STOP=on",
            "-f", "-", "-f", "b.sql",
        ]) {
            $0.tool = "psql"
            ($0.host, $0.database, $0.executedAs) = ("db1", "my orders", "app")
            $0.scripts = [.standardInput, .file("b.sql")]
        },
        CommandExample(["psql", "-c", #"\i V42.sql"#, "-v", "ON_ERROR_STOP", "orders"]) {
            $0.tool = "psql"
            $0.database = "orders"
            $0.scripts = [.file("V42.sql")]
            $0.zeroExit = .dependsOnScripts(advice: advice)
        },
        CommandExample(["psql", "--list"]) { $0.tool = "psql" },
    ]

    private static let grammar = OptionGrammar(
        "aAbc:d:eEf:F:h:HlL:no:p:P:qR:sStT:U:v:VwWxXz?01",
        "echo-all no-align command= dbname= echo-queries echo-errors echo-hidden file= "
            + "field-separator= field-separator-zero host= html list log-file= no-readline "
            + "single-transaction output= port= pset= quiet record-separator= "
            + "record-separator-zero single-step single-line tuples-only table-attr= username= "
            + "set= variable= version no-password password expanded no-psqlrc csv help=?")

    static func recognize(
        _ arguments: ArraySlice<String>, variables: [String: String], userName: String?
    ) -> RecognizedCommand {
        var command = RecognizedCommand(tool: "psql")
        var stopsOnError = false
        var runsNothing = false
        var operands: [String] = []
        for piece in grammar.parse(arguments).pieces {
            switch piece {
            case .option("c", let sql?), .option("command", let sql?):
                command.scripts.append(script(ofCommand: sql))
            case .option("f", let path?), .option("file", let path?):
                command.scripts.append(path == "-" ? .standardInput : .file(path))
            case .option("d", let name?), .option("dbname", let name?): operands.insert(name, at: 0)
            case .option("h", let host?), .option("host", let host?): command.host = host
            case .option("p", let port?), .option("port", let port?): command.port = port
            case .option("U", let user?), .option("username", let user?): command.executedAs = user
            case .option("v", let text?), .option("set", let text?), .option("variable", let text?):
                stopsOnError = Self.stopsOnError(after: text) ?? stopsOnError
            case .option("l", _), .option("list", _), .option("V", _), .option("version", _),
                .option("?", _), .option("help", _):
                runsNothing = true
            case .option("1", _), .option("single-transaction", _):
                command.isSingleTransaction = true
            case .operand(let name): operands.append(name)
            default: break
            }
        }
        if runsNothing { return RecognizedCommand(tool: "psql") }
        if command.scripts.isEmpty { command.scripts = [.standardInput] }
        connect(&command, operands, variables, userName)
        command.zeroExit = zeroExit(of: command.scripts, stopsOnError: stopsOnError)
        return command
    }

    private static func zeroExit(
        of scripts: [RecognizedCommand.Script], stopsOnError: Bool
    ) -> RecognizedCommand.ZeroExit {
        if stopsOnError { return .meansSuccess }
        let inlineCount = scripts.count { if case .inline = $0 { true } else { false } }
        if inlineCount == 0 { return .dependsOnScripts(advice: advice) }
        return scripts.count == 1 ? .meansSuccess : .leavesDoubt(advice: advice)
    }

    /// `-c '\i FILE'` runs the file as `-f` does.
    private static func script(ofCommand text: String) -> RecognizedCommand.Script {
        let words = text.split(whereSeparator: \.isWhitespace)
        if words.count == 2, [#"\i"#, #"\include"#].contains(words[0]) {
            return .file(String(words[1]))
        }
        return .inline(text)
    }

    /// Database and user as libpq finds them: arguments, then variables, then the user's name.
    private static func connect(
        _ command: inout RecognizedCommand, _ operands: [String], _ variables: [String: String],
        _ userName: String?
    ) {
        let connection = operands.first.map(PostgresConnection.init) ?? PostgresConnection()
        command.database = connection.database ?? variables["PGDATABASE"]
        command.host = connection.host ?? command.host ?? variables["PGHOST"]
        command.port = connection.port ?? command.port ?? variables["PGPORT"]
        let operandUser = operands.count > 1 ? operands[1] : nil
        command.executedAs =
            connection.user ?? command.executedAs ?? operandUser
            ?? variables["PGUSER"]
        let isNamedElsewhere = connection.service != nil || variables["PGSERVICE"] != nil
        if isNamedElsewhere { return }
        command.executedAs = command.executedAs ?? userName
        command.database = command.database ?? command.executedAs
    }

    /// Whether `-v TEXT` turns `ON_ERROR_STOP` on or off; nil if it is another variable.
    static func stopsOnError(after text: String) -> Bool? {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0] == "ON_ERROR_STOP" else { return nil }
        return parts.count > 1 && isOn(parts[1])
    }

    /// A Boolean as psql reads it: any beginning of `true` or `yes`, `on`, `1`.
    private static func isOn(_ value: Substring) -> Bool {
        let value = value.lowercased()
        return "true".hasPrefix(value) || "yes".hasPrefix(value) || value == "on" || value == "1"
    }

    /// Whether a script turns `ON_ERROR_STOP` on before its first statement and never off.
    static func scriptStopsOnError(_ bytes: some Collection<UInt8>) -> Bool {
        var isOn = false
        var isAtTop = true
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace)
            guard let first = words.first else { continue }
            if first == #"\set"# || first == #"\unset"#, words.dropFirst().first == "ON_ERROR_STOP"
            {
                let turnsOn = first == #"\set"# && Self.isOn(words.count > 2 ? words[2] : "")
                if !turnsOn { return false }
                isOn = isOn || isAtTop
            } else if !first.hasPrefix("--"), !first.hasPrefix(#"\"#) {
                isAtTop = false
            }
        }
        return isOn
    }
}
