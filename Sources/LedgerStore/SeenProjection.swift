import GRDB
import LedgerCrypto

/// The tables `seen` and `seen_recent`: which sources and ids were recorded.
///
/// Identities are random, so that each row of `seen` would dirty a page of its own. They wait in
/// `seen_recent`, one after the other, until many move at once in the order of `seen`.
final class SeenProjection {
    /// So many rows wait at most between transactions.
    static let recentLimit = 8192
    // Within a long transaction so many are held in memory, some 3 MB.
    private static let pendingLimit = 32_768

    private let selectSeen: RawStatement
    private let insertSeen: RawStatement
    private let selectRecent: RawStatement
    private let insertRecent: RawStatement
    private let deleteRecent: RawStatement
    // What is not in `seen`, by identity; nil until it is read.
    private var recent: [Int64: [Int64]]?
    private var recentCount = 0
    // What is in neither table yet.
    private var pending: [(identity: Int64, index: Int64)] = []

    init(_ db: Database) throws {
        selectSeen = try RawStatement(db, "SELECT idx FROM seen WHERE identity = ? ORDER BY idx")
        insertSeen = try RawStatement(db, "INSERT INTO seen (identity, idx) VALUES (?, ?)")
        selectRecent = try RawStatement(db, "SELECT identity, idx FROM seen_recent ORDER BY idx")
        insertRecent = try RawStatement(
            db, "INSERT INTO seen_recent (idx, identity) VALUES (?, ?)")
        deleteRecent = try RawStatement(db, "DELETE FROM seen_recent")
    }

    func forget() {
        recent = nil
        recentCount = 0
        pending = []
    }

    /// The entries with this identity, in their order; two sources and ids may share one.
    func indexes(of identity: Digest) throws -> [Int64] {
        try readRecent()
        selectSeen.bind(identity.shortKey, at: 1)
        var indexes: [Int64] = []
        while try selectSeen.step() { indexes.append(selectSeen.integer(0)) }
        return indexes + (recent?[identity.shortKey] ?? [])
    }

    func add(_ identity: Digest, index: Int64) throws {
        try readRecent()
        recent?[identity.shortKey, default: []].append(index)
        recentCount += 1
        pending.append((identity.shortKey, index))
        if pending.count >= Self.pendingLimit { try flush() }
    }

    func flush() throws {
        if recentCount > Self.recentLimit {
            try moveRecent()
        } else {
            for row in pending {
                insertRecent.bind(row.index, at: 1)
                insertRecent.bind(row.identity, at: 2)
                try insertRecent.run()
            }
        }
        pending.removeAll(keepingCapacity: true)
    }

    private func moveRecent() throws {
        let rows = (recent ?? [:]).sorted { $0.key < $1.key }
        for (identity, indexes) in rows {
            for index in indexes {
                insertSeen.bind(identity, at: 1)
                insertSeen.bind(index, at: 2)
                try insertSeen.run()
            }
        }
        try deleteRecent.run()
        recent = [:]
        recentCount = 0
    }

    private func readRecent() throws {
        if recent != nil { return }
        var read: [Int64: [Int64]] = [:]
        recentCount = 0
        while try selectRecent.step() {
            read[selectRecent.integer(0), default: []].append(selectRecent.integer(1))
            recentCount += 1
        }
        recent = read
    }
}
