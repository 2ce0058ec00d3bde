import LedgerCore
import LedgerCrypto

/// Makes deployments of the changes that a database's audit log shows.
///
/// A change that `ledger run` made is left out: the run recorded it. Every other one was made by
/// hand, as far as anybody knows. The same statement again, in another log too, makes the same
/// deployment; once the end of its transaction is seen, its outcome is told.
public struct AuditImport: Sendable {
    /// Which logs can be read.
    public enum Log: String, Sendable {
        case pgaudit
        case mariadb = "mariadb-audit"
    }

    /// Which statements are wanted, and where they ran.
    public struct Selection: Sendable {
        /// The target of a database; nil if it is none that is known.
        let target: @Sendable (String?) -> Target?
        let users: [String]
        let otherUsers: [String]
        let host: String?

        /// - Parameters:
        ///   - users: only these users of the database; all if there are none.
        ///   - otherUsers: not these.
        ///   - host: the database's, with a port after `:`.
        public init(
            users: [String] = [], otherUsers: [String] = [], host: String? = nil,
            target: @escaping @Sendable (String?) -> Target?
        ) {
            self.users = users
            self.otherUsers = otherUsers
            self.host = host
            self.target = target
        }

        fileprivate func takes(_ user: String?) -> Bool {
            let user = user ?? ""
            if otherUsers.contains(where: { $0.hasSameBytes(as: user) }) { return false }
            return users.isEmpty || users.contains { $0.hasSameBytes(as: user) }
        }
    }

    public let events: [Event]
    public let remarks: [String]

    /// - Parameters:
    ///   - prefix: PostgreSQL's `log_line_prefix`.
    ///   - zone: of times that don't say theirs.
    /// - Throws: `invalidEvent` with the line of what can't be right.
    public init(
        _ log: Log, _ bytes: [UInt8], prefix: String? = nil, zone: ToolZone,
        _ selection: Selection
    ) throws(LedgerError) {
        let statements =
            log == .pgaudit
            ? try PgAuditLog.statements(in: bytes, prefix: prefix, zone: zone)
            : try MariaDBAuditLog.statements(in: bytes, zone: zone)
        var events: [Event] = []
        var counts = Counts()
        for statement in statements {
            if statement.isOfRun {
                counts.ofRuns += 1
                continue
            }
            if !selection.takes(statement.user) {
                counts.ofOthers += 1
                continue
            }
            guard let target = selection.target(statement.database) else {
                counts.elsewhere += 1
                continue
            }
            if statement.time == nil { counts.zoneless += 1 }
            if statement.outcome == .unknown { counts.unknown += 1 }
            do throws(LedgerError) {
                events.append(try Self.event(statement, log, target, selection))
            } catch {
                throw error.prefixed("line \(statement.line)")
            }
        }
        self.events = events
        remarks = counts.remarks
    }

    private struct Counts {
        var ofRuns = 0
        var ofOthers = 0
        var elsewhere = 0
        var zoneless = 0
        var unknown = 0

        var remarks: [String] {
            [
                (ofRuns, "statements of ledger run left out: the run recorded them"),
                (ofOthers, "statements of other users left out"),
                (elsewhere, "statements in databases of no known target left out"),
                (zoneless, "statements say when, but not in which zone (give --time-zone)"),
                (unknown, "statements of which the log doesn't show whether they were committed"),
            ].filter { $0.0 > 0 }.map { "\($0) \($1)" }
        }
    }

    private static func event(
        _ statement: AuditStatement, _ log: Log, _ target: Target, _ selection: Selection
    ) throws(LedgerError) -> Event {
        var identity = target.json
        identity["database"] = statement.database.map(JSON.string)
        identity["host"] = selection.host.map(JSON.string)
        identity["session"] = .string(statement.session)
        identity["statement"] = .string(statement.number)
        let digest = SHA256.hash(CanonicalJSON.bytes(.object(identity))).hex
        let change = "manual-" + digest.prefix(32)
        var members = target.json
        members.set("deployment", at: "type")
        members.set("import " + log.rawValue, at: "source")
        members.set(statement.time?.utc, at: "time")
        members.set(statement.database.flatMap { GitText.line($0, limit: 200) }, at: "database")
        members.set(change, at: "change", "id")
        members.set(change, at: "change", "name")
        members.set(statement.kind.rawValue, at: "change", "kind")
        members.set(change, at: "deployment", "id")
        members.set(
            GitText.line("\(log.rawValue):\(statement.session)", limit: 200), at: "deployment",
            "group")
        members.set("apply", at: "deployment", "operation")
        members.set(.integer(Int64(statement.statements)), at: "deployment", "statements")
        switch statement.outcome {
        case .unknown: members.set("unknown", at: "deployment", "status")
        case .succeeded: members.set("succeeded", at: "deployment", "status")
        case .failed(let why):
            members.set("failed", at: "deployment", "status")
            members.set(GitText.text(SecretFreeText.text(of: why), limit: 65_536), at: "error")
        }
        let status = members[["deployment", "status"]]?.string ?? ""
        members.set("\(change):\(status)", at: "id")
        members.set("manual", at: "trigger", "kind")
        members.set(
            (statement.application ?? log.rawValue).isEmpty
                ? log.rawValue
                : GitText.line(statement.application ?? log.rawValue, limit: 100), at: "trigger",
            "tool")
        members.set(statement.user.flatMap { GitText.line($0, limit: 200) }, at: "executed_as")
        members.set(
            (selection.host ?? statement.host).flatMap { GitText.line($0, limit: 400) }, at: "host")
        members.set(GitText.line(statement.title, limit: 1000), at: "title")
        let text = SecretFreeText.text(of: statement.text)
        members.set(GitText.text(text, limit: 65_536), at: "command")
        let script = Attachment(name: Attachment.script, bytes: Array(text.utf8))
        let isKept = script.bytes.count <= EventSchema.attachmentByteLimit
        if !isKept { members.set(Attachment.text(of: script.digest), at: "change", "digest") }
        var event = try EventReader.event(from: members, attachments: isKept ? [script] : [])
        event.isDerived = true
        return event
    }
}
