import LedgerCore

/// What a webhook can't say: which service a repository is of, and what its environments are
/// called here.
public struct HookContext: Sendable {
    private let services: [String: [String]]
    private let isRepositoryAService: Bool
    private let environments: [String: Target]
    // A compiled expression can't be shared between threads.
    private let ticketPattern: String?

    /// - Parameters:
    ///   - services: which service a repository is of. A repository is named by its URL, over
    ///     HTTPS or SSH, or as the forge names it, such as `acme/orders`; several services may be
    ///     of one. Names are compared without regard to case. Releases of Azure DevOps come from
    ///     no repository: they are named `PROJECT/DEFINITION`.
    ///   - isRepositoryAService: whether a repository that is not named is a service of its own
    ///     name; else what comes from it is not understood.
    ///   - environments: the target that an environment's name in the forge stands for. What the
    ///     target leaves out is as it is without this.
    ///   - ticketPattern: as for the import from Git.
    /// - Throws: `LedgerError` `usage` for a pattern that is no regular expression.
    public init(
        services: [(repository: String, service: String)], isRepositoryAService: Bool = false,
        environments: [String: Target] = [:], ticketPattern: String? = nil
    ) throws(LedgerError) {
        var known: [String: [String]] = [:]
        for (repository, service) in services {
            let key = Self.key(of: repository)
            if known[key]?.contains(service) != true { known[key, default: []].append(service) }
        }
        self.services = known
        self.isRepositoryAService = isRepositoryAService
        self.environments = environments
        self.ticketPattern = ticketPattern
        _ = try TicketPattern(ticketPattern)
    }

    /// What a repository's name is compared by, however it is written: one of
    /// `HookMerge.repositoryNames`.
    public static func key(of repository: String) -> String {
        let name = repository.contains(":") ? RepositoryName(url: repository) : nil
        return (name?.host == nil ? repository : name?.canonical ?? repository).lowercased()
    }

    /// The services of a repository; none if it is not known.
    func services(of repository: HookRepository) -> [String] {
        for name in repository.names {
            if let found = services[name] { return found }
        }
        guard isRepositoryAService, let name = repository.fullName.split(separator: "/").last
        else { return [] }
        return [GitText.line(name, limit: 200)].compactMap(\.self)
    }

    func tickets() throws(LedgerError) -> TicketPattern {
        try TicketPattern(ticketPattern)
    }

    func target(of environment: String) -> Target? {
        environments[environment]
    }
}
