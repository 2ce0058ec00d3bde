import LedgerCore

/// A script with what a merge did to it.
struct BroughtScript {
    enum Fate: Equatable {
        case added, changed, deleted
        /// It is here now; the path is the one that it had before.
        case renamed(from: String)
        /// It left this path, under whose name it was another change; the path is the new one.
        case moved(to: String)
    }

    let file: FileChange
    let path: String
    let name: ChangeName
    var fate: Fate

    var isGone: Bool {
        switch fate {
        case .deleted, .moved: true
        case .added, .changed, .renamed: false
        }
    }
}

/// Names the scripts of a merge's files, and finds those that only moved.
struct ScriptReader {
    let repository: GitRepository
    let services: [GitImportOptions.Service]

    /// The scripts that `files` hold, and how many files are no change by their names.
    func scripts(of files: [FileChange]) throws(LedgerError) -> (
        scripts: [BroughtScript], unnamed: Int
    ) {
        var scripts: [BroughtScript] = []
        var unnamed = 0
        for file in files {
            let found = try self.scripts(of: file)
            if found.isEmpty || found.contains(where: { $0.name.role == .none }) { unnamed += 1 }
            scripts += found.filter { $0.name.role != .none }
        }
        return (Self.joiningRenames(scripts), unnamed)
    }

    private func scripts(of file: FileChange) throws(LedgerError) -> [BroughtScript] {
        let path = GitText.path(file.path)
        let naming = services[file.service].naming
        func script(_ name: ChangeName, _ fate: BroughtScript.Fate) -> BroughtScript {
            BroughtScript(file: file, path: path, name: Self.fitting(name), fate: fate)
        }
        guard naming.readsContent(ofPath: path) else {
            let fate: BroughtScript.Fate =
                file.new == nil ? .deleted : file.old == nil ? .added : .changed
            return naming.names(forPath: path).map { script($0, fate) }
        }
        let oldBytes = try file.old.map { id throws(LedgerError) in try repository.blob(id) }
        let newBytes = try file.new.map { id throws(LedgerError) in try repository.blob(id) }
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
    private static func fitting(_ name: ChangeName) -> ChangeName {
        ChangeName(
            id: GitText.line(name.id, limit: 400) ?? "?",
            name: GitText.line(name.name, limit: 400) ?? "?",
            role: name.role, isRepeatable: name.isRepeatable, tool: name.tool, range: name.range)
    }

    // A script that went in one place and came in another with the same id, or with the same bytes,
    // has moved. If its id stayed, nothing was deleted; if not, both changes are told.
    private static func joiningRenames(_ scripts: [BroughtScript]) -> [BroughtScript] {
        var scripts = scripts
        var dropped: Set<Int> = []
        func join(_ isSame: (BroughtScript, BroughtScript) -> Bool, dropsOld: Bool) {
            for old in scripts.indices where scripts[old].fate == .deleted && !dropped.contains(old)
            {
                let place = scripts.indices.first { new in
                    scripts[new].fate == .added && scripts[new].name.role == scripts[old].name.role
                        && scripts[new].file.service == scripts[old].file.service
                        && isSame(scripts[old], scripts[new])
                }
                guard let new = place else { continue }
                scripts[new].fate = .renamed(from: scripts[old].path)
                if dropsOld {
                    dropped.insert(old)
                } else {
                    scripts[old].fate = .moved(to: scripts[new].path)
                }
            }
        }
        join({ $0.name.id.hasSameBytes(as: $1.name.id) }, dropsOld: true)
        join(
            { $0.name.range == nil && $1.name.range == nil && $0.file.old == $1.file.new },
            dropsOld: false)
        return scripts.indices.filter { !dropped.contains($0) }.map { scripts[$0] }
    }
}
