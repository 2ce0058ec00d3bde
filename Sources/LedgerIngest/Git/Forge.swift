/// Services that commit in their users' stead.
enum Forge {
    private static let names: Set<String> = [
        "github", "gitlab", "gitea", "forgejo", "codeberg", "bitbucket",
    ]

    static func isCommitter(_ signature: Signature) -> Bool {
        signature.email.lowercased().hasPrefix("noreply@")
            || names.contains(signature.name.lowercased())
    }

    static func isService(_ signature: Signature) -> Bool {
        isCommitter(signature) || signature.name.hasSuffix("[bot]")
    }

    /// Whether a commit with one parent is what a forge makes of a request that is squashed: the
    /// forge committed it, or the message names the request. A fast-forward leaves no trace.
    static func isSquash(_ commit: Commit) -> Bool {
        isCommitter(commit.committer) || commit.message.requestNumber != nil
    }
}
