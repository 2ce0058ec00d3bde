import LedgerCore
import LedgerCorrelation

/// What `ledger check` prints for eyes.
public enum FindingTable {
    public static func write(
        _ findings: [Finding], now: Timestamp, _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        let isWide = appearance.width.map { $0 >= wideWidth } ?? true
        var columns: [TextTable.Column] = [
            .init(header: "SEVERITY", importance: 9),
            .init(header: "FINDING", importance: 10),
            .init(header: "WHERE", minimumWidth: 10, importance: 7),
            .init(header: "CHANGE", minimumWidth: 8, importance: 8),
            .init(header: "SINCE", importance: 4, isOptional: true),
        ]
        if isWide { columns.append(.init(header: "WHAT", minimumWidth: 16, importance: 6)) }
        columns.append(.init(header: "ENTRIES", minimumWidth: 6, importance: 2, isOptional: true))
        var table = TextTable(columns, appearance: appearance, output: output)
        for finding in findings {
            var cells: [TextTable.Cell] = [
                .init(finding.severity.rawValue, finding.severity.tone), .init(finding.code),
                .init(place(finding)), .init(finding.name ?? finding.change),
                .init(finding.since.map { Words.age(of: $0, at: now) }),
            ]
            if isWide { cells.append(.init(finding.detail)) }
            cells.append(.init(Words.list(finding.entries.map { "#\($0)" }, atMost: 2)))
            try table.add(cells, below: isWide ? [] : [finding.detail])
        }
        try table.finish()
        for finding in findings { try writeDifference(of: finding, appearance, to: output) }
        try writeAdvice(findings, appearance, to: output)
    }

    /// Below this many columns, what is wrong stands below its row.
    private static let wideWidth = 120

    /// What of two scripts differs; control characters too are to be seen.
    private static func writeDifference(
        of finding: Finding, _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        guard let difference = finding.difference else { return }
        let change = [finding.name ?? finding.change].compactMap(\.self)
        let title = ([place(finding)] + change).joined(separator: " ")
        try output.write("\n\(appearance.painted(VisibleText.line(title), .heading))\n")
        for line in difference.unicodeScalars.split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            let tone: Tone =
                switch line.first {
                case "+": .good
                case "-": .bad
                default: .plain
                }
            let shown = VisibleText.line(String(line))
            try output.write("\(appearance.painted(shown, tone))\n")
        }
    }

    /// `orders/prod: acme, globex`.
    private static func place(_ finding: Finding) -> String {
        let place = [finding.service, finding.environment].compactMap(\.self)
            .joined(separator: "/")
        let own = finding.targets.filter { $0.shape != [] }.map(\.ownName)
        return own.isEmpty ? place : "\(place): \(Words.list(own))"
    }

    /// What to do, once for each kind.
    private static func writeAdvice(
        _ findings: [Finding], _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        var seen: Set<String> = []
        let kinds = findings.filter { seen.insert($0.code).inserted }
        if kinds.isEmpty { return }
        try output.write("\n")
        for finding in kinds {
            let lines = WrappedText.lines(
                "\(finding.code): \(finding.advice)", width: appearance.width.map { $0 - 2 })
            try output.write(lines.joined(separator: "\n  ") + "\n")
        }
        try output.flush()
    }

    /// `2 errors, 1 warning; 1 acknowledged`.
    public static func closingLine(_ findings: [Finding], acknowledgedCount: Int) -> String {
        let counts = Finding.Severity.allCases.reversed().compactMap { severity -> String? in
            let count = findings.filter { $0.severity == severity }.count
            return count == 0 ? nil : Words.count(count, severity.rawValue)
        }
        let found = counts.isEmpty ? "nothing is wrong" : counts.joined(separator: ", ")
        return acknowledgedCount == 0 ? found : "\(found); \(acknowledgedCount) acknowledged"
    }
}

/// The reference of the rules.
public enum RuleTable {
    public static func write(_ appearance: Appearance, to output: BufferedOutput) throws {
        var table = TextTable(
            [
                .init(header: "RULE", importance: 9), .init(header: "SEVERITY", importance: 8),
                .init(header: "AFTER", importance: 7, isOptional: true),
                .init(header: "FINDS", minimumWidth: 20, importance: 6),
            ], appearance: appearance, output: output)
        for rule in FindingRules.all.map({ $0.rule }) {
            try table.add([
                .init(rule.code), .init(rule.severity.rawValue, rule.severity.tone),
                .init(rule.after.map(Words.span)), .init(rule.finds),
            ])
        }
        try table.finish()
    }

    /// For the README.
    public static var markdown: String {
        let rows = FindingRules.all.map { type in
            let rule = type.rule
            let limits = [
                rule.after.map { "after \(Words.span($0))" }, rule.factor.map { "factor \($0)" },
                rule.isForTheLastStep ? "the path's last step" : nil,
            ].compactMap(\.self).joined(separator: ", ")
            return "| `\(rule.code)` | \(rule.severity.rawValue) | \(limits) | \(rule.finds) |"
        }
        return "| rule | severity | unless the policy says otherwise | finds |\n"
            + "| --- | --- | --- | --- |\n" + rows.joined(separator: "\n") + "\n"
    }
}

extension Finding.Severity {
    var tone: Tone {
        switch self {
        case .error: .bad
        case .warning: .doubtful
        case .note: .plain
        }
    }
}
