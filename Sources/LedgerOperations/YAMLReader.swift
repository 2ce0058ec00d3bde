import Glibc
import LedgerCore
import Yams

/// Reads a YAML file whose keys are all known; errors tell the file and the line, and never a
/// value, which may be a secret.
public struct YAMLReader: Sendable {
    private static let byteLimit = 1_048_576

    public let path: String
    /// The folder that paths in the file are seen from.
    public let folder: String
    // What is not read from the path.
    private let given: String?

    /// - Parameter folder: that of the file, if left out.
    public init(path: String, folder: String? = nil) {
        self.path = path
        self.folder = folder ?? Self.folder(of: path)
        given = nil
    }

    /// - Parameter name: what the text is called in errors.
    public init(text: String, named name: String) {
        path = name
        folder = "."
        given = text
    }

    private static func folder(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let folder = path.contains("/") ? String(path.dropLast(name.count)) : "."
        guard let real = realpath(folder, nil) else { return "/" }
        defer { free(real) }
        return String(cString: real)
    }

    /// The file's one document; nil if it is empty.
    ///
    /// - Throws: `usage` for what is no YAML, `notFound` or `io` for a file that can't be read.
    public func document() throws(LedgerError) -> Node? {
        let text: String
        if let given { text = given } else { text = try TextFile.read(path, limit: Self.byteLimit) }
        do {
            return try Yams.compose(yaml: text)
        } catch {
            throw LedgerError(.usage, "\(path)\(Self.words(of: error))")
        }
    }

    // Its own description shows the line itself.
    private static func words(of error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ", line \(mark.line): this is not YAML: \(problem)"
        case .duplicatedKeysInMapping(let names, let context):
            ", line \(context.mark.line): \(names.sorted().joined(separator: ", ")) stands twice"
        default: " is not YAML"
        }
    }

    /// The names and values of a mapping.
    ///
    /// - Parameters:
    ///   - place: what the mapping is called in errors.
    ///   - known: its keys; nil for names that anybody may choose.
    public func members(
        _ node: Node, _ place: String, _ known: [String]?
    ) throws(LedgerError) -> [(String, Node)] {
        guard case .mapping(let mapping) = node else {
            throw invalid("\(place) must be a mapping of names to values", node)
        }
        var members: [(String, Node)] = []
        for (key, value) in mapping {
            guard let name = key.string else { throw invalid("a key must be a string", key) }
            if let known, !known.contains(name) {
                throw LedgerError(
                    .usage, "\(path)\(line(key)): \(place) has an unknown key \"\(name)\"",
                    advice: Suggestion.advice(for: name, among: known))
            }
            members.append((name, value))
        }
        return members
    }

    public func items(_ node: Node, _ place: String) throws(LedgerError) -> [Node] {
        guard case .sequence(let items) = node else {
            throw invalid("\(place) must be a list", node)
        }
        return Array(items)
    }

    public func text(_ node: Node, _ place: String) throws(LedgerError) -> String {
        guard let text = node.string, !text.isEmpty else {
            throw invalid("\(place) must be a string", node)
        }
        return text
    }

    /// One string, or a list of them.
    public func texts(_ node: Node, _ place: String) throws(LedgerError) -> [String] {
        guard case .sequence(let items) = node else { return [try text(node, place)] }
        var texts: [String] = []
        for item in items { texts.append(try text(item, place)) }
        return texts
    }

    /// The same as JSON: whole numbers, `true` and `false`, and texts; `off` is the text.
    public func json(_ node: Node) throws(LedgerError) -> JSON {
        switch node {
        case .mapping:
            var object = JSONObject()
            for (name, value) in try members(node, "this", nil) { object[name] = try json(value) }
            return .object(object)
        case .sequence(let items):
            var values: [JSON] = []
            for item in items { values.append(try json(item)) }
            return .array(values)
        default:
            let text = try text(node, "a value")
            if let number = Int64(text) { return .integer(number) }
            return text == "true" || text == "false" ? .bool(text == "true") : .string(text)
        }
    }

    public func truth(_ node: Node, _ place: String) throws(LedgerError) -> Bool {
        guard let truth = node.bool else { throw invalid("\(place) must be true or false", node) }
        return truth
    }

    public func number(
        _ node: Node, _ place: String, in range: ClosedRange<Int>
    ) throws(LedgerError) -> Int {
        guard let number = node.string.flatMap({ Int($0) }), range.contains(number) else {
            throw invalid(
                "\(place) must be a number from \(range.lowerBound) to \(range.upperBound)", node)
        }
        return number
    }

    /// Names of targets: `service`, `environment`, `tenant`, `region`, `cluster`.
    public func setTarget(
        _ name: String, _ node: Node, of target: inout Target
    ) throws(LedgerError) {
        let text = try text(node, name)
        switch name {
        case "service": target.service = text
        case "environment": target.environment = text
        case "tenant": target.tenant = text
        case "region": target.region = text
        default: target.cluster = text
        }
    }

    /// A path seen from the file's folder.
    public func resolved(_ file: String) -> String {
        if file.hasPrefix("/") || file.contains("://") { return file }
        var parts = folder.split(separator: "/")
        for part in file.split(separator: "/") where part != "." {
            if part == "..", !parts.isEmpty { parts.removeLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// An error of a setter for a value of the file, with its place.
    public func placing<Result>(
        _ node: Node, _ body: () throws(LedgerError) -> Result
    ) throws(LedgerError) -> Result {
        do throws(LedgerError) {
            return try body()
        } catch {
            throw error.prefixed(path + line(node))
        }
    }

    /// A small file that the value names.
    public func secret(in file: String, _ node: Node) throws(LedgerError) -> String {
        try placing(node) { () throws(LedgerError) in try TextFile.read(file, limit: 65_536) }
    }

    public func invalid(_ what: String, _ node: Node, advice: String? = nil) -> LedgerError {
        LedgerError(.usage, "\(path)\(line(node)): \(what)", advice: advice)
    }

    private func line(_ node: Node) -> String {
        node.mark.map { ", line \($0.line)" } ?? ""
    }
}
