import LedgerCore
import LedgerCrypto

/// The webhooks of a project in Bytebase, of the type Custom (docs.bytebase.com, "Webhook").
///
/// They name the project, `shop` of `projects/shop`, in the place of a repository. Who approved an issue
/// or sent it back is a review of its page. Where a rollout ran they don't say: its changelogs do, and
/// `ledger import bytebase` takes them in. Nothing names a delivery: the same words about the same issue
/// are the same review.
struct BytebaseHook: HookAdapter {
    static func deliveryID(of request: HookRequest) -> String? { nil }

    static func fact(of body: HookValue, in request: HookRequest) -> HookFact {
        guard let title = body["title"].text else {
            return .notUnderstood("a hook without title")
        }
        let decision: HookReview.Decision
        switch (body["activity_type"].text, title) {
        case ("bb.notify.issue.approved", _), (nil, "Issue approved"): decision = .approved
        case (nil, "Issue sent back"): decision = .rejected
        case (nil, "Issue created"), (nil, "Approval required"):
            return .ignored(title)
        case (nil, "Rollout completed"), (nil, "Rollout failed"):
            return .ignored("\(title): its changelogs say where")
        case (let activity?, _) where activity.hasPrefix("bb."):
            return .ignored(GitText.line(activity, limit: 100) ?? "")
        default: return .notUnderstood("the event \(GitText.line(title, limit: 100) ?? "")")
        }
        // `projects/shop`; before, the name alone.
        let project = body["meta", "Project ID"].text ?? body["project", "name"].text
        let name = project.map { $0.hasPrefix("projects/") ? String($0.dropFirst(9)) : $0 }
        guard let repository = HookRepository(url: nil, fullName: name),
            let page = body["link"].text
        else { return lacks("a project and a link", title) }
        let issue = page.split(separator: "/").last.map(String.init) ?? page
        let pull = HookPullRequest(
            repository: repository, number: issue,
            title: body["meta", "Issue"].text ?? body["issue", "name"].text, page: page)
        let digest = SHA256.hash(request.body).hex.prefix(16)
        return .reviews([
            HookReview(
                request: pull, id: "review:\(issue):\(decision.rawValue):\(digest)",
                decision: decision, reviewer: person(body), text: body["description"].text,
                time: HookTime.read(body["created_ts"]))
        ])
    }

    // `Ann (ann@example.com)`.
    private static func person(_ body: HookValue) -> HookPerson? {
        if let email = body["creator_email"].text {
            return HookPerson(id: email, name: body["creator_name"].text)
        }
        guard let text = body["actor"].text else { return nil }
        guard text.hasSuffix(")"), let start = text.lastIndex(of: "(") else {
            return HookPerson(id: text)
        }
        let email = text[text.index(after: start)...].dropLast()
        return email.isEmpty
            ? nil : HookPerson(id: String(email), name: String(text[..<start].trimmed))
    }

    static let examples = [
        HookExample(
            "an issue that was sent back", [],
            """
            {"title": "Issue sent back", "description": "Bob sent back the issue: no index",
             "link": "https://bytebase.example.com/projects/orders/issues/12",
             "actor": "Bob (bob@example.com)", "meta": {"Project Title": "Orders",
             "Project ID": "projects/acme/orders", "Issue": "Orders by status"}}
            """,
            [
                "type": "review", "review.decision": "rejected", "actor.id": "bob@example.com",
                "actor.name": "Bob", "title": "Orders by status", "service": "orders",
                "links.pull_request": "https://bytebase.example.com/projects/orders/issues/12",
                "message": "Bob sent back the issue: no index",
            ]),
        HookExample(
            "an approval, as before version 3", [],
            """
            {"level": "SUCCESS", "activity_type": "bb.notify.issue.approved",
             "title": "Issue approved", "link": "https://bytebase.example.com/issue/12",
             "creator_name": "Ann", "creator_email": "ann@example.com", "created_ts": 1767323045,
             "issue": {"id": 12, "name": "Orders by status", "status": "OPEN"},
             "project": {"id": 3, "name": "acme/orders"}}
            """,
            [
                "type": "review", "review.decision": "approved", "actor.id": "ann@example.com",
                "time": "2026-01-02T03:04:05.000Z",
            ]),
        HookExample(
            "a rollout", [],
            """
            {"title": "Rollout completed", "description": "Rollout completed successfully",
             "link": "https://bytebase.example.com/projects/orders/plans/9/rollout", "actor": " ()",
             "meta": {"Project ID": "projects/acme/orders", "Rollout": "Orders by status"}}
            """, ["ignored": "Rollout completed: its changelogs say where"]),
        HookExample(
            "an issue's comment", [],
            #"{"title": "Comment created", "activity_type": "bb.issue.comment.create"}"#,
            ["ignored": "bb.issue.comment.create"]),
        HookExample(
            "words that are not known", [], #"{"title": "Coffee is ready"}"#,
            ["notUnderstood": "the event Coffee is ready"]),
        HookExample(
            "a project that nobody knows", [],
            """
            {"title": "Issue approved", "link": "https://b.example.com/projects/x/issues/1",
             "actor": "Ann (ann@example.com)", "meta": {"Project ID": "projects/x"}}
            """, ["notUnderstood": "x is of no known service"]),
    ]
}
