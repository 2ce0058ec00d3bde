import Foundation
import LedgerCore
import TestSupport
import Testing

@Suite struct HookRouteTests {
    private static let commit = String(repeating: "1", count: 40)

    @Test func aDeliveryIsRecordedOnceHoweverOftenItComes() throws {
        let hooked = try HookedLedger()
        var served = try hooked.serve()
        let body = GitHubBody.deployed(1)
        let first = try served.deliver(body, event: "deployment_status", id: "d-1")
        #expect(first.status == 201 && first.outcome == "recorded", "\(first)")
        let again = try served.deliver(body, event: "deployment_status", id: "d-1")
        #expect(again.status == 200 && again.body == first.body)
        #expect(
            try served.metric(
                #"ledger_hook_deliveries_total{forge="github",outcome="repeated"}"#) == "1")
        // Forgotten, or under another name, it is known by its event.
        served.end(SIGKILL)
        served = try hooked.serve()
        for id in ["d-1", "d-2"] {
            let later = try served.deliver(body, event: "deployment_status", id: id)
            #expect(later.status == 200 && later.receipts.first?["repeated"] == true, "\(later)")
            #expect(later.receipts.first?["hash"] == first.receipts.first?["hash"])
        }
        let other = GitHubBody.deployed(2, state: "failure")
        #expect(try served.deliver(other, event: "deployment_status", id: "d-1").status == 201)
        #expect(served.end().exitCode == 0)
        #expect(try hooked.ledger.count() == 2)
        let shown = try hooked.ledger.output("show", "0", "-o", "json")
        #expect(shown.contains(#""principal":{"id":"github","kind":"hook"}"#), "\(shown)")
        #expect(shown.contains(#""environment":"prod""#))
        try hooked.ledger.output("verify")
    }

    @Test func whoHasNoneOfTheSecretsIsRefused() throws {
        let hooked = try HookedLedger()
        let served = try hooked.serve()
        let body = GitHubBody.closed(1, commit: Self.commit)
        for secret in ["Old-secret-7", "Old-secret-711", nil] {
            let answer = try served.deliver(body, secret: secret)
            #expect(answer.status == 401 && answer.json["code"] == "not-authenticated")
            #expect(!answer.body.contains("ecret-7"))
        }
        // A good signature, over other bytes.
        let signed =
            "X-Hub-Signature-256: sha256="
            + "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        let other = try served.request(
            "POST", "/v1/hooks/github", headers: [signed], body: Data(body.utf8))
        #expect(other.status == 401)
        for path in ["/v1/hooks/gitlab", "/v1/hooks/github/other", "/v1/hooks/none"] {
            #expect(try served.deliver(body, path: path).status == 404, "\(path)")
        }
        #expect(try served.metric("ledger_authentication_failures_total") == "4")
        #expect(
            try served.metric(
                #"ledger_hook_deliveries_total{forge="github",outcome="refused"}"#) == "4")
        #expect(try hooked.ledger.count() == 0)
        #expect(!served.log.contains("ecret-7"))
    }

    @Test func bothSecretsFitWhileOneIsChangedForTheOther() throws {
        let hooked = try HookedLedger()
        let served = try hooked.serve()
        for (number, secret) in [HookedLedger.secret, HookedLedger.newSecret].enumerated() {
            let body = GitHubBody.closed(number, commit: Self.commit)
            #expect(try served.deliver(body, secret: secret).status == 201)
        }
    }

    @Test func whatIsNotKeptIsAnsweredAndWhatIsNotUnderstoodIsCountedToo() throws {
        let hooked = try HookedLedger()
        let served = try hooked.serve()
        let closed = GitHubBody.closed(
            1, commit: Self.commit, isMerged: false, title: "Confidential-title")
        let ignored = try served.deliver(closed)
        #expect(ignored.status == 202 && ignored.outcome == "ignored", "\(ignored)")
        let strange = #"{"action": "closed", "pull_request": {"title": "Confidential-title"}}"#
        for id in ["d-1", "d-2"] {
            let answer = try served.deliver(strange, id: id)
            #expect(answer.status == 202 && answer.outcome == "not-understood", "\(answer)")
            #expect(answer.json["reason"]?.string?.isEmpty == false)
        }
        let repeated = try served.deliver(strange, id: "d-2")
        #expect(repeated.status == 200 && repeated.outcome == "not-understood")
        #expect(try served.deliver("{", id: "d-3").status == 422)
        let counts = ["ignored": "1", "not-understood": "2", "repeated": "1", "failed": "1"]
        for (outcome, count) in counts {
            let name = "ledger_hook_deliveries_total{forge=\"github\",outcome=\"\(outcome)\"}"
            #expect(try served.metric(name) == count, "\(outcome)")
        }
        #expect(served.line(containing: "a webhook was not understood")?.contains("d-1") == true)
        #expect(!served.log.contains("Confidential"))
        #expect(try hooked.ledger.count() == 0)
    }

    @Test func aMergeWithoutACloneIsRecordedAsItIs() throws {
        let hooked = try HookedLedger()
        let served = try hooked.serve()
        let answer = try served.deliver(GitHubBody.closed(7, commit: Self.commit))
        #expect(answer.status == 201 && answer.receipts.count == 1)
        let row = try #require(try hooked.ledger.rows("--type", "merge").first)
        let text = "\(row)"
        #expect(text.contains("pull/7") && text.contains("Create orders") && text.contains("bob"))
    }

    @Test func severalHooksOfOneKindAreToldApartByTheirNames() throws {
        let hooked = try HookedLedger(
            more: """
                  - {kind: gitlab, name: shop, services: repository, secrets: [{secret: Token-1}]}
                  - {kind: gitlab, name: bank, services: repository, secrets: [{secret: Token-2}]}
                """)
        let served = try hooked.serve()
        let body = """
            {"object_kind": "merge_request", "user": {"username": "bob"},
             "project": {"path_with_namespace": "acme/billing",
             "git_http_url": "https://gitlab.example.com/acme/billing.git"},
             "object_attributes": {"iid": 3, "action": "merge", "state": "merged", "title": "x",
             "url": "https://gitlab.example.com/acme/billing/-/merge_requests/3",
             "merge_commit_sha": "\(Self.commit)", "target_branch": "main"}}
            """
        func send(_ name: String, _ token: String) throws -> RunningService.Answer {
            try served.request(
                "POST", "/v1/hooks/gitlab/" + name,
                headers: [
                    "Content-Type: application/json", "X-Gitlab-Event: Merge Request Hook",
                    "X-Gitlab-Token: " + token,
                ],
                body: Data(body.utf8))
        }
        #expect(try send("bank", "Token-1").status == 401)
        let taken = try send("shop", "Token-1")
        #expect(taken.status == 201, "\(taken) \(served.log)")
        #expect(try send("other", "Token-1").status == 404)
        // Of no hook that is named as its kind alone.
        let path = "/v1/hooks/gitlab"
        #expect(try served.request("POST", path, body: Data(body.utf8)).status == 404)
        let shown = try hooked.ledger.output("show", "0", "-o", "json")
        #expect(shown.contains(#""principal":{"id":"gitlab/shop","kind":"hook"}"#), "\(shown)")
        #expect(shown.contains(#""service":"billing""#), "\(shown)")
    }

    @Test func theLargestBodyIsOfTheSettings() throws {
        let hooked = try HookedLedger(more: "limits: {body-bytes: 1024}")
        let served = try hooked.serve()
        let long = GitHubBody.closed(
            1, commit: Self.commit, title: String(repeating: "x", count: 2000))
        #expect(try served.deliver(long).status == 413)
        #expect(try served.deliver(GitHubBody.closed(2, commit: Self.commit)).status == 201)
    }
}
