import GRDB
import LedgerCore

/// The table `change`: the changes that events speak of.
final class ChangeProjection {
    private struct Key: Hashable {
        let service: [UInt8]
        let id: [UInt8]
    }

    private struct Known {
        var name: [UInt8]
        var isRepeatable: Bool
    }

    // At most `limit` changes that are known to be in the table, with their names.
    private static let limit = 16_384
    private var known: [Key: Known] = [:]
    private let upsert: RawStatement
    private let merge: RawStatement
    private let mergeAnew: RawStatement

    init(_ db: Database) throws {
        upsert = try RawStatement(
            db,
            """
            INSERT INTO change (service, id, name, strategy, said, repeatable)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (service, id) DO UPDATE SET
                name = CASE WHEN ?7 THEN coalesce(excluded.name, name)
                    ELSE coalesce(name, excluded.name) END,
                strategy = CASE WHEN excluded.strategy IS NULL OR said > excluded.said
                    THEN strategy ELSE excluded.strategy END,
                said = max(said, excluded.said),
                repeatable = max(repeatable, excluded.repeatable)
            """)
        merge = try RawStatement(
            db,
            """
            UPDATE change SET
                merged_at = min(coalesce(merged_at, ?3), ?3),
                merged = CASE WHEN coalesce((SELECT at FROM event WHERE idx = merged), ?3) <= ?3
                    THEN ?4 ELSE merged END
            WHERE service = ?1 AND id = ?2
            """)
        mergeAnew = try RawStatement(
            db,
            """
            UPDATE change SET
                merged_at = (SELECT min(at) FROM event
                    WHERE change = ?2 AND service = ?1 AND type = 'merge' AND latest),
                merged = (SELECT idx FROM event
                    WHERE change = ?2 AND service = ?1 AND type = 'merge' AND latest
                    ORDER BY at DESC, idx DESC LIMIT 1)
            WHERE service = ?1 AND id = ?2
            """)
    }

    func forget() {
        known.removeAll(keepingCapacity: true)
    }

    func add(_ row: EventColumns) throws {
        guard let service = row.service, let id = row.change else { return }
        let key = Key(service: Array(service.utf8), id: Array(id.utf8))
        let isPlan =
            row.type == EventType.rollbackPlan.rawValue && row.environment == nil
            && row.tenant == nil && row.region == nil && row.cluster == nil
        let carriesPlan = isPlan || row.type == EventType.merge.rawValue
        let strategy = carriesPlan ? row.strategy : nil
        // A plan that somebody made stands over one that came along with a merge.
        let isSaid = isPlan && strategy != nil && !row.isPlanInferred
        let name = row.name.map { Array($0.utf8) } ?? []
        if let known = known[key], strategy == nil, name.isEmpty || known.name == name,
            known.isRepeatable || !row.isRepeatable
        {
            return
        }
        upsert.bind(service, at: 1)
        upsert.bind(id, at: 2)
        upsert.bind(row.name, at: 3)
        upsert.bind(strategy, at: 4)
        upsert.bind(isSaid ? 1 : 0, at: 5)
        upsert.bind(row.isRepeatable ? 1 : 0, at: 6)
        // Who speaks of a change may call it by less than its name.
        let names =
            row.type == EventType.merge.rawValue || row.type == EventType.deployment.rawValue
        upsert.bind(names ? 1 : 0, at: 7)
        try upsert.run()
        if known.count >= Self.limit { forget() }
        let before = known[key]
        known[key] = Known(
            name: name.isEmpty ? before?.name ?? [] : name,
            isRepeatable: row.isRepeatable || before?.isRepeatable ?? false)
    }

    /// Takes what has become of the table `event`: when a change was merged.
    func take(_ change: RowChange) throws {
        if change.went == nil, let came = change.came {
            guard came.type == EventType.merge.rawValue else { return }
            merge.bind(came.at, at: 3)
            merge.bind(came.index, at: 4)
            return try run(merge, came)
        }
        for row in [change.went, change.came].compactMap(\.self)
        where row.type == EventType.merge.rawValue {
            try run(mergeAnew, row)
        }
    }

    private func run(_ statement: RawStatement, _ row: EventColumns) throws {
        guard let service = row.service, let id = row.change else { return }
        statement.bind(service, at: 1)
        statement.bind(id, at: 2)
        try statement.run()
    }
}
