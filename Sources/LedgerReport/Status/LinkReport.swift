import LedgerCore
import LedgerCorrelation

/// What `ledger link list` prints.
public enum LinkReport {
    public static func writeTable(
        _ links: [Link], _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        var table = TextTable(
            [
                .init(header: "SERVICE", importance: 6),
                .init(header: "CHANGE", minimumWidth: 8, importance: 10),
                .init(header: "IS", minimumWidth: 8, importance: 9),
                .init(header: "BECAUSE", importance: 8),
                .init(header: "CONFIDENCE", importance: 7),
                .init(header: "ENTRIES", minimumWidth: 6, importance: 4, isOptional: true),
            ], appearance: appearance, output: output)
        for link in links {
            let isOff = link.retractedBy != nil
            try table.add([
                .init(link.service), .init(link.change), .init(link.same), .init(link.reason.words),
                .init(
                    isOff
                        ? "retracted in #\(link.retractedBy ?? 0)" : link.confidence.rawValue,
                    isOff ? .doubtful : .plain),
                .init(Words.list(link.entries.map { "#\($0)" })),
            ])
        }
        try table.finish()
    }

    /// A line for each link of one change, for its story.
    public static func lines(_ links: [Link]) -> [String] {
        links.filter { $0.retractedBy == nil }.map { link in
            let entries = link.entries.map { "#\($0)" }
            if link.change.hasSameBytes(as: link.same) {
                return "\(entries.joined(separator: " and ")) are one execution "
                    + "(\(link.reason.words), \(link.confidence.rawValue))"
            }
            return "\(link.change) is \(link.same) (\(link.reason.words), "
                + "\(link.confidence.rawValue): \(Words.list(entries)))"
        }
    }
}

extension Link.Reason {
    fileprivate var words: String {
        switch self {
        case .asserted: "said so"
        case .renamed: "renamed in Git"
        case .squashed: "squashed in Git"
        case .sameScript: "same script"
        case .sameBlob: "same Git blob"
        case .sameText: "same but for comments"
        case .sameExecution: "two sources, one time"
        }
    }
}

extension Link: Record {
    public static let definition = RecordDefinition<Link>(
        version: 1,
        columns: [
            .init("service", .string, isRequired: true) { .string($0.service) },
            .init("change", .string, "an id that it has besides", isRequired: true) {
                .string($0.change)
            },
            .init(
                "same", .string, "the id under which it is counted; for two entries, its own",
                isRequired: true
            ) { .string($0.same) },
            .init("reason", .oneOf(Reason.allCases.map(\.rawValue)), isRequired: true) {
                .string($0.reason.rawValue)
            },
            .init("confidence", .oneOf(Confidence.allCases.map(\.rawValue)), isRequired: true) {
                .string($0.confidence.rawValue)
            },
            .init("entries", .list(.integer), "those that show it", isRequired: true) {
                .array($0.entries.map(JSON.integer))
            },
            .init("retracted", .integer, "the entry by which somebody said that it is none") {
                $0.retractedBy.map(JSON.integer)
            },
        ])

    public init?(json: JSONObject) {
        guard let service = json["service"]?.string, let change = json["change"]?.string,
            let same = json["same"]?.string,
            let reason = json["reason"]?.string.flatMap(Reason.init(rawValue:)),
            let confidence = json["confidence"]?.string.flatMap(Confidence.init(rawValue:)),
            let entries = json["entries"]?.array
        else { return nil }
        self.init(
            service: service, change: change, same: same, reason: reason, confidence: confidence,
            entries: entries.compactMap(\.integer), retractedBy: json["retracted"]?.integer)
    }
}
