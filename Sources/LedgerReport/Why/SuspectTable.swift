import LedgerCore
import LedgerCorrelation

/// What `ledger why` prints for eyes: a row for each change, and its reasons below.
public enum SuspectTable {
    public static let limit = 20

    public static func write(
        _ rows: [SuspectRow], _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        var table = TextTable(
            [
                .init(header: "POINTS", isRightAligned: true, importance: 10),
                .init(header: "WHEN", importance: 7),
                .init(header: "WHERE", minimumWidth: 12, importance: 6),
                .init(header: "WHAT", minimumWidth: 12, importance: 8),
                .init(header: "OUTCOME", minimumWidth: 9, importance: 9),
                .init(header: "WHO", minimumWidth: 6, importance: 3, isOptional: true),
                .init(header: "INDEX", isRightAligned: true, importance: 5),
            ], appearance: appearance, output: output)
        for row in rows.prefix(limit) {
            let when = appearance.local.compactText(of: row.at)
            try table.add(
                [
                    .init("\(row.points)"), .init((row.isTimeKnown ? "" : "~") + when),
                    .init(place(row)), .init(row.name ?? row.change), outcome(row),
                    .init(row.who), .init("#\(row.index)"),
                ], below: [(on(row) + row.reasons.map(\.text)).joined(separator: "; ")])
        }
        try table.finish()
    }

    /// `orders/prod/acme`, or `orders/prod/*` for several.
    private static func place(_ row: SuspectRow) -> String {
        row.targets.count == 1 ? row.targets[0].text : "\(row.target.text)/*"
    }

    /// Several targets by their names.
    private static func on(_ row: SuspectRow) -> [String] {
        row.targets.count == 1
            ? [] : ["on \(Words.list(row.targets.map(\.ownName), atMost: 5))"]
    }

    private static func outcome(_ row: SuspectRow) -> TextTable.Cell {
        guard row.type == .deployment, let status = row.status else {
            return .init("gate passed", .doubtful)
        }
        if !row.failed.isEmpty, row.failed.count < row.targets.count {
            return .init("\(row.failed.count) of \(row.targets.count) failed", .bad)
        }
        return .init((row.operation?.prefix ?? "") + status.words, status.tone)
    }

    /// `3 changes; the first: ledger show orders:V43__by_status`.
    public static func closingLine(_ rows: [SuspectRow]) -> String {
        let count = rows.count > limit ? "\(limit) of \(rows.count)" : "\(rows.count)"
        let noun = rows.count == 1 ? "change" : "changes"
        let rest = rows.count > limit ? ", and -o ndjson has all" : ""
        let next =
            rows.first.map { row in row.called ?? String(row.index) }
            .map { "; of the first: ledger show \(VisibleText.line($0))" } ?? ""
        return "\(count) \(noun)\(rest)\(next)"
    }
}
