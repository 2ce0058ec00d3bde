import CLibgit2
import Glibc
import LedgerCore

/// A repository that is open for reading.
final class GitRepository {
    private static let damageAdvice = "`git fsck` tells what is damaged; clone the repository anew"
    // libgit2 counts its starts; one serves the process.
    private static let startStatus = ledger_git_start()

    private let pointer: OpaquePointer
    private let looseObjects: LooseObjects
    // The trees read last, in a ring: the trees of one commit are those that its child was compared
    // with, and libgit2 itself keeps none above 4 KiB.
    private var recentTrees: [(id: ObjectID, tree: Tree)?] = Array(repeating: nil, count: 16)
    private var nextRecentTree = 0
    /// As the user gave it, for messages.
    let givenPath: String

    /// Opens the repository at `path` or above it.
    ///
    /// - Throws: `LedgerError` `notFound` if there is none, `io` if it can't be read.
    init(at path: String) throws(LedgerError) {
        givenPath = path
        guard Self.startStatus >= 0 else {
            throw GitFailure.error("libgit2 could not start", status: Self.startStatus)
        }
        var opened: OpaquePointer?
        let status = git_repository_open_ext(&opened, path, 0, nil)
        guard status == 0, let opened else { throw GitFailure.opening(path, status: status) }
        pointer = opened
        looseObjects = LooseObjects(
            in: GitText.decoded(git_repository_commondir(opened)) + "objects/")
    }

    deinit {
        git_repository_free(pointer)
    }

    func commit(_ id: ObjectID) throws(LedgerError) -> Commit {
        try looseObjects.check(id)
        var commit: OpaquePointer?
        let status = id.withPointer { git_commit_lookup(&commit, pointer, $0) }
        guard status == 0, let commit else { throw unreadable("commit", id, status) }
        return Commit(adopting: commit)
    }

    func tree(_ id: ObjectID) throws(LedgerError) -> Tree {
        if let tree = recentTrees.first(where: { $0?.id == id })??.tree { return tree }
        try looseObjects.check(id)
        var opened: OpaquePointer?
        let status = id.withPointer { git_tree_lookup(&opened, pointer, $0) }
        guard status == 0, let opened else { throw unreadable("tree", id, status) }
        let tree = Tree(adopting: opened)
        recentTrees[nextRecentTree] = (id, tree)
        nextRecentTree = (nextRecentTree + 1) % recentTrees.count
        return tree
    }

    /// The bytes of a file, which are what its id says.
    func blob(_ id: ObjectID) throws(LedgerError) -> [UInt8] {
        try verified(id, "file", GIT_OBJECT_BLOB)
    }

    /// A commit whose bytes are what its id says.
    func verifiedCommit(_ id: ObjectID) throws(LedgerError) -> Commit {
        _ = try verified(id, "commit", GIT_OBJECT_COMMIT)
        return try commit(id)
    }

    private func verified(
        _ id: ObjectID, _ kind: String, _ type: git_object_t
    ) throws(LedgerError) -> [UInt8] {
        try looseObjects.check(id)
        var database: OpaquePointer?
        guard git_repository_odb(&database, pointer) == 0 else { throw unreadable(kind, id, -1) }
        defer { git_odb_free(database) }
        var object: OpaquePointer?
        let status = id.withPointer { git_odb_read(&object, database, $0) }
        guard status == 0, let object else { throw unreadable(kind, id, status) }
        defer { git_odb_object_free(object) }
        let bytes = UnsafeRawBufferPointer(
            start: git_odb_object_data(object), count: git_odb_object_size(object))
        var hash = git_oid()
        guard git_odb_object_type(object) == type,
            git_odb_hash(&hash, bytes.baseAddress, bytes.count, type) == 0, ObjectID(&hash) == id
        else {
            throw LedgerError(
                .io, "the \(kind) \(id.hex) of the repository \(givenPath) is not what its id says",
                advice: Self.damageAdvice)
        }
        return Array(bytes)
    }

    /// The folder of its work tree, without a slash at the end; nil if it has none.
    var workFolder: String? {
        guard let path = git_repository_workdir(pointer) else { return nil }
        let text = GitText.decoded(path)
        return text.hasSuffix("/") && text != "/" ? String(text.dropLast()) : text
    }

    /// Whether Git leaves a path of the work tree alone: it is ignored, and nothing of it tracked.
    ///
    /// - Parameter path: from the work tree's root; that of a folder ends with a slash.
    func isLeftAlone(_ path: String) -> Bool {
        var ignored: Int32 = 0
        guard git_ignore_path_is_ignored(&ignored, pointer, path) == 0, ignored != 0 else {
            return false
        }
        var index: OpaquePointer?
        guard git_repository_index(&index, pointer) == 0 else { return true }
        defer { git_index_free(index) }
        if path.hasSuffix("/") { return git_index_find_prefix(nil, index, path) != 0 }
        return git_index_get_bypath(index, path, 0) == nil
    }

    func has(_ id: ObjectID) -> Bool {
        var database: OpaquePointer?
        guard git_repository_odb(&database, pointer) == 0 else { return false }
        defer { git_odb_free(database) }
        return id.withPointer { git_odb_exists(database, $0) } == 1
    }

    /// Whether `commit` leads to `ancestor`, through commits that are here.
    ///
    /// By hand, since libgit2's own walk would read damaged objects that `LooseObjects` refuses.
    func isAncestor(_ ancestor: ObjectID, of commit: ObjectID) throws(LedgerError) -> Bool {
        guard has(ancestor) else { return false }
        var waiting = [commit]
        var seen: Set<ObjectID> = [commit]
        while let id = waiting.popLast() {
            if id == ancestor { return true }
            guard has(id) else { continue }
            for parent in try self.commit(id).parentIDs where seen.insert(parent).inserted {
                waiting.append(parent)
            }
        }
        return false
    }

    private func unreadable(_ kind: String, _ id: ObjectID, _ status: Int32) -> LedgerError {
        GitFailure.error(
            "the \(kind) \(id.hex) can't be read from the repository \(givenPath)", status: status,
            advice: status == GIT_ENOTFOUND.rawValue
                ? "it is missing: `git fsck` tells what else is; a clone made with --filter lacks "
                    + "objects, and `git fetch --refetch --no-filter` brings them"
                : Self.damageAdvice)
    }

    /// The commits whose parents a shallow clone leaves out.
    func shallowCommits() throws(LedgerError) -> Set<ObjectID> {
        guard git_repository_is_shallow(pointer) == 1,
            let folder = git_repository_commondir(pointer)
        else { return [] }
        let path = String(cString: folder) + "shallow"
        guard let file = fopen(path, "r") else {
            throw LedgerError(.io, "\(path) can't be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var commits: Set<ObjectID> = []
        var line = [CChar](repeating: 0, count: 128)
        while fgets(&line, Int32(line.count), file) != nil {
            let digits = line.prefix(40).map(UInt8.init(bitPattern:))
            if let id = ObjectID(hex: String(decoding: digits, as: UTF8.self)) {
                commits.insert(id)
            }
        }
        return commits
    }

    /// What people call the repository: the URL of the remote `origin`, without secrets, where that
    /// is not a path on this machine; else the name of its folder.
    func name() -> RepositoryName {
        var remote: OpaquePointer?
        if git_remote_lookup(&remote, pointer, "origin") == 0 {
            defer { git_remote_free(remote) }
            if let url = git_remote_url(remote) {
                return RepositoryName(url: GitText.decoded(url))
            }
        }
        let folder = git_repository_workdir(pointer) ?? git_repository_path(pointer)
        return RepositoryName(path: GitText.decoded(folder))
    }
}

extension GitRepository {
    /// The tip of a branch, and the branch's whole name as others know it.
    struct Branch {
        let ref: String
        let tip: ObjectID
    }

    /// The named branch, here or at `origin`; without a name that of HEAD, else main or master.
    ///
    /// - Throws: `LedgerError` `notFound` for a repository without commits, or a branch that is not
    ///   there, with "did you mean".
    func branch(named name: String?) throws(LedgerError) -> Branch {
        let known = branchNames()
        if let name {
            if let branch = find(name) { return branch }
            if known.isEmpty { throw withoutCommits() }
            throw LedgerError(
                .notFound, "the repository \(givenPath) has no branch \(name)",
                advice: Suggestion.advice(for: name, among: known))
        }
        var head: OpaquePointer?
        if git_repository_head(&head, pointer) == 0 {
            defer { git_reference_free(head) }
            if git_reference_is_branch(head) == 1, let target = git_reference_target(head) {
                return Branch(
                    ref: GitText.decoded(git_reference_name(head)), tip: ObjectID(target))
            }
        }
        // A pipeline checks out a commit, not a branch, and a bare repository's HEAD may name a
        // branch that was never pushed.
        if let branch = find("main") ?? find("master") { return branch }
        if known.isEmpty && git_repository_head_detached(pointer) != 1 { throw withoutCommits() }
        throw LedgerError(
            .notFound, "the repository \(givenPath) has no current branch, and no main or master",
            advice: known.isEmpty
                ? "name the branch with --branch"
                : "name one with --branch; there are \(known.prefix(12).joined(separator: ", "))")
    }

    private func withoutCommits() -> LedgerError {
        LedgerError(
            .notFound, "the repository \(givenPath) has no commits yet",
            advice: "nothing can be imported before the first merge")
    }

    private func find(_ name: String) -> Branch? {
        var name = name
        for prefix in ["refs/heads/", "refs/remotes/origin/", "origin/"]
        where name.hasPrefix(prefix) && name.utf8.count > prefix.utf8.count {
            name = String(name.dropFirst(prefix.count))
            if prefix == "refs/heads/" { break }
            return tip(of: "refs/remotes/origin/" + name).map {
                Branch(ref: "refs/heads/" + name, tip: $0)
            }
        }
        let tip = tip(of: "refs/heads/" + name) ?? tip(of: "refs/remotes/origin/" + name)
        return tip.map { Branch(ref: "refs/heads/" + name, tip: $0) }
    }

    private func tip(of reference: String) -> ObjectID? {
        var id = git_oid()
        return git_reference_name_to_id(&id, pointer, reference) == 0 ? ObjectID(&id) : nil
    }

    /// Every branch's name, those of `origin` too.
    private func branchNames() -> [String] {
        var iterator: OpaquePointer?
        guard git_branch_iterator_new(&iterator, pointer, GIT_BRANCH_ALL) == 0 else { return [] }
        defer { git_branch_iterator_free(iterator) }
        var names: Set<String> = []
        var reference: OpaquePointer?
        var kind = GIT_BRANCH_LOCAL
        while git_branch_next(&reference, &kind, iterator) == 0 {
            var name: UnsafePointer<CChar>?
            if git_branch_name(&name, reference) == 0 {
                let text = GitText.decoded(name)
                names.insert(text.hasPrefix("origin/") ? String(text.dropFirst(7)) : text)
            }
            git_reference_free(reference)
        }
        return names.subtracting(["HEAD"]).sorted()
    }
}
