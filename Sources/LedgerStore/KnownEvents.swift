import GRDB
import LedgerCore
import LedgerCrypto

/// The table `event` as it was when an entry was the last.
///
/// Rows that later entries have changed, those of deployments that had not ended yet and those that
/// were corrected, are made again from the entries.
struct KnownEvents {
    private let db: Database
    private let last: Int64
    private let entry: RawStatement
    private let corrections: RawStatement

    init(_ db: Database, upTo last: Int64) throws {
        self.db = db
        self.last = last
        entry = try RawStatement(
            db,
            """
            SELECT entry.leaf, coalesce(body.bytes, carried.bytes) FROM entry
            LEFT JOIN body ON body.idx = entry.idx LEFT JOIN carried ON carried.idx = entry.idx
            WHERE entry.idx = ?
            """)
        corrections = try RawStatement(
            db,
            """
            SELECT about.idx, body.bytes FROM about JOIN body ON body.idx = about.idx
            WHERE about.entry = ? AND about.idx <= ? ORDER BY about.idx
            """)
    }

    func forEach(_ type: String, _ body: (EventColumns) throws -> Void) throws {
        let statement = try RawStatement(
            db,
            """
            SELECT idx, first, latest, corrected_by FROM event
            WHERE type = ?1 AND idx <= ?2 AND (latest OR EXISTS (
                SELECT 1 FROM event AS later WHERE later.deployment = event.deployment
                    AND later.first = event.idx AND later.latest AND later.idx > ?2))
            """)
        statement.bind(type, at: 1)
        statement.bind(last, at: 2)
        defer { statement.reset() }
        let row = try RawStatement(db, EventProjection.rowSQL)
        while try statement.step() {
            let index = statement.integer(0)
            let first = statement.isNull(1) ? nil : statement.integer(1)
            let isChanged =
                statement.integer(2) == 0 || !statement.isNull(3)
                || first.map { $0 > last } ?? false
            if !isChanged {
                row.bind(index, at: 1)
                defer { row.reset() }
                if try row.step() { try body(EventProjection.columns(in: row)) }
            } else if let columns = try made(index, first: first) {
                try body(columns)
            }
        }
    }

    /// Nothing but what was known, from the entries themselves, in the order in which
    /// `EventProjection` took them in.
    private func made(_ index: Int64, first: Int64?) throws -> EventColumns? {
        guard var columns = try columns(index) else { return nil }
        var corrections = try corrections(of: index).map { (place: $0.index, members: $0.members) }
        if let first, first <= last, first != index, var start = try self.columns(first) {
            let joined = max(first, index)
            for correction in try self.corrections(of: first) {
                if correction.index < joined {
                    start.take(correction.members)
                } else {
                    let members = EventProjection.withoutOutcome(correction.members)
                    corrections.append((correction.index, members))
                }
            }
            for correction in corrections where correction.place < joined {
                columns.take(correction.members)
            }
            columns.inherit(start)
            corrections.removeAll { $0.place < joined }
        }
        for correction in corrections.sorted(by: { $0.place < $1.place }) {
            columns.take(correction.members)
        }
        return columns
    }

    private func columns(_ index: Int64) throws -> EventColumns? {
        entry.bind(index, at: 1)
        defer { entry.reset() }
        guard try entry.step(), let leaf = entry.bytes(0).flatMap({ Leaf($0) }),
            let body = entry.bytes(1).flatMap({ StoredBody(Array($0)) })
        else { return nil }
        return EventColumns(leaf: leaf, members: body.event)
    }

    private func corrections(of index: Int64) throws -> [(index: Int64, members: JSONObject)] {
        corrections.bind(index, at: 1)
        corrections.bind(last, at: 2)
        defer { corrections.reset() }
        var found: [(index: Int64, members: JSONObject)] = []
        while try corrections.step() {
            guard let event = corrections.bytes(1).flatMap({ StoredBody(Array($0)) })?.event,
                event["type"]?.string == EventType.correction.rawValue,
                let correction = event["correction"]?.object
            else { continue }
            found.append((corrections.integer(0), correction))
        }
        return found
    }
}
