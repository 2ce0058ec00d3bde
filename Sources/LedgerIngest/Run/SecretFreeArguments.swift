import LedgerCore

/// The arguments of one command, one after the other, each without its secrets.
struct SecretFreeArguments {
    /// One-letter flags that take a secret, by program: attached to the flag, or as the next
    /// argument too.
    private static let letters: [String: (letter: Character, mayBeApart: Bool)] = [
        "mysql": ("p", false), "mariadb": ("p", false), "mysqldump": ("p", false),
        "mariadb-dump": ("p", false), "mysqladmin": ("p", false), "mysqlimport": ("p", false),
        "mysqlsh": ("p", false), "sqlcmd": ("P", true), "bcp": ("P", true), "isql": ("P", true),
        "mongo": ("p", true), "mongosh": ("p", true), "mongorestore": ("p", true),
        "mongodump": ("p", true), "cqlsh": ("p", true), "redis-cli": ("a", true),
        "curl": ("u", true), "influx": ("t", true),
    ]
    private static let oracle: Set = ["sqlplus", "sql", "sqlldr", "impdp", "expdp", "rman"]
    /// Programs whose `--password` takes no argument of its own.
    private static let prompting: Set = ["psql", "pg_restore", "pg_dump", "createdb", "dropdb"]

    /// What runs the words of an argument as a command of its own.
    private static let shells = ShellCommand.programs.union(["su", "runuser", "ssh"])

    private var program: String
    private var isShell = false
    private let isInShell: Bool
    private var nextIsSecret = false
    // How many shells may still stand in each other's text.
    private let depth: Int

    init(of command: [String], isInShell: Bool = false, depth: Int = 4) {
        self.isInShell = isInShell
        program = CommandPrefix(command).command.first?.baseName ?? ""
        self.depth = depth
    }

    mutating func next(_ argument: String) -> String {
        if nextIsSecret, !argument.hasPrefix("--") {
            nextIsSecret = false
            return SecretFreeText.mask
        }
        let name = argument.baseName
        // `docker exec db mysql …`: the first that we know is the program.
        if !isKnown(program), isKnown(name), name != "sql" { program = name }
        if Self.shells.contains(name) { isShell = true }
        nextIsSecret = takesSecret(argument)
        let isSubstitution = isInShell && (argument.contains("$(") || argument.contains("`"))
        if isShell || isSubstitution, depth > 0, argument.contains(where: \.isWhitespace) {
            return SecretFreeText.text(of: secretFree(shellText: argument))
        }
        return secretFree(argument)
    }

    private func isKnown(_ name: String) -> Bool {
        Self.letters[name] != nil || Self.oracle.contains(name) || Self.prompting.contains(name)
    }

    /// A shell's commands; words without secrets keep the form in which they were written.
    private func secretFree(shellText: String) -> String {
        let bytes = Array(shellText.utf8)
        var text: [UInt8] = []
        var end = 0
        for words in ShellWords.commands(in: bytes) {
            var arguments = SecretFreeArguments(
                of: words.map(\.text), isInShell: true, depth: depth - 1)
            for word in words {
                text += bytes[end..<word.place.lowerBound]
                end = word.place.upperBound
                let written = bytes[word.place]
                let free = arguments.next(word.text)
                let isSame = free.hasSameBytes(as: word.text)
                let form = SecretFreeCommand.quoted(free, bareMask: true)
                text += isSame ? Array(written) : Array(form.utf8)
            }
        }
        return String(decoding: text + bytes[end...], as: UTF8.self)
    }

    /// Whether the argument after this flag is a secret.
    private func takesSecret(_ argument: String) -> Bool {
        if let flag = Self.letters[program], flag.mayBeApart, argument == "-\(flag.letter)" {
            return true
        }
        guard argument.hasPrefix("-"), !argument.contains("=") else { return false }
        let name = argument.drop { $0 == "-" }
        if name.isEmpty || name.hasPrefix("no-") || !SecretName.isSecret(name) { return false }
        let prompts = Self.prompting.contains(program) || Self.letters[program]?.mayBeApart == false
        return !(prompts && name.hasPrefix("password"))
    }

    private func secretFree(_ argument: String) -> String {
        if let equals = argument.firstIndex(of: "=") {
            let name = argument[..<equals]
            let isName = !name.contains { $0.isWhitespace || ":/?'\"".contains($0) }
            if isName, SecretName.isSecret(name) { return name + "=" + SecretFreeText.mask }
            // `--var=db_pass=…`
            if isName, name.hasPrefix("-") {
                return name + "=" + secretFree(String(argument[argument.index(after: equals)...]))
            }
        }
        if let flag = Self.letters[program], let cut = attachedSecret(argument, flag.letter) {
            return argument[..<cut] + SecretFreeText.mask
        }
        if Self.oracle.contains(program), let slash = argument.firstIndex(of: "/"),
            slash != argument.startIndex, !argument.hasPrefix("@"), !argument.hasPrefix("-")
        {
            let at = argument.lastIndex(of: "@") ?? argument.endIndex
            if slash < at { return argument[...slash] + SecretFreeText.mask + argument[at...] }
        }
        return SecretFreeText.text(of: argument)
    }

    /// Where a secret begins in `-pSECRET` or `-BpSECRET`.
    private func attachedSecret(_ argument: String, _ letter: Character) -> String.Index? {
        guard argument.hasPrefix("-"), !argument.hasPrefix("--") else { return nil }
        // The flags of mysql that may stand before -p in a cluster.
        let valueless = letter == "p" ? "ABbCcEfGHiLNnoqrssTtvWwXj" : ""
        for index in argument.indices.dropFirst() {
            let next = argument.index(after: index)
            if argument[index] == letter { return next == argument.endIndex ? nil : next }
            if !valueless.contains(argument[index]) { return nil }
        }
        return nil
    }
}
