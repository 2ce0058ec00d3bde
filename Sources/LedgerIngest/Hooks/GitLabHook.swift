import LedgerCore

/// GitLab's webhooks: docs.gitlab.com, "Webhook events".
struct GitLabHook: HookAdapter {
    // The values of object_kind, and for what has none the beginnings of event_name.
    private static let ignored: Set<String> = [
        "access_token", "build", "emoji", "feature_flag", "issue", "milestone", "note", "pipeline",
        "push", "release", "resource_deploy_token", "tag_push", "vulnerability", "wiki_page",
        "work_item",
    ]
    private static let ignoredNames = ["user_", "subgroup_", "project_", "group_", "repository_"]

    // A key for the delivery stays when it is tried again; the id of the event is shared by all
    // hooks that the event calls.
    static func deliveryID(of request: HookRequest) -> String? {
        request["Idempotency-Key"] ?? request["webhook-id"] ?? request["X-Gitlab-Event-UUID"]
    }

    static func fact(of body: HookValue, in request: HookRequest) -> HookFact {
        let name = body["event_name"].text
        guard let kind = body["object_kind"].text ?? name else {
            return .notUnderstood("a hook without object_kind")
        }
        let isIgnored =
            ignored.contains(kind)
            || (body["object_kind"].isNull && ignoredNames.contains { kind.hasPrefix($0) })
        if isIgnored { return .ignored(GitText.line(kind, limit: 100) ?? "") }
        let project = body["project"]
        let repository = HookRepository(
            url: project["git_http_url"].text ?? project["http_url"].text
                ?? project["web_url"].text,
            fullName: project["path_with_namespace"].text)
        guard let repository else { return lacks("a project", kind) }
        switch kind {
        case "merge_request": return mergeRequest(body, repository)
        case "deployment": return deployment(body, repository)
        default: return .notUnderstood("the event \(GitText.line(kind, limit: 100) ?? "")")
        }
    }

    private static func mergeRequest(
        _ body: HookValue, _ repository: HookRepository
    ) -> HookFact {
        let said = body["object_attributes"]
        let action = said["action"].text ?? ""
        // Group hooks of old name their members with a space at the end: the page has it too.
        guard let number = said["iid"].id ?? said["url"].text.flatMap(numberAtEnd) else {
            return lacks("an iid", "merge_request")
        }
        let user = person(body["user"])
        let head = said["last_commit", "id"].text
        // Fast-forwarded, a request becomes its own last commit, or what that was squashed to.
        let commit = said["merge_commit_sha"].text ?? said["squash_commit_sha"].text ?? head
        let isAuthor = said["author_id"].id.map { $0 == body["user", "id"].id } ?? false
        let updated = HookTime.read(said["updated_at"])
        let request = HookPullRequest(
            repository: repository, number: number, title: said["title"].text,
            text: said["description"].text, page: said["url"].text,
            sourceBranch: said["source_branch"].text, targetBranch: said["target_branch"].text,
            commit: commit, headCommit: head, actor: user, author: isAuthor ? user : nil,
            time: HookTime.read(said["merged_at"]) ?? updated)
        let decision: HookReview.Decision
        switch action {
        case "merge": return .merge(request)
        // One approval of several is an "approval", the last that was needed "approved".
        case "approved", "approval": decision = .approved
        case "unapproved", "unapproval": decision = .withdrawn
        default: return .ignored("merge_request \(GitText.line(action, limit: 100) ?? "")")
        }
        let who = body["user", "id"].id ?? user?.id ?? ""
        let when = updated.map { ":\($0.milliseconds)" } ?? ""
        return .reviews([
            HookReview(
                request: request, id: "review:\(number):\(who):\(decision.rawValue)\(when)",
                decision: decision, reviewer: user, time: updated)
        ])
    }

    private static func numberAtEnd(_ url: String) -> String? {
        let last = url.split(separator: "/").last.map(String.init) ?? ""
        return Int64(last).map(String.init)
    }

    private static func deployment(_ body: HookValue, _ repository: HookRepository) -> HookFact {
        guard let id = body["deployment_id"].id, let environment = body["environment"].text,
            let word = body["status"].text
        else { return lacks("an id, an environment and a status", "deployment") }
        let status: DeploymentStatus
        switch word {
        case "running": status = .started
        case "success": status = .succeeded
        case "failed", "canceled": status = .failed
        case "skipped": status = .skipped
        case "created", "blocked", "approval": return .ignored("a deployment that is \(word)")
        default: return lacks("a known status", "deployment")
        }
        // The whole id stands in the commit's page alone.
        let commit = body["commit_url"].text?.split(separator: "/").last.map(String.init)
        return .deployment(
            HookDeployment(
                repository: repository, id: "deployment:\(id):\(word)",
                deploymentID: "gitlab:" + id, status: status, environment: environment,
                commit: commit, ref: body["ref"].text, actor: person(body["user"]),
                time: HookTime.read(body["status_changed_at"]), run: body["deployable_url"].text,
                page: body["environment_external_url"].text, title: body["commit_title"].text,
                labels: [("status", word == "canceled" ? word : nil)]))
    }

    private static func person(_ user: HookValue) -> HookPerson? {
        let login = user["username"].text
        // Project and group tokens act as users of such names.
        let isService =
            login.map { $0.contains("_bot_") || $0.hasSuffix("-bot") || $0.hasSuffix("_bot") }
        return HookPerson(id: login, name: user["name"].text, isService: isService ?? false)
    }

    static let examples = [
        HookExample(
            "a merged request", [("X-Gitlab-Event", "Merge Request Hook")],
            """
            {"object_kind": "merge_request", "user": {"id": 5, "username": "bob", "name": "Bob"},
             "project": {"path_with_namespace": "acme/orders",
             "git_http_url": "https://gitlab.example.com:8443/acme/orders.git"},
             "object_attributes": {"iid": 12, "action": "merge", "author_id": 5,
             "title": "Add index", "source_branch": "feature/OPS-7-index", "target_branch": "main",
             "merge_commit_sha": "1111111111111111111111111111111111111111",
             "last_commit": {"id": "2222222222222222222222222222222222222222"},
             "url": "https://gitlab.example.com/acme/orders/-/merge_requests/12",
             "updated_at": "2026-01-02 03:04:05 UTC"}}
            """,
            [
                "type": "merge", "source": "gitlab:gitlab.example.com/acme/orders",
                "id": "merge:12", "time": "2026-01-02T03:04:05.000Z", "actor.id": "bob",
                "actor.name": "Bob", "author.id": "bob", "change.ticket": "OPS-7",
                "git.commit": "1111111111111111111111111111111111111111",
                "git.ref": "refs/heads/main",
            ]),
        HookExample(
            "a fast-forward", [],
            """
            {"object_kind": "merge_request", "user": {"id": 5, "username": "bob"},
             "project": {"path_with_namespace": "acme/orders"},
             "object_attributes": {"iid": 12, "action": "merge", "merge_commit_sha": null,
             "squash_commit_sha": null, "title": "Add index",
             "last_commit": {"id": "2222222222222222222222222222222222222222"},
             "url": "https://gitlab.example.com/acme/orders/-/merge_requests/12"}}
            """,
            [
                "type": "merge", "git.commit": "2222222222222222222222222222222222222222",
                "git.head_commit": "2222222222222222222222222222222222222222",
            ]),
        HookExample(
            "an approval of several", [],
            """
            {"object_kind": "merge_request", "user": {"id": 6, "username": "eve"},
             "project": {"path_with_namespace": "acme/orders"}, "object_attributes": {"iid": 12,
             "action": "approval", "updated_at": "2026-01-02T03:04:05Z",
             "url": "https://gitlab.example.com/acme/orders/-/merge_requests/12"}}
            """,
            [
                "type": "review", "id": "review:12:6:approved:1767323045000",
                "review.decision": "approved", "actor.id": "eve",
            ]),
        HookExample(
            "a deployment to a review environment", [("X-Gitlab-Event", "Deployment Hook")],
            """
            {"object_kind": "deployment", "status": "running", "deployment_id": 15,
             "status_changed_at": "2026-01-02 03:04:05 +0200", "environment": "review/x",
             "project": {"path_with_namespace": "acme/orders"}, "user": {"username": "bob"},
             "deployable_url": "https://gitlab.example.com/acme/orders/-/jobs/796",
             "commit_url": "https://gitlab.example.com/acme/orders/-/commit/\
            1111111111111111111111111111111111111111"}
            """,
            [
                "type": "deployment", "id": "deployment:15:running", "deployment.id": "gitlab:15",
                "deployment.status": "started", "environment": "review-x",
                "labels.environment": "review/x", "time": "2026-01-02T01:04:05.000Z",
                "git.commit": "1111111111111111111111111111111111111111",
                "trigger.run": "https://gitlab.example.com/acme/orders/-/jobs/796",
            ]),
        HookExample(
            "closed without a merge", [],
            """
            {"object_kind": "merge_request", "project": {"path_with_namespace": "acme/orders"},
             "object_attributes": {"iid": 12, "action": "close", "merge_commit_sha": null}}
            """, ["ignored": "merge_request close"]),
        HookExample("a push", [], #"{"object_kind": "push"}"#, ["ignored": "push"]),
        HookExample(
            "a new member", [], #"{"event_name": "user_add_to_group"}"#,
            ["ignored": "user_add_to_group"]),
    ]
}
