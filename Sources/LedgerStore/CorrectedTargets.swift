import GRDB
import LedgerCore

/// Moves entries that were corrected from the target that they named first to the one that is
/// right: a stream keeps its name for ever, and a target that only a slip named was never there.
struct CorrectedTargets {
    private var targets: [KnownTarget]
    private var places: [Target: Int] = [:]
    private let matches: (Target) -> Bool

    /// - Parameter matches: whether a target is asked for.
    static func applied(
        to targets: [KnownTarget], _ db: Database, matches: @escaping (Target) -> Bool
    ) throws -> [KnownTarget] {
        let rows = try Row.fetchAll(db, sql: correctedSQL)
        if rows.isEmpty { return targets }
        var corrected = CorrectedTargets(targets, matches)
        let bodies = try RawStatement(db, EntryRow.toldSQL)
        var done: Set<Int64> = []
        for row in rows {
            let right = Target(
                service: row[3], environment: row[4], tenant: row[5], region: row[6],
                cluster: row[7])
            // The start of a deployment goes where its end goes.
            for index: Int64 in [row[0], row[1]].compactMap(\.self)
            where done.insert(index).inserted {
                bodies.bind(index, at: 1)
                defer { bodies.reset() }
                guard try bodies.step(), let bytes = bodies.bytes(0),
                    let body = StoredBody(Array(bytes))
                else { continue }
                corrected.move(
                    from: Target(of: body.event), to: right,
                    recorded: Timestamp(milliseconds: row[2]))
            }
        }
        return corrected.targets.filter { $0.entryCount > 0 }
    }

    // Rows of deployments first: they say where their starts belong.
    private static let correctedSQL = """
        SELECT idx, first, recorded, service, environment, tenant, region, cluster
        FROM event WHERE corrected_by IS NOT NULL ORDER BY first IS NULL, idx
        """

    private init(_ targets: [KnownTarget], _ matches: @escaping (Target) -> Bool) {
        self.targets = targets
        self.matches = matches
        for (place, known) in targets.enumerated() { places[known.target] = place }
    }

    private mutating func move(from wrong: Target, to right: Target, recorded: Timestamp) {
        if wrong == right { return }
        if let place = places[wrong] { add(-1, at: place, recorded) }
        guard right.environment != nil, matches(right) else { return }
        if places[right] == nil {
            places[right] = targets.count
            targets.append(KnownTarget(target: right, entryCount: 0, lastRecorded: recorded))
        }
        if let place = places[right] { add(1, at: place, recorded) }
    }

    private mutating func add(_ count: Int64, at place: Int, _ recorded: Timestamp) {
        let known = targets[place]
        targets[place] = KnownTarget(
            target: known.target, entryCount: known.entryCount + count,
            lastRecorded: count < 0 ? known.lastRecorded : max(known.lastRecorded, recorded))
    }
}
