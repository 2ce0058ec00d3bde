import LedgerCore

/// GitHub's webhooks: docs.github.com, "Webhook events and payloads".
struct GitHubHook: HookAdapter {
    // Everything else that a repository or an organisation sends.
    private static let ignored: Set<String> = [
        "branch_protection_configuration", "branch_protection_rule", "check_run", "check_suite",
        "code_scanning_alert", "commit_comment", "create", "delete", "dependabot_alert",
        "deployment_protection_rule", "deployment_review", "fork", "gollum", "installation",
        "installation_repositories", "issue_comment", "issues", "label", "member", "membership",
        "merge_group", "meta", "milestone", "organization", "package", "page_build", "ping",
        "public", "pull_request_review_comment", "pull_request_review_thread", "push",
        "registry_package", "release", "repository", "repository_dispatch", "repository_ruleset",
        "secret_scanning_alert", "star", "status", "team", "team_add", "watch",
        "workflow_dispatch", "workflow_job", "workflow_run",
    ]

    static func deliveryID(of request: HookRequest) -> String? { request["X-GitHub-Delivery"] }

    static func fact(of body: HookValue, in request: HookRequest) -> HookFact {
        guard let event = request["X-GitHub-Event"] else {
            return .notUnderstood("a hook without X-GitHub-Event")
        }
        if ignored.contains(event) { return .ignored(event) }
        let repository = HookRepository(
            url: body["repository", "clone_url"].text ?? body["repository", "html_url"].text,
            fullName: body["repository", "full_name"].text)
        guard let repository else { return lacks("a repository", event) }
        let action = body["action"].text ?? ""
        switch event {
        case "pull_request":
            if action != "closed" { return .ignored("pull_request \(action)") }
            // GitHub tells a merge_commit_sha for closed requests too: that of a trial merge.
            guard body["pull_request", "merged"].isTrue else {
                return .ignored("a pull request closed without a merge")
            }
            guard let merged = pullRequest(body, repository) else {
                return lacks("a number", event)
            }
            return .merge(merged)
        case "pull_request_review": return review(body, action, repository)
        case "deployment":
            if action != "created" { return .ignored("deployment \(action)") }
            return deployment(body, body["deployment"], repository)
        case "deployment_status":
            return deployment(body, body["deployment_status"], repository)
        default: return .notUnderstood("the event \(GitText.line(event, limit: 100) ?? "")")
        }
    }

    private static func pullRequest(
        _ body: HookValue, _ repository: HookRepository
    ) -> HookPullRequest? {
        HookPullRequest(
            gitHub: body, repository, page: body["pull_request", "html_url"].text,
            person: person)
    }

    private static func review(
        _ body: HookValue, _ action: String, _ repository: HookRepository
    ) -> HookFact {
        let review = body["review"]
        if action == "edited" { return .ignored("pull_request_review edited") }
        guard var request = pullRequest(body, repository), let id = review["id"].id else {
            return lacks("a review of a pull request", "pull_request_review")
        }
        // The head may have moved on since it was reviewed.
        request.headCommit = review["commit_id"].text ?? request.headCommit
        let isDismissed = action == "dismissed"
        let decision: HookReview.Decision? =
            switch review["state"].text?.lowercased() {
            case _ where isDismissed: .withdrawn
            case "approved": .approved
            case "changes_requested": .rejected
            case "commented": .commented
            default: nil
            }
        guard let decision else { return lacks("a known state", "pull_request_review") }
        return .reviews([
            HookReview(
                request: request, id: "review:\(id):\(decision.rawValue)", decision: decision,
                reviewer: person(isDismissed ? body["sender"] : review["user"]),
                text: review["body"].text, page: review["html_url"].text,
                // When it was dismissed is not told.
                time: isDismissed ? nil : HookTime.read(review["submitted_at"]))
        ])
    }

    // `said` is the deployment itself, or a status of it.
    private static func deployment(
        _ body: HookValue, _ said: HookValue, _ repository: HookRepository
    ) -> HookFact {
        let deployment = body["deployment"]
        let environment = said["environment"].text ?? deployment["environment"].text
        guard let deploymentID = deployment["id"].id, let id = said["id"].id, let environment else {
            return lacks("an id and an environment", "deployment")
        }
        let state = said["state"].text
        let status: DeploymentStatus
        switch state {
        case nil, "pending", "queued", "in_progress": status = .started
        case "success": status = .succeeded
        case "failure", "error": status = .failed
        case "inactive", "waiting": return .ignored("a deployment that is \(state ?? "")")
        default: return lacks("a known state", "deployment_status")
        }
        let task = deployment["task"].text
        return .deployment(
            HookDeployment(
                repository: repository,
                id: (state == nil ? "deployment:" : "deployment_status:") + id,
                deploymentID: "github:" + deploymentID, status: status, environment: environment,
                commit: deployment["sha"].text, ref: deployment["ref"].text,
                actor: person(said["creator"]) ?? person(body["sender"]),
                time: HookTime.read(said["created_at"]),
                run: body["workflow_run", "html_url"].text ?? said["log_url"].text
                    ?? said["target_url"].text,
                page: said["environment_url"].text, message: said["description"].text,
                labels: [("task", task == "deploy" ? nil : task)]))
    }

    private static func person(_ user: HookValue) -> HookPerson? {
        guard let login = user["login"].text else { return nil }
        let isService = user["type"].text == "Bot" || login.hasSuffix("[bot]")
        return HookPerson(id: login, name: user["name"].text, isService: isService)
    }

    static let examples = [
        HookExample(
            "a merged pull request", [("X-GitHub-Event", "pull_request")],
            """
            {"action": "closed", "number": 12, "pull_request": {"number": 12, "merged": true,
             "title": "OPS-7 Add index", "body": null, "merged_at": "2026-01-02T03:04:05Z",
             "merge_commit_sha": "1111111111111111111111111111111111111111",
             "html_url": "https://github.com/acme/orders/pull/12",
             "user": {"login": "ann"}, "merged_by": {"login": "bob", "type": "User"},
             "head": {"ref": "add-index", "sha": "2222222222222222222222222222222222222222"},
             "base": {"ref": "main"}},
             "repository": {"full_name": "acme/orders",
             "clone_url": "https://github.com/acme/orders.git"}, "sender": {"login": "bob"}}
            """,
            [
                "type": "merge", "source": "github:github.com/acme/orders", "id": "merge:12",
                "service": "orders", "change.ticket": "OPS-7", "actor.id": "bob",
                "author.id": "ann", "time": "2026-01-02T03:04:05.000Z",
                "git.commit": "1111111111111111111111111111111111111111",
                "git.head_commit": "2222222222222222222222222222222222222222",
                "git.ref": "refs/heads/main", "title": "OPS-7 Add index",
                "links.pull_request": "https://github.com/acme/orders/pull/12",
            ]),
        HookExample(
            "changes requested", [("X-GitHub-Event", "pull_request_review")],
            """
            {"action": "submitted", "review": {"id": 80, "state": "changes_requested",
             "body": "Drop it later", "submitted_at": "2026-01-02T03:04:05Z",
             "commit_id": "3333333333333333333333333333333333333333",
             "html_url": "https://github.com/acme/orders/pull/12#pullrequestreview-80",
             "user": {"login": "eve"}}, "pull_request": {"number": 12, "title": "Add index",
             "html_url": "https://github.com/acme/orders/pull/12", "head": {"ref": "OPS-8/x",
             "sha": "2222222222222222222222222222222222222222"}},
             "repository": {"full_name": "acme/orders"}}
            """,
            [
                "type": "review", "id": "review:80:rejected", "review.decision": "rejected",
                "review.kind": "approval", "actor.id": "eve", "change.ticket": "OPS-8",
                "message": "Drop it later",
                "git.head_commit": "3333333333333333333333333333333333333333",
            ]),
        HookExample(
            "an approval dismissed", [("X-GitHub-Event", "pull_request_review")],
            """
            {"action": "dismissed", "review": {"id": 80, "state": "dismissed",
             "submitted_at": "2026-01-02T03:04:05Z", "user": {"login": "eve"}},
             "pull_request": {"number": 12, "html_url": "https://github.com/acme/orders/pull/12"},
             "repository": {"full_name": "acme/orders"}, "sender": {"login": "bob"}}
            """,
            [
                "type": "review", "id": "review:80:withdrawn", "review.decision": "commented",
                "labels.review": "withdrawn", "actor.id": "bob",
            ]),
        HookExample(
            "a deployment that failed", [("X-GitHub-Event", "deployment_status")],
            """
            {"action": "created", "deployment_status": {"id": 2, "state": "failure",
             "environment": "production", "description": "lock timeout",
             "created_at": "2026-01-02T03:04:05Z", "creator": {"login": "app[bot]"},
             "log_url": "https://ci.example.com/7", "target_url": ""},
             "deployment": {"id": 1, "ref": "main", "task": "deploy:migrations",
             "sha": "1111111111111111111111111111111111111111"},
             "repository": {"full_name": "acme/orders"}}
            """,
            [
                "type": "deployment", "id": "deployment_status:2", "deployment.id": "github:1",
                "deployment.status": "failed", "environment": "prod", "actor.kind": "service",
                "error": "lock timeout", "trigger.run": "https://ci.example.com/7",
                "labels.task": "deploy:migrations", "labels.environment": "production",
            ]),
        HookExample(
            "closed, with the commit of a trial merge", [("X-GitHub-Event", "pull_request")],
            """
            {"action": "closed", "pull_request": {"number": 12, "merged": false,
             "merge_commit_sha": "1111111111111111111111111111111111111111"},
             "repository": {"full_name": "acme/orders"}}
            """, ["ignored": "a pull request closed without a merge"]),
        HookExample("a push", [("X-GitHub-Event", "push")], "{}", ["ignored": "push"]),
        HookExample(
            "an event that is new", [("X-GitHub-Event", "teleport")],
            #"{"repository": {"full_name": "acme/orders"}}"#,
            ["notUnderstood": "the event teleport"]),
        HookExample(
            "another repository", [("X-GitHub-Event", "deployment")],
            """
            {"action": "created", "deployment": {"id": 1, "environment": "prod"},
             "repository": {"full_name": "acme/other"}}
            """, ["notUnderstood": "acme/other is of no known service"]),
    ]
}
