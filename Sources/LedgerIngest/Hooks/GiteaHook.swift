/// The webhooks of Gitea and Forgejo: docs.gitea.com and forgejo.org, "Webhooks".
struct GiteaHook: HookAdapter {
    private static let ignored: Set<String> = [
        "action_run_failure", "action_run_recover", "action_run_success", "create", "delete",
        "fork", "issue_assign", "issue_comment", "issue_label", "issue_milestone", "issues",
        "package", "ping", "pull_request_assign", "pull_request_label", "pull_request_milestone",
        "pull_request_review_request", "pull_request_sync", "push", "release", "repository",
        "status", "wiki", "workflow_job", "workflow_run",
    ]

    static func deliveryID(of request: HookRequest) -> String? {
        header("Delivery", request)
    }

    // Forgejo sends Gitea's headers beside its own, and both send those of GitHub.
    private static func header(_ name: String, _ request: HookRequest) -> String? {
        request["X-Forgejo-" + name] ?? request["X-Gitea-" + name] ?? request["X-GitHub-" + name]
    }

    static func fact(of body: HookValue, in request: HookRequest) -> HookFact {
        guard let event = header("Event", request) else {
            return .notUnderstood("a hook without X-Gitea-Event")
        }
        if ignored.contains(event) { return .ignored(event) }
        let repository = HookRepository(
            url: body["repository", "clone_url"].text ?? body["repository", "html_url"].text,
            fullName: body["repository", "full_name"].text)
        guard let repository else { return lacks("a repository", event) }
        switch event {
        case "pull_request":
            let action = body["action"].text ?? ""
            if action != "closed" {
                return .ignored("pull_request \(GitText.line(action, limit: 100) ?? "")")
            }
            guard body["pull_request", "merged"].isTrue else {
                return .ignored("a pull request closed without a merge")
            }
            guard let merged = pullRequest(body, repository) else {
                return lacks("a number", event)
            }
            return .merge(merged)
        case "pull_request_approved", "pull_request_review_approved":
            return review(body, .approved, repository)
        case "pull_request_rejected", "pull_request_review_rejected":
            return review(body, .rejected, repository)
        case "pull_request_comment", "pull_request_review_comment":
            // A comment outside a review comes under the same name.
            if body["review"].isNull { return .ignored(event) }
            return review(body, .commented, repository)
        default: return .notUnderstood("the event \(GitText.line(event, limit: 100) ?? "")")
        }
    }

    private static func pullRequest(
        _ body: HookValue, _ repository: HookRepository
    ) -> HookPullRequest? {
        HookPullRequest(
            gitHub: body, repository,
            page: body["pull_request", "html_url"].text ?? body["pull_request", "url"].text,
            person: person)
    }

    // A review has no id of its own here: who, what and when name it.
    private static func review(
        _ body: HookValue, _ decision: HookReview.Decision, _ repository: HookRepository
    ) -> HookFact {
        guard let request = pullRequest(body, repository) else {
            return lacks("a pull request", "review")
        }
        let time = HookTime.read(body["pull_request", "updated_at"])
        let who = body["sender", "id"].id ?? body["sender", "login"].text ?? ""
        let when = time.map { ":\($0.milliseconds)" } ?? ""
        return .reviews([
            HookReview(
                request: request, id: "review:\(request.number):\(who):\(decision.rawValue)\(when)",
                decision: decision, reviewer: person(body["sender"]),
                text: body["review", "content"].text, time: time)
        ])
    }

    private static func person(_ user: HookValue) -> HookPerson? {
        guard let login = user["login"].text ?? user["username"].text else { return nil }
        return HookPerson(
            id: login, name: user["full_name"].text, isService: login.hasSuffix("[bot]"))
    }

    static let examples = [
        HookExample(
            "a merged pull request", [("X-Gitea-Event", "pull_request")],
            """
            {"action": "closed", "number": 12, "pull_request": {"number": 12, "merged": true,
             "title": "[OPS-7] Add index", "body": "For the report", "user": {"login": "ann"},
             "merged_at": "2026-01-02T04:04:05+01:00", "merged_by": {"login": "bob",
             "full_name": "Bob B"}, "html_url": "https://git.example.com/acme/orders/pulls/12",
             "merge_commit_sha": "1111111111111111111111111111111111111111",
             "head": {"ref": "x", "sha": "2222222222222222222222222222222222222222"},
             "base": {"ref": "main"}}, "repository": {"full_name": "acme/orders",
             "clone_url": "https://git.example.com/acme/orders.git"}}
            """,
            [
                "type": "merge", "id": "merge:12", "actor.id": "bob", "actor.name": "Bob B",
                "author.id": "ann", "message": "For the report", "change.ticket": "OPS-7",
                "time": "2026-01-02T03:04:05.000Z", "git.ref": "refs/heads/main",
                "git.repository": "https://git.example.com/acme/orders.git",
            ]),
        HookExample(
            "an approval", [("X-Forgejo-Event", "pull_request_approved"), ("X-Gitea-Event", "x")],
            """
            {"action": "reviewed", "review": {"type": "pull_request_review_approved",
             "content": "Good"}, "sender": {"id": 6, "login": "eve"}, "pull_request": {"number": 12,
             "updated_at": "2026-01-02T03:04:05Z",
             "html_url": "https://git.example.com/acme/orders/pulls/12",
             "head": {"sha": "2222222222222222222222222222222222222222"}},
             "repository": {"full_name": "acme/orders"}}
            """,
            [
                "type": "review", "id": "review:12:6:approved:1767323045000",
                "review.decision": "approved", "message": "Good", "actor.id": "eve",
                "git.head_commit": "2222222222222222222222222222222222222222",
            ]),
        HookExample(
            "closed without a merge", [("X-Gitea-Event", "pull_request")],
            """
            {"action": "closed", "pull_request": {"number": 12, "merged": false,
             "merge_commit_sha": null}, "repository": {"full_name": "acme/orders"}}
            """, ["ignored": "a pull request closed without a merge"]),
        HookExample("a push", [("X-Gitea-Event", "push")], "{}", ["ignored": "push"]),
    ]
}
