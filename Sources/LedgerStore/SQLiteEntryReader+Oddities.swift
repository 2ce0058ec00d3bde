import GRDB
import LedgerCore
import LedgerCrypto
import LedgerSQL

/// What is asked about entries that are out of the ordinary: indexes hold them and no others.
extension SQLiteEntryReader {
    /// How many answers are enough to show something.
    private static let answerLimit: Int64 = 20

    public func untimely(
        _ kind: Untimely.Kind, service: String, environment: String?, beyond milliseconds: Int64,
        since: Int64
    ) throws(LedgerError) -> [Untimely] {
        try readProjections { db in
            // The conditions of the indexes, word for word.
            let (index, condition, distance) =
                switch kind {
                case .ahead: ("event_ahead", "at > recorded + 60000", "at - recorded")
                case .late:
                    (
                        "event_late",
                        "recorded > at + 60000 AND recorded < at + 2592000000 AND latest "
                            + "AND type = 'deployment' "
                            + "AND trigger_kind IS NOT 'import'", "recorded - at"
                    )
                }
            let statement = try RawStatement(
                db,
                """
                SELECT idx, at, recorded FROM event INDEXED BY \(index)
                WHERE service = ? AND environment IS ? AND at >= ? AND \(condition)
                    AND \(distance) > ?
                ORDER BY at DESC LIMIT \(Self.answerLimit)
                """, isCached: true)
            defer { statement.reset() }
            statement.bind(service, at: 1)
            statement.bind(environment, at: 2)
            statement.bind(since, at: 3)
            statement.bind(milliseconds, at: 4)
            var found: [Untimely] = []
            while try statement.step() {
                found.append(
                    Untimely(
                        index: statement.integer(0), at: statement.integer(1),
                        recorded: statement.integer(2)))
            }
            return found
        }
    }

    public func loneAttempts(
        service: String, environment: String
    ) throws(LedgerError) -> [LoneAttempt] {
        try readProjections { db in
            let statement = try RawStatement(
                db,
                """
                SELECT one.idx, at, tenant, region, cluster, change, attempt, earlier FROM (
                    SELECT one.*, (
                        SELECT count(*) FROM event AS other INDEXED BY event_change
                        WHERE other.change = one.change AND other.service = one.service
                            AND other.environment = one.environment AND other.tenant IS one.tenant
                            AND other.at <= one.at AND other.idx <> one.idx AND other.latest
                            AND other.type = 'deployment' AND other.region IS one.region
                            AND other.cluster IS one.cluster) AS earlier
                    FROM event AS one INDEXED BY event_attempt
                    WHERE one.service = ? AND one.environment = ? AND one.attempt > 1
                        AND one.latest AND one.type = 'deployment' AND one.change IS NOT NULL
                ) AS one
                LEFT JOIN body ON body.idx = one.idx LEFT JOIN carried ON carried.idx = one.idx
                WHERE earlier < attempt - 1
                    AND json_extract(
                        coalesce(body.bytes, carried.bytes), '$.event.trigger.run') IS NULL
                ORDER BY one.idx
                """, isCached: true)
            defer { statement.reset() }
            statement.bind(service, at: 1)
            statement.bind(environment, at: 2)
            var found: [LoneAttempt] = []
            while try statement.step() {
                found.append(
                    LoneAttempt(
                        index: statement.integer(0), at: statement.integer(1),
                        target: Target(
                            service: service, environment: environment, tenant: statement.text(2),
                            region: statement.text(3), cluster: statement.text(4)),
                        change: statement.text(5) ?? "", attempt: statement.integer(6),
                        earlierCount: statement.integer(7)))
            }
            return found
        }
    }

    public var hasConnections: Bool {
        get throws(LedgerError) {
            try readProjections { db in
                try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM connection)") ?? false
            }
        }
    }

    public func connections(
        to address: DatabaseAddress, exceptFrom environments: Set<ExactText>
    ) throws(LedgerError) -> [Connection] {
        try readProjections { db in
            let rows = try RawStatement(
                db, "SELECT environment, idx FROM connection WHERE address = ?", isCached: true)
            defer { rows.reset() }
            rows.bind(ConnectionProjection.key(address.text, SHA256()), at: 1)
            var indexes: [Int64] = []
            while try rows.step() {
                guard !environments.contains(ExactText(rows.text(0) ?? "")) else { continue }
                indexes.append(rows.integer(1))
            }
            if indexes.isEmpty { return [] }
            // What was corrected since, and what is a digest's mere likeness, falls out here.
            let one = try RawStatement(
                db,
                """
                SELECT event.at, service, environment, tenant, region, cluster, database,
                    private.host
                FROM event JOIN private ON private.idx = event.idx WHERE event.idx = ?
                """, isCached: true)
            defer { one.reset() }
            return try indexes.compactMap { index in
                one.bind(index, at: 1)
                defer { one.reset() }
                guard try one.step(),
                    let used = ConnectionProjection.address(one.bytes(7), one.text(6)),
                    address.isReached(by: used),
                    !environments.contains(ExactText(one.text(2) ?? ""))
                else { return nil }
                let target = Target(
                    service: one.text(1), environment: one.text(2), tenant: one.text(3),
                    region: one.text(4), cluster: one.text(5))
                return Connection(
                    index: index, at: one.integer(0), target: target, address: used)
            }
        }
    }

    /// What scripts touch, by their digests; nothing of a script whose bytes were never there.
    public func touchedObjects(
        by digests: Set<String>
    ) throws(LedgerError) -> [String: [TouchedObject]] {
        try readProjections { db in
            let statement = try RawStatement(
                db, "SELECT action, kind, schema, name FROM touched WHERE digest = ?",
                isCached: true)
            var found: [String: [TouchedObject]] = [:]
            for digest in digests {
                statement.bind(digest, at: 1)
                defer { statement.reset() }
                while try statement.step() {
                    guard
                        let action = statement.text(0).flatMap(TouchedObject.Action.init),
                        let kind = statement.text(1).flatMap(TouchedObject.Kind.init)
                    else { continue }
                    let schema = statement.text(2) ?? ""
                    found[digest, default: []].append(
                        TouchedObject(
                            action, kind, schema: schema.isEmpty ? nil : schema,
                            name: statement.text(3) ?? ""))
                }
            }
            return found
        }
    }
}
