import LedgerCore

extension ReportFields {
    /// Those of `ledger query`'s rows; the members of an object stand by themselves, as in its CSV.
    public static let events: [RecordColumn<HistoryRow>] =
        QueryRow.definition.columns.flatMap { column -> [RecordColumn<HistoryRow>] in
            guard case .object(let members) = column.field.kind else { return [column] }
            return members.filter { column.field.name + "_" + $0.name != "review_kind" }.map {
                member in
                RecordColumn(
                    "\(column.field.name)_\(member.name)", member.kind,
                    [column.field.meaning, member.meaning].filter { !$0.isEmpty }
                        .joined(separator: ": ")
                ) { column.value($0)?.object?[member.name] }
            }
        } + [
            RecordColumn("review_kind", .oneOf(["approval", "lint", "test"])) { row in
                guard row.type == .review else { return nil }
                return .string(row.string("review", "kind") ?? "approval")
            },
            RecordColumn("until", .time, "until when an acknowledgement holds") {
                $0.members["until"]
            },
            RecordColumn("identity", .oneOf(["authenticated", "vouched", "claimed", "unknown"])) {
                .string(identity($0))
            },
            RecordColumn("entries", .list(.integer), isRequired: true) { row in
                .array([row.firstIndex, row.index].compactMap(\.self).map(JSON.integer))
            },
        ]
}
