/// `mysql` and `mariadb`: they stop at the first failed statement and exit 1, unless `--force` is
/// given (MySQL 8.0 manual, "mysql Client Options").
enum MysqlCommand {
    static let advice =
        "mysql --force exits 0 even when statements failed, so the outcome is recorded as unknown"

    static let examples = [
        CommandExample(["mysql", "-uapp", "-psecret", "-h", "db1", "orders"]) {
            $0.tool = "mysql"
            ($0.host, $0.database, $0.executedAs) = ("db1", "orders", "app")
            $0.scripts = [.standardInput]
        },
        CommandExample(["mysql", "--user=app", "-P", "3307", "-D", "orders", "-e", "SELECT 1"]) {
            $0.tool = "mysql"
            ($0.port, $0.database, $0.executedAs) = ("3307", "orders", "app")
            $0.scripts = [.inline("SELECT 1")]
        },
        CommandExample(["mysql", "-f", "orders", "-p", "--execute", "source V42.sql"]) {
            $0.tool = "mysql"
            $0.database = "orders"
            $0.scripts = [.file("V42.sql")]
            $0.zeroExit = .leavesDoubt(advice: advice)
        },
    ]

    private static let grammar = OptionGrammar(
        "?IABbCcEfGHiLNnoqrssTtUVvWwXjYD:e:h:P:p::S:u:O:R:#:",
        "database= execute= host= port= user= password=? socket= default-character-set= delimiter= "
            + "protocol= ssl-mode= ssl-ca= ssl-cert= ssl-key= init-command= defaults-file= "
            + "defaults-extra-file= login-path= max-allowed-packet= tee= pager= prompt= force "
            + "batch silent table quick raw verbose no-beep skip-column-names version help")

    static func recognize(_ arguments: ArraySlice<String>) -> RecognizedCommand {
        var command = RecognizedCommand(tool: "mysql")
        for piece in grammar.parse(arguments).pieces {
            switch piece {
            case .option("D", let name?), .option("database", let name?): command.database = name
            case .option("h", let host?), .option("host", let host?): command.host = host
            case .option("P", let port?), .option("port", let port?): command.port = port
            case .option("u", let user?), .option("user", let user?): command.executedAs = user
            case .option("e", let sql?), .option("execute", let sql?):
                command.scripts.append(script(sql))
            case .option("f", _), .option("force", _):
                command.zeroExit = .leavesDoubt(advice: advice)
            case .option("V", _), .option("version", _), .option("?", _), .option("help", _):
                return RecognizedCommand(tool: "mysql")
            case .operand(let name): command.database = name
            default: break
            }
        }
        if command.scripts.isEmpty { command.scripts = [.standardInput] }
        return command
    }

    private static func script(_ text: String) -> RecognizedCommand.Script {
        let words = text.split { $0.isWhitespace || $0 == ";" }
        if words.count == 2, ["source", #"\."#].contains(words[0]) {
            return .file(String(words[1]))
        }
        return .inline(text)
    }
}
