import GRDB
import LedgerCore
import LedgerCrypto
import LedgerSQL

/// The table `touched`: which objects of a database a script names.
final class TouchedProjection {
    private let attachment: RawStatement
    private let isKnown: RawStatement
    private let insert: RawStatement
    // Scripts that were looked at: most entries bring one that others brought before.
    private var done: Set<String> = []
    private static let limit = 65_536

    /// - Parameter source: where the attachments are.
    init(_ db: Database, readingFrom source: Database) throws {
        attachment = try RawStatement(source, "SELECT bytes FROM attachment WHERE digest = ?")
        isKnown = try RawStatement(db, "SELECT 1 FROM touched WHERE digest = ? LIMIT 1")
        insert = try RawStatement(
            db,
            """
            INSERT OR IGNORE INTO touched (digest, name, schema, kind, action)
            VALUES (?, ?, ?, ?, ?)
            """)
    }

    func forget() {
        done.removeAll()
    }

    /// Adds what the event's script touches, if its bytes are there.
    func add(_ members: JSONObject) throws {
        guard let change = members["change"]?.object, change["size"] != nil,
            let text = change["digest"]?.string,
            let digest = Digest(hex: Array(text.utf8.dropFirst("sha256:".utf8.count))),
            done.insert(text).inserted
        else { return }
        if done.count > Self.limit { done = [text] }
        isKnown.bind(text, at: 1)
        defer { isKnown.reset() }
        if try isKnown.step() { return }
        attachment.bind(digest, at: 1)
        defer { attachment.reset() }
        guard try attachment.step(), let bytes = attachment.bytes(0) else { return }
        for object in SQLScript(Array(bytes)).objects {
            insert.bind(text, at: 1)
            insert.bind(object.name, at: 2)
            insert.bind(object.schema ?? "", at: 3)
            insert.bind(object.kind.rawValue, at: 4)
            insert.bind(object.action.rawValue, at: 5)
            try insert.run()
        }
    }
}
