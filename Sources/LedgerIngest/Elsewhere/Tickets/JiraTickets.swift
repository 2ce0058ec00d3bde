import LedgerCore

/// Jira's issues as its search gives them, with `expand=changelog` who moved them
/// (developer.atlassian.com, "Search for issues"). A description is text, or a document of version 3.
///
/// Whoever moved an issue last into a status that approves it is its approver: `Approved`,
/// `Ready for deployment`, `Ready to deploy`, `Authorized`, or a word that contains one of them.
enum JiraTickets: TicketExport {
    static let name = "jira"

    private static let approving = [
        "approved", "authorized", "authorised", "ready for deploy", "ready to deploy", "accepted",
    ]
    private static let refusing = ["not approved", "unapproved", "approval", "to be approved"]

    static func fits(_ item: ReportItem) -> Bool {
        if case .object = item.value["fields"] { !item.value["key"].isNull } else { false }
    }

    static func ticket(_ item: ReportItem) throws(LedgerError) -> Ticket? {
        let key = try item.neededText("key")
        let fields = try item["fields"].checkedObject()
        let base = try item.text("self").flatMap(Self.base)
        var ticket = Ticket(key: key, source: "jira:" + (base.flatMap(Self.host) ?? "jira"))
        ticket.title = try fields.text("summary")
        ticket.text = try description(fields)
        ticket.requestor = try person(fields.first("reporter", "creator"))
        ticket.page = base.map { "\($0)/browse/\(key)" }
        ticket.created = try fields.time("created")
        ticket.updated = try fields.time("updated")
        ticket.status = try fields.text("status", "name")
        ticket.kind = try fields.text("issuetype", "name")
        for (place, label) in try fields.list("labels").enumerated() {
            guard let text = label.value.text else {
                throw fields.refused("labels[\(place)] is no text")
            }
            ticket.labels.append(text)
        }
        try read(item.list("changelog", "histories"), into: &ticket)
        return ticket
    }

    private static func read(
        _ histories: [ReportItem], into ticket: inout Ticket
    ) throws(LedgerError) {
        var moves: [(time: Timestamp?, line: String, to: String, person: HookPerson?)] = []
        for history in histories {
            let history = try history.checkedObject()
            let author = try person(history["author"])
            let time = try history.time("created")
            for change in try history.list("items") {
                let change = try change.checkedObject()
                guard try change.text("field") == "status" else { continue }
                let from = try change.text("fromString") ?? "?"
                let to = try change.text("toString") ?? "?"
                let who = author.map { " by \($0.name ?? $0.id)" } ?? ""
                let when = time.map { $0.utc + " " } ?? ""
                moves.append((time, "\(when)\(from) -> \(to)\(who)", to, author))
            }
        }
        // Jira gives the newest first, or last: by its version.
        moves.sort { ($0.time?.milliseconds ?? 0) < ($1.time?.milliseconds ?? 0) }
        ticket.history = moves.map(\.line)
        ticket.approver = moves.last { isApproval($0.to) }?.person
    }

    static func isApproval(_ status: String) -> Bool {
        let status = status.lowercased()
        func has(_ words: [String]) -> Bool {
            words.contains { word in status.utf8.count >= word.utf8.count && status.contains(word) }
        }
        return has(approving) && !has(refusing)
    }

    private static func description(_ fields: ReportItem) throws(LedgerError) -> String? {
        if case .object = fields.value["description"] {
            let text = plain(fields.value["description"]).trimmed
            return text.isEmpty ? nil : String(text)
        }
        return try fields.text("description")
    }

    /// The text of a document, a line for each of its blocks (Atlassian Document Format).
    private static func plain(_ node: HookValue) -> String {
        if let text = node["text"].text { return text }
        let inner = node["content"].array.map(plain).joined()
        switch node["type"].text {
        case "paragraph", "heading", "codeBlock", "listItem": return inner + "\n"
        case "hardBreak": return "\n"
        case "mention", "inlineCard", "emoji":
            return node["attrs", "text"].text ?? node["attrs", "url"].text ?? ""
        default: return inner
        }
    }

    private static func person(_ user: ReportItem) throws(LedgerError) -> HookPerson? {
        if user.value.isNull { return nil }
        let user = try user.checkedObject()
        let id = try user.text(either: ["emailAddress"], ["name"], ["accountId"])
        let isService = user.value["accountType"].text == "app"
        return HookPerson(id: id, name: try user.text("displayName"), isService: isService)
    }

    /// `https://acme.atlassian.net` of `https://acme.atlassian.net/rest/api/2/issue/10001`.
    private static func base(_ url: String) -> String? {
        url.range(ofLast: "/rest/api/").map { String(url[..<$0.lowerBound]) }
    }

    private static func host(_ base: String) -> String? {
        guard let scheme = base.range(ofLast: "://") else { return nil }
        return GitText.line(base[scheme.upperBound...], limit: 300)
    }

    static let examples = [
        TicketExample(
            "who asked, who approved and why",
            """
            {"startAt": 0, "total": 1, "issues": [{"id": "10001", "key": "OPS-7",
             "self": "https://acme.atlassian.net/rest/api/2/issue/10001", "fields": {
             "summary": "Index for orders", "description": "Slow: see orders:42",
             "reporter": {"displayName": "Ann", "emailAddress": "ann@example.com"},
             "created": "2026-01-02T03:04:05.000+0100", "status": {"name": "Done"},
             "issuetype": {"name": "Change"}, "labels": ["db", "emergency"]},
             "changelog": {"histories": [{"created": "2026-01-03T03:04:05.000+0100",
             "author": {"displayName": "Eve", "accountId": "5b10"}, "items": [{"field": "status",
             "fromString": "Waiting for approval", "toString": "Approved"}]}]}}]}
            """,
            [
                "type": "note", "source": "jira:acme.atlassian.net", "change.ticket": "OPS-7",
                "title": "Index for orders", "requestor.id": "ann@example.com",
                "requestor.name": "Ann", "actor.id": "5b10", "actor.name": "Eve",
                "time": "2026-01-02T02:04:05.000Z", "labels.ticket_status": "Done",
                "labels.ticket_labels": "db, emergency", "labels.ticket_approval": "approved",
                "labels.ticket_type": "Change", "about.0": "orders:42", "service": "orders",
                "links.ticket": "https://acme.atlassian.net/browse/OPS-7",
                "message":
                    "Slow: see orders:42\n\n"
                    + "2026-01-03T02:04:05.000Z Waiting for approval -> Approved by Eve",
            ]),
        TicketExample(
            "a document, of nobody",
            """
            [{"key": "OPS-8", "fields": {"summary": null, "description": {"type": "doc",
              "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text",
              "text": "Drop "}, {"type": "text", "text": "it"}]}]}, "reporter": null}}]
            """,
            ["type": "note", "source": "jira:jira", "title": "OPS-8", "message": "Drop it"]),
    ]
}
