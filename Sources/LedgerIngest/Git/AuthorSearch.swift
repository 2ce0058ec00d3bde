import LedgerCore

/// Finds who wrote what a merge brings: for each file the last commit on the merged side that gave
/// it its content.
///
/// From the head of the merged side it goes, file by file, to a parent that has the same content,
/// until none has: `git log` simplifies history the same way. Files that go the same way share the
/// reading of commits.
struct AuthorSearch {
    // Commits read for one merge. Beyond it the author stays unknown rather than guessed.
    private static let limit = 20_000

    let repository: GitRepository

    struct Origin {
        /// The merge's parent that the file came from.
        let head: ObjectID
        /// The commit that gave the file its content; nil if it is out of reach.
        let commit: Commit?
    }

    /// The origins of a merge's files by path. A file that no merged side has like this was made
    /// in the merge itself, and is not among them.
    func origins(of changes: [FileChange], in merge: Commit) throws(LedgerError) -> [[UInt8]:
        Origin]
    {
        var origins: [[UInt8]: Origin] = [:]
        for (head, files) in try sides(of: changes, in: merge) {
            for file in files { origins[file.path] = Origin(head: head, commit: nil) }
            try search(files, from: head) { file, commit in
                origins[file.path] = Origin(head: head, commit: commit)
            }
        }
        return origins
    }

    private struct File {
        let path: [UInt8]
        let content: ObjectID?
    }

    // A file comes from the first merged parent that has it as the merge has it; if the merge
    // itself mended it, from the first whose content differs from what was there before.
    private func sides(
        of changes: [FileChange], in merge: Commit
    ) throws(LedgerError) -> [(head: ObjectID, files: [File])] {
        var sides: [(head: ObjectID, files: [File])] = []
        var heads: [(id: ObjectID, tree: Tree)] = []
        for id in merge.parentIDs.dropFirst() where repository.has(id) {
            heads.append((id, try repository.tree(try repository.commit(id).treeID)))
            sides.append((id, []))
        }
        for change in changes {
            var place: Int?
            var content = change.new
            for (index, head) in heads.enumerated() {
                let file = try repository.file(at: change.path, in: head.tree)
                if file == change.new {
                    (place, content) = (index, file)
                    break
                }
                if file != nil, file != change.old, place == nil {
                    (place, content) = (index, file)
                }
            }
            if let place { sides[place].files.append(File(path: change.path, content: content)) }
        }
        return sides
    }

    private func search(
        _ files: [File], from head: ObjectID, found: (File, Commit) -> Void
    ) throws(LedgerError) {
        var waiting: [(id: ObjectID, files: [File])] = [(head, files)]
        var read = 0
        while let (id, files) = waiting.popLast() {
            if files.isEmpty { continue }
            read += 1
            if read > Self.limit { return }
            let commit = try repository.commit(id)
            var rest = files
            let parents = commit.parentIDs
            for parent in parents {
                // At the boundary of a shallow clone: who wrote it can't be told.
                guard repository.has(parent) else { rest = []; break }
                let tree = try repository.tree(try repository.commit(parent).treeID)
                var same: [File] = []
                var other: [File] = []
                for file in rest {
                    let isSame = try repository.file(at: file.path, in: tree) == file.content
                    if isSame { same.append(file) } else { other.append(file) }
                }
                if !same.isEmpty { waiting.append((parent, same)) }
                rest = other
                if rest.isEmpty { break }
            }
            // The first commit of all deleted nothing: such a file was never on this side.
            let written = rest.filter { $0.content != nil || !parents.isEmpty }
            if written.isEmpty { continue }
            let writer = try repository.verifiedCommit(id)
            for file in written { found(file, writer) }
        }
    }
}
