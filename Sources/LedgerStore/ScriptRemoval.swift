import GRDB
import LedgerCore
import LedgerCrypto

/// Finds the merges whose scripts are to be looked at again when one of them is redacted.
struct ScriptRemoval {
    private let db: Database
    private let source: Database

    /// - Parameter source: where the entries are.
    init(_ db: Database, readingFrom source: Database) {
        self.db = db
        self.source = source
    }

    /// What a merge says itself, and its script, if the bytes were attached.
    func merge(_ index: Int64) throws -> (row: EventColumns, script: Digest)? {
        let entry = try RawStatement(
            source,
            """
            SELECT entry.leaf, body.bytes FROM entry JOIN body ON body.idx = entry.idx
            WHERE entry.idx = ?
            """, isCached: true)
        entry.bind(index, at: 1)
        defer { entry.reset() }
        guard try entry.step(), let leaf = entry.bytes(0).flatMap({ Leaf($0) }),
            let event = entry.bytes(1).flatMap({ StoredBody(Array($0)) })?.event,
            event["type"]?.string == EventType.merge.rawValue,
            let change = event["change"]?.object, change["size"] != nil,
            let text = change["digest"]?.string,
            let digest = Digest(hex: text.utf8.dropFirst("sha256:".utf8.count))
        else { return nil }
        return (EventColumns(leaf: leaf, members: event), digest)
    }

    /// Whether it was this merge that stood for the text.
    func remove(_ merge: EventColumns, _ text: Digest) throws -> Bool {
        let statement = try RawStatement(
            db,
            "DELETE FROM merge_text WHERE service = ? AND text = ? AND change = ? AND idx = ?",
            isCached: true)
        statement.bind(merge.service, at: 1)
        statement.bind(text, at: 2)
        statement.bind(merge.change, at: 3)
        statement.bind(merge.index, at: 4)
        try statement.run()
        return db.changesCount > 0
    }

    /// The later merges of the same change whose scripts are not redacted, in order.
    func merges(
        like merge: EventColumns
    ) throws -> [(row: EventColumns, script: Digest)] {
        // Not by the change in the table: a correction may have given it another one.
        let indexes = try Int64.fetchAll(
            db,
            sql: """
                SELECT idx FROM event
                WHERE type <> 'deployment' AND type = 'merge' AND idx > ? ORDER BY idx
                """, arguments: [merge.index])
        return try indexes.compactMap { index in
            guard let other = try self.merge(index),
                other.row.service.hasSameBytes(as: merge.service),
                other.row.change.hasSameBytes(as: merge.change),
                try !Erasures.isErased(Erasures.script, of: index, db, readingFrom: source)
            else { return nil }
            return other
        }
    }

    func erase(_ digest: Digest) throws {
        try db.execute(
            sql: "DELETE FROM touched WHERE digest = ?", arguments: [Attachment.text(of: digest)])
    }
}
