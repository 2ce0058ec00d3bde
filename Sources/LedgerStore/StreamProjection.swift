import GRDB
import LedgerCore
import LedgerCrypto

/// The table `stream`: where each stream stands; and `heard`, which counts them.
final class StreamProjection {
    private struct Standing {
        var entries: Int64
        var head: Digest
        var recorded: Int64
        /// Its target, while it is not in the table.
        var newTarget: Target?
        var isDirty: Bool
    }

    // At most `limit` streams are remembered, some 50 MB; what is dirty is written first.
    private static let limit = 262_144
    private var standings: [Digest: Standing] = [:]
    private let select: RawStatement
    private let insert: RawStatement
    private let update: RawStatement
    private let hear: RawStatement

    init(_ db: Database) throws {
        select = try RawStatement(db, "SELECT entries, head, recorded FROM stream WHERE id = ?")
        insert = try RawStatement(
            db,
            """
            INSERT INTO stream
            (id, entries, head, recorded, service, environment, tenant, region, cluster)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        update = try RawStatement(
            db, "UPDATE stream SET entries = ?, head = ?, recorded = ? WHERE id = ?")
        hear = try RawStatement(
            db,
            """
            INSERT INTO heard (service, environment, shape, targets) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (service, environment, shape) DO UPDATE SET targets = targets + ?4
            """)
    }

    func forget() {
        standings.removeAll(keepingCapacity: true)
    }

    /// The stream's last entry: its index within the stream, and its hash.
    func head(_ id: Digest) throws -> Head? {
        guard let standing = try standing(id) else { return nil }
        return Head(index: standing.entries - 1, hash: standing.head)
    }

    private func standing(_ id: Digest) throws -> Standing? {
        if let standing = standings[id] { return standing }
        select.bind(id, at: 1)
        defer { select.reset() }
        guard try select.step() else { return nil }
        guard let head = select.digest(1) else {
            throw LedgerError(
                .damaged, "the head of a stream can't be read", advice: "ledger reindex")
        }
        let standing = Standing(
            entries: select.integer(0), head: head, recorded: select.integer(2), newTarget: nil,
            isDirty: false)
        standings[id] = standing
        return standing
    }

    func add(leaf: Leaf, hash: Digest, row: EventColumns) throws {
        if standings.count >= Self.limit {
            try flush()
            forget()
        }
        let known = try standing(leaf.stream.id)
        let target = Target(
            service: row.service, environment: row.environment, tenant: row.tenant,
            region: row.region, cluster: row.cluster)
        standings[leaf.stream.id] = Standing(
            entries: leaf.stream.index + 1, head: hash, recorded: leaf.time,
            newTarget: known == nil ? target : known?.newTarget, isDirty: true)
    }

    /// Counts targets that were never heard from before.
    private func count(_ targets: [Target]) throws {
        struct Group: Hashable {
            let place: Target
            let shape: Target.Shape
        }
        var counts: [Group: Int64] = [:]
        for target in targets where target.service != nil && target.environment != nil {
            let place = Target(service: target.service, environment: target.environment)
            counts[Group(place: place, shape: target.shape), default: 0] += 1
        }
        for (group, count) in counts {
            hear.bind(group.place.service, at: 1)
            hear.bind(group.place.environment, at: 2)
            hear.bind(Int64(group.shape.rawValue), at: 3)
            hear.bind(count, at: 4)
            try hear.run()
        }
    }

    func flush() throws {
        // In the order of the keys, so that neighbours are written together.
        let dirty = standings.filter(\.value.isDirty).sorted { $0.key < $1.key }
        var new: [Target] = []
        for (id, standing) in dirty {
            if let target = standing.newTarget {
                insert.bind(id, at: 1)
                insert.bind(standing.entries, at: 2)
                insert.bind(standing.head, at: 3)
                insert.bind(standing.recorded, at: 4)
                insert.bind(target.service, at: 5)
                insert.bind(target.environment, at: 6)
                insert.bind(target.tenant, at: 7)
                insert.bind(target.region, at: 8)
                insert.bind(target.cluster, at: 9)
                try insert.run()
                new.append(target)
            } else {
                update.bind(standing.entries, at: 1)
                update.bind(standing.head, at: 2)
                update.bind(standing.recorded, at: 3)
                update.bind(id, at: 4)
                try update.run()
            }
            standings[id]?.newTarget = nil
            standings[id]?.isDirty = false
        }
        try count(new)
    }
}
