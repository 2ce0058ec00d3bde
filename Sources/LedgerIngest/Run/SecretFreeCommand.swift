/// A command line as it may be recorded: quoted so that a shell could read it, without secrets.
public enum SecretFreeCommand {
    static let examples: [(command: [String], expected: String)] = [
        (["psql", "-p", "5433", "-f", "V42.sql"], "psql -p 5433 -f V42.sql"),
        (["psql", "--password", "orders"], "psql --password orders"),
        (["mysql", "-uroot", "-ps3cret", "-P3307", "db"], "mysql -uroot '-p***' -P3307 db"),
        (["/usr/bin/mysql", "-Bps3cret"], "/usr/bin/mysql '-Bp***'"),
        (["mysql", "--password=x y", "-p", "db"], "mysql '--password=***' -p db"),
        (["sudo", "mysqldump", "-px"], "sudo mysqldump '-p***'"),
        (
            ["flyway", "-password=x", "-user=a", "migrate"],
            "flyway '-password=***' -user=a migrate"
        ),
        (
            ["flyway", "-url=jdbc:h2:mem;password=b;x=1"],
            "flyway '-url=jdbc:h2:mem;password=***;x=1'"
        ),
        (["liquibase", "--password", "x", "update"], "liquibase --password '***' update"),
        (["java", "-Ddb.password=x", "-jar", "a.jar"], "java '-Ddb.password=***' -jar a.jar"),
        (
            ["env", "PGPASSWORD=x", "DEPLOY_TOKEN=y", "A=b", "psql"],
            "env 'PGPASSWORD=***' 'DEPLOY_TOKEN=***' A=b psql"
        ),
        (
            ["deploy", "--api-key", "k", "--token=t", "--secret", "--verbose"],
            "deploy --api-key '***' '--token=***' --secret --verbose"
        ),
        (["deploy", "--no-password", "x", "--author=me"], "deploy --no-password x --author=me"),
        (["psql", "host=h password=y user=u"], "psql 'host=h password=*** user=u'"),
        (["psql", "postgres://u:p@h/db"], "psql postgres://h/db"),
        (["sqlcmd", "-S", "h", "-U", "sa", "-P", "x"], "sqlcmd -S h -U sa -P '***'"),
        (["sqlcmd", "-Px"], "sqlcmd '-P***'"),
        (["sqlplus", "scott/tiger@db1", "@V42.sql"], "sqlplus 'scott/***@db1' @V42.sql"),
        (
            ["curl", "-u", "me:pw", "-H", "Authorization: Bearer x", "http://h/"],
            "curl -u '***' -H 'Authorization: ***' http://h/"
        ),
        (["redis-cli", "-a", "x", "ping"], "redis-cli -a '***' ping"),
        (["psql", "-c", "ALTER ROLE a PASSWORD 'b'"], #"psql -c 'ALTER ROLE a PASSWORD ***'"#),
        (["echo", "it's", ""], #"echo 'it'\''s' ''"#),
    ]

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

    public static func text(of command: [String]) -> String {
        let program = CommandPrefix(command).command.first?.baseName ?? ""
        var words: [String] = []
        var nextIsSecret = false
        for argument in command {
            if nextIsSecret, !argument.hasPrefix("--") {
                words.append(SecretFreeText.mask)
                nextIsSecret = false
            } else {
                nextIsSecret = takesSecret(argument, program)
                words.append(secretFree(argument, program))
            }
        }
        return words.map(quoted).joined(separator: " ")
    }

    /// Whether the argument after this flag is a secret.
    private static func takesSecret(_ argument: String, _ program: String) -> Bool {
        if let flag = letters[program], flag.mayBeApart, argument == "-\(flag.letter)" {
            return true
        }
        guard argument.hasPrefix("-"), !argument.contains("=") else { return false }
        let name = argument.drop { $0 == "-" }
        if name.isEmpty || name.hasPrefix("no-") || !SecretName.isSecret(name) { return false }
        let prompts = prompting.contains(program) || letters[program]?.mayBeApart == false
        return !(prompts && name.hasPrefix("password"))
    }

    private static func secretFree(_ argument: String, _ program: String) -> String {
        if let equals = argument.firstIndex(of: "=") {
            let name = argument[..<equals]
            let isName = !name.contains { $0.isWhitespace || ":/?'\"".contains($0) }
            if isName, SecretName.isSecret(name) { return name + "=" + SecretFreeText.mask }
        }
        if let flag = letters[program], let cut = attachedSecret(argument, flag.letter, program) {
            return argument[..<cut] + SecretFreeText.mask
        }
        if oracle.contains(program), let slash = argument.firstIndex(of: "/"),
            slash != argument.startIndex, !argument.hasPrefix("@"), !argument.hasPrefix("-")
        {
            let at = argument.lastIndex(of: "@") ?? argument.endIndex
            if slash < at { return argument[...slash] + SecretFreeText.mask + argument[at...] }
        }
        return SecretFreeText.text(of: argument)
    }

    /// Where a secret begins in `-pSECRET` or `-BpSECRET`.
    private static func attachedSecret(
        _ argument: String, _ letter: Character, _ program: String
    ) -> String.Index? {
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

    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
            default: "_-./:=@%+,".utf8.contains(byte)
            }
        }
        if isPlain, !argument.isEmpty { return argument }
        return "'"
            + argument.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: #"'\''"#) + "'"
    }
}
