import LedgerCore
import LedgerCorrelation

/// The holds that stand: `ledger hold list`.
public enum HoldTable {
    public static func write(
        _ holds: [Hold], _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        if holds.isEmpty { return }
        var table = TextTable(
            [
                .init(header: "MATTER", importance: 9),
                .init(header: "HOLDS", minimumWidth: 12, importance: 8),
                .init(header: "SINCE", importance: 7),
                .init(header: "BY", importance: 6),
                .init(header: "WHY", minimumWidth: 8, importance: 5),
            ], appearance: appearance, output: output)
        for hold in holds {
            let places = [hold.service, hold.environment, hold.person].compactMap(\.self)
            try table.add([
                .init(hold.matter),
                .init(places.isEmpty ? "everything" : places.joined(separator: ", ")),
                .init(appearance.local.compactText(of: hold.since)), .init("#\(hold.index)"),
                .init(hold.reason),
            ])
        }
        try table.finish()
    }
}

extension Hold: Record {
    public static let definition = RecordDefinition<Hold>(
        version: 1,
        columns: [
            .init("index", .integer, "the entry that declared it", isRequired: true) {
                .integer($0.index)
            },
            .init("matter", .string, isRequired: true) { .string($0.matter) },
            .init("since", .time, isRequired: true) { .string($0.since.utc) },
            .init("service", .string, "all, if absent") { $0.service.map(JSON.string) },
            .init("environment", .string, "all, if absent") { $0.environment.map(JSON.string) },
            .init("person", .string, "all, if absent") { $0.person.map(JSON.string) },
            .init("reason", .string) { $0.reason.map(JSON.string) },
        ])

    public init?(json: JSONObject) {
        guard let index = json["index"]?.integer, let matter = json["matter"]?.string,
            let since = (json["since"]?.string).flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        self.init(
            index: index, matter: matter, since: since, service: json["service"]?.string,
            environment: json["environment"]?.string, person: json["person"]?.string,
            reason: json["reason"]?.string)
    }
}
