/// A shell's `-c TEXT`: whatever runs in it, the shell's exit status is the last command's. It is
/// looked into for `psql` alone, whose exit status 0 is worth nothing without `ON_ERROR_STOP`.
enum ShellCommand {
    static let programs: Set = ["sh", "bash", "dash", "ash", "ksh", "zsh"]

    static let examples = [
        CommandExample(["sh", "-c", "cat V42.sql | psql orders"]) {
            $0.tool = "psql"
            $0.zeroExit = .leavesDoubt(advice: PsqlCommand.advice)
        },
        CommandExample([
            "sudo", "bash", "-o", "pipefail", "-ec", "if ! PGUSER=a env psql -f 'a b'; then x; fi",
        ]) {
            $0.tool = "psql"
            $0.zeroExit = .leavesDoubt(advice: PsqlCommand.advice)
        },
        CommandExample(["sh", "-c", "cd db && psql -v ON_ERROR_STOP=1 -f V42.sql"]) {
            $0.tool = "psql"
        },
        CommandExample(["sh", "-c", "psql <<E\n\\set ON_ERROR_STOP on\nSELECT 1;\nE"]) {
            $0.tool = "psql"
        },
        CommandExample(["bash", "-c", "psql -c 'SELECT 1'"]) { $0.tool = "psql" },
        CommandExample(["sh", "-c", "sh -c 'psql -f a.sql' x"]) {
            $0.tool = "psql"
            $0.zeroExit = .leavesDoubt(advice: PsqlCommand.advice)
        },
        CommandExample(["sh", "-c", "echo psql -f a.sql"]) { _ in },
        CommandExample(["sh", "deploy.sh", "-c", "psql"]) { _ in },
    ]

    private static let grammar = OptionGrammar(
        "abcefhiklmnpruvxBCEHPTo:O:", "login noprofile norc posix rcfile= init-file=",
        stopsAtFirstOperand: true)
    /// What may stand before a command's name.
    private static let keywords: Set = [
        "if", "then", "else", "elif", "while", "until", "do", "!", "{", "exec", "command", "eval",
    ]

    static func recognize(_ arguments: ArraySlice<String>) -> RecognizedCommand {
        var found = RecognizedCommand()
        guard let text = text(arguments) else { return found }
        for command in commands(text) {
            let inner = RecognizedCommand(command: command, environment: [:], userName: nil)
            guard inner.tool == "psql" else { continue }
            found.tool = "psql"
            if inner.zeroExit != .meansSuccess, !text.contains("ON_ERROR_STOP") {
                found.zeroExit = .leavesDoubt(advice: PsqlCommand.advice)
            }
        }
        return found
    }

    /// What stands after `-c`.
    static func text(_ arguments: ArraySlice<String>) -> String? {
        let (pieces, rest) = grammar.parse(arguments)
        return pieces.contains(.option("c", value: nil)) ? rest.first : nil
    }

    /// The simple commands of a text, without what may stand before their names.
    static func commands(_ text: String) -> [[String]] {
        ShellWords.commands(in: Array(text.utf8)).map { words in
            Array(
                words.map(\.text).drop { word in
                    keywords.contains(word) || CommandPrefix.assignment(word) != nil
                })
        }
    }
}
