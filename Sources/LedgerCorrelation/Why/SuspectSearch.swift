import LedgerCore

/// Ranks what changed in an environment before a moment.
public struct SuspectSearch {
    public let moment: Timestamp
    public let windowMilliseconds: Int64
    /// By service.
    public var histories: [ExactText: ServiceHistory] = [:]
    public var freezes: [Freeze] = []
    public var policy = Policy()
    /// The object that is asked for, and the digests of the scripts that touch it.
    public var object: String?
    public var touching: Set<ExactText> = []

    public init(moment: Timestamp, windowMilliseconds: Int64) {
        self.moment = moment
        self.windowMilliseconds = windowMilliseconds
    }

    /// - Parameter rows: deployments and overrides of one environment, in any order: those in the
    ///   window, those from before of which no end was heard, and those that ended after the moment.
    /// - Returns: the most suspect first.
    public func suspects(_ rows: [HistoryRow]) -> [Suspect] {
        var groups: [Group: [HistoryRow]] = [:]
        var overrides: [HistoryRow] = []
        for row in rows where isAsked(row) {
            if row.type == .override {
                overrides.append(row)
            } else {
                groups[Group(row), default: []].append(row)
            }
        }
        // An override is told with what it let pass.
        var passed: [Group: [HistoryRow]] = [:]
        for row in overrides {
            let group = Group(row)
            if groups[group] == nil {
                groups[Group(alone: row)] = [row]
            } else {
                passed[group, default: []].append(row)
            }
        }
        return groups.map { suspect($0.value, passed: passed[$0.key] ?? []) }
            .sorted { $0.isBefore($1) }
    }

    /// Deployments of one change, done or undone, are one.
    private struct Group: Hashable {
        private let service: ExactText
        private let change: ExactText
        private let operation: DeploymentOperation
        private let index: Int64?

        init(_ row: HistoryRow) {
            service = ExactText(row.target.service ?? "")
            let id = row.string("change", "id")
            change = ExactText(id ?? "")
            operation = row.operation
            // Without a change each stands for itself.
            index = id == nil ? row.index : nil
        }

        init(alone row: HistoryRow) {
            service = ExactText(row.target.service ?? "")
            change = ExactText("")
            operation = row.operation
            index = row.index
        }
    }

    // MARK: Times

    /// Whether a row happened in the window, or was under way at the moment.
    public func isAsked(_ row: HistoryRow) -> Bool {
        // What was skipped changed nothing.
        if row.type == .deployment, row.status == .skipped || row.status == nil { return false }
        let start = moment.milliseconds - windowMilliseconds
        if isUnderWay(row) { return true }
        if ended(row) > moment { return false }
        return row.status == .started || ended(row).milliseconds > start
    }

    /// By a clock that is ahead it may happen after it was recorded.
    private func ended(_ row: HistoryRow) -> Timestamp {
        row.at > moment && row.recorded <= moment ? moment : row.at
    }

    /// Whether it had begun by the moment, and ended later.
    private func isUnderWay(_ row: HistoryRow) -> Bool {
        row.type == .deployment && row.status != .started && ended(row) > moment
            && began(row) <= moment
    }

    private func began(_ row: HistoryRow) -> Timestamp {
        if let started = row.time("deployment", "started") { return started }
        let took = row.integer("deployment", "duration_ms") ?? 0
        return Timestamp(milliseconds: row.at.milliseconds - took)
    }

    /// When it is taken to have happened, seen from the moment.
    private func at(_ row: HistoryRow) -> Timestamp {
        isUnderWay(row) ? began(row) : ended(row)
    }

    private func took(_ row: HistoryRow) -> Int64? {
        if let given = row.integer("deployment", "duration_ms") { return given }
        guard let started = row.time("deployment", "started"),
            let ended = row.time("deployment", "ended"), ended >= started
        else { return nil }
        return ended.milliseconds - started.milliseconds
    }

    // MARK: Suspicions

    private func suspect(_ rows: [HistoryRow], passed: [HistoryRow]) -> Suspect {
        let rows = rows.sorted { (at($1), $1.index) < (at($0), $0.index) }
        let newest = rows[0]
        var last: [Target: HistoryRow] = [:]
        for row in rows where last[row.target] == nil { last[row.target] = row }
        let targets = last.keys.sorted { $0.isBefore($1) }
        let failed = targets.filter { last[$0]?.status == .failed }
        var found = [closeness(rows)]
        if let object, rows.contains(where: { $0.touches(touching) }) {
            found.append(.touches(object))
        }
        if !failed.isEmpty { found.append(.failed(failed)) }
        if rows.contains(where: { $0.status == .failed }), failed.isEmpty { found.append(.retried) }
        if last.values.contains(where: { $0.status == .started }) { found.append(.unfinished) }
        if last.values.contains(where: { $0.status == .unknown }) { found.append(.unknownOutcome) }
        if newest.type == .deployment, newest.operation == .mark || newest.operation == .baseline {
            found.append(.notRun(newest.operation))
        }
        if let kind = newest.string("change", "kind"), kind == "permission" || kind == "config" {
            found.append(.kind(kind))
        }
        found += compared(rows)
        if let freeze = freezes.first(where: { freeze in
            rows.contains { $0.type == .deployment && freeze.holds(for: $0.target, at: at($0)) }
        }) {
            found.append(.frozen(freeze.index))
        }
        for row in passed + rows where row.type == .override {
            let codes = row.members[["override", "reasons"]]?.array?.compactMap(\.string) ?? []
            found.append(.overridden(codes, row.index))
        }
        return Suspect(
            row: newest, targets: targets, failed: failed, at: at(newest),
            longestMilliseconds: rows.compactMap(took).max(), attemptCount: rows.count,
            entries: (rows + passed).map(\.index).sorted(), suspicions: found)
    }

    private func closeness(_ rows: [HistoryRow]) -> Suspicion {
        let open = rows.filter(isUnderWay).map { began($0) }.min()
        if let open { return .underWay(moment.milliseconds - open.milliseconds) }
        let last = rows.map { at($0).milliseconds }.max() ?? 0
        return .before(moment.milliseconds - last, of: windowMilliseconds)
    }

    /// What shows beside the other environments, and beside what was merged.
    private func compared(_ rows: [HistoryRow]) -> [Suspicion] {
        guard let newest = rows.first, newest.type == .deployment,
            let history = histories[ExactText(newest.target.service ?? "")],
            let change = newest.string("change", "id").flatMap(history.change(withID:)),
            let place = newest.target.environment.flatMap(history.environment(named:))
        else { return [] }
        var found: [Suspicion] = []
        if newest.operation == .apply {
            if let reference = edited(rows, history, change, place) {
                found.append(.edited(reference))
            }
            if let slow = slow(rows, history, change, place) { found.append(slow) }
        }
        let start = history.changes.compactMap { $0.merge?.firstAt }.min()
        if history.changes[change].merge == nil, let start, newest.at.milliseconds >= start {
            found.append(.adHoc)
        }
        return found
    }

    private func edited(
        _ rows: [HistoryRow], _ history: ServiceHistory, _ change: Int, _ place: Int
    ) -> Suspicion.Reference? {
        if history.changes[change].isRepeatable { return nil }
        let digests = rows.compactMap { $0.string("change", "digest") }
        func areOther(than reference: String?) -> Bool {
            digests.contains { differ($0, reference) }
        }
        for before in history.upstream[place].reversed() {
            guard let digest = history.cell(change, before).applied?.digest else { continue }
            return areOther(than: digest)
                ? .environment(history.environments[before].name) : nil
        }
        if let merged = history.changes[change].merge?.digest {
            return areOther(than: merged) ? .merge : nil
        }
        return areOther(than: digests.first) ? .otherTargets : nil
    }

    private func slow(
        _ rows: [HistoryRow], _ history: ServiceHistory, _ change: Int, _ place: Int
    ) -> Suspicion? {
        func usual(_ place: Int) -> Int64 {
            history.cell(change, place).applied?.longestMilliseconds ?? -1
        }
        guard let before = history.upstream[place].max(by: { usual($0) < usual($1) }),
            usual(before) >= 0, let longest = rows.compactMap(took).max(),
            longest
                >= SlowInProd.limit(
                    usual: usual(before), factor: policy[SlowInProd.rule].factor)
        else { return nil }
        return .slow(
            milliseconds: longest, usual: usual(before),
            environment: history.environments[before].name)
    }
}

extension HistoryRow {
    /// Whether its script is one of these.
    fileprivate func touches(_ digests: Set<ExactText>) -> Bool {
        string("change", "digest").map { digests.contains(ExactText($0)) } ?? false
    }
}
