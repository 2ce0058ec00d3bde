import LedgerCore
import LedgerCorrelation

extension Status {
    /// Writes the rows as records for programs.
    public func write(as format: RecordFormat, to output: BufferedOutput) throws {
        switch self {
        case .board(let rows): try BoardRow.write(rows, as: format, to: output)
        case .changes(let rows): try ChangeRow.write(rows, as: format, to: output)
        case .targets(let rows): try TargetRow.write(rows, as: format, to: output)
        case .places(let rows): try PlaceRow.write(rows, as: format, to: output)
        }
    }

    /// What the table is worth: how much there is, and whether anybody said what there should be.
    public var closingLine: String {
        switch self {
        case .board(let rows):
            let services = Self.unique(rows.map(\.service))
            let undeclared = Self.unique(rows.filter { !$0.isPathDeclared }.map(\.service))
            return Words.count(services.count, "service") + Self.note(undeclared)
        case .changes(let rows):
            let changes = Self.unique(rows.map { "\($0.service):\($0.change)" })
            let undeclared = Self.unique(rows.filter { !$0.isPathDeclared }.map(\.service))
            let targets = Self.unique(rows.filter { !$0.areTargetsDeclared }.map(\.environment))
            let note =
                targets.isEmpty
                ? ""
                : "; the targets of \(Words.list(targets)) are those heard from: ledger target add"
            return Words.count(changes.count, "change") + Self.note(undeclared) + note
        case .targets(let rows): return Words.count(rows.count, "row")
        case .places(let rows):
            return rows.isEmpty
                ? "nothing was heard from there"
                : Words.count(rows.count, rows[0].grouping.rawValue)
        }
    }

    private static func note(_ undeclared: [String]) -> String {
        if undeclared.isEmpty { return "" }
        return "; the order of environments is that in which changes came, for "
            + "\(Words.list(undeclared.map(VisibleText.line))): ledger path set"
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<ExactText> = []
        return names.filter { seen.insert(ExactText($0)).inserted }
    }
}
