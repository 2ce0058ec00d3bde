import LedgerCore

/// A value in another program's JSON, and where it stands. What is there must be of its type; what
/// is null is not there.
struct ReportItem {
    let value: HookValue
    /// `item 3`, `item 3: reviews[0]`.
    let place: String
    /// It as it came, for an item of a report.
    var bytes: [UInt8] = []

    /// The objects of a report: those of a list, of NDJSON, or the one that it is.
    ///
    /// - Parameter lists: the members that hold a list, where an object is a page of one.
    static func read(_ bytes: [UInt8], lists: String...) throws(LedgerError) -> [ReportItem] {
        var bytes = bytes[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        guard bytes.contains(where: { $0 > 0x20 }) else {
            throw LedgerError(
                .invalidEvent, "there is nothing in it", advice: "a report without items is []")
        }
        let whole = Array(bytes)
        if let value = try? LenientJSON.read(whole) {
            return numbered(items(value, in: whole, lists))
        }
        let lines = whole.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
            .filter { $0.element.contains { $0 > 0x20 } }
        let first = lines.first.map { Array($0.element) } ?? []
        guard lines.count > 1, let one = try? LenientJSON.read(first),
            one.members != nil || one.elements != nil
        else {
            _ = try LenientJSON.read(whole)
            return []
        }
        var found: [ReportItem] = []
        for (index, line) in lines {
            guard let value = try? LenientJSON.read(Array(line)) else {
                throw LedgerError(
                    .invalidEvent, "line \(index + 1) is no valid JSON",
                    advice: "it is cut off, or no NDJSON")
            }
            found += items(value, in: Array(line), lists)
        }
        return numbered(found)
    }

    private static func items(
        _ value: LenientJSON, in bytes: [UInt8], _ lists: [String]
    ) -> [ReportItem] {
        func parts(of value: LenientJSON) -> [LenientJSON] {
            for list in lists {
                if let found = value[list]?.elements { return found }
            }
            return value.elements ?? [value]
        }
        // `--paginate --slurp` makes a list of pages.
        return parts(of: value).flatMap(parts).map {
            ReportItem(value: HookValue($0, in: bytes), place: "", bytes: Array(bytes[$0.range]))
        }
    }

    private static func numbered(_ items: [ReportItem]) -> [ReportItem] {
        items.enumerated().map {
            ReportItem(value: $1.value, place: "item \($0 + 1)", bytes: $1.bytes)
        }
    }

    var isObject: Bool {
        if case .object = value { true } else { false }
    }

    /// - Throws: `invalidEvent` if it is no object.
    func checkedObject() throws(LedgerError) -> ReportItem {
        if isObject { return self }
        throw LedgerError(.invalidEvent, "\(place) is no object")
    }

    subscript(path: String...) -> ReportItem {
        ReportItem(
            value: path.reduce(value) { $0[$1] }, place: "\(place): \(path.joined(separator: "."))")
    }

    /// A text that says something.
    func text(_ path: String...) throws(LedgerError) -> String? {
        try text(at: path)
    }

    private func text(at path: [String]) throws(LedgerError) -> String? {
        let found = path.reduce(value) { $0[$1] }
        switch found {
        case .null: return nil
        case .string: return found.text
        default: throw wrong(path, "is no text")
        }
    }

    /// The first of these members that is there.
    func first(_ names: String...) -> ReportItem {
        self[names.first { !value[$0].isNull } ?? names[0]]
    }

    private func first(of paths: [[String]]) -> [String] {
        paths.first { path in !path.reduce(value) { $0[$1] }.isNull } ?? paths[0]
    }

    func text(either paths: [String]...) throws(LedgerError) -> String? {
        try text(at: first(of: paths))
    }

    func time(either paths: [String]...) throws(LedgerError) -> Timestamp? {
        try time(at: first(of: paths))
    }

    /// A text or a number: an id.
    func id(_ path: String...) throws(LedgerError) -> String? {
        let found = path.reduce(value) { $0[$1] }
        switch found {
        case .null: return nil
        case .string, .number: return found.id
        default: throw wrong(path, "is neither a text nor a number")
        }
    }

    func neededID(_ name: String) throws(LedgerError) -> String {
        if let id = try id(name) { return id }
        throw missing(name)
    }

    func neededText(_ name: String) throws(LedgerError) -> String {
        if let text = try text(name) { return text }
        throw missing(name)
    }

    func integer(_ name: String) throws(LedgerError) -> Int64? {
        let found = value[name]
        if found.isNull { return nil }
        if let number = found.integer { return number }
        throw wrong([name], "is no whole number")
    }

    func list(_ path: String...) throws(LedgerError) -> [ReportItem] {
        let found = path.reduce(value) { $0[$1] }
        switch found {
        case .null: return []
        case .array(let values):
            let name = path.joined(separator: ".")
            return values.enumerated().map {
                ReportItem(value: $1, place: "\(place): \(name)[\($0)]")
            }
        default: throw wrong(path, "is no list")
        }
    }

    /// A moment with its offset.
    func time(_ path: String...) throws(LedgerError) -> Timestamp? {
        try time(at: path)
    }

    private func time(at path: [String]) throws(LedgerError) -> Timestamp? {
        let found = path.reduce(value) { $0[$1] }
        if found.isNull || (found.text == nil && found.integer == nil) {
            if case .object = found { throw wrong(path, "is no time") }
            return nil
        }
        // What forges write for "never".
        if found.text?.hasPrefix("0001-01-01") == true { return nil }
        if let time = HookTime.read(found) { return time }
        throw wrong(path, "is no time with an offset, like 2026-11-01T12:00:00Z")
    }

    func missing(_ name: String) -> LedgerError {
        LedgerError(.invalidEvent, "\(place): \(name) is missing")
    }

    private func wrong(_ path: [String], _ what: String) -> LedgerError {
        LedgerError(.invalidEvent, "\(place): \(path.joined(separator: ".")) \(what)")
    }
}
