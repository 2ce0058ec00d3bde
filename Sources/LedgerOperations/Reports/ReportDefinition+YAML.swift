import LedgerCore
import LedgerExports
import LedgerReport
import Yams

// ReportDefinition+YAML.swift
//
// A definition of a report, as exports/*.yaml and `ledger export --definition FILE` have it:
//
//    report: change-population       its name: a-z, 0-9 and -
//    title: …
//    answers: …                      the question that it answers, in a sentence
//    serves: [SOC 2 CC8.1, …]        the requirements
//    rows: changes                   what a row is about (ReportSubject)
//    columns:                        in order, each a field of such rows with what it means; under
//      - service: what was changed   another name if it says so
//      - who: {field: deployers, means: …}
//    filters: {class: emergency}     fields with one value, or a list of those that are shown
//    order: [service, started]       fields; the order in which rows are found, if left out

/// A definition with the text that it was read from.
public struct WrittenDefinition: Sendable {
    public let definition: ReportDefinition
    public let text: String

    /// - Parameter name: what the text is called in errors.
    /// - Throws: `usage` that names the line and the key.
    public init(text: String, named name: String) throws(LedgerError) {
        self.text = text
        let yaml = YAMLReader(text: text, named: name)
        guard let node = try yaml.document() else {
            throw LedgerError(.usage, "\(name) is empty", advice: "ledger export --list")
        }
        definition = try DefinitionReader(yaml: yaml).definition(node)
    }

    /// - Throws: `notFound`, `io`, or `usage` that names the line and the key.
    public init(path: String) throws(LedgerError) {
        try self.init(text: TextFile.read(path, limit: 1_048_576), named: path)
    }

    /// One of those that come with the program.
    ///
    /// - Throws: `notFound` with "did you mean".
    public init(report name: String) throws(LedgerError) {
        let all = LedgerExports.definitions
        guard let found = all.first(where: { $0.name.hasSameBytes(as: name) }) else {
            throw LedgerError(
                .notFound, "there is no report \(VisibleName.of(name))",
                advice: Suggestion.advice(for: name, among: all.map(\.name)))
        }
        try self.init(text: found.text, named: "\(name).yaml")
    }

    /// Those that come with the program, by name.
    public static func all() throws(LedgerError) -> [WrittenDefinition] {
        var all: [WrittenDefinition] = []
        for (name, text) in LedgerExports.definitions {
            all.append(try WrittenDefinition(text: text, named: "\(name).yaml"))
        }
        return all
    }
}

private struct DefinitionReader {
    let yaml: YAMLReader

    private static let keys = [
        "report", "title", "answers", "serves", "rows", "columns", "filters", "order",
    ]

    func definition(_ node: Node) throws(LedgerError) -> ReportDefinition {
        var found: [String: Node] = [:]
        for (key, value) in try yaml.members(node, "the definition", Self.keys) {
            found[key] = value
        }
        func needed(_ key: String) throws(LedgerError) -> Node {
            guard let value = found[key] else {
                throw yaml.invalid("the definition has no \(key)", node)
            }
            return value
        }
        let rows = try subject(needed("rows"))
        let columns = try columns(needed("columns"), rows)
        var order: [String] = []
        if let node = found["order"] { order = try self.order(node, rows) }
        var filters: [ReportDefinition.Filter] = []
        if let node = found["filters"] { filters = try self.filters(node, rows) }
        return ReportDefinition(
            name: try name(needed("report")), title: try yaml.text(needed("title"), "title"),
            answers: try yaml.text(needed("answers"), "answers"),
            serves: try yaml.texts(needed("serves"), "serves"), rows: rows, columns: columns,
            filters: filters, order: order)
    }

    private func name(_ node: Node) throws(LedgerError) -> String {
        let name = try yaml.text(node, "report")
        let isPlain = name.utf8.allSatisfy {
            0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "-")
        }
        // It becomes a file's name.
        guard isPlain, name.utf8.count <= 80, !name.hasPrefix("-") else {
            throw yaml.invalid("report must be a name of a-z, 0-9 and -", node)
        }
        return name
    }

    private func subject(_ node: Node) throws(LedgerError) -> ReportSubject {
        let text = try yaml.text(node, "rows")
        guard let subject = ReportSubject(rawValue: text) else {
            throw yaml.invalid(
                "rows can't be \(VisibleName.of(text))", node,
                advice: Suggestion.advice(
                    for: text, among: ReportSubject.allCases.map(\.rawValue)))
        }
        return subject
    }

    private func columns(
        _ node: Node, _ rows: ReportSubject
    ) throws(LedgerError) -> [ReportDefinition.Column] {
        var columns: [ReportDefinition.Column] = []
        for item in try yaml.items(node, "columns") {
            let members = try yaml.members(item, "a column", nil)
            guard members.count == 1, let (name, value) = members.first else {
                throw yaml.invalid("a column is one name with what it means", item)
            }
            if columns.contains(where: { $0.name.hasSameBytes(as: name) }) {
                throw yaml.invalid("the column \(VisibleName.of(name)) stands twice", item)
            }
            if name.hasSameBytes(as: "v") {
                throw yaml.invalid("v is the version of the form, and no column", item)
            }
            columns.append(try column(name, value, item, rows))
        }
        if columns.isEmpty { throw yaml.invalid("there are no columns", node) }
        return columns
    }

    private func column(
        _ name: String, _ node: Node, _ item: Node, _ rows: ReportSubject
    ) throws(LedgerError) -> ReportDefinition.Column {
        guard case .mapping = node else {
            return .init(
                name: name, field: try field(name, item, rows),
                meaning: try yaml.text(node, name))
        }
        var field: String?
        var meaning: String?
        for (key, value) in try yaml.members(node, name, ["field", "means"]) {
            let text = try yaml.text(value, key)
            if key == "field" { field = try self.field(text, value, rows) } else { meaning = text }
        }
        guard let meaning else { throw yaml.invalid("\(name) has no means", node) }
        if field == nil { field = try self.field(name, item, rows) }
        return .init(name: name, field: field ?? name, meaning: meaning)
    }

    private func filters(
        _ node: Node, _ rows: ReportSubject
    ) throws(LedgerError) -> [ReportDefinition.Filter] {
        var filters: [ReportDefinition.Filter] = []
        for (name, value) in try yaml.members(node, "filters", nil) {
            filters.append(
                .init(
                    field: try field(name, value, rows), values: try yaml.texts(value, name)))
        }
        return filters
    }

    private func order(_ node: Node, _ rows: ReportSubject) throws(LedgerError) -> [String] {
        let names = try yaml.texts(node, "order")
        for name in names { _ = try field(name, node, rows) }
        guard rows.isSortable || names == ["at"] else {
            throw yaml.invalid(
                "rows of \(rows.rawValue) are written as they are read, in the order [at]", node)
        }
        return names
    }

    private func field(
        _ name: String, _ node: Node, _ rows: ReportSubject
    ) throws(LedgerError) -> String {
        let known = rows.fields.map(\.name)
        guard known.contains(where: { $0.hasSameBytes(as: name) }) else {
            throw yaml.invalid(
                "\(rows.rawValue) have no field \(VisibleName.of(name))", node,
                advice: Suggestion.advice(for: name, among: known))
        }
        return name
    }
}
