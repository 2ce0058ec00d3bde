import LedgerCore

/// A statement that a database's audit log shows, and what became of it.
struct AuditStatement: Equatable, Sendable {
    enum Outcome: Equatable, Sendable {
        /// Nobody saw how its transaction ended.
        case unknown
        case succeeded
        /// With what the log says of why.
        case failed(String)
    }

    enum Kind: String, Sendable {
        case schema, data, permission

        /// What a statement changes, by its first words; nil if nothing.
        init?(of text: String) {
            let words = AuditStatement.words(text).map { $0.uppercased() }
            switch words.first {
            case "GRANT", "REVOKE": self = .permission
            case "CREATE", "ALTER", "DROP", "RENAME":
                let isOfPeople = ["USER", "ROLE"].contains(words.dropFirst().first ?? "")
                self = isOfPeople ? .permission : .schema
            case "TRUNCATE", "COMMENT": self = .schema
            case "SET" where words.dropFirst().first == "PASSWORD": self = .permission
            case "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "LOAD": self = .data
            default: return nil
            }
        }
    }

    /// The first words of a text.
    static func words(_ text: String) -> [String] {
        text.prefix(400).split { " \n\t\r(;`".contains($0) }.prefix(4).map(String.init)
    }

    /// Names the session in its log: `6b0b31d4.1314`.
    let session: String
    /// Names it in its session.
    let number: String
    let kind: Kind
    /// `CREATE TABLE public.x`.
    var title: String
    var text: String
    var time: Timestamp?
    var user: String?
    var database: String?
    /// Where the session came from.
    var host: String?
    var application: String?
    var statements = 1
    var outcome = Outcome.unknown
    /// Where it stands in the log.
    let line: Int

    /// The deployment that `ledger run` recorded it for.
    var isOfRun: Bool { application?.hasPrefix("ledger/") ?? false }
}

/// A log by hand, and of each change that it shows the text and what became of it.
struct AuditExample: Sendable {
    let log: String
    let expected: [(text: String, outcome: AuditStatement.Outcome)]

    init(_ log: String, _ expected: [(String, AuditStatement.Outcome)]) {
        self.log = log
        self.expected = expected.map { ($0.0, $0.1) }
    }
}
