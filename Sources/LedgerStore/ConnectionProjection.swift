import GRDB
import LedgerCore
import LedgerCrypto

/// The table `connection`: from which environments a database was reached.
///
/// A host is private: its address stands there as part of a digest, and an answer looks whether the
/// host itself is still in the ledger.
final class ConnectionProjection {
    private struct Place: Hashable {
        let address: Int64
        let service: [UInt8]
        let environment: [UInt8]
    }

    /// So many deployments of a place are kept.
    private static let rowLimit = 8
    // At most `limit` places, with how many rows each has.
    private static let limit = 65_536
    private var counts: [Place: Int] = [:]
    private let hasher = SHA256()
    private let db: Database
    private let host: RawStatement
    private let count: RawStatement
    private let insert: RawStatement

    /// - Parameter source: where the private values are.
    init(_ db: Database, readingFrom source: Database) throws {
        self.db = db
        host = try RawStatement(source, "SELECT host FROM private WHERE idx = ?")
        count = try RawStatement(
            db,
            """
            SELECT count(*) FROM connection WHERE address = ? AND service = ? AND environment = ?
            """)
        insert = try RawStatement(
            db,
            """
            INSERT OR IGNORE INTO connection (address, service, environment, idx)
            VALUES (?, ?, ?, ?)
            """)
    }

    func forget() {
        counts.removeAll()
    }

    /// Adds a deployment that says to which database it connected.
    func add(_ row: EventColumns) throws {
        guard row.type == EventType.deployment.rawValue, let database = row.database,
            let service = row.service, let environment = row.environment
        else { return }
        host.bind(row.index, at: 1)
        defer { host.reset() }
        guard try host.step(), let address = Self.address(host.bytes(0), database) else { return }
        for text in Set([address.text, address.withoutPort]).sorted() {
            let place = Place(
                address: Self.key(text, hasher), service: Array(service.utf8),
                environment: Array(environment.utf8))
            let known = try counts[place] ?? countRows(place)
            if known >= Self.rowLimit { continue }
            bind(place, to: insert)
            insert.bind(row.index, at: 4)
            try insert.run()
            if counts.count >= Self.limit { forget() }
            counts[place] = known + 1
        }
    }

    /// Takes away a deployment whose host is erased; where a place was full, the next one comes up.
    func remove(_ index: Int64) throws {
        let rows = try Row.fetchAll(
            db, sql: "SELECT address, service, environment FROM connection WHERE idx = ?",
            arguments: [index])
        var full: Set<Place> = []
        for row in rows {
            let place = Place(
                address: row[0], service: Array((row[1] as String).utf8),
                environment: Array((row[2] as String).utf8))
            if try countRows(place) >= Self.rowLimit { full.insert(place) }
        }
        try db.execute(sql: "DELETE FROM connection WHERE idx = ?", arguments: [index])
        forget()
        for place in full { try fill(place, exceptWith: index) }
        forget()
    }

    private func fill(_ place: Place, exceptWith index: Int64) throws {
        let entries = try RawStatement(
            db,
            """
            SELECT entry.leaf, body.bytes FROM event
            JOIN entry ON entry.idx = event.idx JOIN body ON body.idx = event.idx
            WHERE event.service = ?1 AND event.environment = ?2 AND event.idx <> ?3
                AND event.type = 'deployment' AND event.database IS NOT NULL
                AND event.idx NOT IN (SELECT idx FROM connection
                    WHERE address = ?4 AND service = ?1 AND environment = ?2)
            ORDER BY event.idx
            """)
        entries.bindText(place.service, at: 1)
        entries.bindText(place.environment, at: 2)
        entries.bind(index, at: 3)
        entries.bind(place.address, at: 4)
        defer { entries.reset() }
        while try entries.step(), counts[place] ?? 0 < Self.rowLimit {
            guard let leaf = entries.bytes(0).flatMap({ Leaf($0) }),
                let body = entries.bytes(1).flatMap({ StoredBody(Array($0)) })
            else { continue }
            try add(EventColumns(leaf: leaf, members: body.event))
        }
    }

    /// - Parameter disclosure: of a host.
    static func address(
        _ disclosure: UnsafeRawBufferPointer?, _ database: String?
    ) -> DatabaseAddress? {
        guard let disclosure, let database,
            let host = Disclosure(stored: Array(disclosure))?.value?.string
        else { return nil }
        return DatabaseAddress(host: host, database: database)
    }

    static func key(_ address: String, _ hasher: SHA256) -> Int64 {
        hasher.hash(Array(address.utf8)).shortKey
    }

    private func countRows(_ place: Place) throws -> Int {
        bind(place, to: count)
        defer { count.reset() }
        return try count.step() ? Int(count.integer(0)) : 0
    }

    private func bind(_ place: Place, to statement: RawStatement) {
        statement.bind(place.address, at: 1)
        statement.bindText(place.service, at: 2)
        statement.bindText(place.environment, at: 3)
    }
}
