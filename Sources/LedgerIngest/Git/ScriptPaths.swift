import LedgerCore

// ScriptPaths.swift
//
// Which files of a repository are scripts, and of which service. Paths are written from the
// repository's root:
//
//    migrations          the file, or every file in and below the folder
//    migrations/**       every file in and below the folder
//    db/*.sql            `*` is any part of one name, `?` any character of it
//    **/migrations/*     `**` is any number of folders, none too
//
// A file belongs to the first service one of whose paths matches. Below a folder only files that
// can be scripts count, by their extension: `README.md` or `atlas.sum` is no change. A path whose
// last name has an extension, such as `db/*.txt`, takes what it says.

/// The services' paths, ready to be followed from tree to tree.
///
/// A `State` stands for the paths that can still match below a folder: the walk begins with `root`,
/// and a folder whose state is empty need not be read.
struct ScriptPaths: Sendable {
    private static let extensions: Set<String> = [
        "sql", "psql", "pgsql", "plsql", "mysql", "ddl", "dml", "pks", "pkb", "prc", "fnc", "trg",
        "vw", "cql", "cypher", "surql", "py", "rb", "js", "ts", "mjs", "cjs", "go", "java", "kt",
        "groovy", "scala", "cs", "php", "ex", "exs", "js", "xml", "yaml", "yml", "json",
    ]
    // Formats of settings as often as of migrations: scripts only where the tool says so.
    private static let changelogExtensions: Set<String> = ["xml", "yaml", "yml", "json"]

    struct Position: Hashable, Sendable {
        fileprivate let glob: Int
        fileprivate let part: Int
    }

    typealias State = [Position]

    private enum Part: Sendable {
        case literal([UInt8])
        case wildcard([UInt8])
        case anyFolders
    }

    private struct Glob: Sendable {
        let service: Int
        let parts: [Part]
        /// The last part is a plain name: it may be a folder, and everything below it matches.
        let takesFolder: Bool
        /// The last part has an extension, so that the file's own doesn't matter.
        let namesFile: Bool
        let readsChangelogs: Bool
    }

    private let globs: [Glob]
    let root: State

    /// - Throws: `LedgerError` `usage` for a path that can't be followed.
    init(_ services: [(paths: [String], readsChangelogs: Bool)]) throws(LedgerError) {
        var globs: [Glob] = []
        for (index, service) in services.enumerated() {
            for path in service.paths {
                globs.append(
                    try Self.glob(path, service: index, readsChangelogs: service.readsChangelogs))
            }
        }
        self.globs = globs
        root = Self.closed(globs.indices.map { Position(glob: $0, part: 0) }, globs)
    }

    private static func glob(
        _ path: String, service: Int, readsChangelogs: Bool
    ) throws(LedgerError) -> Glob {
        var names: [String] = []
        for name in path.split(separator: "/").map(String.init) where name != "." {
            if name == ".." {
                throw LedgerError(
                    .usage, "the path \"\(path)\" leads out of the repository",
                    advice: "paths begin at the repository's root")
            }
            if name.contains(where: { "[]{}\\".contains($0) }) {
                throw LedgerError(
                    .usage,
                    "the path \"\(path)\" has \"\(name)\", and only *, ** and ? are special",
                    advice: "give several paths instead of { } or [ ]")
            }
            if name == "**", names.last == "**" { continue }
            names.append(name)
        }
        // "." and "/" are the whole repository.
        if names.isEmpty, !path.isEmpty { names = ["**"] }
        guard let last = names.last else {
            throw LedgerError(
                .usage, "a path is empty", advice: "write --paths 'migrations/**'")
        }
        let parts = names.map { name -> Part in
            if name == "**" { return .anyFolders }
            let isPlain = !name.contains("*") && !name.contains("?")
            return isPlain ? .literal(Array(name.utf8)) : .wildcard(Array(name.utf8))
        }
        let isPlain = !last.contains("*") && !last.contains("?")
        return Glob(
            service: service, parts: parts, takesFolder: isPlain,
            namesFile: !ScriptPath(last).fileExtension.filter { $0 != "*" && $0 != "?" }.isEmpty,
            readsChangelogs: readsChangelogs)
    }

    // `**` may stand for no folder: who is at it is at the part behind it too.
    private static func closed(_ state: State, _ globs: [Glob]) -> State {
        var closed: State = []
        for var position in state {
            while true {
                if !closed.contains(position) { closed.append(position) }
                let parts = globs[position.glob].parts
                guard position.part < parts.count - 1, case .anyFolders = parts[position.part]
                else {
                    break
                }
                position = Position(glob: position.glob, part: position.part + 1)
            }
        }
        return closed
    }

    /// The names that can go on from here, if they can be told without reading the folder.
    func names(from state: State) -> [[UInt8]]? {
        var names: [[UInt8]] = []
        for position in state {
            let parts = globs[position.glob].parts
            guard position.part < parts.count, case .literal(let name) = parts[position.part] else {
                return nil
            }
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Where the paths stand after going into the folder `name`.
    func state(after state: State, into name: [UInt8]) -> State {
        Self.closed(step(state, name), globs)
    }

    /// The service that the file `name` belongs to, if it is a script.
    func service(ofFile name: [UInt8], in state: State) -> Int? {
        let end = ScriptPath(String(decoding: name, as: UTF8.self)).fileExtension
        let isHidden = name.first == UInt8(ascii: ".")
        let matching = step(state, name).lazy.filter { position in
            let glob = globs[position.glob]
            let isAtEnd =
                if position.part < glob.parts.count, case .anyFolders = glob.parts[position.part] {
                    // Only what stands in the place of `**`, not the name before it.
                    position.part == glob.parts.count - 1 && state.contains(position)
                } else {
                    position.part == glob.parts.count
                }
            guard isAtEnd else { return false }
            if glob.namesFile { return true }
            let isScript =
                Self.extensions.contains(end)
                && (glob.readsChangelogs || !Self.changelogExtensions.contains(end))
            return isScript && !isHidden
        }
        return matching.map { globs[$0.glob].service }.min()
    }

    private func step(_ state: State, _ name: [UInt8]) -> State {
        var next: State = []
        for position in state {
            let glob = globs[position.glob]
            if position.part == glob.parts.count {
                if glob.takesFolder { next.append(position) }
                continue
            }
            switch glob.parts[position.part] {
            case .anyFolders: next.append(position)
            case .literal(let literal) where literal == name,
                .wildcard(let literal) where Self.matches(name[...], literal[...]):
                next.append(Position(glob: position.glob, part: position.part + 1))
            default: break
            }
        }
        return next
    }

    /// Whether `*` and `?` in the pattern can stand for what the name has there.
    static func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        var (name, pattern) = (name, pattern)
        // Where the last `*` stood, and how much of the name was left: it takes one byte more
        // whenever the rest does not match.
        var retry: (name: ArraySlice<UInt8>, pattern: ArraySlice<UInt8>)?
        while true {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                retry = (name, pattern)
            } else if let byte = name.first, pattern.first == UInt8(ascii: "?") {
                let isASCII = byte < 0x80
                name = name.dropFirst()
                // `?` is one character: what continues it in UTF-8 belongs to it.
                while !isASCII, let next = name.first, 0x80..<0xC0 ~= next {
                    name = name.dropFirst()
                }
                pattern = pattern.dropFirst()
            } else if let byte = name.first, byte == pattern.first {
                name = name.dropFirst()
                pattern = pattern.dropFirst()
            } else if name.isEmpty && pattern.isEmpty {
                return true
            } else if let last = retry, !last.name.isEmpty {
                name = last.name.dropFirst()
                pattern = last.pattern
                retry = (name, pattern)
            } else {
                return false
            }
        }
    }
}
