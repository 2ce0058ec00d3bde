import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

@Suite struct BytebaseImportTests {
    @Test(arguments: [
        ("CREATE TABLE a (x INT)", "schema"), ("select 1", nil), ("-- x\n drop table a", "schema"),
        ("SELECT 1; update a set x = 1", "data"), ("GRANT ALL ON a TO b", "permission"),
        ("WITH x AS (SELECT 1) DELETE FROM a", "data"), ("WITH x AS (SELECT 1) SELECT 1", nil),
        ("EXPLAIN SELECT 1", nil), ("", nil), ("SHOW TABLES", nil),
    ])
    func whatAStatementChangesIsTold(_ statement: String, _ kind: String?) {
        #expect(BytebaseImport.kind(of: statement)?.rawValue == kind)
    }

    /// Whatever stands in a member, it is read or refused; nothing traps.
    @Test func garbageDoesNoHarm() {
        var random = SeededGenerator()
        let values = [
            "null", "\"\"", "1", "-1.5e9", "true", "[]", "{}", "\"\\u0000\"", "\"users/\"",
            "\"instances/a/databases/b/changelogs/1\"", "\"instances/a/databases/b/revisions/1\"",
            "\"p/auditLogs/1\"", "\"DONE\"", "\"2026-11-01T12:00:00Z\"", "\"/x/Execute\"",
            "\"{\\\"name\\\":\\\"instances/a/databases/b\\\",\\\"statement\\\":\\\"DROP x\\\"}\"",
        ]
        let names = [
            "name", "createTime", "status", "type", "statement", "statementSize", "statementSheet",
            "issue", "taskRun", "version", "deleteTime", "method", "request", "user",
        ]
        var made = 0
        for _ in 0..<2000 {
            let members = names.filter { _ in Bool.random(using: &random) }.map { name in
                "\"\(name)\":\(values.randomElement(using: &random)!)"
            }
            let text = "{\"changelogs\":[{\(members.joined(separator: ","))}]}"
            do throws(LedgerError) {
                let found = try BytebaseImport(Array(text.utf8)) { _ in
                    Target(service: "a", environment: "b")
                }
                made += found.events.count
            } catch {
                #expect(error.message.contains("item 1"), "seed \(random.seed): \(text)")
            }
        }
        #expect(made > 0, "seed \(random.seed)")
    }
}
