import LedgerCore
import LedgerCorrelation

/// What `ledger diff` prints.
public enum DiffReport {
    /// - Parameters:
    ///   - left: how the left place is called, such as `stage`.
    ///   - right: how the right place is called.
    public static func writeTable(
        _ rows: [DiffRow], left: String, right: String, _ appearance: Appearance,
        to output: BufferedOutput
    ) throws {
        var table = TextTable(
            [
                .init(header: "CHANGE", minimumWidth: 12, importance: 9),
                .init(header: left.uppercased(), minimumWidth: 8, importance: 6),
                .init(header: right.uppercased(), minimumWidth: 8, importance: 7),
                .init(header: "DIFFERENCE", importance: 8),
            ], appearance: appearance, output: output)
        for row in rows {
            try table.add([
                .init("\(row.service):\(row.name ?? row.change)"), .init(words(row.left, row)),
                .init(words(row.right, row)), .init(difference(row, left, right), .doubtful),
            ])
        }
        try table.finish()
    }

    public static func closingLine(_ rows: [DiffRow]) -> String {
        Words.count(rows.count, "difference")
    }

    private static func words(_ side: DiffRow.Side, _ row: DiffRow) -> String {
        let count =
            side.targetCount > 1 && side.doneCount > 0
            ? "\(side.doneCount)/\(side.targetCount) " : ""
        if row.difference == .content {
            return count
                + side.digests.map { String($0.dropFirst(7).prefix(8)) }
                .joined(separator: ", ")
        }
        return side.state == .absent ? "-" : count + side.state.rawValue
    }

    private static func difference(_ row: DiffRow, _ left: String, _ right: String) -> String {
        switch row.difference {
        case .onlyLeft: "only in \(left)"
        case .onlyRight: "only in \(right)"
        case .partly: "not everywhere"
        case .content: "other scripts"
        }
    }
}

extension DiffRow: Record {
    public static let definition = RecordDefinition<DiffRow>(
        version: 1,
        columns: [
            .init("service", .string, isRequired: true) { .string($0.service) },
            .init("change", .string, "its id", isRequired: true) { .string($0.change) },
            .init("name", .string) { $0.name.map(JSON.string) },
            .init(
                "difference", .oneOf(Difference.allCases.map(\.rawValue)), isRequired: true
            ) { .string($0.difference.rawValue) },
            .init("left", .object(Side.fields), isRequired: true) { .object($0.left.json) },
            .init("right", .object(Side.fields), isRequired: true) { .object($0.right.json) },
        ])

    public init?(json: JSONObject) {
        guard let service = json["service"]?.string, let change = json["change"]?.string,
            let difference = json["difference"]?.string.flatMap(Difference.init(rawValue:)),
            let left = (json["left"]?.object).flatMap(Side.init(json:)),
            let right = (json["right"]?.object).flatMap(Side.init(json:))
        else { return nil }
        self.init(
            service: service, change: change, name: json["name"]?.string, difference: difference,
            left: left, right: right)
    }
}

extension DiffRow.Side {
    fileprivate static let fields = [
        RecordField("state", .state), RecordField("done", .integer),
        RecordField("targets", .integer), RecordField("digests", .list(.string)),
    ]

    fileprivate var json: JSONObject {
        JSONObject([
            "state": .string(state.rawValue), "done": .integer(Int64(doneCount)),
            "targets": .integer(Int64(targetCount)),
            "digests": .array(digests.map(JSON.string)),
        ])
    }

    fileprivate init?(json: JSONObject) {
        guard let state = json["state"]?.string.flatMap(ChangeState.init(rawValue:)),
            let done = json.count("done"), let targets = json.count("targets"),
            let digests = json["digests"]?.array?.compactMap(\.string)
        else { return nil }
        self.init(doneCount: done, targetCount: targets, state: state, digests: digests)
    }
}
