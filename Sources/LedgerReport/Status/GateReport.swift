import LedgerCore
import LedgerCorrelation

/// What `ledger gate` and `ledger freeze list` print.
public enum GateReport {
    /// The verdict in a line, and a line for each reason with what to do.
    public static func text(_ verdict: GateVerdict) -> String {
        let tenant = verdict.tenant.map { "/\($0)" } ?? ""
        let place = VisibleText.line("\(verdict.environment)\(tenant)")
        let what = VisibleText.line("\(verdict.service):\(verdict.name ?? verdict.change)")
        var lines = ["\(verdict.isOpen ? "open" : "closed"): \(what) to \(place)"]
        for reason in verdict.reasons {
            let entries =
                reason.entries.isEmpty
                ? "" : " (\(Words.list(reason.entries.map { "#\($0)" })))"
            lines.append("  \(reason.code): \(VisibleText.line(reason.detail))\(entries)")
            lines.append("    \(VisibleText.line(reason.advice))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    public static func writeTable(
        _ freezes: [Freeze], _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        var table = TextTable(
            [
                .init(header: "WHERE", minimumWidth: 8, importance: 9),
                .init(header: "FROM", importance: 6), .init(header: "UNTIL", importance: 8),
                .init(header: "REASON", minimumWidth: 8, importance: 5, isOptional: true),
                .init(header: "INDEX", isRightAligned: true, importance: 7),
            ], appearance: appearance, output: output)
        for freeze in freezes {
            func text(_ time: Timestamp?) -> String? {
                time.map { appearance.local.text(of: $0, to: .minutes) }
            }
            let place = freeze.target.text
            try table.add([
                .init(place.isEmpty ? "everywhere" : place), .init(text(freeze.from)),
                .init(text(freeze.until)), .init(freeze.reason), .init("#\(freeze.index)"),
            ])
        }
        try table.finish()
    }
}

extension Freeze: Record {
    public static let definition = RecordDefinition<Freeze>(
        version: 1,
        columns: [
            .init("index", .integer, isRequired: true) { .integer($0.index) }
        ] + RecordColumn.target(\.target) + [
            .init("from", .time) { $0.from.map { .string($0.utc) } },
            .init("until", .time, "not included") { $0.until.map { .string($0.utc) } },
            .init("reason", .string) { $0.reason.map(JSON.string) },
        ])

    public init?(json: JSONObject) {
        guard let index = json["index"]?.integer else { return nil }
        self.init(
            index: index, target: Target(of: json), from: json.time("from"),
            until: json.time("until"), reason: json["reason"]?.string)
    }
}
