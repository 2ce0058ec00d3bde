import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

/// Changes that databases' audit logs show, and what became of them.
@Suite struct AuditImportTests {
    private static let target = Target(service: "orders", environment: "prod")

    private func statements(_ log: AuditImport.Log, _ text: String) throws -> [AuditStatement] {
        let bytes = Array(text.utf8)
        return log == .pgaudit
            ? try PgAuditLog.statements(in: bytes, zone: .utc)
            : try MariaDBAuditLog.statements(in: bytes, zone: .utc)
    }

    private static let examples =
        PgAuditLog.examples.map { (AuditImport.Log.pgaudit, $0) }
        + MariaDBAuditLog.examples.map { (.mariadb, $0) }

    @Test(arguments: examples.indices) func examplesReadAsTheySay(_ place: Int) throws {
        let (log, example) = Self.examples[place]
        let found = try statements(log, example.log)
        #expect(found.map(\.text) == example.expected.map(\.text))
        #expect(found.map(\.outcome) == example.expected.map(\.outcome))
        #expect(found.allSatisfy { $0.time != nil && $0.user != nil && $0.database == "shop" })
    }

    @Test(arguments: examples.indices) func garbageIsReadOrRefused(_ place: Int) throws {
        let (log, example) = Self.examples[place]
        let bytes = Array(example.log.utf8)
        var generator = SeededGenerator()
        for _ in 0..<1500 {
            var changed = bytes
            let at = Int.random(in: bytes.indices, using: &generator)
            if Bool.random(using: &generator) {
                changed = Array(bytes[..<at])
            } else {
                changed[at] = UInt8.random(in: 0...255, using: &generator)
            }
            do throws(LedgerError) {
                _ = try AuditImport(
                    log, changed, zone: .utc, .init(target: { _ in Self.target }))
            } catch {
                #expect(error.code == .invalidEvent, "\(error), seed \(generator.seed)")
                #expect(error.message.hasPrefix("line "), "\(error), seed \(generator.seed)")
            }
        }
    }

    @Test func deploymentsSayWhoRanWhatWhereAndHideSecrets() throws {
        let log = """
            2026-11-28 20:00:00.000 CET [7] bob@shop LOG:  AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,\
            ALTER ROLE app PASSWORD 's3cret',<not logged>
            2026-11-28 20:00:01.000 CET [8] app@shop LOG:  AUDIT: SESSION,1,1,WRITE,INSERT,,,\
            insert into x values (1),<not logged>
            2026-11-28 20:00:01.000 CET [9] bob@other LOG:  AUDIT: SESSION,1,1,DDL,DROP TABLE,,,\
            drop table x,<not logged>
            """
        let selection = AuditImport.Selection(otherUsers: ["app"], host: "db1:5432") {
            $0 == "shop" ? Self.target : nil
        }
        let made = try AuditImport(.pgaudit, Array(log.utf8), zone: .unknown, selection)
        let event = try #require(made.events.first)
        let members = event.members.merging(event.privateMembers)
        #expect(made.events.count == 1)
        #expect(members["executed_as"] == "bob")
        #expect(members["host"] == "db1:5432")
        #expect(members["command"] == "ALTER ROLE app PASSWORD ***")
        #expect(event.attachments.first?.bytes == Array("ALTER ROLE app PASSWORD ***".utf8))
        #expect(members[["change", "kind"]] == "permission")
        #expect(members[["change", "id"]]?.string?.hasPrefix("manual-") == true)
        #expect(members[["trigger", "kind"]] == "manual")
        #expect(members["time"] == nil)
        #expect(
            made.remarks == [
                "1 statements of other users left out",
                "1 statements in databases of no known target left out",
                "1 statements say when, but not in which zone (give --time-zone)",
                "1 statements of which the log doesn't show whether they were committed",
            ])
        let again = try AuditImport(.pgaudit, Array(log.utf8), zone: .unknown, selection)
        #expect(again.events.map(\.id) == made.events.map(\.id))
    }

    @Test func whatARunRecordedIsLeftOut() throws {
        let log = """
            2026-11-28 20:00:00.000 UTC [7] bob@shop/ledger/01ARZ LOG:  AUDIT: SESSION,1,1,DDL,\
            CREATE TABLE,TABLE,public.y,create table y(i int),<not logged>
            """
        let made = try AuditImport(
            .pgaudit, Array(log.utf8), prefix: "%m [%p] %q%u@%d/%a ", zone: .utc,
            .init(target: { _ in Self.target }))
        #expect(made.events.isEmpty)
        #expect(made.remarks == ["1 statements of ledger run left out: the run recorded them"])
    }

    @Test(arguments: [
        ("%m [%p] %q%u@%d ", "2026-11-28 20:00:00.000 UTC [7] a b@shop LOG:  hello"),
        ("%t:%r:%u@%d:[%p]: ", "2026-11-28 20:00:00 UTC:10.0.0.7(5432):a b@shop:[7]: LOG:  hello"),
        ("%u %d %a %c ", "a b shop PostgreSQL JDBC Driver 6b0b31d4.1314 LOG:  hello"),
        ("", "LOG:  hello"), ("%%%-8u|", "%a b     |LOG:  hello"),
    ])
    func prefixesAreTakenApart(_ prefix: String, _ line: String) throws {
        let record = try #require(try LogLinePrefix(prefix).record(Array(line.utf8)[...]))
        #expect(record.message == "hello")
        if prefix.contains("%u %d") { return }
        if prefix.contains("u") { #expect(record.user == "a b") }
        if prefix.contains("%d") { #expect(record.database == "shop") }
        if prefix.contains("%p") { #expect(record.process == "7") }
    }

    @Test func aPrefixThatIsNotTheLogsIsSaid() throws {
        #expect(throws: LedgerError.self) { try LogLinePrefix("%y") }
        let error = #expect(throws: LedgerError.self) {
            try statements(.pgaudit, "Nov 28 20:00:00 db1 postgres: AUDIT: SESSION,1,1,DDL,x\n")
        }
        #expect(error?.message.contains("line 1: it does not begin with the log's prefix") == true)
        #expect(error?.advice?.contains("--log-line-prefix") == true)
    }

    @Test func aHundredThousandStatementsAreRead() throws {
        let lines = (0..<100_000).map {
            "2026-11-28 20:00:00.000 UTC [\($0 % 500)] bob@shop LOG:  AUDIT: SESSION,\($0),1,WRITE,"
                + "UPDATE,,,update x set i = \($0),<not logged>"
        }
        let found = try statements(.pgaudit, lines.joined(separator: "\n"))
        #expect(found.count == 100_000)
    }
}
