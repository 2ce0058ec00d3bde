import LedgerIngest

/// A webhook that the service takes.
public struct HookSettings: Sendable {
    /// Where the merges of a repository are resolved to their scripts.
    struct Clone: Sendable {
        let git: GitClone
        let services: [GitImportOptions.Service]
    }

    let kind: HookKind
    /// Tells it from others of its kind.
    let name: String?
    let secrets: HookSecrets
    let context: HookContext
    let ticketPattern: String?
    /// By `HookContext.key(of:)` of the repository.
    let clones: [String: Clone]

    /// `github`, or `github/shop`: its path below `/v1/hooks/`, and the id of its principal.
    var id: String { kind.rawValue + (name.map { "/" + $0 } ?? "") }

    func clone(of merge: HookMerge) -> Clone? {
        for name in merge.repositoryNames {
            if let clone = clones[name] { return clone }
        }
        return nil
    }
}
