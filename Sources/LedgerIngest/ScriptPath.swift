/// A path in its parts.
struct ScriptPath {
    // The words before the extension that say which way a script goes.
    private static let directions: [String: ChangeName.Role] = [
        "up": .apply, "do": .apply,
        "down": .revert, "undo": .revert, "revert": .revert, "rollback": .revert,
    ]

    private static let otherExtensions: Set<String> = [
        "py", "rb", "js", "ts", "mjs", "cjs", "go", "java", "kt", "groovy", "scala", "cs", "php",
        "ex", "exs", "xml", "yaml", "yml", "json",
    ]

    let path: String
    let folders: [String]
    let fileName: String
    /// In lower case, without its dot; empty if there is none.
    let fileExtension: String
    /// The file's name without its extension.
    let fullStem: String
    /// The file's name without its extension and without `.up`, `.down` and the like before it.
    let stem: String
    /// Which way the script goes, if its name says so.
    let direction: ChangeName.Role?

    init(_ path: String) {
        self.path = path
        var parts = path.utf8.split(separator: UInt8(ascii: "/"))
        let file = parts.popLast().map { String(Substring($0)) } ?? path
        fileName = file
        folders = parts.map { String(Substring($0)) }
        let (full, end) = Self.cut(file)
        fullStem = full
        fileExtension = end.lowercased()
        let (stem, word) = Self.cut(full)
        direction = word.isEmpty ? nil : Self.directions[word.lowercased()]
        self.stem = direction == nil ? full : stem
    }

    /// Nothing in the name says that it is written in another language.
    var isSQL: Bool { !Self.otherExtensions.contains(fileExtension) }

    // A dot at the beginning makes a hidden file, not an extension.
    private static func cut(_ name: String) -> (stem: String, end: String) {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else {
            return (name, "")
        }
        return (String(name[..<dot]), String(name[name.utf8.index(after: dot)...]))
    }
}
