import Testing

@testable import LedgerIngest

struct RunRecognitionTests {
    @Test(
        arguments: PsqlCommand.examples + Sqlite3Command.examples + MysqlCommand.examples
            + ShellCommand.examples)
    func recognisesWhatACommandRuns(example: CommandExample) {
        let found = RecognizedCommand(command: example.command, environment: [:], userName: nil)
        #expect(found == example.expected)
    }

    @Test func takesWhatPsqlTakesFromItsVariables() {
        let variables = ["PGHOST": "db1", "PGDATABASE": "orders", "PGUSER": "app"]
        let found = RecognizedCommand(
            command: ["psql", "-f", "a.sql"], environment: variables, userName: "me")
        #expect(found.host == "db1")
        #expect(found.database == "orders")
        #expect(found.executedAs == "app")
    }

    @Test func psqlConnectsAsTheUserToADatabaseOfTheSameName() {
        let found = RecognizedCommand(command: ["psql"], environment: [:], userName: "me")
        #expect(found.executedAs == "me")
        #expect(found.database == "me")
        let service = RecognizedCommand(
            command: ["psql", "service=prod"], environment: [:], userName: "me")
        #expect(service.executedAs == nil)
        #expect(service.database == nil)
    }

    @Test(arguments: [
        (["env", "-u", "X", "-i", "A=b", "psql", "x"], ["psql", "x"]),
        (["sudo", "-Hu", "app", "--", "time", "-p", "nice", "-n", "5", "psql"], ["psql"]),
        (["timeout", "-k", "5", "60", "sqlite3", "a.db"], ["sqlite3", "a.db"]),
        (["sh", "-c", "psql -f x"], ["sh", "-c", "psql -f x"]),
        (["env", "A=b"], []),
        ([], []),
    ])
    func looksBehindPrefixes(command: [String], expected: [String]) {
        #expect(Array(CommandPrefix(command).command) == expected)
    }

    @Test func knowsNoToolInAPlainCommand() {
        let plain = RecognizedCommand(command: ["make", "deploy"], environment: [:], userName: nil)
        #expect(plain == RecognizedCommand())
        let flyway = RecognizedCommand(
            command: ["/opt/flyway", "migrate"], environment: [:], userName: nil)
        #expect(flyway.tool == "flyway")
    }

    @Test(arguments: [
        ("\\set ON_ERROR_STOP on\nSELECT 1;", true),
        ("-- a comment\n\\timing\n\\set ON_ERROR_STOP 1\nSELECT 1;", true),
        ("SELECT 1;\n\\set ON_ERROR_STOP on\n", false),
        ("\\set ON_ERROR_STOP on\nSELECT 1;\n\\set ON_ERROR_STOP off\n", false),
        ("\\set ON_ERROR_STOP on\nSELECT 1;\n\\unset ON_ERROR_STOP\n", false),
        ("SELECT 1;", false),
    ])
    func seesOnErrorStopInAScript(script: String, expected: Bool) {
        #expect(PsqlCommand.scriptStopsOnError(script.utf8) == expected)
    }
}
