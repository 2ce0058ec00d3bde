import LedgerCore
import LedgerCrypto

/// Makes deployments and reviews of what Bytebase's API lists.
///
/// A changelog is a deployment; what ran is named by its version, else its sheet, its plan or its
/// issue, so that it is one change wherever it ran. A revision adds its version to the changelog of its
/// task run, or is a deployment itself. Of the audit log, statements that change something and verdicts
/// on issues are taken.
public struct BytebaseImport: Sendable {
    static let source = "import bytebase"

    public let events: [Event]
    public let remarks: [String]

    /// - Parameters:
    ///   - known: what the ledger has already.
    ///   - target: of a database, `instances/prod/databases/orders`; nil if it is none that is known.
    /// - Throws: `invalidEvent` with the item that can't be right; `usage` if no target is known.
    public init(
        _ bytes: [UInt8], known: BytebaseKnown = BytebaseKnown(),
        target: @escaping (_ database: String) -> Target?
    ) throws(LedgerError) {
        let export = try BytebaseExport(bytes)
        var versions: [String: String] = [:]
        for revision in export.revisions {
            guard let version = try revision.text("version") else { continue }
            for key in [try revision.text("taskRun"), try revision.text("sheet")] {
                if let key { versions[key] = version }
            }
        }
        var reader = Reader(versions: versions, known: known, target: target)
        for item in export.changelogs { try reader.addChangelog(item) }
        for item in export.revisions { try reader.addRevision(item) }
        for item in export.auditLogs { try reader.addAuditLog(item) }
        if reader.events.isEmpty, let first = reader.strangers.first {
            throw LedgerError(
                .usage, "it is not said of which service and environment \(first) is",
                advice: "give --service and --env, or name it as the address of a target in "
                    + "ledger.yaml")
        }
        events = try reader.events + reader.snapshots(SHA256.hash(bytes))
        remarks = reader.remarks
    }

    private struct Reader {
        let versions: [String: String]
        let known: BytebaseKnown
        let target: (String) -> Target?
        var events: [Event] = []
        /// Databases of no known target.
        var strangers: Set<String> = []
        private var strangeCount = 0
        private var otherMethods: [String: Int] = [:]
        // Task runs that a changelog told of.
        private var told: Set<String> = []
        // The changes of an issue.
        private var changes: [String: [(service: String, change: String)]] = [:]
        // By database.
        private var rewrites: [String: (target: Target, found: [Rewrite])] = [:]

        init(
            versions: [String: String], known: BytebaseKnown,
            target: @escaping (String) -> Target?
        ) {
            self.versions = versions
            self.known = known
            self.target = target
        }

        var remarks: [String] {
            var lines = Rewrite.remarks(
                rewrites.keys.sorted().flatMap { rewrites[$0]?.found ?? [] })
            if strangeCount > 0 {
                lines.append(
                    "\(strangeCount) in databases of no known target left out, "
                        + "\(strangers.sorted()[0]) the first")
            }
            let other = otherMethods.values.reduce(0, +)
            if other > 0 {
                let names = otherMethods.keys.sorted().prefix(3).joined(separator: ", ")
                lines.append("\(other) audit logs that change no database left out: \(names)")
            }
            return lines
        }

        // MARK: Changelogs

        mutating func addChangelog(_ item: ReportItem) throws(LedgerError) {
            let name = try item.neededText("name")
            guard let (database, target) = try place(name, item) else { return }
            let status = try Self.status(item)
            let taskRun = try item.text("taskRun")
            let sheet = try item.text("statementSheet")
            let issue = try item.text("issue")
            // What it was recorded as it stays, though others that came along then are not here.
            let version =
                try item.text("version") ?? known.change(of: name)
                ?? taskRun.flatMap { versions[$0] } ?? sheet.flatMap { versions[$0] }
            let named = [("sheets", sheet), ("plans", taskRun), ("issues", issue)].lazy
                .compactMap { collection, text in
                    BytebaseExport.number(collection, in: text).map {
                        "\(collection.dropLast())-\($0)"
                    }
                }.first
            let last = String(name.split(separator: "/").last ?? "")
            let change = GitText.name(version ?? named ?? "changelog-\(last)")
            if let taskRun { told.insert(taskRun) }
            if let issue, let service = target.service {
                changes[issue, default: []].append((service, change))
            }
            var event = BytebaseImport.base(target, database)
            let time = try item.time("createTime")
            event.set(time?.utc, at: "time")
            event.set("bytebase:\(name):\(status.rawValue)", at: "id")
            event.set(change, at: "change", "id")
            event.set(sheet.line(200), at: "change", "tool_digest")
            event.set(name, at: "deployment", "id")
            event.set(status.rawValue, at: "deployment", "status")
            try setType(item, &event)
            event.set(taskRun.line(200), at: "deployment", "group")
            event.set(try item.text("planTitle").line(1000), at: "title")
            event.set(issue.line(1000), at: "labels", "issue")
            let statement = try item.text("statement")
            // A preview may be cut off.
            let size = try item.id("statementSize").flatMap { Int($0) }
            let isWhole = statement != nil && size.map { $0 == statement?.utf8.count } ?? true
            compare(event, name, database, target)
            try add(event, item, script: isWhole ? statement : nil)
        }

        private static func status(_ item: ReportItem) throws(LedgerError) -> DeploymentStatus {
            switch try item.text("status") {
            case "DONE": return .succeeded
            case "FAILED": return .failed
            case "PENDING": return .started
            case nil, "STATUS_UNSPECIFIED": return .unknown
            case let status?:
                throw LedgerError(
                    .invalidEvent,
                    "\(item.place): the status \(VisibleName.of(status)) is not known",
                    advice: "known are DONE, FAILED and PENDING")
            }
        }

        private static let types: [String: (DeploymentOperation, AuditStatement.Kind?)] = [
            "TYPE_UNSPECIFIED": (.apply, nil), "BASELINE": (.baseline, nil),
            "MIGRATE": (.apply, nil),
            "SDL": (.apply, .schema), "MIGRATE_SDL": (.apply, .schema),
            "MIGRATE_GHOST": (.apply, .schema), "DATA": (.apply, .data),
        ]
        private static let migrationTypes: [String: AuditStatement.Kind] = [
            "DDL": .schema, "GHOST": .schema, "DML": .data,
        ]

        private func setType(
            _ item: ReportItem, _ event: inout JSONObject
        ) throws(LedgerError) {
            let type = try item.text("type") ?? "TYPE_UNSPECIFIED"
            guard let (operation, kind) = Self.types[type] else {
                throw LedgerError(
                    .invalidEvent, "\(item.place): the type \(VisibleName.of(type)) is not known",
                    advice: "known are MIGRATE, SDL, DATA and BASELINE")
            }
            let exact = try item.text("migrationType").flatMap { Self.migrationTypes[$0] }
            event.set(operation.rawValue, at: "deployment", "operation")
            event.set((exact ?? kind)?.rawValue, at: "change", "kind")
        }

        // MARK: Revisions

        mutating func addRevision(_ item: ReportItem) throws(LedgerError) {
            let name = try item.neededText("name")
            guard let (database, target) = try place(name, item) else { return }
            let version = try item.neededText("version")
            let taskRun = try item.text("taskRun")
            var event = BytebaseImport.base(target, database)
            event.set(GitText.name(version), at: "change", "id")
            event.set(name, at: "deployment", "id")
            event.set("succeeded", at: "deployment", "status")
            event.set(taskRun.line(200), at: "deployment", "group")
            event.set(try item.text("sheetSha256").line(200), at: "change", "tool_digest")
            event.set(try item.text("file").line(1000), at: "labels", "file")
            event.set(try item.text("release").line(1000), at: "labels", "release")
            if !(taskRun.map(told.contains) ?? false) {
                var made = event
                made.set("bytebase:\(name)", at: "id")
                made.set(try item.time("createTime")?.utc, at: "time")
                made.set("apply", at: "deployment", "operation")
                compare(made, name, database, target)
                try add(made, item, script: nil)
            }
            // Taken away, so that its version may run once more.
            guard let deleted = try item.time("deleteTime") else { return }
            event.set("bytebase:\(name):deleted", at: "id")
            event.set("\(name):deleted", at: "deployment", "id")
            event.set(deleted.utc, at: "time")
            event.set("repair", at: "deployment", "operation")
            event.set(
                BytebaseExport.user(try item.text("deleter")).line(320), at: "actor", "id")
            event.set("its revision was deleted: it counts as not applied", at: "message")
            try add(event, item, script: nil)
        }

        // MARK: Audit logs

        mutating func addAuditLog(_ item: ReportItem) throws(LedgerError) {
            let method = try item.neededText("method")
            let words = method.split(separator: "/").last.map(String.init) ?? method
            let text = try item.text("request") ?? "{}"
            let request = (try? HookValue.read(Array(text.utf8))) ?? .null
            switch words {
            case "ApproveIssue", "RejectIssue":
                let issue = request["name"].text ?? ""
                let found = changes[issue] ?? []
                if found.isEmpty {
                    otherMethods["\(words) of an issue without changelogs", default: 0] += 1
                }
                for (service, change) in found {
                    try addReview(item, service, change, isApproved: words == "ApproveIssue")
                }
            case "Execute", "AdminExecute", "Query":
                guard let statement = request["statement"].text,
                    let kind = BytebaseImport.kind(of: statement)
                else {
                    otherMethods[words, default: 0] += 1
                    return
                }
                try addStatement(item, request, statement, kind)
            default: otherMethods[words, default: 0] += 1
            }
        }

        private mutating func addReview(
            _ item: ReportItem, _ service: String, _ change: String, isApproved: Bool
        ) throws(LedgerError) {
            if isFailed(item) { return }
            var event = JSONObject()
            event.set("review", at: "type")
            event.set(BytebaseImport.source, at: "source")
            event.set("bytebase:\(try item.neededText("name")):\(service):\(change)", at: "id")
            event.set(try item.time("createTime")?.utc, at: "time")
            event.set(service, at: "service")
            event.set(change, at: "change", "id")
            event.set(isApproved ? "approved" : "rejected", at: "review", "decision")
            event.set("import", at: "trigger", "kind")
            event.set("bytebase", at: "trigger", "tool")
            event.set(BytebaseExport.user(try item.text("user")).line(320), at: "actor", "id")
            try add(event, item, script: nil)
        }

        private mutating func addStatement(
            _ item: ReportItem, _ request: HookValue, _ statement: String,
            _ kind: AuditStatement.Kind
        ) throws(LedgerError) {
            let resource = try item.text("resource")
            let name = request["name"].text ?? resource ?? ""
            guard let (database, target) = try place(name, item) else { return }
            let id = try item.neededText("name")
            let change = "manual-" + SHA256.hash(Array(id.utf8)).hex.prefix(32)
            var event = BytebaseImport.base(target, database)
            event.set(change, at: "change", "id")
            event.set(kind.rawValue, at: "change", "kind")
            event.set("bytebase:\(id)", at: "id")
            event.set(id, at: "deployment", "id")
            event.set("apply", at: "deployment", "operation")
            event.set(isFailed(item) ? "failed" : "succeeded", at: "deployment", "status")
            event.set(
                item.value["status", "message"].text.flatMap {
                    GitText.text(SecretFreeText.text(of: $0), limit: 65_536)
                }, at: "error")
            event.set(try item.time("createTime")?.utc, at: "time")
            event.set("manual", at: "trigger", "kind")
            event.set(BytebaseExport.user(try item.text("user")).line(320), at: "actor", "id")
            try add(event, item, script: statement)
        }

        /// A status of gRPC: 0 or none is success.
        private func isFailed(_ item: ReportItem) -> Bool {
            (item.value["status", "code"].integer ?? 0) != 0
        }

        // MARK: Rewritten history

        private mutating func compare(
            _ deployment: JSONObject, _ name: String, _ database: String, _ target: Target
        ) {
            let found = known.rewrites(of: name, KnownRows.State(deployment))
            if found.isEmpty { return }
            rewrites[database, default: (target, [])].found += found
        }

        /// Of each database, what is not as it was when it was read before.
        func snapshots(_ digest: Digest) throws(LedgerError) -> [Event] {
            var snapshots: [Event] = []
            for database in rewrites.keys.sorted() {
                guard let (target, found) = rewrites[database] else { continue }
                var base = BytebaseImport.base(target, database)
                base["change"] = nil
                let members = Rewrite.events(
                    found, base, table: "changelogs", rowCount: events.count, digest: digest,
                    after: known.lastIndex)
                for members in members { snapshots.append(try Self.event(members, [], database)) }
            }
            return snapshots
        }

        // MARK: Events

        /// The target of a database, which is counted if it has none.
        private mutating func place(
            _ name: String, _ item: ReportItem
        ) throws(LedgerError) -> (database: String, target: Target)? {
            guard let database = BytebaseExport.database(in: name) else {
                throw LedgerError(
                    .invalidEvent, "\(item.place): \(VisibleName.of(name)) names no database",
                    advice: "names are instances/INSTANCE/databases/DATABASE/…")
            }
            if let target = target(database) { return (database, target) }
            strangers.insert(VisibleName.of(database))
            strangeCount += 1
            return nil
        }

        private mutating func add(
            _ members: JSONObject, _ item: ReportItem, script: String?
        ) throws(LedgerError) {
            var attachments: [Attachment] = []
            if let script {
                let bytes = Array(SecretFreeText.text(of: script).utf8)
                if bytes.count <= EventSchema.attachmentByteLimit {
                    attachments.append(Attachment(name: Attachment.script, bytes: bytes))
                }
            }
            if let row = BytebaseExport.row(item) {
                attachments.append(
                    Attachment(name: "row", mediaType: "application/json", bytes: row))
            }
            events.append(try Self.event(members, attachments, item.place))
        }

        private static func event(
            _ members: JSONObject, _ attachments: [Attachment], _ place: String
        ) throws(LedgerError) -> Event {
            do throws(LedgerError) {
                var event = try EventReader.event(from: members, attachments: attachments)
                event.isDerived = true
                return event
            } catch {
                throw error.prefixed(place)
            }
        }
    }

    private static func base(_ target: Target, _ database: String) -> JSONObject {
        var event = target.json
        let name = database.split(separator: "/").last.map(String.init)
        event.set(name.line(200), at: "database")
        event.set("deployment", at: "type")
        event.set(source, at: "source")
        event.set("import", at: "trigger", "kind")
        event.set("bytebase", at: "trigger", "tool")
        event.set("bytebase", at: "change", "tool")
        return event
    }

    /// What the statements of a text change; nil if nothing.
    static func kind(of text: String) -> AuditStatement.Kind? {
        // Blocks and procedures may do anything.
        let others: [String: AuditStatement.Kind] = ["CALL": .data, "DO": .data, "COPY": .data]
        for statement in text.split(separator: ";") {
            let text = statement.split(whereSeparator: \.isNewline).map(\.trimmed)
                .filter { !$0.hasPrefix("--") }.joined(separator: " ")
            let words = text.uppercased().split { !$0.isLetter }.map(String.init)
            if let kind = AuditStatement.Kind(of: text) ?? words.first.flatMap({ others[$0] }) {
                return kind
            }
            // `WITH x AS (…) DELETE …`, `EXPLAIN ANALYZE UPDATE …`.
            guard ["WITH", "EXPLAIN"].contains(words.first) else { continue }
            if words.contains(where: { AuditStatement.Kind(of: $0) == .data }) { return .data }
        }
        return nil
    }
}
