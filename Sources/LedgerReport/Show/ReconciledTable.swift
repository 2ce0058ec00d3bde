import LedgerCore

/// A change on which a tool's own table and the ledger differ.
public struct ReconciledRow: Sendable {
    public let target: Target
    public let change: String
    /// Its place in the table; nil if the table has no row of it.
    public let row: String?
    /// The last entry that speaks of it; nil if there is none.
    public let entry: Int64?
    /// There by the table, and not by the ledger; or the other way round.
    public let isMissing: Bool

    public init(target: Target, change: String, row: String?, entry: Int64?, isMissing: Bool) {
        self.target = target
        self.change = change
        self.row = row
        self.entry = entry
        self.isMissing = isMissing
    }
}

extension ReconciledRow: Record {
    public static let definition = RecordDefinition<ReconciledRow>(
        version: 1,
        columns: [
            .init("service", .string, isRequired: true) { $0.target.service.map(JSON.string) },
            .init("environment", .string, isRequired: true) {
                $0.target.environment.map(JSON.string)
            },
            .init("tenant", .string) { $0.target.tenant.map(JSON.string) },
            .init("region", .string) { $0.target.region.map(JSON.string) },
            .init("cluster", .string) { $0.target.cluster.map(JSON.string) },
            .init("change", .string, isRequired: true) { .string($0.change) },
            .init(
                "differs", .string, "missing: not in the ledger; extra: not in the table",
                isRequired: true
            ) { .string($0.isMissing ? "missing" : "extra") },
            .init("row", .string, "its place in the table") { $0.row.map(JSON.string) },
            .init("entry", .integer, "the last entry that speaks of it") {
                $0.entry.map(JSON.integer)
            },
        ])

    public init?(json: JSONObject) {
        guard let change = json["change"]?.string, let differs = json["differs"]?.string else {
            return nil
        }
        self.init(
            target: Target(of: json), change: change, row: json["row"]?.string,
            entry: json["entry"]?.integer, isMissing: differs == "missing")
    }
}

/// What `ledger reconcile` prints.
public enum ReconciledTable {
    public static func write(
        _ rows: [ReconciledRow], _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        if rows.isEmpty { return }
        var table = TextTable(
            [
                .init(header: "WHERE", importance: 8),
                .init(header: "CHANGE", minimumWidth: 12, importance: 9),
                .init(header: "DIFFERS", importance: 7),
                .init(header: "ROW", minimumWidth: 8, importance: 5),
                .init(header: "ENTRY", isRightAligned: true, importance: 6),
            ], appearance: appearance, output: output)
        for row in rows {
            try table.add([
                .init(row.target.text), .init(row.change),
                row.isMissing
                    ? .init("missing in the ledger", .bad)
                    : .init("no row in the table", .doubtful),
                .init(row.row), .init(row.entry.map { "#\($0)" }),
            ])
        }
        try table.finish()
    }
}
