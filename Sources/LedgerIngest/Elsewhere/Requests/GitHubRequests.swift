import LedgerCore
import LedgerCrypto

/// GitHub's pull requests and reviews: `gh pr list --json …`, the REST API's list of pulls, and its
/// list of the reviews of one (docs.github.com/rest/pulls).
enum GitHubRequests: RequestExport {
    static let kind = HookKind.github

    static func requests(
        in bytes: [UInt8], repository: String?
    ) throws(LedgerError) -> [ExportedRequest] {
        var requests: [ExportedRequest] = []
        for item in try ReportItem.read(bytes) {
            let item = try item.checkedObject()
            requests.append(
                item.value["pull_request_url"].isNull
                    ? try request(item, repository) : try review(item, repository))
        }
        return requests
    }

    /// `https://github.com/acme/orders/pull/12`, or the API's `…/repos/acme/orders/pulls/12`.
    private static func repository(
        _ page: String?, _ given: String?, _ item: ReportItem
    ) throws(LedgerError) -> (repository: HookRepository, number: String?) {
        var url = given
        var number: String?
        if let page {
            for word in ["/pull/", "/pulls/"] {
                guard let place = page.range(ofLast: word) else { continue }
                number = String(page[place.upperBound...].prefix { $0.isNumber })
                if word == "/pull/" { url = url ?? String(page[..<place.lowerBound]) }
            }
        }
        if let repository = HookRepository(url: url, fullName: nil) { return (repository, number) }
        throw item.refused(
            "of which repository it is is not told",
            advice: "ask gh for url too, or give --repository https://github.com/acme/orders")
    }

    private static func request(
        _ item: ReportItem, _ given: String?
    ) throws(LedgerError) -> ExportedRequest {
        let number = try item.neededID("number")
        let page = try item.text(either: ["html_url"], ["url"])
        let place = try repository(page, given, item)
        let mergedAt = try item.time(either: ["mergedAt"], ["merged_at"])
        let commit = try item.text(either: ["mergeCommit", "oid"], ["merge_commit_sha"])
        let head = try item.text(either: ["headRefOid"], ["head", "sha"])
        let request = HookPullRequest(
            repository: place.repository, number: number, title: try item.text("title"),
            text: try item.text("body"), page: page,
            sourceBranch: try item.text(either: ["headRefName"], ["head", "ref"]),
            targetBranch: try item.text(either: ["baseRefName"], ["base", "ref"]),
            // Of a request that is not merged it is that of a trial merge.
            commit: mergedAt == nil ? nil : commit, headCommit: head,
            actor: try person(item.first("mergedBy", "merged_by")),
            author: try person(item.first("author", "user")), time: mergedAt)
        var exported = ExportedRequest(
            request: request, isMerged: mergedAt != nil, reviews: [],
            files: try files(item), bytes: item.bytes, place: item.place)
        for review in try item.list("reviews") {
            let review = try review.checkedObject()
            if let said = try self.review(review, of: request) { exported.reviews.append(said) }
        }
        return exported
    }

    private static func files(_ item: ReportItem) throws(LedgerError) -> [String]? {
        guard case .array = item.value["files"] else {
            _ = try item.list("files")
            return nil
        }
        var files: [String] = []
        for file in try item.list("files") {
            let file = try file.checkedObject()
            let change = try file.text(either: ["changeType"], ["status"])
            if change?.lowercased().hasPrefix("delete") == true || change == "removed" { continue }
            let name = file.value["filename"].isNull ? "path" : "filename"
            files.append(try file.neededText(name))
        }
        return files
    }

    /// One of the API's list of reviews.
    private static func review(
        _ item: ReportItem, _ given: String?
    ) throws(LedgerError) -> ExportedRequest {
        let page = try item.text("html_url")
        let link = try item.neededText("pull_request_url")
        let place = try repository(page ?? link, given, item)
        guard let number = place.number, !number.isEmpty else {
            throw item.refused("pull_request_url names no request")
        }
        let text = place.repository.text.map(Self.withoutSuffix)
        let request = HookPullRequest(
            repository: place.repository, number: number,
            page: text.map { "\($0)/pull/\(number)" })
        let said = try review(item, of: request)
        return ExportedRequest(
            request: request, isMerged: false, reviews: [said].compactMap(\.self), files: nil,
            bytes: item.bytes, place: item.place)
    }

    private static func withoutSuffix(_ url: String) -> String {
        url.hasSuffix(".git") ? String(url.dropLast(4)) : url
    }

    private static func review(
        _ item: ReportItem, of request: HookPullRequest
    ) throws(LedgerError) -> HookReview? {
        let state = try item.neededText("state").lowercased()
        let decision: HookReview.Decision
        switch state {
        case "approved": decision = .approved
        case "changes_requested": decision = .rejected
        case "commented": decision = .commented
        case "dismissed": decision = .withdrawn
        // Not sent yet.
        case "pending": return nil
        default: throw item.refused("the state \(VisibleName.of(state)) is not known")
        }
        var request = request
        request.headCommit =
            try item.text(either: ["commit", "oid"], ["commit_id"]) ?? request.headCommit
        let id = try databaseID(item)
        let isWithdrawn = decision == .withdrawn
        return HookReview(
            request: request, id: "review:\(id):\(decision.rawValue)", decision: decision,
            // Who dismissed it, and when, is not told.
            reviewer: isWithdrawn
                ? nil : try person(item.first("author", "user")),
            text: try item.text("body"), page: try item.text("html_url"),
            time: isWithdrawn
                ? nil : try item.time(either: ["submittedAt"], ["submitted_at"]))
    }

    /// The number by which webhooks and the API name a review. GraphQL, and `gh` with it, gives a
    /// node's id, which holds that number: today `PRR_` and the base64url of a MessagePack list
    /// `[0, repository, number]`, before 2022 the base64 of `017:PullRequestReview80`.
    private static func databaseID(_ item: ReportItem) throws(LedgerError) -> String {
        let id = try item.neededID("id")
        if id.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) { return id }
        return nodeNumber(id) ?? id
    }

    static func nodeNumber(_ id: String) -> String? {
        if let bar = id.firstIndex(of: "_") {
            let digits = id[id.index(after: bar)...].utf8.filter { $0 != UInt8(ascii: "=") }
            guard let bytes = Base64URL.decode(digits), bytes.first == 0x93 else { return nil }
            return lastNumber(bytes)
        }
        guard let bytes = Base64.decode(id) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let place = text.range(ofLast: "PullRequestReview") else { return nil }
        let number = text[place.upperBound...]
        return UInt64(number).map(String.init)
    }

    /// The last of the whole numbers of a MessagePack list.
    private static func lastNumber(_ bytes: [UInt8]) -> String? {
        var place = 1
        var last: UInt64?
        while place < bytes.count {
            let size: Int
            switch bytes[place] {
            case 0x00...0x7F:
                last = UInt64(bytes[place])
                place += 1
                continue
            case 0xCC: size = 1
            case 0xCD: size = 2
            case 0xCE: size = 4
            case 0xCF: size = 8
            default: return nil
            }
            guard place + size < bytes.count else { return nil }
            last = bytes[place + 1...place + size].reduce(0) { $0 << 8 | UInt64($1) }
            place += 1 + size
        }
        return last.map(String.init)
    }

    private static func person(_ user: ReportItem) throws(LedgerError) -> HookPerson? {
        if user.value.isNull { return nil }
        let user = try user.checkedObject()
        guard let login = try user.text("login") else { return nil }
        let isService =
            user.value["is_bot"].isTrue || login.hasSuffix("[bot]")
            || user.value["type"].text == "Bot"
        // `gh` writes app/renovate for what the API calls renovate[bot].
        let id = login.hasPrefix("app/") ? login.dropFirst(4) + "[bot]" : login
        return HookPerson(id: id, name: try user.text("name"), isService: isService)
    }
}
