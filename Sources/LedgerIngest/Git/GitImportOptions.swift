import LedgerCore

/// What to import from a Git repository.
public struct GitImportOptions: Sendable {
    /// A service and where its scripts lie in the repository.
    public struct Service: Sendable {
        public let name: String
        /// From the repository's root, with `*`, `?` and `**`, such as `migrations/**`; a file
        /// belongs to the first service that it matches.
        public let paths: [String]
        public let naming: ChangeNaming

        public init(name: String, paths: [String], naming: ChangeNaming) {
            self.name = name
            self.paths = paths
            self.naming = naming
        }
    }

    /// The repository's folder, or one in it.
    public var repository: String
    public var services: [Service]
    /// Nil for the current branch, else main or master.
    public var branch: String?
    /// Merges committed earlier than this are left out.
    public var since: Timestamp?
    /// Commits straight on the branch count as well as merges.
    public var isDirectIncluded: Bool
    /// A regular expression that finds a ticket in subjects and branch names; its first group, else
    /// the whole match, is the ticket. Nil for keys such as ABC-12 at the beginning, after `/` or
    /// in brackets.
    public var ticketPattern: String?

    public init(
        repository: String = ".", services: [Service], branch: String? = nil,
        since: Timestamp? = nil, isDirectIncluded: Bool = false, ticketPattern: String? = nil
    ) {
        self.repository = repository
        self.services = services
        self.branch = branch
        self.since = since
        self.isDirectIncluded = isDirectIncluded
        self.ticketPattern = ticketPattern
    }
}
