import LedgerCore

/// The scripts of a tool's folder, to find the one that a row of the tool's table speaks of.
public struct ScriptFolder: Sendable {
    public struct Finding: Sendable, Equatable {
        public let path: String
        /// Those of the change: a part of the file where it holds several.
        public let bytes: [UInt8]
        /// Whether it is what ran. `unknown` where the row has no checksum of a script.
        public let match: ChecksumMatch
    }

    private struct Place: Sendable {
        let file: Int
        let name: ChangeName
    }

    private let tool: MigrationTool
    private let files: [ToolScript]
    // By what the row can give: the change's id, for Liquibase id and author alone.
    private let places: [String: [Place]]

    public init(_ files: [ToolScript], tool: MigrationTool) throws(LedgerError) {
        let naming = try ChangeNaming(tool: tool)
        var places: [String: [Place]] = [:]
        for (file, script) in files.enumerated() {
            for name in naming.names(forPath: script.path, content: script.bytes)
            where name.role != .none {
                places[Self.key(name.id, tool), default: []].append(Place(file: file, name: name))
            }
        }
        (self.tool, self.files, self.places) = (tool, files, places)
    }

    /// Reads the scripts that lie in a folder.
    ///
    /// - Throws: `notFound` if there is none.
    public init(path: String, tool: MigrationTool) throws(LedgerError) {
        let files = ScriptFiles.paths(in: [path]).compactMap { path in
            ScriptFiles.bytes(path).map { ToolScript(path: path, bytes: $0) }
        }
        if files.isEmpty {
            throw LedgerError(
                .notFound, "there are no scripts in \(path)",
                advice: "name the folder in which \(tool.rawValue) looks for them")
        }
        try self.init(files, tool: tool)
    }

    /// The script whose name fits the row, with what its checksum says; nil if there is none, or
    /// several between which nothing decides.
    public func script(of record: ToolRecord) -> Finding? {
        let role = record.operation == .revert ? ChangeName.Role.revert : .apply
        let named = (places[Self.key(record.change.id, tool)] ?? []).filter {
            $0.name.role == role && isSamePath($0, record)
        }
        let findings = named.map { finding($0, record) }
        let same = findings.filter { $0.match == .same }
        // Copies of one script are one.
        if let first = same.first {
            return same.allSatisfy { $0.bytes == first.bytes } ? first : nil
        }
        return findings.count == 1 ? findings[0] : nil
    }

    private func finding(_ place: Place, _ record: ToolRecord) -> Finding {
        let file = files[place.file]
        let match = ToolChecksum.match(
            record.checksum, file, tool: tool, change: record.change.id, folder: files)
        return Finding(
            path: file.path, bytes: place.name.range.map { Array(file.bytes[$0]) } ?? file.bytes,
            match: match)
    }

    // Liquibase's table has the path from a folder that is not known here: one of both paths must
    // be the other's end.
    private func isSamePath(_ place: Place, _ record: ToolRecord) -> Bool {
        guard tool == .liquibase, place.name.id != record.change.id else { return true }
        let suffix = "::" + Self.key(place.name.id, tool)
        let own = "/" + place.name.id.dropLast(suffix.count)
        let other = "/" + record.change.id.dropLast(suffix.count)
        return own.hasSuffix(other) || other.hasSuffix(own)
    }

    private static func key(_ id: String, _ tool: MigrationTool) -> String {
        guard tool == .liquibase, let author = id.range(ofLast: "::"),
            let name = id[..<author.lowerBound].range(ofLast: "::")
        else { return id }
        return String(id[name.upperBound...])
    }
}
