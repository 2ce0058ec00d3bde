import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

@Suite struct HookExampleTests {
    struct Case: CustomTestStringConvertible {
        let kind: HookKind
        let example: HookExample
        var testDescription: String { "\(kind.rawValue): \(example.name)" }
    }

    static let cases = HookKind.allCases.flatMap { kind in
        kind.adapter.examples.map { Case(kind: kind, example: $0) }
    }

    @Test(arguments: cases)
    func everyExampleBecomesWhatItSays(_ sample: Case) throws {
        let example = sample.example
        let request = HookRequest(headers: example.headers, body: Array(example.body.utf8))
        let outcome = try Hook(sample.kind).outcome(of: request, HookSamples.context())
        for (path, expected) in example.expected {
            var expected = expected
            // Gitea and Forgejo share their examples.
            if path == "source", sample.kind == .forgejo {
                expected = expected.replacing("gitea:", with: "forgejo:")
            }
            #expect(
                HookSamples.value(path, in: outcome) == expected,
                "\(path) in \(HookSamples.json(outcome))")
        }
    }

    @Test(arguments: cases)
    func everyEventIsDerivedAndCarriesTheHook(_ sample: Case) throws {
        let example = sample.example
        let headers = example.headers + [("Content-Type", "application/json; charset=utf-8")]
        let request = HookRequest(headers: headers, body: Array(example.body.utf8))
        let events: [Event] =
            switch try Hook(sample.kind).outcome(of: request, HookSamples.context()) {
            case .events(let events): events
            case .merge(let merge): [merge.event]
            case .ignored, .notUnderstood: []
            }
        for event in events {
            #expect(event.isDerived)
            #expect(event.string("trigger", "kind") == "webhook")
            #expect(event.attachments.map(\.name) == ["webhook"])
            #expect(event.attachments.first?.bytes == request.body)
            #expect(event.attachments.first?.mediaType == "application/json")
            #expect(event.privateMembers["attachment:webhook"] != nil)
        }
    }

    @Test func everyForgeHasAMergeAReviewAPushAndARequestThatWasNotMerged() {
        for kind in HookKind.allCases {
            let expected = kind.adapter.examples.map { example in
                Dictionary(example.expected.map { ($0.path, $0.value) }) { first, _ in first }
            }
            // Bytebase merges nothing.
            #expect(expected.contains { $0["type"] == "merge" } == (kind != .bytebase), "\(kind)")
            #expect(expected.contains { $0["type"] == "review" }, "\(kind)")
            #expect(expected.count { $0["ignored"] != nil } >= 2, "\(kind)")
        }
    }

    @Test func aHookLargerThanAnAttachmentIsLeftOut() throws {
        let filler = String(repeating: "x", count: EventSchema.attachmentByteLimit)
        let request = HookSamples.request(
            #"{"action": "created", "deployment": {"id": 1, "environment": "prod"}, "x": ""#
                + filler + #"", "repository": {"full_name": "acme/orders"}}"#,
            ("x-github-event", "deployment"))
        let outcome = try Hook(.github).outcome(of: request, HookSamples.context())
        guard case .events(let events) = outcome else {
            Issue.record("\(HookSamples.json(outcome))")
            return
        }
        #expect(events.map(\.attachments.count) == [0])
        #expect(events.first?.string("deployment", "status") == "started")
    }

    @Test func theDeliveryIsFoundWhereEachForgePutsIt() {
        let places: [(HookKind, String, String)] = [
            (.github, "X-GitHub-Delivery", "{}"), (.gitlab, "X-Gitlab-Event-UUID", "{}"),
            (.gitlab, "webhook-id", "{}"), (.gitlab, "Idempotency-Key", "{}"),
            (.gitea, "X-Gitea-Delivery", "{}"), (.forgejo, "X-Forgejo-Delivery", "{}"),
            (.bitbucket, "X-Request-UUID", "{}"), (.bitbucket, "X-Request-Id", "{}"),
            (.azure, "X-Other", #"{"id": "d-1"}"#),
        ]
        for (kind, header, body) in places {
            let request = HookSamples.request(body, (header.lowercased(), "d-1"))
            #expect(Hook(kind).deliveryID(of: request) == "d-1", "\(header)")
            #expect(Hook(kind).deliveryID(of: HookSamples.request("{")) == nil)
        }
    }

    @Test func aFormIsReadAndTheWholeOfItAttached() throws {
        let json =
            #"{"zen": "100% & a+b=ü \u00fc", "action": "opened", "repository": "#
            + #"{"full_name": "acme/orders"}}"#
        let escaped = json.utf8.map { byte in
            byte == 0x20 ? "+" : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        let form = "a=1&payload=" + escaped + "&b=2"
        let type = ("Content-Type", "Application/x-www-form-urlencoded; charset=utf-8")
        let value = try HookSamples.request(form, type).json()
        #expect(value["zen"].text == "100% & a+b=ü ü")
        let outcome = try Hook(.github).outcome(
            of: HookSamples.request(form, type, ("X-GitHub-Event", "pull_request")),
            HookSamples.context())
        #expect(HookSamples.value("ignored", in: outcome) == "pull_request opened")
        #expect(throws: LedgerError.self) { try HookSamples.request("a=1", type).json() }
    }

    @Test func aServiceIsFoundByAnyNameOfItsRepository() throws {
        let repository = try #require(
            HookRepository(
                url: "https://git.example.com:8443/Acme/Orders.git", fullName: "Acme/Orders"))
        for name in [
            "acme/orders", "git.example.com/acme/orders", "git@git.example.com:acme/orders.git",
            "ssh://git@git.example.com:2222/acme/orders", "https://git.example.com/acme/orders",
        ] {
            let context = try HookContext(services: [(name, "shop"), (name, "shop")])
            #expect(context.services(of: repository) == ["shop"], "\(name)")
        }
        for name in ["acme/order", "other.example.com/acme/orders", "orders"] {
            let context = try HookContext(services: [(name, "shop")])
            #expect(context.services(of: repository).isEmpty, "\(name)")
        }
        let any = try HookContext(services: [], isRepositoryAService: true)
        #expect(any.services(of: repository) == ["Orders"])
        #expect(throws: LedgerError.self) { try HookContext(services: [], ticketPattern: "(") }
    }

    @Test func severalServicesOfOneRepositoryAreNotMixedUp() throws {
        let context = try HookContext(
            services: [("acme/orders", "orders"), ("acme/orders", "billing")],
            environments: [
                "prod-eu": Target(service: "billing", environment: "prod", region: "eu")
            ])
        let examples = GitHubHook.examples
        let merged = HookRequest(headers: examples[0].headers, body: Array(examples[0].body.utf8))
        let outcome = try Hook(.github).outcome(of: merged, context)
        guard case .merge(let merge) = outcome else {
            Issue.record("\(HookSamples.json(outcome))")
            return
        }
        #expect(merge.services == ["orders", "billing"])
        #expect(merge.event.type == .note)
        #expect(merge.event.target == Target())
        func deployment(_ environment: String) throws -> HookOutcome {
            try Hook(.github).outcome(
                of: HookSamples.request(
                    """
                    {"action": "created", "deployment": {"id": 1, "environment": "\(environment)"},
                    "repository": {"full_name": "acme/orders"}}
                    """, ("X-GitHub-Event", "deployment")), context)
        }
        #expect(
            HookSamples.value("notUnderstood", in: try deployment("prod"))
                == "a deployment from acme/orders, which is of several services")
        let known = try deployment("prod-eu")
        #expect(HookSamples.value("service", in: known) == "billing")
        #expect(HookSamples.value("environment", in: known) == "prod")
        #expect(HookSamples.value("region", in: known) == "eu")
    }
}
