import LedgerCore

/// The service hooks of Azure DevOps: learn.microsoft.com, "Service hook events".
///
/// A vote comes as the request with everybody's votes in it: each that stands is a review of the
/// commit it is of, and the same review whichever hook tells it.
struct AzureHook: HookAdapter {
    private static let ignoredPrefixes = [
        "git.push", "git.pullrequest.created", "git.repo.", "build.", "tfvc.", "workitem.",
        "message.", "ms.vss-code.", "ms.vss-pipelines.", "ms.vss-pipelinechecks", "ms.vss-release.",
        "advancedsecurity.",
    ]

    // The id stands in the body alone.
    static func deliveryID(of request: HookRequest) -> String? {
        (try? request.json())?["id"].id
    }

    static func fact(of body: HookValue, in request: HookRequest) -> HookFact {
        guard let event = body["eventType"].text else {
            return .notUnderstood("a hook without eventType")
        }
        switch event {
        // Sent for every attempt to merge, and for every change, of which completion is one.
        case "git.pullrequest.merged", "git.pullrequest.updated": return pullRequest(body, event)
        case "ms.vss-release.deployment-started-event",
            "ms.vss-release.deployment-completed-event":
            return release(body, event)
        case _ where ignoredPrefixes.contains { event.hasPrefix($0) }:
            return .ignored(GitText.line(event, limit: 100) ?? "")
        default: return .notUnderstood("the event \(GitText.line(event, limit: 100) ?? "")")
        }
    }

    private static func pullRequest(_ body: HookValue, _ event: String) -> HookFact {
        let pull = body["resource"]
        let url = pull["repository", "remoteUrl"].text
        let name = pull["repository", "name"].text
        let project = pull["repository", "project", "name"].text
        let fullName = name.map { name in project.map { "\($0)/\(name)" } ?? name }
        guard let repository = HookRepository(url: url, fullName: fullName),
            let number = pull["pullRequestId"].id
        else { return lacks("a repository and a pullRequestId", event) }
        let page = pull["_links", "web", "href"].text ?? url.map { "\($0)/pullrequest/\(number)" }
        let request = HookPullRequest(
            repository: repository, number: number, title: pull["title"].text,
            text: pull["description"].text, page: page,
            sourceBranch: branch(pull["sourceRefName"]), targetBranch: pull["targetRefName"].text,
            commit: pull["lastMergeCommit", "commitId"].text,
            headCommit: pull["lastMergeSourceCommit", "commitId"].text,
            actor: person(pull["closedBy"]), author: person(pull["createdBy"]),
            time: HookTime.read(pull["closedDate"]))
        let state = pull["mergeStatus"].text ?? "succeeded"
        switch pull["status"].text {
        case "completed":
            if state == "succeeded" { return .merge(request) }
            return .ignored("a merge that is \(GitText.line(state, limit: 100) ?? "")")
        case "abandoned": return .ignored("a pull request closed without a merge")
        default:
            let reviews = pull["reviewers"].array.compactMap { review($0, of: request) }
            return reviews.isEmpty ? .ignored("a pull request without votes") : .reviews(reviews)
        }
    }

    // 10 approved, 5 approved with suggestions, 0 no vote, -5 waiting for the author, -10 rejected.
    private static func review(
        _ reviewer: HookValue, of request: HookPullRequest
    ) -> HookReview? {
        // A group's vote is the sum of its members', who are there themselves.
        guard let vote = reviewer["vote"].integer, vote != 0, !reviewer["isContainer"].isTrue,
            let id = reviewer["id"].id ?? reviewer["uniqueName"].text
        else { return nil }
        let head = request.headCommit.map { ":" + $0.prefix(40) } ?? ""
        let decision: HookReview.Decision = vote > 0 ? .approved : .rejected
        // When they voted is not told.
        return HookReview(
            request: request, id: "review:\(request.number):\(id):\(vote)\(head)",
            decision: decision, reviewer: person(reviewer))
    }

    private static func release(_ body: HookValue, _ event: String) -> HookFact {
        let stage = body["resource", "environment"]
        let project = body["resource", "project", "name"].text
        let definition =
            stage["releaseDefinition", "name"].text
            ?? body["resource", "release", "releaseDefinition", "name"].text
        let names = [project, definition].compactMap(\.self)
        let release = stage["releaseId"].id ?? stage["release", "id"].id
        guard let repository = HookRepository(url: nil, fullName: names.joined(separator: "/")),
            !names.isEmpty, let environment = stage["name"].text, let id = stage["id"].id,
            let release
        else { return lacks("a release and its environment", event) }
        let status: DeploymentStatus
        let word = stage["status"].text
        if event == "ms.vss-release.deployment-started-event" {
            status = .started
        } else {
            switch word?.lowercased() {
            case "succeeded": status = .succeeded
            case "partiallysucceeded", "rejected", "canceled", "failed": status = .failed
            default: return lacks("a known status", event)
            }
        }
        let attempt = stage["deploySteps"].array.compactMap { $0["attempt"].integer }.max() ?? 1
        let place = "release:\(release):\(id):\(attempt)"
        let isPlain = status != .failed || word == "rejected"
        return .deployment(
            HookDeployment(
                repository: repository, id: "\(place):\(status.rawValue)",
                deploymentID: "azure:" + place, status: status, environment: environment,
                time: HookTime.read(body["createdDate"]),
                run: stage["release", "_links", "web", "href"].text
                    ?? body["resource", "release", "_links", "web", "href"].text,
                message: body["message", "text"].text,
                labels: [("status", isPlain ? nil : word)]))
    }

    private static func branch(_ ref: HookValue) -> String? {
        ref.text.map { $0.hasPrefix("refs/heads/") ? String($0.dropFirst(11)) : $0 }
    }

    private static func person(_ user: HookValue) -> HookPerson? {
        HookPerson(
            id: user["uniqueName"].text ?? user["id"].text, name: user["displayName"].text)
    }

    static let examples = [
        HookExample(
            "a completed pull request", [],
            """
            {"id": "d-1", "eventType": "git.pullrequest.merged", "resource": {"pullRequestId": 12,
             "repository": {"name": "orders", "project": {"name": "acme"},
             "remoteUrl": "https://acme@dev.azure.com/acme/shop/_git/orders"},
             "status": "completed", "mergeStatus": "succeeded", "title": "Add index",
             "createdBy": {"uniqueName": "ann@example.com", "displayName": "Ann"},
             "closedBy": {"uniqueName": "bob@example.com"},
             "closedDate": "2026-01-02T03:04:05.1234567Z", "sourceRefName": "refs/heads/OPS-7",
             "targetRefName": "refs/heads/main",
             "lastMergeSourceCommit": {"commitId": "2222222222222222222222222222222222222222"},
             "lastMergeCommit": {"commitId": "1111111111111111111111111111111111111111"},
             "reviewers": [{"id": "r", "vote": 10}]}}
            """,
            [
                "type": "merge", "source": "azure:dev.azure.com/acme/shop/_git/orders",
                "id": "merge:12", "actor.id": "bob@example.com", "author.name": "Ann",
                "time": "2026-01-02T03:04:05.123Z", "change.ticket": "OPS-7",
                "git.ref": "refs/heads/main",
                "links.pull_request":
                    "https://dev.azure.com/acme/shop/_git/orders/pullrequest/12",
            ]),
        HookExample(
            "a vote, beside that of a group and none", [],
            """
            {"eventType": "git.pullrequest.updated", "resource": {"pullRequestId": 12,
             "repository": {"name": "orders", "project": {"name": "acme"}}, "status": "active",
             "_links": {"web": {"href": "https://dev.azure.com/acme/shop/_git/orders/pullrequest/12"}},
             "reviewers": [{"id": "g", "vote": 10, "isContainer": true}, {"id": "n", "vote": 0},
             {"id": "r", "vote": -5, "uniqueName": "eve@example.com"}],
             "lastMergeSourceCommit": {"commitId": "2222222222222222222222222222222222222222"}}}
            """,
            [
                "type": "review", "review.decision": "rejected", "actor.id": "eve@example.com",
                "id": "review:12:r:-5:2222222222222222222222222222222222222222",
            ]),
        HookExample(
            "a release that was cancelled", [],
            """
            {"eventType": "ms.vss-release.deployment-completed-event",
             "createdDate": "2026-01-02T03:04:05.99Z", "message": {"text": "Stage was canceled"},
             "resource": {"project": {"name": "acme"}, "environment": {"id": 5, "releaseId": 3,
             "name": "production", "status": "canceled", "releaseDefinition": {"name": "orders"},
             "deploySteps": [{"attempt": 1}, {"attempt": 2}], "release": {"id": 3, "_links":
             {"web": {"href": "https://dev.azure.com/acme/shop/_release?releaseId=3"}}}}}}
            """,
            [
                "type": "deployment", "source": "azure:acme/orders",
                "id": "release:3:5:2:failed", "deployment.id": "azure:release:3:5:2",
                "deployment.status": "failed", "environment": "prod", "labels.status": "canceled",
                "error": "Stage was canceled", "time": "2026-01-02T03:04:05.990Z",
            ]),
        HookExample(
            "an attempt to merge that met conflicts", [],
            """
            {"eventType": "git.pullrequest.merged", "resource": {"pullRequestId": 12,
             "repository": {"name": "orders", "project": {"name": "acme"}}, "status": "active",
             "mergeStatus": "conflicts", "reviewers": []}}
            """, ["ignored": "a pull request without votes"]),
        HookExample("a push", [], #"{"eventType": "git.push"}"#, ["ignored": "git.push"]),
    ]
}
