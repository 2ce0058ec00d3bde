import LedgerCore

/// GitLab's merge requests and their approvals, as its API gives them (docs.gitlab.com/api,
/// "Merge requests", "Merge request approvals"): a merge request may hold its `approved_by` or
/// `approvals`, and answers about approvals may stand among the requests; they are joined by project
/// and iid. An approval is named as its webhook is, by request, user and second.
enum GitLabRequests: RequestExport {
    static let kind = HookKind.gitlab

    private struct Key: Hashable {
        let project: String?
        let number: String
    }

    static func requests(
        in bytes: [UInt8], repository: String?
    ) throws(LedgerError) -> [ExportedRequest] {
        var requests: [ExportedRequest] = []
        var places: [Key: Int] = [:]
        var rest: [ReportItem] = []
        for item in try ReportItem.read(bytes) {
            let item = try item.checkedObject()
            // An answer about approvals has neither a page nor branches.
            guard !item.value["web_url"].isNull else {
                rest.append(item)
                continue
            }
            let exported = try request(item, repository)
            places[try key(item)] = requests.count
            requests.append(exported)
        }
        for item in rest {
            let approvals = try item.list("approved_by")
            if item.value["approved_by"].isNull { throw item.missing("web_url") }
            if let place = places[try key(item)] {
                requests[place].reviews += try reviews(approvals, requests[place].request)
                continue
            }
            guard let repository, let known = HookRepository(url: repository, fullName: nil) else {
                throw item.refused(
                    "of which project it is is not told",
                    advice: "give --repository https://gitlab.com/acme/orders")
            }
            let number = try item.neededID("iid")
            let request = HookPullRequest(
                repository: known, number: number, title: try item.text("title"),
                text: try item.text("description"),
                page: known.path.map {
                    "https://\(known.canonical.prefix { $0 != "/" })/\($0)/-/merge_requests/\(number)"
                })
            requests.append(
                ExportedRequest(
                    request: request, isMerged: false,
                    reviews: try reviews(approvals, request), files: nil, bytes: item.bytes,
                    place: item.place))
        }
        return requests
    }

    private static func key(_ item: ReportItem) throws(LedgerError) -> Key {
        Key(project: try item.id("project_id"), number: try item.neededID("iid"))
    }

    private static func request(
        _ item: ReportItem, _ given: String?
    ) throws(LedgerError) -> ExportedRequest {
        let number = try item.neededID("iid")
        let page = try item.neededText("web_url")
        let ends = ["/-/merge_requests/", "/merge_requests/"]
        let end = ends.compactMap { page.range(ofLast: $0) }.first
        let url = given ?? end.map { String(page[..<$0.lowerBound]) }
        guard let url, let repository = HookRepository(url: url, fullName: nil) else {
            throw item.refused("web_url is the page of no merge request")
        }
        let head = try item.text(either: ["sha"], ["diff_refs", "head_sha"])
        let mergedAt = try item.time("merged_at")
        let isMerged = mergedAt != nil || item.value["state"].text == "merged"
        let commit = try item.text(either: ["merge_commit_sha"], ["squash_commit_sha"]) ?? head
        let request = HookPullRequest(
            repository: repository, number: number, title: try item.text("title"),
            text: try item.text("description"), page: page,
            sourceBranch: try item.text("source_branch"),
            targetBranch: try item.text("target_branch"), commit: isMerged ? commit : nil,
            headCommit: head,
            actor: try person(item.first("merge_user", "merged_by")),
            author: try person(item["author"]), time: mergedAt)
        var exported = ExportedRequest(
            request: request, isMerged: isMerged, reviews: [], files: try files(item),
            bytes: item.bytes, place: item.place)
        exported.reviews = try reviews(item.list("approved_by"), request)
        exported.reviews += try reviews(item.list("approvals", "approved_by"), request)
        return exported
    }

    /// Of `…/merge_requests/:iid/changes` and `/diffs`.
    private static func files(_ item: ReportItem) throws(LedgerError) -> [String]? {
        for name in ["changes", "diffs"] {
            guard case .array = item.value[name] else { continue }
            var files: [String] = []
            for file in try item.list(name) where !file.value["deleted_file"].isTrue {
                files.append(try file.checkedObject().neededText("new_path"))
            }
            return files
        }
        return nil
    }

    private static func reviews(
        _ approvals: [ReportItem], _ request: HookPullRequest
    ) throws(LedgerError) -> [HookReview] {
        var reviews: [HookReview] = []
        for approval in approvals {
            let approval = try approval.checkedObject()
            let user = approval.value["user"].isNull ? approval : approval["user"]
            guard let reviewer = try person(user) else { throw approval.missing("user") }
            let time = try approval.time("approved_at")
            let number = try user.id("id")
            let who = number ?? reviewer.id
            let second = time.map { ":\($0.milliseconds / 1000 * 1000)" } ?? ""
            var request = request
            // Which commit was approved is not told.
            request.headCommit = nil
            reviews.append(
                HookReview(
                    request: request, id: "review:\(request.number):\(who):approved\(second)",
                    decision: .approved, reviewer: reviewer, time: time))
        }
        return reviews
    }

    private static func person(_ user: ReportItem) throws(LedgerError) -> HookPerson? {
        if user.value.isNull { return nil }
        let user = try user.checkedObject()
        guard let login = try user.text("username") else { return nil }
        let isBot =
            user.value["bot"].isTrue || login.hasPrefix("project_") && login.contains("_bot")
        return HookPerson(id: login, name: try user.text("name"), isService: isBot)
    }

    static let examples = [
        RequestExample(
            "a merge request with its approvals",
            """
            [{"id": 9, "iid": 12, "project_id": 3, "title": "Add index", "state": "merged",
              "description": "OPS-7", "web_url":
              "https://gitlab.example.com/acme/orders/-/merge_requests/12",
              "author": {"id": 5, "username": "ann", "name": "Ann"},
              "merge_user": {"id": 6, "username": "bob"}, "source_branch": "OPS-8/x",
              "target_branch": "main", "merged_at": "2026-01-02T03:04:05.678+01:00",
              "sha": "2222222222222222222222222222222222222222", "merge_commit_sha": null,
              "squash_commit_sha": "1111111111111111111111111111111111111111",
              "changes": [{"new_path": "migrations/V42__add_index.sql", "deleted_file": false}]},
             {"id": 9, "iid": 12, "project_id": 3, "title": "Add index", "approved": true,
              "approved_by": [{"user": {"id": 7, "username": "eve", "name": "Eve"},
              "approved_at": "2026-01-02T02:00:00.123Z"}]}]
            """,
            [
                [
                    "type": "review", "source": "gitlab:gitlab.example.com/acme/orders",
                    "id": "review:12:7:approved:1767319200000", "actor.id": "eve",
                    "actor.name": "Eve", "review.decision": "approved", "change.id": "42",
                    "change.ticket": "OPS-8", "time": "2026-01-02T02:00:00.123Z",
                    "links.pull_request":
                        "https://gitlab.example.com/acme/orders/-/merge_requests/12",
                ],
                [
                    "type": "merge", "id": "merge:12:migrations/V42__add_index.sql",
                    "git.commit": "1111111111111111111111111111111111111111",
                    "actor.id": "bob", "author.id": "ann", "time": "2026-01-02T02:04:05.678Z",
                ],
            ]),
        RequestExample(
            "approvals in it, of no known time",
            """
            {"iid": 12, "web_url": "https://gitlab.example.com/acme/orders/-/merge_requests/12",
             "state": "opened", "approvals": {"approved_by": [{"user": {"id": 7,
             "username": "eve"}}]}}
            """,
            [["type": "review", "id": "review:12:7:approved", "service": "orders"]]),
        RequestExample("nothing", "[]", []),
    ]
}
