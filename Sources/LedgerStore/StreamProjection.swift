import GRDB
import LedgerCore
import LedgerCrypto

/// The table `stream`: where each stream stands; and `heard`, which counts them by their days.
final class StreamProjection {
    private struct Standing {
        var entries: Int64
        var head: Digest
        var recorded: Int64
        /// The day under which it is counted; nil while it is not in the tables.
        var countedDay: Int64?
        /// Its target, if it is to be counted under another day.
        var movedTarget: Target?
        var isDirty: Bool
    }

    private static let dayLength: Int64 = 86_400_000

    // At most `limit` streams are remembered, some 50 MB; what is dirty is written first.
    private static let limit = 262_144
    private var standings: [Digest: Standing] = [:]
    private let select: RawStatement
    private let insert: RawStatement
    private let update: RawStatement
    private let hear: RawStatement
    private let unhear: RawStatement

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
            INSERT INTO heard (service, environment, shape, day, targets)
            VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (service, environment, shape, day) DO UPDATE SET targets = targets + ?5
            """)
        unhear = try RawStatement(
            db,
            """
            DELETE FROM heard
            WHERE service = ? AND environment = ? AND shape = ? AND day = ? AND targets = 0
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
            entries: select.integer(0), head: head, recorded: select.integer(2),
            countedDay: select.integer(2) / Self.dayLength, isDirty: false)
        standings[id] = standing
        return standing
    }

    func add(leaf: Leaf, hash: Digest, row: EventColumns) throws {
        if standings.count >= Self.limit {
            try flush()
            forget()
        }
        let known = try standing(leaf.stream.id)
        let isMoved = known?.countedDay != leaf.time / Self.dayLength
        let target = Target(
            service: row.streamService, environment: row.environment, tenant: row.tenant,
            region: row.region, cluster: row.cluster)
        standings[leaf.stream.id] = Standing(
            entries: leaf.stream.index + 1, head: hash, recorded: leaf.time,
            countedDay: known?.countedDay, movedTarget: isMoved ? target : nil, isDirty: true)
    }

    /// Targets that are counted together.
    private struct Group: Hashable {
        let place: Target
        let shape: Target.Shape
        let day: Int64
    }

    private func write(_ counts: [Group: Int64]) throws {
        for (group, count) in counts where count != 0 {
            let statements = count < 0 ? [hear, unhear] : [hear]
            for statement in statements {
                statement.bind(group.place.service, at: 1)
                statement.bind(group.place.environment, at: 2)
                statement.bind(Int64(group.shape.rawValue), at: 3)
                statement.bind(group.day, at: 4)
            }
            hear.bind(count, at: 5)
            for statement in statements { try statement.run() }
        }
    }

    func flush() throws {
        // In the order of the keys, so that neighbours are written together.
        let dirty = standings.filter(\.value.isDirty).sorted { $0.key < $1.key }
        var counts: [Group: Int64] = [:]
        for (id, standing) in dirty {
            let day = standing.recorded / Self.dayLength
            if let target = standing.movedTarget, target.service != nil, target.environment != nil {
                let place = Target(service: target.service, environment: target.environment)
                counts[Group(place: place, shape: target.shape, day: day), default: 0] += 1
                if let before = standing.countedDay {
                    counts[Group(place: place, shape: target.shape, day: before), default: 0] -= 1
                }
            }
            if standing.countedDay == nil {
                let target = standing.movedTarget ?? Target()
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
            } else {
                update.bind(standing.entries, at: 1)
                update.bind(standing.head, at: 2)
                update.bind(standing.recorded, at: 3)
                update.bind(id, at: 4)
                try update.run()
            }
            standings[id]?.countedDay = day
            standings[id]?.movedTarget = nil
            standings[id]?.isDirty = false
        }
        try write(counts)
    }
}
