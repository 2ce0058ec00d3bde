import LedgerCore
import LedgerCrypto

/// Where the table is that is read, and of which target it speaks.
public struct ToolTable: Sendable {
    public let history: any ToolHistory.Type
    public let target: Target
    /// The database's name, if it is known.
    public let database: String?
    public let reading: ToolReading

    public init(
        _ history: any ToolHistory.Type, of target: Target, database: String?, reading: ToolReading
    ) {
        self.history = history
        self.target = target
        self.database = database
        self.reading = reading
    }

    /// Who sends what comes from it.
    public var source: String { "import " + history.name }

    /// Names a row the same at every import: two imports of one table, or of two replicas of it, meet.
    ///
    /// - Parameter ordinal: how many rows with this key were there before, and went or changed.
    func id(_ key: String, ordinal: Int) -> String {
        var object = target.json
        object["row"] = .string(row(key))
        object["ordinal"] = .integer(Int64(ordinal))
        object["table"] = .string(reading.table)
        return "row:" + SHA256.hash(CanonicalJSON.bytes(.object(object))).hex
    }

    /// `flyway_schema_history/3`.
    func row(_ key: String) -> String {
        let table = reading.table.split(separator: ".").last ?? ""
        return GitText.line("\(table)/\(key)", limit: 600) ?? "?"
    }
}

/// Reads a tool's table, row by row, and compares it with what was read before.
///
/// It gives the events of rows that are new, then one for each hundred rows that are not as they
/// were.
public struct ToolImport {
    private let table: ToolTable
    private let scripts: ScriptFolder?
    private var known: KnownRows
    // Rows whose scripts are not what ran, with the scripts' paths.
    private var edited: [(row: String, path: String)] = []
    private var read: [String: Int] = [:]
    private var rewrites: [Rewrite] = []
    private let hasher = SHA256()
    public private(set) var rowCount = 0
    // Rows that say when, but not in which zone.
    private var zonelessCount = 0

    /// - Parameter scripts: to be attached where their checksums are those of the rows.
    public init(_ table: ToolTable, known: KnownRows, scripts: ScriptFolder? = nil) {
        self.table = table
        self.scripts = scripts
        self.known = known
        hasher.start()
    }

    /// - Returns: the event of a row that was not there before, or has another outcome now.
    /// - Throws: `invalidEvent` for a row that can't be right.
    public mutating func event(of row: ToolRow) throws(LedgerError) -> Event? {
        guard let record = try table.history.record(row, table.reading) else { return nil }
        row.bytes.withUnsafeBytes { hasher.update($0) }
        if let earlier = read[record.key] {
            throw LedgerError(
                .invalidEvent,
                "rows \(earlier) and \(row.number) are both \(VisibleName.of(table.row(record.key)))",
                advice: "it is no table of one database: import each by itself")
        }
        rowCount += 1
        read[record.key] = row.number
        if let column = table.history.timeColumn, table.reading.lacksZone(column, of: row) {
            zonelessCount += 1
        }
        let script = scripts?.script(of: record)
        if let script, script.match == .different {
            edited.append((table.row(record.key), script.path))
        }
        let state = KnownRows.State(record)
        switch known.take(record.key, state) {
        case .new(let ordinal): return try event(record, row, ordinal, script)
        case .same: return nil
        case .changed(let before, let ordinal):
            rewrites += Rewrite.all(of: table.row(record.key), before, state)
            return before.outcome == state.outcome ? nil : try event(record, row, ordinal, script)
        }
    }

    /// What is left to say once every row was read.
    public mutating func finish() throws(LedgerError) -> [Event] {
        var events: [Event] = []
        if table.history.removal == .moves {
            for (key, before, ordinal) in known.movedBack {
                events.append(
                    try rollback(
                        key, before, ordinal,
                        "\(table.reading.table) stands before it: rolled back, or set back"))
            }
        } else {
            for (key, before, ordinal) in known.unseen {
                rewrites.append(
                    Rewrite(
                        row: table.row(key), change: before.change, member: "row",
                        before: before.text, after: nil))
                if table.history.removal == .rollback {
                    events.append(
                        try rollback(
                            key, before, ordinal,
                            "its row is gone from \(table.reading.table): rolled back, or taken away"
                        ))
                }
            }
        }
        let snapshots = Rewrite.events(
            rewrites, base("snapshot"), table: table.reading.table, rowCount: rowCount,
            digest: hasher.finish(), after: known.lastIndex)
        for members in snapshots {
            events.append(try Self.derived(members, [], table.reading.table))
        }
        return events
    }

    /// What a person should know, a line each.
    public var remarks: [String] {
        var lines: [String] = []
        if zonelessCount > 0 {
            lines.append(
                "\(zonelessCount) \(zonelessCount == 1 ? "row says" : "rows say") when, but not in "
                    + "which zone; that is left out (give --time-zone)")
        }
        lines += Rewrite.remarks(rewrites)
        for script in edited.prefix(5) {
            lines.append("edited: \(script.path) is not what ran as \(script.row)")
        }
        if edited.count > 5 { lines.append("edited: \(edited.count - 5) more") }
        return lines
    }

    // MARK: Events

    private func base(_ type: String) -> JSONObject {
        var event = table.target.json
        event.set(table.database, at: "database")
        event.set(type, at: "type")
        event.set(table.source, at: "source")
        event.set("import", at: "trigger", "kind")
        event.set(table.history.name, at: "trigger", "tool")
        return event
    }

    private func event(
        _ record: ToolRecord, _ row: ToolRow, _ ordinal: Int, _ script: ScriptFolder.Finding?
    ) throws(LedgerError) -> Event {
        var event = base("deployment")
        let id = table.id(record.key, ordinal: ordinal)
        event.set(id, at: "id")
        event.set(record.time?.utc, at: "time")
        event.set(GitText.name(record.change.id), at: "change", "id")
        event.set(GitText.name(record.change.name), at: "change", "name")
        if record.change.isRepeatable { event.set(true, at: "change", "repeatable") }
        setTool(&event)
        event.set(record.checksum.line(200), at: "change", "tool_digest")
        event.set(record.ticket.line(200), at: "change", "ticket")
        event.set(id, at: "deployment", "id")
        event.set(table.row(record.key), at: "deployment", "row")
        event.set(record.operation.rawValue, at: "deployment", "operation")
        event.set(record.status.rawValue, at: "deployment", "status")
        event.set(record.group.line(200), at: "deployment", "group")
        if let started = record.started, record.time.map({ started <= $0 }) ?? true {
            event.set(started.utc, at: "deployment", "started")
        }
        event.set(record.time?.utc, at: "deployment", "ended")
        event.set(Self.count(record.durationMilliseconds), at: "deployment", "duration_ms")
        event.set(Self.count(record.statements), at: "deployment", "statements")
        event.set(Self.count(record.statementsDone), at: "deployment", "statements_done")
        event.set(record.path.line(4096), at: "git", "path")
        event.set(record.toolVersion.line(100), at: "trigger", "tool_version")
        event.set(record.actor.flatMap(Self.person), at: "actor")
        event.set(record.author.flatMap(Self.person), at: "author")
        event.set(record.executedAs.line(200), at: "executed_as")
        event.set(record.title.line(1000), at: "title")
        event.set(record.message.flatMap { GitText.text($0, limit: 65_536) }, at: "message")
        event.set(record.error.flatMap { GitText.text($0, limit: 65_536) }, at: "error")
        var bytes = row.bytes
        var attachments: [Attachment] = []
        if let statement = record.statement {
            let text = SecretFreeText.text(of: statement)
            bytes = row.secretFree("statement").bytes
            event.set("manual", at: "trigger", "kind")
            event.set(record.application.line(100), at: "trigger", "tool")
            event.set(record.host.line(400), at: "host")
            event.set(GitText.text(text, limit: 65_536), at: "command")
            if text.utf8.count <= EventSchema.attachmentByteLimit {
                attachments.append(Attachment(name: Attachment.script, bytes: Array(text.utf8)))
            }
        }
        if let script, script.match == .same {
            attachments.append(Attachment(name: Attachment.script, bytes: script.bytes))
        }
        attachments.append(
            Attachment(name: "row", mediaType: "application/json", bytes: bytes))
        return try Self.derived(event, attachments, "row \(row.number)")
    }

    private func setTool(_ event: inout JSONObject) {
        if table.history.tool == .none { return }
        event.set(table.history.tool.rawValue, at: "change", "tool")
    }

    private static func count(_ number: Int64?) -> JSON? {
        number.flatMap { 0...JSON.integerBounds.upperBound ~= $0 ? .integer($0) : nil }
    }

    /// Of a row that a rollback took away, or somebody's hand.
    private func rollback(
        _ key: String, _ before: KnownRows.State, _ ordinal: Int, _ message: String
    ) throws(LedgerError) -> Event {
        var event = base("deployment")
        let id = table.id(key, ordinal: ordinal) + ":gone"
        event.set(id, at: "id")
        event.set(before.change, at: "change", "id")
        setTool(&event)
        event.set(id, at: "deployment", "id")
        event.set(table.row(key), at: "deployment", "row")
        event.set("revert", at: "deployment", "operation")
        event.set("succeeded", at: "deployment", "status")
        event.set(message, at: "message")
        return try Self.derived(event, [], table.row(key))
    }

    private static func derived(
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

    private static func person(_ person: ToolRecord.Person) -> JSON? {
        guard let id = GitText.line(person.id, limit: 320) else { return nil }
        return .object(
            JSONObject([
                "id": .string(id),
                "name": person.name.flatMap { GitText.line($0, limit: 320) }.map(JSON.string),
            ]))
    }
}
