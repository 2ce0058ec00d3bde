import LedgerCore

// PgAuditLog.swift
//
// pgAudit's entry is the message of a log's record (github.com/pgaudit/pgaudit, "Format"), as CSV:
//
//    AUDIT: SESSION,1,1,DDL,CREATE TABLE,TABLE,public.x,"create table x (id int)",<not logged>
//           kind, statement and part of it, class, command, kind and name of the object, text, …
//
// It is written before the statement runs, so it says nothing of what became of it. Of an aborted
// transaction it shows neither COMMIT nor ROLLBACK; `log_statement` does.

/// Reads the changes that PostgreSQL's log shows by pgAudit.
enum PgAuditLog {
    private static let classes: [String: AuditStatement.Kind] = [
        "DDL": .schema, "WRITE": .data, "ROLE": .permission,
    ]

    /// - Throws: `invalidEvent` with the line of what can't be right.
    static func statements(
        in bytes: [UInt8], prefix: String? = nil, zone: ToolZone
    ) throws(LedgerError) -> [AuditStatement] {
        var log = try PostgresLog(bytes, prefix: prefix)
        var transactions = AuditTransactions()
        while var record = try log.next() {
            if log.tellsTransactions { record.transaction = record.transaction ?? "" }
            guard let session = record.session ?? record.process.map({ "pid \($0)" }) else {
                continue
            }
            transactions.see(session, transaction: record.transaction)
            switch record.severity {
            case "ERROR", "FATAL", "PANIC":
                transactions.fail(
                    session, record.message, statement: record.statement,
                    transaction: record.transaction, isFatal: record.severity != "ERROR")
            case "LOG", "NOTICE", "INFO", "WARNING": break
            default: continue
            }
            if record.message.hasPrefix("AUDIT: ") {
                try take(record, session, zone, &transactions)
            } else if let text = statement(record.message) {
                transactions.control(
                    text, session: session, user: record.user, transaction: record.transaction)
            }
        }
        return transactions.finish()
    }

    // As PostgreSQL 15 with pgAudit 1.7 writes them.
    static let examples = [
        AuditExample(
            """
            2026-11-28 19:56:04.816 UTC [4857] LOG:  database system was shut down
            2026-11-28 19:56:04.979 UTC [4884] ann@shop LOG:  AUDIT: SESSION,2,1,DDL,ALTER TABLE,\
            TABLE,public.x,"alter table x add b int,
            \t  add c text;",<not logged>
            2026-11-28 19:56:04.979 UTC [4884] ann@shop LOG:  AUDIT: SESSION,2,1,DDL,CREATE SEQUENCE,\
            SEQUENCE,public.x_b_seq,"alter table x add b int,
            \t  add c text;",<not logged>
            2026-11-28 19:56:04.979 UTC [4884] ann@shop LOG:  AUDIT: SESSION,3,1,MISC,BEGIN,,,\
            BEGIN;,<not logged>
            2026-11-28 19:56:04.980 UTC [4884] ann@shop LOG:  AUDIT: SESSION,4,1,WRITE,DELETE,,,\
            delete from x;,<not logged>
            2026-11-28 19:56:04.980 UTC [4884] ann@shop LOG:  AUDIT: SESSION,5,1,MISC,ROLLBACK,,,\
            ROLLBACK;,<not logged>
            2026-11-28 19:56:04.980 UTC [4884] ann@shop LOG:  AUDIT: SESSION,6,1,WRITE,INSERT,,,\
            "insert into x values (1, 'a,""b""');",<not logged>
            2026-11-28 19:56:04.980 UTC [4884] ann@shop ERROR:  duplicate key value
            2026-11-28 19:56:04.980 UTC [4884] ann@shop DETAIL:  Key (id)=(1) already exists.
            2026-11-28 19:56:04.980 UTC [4884] ann@shop STATEMENT:  insert into x values (1, \
            'a,"b"');
            2026-11-28 19:56:05.334 UTC [4916] ann@shop LOG:  AUDIT: SESSION,1,1,DDL,DROP TABLE,\
            TABLE,public.y,drop table y,<not logged>
            """,
            [
                ("alter table x add b int,\n  add c text;", .succeeded),
                ("delete from x;", .failed("rolled back")),
                ("insert into x values (1, 'a,\"b\"');", .failed("duplicate key value")),
                ("drop table y", .unknown),
            ]),
        AuditExample(
            """
            2026-11-28 19:56:04.988 UTC,"ann","shop",4884,"[local]",6b0b31d4.1314,20,"SAVEPOINT",\
            2026-11-28 19:56:04 UTC,3/10,0,LOG,00000,"AUDIT: SESSION,16,1,MISC,BEGIN,,,BEGIN;,\
            <not logged>",,,,,,,,,"psql","client backend",,0
            2026-11-28 19:56:04.988 UTC,"ann","shop",4884,"[local]",6b0b31d4.1314,20,"SAVEPOINT",\
            2026-11-28 19:56:04 UTC,3/10,0,LOG,00000,"AUDIT: SESSION,17,1,MISC,SAVEPOINT,,,\
            SAVEPOINT s;,<not logged>",,,,,,,,,"psql","client backend",,0
            2026-11-28 19:56:04.988 UTC,"ann","shop",4884,"[local]",6b0b31d4.1314,21,"INSERT",\
            2026-11-28 19:56:04 UTC,3/10,0,LOG,00000,"AUDIT: SESSION,18,1,WRITE,INSERT,,,\
            ""insert into x values (1, 'dup');"",<not logged>",,,,,,,,,"psql","client backend",,0
            2026-11-28 19:56:04.988 UTC,"ann","shop",4884,"[local]",6b0b31d4.1314,22,"INSERT",\
            2026-11-28 19:56:04 UTC,3/10,732,ERROR,23505,"duplicate key value",,,,,,\
            "insert into x values (1, 'dup');",,,"psql","client backend",,0
            2026-11-28 19:56:04.989 UTC,"ann","shop",4884,"[local]",6b0b31d4.1314,23,"INSERT",\
            2026-11-28 19:56:04 UTC,3/10,732,LOG,00000,"AUDIT: SESSION,19,1,WRITE,INSERT,,,\
            ""insert into x values (9, 'kept');"",<not logged>",,,,,,,,,"psql","client backend",,0
            2026-11-28 19:56:04.989 UTC,"ann","shop",4884,"[local]",6b0b31d4.1314,24,"COMMIT",\
            2026-11-28 19:56:04 UTC,3/10,732,LOG,00000,"AUDIT: SESSION,20,1,MISC,COMMIT,,,\
            COMMIT;,<not logged>",,,,,,,,,"psql","client backend",,0
            """,
            [
                ("insert into x values (1, 'dup');", .failed("duplicate key value")),
                ("insert into x values (9, 'kept');", .succeeded),
            ]),
        AuditExample(
            #"""
            {"timestamp":"2026-11-28 19:56:04.979 UTC","user":"ann","dbname":"shop","pid":4884,\#
            "remote_host":"10.0.0.7","session_id":"6b0b31d4.1314","vxid":"3/3",\#
            "error_severity":"LOG","message":"AUDIT: SESSION,2,1,DDL,ALTER TABLE,TABLE,public.x,\#
            \"alter table x add b int,\n add c text;\",<not logged>","application_name":"psql",\#
            "backend_type":"client backend"}
            """#,
            [("alter table x add b int,\n add c text;", .unknown)]),
    ]

    /// What `log_statement` writes: `statement: …`, `execute NAME: …`.
    private static func statement(_ message: String) -> String? {
        for words in ["statement: ", "execute "] where message.hasPrefix(words) {
            if words == "statement: " { return String(message.dropFirst(words.count)) }
            guard let end = message.range(ofText: ": ") else { return nil }
            return String(message[end.upperBound...])
        }
        return nil
    }

    private static func take(
        _ record: PostgresLogRecord, _ session: String, _ zone: ToolZone,
        _ transactions: inout AuditTransactions
    ) throws(LedgerError) {
        let fields = fields(of: record.message.utf8.dropFirst("AUDIT: ".utf8.count))
        guard fields.count >= 8, Int64(fields[1]) != nil, Int64(fields[2]) != nil else {
            throw LedgerError(
                .invalidEvent, "line \(record.line): the entry of pgAudit is not whole",
                advice: "the log is cut off")
        }
        let text = fields[7]
        guard let kind = classes[fields[3]] else {
            if fields[3] == "MISC" {
                transactions.control(
                    text, session: session, user: record.user, transaction: record.transaction)
            }
            return
        }
        if let backend = record.backend, backend != "client backend" { return }
        let time = try record.time.flatMap { (text) throws(LedgerError) -> Timestamp? in
            try moment(text, zone, record.line)
        }
        // Process numbers come again: with the time there is one such statement.
        let number =
            record.session == nil && time != nil
            ? "\(fields[1])@\(time?.milliseconds ?? 0)" : fields[1]
        var statement = AuditStatement(
            session: session, number: number, kind: kind,
            title: [fields[4], fields[6]].filter { !$0.isEmpty }.joined(separator: " "),
            text: text, line: record.line)
        statement.time = time
        statement.user = record.user
        statement.database = record.database
        statement.host = record.host == "[local]" ? nil : record.host
        statement.application = record.application
        transactions.add(statement, transaction: record.transaction)
    }

    /// PostgreSQL writes the zone's abbreviation, which only for UTC says which it is.
    static func moment(
        _ text: String, _ zone: ToolZone, _ line: Int
    ) throws(LedgerError) -> Timestamp? {
        let parts = text.split(separator: " ")
        var clock = text
        if parts.count == 3, let end = parts.last, end.utf8.allSatisfy({ 0x41...0x5A ~= $0 }) {
            clock = "\(parts[0]) \(parts[1])" + (end == "UTC" || end == "GMT" ? "Z" : "")
        }
        switch ToolTime.read(.text(clock), zone) {
        case .known(let time)?: return time
        case .withoutZone?: return nil
        case nil:
            throw LedgerError(
                .invalidEvent,
                "line \(line): \(VisibleName.of(text)) is no time like 2026-11-01 12:00:00.000 UTC")
        }
    }

    static func fields(of bytes: some Sequence<UInt8>) -> [String] {
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var wasQuote = false
        for byte in bytes {
            if byte == UInt8(ascii: "\"") {
                if isQuoted {
                    isQuoted = false
                    wasQuote = true
                } else {
                    // A second one in quotes stands for itself.
                    if wasQuote { field.append(byte) }
                    isQuoted = true
                    wasQuote = false
                }
                continue
            }
            wasQuote = false
            if byte == UInt8(ascii: ","), !isQuoted {
                fields.append(String(decoding: field, as: UTF8.self))
                field.removeAll(keepingCapacity: true)
            } else {
                field.append(byte)
            }
        }
        fields.append(String(decoding: field, as: UTF8.self))
        return fields
    }
}
