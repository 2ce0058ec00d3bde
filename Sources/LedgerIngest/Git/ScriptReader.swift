import LedgerCore

/// Names the scripts of a merge's files, and finds those that only moved.
struct ScriptReader {
    // Bytes that are kept for the events of one merge, so that they are not read twice.
    private static let keptByteLimit = 4_194_304

    let repository: GitRepository
    private let services: [GitImportOptions.Service]
    // The services' patterns, compiled once.
    private let patterns: [Regex<AnyRegexOutput>?]

    init(repository: GitRepository, services: [GitImportOptions.Service]) {
        self.repository = repository
        self.services = services
        patterns = services.map { $0.naming.compiledPattern() }
    }

    /// The scripts that `files` hold, and how many files are no change by their names.
    func scripts(of files: [FileChange]) throws(LedgerError) -> (
        scripts: [BroughtScript], unnamed: Int
    ) {
        var scripts: [BroughtScript] = []
        var unnamed = 0
        var room = Self.keptByteLimit
        for file in files {
            let found = try self.scripts(of: file, keeping: &room)
            if found.isEmpty || found.contains(where: { $0.name.role == .none }) { unnamed += 1 }
            scripts += found.filter { $0.name.role != .none }
        }
        return (Self.joiningRenames(scripts), unnamed)
    }

    private func scripts(
        of file: FileChange, keeping room: inout Int
    ) throws(LedgerError) -> [BroughtScript] {
        let path = GitText.path(file.path)
        let naming = services[file.service].naming
        var kept: [UInt8]?
        func script(_ name: ChangeName, _ fate: BroughtScript.Fate) -> BroughtScript {
            BroughtScript(
                file: file, path: path, name: Self.fitting(name), fate: fate, bytes: kept)
        }
        guard naming.readsContent(ofPath: path) else {
            let fate: BroughtScript.Fate =
                file.new == nil ? .deleted : file.old == nil ? .added : .changed
            return naming.names(forPath: path, content: nil, regex: patterns[file.service])
                .map { script($0, fate) }
        }
        let oldBytes = try file.old.map { id throws(LedgerError) in try repository.blob(id) }
        let newBytes = try file.new.map { id throws(LedgerError) in try repository.blob(id) }
        if let newBytes, newBytes.count <= room {
            kept = newBytes
            room -= newBytes.count
        }
        let before = oldBytes.map { naming.names(forPath: path, content: $0) } ?? []
        let after = newBytes.map { naming.names(forPath: path, content: $0) } ?? []
        // Of a file with several changes only those count whose own bytes differ.
        var scripts: [BroughtScript] = []
        for name in after {
            guard let earlier = before.first(where: { $0.id.hasSameBytes(as: name.id) }) else {
                scripts.append(script(name, .added))
                continue
            }
            let isSame =
                if let range = name.range, let earlierRange = earlier.range, let oldBytes,
                    let newBytes
                {
                    oldBytes[earlierRange] == newBytes[range]
                } else {
                    false
                }
            if !isSame { scripts.append(script(name, .changed)) }
        }
        for name in before where !after.contains(where: { $0.id.hasSameBytes(as: name.id) }) {
            scripts.append(script(name, .deleted))
        }
        return scripts
    }

    // A path can be longer than a name may be.
    static func fitting(_ name: ChangeName) -> ChangeName {
        if name.id.utf8.count <= 400, name.name.utf8.count <= 400,
            !(name.id + name.name).utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
        {
            return name
        }
        return ChangeName(
            id: GitText.line(name.id, limit: 400) ?? "?",
            name: GitText.line(name.name, limit: 400) ?? "?",
            role: name.role, isRepeatable: name.isRepeatable, tool: name.tool, range: name.range)
    }

    // A script that went in one place and came in another with the same id, or with the same bytes,
    // has moved. If its id stayed, nothing was deleted; if not, both changes are told.
    private static func joiningRenames(_ scripts: [BroughtScript]) -> [BroughtScript] {
        var scripts = scripts
        var dropped: Set<Int> = []
        func join(dropsOld: Bool, by key: (BroughtScript) -> MoveKey?) {
            var added: [MoveKey: Int] = [:]
            for index in scripts.indices.reversed() where scripts[index].fate == .added {
                if let key = key(scripts[index]) { added[key] = index }
            }
            if added.isEmpty { return }
            for old in scripts.indices where scripts[old].fate == .deleted && !dropped.contains(old)
            {
                guard let key = key(scripts[old]), let new = added.removeValue(forKey: key) else {
                    continue
                }
                scripts[new].fate = .renamed(from: scripts[old].path)
                if dropsOld {
                    dropped.insert(old)
                } else {
                    scripts[old].fate = .moved(to: scripts[new].path)
                }
            }
        }
        join(dropsOld: true) {
            MoveKey(service: $0.file.service, role: $0.name.role, id: Array($0.name.id.utf8))
        }
        join(dropsOld: false) {
            guard $0.name.range == nil else { return nil }
            return MoveKey(
                service: $0.file.service, role: $0.name.role, content: $0.file.new ?? $0.file.old)
        }
        return scripts.indices.filter { !dropped.contains($0) }.map { scripts[$0] }
    }

    private struct MoveKey: Hashable {
        let service: Int
        let role: ChangeName.Role
        var id: [UInt8] = []
        var content: ObjectID?
    }
}
