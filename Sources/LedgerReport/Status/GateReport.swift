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
            lines.append("  \(words(reason))")
            lines.append("    \(VisibleText.line(reason.advice))")
        }
        for reason in verdict.acknowledged { lines.append("  \(words(reason)); acknowledged") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func words(_ reason: GateReason) -> String {
        let entries =
            reason.entries.isEmpty
            ? "" : " (\(Words.list(reason.entries.map { "#\($0)" })))"
        return "\(reason.code): \(VisibleText.line(reason.detail))\(entries)"
    }

    /// A row for each verdict with its reasons below, and what to do once for each kind.
    public static func writeTable(
        _ verdicts: [GateVerdict], _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        var table = TextTable(
            [
                .init(header: "GATE", importance: 9),
                .init(header: "CHANGE", minimumWidth: 12, importance: 10),
                .init(header: "THERE", importance: 8),
            ], appearance: appearance, output: output)
        var advice: [(code: String, text: String)] = []
        for verdict in verdicts {
            let reasons =
                verdict.reasons.map(words)
                + verdict.acknowledged.map { words($0) + "; acknowledged" }
            try table.add(
                [
                    .init(verdict.isOpen ? "open" : "closed", verdict.isOpen ? .good : .bad),
                    .init("\(verdict.service):\(verdict.name ?? verdict.change)"),
                    .init(verdict.state.rawValue),
                ], below: reasons)
            for reason in verdict.reasons
            where !advice.contains(where: { $0.text == reason.advice }) {
                advice.append((reason.code, reason.advice))
            }
        }
        try table.finish()
        if !advice.isEmpty { try output.write("\n") }
        for item in advice {
            try output.write("\(item.code): \(VisibleText.line(item.text))\n")
        }
        try output.flush()
    }

    /// `2 pending in prod, 1 of them closed; 41 scripts are there already`.
    public static func closingLine(
        _ verdicts: [GateVerdict], thereCount: Int, environment: String
    ) -> String {
        let there =
            switch thereCount {
            case 0: "no script is there already"
            case 1: "1 script is there already"
            default: "\(thereCount) scripts are there already"
            }
        if verdicts.isEmpty { return "nothing is pending in \(environment): \(there)" }
        let closed = verdicts.filter { !$0.isOpen }.count
        return "\(verdicts.count) pending in \(environment), "
            + (closed == 0 ? "all open" : "\(closed) closed")
            + (thereCount == 0 ? "" : "; \(there)")
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
