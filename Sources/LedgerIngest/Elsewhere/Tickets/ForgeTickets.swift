import LedgerCore

/// GitHub's issues: `gh issue list --json …`, and the REST API's list, which pull requests stand in
/// too.
enum GitHubTickets: TicketExport {
    static let name = "github"

    static func fits(_ item: ReportItem) -> Bool {
        !item.value["number"].isNull && item.value["iid"].isNull
    }

    static func ticket(_ item: ReportItem) throws(LedgerError) -> Ticket? {
        if !item.value["pull_request"].isNull { return nil }
        let number = try item.neededID("number")
        let page = try item.text(either: ["html_url"], ["url"])
        guard let page, let end = page.range(ofLast: "/issues/") else {
            throw item.refused(
                "url is the page of no issue", advice: "ask gh for url too: --json number,title,url"
            )
        }
        let name = RepositoryName(url: String(page[..<end.lowerBound]))
        var ticket = Ticket(
            key: "\(name.path)#\(number)", source: "github:\(name.canonical)")
        ticket.title = try item.text("title")
        ticket.text = try item.text("body")
        let author = item.value["author"].isNull ? item["user"] : item["author"]
        if !author.value.isNull {
            let author = try author.checkedObject()
            let login = try author.text("login")
            ticket.requestor = HookPerson(
                id: login, name: try author.text("name"),
                isService: author.value["is_bot"].isTrue || login?.hasSuffix("[bot]") == true)
        }
        ticket.page = page
        ticket.created = try item.time(either: ["createdAt"], ["created_at"])
        ticket.updated = try item.time(either: ["updatedAt"], ["updated_at"])
        ticket.status = try item.text("state")?.lowercased()
        for label in try item.list("labels") {
            let name = label.isObject ? try label.text("name") : label.value.text
            if let name { ticket.labels.append(name) }
        }
        return ticket
    }

    static let examples = [
        TicketExample(
            "what gh prints",
            """
            [{"author": {"login": "ann", "name": "Ann"}, "body": "See migrations/V42__x.sql.",
              "createdAt": "2026-01-02T03:04:05Z", "labels": [{"name": "db"},
              {"name": "approved"}], "number": 12, "state": "OPEN", "title": "Index for orders",
              "url": "https://github.com/acme/orders/issues/12"}]
            """,
            [
                "type": "note", "source": "github:github.com/acme/orders",
                "change.ticket": "acme/orders#12", "requestor.id": "ann",
                "labels.ticket_status": "open", "labels.ticket_labels": "db, approved",
                "labels.ticket_approval": "approved", "about.0": "orders:42",
                "links.ticket": "https://github.com/acme/orders/issues/12",
            ]),
        TicketExample(
            "a pull request among the API's issues",
            """
            [{"number": 13, "html_url": "https://github.com/acme/orders/pull/13",
              "pull_request": {"url": "https://api.github.com/repos/acme/orders/pulls/13"}}]
            """, nil),
    ]
}

/// GitLab's issues, as its API gives them.
enum GitLabTickets: TicketExport {
    static let name = "gitlab"

    static func fits(_ item: ReportItem) -> Bool { !item.value["iid"].isNull }

    static func ticket(_ item: ReportItem) throws(LedgerError) -> Ticket? {
        let number = try item.neededID("iid")
        let page = try item.neededText("web_url")
        let ends = ["/-/issues/", "/-/work_items/", "/issues/"]
        guard let end = ends.compactMap({ page.range(ofLast: $0) }).first else {
            throw item.refused("web_url is the page of no issue")
        }
        let name = RepositoryName(url: String(page[..<end.lowerBound]))
        let full = try item.text("references", "full")
        let key = full ?? "\(name.path)#\(number)"
        var ticket = Ticket(key: key, source: "gitlab:\(name.canonical)")
        ticket.title = try item.text("title")
        ticket.text = try item.text("description")
        if !item.value["author"].isNull {
            let author = try item["author"].checkedObject()
            ticket.requestor = HookPerson(
                id: try author.text("username"), name: try author.text("name"))
        }
        ticket.page = page
        ticket.created = try item.time("created_at")
        ticket.updated = try item.time("updated_at")
        ticket.status = try item.text("state")
        ticket.kind = try item.text("issue_type")
        for label in try item.list("labels") {
            let name = label.isObject ? try label.text("name") : label.value.text
            if let name { ticket.labels.append(name) }
        }
        return ticket
    }

    static let examples = [
        TicketExample(
            "an issue",
            """
            [{"id": 1, "iid": 12, "project_id": 3, "title": "Index for orders",
              "description": "", "state": "closed", "created_at": "2026-01-02T03:04:05.678Z",
              "author": {"id": 5, "username": "ann", "name": "Ann"}, "labels": ["db"],
              "web_url": "https://gitlab.example.com/acme/orders/-/issues/12",
              "references": {"short": "#12", "full": "acme/orders#12"}}]
            """,
            [
                "type": "note", "source": "gitlab:gitlab.example.com/acme/orders",
                "change.ticket": "acme/orders#12", "requestor.name": "Ann",
                "labels.ticket_status": "closed", "title": "Index for orders",
            ])
    ]
}
