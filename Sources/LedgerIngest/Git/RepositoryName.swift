import LedgerCore

/// A repository by the name that it has for everybody, whoever cloned it and how.
struct RepositoryName: Sendable {
    /// The remote's URL without secrets, or the folder's name.
    let text: String
    /// `host/path` without scheme, user and `.git`, so that clones over SSH and HTTPS have one
    /// name; the folder's name if there is no host.
    let canonical: String
    /// The remote's host in lower case; nil if there is none.
    let host: String?
    /// The path at the host, without a leading slash and `.git`.
    let path: String

    init(url: String) {
        guard let (host, path) = Self.parts(of: url), !host.isEmpty, !path.isEmpty else {
            self.init(path: url)
            return
        }
        self.init(
            text: GitText.line(SecretFreeURL.text(of: url), limit: 4000) ?? "repository",
            canonical: GitText.line(host + "/" + path, limit: 380) ?? "repository", host: host,
            path: path)
    }

    init(path: String) {
        let last = path.split(separator: "/").last { $0 != ".git" && $0 != "." } ?? "repository"
        let name = GitText.line(Self.withoutSuffix(last), limit: 200) ?? "repository"
        self.init(text: name, canonical: name, host: nil, path: name)
    }

    private init(text: String, canonical: String, host: String?, path: String) {
        self.text = text
        self.canonical = canonical
        self.host = host
        self.path = path
    }

    /// The page of a pull or merge request, where the host's name says how its pages are named.
    func page(ofRequest number: String) -> String? {
        guard let host else { return nil }
        let base = "https://\(host)/\(path)"
        if host.contains("github") { return "\(base)/pull/\(number)" }
        if host.contains("gitlab") { return "\(base)/-/merge_requests/\(number)" }
        if host.contains("bitbucket.org") { return "\(base)/pull-requests/\(number)" }
        if host.contains("codeberg") || host.contains("gitea") || host.contains("forgejo") {
            return "\(base)/pulls/\(number)"
        }
        if host == "dev.azure.com" { return "\(base)/pullrequest/\(number)" }
        return nil
    }

    // Git knows `scheme://[user@]host[:port]/path` and `[user@]host:path`; everything else, and
    // `file://`, is a path on this machine.
    private static func parts(of url: String) -> (host: String, path: String)? {
        var rest = Substring(url)
        let hasScheme: Bool
        if let scheme = rest.utf8.firstRange(of: "://") {
            if url[..<scheme].lowercased() == "file" { return nil }
            rest = rest[rest.index(scheme, offsetBy: 3)...]
            hasScheme = true
        } else {
            hasScheme = false
        }
        let end = rest.firstIndex { $0 == "/" || (!hasScheme && $0 == ":") } ?? rest.endIndex
        guard hasScheme || (end < rest.endIndex && rest[end] == ":") else { return nil }
        var host = rest[..<end]
        if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
        if hasScheme, let colon = host.lastIndex(of: ":") { host = host[..<colon] }
        let path = rest[end...].drop { $0 == "/" || $0 == ":" }.prefix { $0 != "?" && $0 != "#" }
        return (host.lowercased(), withoutSuffix(path))
    }

    private static func withoutSuffix(_ path: Substring) -> String {
        var path = path
        while path.hasSuffix("/") { path = path.dropLast() }
        return path.hasSuffix(".git") ? String(path.dropLast(4)) : String(path)
    }
}
