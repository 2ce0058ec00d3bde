import GRDB
import LedgerCore

/// The table `change`: the changes that events speak of.
final class ChangeProjection {
    private struct Key: Hashable {
        let service: [UInt8]
        let id: [UInt8]
    }

    // At most `limit` changes whose name is known to be in the table.
    private static let limit = 16_384
    private var named: [Key: [UInt8]] = [:]
    private let upsert: RawStatement
    private let plan: RawStatement

    init(_ db: Database) throws {
        upsert = try RawStatement(
            db,
            """
            INSERT INTO change (service, id, name, strategy) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (service, id) DO UPDATE SET
                name = coalesce(excluded.name, name), strategy = coalesce(strategy, excluded.strategy)
            """)
        // A plan that somebody made stands over one that came along with a merge.
        plan = try RawStatement(
            db, "UPDATE change SET strategy = ?3 WHERE service = ?1 AND id = ?2")
    }

    func forget() {
        named.removeAll(keepingCapacity: true)
    }

    func add(_ row: EventColumns) throws {
        guard let service = row.service, let id = row.change else { return }
        let key = Key(service: Array(service.utf8), id: Array(id.utf8))
        let isPlan = row.type == EventType.rollbackPlan.rawValue
        let carriesPlan = isPlan || row.type == EventType.merge.rawValue
        let strategy = carriesPlan ? row.strategy : nil
        let name = row.name.map { Array($0.utf8) } ?? []
        if let known = named[key], strategy == nil, name.isEmpty || known == name { return }
        upsert.bind(service, at: 1)
        upsert.bind(id, at: 2)
        upsert.bind(row.name, at: 3)
        upsert.bind(strategy, at: 4)
        try upsert.run()
        if isPlan {
            plan.bind(service, at: 1)
            plan.bind(id, at: 2)
            plan.bind(strategy, at: 3)
            try plan.run()
        }
        if named.count >= Self.limit { forget() }
        named[key] = name.isEmpty ? named[key] ?? [] : name
    }
}
