import LedgerCore
import LedgerCorrelation

/// The whole story of a change: `ledger show orders:V42`.
public struct ChangeStory {
    private let change: KnownChange
    private let rows: [HistoryRow]
    private let links: [Link]

    /// - Parameters:
    ///   - rows: the events that speak of the change, oldest first.
    ///   - links: why some of them are of another name.
    public init(of change: KnownChange, rows: [HistoryRow], links: [Link] = []) {
        self.change = change
        self.rows = rows
        self.links = links
    }

    /// Writes `{"change":{…},"events":[…],"links":[…],"v":1}`; events are rows as of `ledger query`,
    /// links as of `ledger link list`.
    public func writeJSON(to output: BufferedOutput) throws {
        let about = JSONObject([
            "id": .string(change.id), "name": change.name.map(JSON.string),
            "service": .string(change.service), "strategy": change.strategy.map(JSON.string),
        ])
        try output.append { buffer in
            CanonicalJSON.append(verbatim: "{\"change\":", to: &buffer)
            CanonicalJSON.append(about, to: &buffer)
            CanonicalJSON.append(verbatim: ",\"events\":[", to: &buffer)
        }
        for (index, row) in rows.enumerated() {
            try output.append { buffer in
                if index > 0 { buffer.append(UInt8(ascii: ",")) }
                QueryRow.definition.appendJSON(of: row, to: &buffer)
            }
        }
        try output.write("],\"links\":[")
        for (index, link) in links.enumerated() {
            try output.append { buffer in
                if index > 0 { buffer.append(UInt8(ascii: ",")) }
                Link.definition.appendJSON(of: link, to: &buffer)
            }
        }
        try output.write("],\"v\":1}\n")
        try output.flush()
    }

    /// Writes it for eyes: the change, how it can be undone, and what happened to it, in order.
    public func writeText(_ appearance: Appearance, to output: BufferedOutput) throws {
        try facts(appearance.local).write(to: output, appearance)
        if !rows.isEmpty { try output.write("\n") }
        var table = TextTable(Self.columns, appearance: appearance, output: output)
        let undone = undone
        for row in rows {
            let digest = row.string("change", "digest")?.dropFirst("sha256:".count).prefix(8)
            try table.add(
                [
                    .init(row.when(appearance.local)), .init(row.happening), .init(row.target.text),
                    row.storyOutcome,
                    .init(row.durationMilliseconds.map(Words.duration(milliseconds:))),
                    .init(row.who), .init(row.how), .init(digest.map(String.init)),
                    .init(row.number),
                ], below: (undone[row.index].map { ["it undid #\($0)"] } ?? []) + row.words)
        }
        try table.finish()
        let lines = LinkReport.lines(links)
        if lines.isEmpty { return }
        try output.write("\n" + lines.map { VisibleText.line($0) + "\n" }.joined())
        try output.flush()
    }

    private static let columns: [TextTable.Column] = [
        .init(header: "WHEN", importance: 9),
        .init(header: "EVENT", importance: 8),
        .init(header: "WHERE", isCutAtStart: true, minimumWidth: 14, importance: 6),
        .init(header: "OUTCOME", minimumWidth: 9, importance: 7),
        .init(header: "TOOK", isRightAligned: true, importance: 5, isOptional: true),
        .init(header: "WHO", minimumWidth: 8, importance: 4),
        .init(header: "HOW", minimumWidth: 8, importance: 2, isOptional: true),
        .init(header: "SCRIPT", importance: 3, isOptional: true),
        .init(header: "INDEX", isRightAligned: true, importance: 10),
    ]

    private func facts(_ local: LocalTime) -> FieldList {
        var list = FieldList()
        list.add("change", "\(change.service):\(change.id)")
        list.add("name", change.name)
        for name in ["kind", "class", "ticket", "tool"] {
            list.add(name, last { $0.string("change", name) })
        }
        // Where it was merged from; what ran may have been its rollback script.
        let merges = rows.filter { $0.type == .merge }
        list.add(
            "path",
            merges.compactMap { $0.string("git", "path") }.last
                ?? last { $0.operation == .revert ? nil : $0.string("git", "path") })
        guard let strategy = change.strategy ?? last(\.strategy) else {
            list.add("rollback", "no plan", .doubtful)
            return list
        }
        // A person's word stands over what is inferred; plans for some targets stand in the rows.
        let plans = rows.filter { $0.type == .rollbackPlan && $0.target.environment == nil }
        let plan = plans.last { $0.members[["rollback", "inferred"]]?.bool != true } ?? plans.last
        list.add("rollback", strategy + (plan.map { ", planned in #\($0.index)" } ?? ""))
        guard let rollback = plan?.members["rollback"]?.object else { return list }
        // Those that the rows of a server have too.
        for member in rollback.members where !["strategy", "script_size"].contains(member.name) {
            list.add(
                "rollback " + member.name.replacing("_", with: " "), member.value, local: local)
        }
        return list
    }

    /// By the reverts that succeeded, what they undid: the last that had applied the change there.
    private var undone: [Int64: Int64] {
        var applied: [Target: Int64] = [:]
        var undone: [Int64: Int64] = [:]
        for row in rows where row.type == .deployment && row.status == .succeeded {
            switch row.operation {
            case .apply: applied[row.target] = row.index
            case .revert: undone[row.index] = applied[row.target]
            case .baseline, .mark, .repair: break
            }
        }
        return undone
    }

    private func last(_ value: (HistoryRow) -> String?) -> String? {
        rows.reversed().lazy.compactMap(value).first
    }
}

extension HistoryRow {
    fileprivate var happening: String {
        switch type {
        case .deployment: operation == .apply ? "run" : operation.rawValue
        case .merge: "merged"
        case .review: "reviewed"
        case .override: "gate"
        default: type.words
        }
    }

    fileprivate var storyOutcome: TextTable.Cell {
        switch type {
        case .deployment: status.map { .init($0.words, $0.tone) } ?? .init("")
        case .review: outcome
        case .override: .init("overridden", .doubtful)
        case .merge: .init(string("git", "commit").map { String($0.prefix(12)) })
        case .rollbackPlan: .init(strategy)
        default: .init("")
        }
    }

    /// What people and programs said, each text cut after some lines: `ledger show` of the entry
    /// has all of it.
    fileprivate var words: [String] {
        let written = [
            type == .merge ? person("author").map { "written by \($0)" } : nil,
            overridden.isEmpty
                ? nil : "it was closed: \(overridden.joined(separator: ", "))",
            privateString("title"), privateString("message"),
            labelled("reason"), labelled("error"),
        ]
        return written.compactMap(\.self).map { text in
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            if lines.count <= Self.linesShown { return text }
            return lines.prefix(Self.linesShown).joined(separator: "\n")
                + "\n… \(Words.count(lines.count - Self.linesShown, "more line")): ledger show \(index)"
        }
    }

    private static let linesShown = 10

    private func labelled(_ name: String) -> String? {
        privateString(name).map { "\(name): \($0)" }
    }
}
