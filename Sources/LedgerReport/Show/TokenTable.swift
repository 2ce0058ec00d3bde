import LedgerCore

/// The tokens of a ledger: `ledger token list`.
public enum TokenTable {
    public static let definition = RecordDefinition<IssuedToken>(
        version: 1,
        columns: [
            Column("id", .string, isRequired: true) { .string($0.id) },
            Column("name", .string, "what it is for") { $0.name.map(JSON.string) },
            Column("role", .oneOf(Role.allCases.map(\.rawValue)), isRequired: true) {
                .string($0.role.rawValue)
            },
            Column("services", .list(.string), "where it may write; all if absent") {
                list($0.scope.services)
            },
            Column("environments", .list(.string)) { list($0.scope.environments) },
            Column("sources", .list(.string), "beginnings of source") { list($0.scope.sources) },
            Column("created", .time, isRequired: true) { .string($0.created.utc) },
            Column("expires", .time) { $0.expires.map { .string($0.utc) } },
            Column("revoked", .time) { $0.revoked.map { .string($0.utc) } },
        ])

    private typealias Column = RecordColumn<IssuedToken>

    private static func list(_ values: [String]) -> JSON? {
        values.isEmpty ? nil : .array(values.map(JSON.string))
    }

    public static func write(
        _ tokens: [IssuedToken], _ appearance: Appearance, now: Timestamp,
        to output: BufferedOutput
    ) throws {
        var table = TextTable(
            [
                .init(header: "TOKEN", importance: 9),
                .init(header: "ROLE", importance: 8),
                .init(header: "STATE", importance: 7),
                .init(header: "FOR", minimumWidth: 8, importance: 6),
                .init(header: "MAY WRITE", minimumWidth: 12, importance: 5),
                .init(header: "CREATED", importance: 4, isOptional: true),
                .init(header: "EXPIRES", importance: 3, isOptional: true),
            ], appearance: appearance, output: output)
        for token in tokens {
            try table.add([
                .init(token.id), .init(token.role.rawValue), state(of: token, now: now),
                .init(token.name), .init(scope(of: token)),
                .init(appearance.local.compactText(of: token.created)),
                .init(token.expires.map { appearance.local.compactText(of: $0) }),
            ])
        }
        try table.finish()
    }

    private static func state(of token: IssuedToken, now: Timestamp) -> TextTable.Cell {
        if token.revoked != nil { return .init("revoked") }
        return token.isValid(at: now) ? .init("valid", .good) : .init("expired", .doubtful)
    }

    private static func scope(of token: IssuedToken) -> String {
        guard token.role.mayWrite else { return "nothing" }
        let scope = token.scope
        let parts =
            scope.services + scope.environments.map { "in \($0)" }
            + scope.sources.map { "from \($0)…" }
        return parts.isEmpty ? "everything" : parts.joined(separator: ", ")
    }
}
