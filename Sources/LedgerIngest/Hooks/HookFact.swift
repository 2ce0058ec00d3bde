import LedgerCore

/// What a webhook says, whichever forge sent it.
enum HookFact {
    case merge(HookPullRequest)
    case reviews([HookReview])
    case deployment(HookDeployment)
    case ignored(String)
    case notUnderstood(String)
}

struct HookRepository {
    /// The URL that is cloned, or that of its page.
    let url: String?
    /// As the forge names it, such as `acme/orders`.
    let fullName: String
    private let name: RepositoryName?

    init?(url: String?, fullName: String?) {
        let name = url.map { RepositoryName(url: $0) }
        guard let fullName = fullName ?? name?.path else { return nil }
        self.url = url
        self.fullName = fullName
        self.name = name?.host == nil ? nil : name
    }

    /// `host/path`, by which the import from Git calls it too; else the forge's name.
    var canonical: String { name?.canonical ?? GitText.line(fullName, limit: 380) ?? "repository" }
    /// The path at the host.
    var path: String? { name?.path }
    /// All of these in lower case, the most exact first.
    var names: [String] { [canonical, path, fullName].compactMap { $0?.lowercased() } }
    /// The URL without secrets.
    var text: String? { name?.text }
}

struct HookPerson {
    let id: String
    var name: String?
    var isService = false

    init?(id: String?, name: String? = nil, isService: Bool = false) {
        guard let id = id ?? name else { return nil }
        self.id = id
        self.name = name
        self.isService = isService
    }

    var json: JSON? {
        guard let id = GitText.line(id, limit: 320) else { return nil }
        return .object(
            JSONObject([
                "id": .string(id),
                "name": name.flatMap { GitText.line($0, limit: 320) }.map(JSON.string),
                "kind": isService ? "service" : nil,
            ]))
    }
}

/// A pull or merge request.
struct HookPullRequest {
    let repository: HookRepository
    let number: String
    var title: String?
    var text: String?
    var page: String?
    var sourceBranch: String?
    var targetBranch: String?
    /// What the merge became on the target branch; may be abbreviated.
    var commit: String?
    var headCommit: String?
    /// Who merged it.
    var actor: HookPerson?
    var author: HookPerson?
    var time: Timestamp?
}

struct HookReview {
    enum Decision: String {
        case approved, rejected, commented
        /// An approval or rejection was taken back. The event says `commented` and has a label.
        case withdrawn
    }

    let request: HookPullRequest
    /// Names it among all that its repository says.
    let id: String
    let decision: Decision
    var reviewer: HookPerson?
    var text: String?
    var page: String?
    var time: Timestamp?
}

struct HookDeployment {
    let repository: HookRepository
    /// Names this status of it among all that its repository says.
    let id: String
    /// The same for all its statuses.
    let deploymentID: String
    let status: DeploymentStatus
    let environment: String
    var commit: String?
    var ref: String?
    var actor: HookPerson?
    var time: Timestamp?
    var run: String?
    var page: String?
    var title: String?
    var message: String?
    /// What the forge says beyond our words.
    var labels: [(String, String?)] = []
}
