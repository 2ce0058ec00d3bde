import LedgerCore
import LedgerCorrelation
import LedgerReport

/// Reads the rows of a report, subject by subject. What is in memory does not grow with the events,
/// but for reports whose rows are sorted by other than they are found.
struct ReportReader {
    private static let batchCount = 256

    let view: LocalView
    let request: ReportRequest

    var definition: ReportDefinition { request.definition }
    var query: EntryQuery { request.query }

    /// Hands over the rows in the order of the definition.
    ///
    /// - Returns: how many the definition's filters left out.
    /// - Throws: `notAllowed` unless the role sees everything.
    func forEach(_ body: (ReportRow) throws -> Void) throws(LedgerError) -> Int {
        guard view.role.seesEverything else {
            throw LedgerError(
                .notAllowed, "reports need the role auditor or admin, and this is \(view.role)")
        }
        do {
            return switch definition.rows {
            case .changes: try changes(body)
            case .events: try events(body)
            case .findings:
                try write(findings(), ReportFields.findings, body) { $0.finding.entries }
            case .coverage: try write(coverage(), ReportFields.coverage, body)
            case .state: try state(body)
            case .tokens:
                try write(TokenUses.read(view, query), ReportFields.tokens, body) {
                    [$0.created, $0.revoked].compactMap(\.self)
                }
            case .activity: try write(activity(), ReportFields.activity, body)
            case .adHoc: try write(adHoc(), ReportFields.adHoc, body)
            case .checks: try write(LedgerChecks.read(view), ReportFields.checks, body)
            }
        } catch {
            throw LedgerError(wrapping: error)
        }
    }

    /// Rows that are held at once.
    private func write<Row>(
        _ rows: [Row], _ fields: [RecordColumn<Row>], _ body: (ReportRow) throws -> Void,
        entries: (Row) -> [Int64] = { _ in [] }
    ) throws -> Int {
        let shape = ReportShape(definition, fields)
        let shown = rows.filter(shape.shows)
        let written = shown.map { shape.row($0, entries: entries($0)) }
        for row in definition.order.isEmpty ? written : ReportRow.sorted(written) {
            try body(row)
        }
        return rows.count - shown.count
    }

    private func events(_ body: (ReportRow) throws -> Void) throws -> Int {
        var query = query
        query.isReversed = true
        if query.types.isEmpty {
            let named = definition.filters.first { $0.field == "type" }?.values
            query.types = named?.compactMap(EventType.init(rawValue:)) ?? EventType.allCases
        }
        let shape = ReportShape(definition, ReportFields.events)
        var leftOut = 0
        // One thread reads, and this one makes cells and writes them.
        let batches = Pipeline<[HistoryRow]>(depth: 4) { [view, query] give in
            var batch: [HistoryRow] = []
            try view.forEachRow(matching: query) { row in
                batch.append(row)
                if batch.count < Self.batchCount { return true }
                defer { batch = [] }
                return give(batch)
            }
            _ = give(batch)
        }
        defer { batches.stop() }
        while let batch = try batches.next() {
            for row in batch {
                guard shape.shows(row) else {
                    leftOut += 1
                    continue
                }
                try body(
                    shape.row(
                        row, entries: [row.firstIndex, row.index].compactMap(\.self),
                        corrections: [row.correctedBy].compactMap(\.self),
                        recorded: row.recorded))
            }
        }
        return leftOut
    }

    private func changes(_ body: (ReportRow) throws -> Void) throws -> Int {
        let shape = ReportShape(definition, ReportFields.changes)
        var sorting = ReportSorting(definition)
        var leftOut = 0
        let population = try PopulationReader(view, query)
        for service in population.services {
            for row in try population.rows(of: service) {
                guard shape.shows(row) else {
                    leftOut += 1
                    continue
                }
                let told = [row.delivery.first, row.delivery.decisive, row.delivery.last]
                sorting.add(
                    shape.row(
                        row, entries: row.entries, corrections: told.compactMap(\.correctedBy),
                        recorded: row.delivery.last.recorded))
            }
            try sorting.endService(body)
        }
        try sorting.end(body)
        return leftOut
    }

    private func state(_ body: (ReportRow) throws -> Void) throws -> Int {
        let shape = ReportShape(definition, ReportFields.state)
        var sorting = ReportSorting(definition)
        var leftOut = 0
        let loader = try HistoryLoader(
            view.reader, services: query.services, asOf: query.asOfItsEnd)
        for service in loader.services {
            guard let history = try loader.history(of: service) else { continue }
            for row in TargetState.rows(of: history, where: query.names) {
                if shape.shows(row) {
                    let entries = [row.last?.index].compactMap(\.self)
                    sorting.add(shape.row(row, entries: entries))
                } else {
                    leftOut += 1
                }
            }
            try sorting.endService(body)
        }
        try sorting.end(body)
        return leftOut
    }

    private func findings() throws(LedgerError) -> [ReportedFinding] {
        let search = try FindingSearch(
            view, services: query.services, environments: query.environments,
            policy: try view.policy())
        let quiet = try view.acknowledgements(at: search.now)
        return try search.findings().map {
            ReportedFinding($0, acknowledgement: quiet[ExactText($0.id)])
        }
    }

    private func coverage() throws(LedgerError) -> [CoverageRow] {
        var inquiry = CoverageInquiry()
        inquiry.services = query.services
        inquiry.environments = query.environments
        return try inquiry.reply(of: view).rows
    }

    private func activity() throws(LedgerError) -> [ActivityRow] {
        var query = query
        query.types = EventType.allCases
        let persons = try view.persons(as: view.role)
        var activity = Activity()
        try view.forEachRow(matching: query) {
            activity.add(persons.applied(to: $0))
            return true
        }
        return activity.rows
    }

    private func adHoc() throws(LedgerError) -> [AdHocShare] {
        let loader = try HistoryLoader(view.reader, services: query.services, asOf: .now)
        var count = AdHocCount(loader.changes)
        try view.reader.forEachOutline(matching: query) {
            count.add($0)
            return true
        }
        return count.rows
    }
}

/// Puts rows into the order of their definition: service by service where that comes first, as
/// they are read so, else all at once.
private struct ReportSorting {
    private let isSorted: Bool
    private let isByService: Bool
    private var rows: [ReportRow] = []

    init(_ definition: ReportDefinition) {
        isSorted = !definition.order.isEmpty
        isByService = !isSorted || definition.order.first == "service"
    }

    mutating func add(_ row: ReportRow) { rows.append(row) }

    mutating func endService(_ body: (ReportRow) throws -> Void) throws {
        if isByService { try end(body) }
    }

    mutating func end(_ body: (ReportRow) throws -> Void) throws {
        for row in isSorted ? ReportRow.sorted(rows) : rows { try body(row) }
        rows = []
    }
}

extension EntryQuery {
    /// The last moment that it asks for.
    var asOfItsEnd: AsOf {
        AsOf(at: until.map { $0.milliseconds - 1 })
    }
}
