/// The webhooks of Bitbucket Cloud (`pullrequest:…`, "Event payloads") and of Bitbucket Data Center
/// (`pr:…`, "Event payload"), both on support.atlassian.com.
struct BitbucketHook: HookAdapter {
    private static let ignoredPrefixes = [
        "repo:", "issue:", "project:", "pullrequest:", "pr:", "mirror:", "diagnostics:",
    ]

    static func deliveryID(of request: HookRequest) -> String? {
        request["X-Request-UUID"] ?? request["X-Request-Id"]
    }

    static func fact(of body: HookValue, in request: HookRequest) -> HookFact {
        guard let event = request["X-Event-Key"] else {
            return .notUnderstood("a hook without X-Event-Key")
        }
        switch event {
        case "pullrequest:fulfilled", "pr:merged":
            guard let merged = pullRequest(body) else { return lacks("a pull request", event) }
            return .merge(merged)
        case "pullrequest:approved", "pr:reviewer:approved":
            return review(body, .approved, body["approval"], event)
        case "pullrequest:changes_request_created":
            return review(body, .rejected, body["changes_request"], event)
        case "pr:reviewer:changes_requested", "pr:reviewer:needs_work":
            return review(body, .rejected, .null, event)
        case "pullrequest:unapproved", "pr:reviewer:unapproved":
            return review(body, .withdrawn, body["approval"], event)
        case "pullrequest:changes_request_removed":
            return review(body, .withdrawn, body["changes_request"], event)
        // Pushes, comments, and requests opened, changed and declined.
        case _ where ignoredPrefixes.contains { event.hasPrefix($0) }:
            return .ignored(GitText.line(event, limit: 100) ?? "")
        default: return .notUnderstood("the event \(GitText.line(event, limit: 100) ?? "")")
        }
    }

    private static func pullRequest(_ body: HookValue) -> HookPullRequest? {
        body["pullRequest"].isNull ? cloudRequest(body) : dataCenterRequest(body)
    }

    private static func cloudRequest(_ body: HookValue) -> HookPullRequest? {
        let pull = body["pullrequest"]
        let repository = HookRepository(
            url: body["repository", "links", "html", "href"].text,
            fullName: body["repository", "full_name"].text)
        guard let repository, let number = pull["id"].id else { return nil }
        return HookPullRequest(
            repository: repository, number: number, title: pull["title"].text,
            text: pull["description"].text, page: pull["links", "html", "href"].text,
            sourceBranch: pull["source", "branch", "name"].text,
            targetBranch: pull["destination", "branch", "name"].text,
            commit: pull["merge_commit", "hash"].text,
            headCommit: pull["source", "commit", "hash"].text,
            actor: person(pull["closed_by"]) ?? person(body["actor"]),
            author: person(pull["author"]), time: HookTime.read(pull["updated_on"]))
    }

    private static func dataCenterRequest(_ body: HookValue) -> HookPullRequest? {
        let pull = body["pullRequest"]
        let target = pull["toRef", "repository"]
        // Its page is https://HOST/projects/KEY/repos/SLUG/browse.
        let page = target["links", "self"].array.first?["href"].text
        let clone = target["links", "clone"].array.lazy.compactMap { $0["href"].text }
        guard let project = target["project", "key"].text, let slug = target["slug"].text,
            let number = pull["id"].id,
            let repository = HookRepository(
                url: clone.first { $0.hasPrefix("https://") } ?? clone.first,
                fullName: "\(project)/\(slug)")
        else { return nil }
        let base = page.flatMap { $0.hasSuffix("/browse") ? String($0.dropLast(7)) : nil }
        return HookPullRequest(
            repository: repository, number: number, title: pull["title"].text,
            text: pull["description"].text,
            page: pull["links", "self"].array.first?["href"].text
                ?? base.map { "\($0)/pull-requests/\(number)" },
            sourceBranch: pull["fromRef", "displayId"].text, targetBranch: pull["toRef", "id"].text,
            commit: pull["properties", "mergeCommit", "id"].text,
            headCommit: pull["fromRef", "latestCommit"].text, actor: person(body["actor"]),
            author: person(pull["author", "user"]),
            time: HookTime.read(pull["closedDate"]) ?? HookTime.read(body["date"]))
    }

    private static func review(
        _ body: HookValue, _ decision: HookReview.Decision, _ said: HookValue, _ event: String
    ) -> HookFact {
        guard let request = pullRequest(body) else { return lacks("a pull request", event) }
        let user = said["user"].isNull ? body["participant", "user"] : said["user"]
        let reviewer = person(user) ?? person(body["actor"])
        let time = HookTime.read(said["date"]) ?? HookTime.read(body["date"])
        let when = time.map { ":\($0.milliseconds)" } ?? ""
        let who = reviewer?.id ?? ""
        return .reviews([
            HookReview(
                request: request, id: "review:\(request.number):\(who):\(decision.rawValue)\(when)",
                decision: decision, reviewer: reviewer, time: time)
        ])
    }

    // Cloud users have names that change and an account_id that stays; apps have neither.
    private static func person(_ user: HookValue) -> HookPerson? {
        let name = user["display_name"].text ?? user["displayName"].text
        let id =
            user["nickname"].text ?? user["account_id"].text ?? user["uuid"].text
            ?? user["name"].text
        let isService = user["type"].text.map { $0 == "AppUser" || $0 == "SERVICE" } ?? false
        return HookPerson(id: id, name: name, isService: isService)
    }

    static let examples = [
        HookExample(
            "merged on Bitbucket Cloud, with abbreviated commits",
            [("X-Event-Key", "pullrequest:fulfilled")],
            """
            {"actor": {"display_name": "Bob B", "nickname": "bob", "uuid": "{1}"},
             "pullrequest": {"id": 12, "title": "OPS-7: Add index", "state": "MERGED",
             "source": {"branch": {"name": "x"}, "commit": {"hash": "222222222222"}},
             "destination": {"branch": {"name": "main"}}, "author": {"nickname": "ann"},
             "merge_commit": {"hash": "111111111111"}, "closed_by": {"nickname": "bob"},
             "updated_on": "2026-01-02T03:04:05.123456+00:00",
             "links": {"html": {"href": "https://bitbucket.org/acme/orders/pull-requests/12"}}},
             "repository": {"full_name": "acme/orders",
             "links": {"html": {"href": "https://bitbucket.org/acme/orders"}}}}
            """,
            [
                "type": "note", "source": "bitbucket:bitbucket.org/acme/orders", "id": "merge:12",
                "labels.git_commit": "111111111111", "labels.pull_request": "merged",
                "actor.id": "bob", "author.id": "ann", "change.ticket": "OPS-7",
                "time": "2026-01-02T03:04:05.123Z",
                "links.pull_request": "https://bitbucket.org/acme/orders/pull-requests/12",
            ]),
        HookExample(
            "approved on Bitbucket Cloud", [("X-Event-Key", "pullrequest:approved")],
            """
            {"actor": {"nickname": "eve"}, "approval": {"date": "2026-01-02T03:04:05+00:00",
             "user": {"nickname": "eve", "display_name": "Eve"}}, "pullrequest": {"id": 12,
             "links": {"html": {"href": "https://bitbucket.org/acme/orders/pull-requests/12"}}},
             "repository": {"full_name": "acme/orders"}}
            """,
            [
                "type": "review", "review.decision": "approved", "actor.name": "Eve",
                "id": "review:12:eve:approved:1767323045000",
            ]),
        HookExample(
            "merged on Bitbucket Data Center", [("X-Event-Key", "pr:merged")],
            """
            {"eventKey": "pr:merged", "date": "2026-01-02T13:04:05+1000", "actor": {"name": "bob",
             "displayName": "Bob"}, "pullRequest": {"id": 12, "title": "Add index",
             "closedDate": 1767323045123, "author": {"user": {"name": "ann"}},
             "fromRef": {"displayId": "OPS-7", "latestCommit":
             "2222222222222222222222222222222222222222"}, "toRef": {"id": "refs/heads/main",
             "repository": {"slug": "orders", "project": {"key": "ACME"}, "links": {"self":
             [{"href": "https://git.example.com/projects/ACME/repos/orders/browse"}]}}},
             "properties": {"mergeCommit": {"id": "1111111111111111111111111111111111111111"}}}}
            """,
            [
                "type": "merge", "id": "merge:12", "source": "bitbucket:ACME/orders",
                "time": "2026-01-02T03:04:05.123Z", "change.ticket": "OPS-7",
                "git.ref": "refs/heads/main",
                "links.pull_request":
                    "https://git.example.com/projects/ACME/repos/orders/pull-requests/12",
            ]),
        HookExample(
            "needs work, without a page", [("X-Event-Key", "pr:reviewer:needs_work")],
            """
            {"date": "2026-01-02T13:04:05+1000", "actor": {"name": "eve"}, "pullRequest": {"id": 12,
             "toRef": {"repository": {"slug": "orders", "project": {"key": "ACME"}}},
             "links": {"self": [null]}}}
            """,
            [
                "type": "note", "id": "review:12:eve:rejected:1767323045000",
                "labels.review": "rejected", "title": "request 12",
            ]),
        HookExample(
            "declined", [("X-Event-Key", "pullrequest:rejected")], "{}",
            ["ignored": "pullrequest:rejected"]),
        HookExample("a push", [("X-Event-Key", "repo:push")], "{}", ["ignored": "repo:push"]),
    ]
}
