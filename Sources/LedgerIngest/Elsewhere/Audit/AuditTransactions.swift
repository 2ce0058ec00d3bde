import LedgerCore

// AuditTransactions.swift
//
// What became of a statement is seen by what follows it in its session:
//    COMMIT                     what stands in the transaction succeeded
//    ROLLBACK                   it failed
//    ROLLBACK TO a savepoint    what came after that savepoint failed
//    ERROR                      the statement failed, and with it the transaction, unless the
//                               session goes on in it: then it went back to a savepoint
//    another transaction        a statement by itself was committed, where the log shows the
//                               transactions of this user at all; else nobody knows

/// Follows the transactions of every session in a log.
struct AuditTransactions {
    private struct Session {
        // Places of the statements of the transaction that is open.
        var pending: [Int] = []
        var transaction: String?
        var isExplicit = false
        var isAborted = false
        // How many were pending at each savepoint.
        var savepoints: [(name: String, count: Int)] = []
    }

    // Of what a function runs, as much is kept.
    private static let textByteLimit = 65_536

    private(set) var statements: [AuditStatement] = []
    private var sessions: [String: Session] = [:]
    // Committed, if their users' transactions are shown.
    private var lone: [Int] = []
    private var showing: Set<String> = []

    /// A record of a session, whatever it says.
    ///
    /// - Parameter transaction: the virtual transaction, if the log tells it.
    mutating func see(_ name: String, transaction: String?) {
        guard var session = sessions[name] else { return }
        defer { sessions[name] = session }
        guard let open = session.transaction, let transaction, transaction != open else { return }
        end(&session)
    }

    /// A transaction that ended without its end being shown.
    private mutating func end(_ session: inout Session) {
        if session.isAborted {
            settle(session.pending, .failed("rolled back"))
        } else if !session.isExplicit {
            lone += session.pending
        }
        session = Session()
    }

    mutating func add(_ statement: AuditStatement, transaction: String?) {
        // Taken out, so that a long transaction is not copied for each of its statements.
        var session = sessions.removeValue(forKey: statement.session) ?? Session()
        defer { sessions[statement.session] = session }
        if let last = session.pending.last, statements[last].number == statement.number {
            // Further relations of a statement, or statements of a function.
            if statements[last].text.hasSuffix(statement.text) { return }
            statements[last].statements += 1
            if statements[last].text.utf8.count < Self.textByteLimit {
                statements[last].text += "\n" + statement.text
            }
            return
        }
        if session.isAborted { resume(&session, nil) }
        // Without the transaction's name each statement outside of BEGIN is one.
        if transaction == nil, !session.isExplicit, let last = session.pending.last,
            !isOneQuery(statements[last].text, statement.text)
        {
            end(&session)
        }
        session.transaction = transaction ?? session.transaction
        session.pending.append(statements.count)
        statements.append(statement)
    }

    /// Statements that were sent at once are one transaction; each is logged with the whole text.
    private func isOneQuery(_ text: String, _ next: String) -> Bool {
        text == next && text.split(separator: ";").count { !$0.trimmed.isEmpty } > 1
    }

    mutating func begin(_ name: String, user: String?, transaction: String?) {
        showing.insert(user ?? "")
        var session = sessions[name] ?? Session()
        // Of an aborted transaction the end may not be shown.
        if !session.isExplicit || session.isAborted { end(&session) }
        session.isExplicit = true
        session.transaction = transaction
        sessions[name] = session
    }

    /// - Parameter seen: whether the log shows it, and with it others of this user.
    mutating func commit(_ name: String, user: String?, seen: Bool = true) {
        if seen { showing.insert(user ?? "") }
        guard let session = sessions[name] else { return }
        settle(session.pending, session.isAborted ? .failed("rolled back") : .succeeded)
        sessions[name] = Session()
    }

    mutating func rollBack(_ name: String, user: String?) {
        showing.insert(user ?? "")
        guard let session = sessions[name] else { return }
        settle(session.pending, .failed("rolled back"))
        sessions[name] = Session()
    }

    /// The session has ended.
    mutating func leave(_ name: String) {
        guard var session = sessions[name] else { return }
        if session.isExplicit { settle(session.pending, .failed("rolled back")) }
        end(&session)
        sessions[name] = nil
    }

    /// Nobody sees any more what becomes of it.
    mutating func detach(_ name: String) {
        sessions[name] = nil
    }

    mutating func savepoint(_ name: String, _ savepoint: String) {
        guard var session = sessions[name] else { return }
        session.savepoints.append((savepoint.lowercased(), session.pending.count))
        sessions[name] = session
    }

    mutating func rollBack(_ name: String, to savepoint: String) {
        guard var session = sessions[name] else { return }
        resume(&session, savepoint.lowercased())
        sessions[name] = session
    }

    /// Goes on after an error: to which savepoint it went back may not be shown.
    private mutating func resume(_ session: inout Session, _ name: String?) {
        session.isAborted = false
        let known = name.flatMap { name in session.savepoints.last { $0.name == name } }
        guard let point = known ?? session.savepoints.first else {
            // Of a savepoint that nobody saw: all may be there or not.
            session.pending.removeAll()
            return
        }
        let gone = session.pending[min(point.count, session.pending.count)...]
        if known != nil { settle(Array(gone), .failed("rolled back to a savepoint")) }
        session.pending.removeLast(gone.count)
    }

    /// - Parameters:
    ///   - text: what the database said.
    ///   - statement: the statement that failed, if the log tells it.
    mutating func fail(
        _ name: String, _ text: String, statement: String?, transaction: String?, isFatal: Bool
    ) {
        guard var session = sessions[name], !session.pending.isEmpty || session.isExplicit else {
            return
        }
        defer { sessions[name] = session }
        let failed = session.pending.last { place in
            statement.map { $0 == statements[place].text } ?? true
        }
        // Of no transaction that is known: another statement, which was never logged.
        if session.transaction == nil || transaction == nil, failed == nil, !session.isExplicit {
            return
        }
        if let failed { settle([failed], .failed(text)) }
        if session.isExplicit, !isFatal {
            session.isAborted = true
            return
        }
        settle(session.pending, .failed("rolled back: \(text)"))
        session = Session()
    }

    /// What has failed stays failed.
    private mutating func settle(_ places: [Int], _ outcome: AuditStatement.Outcome) {
        for place in places where statements[place].outcome == .unknown {
            statements[place].outcome = outcome
        }
    }

    mutating func finish() -> [AuditStatement] {
        for place in lone
        where statements[place].outcome == .unknown
            && showing.contains(statements[place].user ?? "")
        {
            statements[place].outcome = .succeeded
        }
        return statements
    }

    /// Understands the statements that begin and end transactions.
    mutating func control(
        _ text: String, session: String, user: String?, transaction: String?
    ) {
        let words = text.prefix(300).split {
            $0 == " " || $0 == ";" || $0 == "\n" || $0 == "\t" || $0 == "\r"
        }.map(String.init)
        let upper = words.prefix(4).map { $0.uppercased() }
        switch upper.first {
        case "BEGIN": begin(session, user: user, transaction: transaction)
        case "START" where upper.dropFirst().first == "TRANSACTION":
            begin(session, user: user, transaction: transaction)
        case "COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE":
            if upper.dropFirst().first == "PREPARED" { return }
            if upper.first == "PREPARE" {
                if upper.dropFirst().first == "TRANSACTION" { detach(session) }
            } else if upper.contains("TO"), let last = words.last {
                rollBack(session, to: last)
            } else if upper.first == "COMMIT" || upper.first == "END" {
                commit(session, user: user)
            } else {
                rollBack(session, user: user)
            }
        case "SAVEPOINT": if words.count > 1 { savepoint(session, words[1]) }
        default: break
        }
    }
}
