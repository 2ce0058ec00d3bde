/// A forge or tool whose webhooks are understood: the last part of `/v1/hooks/…`.
public enum HookKind: String, Sendable, CaseIterable {
    case github, gitlab, gitea, forgejo, bitbucket, azure, bytebase

    var adapter: any HookAdapter.Type {
        switch self {
        case .github: GitHubHook.self
        case .gitlab: GitLabHook.self
        case .gitea, .forgejo: GiteaHook.self
        case .bitbucket: BitbucketHook.self
        case .azure: AzureHook.self
        case .bytebase: BytebaseHook.self
        }
    }
}
