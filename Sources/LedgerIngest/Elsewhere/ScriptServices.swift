import LedgerCore

/// Finds of which service a script is that somebody else's report names, and which changes it holds.
public struct ScriptServices: Sendable {
    /// A script that was found.
    struct Script {
        let service: String
        /// From the repository's root, as far as that is known.
        let path: String
        let bytes: [UInt8]?
        /// The changes that it carries out or undoes.
        let names: [ChangeName]
    }

    private let services: [GitImportOptions.Service]
    private let given: GitImportOptions.Service?
    private let paths: ScriptPaths
    private let locate: @Sendable (String) -> String?
    private let read: @Sendable (String) -> [UInt8]?

    /// - Parameters:
    ///   - services: those whose scripts lie in the repository.
    ///   - given: every script is of this one, wherever it lies.
    ///   - locate: a path as a tool wrote it, seen from the repository's root; nil if it isn't known.
    ///   - read: the bytes of a script as a tool wrote its path; nil if it is not there.
    /// - Throws: `usage` for a service's path that can't be followed.
    public init(
        _ services: [GitImportOptions.Service], given: GitImportOptions.Service? = nil,
        locate: @escaping @Sendable (String) -> String? = { _ in nil },
        read: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }
    ) throws(LedgerError) {
        self.services = services
        self.given = given
        self.locate = locate
        self.read = read
        paths = try ScriptPaths(
            services.map {
                (paths: $0.paths, readsChangelogs: $0.naming.tool == .liquibase)
            })
    }

    /// The service of what names none: the one that is given, else the only one.
    var defaultService: String? {
        given?.name ?? (services.count == 1 ? services.first?.name : nil)
    }

    /// A file that a request changes or a text names, if it is a script of a service: not every
    /// file of a repository is.
    ///
    /// - Parameter path: from the repository's root.
    func script(among path: String) -> Script? {
        guard let given else { return script(path) }
        let isScript =
            given.paths.isEmpty
            ? ScriptPath(path).fileExtension == "sql"
            : service(ofPath: Self.normal(path))?.name.hasSameBytes(as: given.name) ?? false
        return isScript ? script(path) : nil
    }

    /// - Returns: nil for a script of no service, and for one that is no change.
    func script(_ written: String) -> Script? {
        let plain = Self.normal(written)
        let located = locate(written).map(Self.normal)
        for path in [located, plain].compactMap(\.self) {
            guard let service = given ?? self.service(ofPath: path) else { continue }
            let bytes =
                service.naming.readsContent(ofPath: path) || given != nil || located != nil
                ? read(written) : nil
            var names: [ChangeName] = []
            for name in service.naming.names(forPath: path, content: bytes)
            where name.role != .none && !names.contains(where: { $0.id.hasSameBytes(as: name.id) })
            {
                names.append(name)
            }
            if names.isEmpty { return nil }
            return Script(service: service.name, path: path, bytes: bytes, names: names)
        }
        return nil
    }

    /// `orders:V42__add_index`, `orders:42`: a change that is written with its service.
    func change(written text: some StringProtocol) -> (service: String, name: ChangeName)? {
        guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else { return nil }
        let name = String(text[..<colon])
        let change = String(text[text.index(after: colon)...])
        guard !change.isEmpty, !change.contains("/"),
            let service = ([given].compactMap(\.self) + services)
                .first(where: { $0.name.hasSameBytes(as: name) })
        else { return nil }
        return (service.name, Self.named(change, service.naming))
    }

    /// The one that goes by a file's stem or by its id.
    static func named(_ change: String, _ naming: ChangeNaming) -> ChangeName {
        let names = naming.names(forPath: change + ".sql")
        return names.first { $0.role != .none } ?? names.first
            ?? ChangeName(id: change, name: change)
    }

    /// A word that is the stem of a script, beyond doubt: the tool's way of naming finds an id in it.
    func change(stem: String) -> (service: String, name: ChangeName)? {
        let candidates = given.map { [$0] } ?? (services.count == 1 ? services : [])
        for service in candidates {
            let found = service.naming.names(forPath: stem + ".sql").first
            guard let found, found.role != .none,
                !found.id.hasSameBytes(as: found.name)
                    || found.isRepeatable, found.isRepeatable || found.id.first?.isNumber == true,
                stem.contains("_")
            else { continue }
            return (service.name, found)
        }
        return nil
    }

    /// Every change that words name: `SERVICE:ID`, a script's path, a script's stem.
    func changes(in text: String) -> [(service: String, name: ChangeName, path: String?)] {
        var found: [(service: String, name: ChangeName, path: String?)] = []
        for word in Self.words(of: text) {
            var named: [(service: String, name: ChangeName, path: String?)] = []
            if let change = change(written: word) {
                named = [(change.service, change.name, nil)]
            } else if Self.isPath(word) {
                if let script = script(among: String(word)) {
                    named = script.names.map { (script.service, $0, script.path) }
                }
            } else if let change = change(stem: String(word)) {
                named = [(change.service, change.name, nil)]
            }
            for one in named
            where !found.contains(where: {
                $0.service.hasSameBytes(as: one.service) && $0.name.id.hasSameBytes(as: one.name.id)
            }) { found.append(one) }
        }
        return found
    }

    private static func words(of text: String) -> [Substring] {
        text.split { character in
            !(character.isLetter || character.isNumber || "_-./:".contains(character))
        }.map { word in
            // A full stop or colon at the end belongs to the sentence.
            var word = word
            while let last = word.last, ".:".contains(last) { word = word.dropLast() }
            return word
        }.filter { !$0.isEmpty }
    }

    // A change's id may hold a dot, `1.1`; a script has an extension of letters.
    private static func isPath(_ word: Substring) -> Bool {
        let end = ScriptPath(String(word)).fileExtension
        return !end.isEmpty && end.utf8.allSatisfy { 0x61...0x7A ~= $0 }
    }

    private func service(ofPath path: String) -> GitImportOptions.Service? {
        var parts = path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
        guard let file = parts.popLast() else { return nil }
        var state = paths.root
        for part in parts {
            state = paths.state(after: state, into: part)
            if state.isEmpty { return nil }
        }
        return paths.service(ofFile: file, in: state).map { services[$0] }
    }

    /// Without `./` and with `/`, as Git writes it.
    private static func normal(_ path: String) -> String {
        let parts = path.split { $0 == "/" || $0 == "\\" }.filter { $0 != "." }
        return parts.joined(separator: "/")
    }
}
