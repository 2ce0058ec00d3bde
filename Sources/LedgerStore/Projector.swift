import GRDB
import LedgerCore
import LedgerCrypto

// What an entry adds to the tables of projections.sql. The same code runs when an entry is
// recorded and when `reindex` reads it back, so both give the same rows.

/// Derives the projections, entry by entry.
final class Projector {
    private let streams: StreamProjection
    private let changes: ChangeProjection
    private let progress: ProgressProjection
    private let events: EventProjection
    private let seen: SeenProjection
    private let scripts: ScriptProjection
    private let connections: ConnectionProjection
    private let insertAbout: RawStatement

    /// - Parameter source: where the entries are, if not in `db`.
    init(_ db: Database, readingFrom source: Database? = nil) throws {
        streams = try StreamProjection(db)
        changes = try ChangeProjection(db)
        progress = try ProgressProjection(db)
        events = try EventProjection(db, readingFrom: source ?? db)
        seen = try SeenProjection(db)
        scripts = try ScriptProjection(db, readingFrom: source ?? db)
        connections = try ConnectionProjection(db, readingFrom: source ?? db)
        insertAbout = try RawStatement(
            db, "INSERT OR IGNORE INTO about (entry, idx) VALUES (?, ?)")
    }

    func streamHead(_ id: Digest) throws -> Head? {
        try streams.head(id)
    }

    /// The entries with this identity.
    func indexes(of identity: Digest) throws -> [Int64] {
        try seen.indexes(of: identity)
    }

    /// Drops what is remembered between transactions.
    func forget() {
        streams.forget()
        changes.forget()
        progress.forget()
        seen.forget()
        scripts.forget()
        connections.forget()
    }

    /// Writes what is held back until the end of a transaction.
    func flush() throws {
        try streams.flush()
        try progress.flush()
        try seen.flush()
    }

    func project(leaf: Leaf, hash: Digest, members: JSONObject, identity: Digest) throws {
        try seen.add(identity, index: leaf.index)
        let row = EventColumns(leaf: leaf, members: members)
        try scripts.add(members, row)
        try streams.add(leaf: leaf, hash: hash, row: row)
        try changes.add(row)
        try connections.add(row)
        let rowChange = try events.add(row, members: members)
        // What a correction names is known from then on.
        if let corrected = rowChange.corrected {
            try changes.add(corrected)
            try connections.add(corrected)
        }
        try changes.take(rowChange)
        try progress.take(rowChange)
        for item in members["about"]?.array ?? [] {
            guard let entry = item.object?["entry"]?.integer else { continue }
            insertAbout.bind(entry, at: 1)
            insertAbout.bind(leaf.index, at: 2)
            try insertAbout.run()
        }
        if row.type == EventType.redaction.rawValue, members.redacts(Erasures.script) {
            for index in members.redactedEntries { try scripts.remove(of: index) }
        }
    }

    /// Takes away what was derived from what is erased.
    func erase(_ members: [String], of index: Int64) throws {
        if members.contains(where: { $0.hasSameBytes(as: "host") }) {
            try connections.remove(index)
        }
    }

    func eraseBytes(of digest: Digest) throws {
        try scripts.erase(digest)
    }
}
