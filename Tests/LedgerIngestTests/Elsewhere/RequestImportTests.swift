import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

/// Pull and merge requests of the past, and tickets.
@Suite struct RequestImportTests {
    struct Case: CustomTestStringConvertible {
        let kind: HookKind
        let example: RequestExample
        var testDescription: String { "\(kind.rawValue): \(example.name)" }
    }

    static let cases =
        GitHubRequests.examples.map { Case(kind: .github, example: $0) }
        + GitLabRequests.examples.map { Case(kind: .gitlab, example: $0) }

    static func scripts() throws -> ScriptServices {
        let service = GitImportOptions.Service(
            name: "orders", paths: ["migrations/**"], naming: try ChangeNaming())
        return try ScriptServices([service])
    }

    private static func text(_ path: String, in event: Event) -> String? {
        let members = event.members.merging(event.privateMembers)
        let parts = path.split(separator: ".").map(String.init)
        if parts[0] == "about" {
            let about = members["about"]?.array ?? []
            guard let place = Int(parts[1]), place < about.count else { return nil }
            return about[place].object?["change"]?.string
        }
        return members[parts]?.string
    }

    @Test(arguments: cases) func everyExampleBecomesWhatItSays(_ sample: Case) throws {
        let made = try RequestImport(
            from: sample.kind, Array(sample.example.text.utf8), scripts: Self.scripts())
        #expect(made.events.count == sample.example.expected.count, "\(made.events)")
        for (event, expected) in zip(made.events, sample.example.expected) {
            #expect(event.isDerived)
            #expect(event.attachments.map(\.name) == ["request"])
            for (path, value) in expected {
                #expect(Self.text(path, in: event) == value, "\(path) in \(event.members)")
            }
        }
    }

    /// An approval by webhook and the same one in the API's list are one.
    @Test func whatAWebhookToldIsMet() throws {
        for hook in GitHubHook.examples + GitLabHook.examples {
            let kind: HookKind = hook.body.contains("object_kind") ? .gitlab : .github
            let request = HookRequest(headers: hook.headers, body: Array(hook.body.utf8))
            let outcome = try Hook(kind).outcome(of: request, HookSamples.context())
            let told: Event
            switch outcome {
            case .events(let events): told = try #require(events.first)
            case .merge(let merge): told = merge.event
            case .ignored, .notUnderstood: continue
            }
            guard let text = Self.exports[told.id ?? ""] else { continue }
            let made = try RequestImport(
                from: kind, Array(text.utf8), scripts: Self.scripts(),
                repository: kind == .gitlab ? "https://gitlab.example.com/acme/orders" : nil)
            #expect(made.events.contains { $0.id == told.id }, "\(told.id ?? "")")
            if kind == .github, told.source == "github:github.com/acme/orders" {
                #expect(made.events.first?.source == told.source)
            }
        }
    }

    private static let exports = [
        "merge:12": """
        [{"number": 12, "html_url": "https://github.com/acme/orders/pull/12", "iid": 12,
          "web_url": "https://gitlab.example.com/acme/orders/-/merge_requests/12",
          "merged_at": "2026-01-02T03:04:05Z",
          "merge_commit_sha": "1111111111111111111111111111111111111111"}]
        """,
        "review:80:rejected": """
        {"id": 80, "state": "CHANGES_REQUESTED", "user": {"login": "eve"}, "html_url":
         "https://github.com/acme/orders/pull/12#pullrequestreview-80", "pull_request_url":
         "https://api.github.com/repos/acme/orders/pulls/12"}
        """,
        "review:80:withdrawn": """
        {"id": 80, "state": "DISMISSED", "user": {"login": "eve"}, "html_url":
         "https://github.com/acme/orders/pull/12#pullrequestreview-80", "pull_request_url":
         "https://api.github.com/repos/acme/orders/pulls/12"}
        """,
        "review:12:6:approved:1767323045000": """
        {"iid": 12, "project_id": 1, "approved_by": [{"user": {"id": 6, "username": "eve"},
         "approved_at": "2026-01-02T03:04:05.678Z"}]}
        """,
    ]

    @Test func nodesHoldTheNumbersOfTheAPI() {
        #expect(GitHubRequests.nodeNumber("PRR_kwDOAAAB9s5JlgLS") == "1234567890")
        #expect(GitHubRequests.nodeNumber("MDE3OlB1bGxSZXF1ZXN0UmV2aWV3ODA=") == "80")
        for other in ["PRR_", "PRR_!!", "x", "PRR_kwDO", "", "_", "PRR_kwDOAAAB9s5J"] {
            #expect(GitHubRequests.nodeNumber(other) == nil, "\(other)")
        }
    }

    @Test(arguments: [
        (HookKind.github, #"[{"number": 1}]"#, "item 1: of which repository"),
        (
            .github,
            #"[{"number": 1, "url": "https://github.com/a/b/pull/1", "reviews": [{"state": "X"}]}]"#,
            "item 1: reviews[0]: the state x is not known"
        ),
        (
            .github,
            #"[{"number": 1, "url": "https://github.com/a/b/pull/1", "mergedAt": "1.2.2026"}]"#,
            "item 1: mergedAt is no time"
        ),
        (
            .github,
            #"[{"number": 1, "url": "https://github.com/a/b/pull/1", "mergedAt": "2026-01-02T03:04:05Z"}]"#,
            "item 1: the commit that the merge became is missing"
        ),
        (
            .github, #"[{"number": 1, "url": "https://github.com/a/b/pull/1", "files": "x"}]"#,
            "item 1: files is no list"
        ),
        (.github, #"[{"number": 1, "title": {}}, {"#, "not valid JSON"),
        (.github, "7", "item 1 is no object"),
        (.gitlab, #"[{"iid": 1}]"#, "item 1: web_url is missing"),
        (.gitlab, #"[{"iid": 1, "approved_by": []}]"#, "item 1: of which project"),
        (.gitlab, #"[{"iid": 1, "web_url": "https://x/y"}]"#, "web_url is the page of no merge"),
        (
            .gitlab, #"{"iid": 1, "web_url": "https://h/a/b/-/merge_requests/1", "sha": []}"#,
            "item 1: sha is no text"
        ),
    ])
    func whatIsWrongIsNamed(_ kind: HookKind, _ text: String, _ words: String) throws {
        let scripts = try Self.scripts()
        let error = #expect(throws: LedgerError.self) {
            try RequestImport(from: kind, Array(text.utf8), scripts: scripts)
        }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func aServiceMustBeKnown() throws {
        let text = GitHubRequests.examples[1].text
        let error = #expect(throws: LedgerError.self) {
            try RequestImport(
                from: .github, Array(text.utf8), scripts: try ScriptServices([]))
        }
        #expect(error?.code == .usage)
    }

    @Test(arguments: [HookKind.github, .gitlab]) func garbageIsReadOrRefused(
        _ kind: HookKind
    ) throws {
        let scripts = try Self.scripts()
        var generator = SeededGenerator()
        for sample in Self.cases where sample.kind == kind {
            let bytes = Array(sample.example.text.utf8)
            for _ in 0..<500 {
                var changed = bytes
                let place = Int.random(in: bytes.indices, using: &generator)
                if Bool.random(using: &generator) {
                    changed = Array(bytes[..<place])
                } else {
                    changed[place] = UInt8.random(in: 0...255, using: &generator)
                }
                do throws(LedgerError) {
                    _ = try RequestImport(from: kind, changed, scripts: scripts)
                } catch {
                    #expect(
                        [.invalidEvent, .usage].contains(error.code),
                        "\(error), seed \(generator.seed)")
                }
            }
        }
    }

    // MARK: Tickets

    static let tickets = TicketExports.all.flatMap { export in export.examples }

    @Test(arguments: tickets.indices) func everyTicketBecomesWhatItSays(_ place: Int) throws {
        let example = Self.tickets[place]
        let made = try TicketImport(Array(example.text.utf8), scripts: Self.scripts())
        guard let expected = example.expected else {
            #expect(made.events.isEmpty)
            #expect(made.remarks.count == 1)
            return
        }
        let event = try #require(made.events.first)
        #expect(event.isDerived)
        for (path, value) in expected {
            #expect(Self.text(path, in: event) == value, "\(path) in \(example.name)")
        }
        let again = try TicketImport(Array(example.text.utf8), scripts: Self.scripts())
        #expect(again.events.map(\.id) == made.events.map(\.id))
    }

    @Test func statusesThatApproveAreToldFromThoseThatWait() {
        for status in ["Approved", "Ready for Deployment", "CAB approved", "Authorized"] {
            #expect(JiraTickets.isApproval(status), "\(status)")
        }
        for status in ["Waiting for approval", "Not approved", "To Do", "Done", "Unapproved", ""] {
            #expect(!JiraTickets.isApproval(status), "\(status)")
        }
    }

    @Test(arguments: [
        (#"[{"x": 1}]"#, "item 1: it is no ticket of jira, github, gitlab"),
        (#"{"issues": [{"key": "A-1", "fields": {"summary": 7}}]}"#, "summary is no text"),
        (#"[{"number": 1, "title": "x"}]"#, "item 1: url is the page of no issue"),
        (#"[{"key": "A-1", "fields": {"created": "yesterday"}}]"#, "created is no time"),
        (#"[{"key": "A-1", "fields": {"labels": [1]}}]"#, "labels[0] is no text"),
        ("{\"number\": 1}\n{\"number\":", "line 2 is no valid JSON"),
    ])
    func whatIsWrongWithATicketIsNamed(_ text: String, _ words: String) throws {
        let scripts = try Self.scripts()
        let error = #expect(throws: LedgerError.self) {
            try TicketImport(Array(text.utf8), scripts: scripts)
        }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func aPageOfASearchIsToldToBeOne() throws {
        let text = #"{"total": 3, "issues": [{"key": "A-1", "fields": {"summary": "x"}}]}"#
        let made = try TicketImport(Array(text.utf8), scripts: Self.scripts())
        #expect(made.remarks.first?.hasPrefix("this is 1 of the 3 issues") == true)
    }
}
