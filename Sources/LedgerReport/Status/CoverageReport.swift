import LedgerCore
import LedgerCorrelation

/// What `ledger rollback coverage` prints.
public enum CoverageReport {
    public static func writeTable(
        _ rows: [CoverageRow], _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        var table = TextTable(
            [
                .init(header: "WHERE", minimumWidth: 8, importance: 9),
                .init(header: "CHANGES", isRightAligned: true, importance: 8),
                .init(header: "TESTED", isRightAligned: true, importance: 7),
                .init(header: "UNTESTED", isRightAligned: true, importance: 6),
                .init(header: "IRREVERSIBLE", isRightAligned: true, importance: 5),
                .init(header: "WITH A PLAN", isRightAligned: true, importance: 9),
                .init(header: "WITHOUT", minimumWidth: 8, importance: 4, isOptional: true),
            ], appearance: appearance, output: output)
        for row in rows {
            let planned = row.changeCount - row.unplanned.count
            let share = row.changeCount == 0 ? nil : 100 * planned / row.changeCount
            try table.add([
                .init("\(row.service)/\(row.environment)"), .init("\(row.changeCount)"),
                .init("\(row.testedCount)"), .init("\(row.untestedCount)"),
                .init(
                    "\(row.irreversibleCount)"
                        + (row.unexplainedCount > 0 ? ", \(row.unexplainedCount) unexplained" : ""),
                    row.unexplainedCount > 0 ? .doubtful : .plain),
                .init(share.map { "\($0) %" }, row.unplanned.isEmpty ? .good : .doubtful),
                .init(Words.list(row.unplanned)),
            ])
        }
        try table.finish()
    }
}

extension CoverageRow: Record {
    public static let definition = RecordDefinition<CoverageRow>(
        version: 1,
        columns: [
            .init("service", .string, isRequired: true) { .string($0.service) },
            .init("environment", .string, isRequired: true) { .string($0.environment) },
            .init("changes", .integer, "those that are there", isRequired: true) {
                .integer(Int64($0.changeCount))
            },
            .init("tested", .integer, "with a plan that was tested", isRequired: true) {
                .integer(Int64($0.testedCount))
            },
            .init("untested", .integer, "with a plan that was not", isRequired: true) {
                .integer(Int64($0.untestedCount))
            },
            .init("irreversible", .integer, "said to be so", isRequired: true) {
                .integer(Int64($0.irreversibleCount))
            },
            .init("unexplained", .integer, "of these, without a reason", isRequired: true) {
                .integer(Int64($0.unexplainedCount))
            },
            .init("unplanned", .list(.string), "the ids of those without", isRequired: true) {
                .array($0.unplanned.map(JSON.string))
            },
        ])

    public init?(json: JSONObject) {
        guard let service = json["service"]?.string, let environment = json["environment"]?.string,
            let changes = json.count("changes"), let tested = json.count("tested"),
            let untested = json.count("untested"), let irreversible = json.count("irreversible"),
            let unexplained = json.count("unexplained"),
            let unplanned = json["unplanned"]?.array
        else { return nil }
        self.init(
            service: service, environment: environment, changeCount: changes, testedCount: tested,
            untestedCount: untested, irreversibleCount: irreversible,
            unexplainedCount: unexplained, unplanned: unplanned.compactMap(\.string))
    }
}
