import LedgerCore

// Folding.swift
//
// `118/120, failed: globex`: the deployments of one change to the tenants, regions and clusters of
// one service in one environment, as one row.
//
// A row folds if its target has a tenant, region or cluster, and if, within the bounds of the
// question, the same operation on the same change reached at least one other target of the same
// service and environment. Of a target's attempts the latest counts. A group stands where its
// first row stood, so in a query's usual order groups are ordered by their newest row.
//
// The numbers are those of the question: of 120 known targets, those that are not named and did
// not succeed have no row within its bounds.

/// Folds a query's rows as they come. It holds the names of the groups that it has given, and, one
/// group at a time, one small value for each target.
public struct Folding {
    /// What folds into one row. Names are compared as bytes.
    public struct Group: Sendable {
        public let service: String
        public let environment: String
        public let change: String
        public let operation: DeploymentOperation

        /// Nil for a row that stands for itself.
        init?(of row: RowOutline) {
            let target = row.target
            guard row.type == .deployment, let service = target.service,
                let environment = target.environment, target.hasFinePart,
                let change = row.change
            else { return nil }
            self.service = service
            self.environment = environment
            self.change = change
            operation = row.operation
        }

        /// The question `query`, asked of this group alone.
        public func narrowing(_ query: EntryQuery) -> EntryQuery {
            var query = query
            query.types = [.deployment]
            query.services = [service]
            query.environments = [environment]
            query.changes = []
            query.changeIDs = [change]
            query.operations = [operation]
            query.limit = nil
            return query
        }

        func contains(_ row: RowOutline) -> Bool {
            Group(of: row)?.key == key
        }

        fileprivate var key: [UInt8] {
            Folding.bytes([service, environment, change, operation.rawValue])
        }
    }

    /// One attempt within a group.
    public struct Member: Sendable {
        public let target: Target
        public let status: DeploymentStatus?
        public let at: Timestamp
        public let index: Int64
        public let durationMilliseconds: Int64?
        public let who: String?

        public init(
            target: Target, status: DeploymentStatus?, at: Timestamp, index: Int64,
            durationMilliseconds: Int64?, who: String?
        ) {
            self.target = target
            self.status = status
            self.at = at
            self.index = index
            self.durationMilliseconds = durationMilliseconds
            self.who = who
        }

        public init(_ row: RowOutcome) {
            let outline = row.outline
            self.init(
                target: outline.target, status: outline.status, at: outline.at,
                index: outline.index, durationMilliseconds: row.durationMilliseconds,
                who: row.actor)
        }
    }

    public typealias MembersOfGroup = (Group, (Member) -> Void) throws -> Void

    private let limit: Int?
    // By service and environment; nil if the question is not about all of a target's deployments.
    private let targetCounts: [[UInt8]: Int]?
    private let forEachMember: MembersOfGroup
    // Whether each group that was met is folded; at most `limit`, for each gave at least one row.
    private var isFolded: [[UInt8]: Bool] = [:]
    private var count = 0

    /// There are more rows than `limit` let through.
    public private(set) var isCut = false

    /// - Parameters:
    ///   - query: the question. Its limit counts folded rows, so rows are to be read without one.
    ///   - targets: those that are known within the question's target filters.
    ///   - members: hands over the group's rows within the question's bounds and filters, in any
    ///     order.
    public init(
        _ query: EntryQuery, targets: [KnownTarget], members: @escaping MembersOfGroup
    ) {
        limit = query.limit
        forEachMember = members
        targetCounts = query.asksForEveryOutcome ? Self.counts(of: targets) : nil
    }

    private static func counts(of targets: [KnownTarget]) -> [[UInt8]: Int] {
        targets.lazy.map(\.target).filter(\.hasFinePart).reduce(into: [:]) {
            $0[bytes([$1.service, $1.environment]), default: 0] += 1
        }
    }

    /// Takes the outline of the next row and hands on what it adds to the table, if anything. False
    /// once the limit is passed: no more rows are needed.
    ///
    /// - Parameter whole: gives the whole row, for those that are shown.
    public mutating func take(
        _ outline: RowOutline, whole: () throws -> HistoryRow?, _ give: (FoldedRow) throws -> Void
    ) throws -> Bool {
        let group = Group(of: outline)
        let key = group?.key
        let known = key.flatMap { isFolded[$0] }
        if known == true { return true }
        if let limit, count >= limit {
            isCut = true
            return false
        }
        guard let row = try whole() else { return true }
        var fold: FoldedRow.Fold?
        if let group, let key, known == nil {
            fold = try self.fold(group, row)
            isFolded[key] = fold != nil
        }
        count += 1
        try give(FoldedRow(row: row, fold: fold))
        return true
    }

    // No string has a U+0000 in it.
    fileprivate static func bytes(_ names: [String?]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64)
        for name in names {
            bytes.append(contentsOf: (name ?? "").utf8)
            bytes.append(0)
        }
        return bytes
    }

    private func fold(_ group: Group, _ row: HistoryRow) throws -> FoldedRow.Fold? {
        var latest: [[UInt8]: (member: Member, attempts: Int)] = [:]
        try forEachMember(group) { member in
            let target = member.target
            if !target.hasFinePart { return }
            let key = Self.bytes([target.tenant, target.region, target.cluster])
            guard let seen = latest[key] else {
                latest[key] = (member, 1)
                return
            }
            let isLater = (seen.member.at, seen.member.index) < (member.at, member.index)
            latest[key] = (isLater ? member : seen.member, seen.attempts + 1)
        }
        if latest.count < 2 { return nil }
        var fold = FoldedRow.Fold()
        for (member, attempts) in latest.values {
            if member.status == .succeeded {
                fold.succeededCount += 1
            } else {
                let name = member.target.finePart ?? group.environment
                fold.others[member.status ?? .unknown, default: []].append(name)
            }
            if attempts > 1 { fold.retriedCount += 1 }
            if let duration = member.durationMilliseconds {
                let range = fold.durationsMilliseconds ?? duration...duration
                fold.durationsMilliseconds =
                    min(range.lowerBound, duration)...max(range.upperBound, duration)
            }
        }
        for status in fold.others.keys { fold.others[status]?.sort() }
        if let targetCounts {
            let known = targetCounts[Self.bytes([group.service, group.environment])] ?? 0
            fold.targetCount = max(known, latest.count)
        }
        let actors = Set(latest.values.compactMap { $0.member.who.map { Array($0.utf8) } })
        fold.otherActorCount = actors.subtracting([Array((row.person("actor") ?? "").utf8)]).count
        return fold
    }
}

extension EntryQuery {
    /// No filter keeps some outcomes of a change on a target and leaves out others.
    fileprivate var asksForEveryOutcome: Bool {
        statuses.isEmpty && text == nil && actors.isEmpty && digests.isEmpty && tickets.isEmpty
            && triggers.isEmpty && databases.isEmpty && objects.isEmpty
    }
}

extension Target {
    fileprivate var hasFinePart: Bool { tenant != nil || region != nil || cluster != nil }

    /// `acme`, `acme/eu-1`: what tells it from others of its service and environment.
    fileprivate var finePart: String? {
        let parts = [tenant, region, cluster].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }
}
