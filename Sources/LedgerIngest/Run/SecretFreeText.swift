import LedgerCore

/// Free text without what opens doors: passwords in URLs, in `password=…` of connection strings
/// and JDBC, in SQL's `PASSWORD '…'`, and in `Authorization:` headers.
///
/// Finds what is written in one of these ways, and no more: nobody can tell a bare word from a
/// password. A secret is replaced by `***`; everything else stays as it is.
public enum SecretFreeText {
    static let mask = "***"

    static let examples: [(text: String, expected: String)] = [
        ("host=db1 password=s3cret dbname=orders", "host=db1 password=*** dbname=orders"),
        ("host=db1 password = 'a b\\'c' port=1", "host=db1 password = *** port=1"),
        (
            "jdbc:postgresql://h/db?user=a&password=b&ssl=true",
            "jdbc:postgresql://h/db?user=a&ssl=true"
        ),
        (
            "jdbc:sqlserver://h:1433;user=a;password=p@ss;encrypt=true",
            "jdbc:sqlserver://h:1433;user=a;encrypt=true"
        ),
        ("jdbc:oracle:thin:scott/tiger@db1:1521:x", "jdbc:oracle:thin:scott/***@db1:1521:x"),
        (
            "could not connect to postgres://app:pw@db1/orders: timeout",
            "could not connect to postgres://db1/orders: timeout"
        ),
        ("postgres://app:p/w@db1/orders", "postgres://db1/orders"),
        ("see https://h/@scope/pkg (x)", "see https://h/@scope/pkg (x)"),
        ("url='https://h/p?token=abc&x=1'", "url='https://h/p?x=1'"),
        ("ALTER ROLE app PASSWORD 'it''s', x", "ALTER ROLE app PASSWORD ***, x"),
        ("CREATE USER a IDENTIFIED BY \"b\";", "CREATE USER a IDENTIFIED BY ***;"),
        (
            "FATAL:  password authentication failed for user \"app\"",
            "FATAL:  password authentication failed for user \"app\""
        ),
        ("{\"password\": \"x y\", \"user\": \"a\"}", "{\"password\": ***, \"user\": \"a\"}"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("SECRET_KEY=abc PGPASSWORD=x psql", "SECRET_KEY=*** PGPASSWORD=*** psql"),
        ("duplicate key value: key=(1)", "duplicate key value: key=(1)"),
        ("-Dflyway.password=x -Dflyway.user=a", "-Dflyway.password=*** -Dflyway.user=a"),
        ("AccountName=a;AccountKey=b/c==;x=y", "AccountName=a;AccountKey=***;x=y"),
        ("SharedAccessSignature=sv=1&sig=a%3D", "SharedAccessSignature=***&sig=***"),
        (
            "pragma main.rekey = 'a''b'; pragma key(\"x\")",
            "pragma main.rekey = ***; pragma key(***)"
        ),
        ("see http://a:b@c/d@e/f@g?h=i.", "see http://g?h=i."),
        ("postgres://u:a/b@c?d@h/x?y=z@", "postgres://h/x?y=z@"),
        ("DB_PASS: x, db.pass=y, bypass=1", "DB_PASS: x, db.pass=***, bypass=1"),
        ("author=ann, tokens 5", "author=ann, tokens 5"),
        ("naïve pässword=ü PWD:ü x", "naïve pässword=ü PWD:*** x"),
    ]

    public static func text(of text: String) -> String {
        var scanner = SecretScanner(text)
        return scanner.secretFree()
    }
}

/// Names of flags, variables and parameters whose values are secrets.
enum SecretName {
    private static let words = [
        "passw", "passphrase", "pwd", "secret", "token", "apikey", "api_key", "api-key",
        "access_key", "access-key", "accesskey", "accountkey", "account_key", "account-key",
        "accesssignature", "credential", "private_key", "private-key",
    ]
    private static let parts: Set<Substring> = ["pass", "pw", "sig"]

    static func isSecret(_ name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        // DB_PASS, db.pass, dbpass; no bypass.
        let isPass = (name.hasSuffix("pass") || name.hasSuffix("pw")) && !name.hasSuffix("bypass")
        if isPass || name == "auth" || words.contains(where: { name.contains($0) }) { return true }
        return name.split { "_-.".contains($0) }.contains { parts.contains($0) }
    }

    /// For names before a colon, where `token: FROM` is a parser's message and no secret.
    static func isPassword(_ name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        return name.contains("passw") || name.contains("pwd") || name.hasSuffix("secret")
    }
}
