import GRDB
import LedgerCore
import LedgerCrypto
import LedgerSQL

/// What is derived from scripts: the table `touched`, which objects of a database a script names,
/// and `merge_text`, which text a merge brought.
final class ScriptProjection {
    private let attachment: RawStatement
    private let isKnown: RawStatement
    private let insert: RawStatement
    private let insertText: RawStatement
    private let removal: ScriptRemoval
    private let hasher = SHA256()
    // Scripts that were looked at: most entries bring one that others brought before.
    private var done: Set<String> = []
    private static let limit = 65_536

    /// - Parameter source: where the entries and attachments are.
    init(_ db: Database, readingFrom source: Database) throws {
        attachment = try RawStatement(source, "SELECT bytes FROM attachment WHERE digest = ?")
        isKnown = try RawStatement(db, "SELECT 1 FROM touched WHERE digest = ? LIMIT 1")
        insert = try RawStatement(
            db,
            """
            INSERT OR IGNORE INTO touched (digest, name, schema, kind, action)
            VALUES (?, ?, ?, ?, ?)
            """)
        insertText = try RawStatement(
            db,
            "INSERT OR IGNORE INTO merge_text (service, text, change, idx) VALUES (?, ?, ?, ?)")
        removal = ScriptRemoval(db, readingFrom: source)
    }

    func forget() {
        done.removeAll()
    }

    /// Adds what the event's script says, if its bytes are there.
    func add(_ members: JSONObject, _ row: EventColumns) throws {
        guard let change = members["change"]?.object, change["size"] != nil,
            let text = change["digest"]?.string,
            let digest = Digest(hex: Array(text.utf8.dropFirst("sha256:".utf8.count)))
        else { return }
        let isMerge = row.type == EventType.merge.rawValue
        let isNew = try isNew(text)
        guard isNew || isMerge else { return }
        guard let script = try script(digest) else { return }
        if isNew { try add(script.objects, of: text) }
        if isMerge { try add(script, broughtBy: row) }
    }

    private func script(_ digest: Digest) throws -> SQLScript? {
        attachment.bind(digest, at: 1)
        defer { attachment.reset() }
        guard try attachment.step(), let bytes = attachment.bytes(0) else { return nil }
        return SQLScript(Array(bytes))
    }

    /// Takes back what the script of a merge says, once it is redacted: the next merge that brought
    /// the same text for the same change stands for it.
    func remove(of index: Int64) throws {
        guard let (row, digest) = try removal.merge(index), let script = try script(digest) else {
            return
        }
        let text = script.textDigest(hasher)
        guard try removal.remove(row, text) else { return }
        for (row, digest) in try removal.merges(like: row) {
            guard let script = try self.script(digest), script.textDigest(hasher) == text else {
                continue
            }
            return try add(script, broughtBy: row)
        }
    }

    /// Forgets a script whose bytes are erased.
    func erase(_ digest: Digest) throws {
        try removal.erase(digest)
        done.remove(Attachment.text(of: digest))
    }

    private func isNew(_ digest: String) throws -> Bool {
        guard done.insert(digest).inserted else { return false }
        if done.count > Self.limit { done = [digest] }
        isKnown.bind(digest, at: 1)
        defer { isKnown.reset() }
        return try !isKnown.step()
    }

    private func add(_ objects: [TouchedObject], of digest: String) throws {
        for object in objects {
            insert.bind(digest, at: 1)
            insert.bind(object.name, at: 2)
            insert.bind(object.schema ?? "", at: 3)
            insert.bind(object.kind.rawValue, at: 4)
            insert.bind(object.action.rawValue, at: 5)
            try insert.run()
        }
    }

    private func add(_ script: SQLScript, broughtBy merge: EventColumns) throws {
        // Where nothing is said, nothing is alike.
        guard let service = merge.service, let change = merge.change, !script.statements.isEmpty
        else { return }
        insertText.bind(service, at: 1)
        insertText.bind(script.textDigest(hasher), at: 2)
        insertText.bind(change, at: 3)
        insertText.bind(merge.index, at: 4)
        try insertText.run()
    }
}
