import LedgerCore

/// A script that differs between two trees.
struct FileChange {
    let path: [UInt8]
    /// The place of its service among those of the import.
    let service: Int
    /// Nil if the first tree has no such file.
    let old: ObjectID?
    /// Nil if the second tree has no such file.
    let new: ObjectID?
}

/// Finds the scripts that differ between two trees.
///
/// Only folders that a path leads into are read, and of those only the ones whose object ids
/// differ: a merge that brings no script costs a look at the root trees' entries.
struct TreeChanges {
    let repository: GitRepository
    let paths: ScriptPaths

    /// Calls `found` for each script that differs, in Git's order of paths.
    func find(
        from old: Tree?, to new: Tree?, found: (FileChange) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        try find(from: old, to: new, in: [], paths.root, found)
    }

    private func find(
        from old: Tree?, to new: Tree?, in folder: [UInt8], _ state: ScriptPaths.State,
        _ found: (FileChange) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        if let names = paths.names(from: state) {
            for name in names {
                try compare(
                    old?.entry(named: name), new?.entry(named: name), in: folder, state, found)
            }
            return
        }
        try Tree.differences(from: old, to: new) { left, right throws(LedgerError) in
            try compare(left, right, in: folder, state, found)
        }
    }

    private func compare(
        _ old: TreeEntry?, _ new: TreeEntry?, in folder: [UInt8], _ state: ScriptPaths.State,
        _ found: (FileChange) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        let (oldID, newID) = (old?.id, new?.id)
        if oldID == newID && old?.kind == new?.kind { return }
        guard let name = (new ?? old)?.name else { return }
        let path = folder.isEmpty ? name : folder + [UInt8(ascii: "/")] + name
        let oldFile = old?.kind == .file ? oldID : nil
        let newFile = new?.kind == .file ? newID : nil
        if oldFile != newFile, let service = paths.service(ofFile: name, in: state) {
            try found(FileChange(path: path, service: service, old: oldFile, new: newFile))
        }
        if old?.kind == .tree || new?.kind == .tree {
            let next = paths.state(after: state, into: name)
            if next.isEmpty { return }
            let oldTree = try subtree(old)
            let newTree = try subtree(new)
            try find(from: oldTree, to: newTree, in: path, next, found)
        }
    }

    private func subtree(_ entry: TreeEntry?) throws(LedgerError) -> Tree? {
        guard let entry, entry.kind == .tree else { return nil }
        return try repository.tree(entry.id)
    }
}

extension GitRepository {
    /// The file at a path below a tree; nil if there is none.
    func file(at path: [UInt8], in root: Tree) throws(LedgerError) -> ObjectID? {
        var tree = root
        let names = path.split(separator: UInt8(ascii: "/"))
        for name in names.dropLast() {
            guard let entry = tree.entry(named: Array(name)), entry.kind == .tree else {
                return nil
            }
            tree = try self.tree(entry.id)
        }
        guard let name = names.last, let entry = tree.entry(named: Array(name)), entry.kind == .file
        else { return nil }
        return entry.id
    }
}
