import LedgerCore

extension GitImport {
    /// Where a commit stands on the branch.
    public struct Standing: Sendable {
        /// The whole id.
        public let commit: String
        /// Whether an import counts it as a merge, seeing nothing but Git.
        public let isMerge: Bool
        let services: Set<Int>

        /// Whether it brings or changes a script of any of the services.
        public var bringsScripts: Bool { !services.isEmpty }
    }

    /// The fewest digits that name a commit.
    public static let commitDigitCount = 7

    /// Finds a commit among those that the branch became by: its tip, that one's first parent, and
    /// so on.
    ///
    /// - Parameter id: as a forge gives it, whole or its first digits.
    /// - Returns: nil if it is not among them.
    public func standing(of id: String) throws(LedgerError) -> Standing? {
        guard id.utf8.count >= Self.commitDigitCount else { return nil }
        let shallow = try repository.shallowCommits()
        var commit = try repository.commit(branch.tip)
        while !commit.id.hex.utf8.starts(with: id.utf8) {
            guard !shallow.contains(commit.id), let parent = commit.firstParentID else {
                return nil
            }
            commit = try repository.commit(parent)
        }
        var services: Set<Int> = []
        let tree = try repository.tree(commit.treeID)
        if shallow.contains(commit.id) { return nil }
        let parentTree = try commit.firstParentID.map { parent throws(LedgerError) in
            try repository.tree(try repository.commit(parent).treeID)
        }
        try changes.find(from: parentTree, to: tree) { services.insert($0.service) }
        return Standing(commit: commit.id.hex, isMerge: counts(commit), services: services)
    }

    /// Makes the events of one commit, whether or not it counts as a merge.
    ///
    /// - Parameter record: takes each event; what it throws ends the import.
    public func run(
        only standing: Standing, record: (Event) throws -> Void
    ) throws -> GitImportReport {
        var report = GitImportReport()
        guard let id = ObjectID(hex: standing.commit) else { return report }
        try tell(Merge(id: id, services: standing.services, files: nil), &report, record)
        report.mergesDone = 1
        return report
    }
}
