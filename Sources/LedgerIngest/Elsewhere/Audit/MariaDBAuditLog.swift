import LedgerCore

// MariaDBAuditLog.swift
//
// A line of MariaDB's audit plugin, server_audit (mariadb.com/kb, "MariaDB Audit Plugin - Log
// Format"):
//
//    20260102 03:04:05,db1,root,localhost,8,12,QUERY,shop,'create table x (id int)',0
//    time, server, user, host, connection, query, operation, database, text, error's number
//
// It is written after the statement ran. In the text `'`, `\` and line breaks stand after a `\`.
// A change of the schema commits by itself; other changes by the end of their transaction.

/// Reads the changes that MariaDB's audit plugin shows.
enum MariaDBAuditLog {
    /// - Throws: `invalidEvent` with the line of what can't be right.
    static func statements(
        in bytes: [UInt8], zone: ToolZone
    ) throws(LedgerError) -> [AuditStatement] {
        var transactions = AuditTransactions()
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = line.last == 0x0D ? line.dropLast() : line
            if text.allSatisfy({ $0 <= 0x20 }) { continue }
            try take(text, index + 1, zone, &transactions)
        }
        return transactions.finish()
    }

    private static func take(
        _ line: ArraySlice<UInt8>, _ number: Int, _ zone: ToolZone,
        _ transactions: inout AuditTransactions
    ) throws(LedgerError) {
        func wrong(_ reason: String) -> LedgerError {
            LedgerError(
                .invalidEvent, "line \(number): \(reason)",
                advice: "it is cut off, or no log of server_audit")
        }
        let parts = line.split(
            separator: UInt8(ascii: ","), maxSplits: 8, omittingEmptySubsequences: false
        ).map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 9 else {
            throw wrong("it has \(parts.count) fields, and an entry has 10")
        }
        let operation = parts[6]
        let session = parts[4]
        guard operation.hasPrefix("QUERY") else {
            if operation == "DISCONNECT" { transactions.leave(session) }
            return
        }
        guard let comma = parts[8].lastIndex(of: ","),
            let code = Int64(parts[8][parts[8].index(after: comma)...])
        else { throw wrong("the error's number is missing") }
        let object = parts[8][..<comma]
        guard object.utf8.count >= 2, object.hasPrefix("'"), object.hasSuffix("'") else {
            throw wrong("the statement is not in quotes")
        }
        let text = unescaped(object.dropFirst().dropLast())
        let user = parts[2]
        guard let kind = AuditStatement.Kind(of: text) else {
            if code == 0 {
                transactions.control(text, session: session, user: user, transaction: nil)
            }
            return
        }
        guard let time = try moment(parts[0], zone, number) else {
            throw wrong("the time is wrong")
        }
        var statement = AuditStatement(
            // Connections are counted anew when the server starts.
            session: session, number: "\(parts[5])@\(parts[0])", kind: kind,
            title: title(of: text), text: text, line: number)
        statement.time = time.known
        statement.user = user.isEmpty ? nil : user
        statement.host = parts[3].isEmpty || parts[3] == "localhost" ? nil : parts[3]
        statement.database = parts[7].isEmpty ? nil : parts[7]
        if code != 0 {
            statement.outcome = .failed("error \(code)")
        } else if kind != .data {
            // It commits what came before, and itself.
            transactions.commit(session, user: nil, seen: false)
            statement.outcome = .succeeded
        }
        transactions.add(statement, transaction: nil)
    }

    private struct Moment {
        let known: Timestamp?
    }

    /// `20260102 03:04:05`, by the server's clock.
    private static func moment(
        _ text: String, _ zone: ToolZone, _ line: Int
    ) throws(LedgerError) -> Moment? {
        let parts = text.split(separator: " ")
        guard parts.count == 2, parts[0].utf8.count == 8, Int64(parts[0]) != nil else { return nil }
        let day = parts[0]
        let date = "\(day.prefix(4))-\(day.dropFirst(4).prefix(2))-\(day.suffix(2))"
        // Before ten the hour has a space or one digit.
        let clock = parts[1].utf8.count == 7 ? "0\(parts[1])" : String(parts[1])
        switch ToolTime.read(.text("\(date) \(clock)"), zone) {
        case .known(let time)?: return Moment(known: time)
        case .withoutZone?: return Moment(known: nil)
        case nil: return nil
        }
    }

    static let examples = [
        AuditExample(
            """
            20260102 03:04:05,db1,ann,localhost,8,12,QUERY,shop,\
            'create table x (id int,\\n t varchar(9))',0
            20260102 03:04:06,db1,ann,localhost,8,13,QUERY,shop,'create table x (id int)',1050
            20260102 03:04:07,db1,app,10.0.0.7,9,14,QUERY,shop,'BEGIN',0
            20260102 03:04:08,db1,app,10.0.0.7,9,15,QUERY,shop,'update x set t = \\'a,b\\'',0
            20260102 03:04:09,db1,app,10.0.0.7,9,16,QUERY,shop,'ROLLBACK',0
            20260102 03:04:10,db1,app,10.0.0.7,9,17,QUERY,shop,'delete from x',0
            20260102 03:04:10,db1,app,10.0.0.7,9,18,READ,shop,x,
            20260102  3:04:11,db1,app,10.0.0.7,9,19,QUERY,shop,'select 1',0
            20260102  3:04:11,db1,app,10.0.0.7,9,0,DISCONNECT,,,0
            20260102  3:04:12,db1,bob,10.0.0.8,10,20,QUERY_DML,shop,'insert into x values (1)',0
            """,
            [
                ("create table x (id int,\n t varchar(9))", .succeeded),
                ("create table x (id int)", .failed("error 1050")),
                ("update x set t = 'a,b'", .failed("rolled back")),
                ("delete from x", .succeeded), ("insert into x values (1)", .unknown),
            ]),
        // As MariaDB 10.11 writes it.
        AuditExample(
            """
            20261128 20:30:13,vm,root,localhost,3,18,QUERY,shop,'start transaction',0
            20261128 20:30:13,vm,root,localhost,3,19,QUERY,shop,'savepoint s',0
            20261128 20:30:13,vm,root,localhost,3,20,WRITE,shop,x,
            20261128 20:30:13,vm,root,localhost,3,20,QUERY,shop,\
            'insert into x values (7,\\'gone\\',1)',0
            20261128 20:30:13,vm,root,localhost,3,21,QUERY,shop,'rollback to s',0
            20261128 20:30:13,vm,root,localhost,3,22,QUERY,shop,\
            'insert into x values (8,\\'kept\\',1)',0
            20261128 20:30:13,vm,root,localhost,3,23,QUERY,shop,'commit',0
            20261128 20:30:13,vm,root,localhost,3,24,QUERY,shop,\
            'create user bob identified by *****',0
            """,
            [
                ("insert into x values (7,'gone',1)", .failed("rolled back to a savepoint")),
                ("insert into x values (8,'kept',1)", .succeeded),
                ("create user bob identified by *****", .succeeded),
            ]),
    ]

    private static func title(of text: String) -> String {
        AuditStatement.words(text).prefix(3).joined(separator: " ")
    }

    private static func unescaped(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if !isEscaped, character == "\\" {
                isEscaped = true
                continue
            }
            switch character {
            case "n" where isEscaped: result.append("\n")
            case "r" where isEscaped: result.append("\r")
            case "t" where isEscaped: result.append("\t")
            default: result.append(character)
            }
            isEscaped = false
        }
        return result
    }
}
