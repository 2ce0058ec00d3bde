import LedgerCore

/// Takes from what rows are made of what a definition shows.
public struct ReportShape<Row>: Sendable {
    private let cells: [@Sendable (Row) -> JSON?]
    private let keys: [@Sendable (Row) -> JSON?]
    private let filters: [(value: @Sendable (Row) -> JSON?, allowed: Set<ExactText>)]

    /// - Parameter fields: those of the definition's subject.
    public init(_ definition: ReportDefinition, _ fields: [RecordColumn<Row>]) {
        let values = Dictionary(
            fields.map { ($0.field.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        func value(_ name: String) -> @Sendable (Row) -> JSON? { values[name] ?? { _ in nil } }
        cells = definition.columns.map { value($0.field) }
        keys = definition.order.map(value)
        filters = definition.filters.map { filter in
            (value(filter.field), Set(filter.values.map(ExactText.init)))
        }
    }

    /// Whether the definition's filters let it through.
    public func shows(_ row: Row) -> Bool {
        filters.allSatisfy { filter in
            guard let value = filter.value(row) else { return false }
            return filter.allowed.contains(ExactText(Self.text(value)))
        }
    }

    public func row(
        _ row: Row, entries: [Int64] = [], corrections: [Int64] = [], recorded: Timestamp? = nil
    ) -> ReportRow {
        ReportRow(
            cells: cells.map { $0(row) }, keys: keys.map { $0(row) }, entries: entries,
            corrections: corrections, recorded: recorded)
    }

    private static func text(_ value: JSON) -> String {
        switch value {
        case .string(let text): text
        default: String(decoding: CanonicalJSON.bytes(value), as: UTF8.self)
        }
    }
}
