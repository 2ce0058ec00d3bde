import GRDB
import LedgerCore
import LedgerCrypto

/// What correlation reads.
extension SQLiteEntryReader {
    public func serviceChanges(
        of services: [String], asOf: AsOf
    ) throws(LedgerError) -> [ServiceChange] {
        var changes: [ServiceChange] = []
        try readProjections { db in
            let filter = ServiceFilter(services, "change.service")
            let statement = try RawStatement(
                db,
                """
                SELECT change.service, id, change.name, change.strategy, repeatable, merged_at,
                    merged, event.digest, event.at,
                    CASE WHEN event.digest IS NULL THEN
                        (SELECT json_extract(bytes, '$.event.labels.git') FROM body
                            WHERE idx = merged) END
                FROM change LEFT JOIN event ON event.idx = change.merged WHERE \(filter.sql)
                """, arguments: filter.arguments)
            defer { statement.reset() }
            while try statement.step() {
                changes.append(
                    ServiceChange(
                        service: statement.text(0) ?? "", id: statement.text(1) ?? "",
                        name: statement.text(2), strategy: statement.text(3),
                        isRepeatable: statement.integer(4) != 0,
                        merge: statement.isNull(5)
                            ? nil
                            : .init(
                                firstAt: statement.integer(5), last: statement.integer(6),
                                digest: statement.text(7), lastAt: statement.integer(8),
                                isDeletion: statement.text(9) == "deleted")))
            }
        }
        return asOf.isNow ? changes : try with(merges: asOf, changes)
    }

    private func with(
        merges asOf: AsOf, _ changes: [ServiceChange]
    ) throws(LedgerError) -> [ServiceChange] {
        struct Key: Hashable {
            let service: ExactText
            let id: ExactText
        }
        var merges: [Key: (ServiceChange.Merge, at: Int64)] = [:]
        try forEachKnown("merge", asOf) { columns in
            guard let service = columns.service, let id = columns.change else { return }
            let key = Key(service: ExactText(service), id: ExactText(id))
            let merge = ServiceChange.Merge(
                firstAt: columns.at, last: columns.index, digest: columns.digest,
                lastAt: columns.at)
            guard let (known, at) = merges[key] else {
                merges[key] = (merge, columns.at)
                return
            }
            let isLater = (columns.at, columns.index) > (at, known.last)
            var last = isLater ? merge : known
            last.firstAt = min(known.firstAt, columns.at)
            merges[key] = (last, max(at, columns.at))
        }
        return changes.map { change in
            var change = change
            let key = Key(service: ExactText(change.service), id: ExactText(change.id))
            change.merge = merges[key]?.0
            return change
        }
    }

    public func progress(of services: [String]) throws(LedgerError) -> [Progress] {
        try readProjections { db in
            let filter = ServiceFilter(services, "progress.service")
            let statement = try RawStatement(
                db,
                """
                SELECT progress.service, progress.environment, progress.change, state, targets,
                    alike, \(ProgressProjection.appliedColumns)
                FROM progress LEFT JOIN event ON event.idx = progress.last
                WHERE targets > 0 AND \(filter.sql)
                """, arguments: filter.arguments)
            defer { statement.reset() }
            var rows: [Progress] = []
            while try statement.step() {
                guard let state = statement.text(3).flatMap(RecordedState.init(rawValue:)) else {
                    continue
                }
                var applied = ProgressProjection.applied(in: statement, from: 6)
                applied?.isMixed = statement.integer(5) < statement.integer(4)
                rows.append(
                    Progress(
                        service: statement.text(0) ?? "", environment: statement.text(1) ?? "",
                        change: statement.text(2) ?? "", state: state,
                        targetCount: statement.integer(4),
                        applied: applied))
            }
            return rows
        }
    }

    public func forEachDeployment(
        of services: [String], asOf: AsOf, _ body: (Deployment) throws -> Void
    ) throws(LedgerError) {
        if asOf.index != nil {
            let wanted = Set(services.map(ExactText.init))
            return try forEachKnown("deployment", asOf) { columns in
                guard let deployment = ProgressProjection.deployment(columns),
                    wanted.isEmpty
                        || wanted.contains(ExactText(deployment.target.service ?? ""))
                else { return }
                try body(deployment)
            }
        }
        try readProjections { db in
            let filter = ServiceFilter(services, "service")
            let time = asOf.at.map { " AND at <= \($0)" } ?? ""
            let statement = try RawStatement(
                db,
                """
                SELECT \(DeploymentReader.columns) FROM event
                WHERE \(DeploymentReader.condition) AND service IS NOT NULL
                    AND environment IS NOT NULL AND change IS NOT NULL AND \(filter.sql)\(time)
                """, arguments: filter.arguments)
            defer { statement.reset() }
            var before: Deployment?
            while try statement.step() {
                if let deployment = DeploymentReader.deployment(in: statement, after: before) {
                    try body(deployment)
                    before = deployment
                }
            }
        }
    }

    public func reverts(of services: [String]) throws(LedgerError) -> [Revert] {
        try readProjections { db in
            let filter = ServiceFilter(services, "event.service")
            let columns = DeploymentReader.columns.split(separator: ", ")
                .map { "event.\($0)" }.joined(separator: ", ")
            let statement = try RawStatement(
                db,
                """
                SELECT \(columns), undone.idx, undone.digest
                FROM event INDEXED BY event_reverted
                LEFT JOIN event AS undone ON undone.idx = (
                    SELECT idx FROM event AS earlier
                    WHERE earlier.change = event.change AND earlier.service = event.service
                        AND earlier.environment = event.environment
                        AND earlier.tenant IS event.tenant AND earlier.region IS event.region
                        AND earlier.cluster IS event.cluster AND earlier.latest
                        AND earlier.type = 'deployment' AND earlier.operation = 'apply'
                        AND earlier.status = 'succeeded'
                        AND (earlier.at, earlier.idx) < (event.at, event.idx)
                    ORDER BY earlier.at DESC, earlier.idx DESC LIMIT 1)
                WHERE event.operation = 'revert' AND event.latest
                    AND event.type = 'deployment' AND event.status = 'succeeded'
                    AND event.service IS NOT NULL AND \(filter.sql)
                ORDER BY event.at, event.idx
                """, arguments: filter.arguments)
            defer { statement.reset() }
            let first = Int32(columns.split(separator: ", ").count)
            var reverts: [Revert] = []
            while try statement.step() {
                guard let deployment = DeploymentReader.deployment(in: statement) else { continue }
                reverts.append(
                    Revert(
                        deployment: deployment,
                        undone: statement.isNull(first) ? nil : statement.integer(first),
                        undoneDigest: statement.text(first + 1)))
            }
            return reverts
        }
    }

    public func heardTargets(of services: [String]) throws(LedgerError) -> [HeardTargets] {
        try readProjections { db in
            let filter = ServiceFilter(services, "service")
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT service, environment, shape, sum(targets), min(day), max(day) FROM heard
                    WHERE \(filter.sql) GROUP BY service, environment, shape
                    """,
                arguments: StatementArguments(filter.arguments)
            ).map { row in
                HeardTargets(
                    service: row[0], environment: row[1], shape: .init(rawValue: row[2]),
                    targetCount: row[3], days: row[4]...row[5])
            }
        }
    }

    public func correctedPlaces(of services: [String]) throws(LedgerError) -> Set<Target> {
        try readProjections { db in
            let statement = try RawStatement(
                db,
                """
                SELECT event.service, event.environment, coalesce(body.bytes, carried.bytes),
                    coalesce(start.bytes, start_carried.bytes) FROM event
                LEFT JOIN body ON body.idx = event.idx
                LEFT JOIN carried ON carried.idx = event.idx
                LEFT JOIN body AS start ON start.idx = event.first
                LEFT JOIN carried AS start_carried ON start_carried.idx = event.first
                WHERE corrected_by IS NOT NULL
                """)
            defer { statement.reset() }
            var places: Set<Target> = []
            while try statement.step() {
                places.insert(
                    Target(service: statement.text(0), environment: statement.text(1)))
                for column: Int32 in [2, 3] {
                    guard let bytes = statement.bytes(column),
                        let event = StoredBody(Array(bytes))?.event
                    else { continue }
                    let target = Target(of: event)
                    places.insert(
                        Target(service: target.service, environment: target.environment))
                }
            }
            let wanted = Set(services.map(ExactText.init))
            return places.filter {
                wanted.isEmpty || $0.service.map { wanted.contains(ExactText($0)) } ?? false
            }
        }
    }

    public func forEachFact(
        _ types: [EventType], of services: [String], asOf: AsOf,
        _ body: (HistoryRow) throws -> Void
    ) throws(LedgerError) {
        let marks = types.map { _ in "?" }.joined(separator: ", ")
        let filter = ServiceFilter(services, "event.service")
        var conditions = ["event.type <> 'deployment'", "event.type IN (\(marks))", filter.sql]
        if let at = asOf.at { conditions.append("event.at <= \(at)") }
        if let index = asOf.index { conditions.append("event.idx <= \(index)") }
        // Planning the join for whole rows costs more than a few facts, and often there are none.
        let indexes = try readProjections { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT idx FROM event INDEXED BY event_type
                    WHERE \(conditions.joined(separator: " AND ")) ORDER BY idx
                    """,
                arguments: StatementArguments(
                    types.map(\.rawValue.databaseValue) + filter.arguments))
        }
        for index in indexes {
            guard let row = try row(at: index) else { continue }
            do {
                try body(row)
            } catch {
                throw LedgerError(wrapping: error)
            }
        }
    }

    public func forEachTargetDeclaration(
        of services: [String], asOf: AsOf, _ body: (TargetDeclaration) throws -> Void
    ) throws(LedgerError) {
        try readProjections { db in
            let filter = ServiceFilter(services, "service")
            let statement = try RawStatement(
                db,
                """
                SELECT service, environment, tenant, region, cluster, operation, idx, name
                FROM event INDEXED BY event_type
                WHERE type <> 'deployment' AND type = 'target' AND \(filter.sql)
                    AND at <= \(asOf.at ?? .max) AND idx <= \(asOf.index ?? .max)
                ORDER BY idx
                """, arguments: filter.arguments)
            defer { statement.reset() }
            while try statement.step() {
                try body(
                    TargetDeclaration(
                        target: Target(
                            service: statement.text(0), environment: statement.text(1),
                            tenant: statement.text(2), region: statement.text(3),
                            cluster: statement.text(4)),
                        isAdded: statement.text(5) == "add", index: statement.integer(6),
                        address: statement.text(7)))
            }
        }
    }

    public func digests(touching object: String) throws(LedgerError) -> Set<ExactText> {
        try readProjections { db in
            let (sql, arguments) = QuerySQL.digests(touching: [object])
            let digests = try String.fetchAll(
                db, sql: sql, arguments: StatementArguments(arguments))
            return Set(digests.map(ExactText.init))
        }
    }

    public func index(recordedBy time: Int64) throws(LedgerError) -> Int64 {
        try readProjections { db in
            // From the end: who looks back most often doesn't look far.
            try Int64.fetchOne(
                db,
                sql: "SELECT idx FROM event WHERE recorded <= ? ORDER BY idx DESC LIMIT 1",
                arguments: [time]) ?? -1
        }
    }

    /// Hands over the events of a type as they were known at a moment: the end of a deployment and
    /// a correction that came later are not applied.
    private func forEachKnown(
        _ type: String, _ asOf: AsOf, _ body: (EventColumns) throws -> Void
    ) throws(LedgerError) {
        try readProjections { db in
            let known = try KnownEvents(db, upTo: asOf.index ?? .max)
            try known.forEach(type) { columns in
                if let at = asOf.at, columns.at > at { return }
                try body(columns)
            }
        }
    }
}

/// A condition on a column of services; none asks for all.
private struct ServiceFilter {
    let sql: String
    let arguments: [DatabaseValue]

    init(_ services: [String], _ column: String) {
        let marks = services.map { _ in "?" }.joined(separator: ", ")
        sql = services.isEmpty ? "1" : "\(column) IN (\(marks))"
        arguments = services.map(\.databaseValue)
    }
}
