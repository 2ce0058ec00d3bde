import CLibgit2
import Glibc
import LedgerCore

/// The name of a Git object.
struct ObjectID: Hashable, Sendable {
    // The 20 bytes in memory order: a Swift array would cost an allocation for each.
    private let words: (UInt64, UInt64, UInt32)

    init(_ pointer: UnsafePointer<git_oid>) {
        let bytes = UnsafeRawBufferPointer(start: pointer, count: 20)
        words = (
            bytes.loadUnaligned(as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
        )
    }

    /// Nil unless there are 40 hexadecimal digits.
    init?(hex: String) {
        var id = git_oid()
        guard hex.utf8.count == 40, git_oid_fromstr(&id, hex) == 0 else { return nil }
        self.init(&id)
    }

    static func == (left: ObjectID, right: ObjectID) -> Bool {
        left.words == right.words
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }

    func withPointer<Result>(_ body: (UnsafePointer<git_oid>) -> Result) -> Result {
        var id = git_oid()
        withUnsafeMutableBytes(of: &id) { bytes in
            bytes.storeBytes(of: words.0, as: UInt64.self)
            bytes.storeBytes(of: words.1, toByteOffset: 8, as: UInt64.self)
            bytes.storeBytes(of: words.2, toByteOffset: 16, as: UInt32.self)
        }
        return body(&id)
    }

    /// 40 lower-case hexadecimal digits.
    var hex: String {
        withPointer { pointer in
            var digits = [CChar](repeating: 0, count: 41)
            git_oid_tostr(&digits, digits.count, pointer)
            return String(decoding: digits.prefix(40).map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// The first digits, for people.
    var short: String { String(hex.prefix(10)) }
}

/// Who wrote or committed, as the commit says.
struct Signature: Sendable {
    let name: String
    let email: String
    /// Nil for a time that the ledger can't hold.
    let time: Timestamp?

    init(_ signature: git_signature) {
        name = GitText.decoded(signature.name)
        email = GitText.decoded(signature.email)
        let bounds = Timestamp.bounds.lowerBound / 1000...Timestamp.bounds.upperBound / 1000
        time =
            bounds.contains(signature.when.time)
            ? Timestamp(milliseconds: signature.when.time * 1000) : nil
    }
}

/// A commit, freed with the last reference to it.
final class Commit {
    private let pointer: OpaquePointer
    let id: ObjectID

    init(adopting pointer: OpaquePointer) {
        self.pointer = pointer
        id = ObjectID(git_commit_id(pointer))
    }

    deinit {
        git_commit_free(pointer)
    }

    var treeID: ObjectID { ObjectID(git_commit_tree_id(pointer)) }

    var parentIDs: [ObjectID] {
        (0..<git_commit_parentcount(pointer)).compactMap { index in
            git_commit_parent_id(pointer, index).map(ObjectID.init)
        }
    }

    var firstParentID: ObjectID? { git_commit_parent_id(pointer, 0).map(ObjectID.init) }
    var isMerge: Bool { git_commit_parentcount(pointer) > 1 }
    var author: Signature { Signature(git_commit_author(pointer).pointee) }
    var committer: Signature { Signature(git_commit_committer(pointer).pointee) }

    /// The committer's time, in seconds since 1970.
    var seconds: Int64 { git_commit_time(pointer) }

    /// Whether a signature is there. Nobody checked it.
    var isSigned: Bool {
        // Header lines begin behind a line break; those of a value that goes on, with a space.
        git_commit_raw_header(pointer).map { strstr($0, "\ngpgsig") != nil } ?? false
    }

    var message: CommitMessage {
        CommitMessage(GitText.decoded(git_commit_message(pointer)))
    }
}

/// A tree, freed with the last reference to it. Its entries are read in Git's order.
final class Tree {
    fileprivate let pointer: OpaquePointer
    let count: Int

    init(adopting pointer: OpaquePointer) {
        self.pointer = pointer
        count = git_tree_entrycount(pointer)
    }

    deinit {
        git_tree_free(pointer)
    }

    func entry(at index: Int) -> TreeEntry? {
        git_tree_entry_byindex(pointer, index).map { TreeEntry($0, of: self) }
    }

    func entry(named name: [UInt8]) -> TreeEntry? {
        let name = name + [0]
        return name.withUnsafeBytes { bytes -> TreeEntry? in
            guard let start = bytes.bindMemory(to: CChar.self).baseAddress else { return nil }
            return git_tree_entry_byname(pointer, start).map { TreeEntry($0, of: self) }
        }
    }
}

/// An entry of a tree. It keeps the tree, to which its memory belongs.
struct TreeEntry {
    enum Kind {
        case tree, file
        /// A symbolic link or a submodule, whose bytes are no script.
        case other
    }

    private let pointer: OpaquePointer
    private let tree: Tree

    init(_ pointer: OpaquePointer, of tree: Tree) {
        self.pointer = pointer
        self.tree = tree
    }

    var id: ObjectID { ObjectID(git_tree_entry_id(pointer)) }

    var kind: Kind {
        switch git_tree_entry_filemode(pointer) {
        case GIT_FILEMODE_TREE: .tree
        case GIT_FILEMODE_BLOB, GIT_FILEMODE_BLOB_EXECUTABLE: .file
        default: .other
        }
    }

    var name: [UInt8] {
        let name = git_tree_entry_name(pointer)
        return name.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
    }
}

extension Tree {
    /// Calls `body` for each name whose entries differ between two trees, in Git's order; an absent
    /// tree has none.
    static func differences(
        from old: Tree?, to new: Tree?,
        _ body: (_ old: TreeEntry?, _ new: TreeEntry?) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        guard let old, let new else {
            for index in 0..<(old?.count ?? 0) { try body(old?.entry(at: index), nil) }
            for index in 0..<(new?.count ?? 0) { try body(nil, new?.entry(at: index)) }
            return
        }
        var (oldPlace, newPlace) = (0, 0)
        while true {
            let found = ledger_git_next_difference(old.pointer, &oldPlace, new.pointer, &newPlace)
            if found > 1 { return }
            try body(
                found <= 0 ? old.entry(at: oldPlace) : nil,
                found >= 0 ? new.entry(at: newPlace) : nil)
            if found <= 0 { oldPlace += 1 }
            if found >= 0 { newPlace += 1 }
        }
    }
}
