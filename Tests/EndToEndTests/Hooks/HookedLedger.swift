import Foundation
import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

/// A served ledger with a hook of GitHub, and what GitHub sends.
struct HookedLedger {
    static let secret = "Old-secret-71"
    static let newSecret = "New-secret-72"

    let ledger: BuiltLedger
    let settings: String

    /// - Parameters:
    ///   - clone: where merges of `acme/orders` are resolved.
    ///   - more: lines of the settings.
    init(clone: String? = nil, more: String = "") throws {
        ledger = try BuiltLedger()
        let repository =
            clone.map {
                "{clone: \($0), services: {orders: {paths: [migrations/**], tool: flyway}}}"
            } ?? "orders"
        settings = try ledger.folder.write(
            """
            listen: 127.0.0.1:0
            hooks:
              - kind: github
                secrets: [{secret-env: OLD_SECRET}, {secret-env: NEW_SECRET}]
                environments: {production: prod}
                repositories:
                  github.com/acme/orders: \(repository)
            \(more)
            """, to: "serve.yaml")
    }

    func serve() throws -> RunningService {
        try RunningService(
            ledger, ["--config", settings],
            environment: ["OLD_SECRET": Self.secret, "NEW_SECRET": Self.newSecret])
    }

    func change(_ text: String, to other: String) throws {
        let before = try String(contentsOfFile: settings, encoding: .utf8)
        try #require(before.contains(text))
        try ledger.folder.write(
            before.replacingOccurrences(of: text, with: other), to: "serve.yaml")
    }
}

extension RunningService {
    /// Sends what GitHub would.
    func deliver(
        _ body: String, event: String = "pull_request", id: String = UUID().uuidString,
        secret: String? = HookedLedger.secret, path: String = "/v1/hooks/github"
    ) throws -> Answer {
        let bytes = Data(body.utf8)
        var headers = [
            "Content-Type: application/json", "X-GitHub-Event: \(event)",
            "X-GitHub-Delivery: \(id)",
        ]
        if let secret {
            let code = HMACSHA256.code(of: Array(bytes), key: Array(secret.utf8)).hex
            headers.append("X-Hub-Signature-256: sha256=" + code)
        }
        return try request("POST", path, headers: headers, body: bytes)
    }

    /// A sample of `/metrics`.
    func metric(_ name: String) throws -> String? {
        let lines = try request("GET", "/metrics").body.split(separator: "\n")
        return lines.first { $0.hasPrefix(name + " ") }.map { String($0.dropFirst(name.count + 1)) }
    }
}

/// What GitHub says.
enum GitHubBody {
    private static let repository = """
        {"full_name": "acme/orders", "clone_url": "https://github.com/acme/orders.git"}
        """

    static func closed(
        _ number: Int, commit: String, isMerged: Bool = true, title: String = "Create orders",
        branch: String = "main"
    ) -> String {
        """
        {"action": "closed", "pull_request": {"number": \(number), "merged": \(isMerged),
         "title": "\(title)", "merge_commit_sha": "\(commit)", "user": {"login": "ann"},
         "html_url": "https://github.com/acme/orders/pull/\(number)",
         "merged_by": {"login": "bob"}, "base": {"ref": "\(branch)"},
         "merged_at": "2026-01-02T03:04:05Z", "head": {"ref": "feature/OPS-7-x"}},
         "repository": \(repository)}
        """
    }

    static func deployed(_ id: Int, state: String = "success") -> String {
        """
        {"action": "created", "deployment": {"id": 9, "sha": "\(String(repeating: "a", count: 40))",
         "ref": "main", "environment": "production"},
         "deployment_status": {"id": \(id), "state": "\(state)",
         "created_at": "2026-01-02T03:04:05Z"}, "repository": \(repository)}
        """
    }
}

extension RunningService.Answer {
    var json: JSONObject { (try? JSONReader.read(Array(body.utf8)).object) ?? JSONObject() }
    var outcome: String? { json["status"]?.string }
    var receipts: [JSONObject] { (json["receipts"]?.array ?? []).compactMap(\.object) }
}
