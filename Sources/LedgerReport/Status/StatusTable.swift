import LedgerCore
import LedgerCorrelation

/// The tables of `ledger status`.
public enum StatusTable {
    public static func write(
        _ status: Status, now: Timestamp, _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        switch status {
        case .board(let rows): try board(rows, now, appearance, output)
        case .changes(let rows): try changes(rows, now, appearance, output)
        case .targets(let rows): try targets(rows, appearance, output)
        case .places(let rows): try places(rows, now, appearance, output)
        }
    }

    // MARK: The board

    private static func board(
        _ rows: [BoardRow], _ now: Timestamp, _ appearance: Appearance, _ output: BufferedOutput
    ) throws {
        let environments = order(rows.map { ($0.service, $0.environment) })
        var table = TextTable(
            [.init(header: "SERVICE", minimumWidth: 8, importance: 9)]
                + environments.map {
                    .init(header: $0.uppercased(), minimumWidth: 10, importance: 5)
                },
            appearance: appearance, output: output)
        try forEachGroup(rows, by: \.service) { service, rows in
            let cells = environments.map { environment in
                rows.first { $0.environment.hasSameBytes(as: environment) }
                    .map { cell(of: $0, now) } ?? .init("")
            }
            try table.add([.init(service)] + cells)
        }
        try table.finish()
    }

    private static func cell(of row: BoardRow, _ now: Timestamp) -> TextTable.Cell {
        var parts: [String] = []
        if row.failedCount > 0 { parts.append("\(row.failedCount) failed") }
        if row.behindCount > 0 { parts.append("\(row.behindCount) behind") }
        switch row.state {
        case .unfinished, .unknown, .edited: parts.append(row.state.rawValue)
        default: break
        }
        if let last = row.last {
            parts.append("\(last.name ?? last.change) \(Words.age(of: last.at, at: now))")
        }
        return .init(parts.isEmpty ? "-" : parts.joined(separator: ", "), row.state.tone)
    }

    /// The environments of all services in one order: each service has its own.
    private static func order(_ rows: [(service: String, environment: String)]) -> [String] {
        var lead: [ExactText: Int] = [:]
        var place = 0
        for (number, row) in rows.enumerated() {
            place = number > 0 && rows[number - 1].service == row.service ? place + 1 : 0
            lead[ExactText(row.environment)] = max(lead[ExactText(row.environment)] ?? 0, place)
        }
        return lead.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key.text)
    }

    // MARK: Changes

    private static func changes(
        _ rows: [ChangeRow], _ now: Timestamp, _ appearance: Appearance, _ output: BufferedOutput
    ) throws {
        let environments = order(unique(rows.map { ($0.service, $0.environment) }))
        let hasServices = Set(rows.map(\.service)).count > 1
        var table = TextTable(
            [.init(header: "CHANGE", minimumWidth: 12, importance: 9)]
                + environments.map {
                    .init(header: $0.uppercased(), minimumWidth: 9, importance: 5)
                },
            appearance: appearance, output: output)
        try forEachGroup(rows, by: { "\($0.service):\($0.change)" }) { _, rows in
            let cells = environments.map { environment in
                rows.first { $0.environment.hasSameBytes(as: environment) }
                    .map { cell(of: $0, now) } ?? .init("")
            }
            let others = rows[0].otherIDs
            let name =
                (rows[0].name ?? rows[0].change)
                + (others.isEmpty ? "" : " (also \(Words.list(others)))")
            try table.add([.init(hasServices ? "\(rows[0].service):\(name)" : name)] + cells)
        }
        try table.finish()
    }

    /// `12 d ago` where it is everywhere; `11/12, failed: globex`; `pending`.
    private static func cell(of row: ChangeRow, _ now: Timestamp) -> TextTable.Cell {
        let age = row.at.map { Words.age(of: $0, at: now) }
        if row.state == .absent { return .init("-") }
        if row.targetCount <= 1
            || row.others.values.contains(where: { $0.count == row.targetCount })
        {
            let word = row.state == .applied ? nil : row.state.rawValue
            return .init(
                [word, row.doneCount > 0 ? age : nil].compactMap(\.self).joined(separator: " "),
                row.state.tone)
        }
        var parts = ["\(row.doneCount)/\(row.targetCount)"]
        for state in ChangeState.allCases {
            guard let names = row.others[state], state != .absent else { continue }
            parts.append("\(state.rawValue): \(Words.list(names))")
        }
        if row.others.isEmpty, let age { parts[0] += " \(age)" }
        return .init(parts.joined(separator: ", "), row.state.tone)
    }

    // MARK: Targets

    private static func targets(
        _ rows: [TargetRow], _ appearance: Appearance, _ output: BufferedOutput
    ) throws {
        var table = TextTable(
            [
                .init(header: "CHANGE", minimumWidth: 12, importance: 8),
                .init(header: "WHERE", isCutAtStart: true, minimumWidth: 14, importance: 7),
                .init(header: "STATE", importance: 9),
                .init(header: "WHEN", importance: 6, isOptional: true),
                .init(header: "INDEX", isRightAligned: true, importance: 5, isOptional: true),
            ], appearance: appearance, output: output)
        for row in rows {
            try table.add([
                .init(row.name ?? row.change), .init(row.target.text),
                .init(row.state.rawValue, row.state.tone),
                .init(row.at.map { appearance.local.text(of: $0, to: .minutes) }),
                .init(row.index.map { "#\($0)" }),
            ])
        }
        try table.finish()
    }

    // MARK: Places

    private static func places(
        _ rows: [PlaceRow], _ now: Timestamp, _ appearance: Appearance, _ output: BufferedOutput
    ) throws {
        let header = (rows.first?.grouping.rawValue ?? "place").uppercased()
        var table = TextTable(
            [
                .init(header: header, minimumWidth: 8, importance: 9),
                .init(header: "TARGETS", isRightAligned: true, importance: 2, isOptional: true),
                .init(header: "LAST CHANGE", minimumWidth: 12, importance: 6),
                .init(header: "WHEN", importance: 5),
                .init(header: "BEHIND", isRightAligned: true, importance: 8),
                .init(header: "FOR", importance: 7, isOptional: true),
                .init(header: "FAILED", isRightAligned: true, importance: 8),
            ], appearance: appearance, output: output)
        for row in rows {
            let change = row.last.map { last in
                let name = last.name ?? last.change
                return row.grouping == .service ? name : "\(row.service ?? ""):\(name)"
            }
            try table.add([
                .init(row.place.isEmpty ? "(none)" : row.place), .init("\(row.targetCount)"),
                .init(change), .init(row.last.map { Words.age(of: $0.at, at: now) }),
                .init("\(row.behindCount)", row.behindCount > 0 ? .doubtful : .good),
                .init(row.behindSince.map { Words.span(from: $0, to: now) }),
                .init("\(row.failedCount)", row.failedCount > 0 ? .bad : .good),
            ])
        }
        try table.finish()
    }

    // MARK: Groups

    private static func forEachGroup<Row>(
        _ rows: [Row], by name: (Row) -> String, _ body: (String, [Row]) throws -> Void
    ) throws {
        var rest = rows[...]
        while let first = rest.first {
            let key = name(first)
            let group = rest.prefix { name($0).hasSameBytes(as: key) }
            try body(key, Array(group))
            rest = rest.dropFirst(group.count)
        }
    }

    private static func unique(_ pairs: [(String, String)]) -> [(String, String)] {
        var seen: Set<[ExactText]> = []
        return pairs.filter { seen.insert([ExactText($0.0), ExactText($0.1)]).inserted }
    }
}

extension ChangeState {
    var tone: Tone {
        switch self {
        case .failed: .bad
        case .unfinished, .unknown, .edited, .missing, .pending: .doubtful
        case .applied: .good
        case .reverted, .skipped, .baseline, .absent: .plain
        }
    }
}
