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
        (["env", "DB_PASS=a;b", "deploy"], "env 'DB_PASS=***' deploy"),
        (
            ["atlas", "--var", "db_pass=x", "--var=dbPass=a&b"],
            "atlas --var 'db_pass=***' '--var=dbPass=***'"
        ),
        (
            ["psql", "-v", "pw=x", "-vpw=y", "-v", "bypass=1"],
            "psql -v 'pw=***' '-vpw=***' -v bypass=1"
        ),
        (
            ["sqlite3", "a.db", "pragma key='x y'; SELECT 1"],
            "sqlite3 a.db 'pragma key=***; SELECT 1'"
        ),
        (
            ["az", "Endpoint=https://a/;AccountName=b;AccountKey=c/d+e==;x=y"],
            "az 'Endpoint=https://a/;AccountName=b;AccountKey=***;x=y'"
        ),
        (
            ["docker", "exec", "-p", "80", "db", "mysql", "-ps3cret"],
            "docker exec -p 80 db mysql '-p***'"
        ),
        (["sqlplus", "-S", "u/p@q@db"], "sqlplus -S 'u/***@db'"),
        (
            ["bash", "-c", "mysql -ps3cret db < 'a b.sql'; sqlplus u/p@db"],
            "bash -c 'mysql -p*** db < '\\''a b.sql'\\''; sqlplus u/***@db'"
        ),
        (
            ["sudo", "sh", "-ec", "A=$(DB_PASS='x y' sqlcmd -P \"z\" -S h) && x"],
            "sudo sh -ec 'A=$(DB_PASS=*** sqlcmd -P *** -S h) && x'"
        ),
        (["ssh", "h", "echo \"$(mysql -ps3cret)\""], "ssh h 'echo '\\''$(mysql -p***)'\\'''"),
        (
            ["sh", "-c", "psql <<E\nALTER ROLE a PASSWORD 'b c';\nE"],
            "sh -c 'psql <<E\nALTER ROLE a PASSWORD ***;\nE'"
        ),
    ]

    public static func text(of command: [String]) -> String {
        var arguments = SecretFreeArguments(of: command)
        return command.map { quoted(arguments.next($0)) }.joined(separator: " ")
    }

    /// A word as a shell would read it. In a shell's text a mask stands bare.
    static func quoted(_ argument: String, bareMask: Bool = false) -> String {
        let isPlain = argument.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
            case UInt8(ascii: "*"): bareMask
            default: "_-./:=@%+,".utf8.contains(byte)
            }
        }
        if isPlain, !argument.isEmpty { return argument }
        return "'"
            + argument.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: #"'\''"#) + "'"
    }
}
