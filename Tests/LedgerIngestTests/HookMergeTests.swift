import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

/// A hook and the import from a clone of the same repository.
@Suite struct HookMergeTests {
    private func merge(_ commit: String, title: String = "Create orders") throws -> HookMerge {
        let request = HookSamples.request(
            """
            {"action": "closed", "pull_request": {"number": 7, "merged": true, "title": "\(title)",
             "merge_commit_sha": "\(commit)", "html_url": "https://github.com/acme/orders/pull/7",
             "merged_by": {"login": "bob"}, "user": {"login": "ann"}, "base": {"ref": "main"},
             "head": {"ref": "feature/OPS-7-x"}}, "repository": {"full_name": "acme/orders",
             "clone_url": "https://github.com/acme/orders.git"}}
            """, ("X-GitHub-Event", "pull_request"))
        let outcome = try Hook(.github).outcome(of: request, HookSamples.context())
        guard case .merge(let merge) = outcome else {
            throw LedgerError(.internal, "\(HookSamples.json(outcome))")
        }
        return merge
    }

    @Test func theImportsEventsGetWhatOnlyTheForgeKnows() throws {
        let repository = try GitTestRepository()
        try repository.commit(["README.md": "shop"], "begin")
        try repository.git("remote", "add", "origin", "git@GitHub.com:acme/orders.git")
        // Squashed by GitHub: Git names nobody who merged.
        let commit = try repository.commit(
            ["migrations/V1__a.sql": "A", "migrations/V2__b.sql": "B"], "Create (#7)",
            committer: .gitHub)
        let git = try repository.importing()
        let merge = try merge(commit)
        #expect(merge.importSource == git.source)
        #expect(merge.ref == git.ref)
        let (events, _) = try git.all()
        #expect(events.count == 2)
        for event in events {
            #expect(event.string("git", "commit") == merge.commit)
            let completed = try merge.completing(event)
            // The same source and id: the import and the hook meet, whichever comes first.
            #expect(completed.source == event.source && completed.id == event.id)
            #expect(completed.isDerived)
            #expect(completed.type == .merge)
            #expect(completed.person("actor") == "bob")
            #expect(completed.person("author") == "ann@example.com")
            #expect(completed.privateText("title") == "Create orders")
            #expect(completed.string("change", "ticket") == "OPS-7")
            #expect(completed.string("change", "id") == event.string("change", "id"))
            #expect(completed.string("change", "digest") == event.string("change", "digest"))
            #expect(completed.string("trigger", "kind") == "webhook")
            #expect(completed.string("trigger", "tool") == "github")
            #expect(
                completed.string("links", "pull_request") == "https://github.com/acme/orders/pull/7"
            )
            #expect(completed.attached("script") == event.attached("script"))
            #expect(completed.attachments.map(\.name).sorted() == ["script", "webhook"])
        }
    }

    @Test func whatGitKnowsOfPeopleStays() throws {
        let repository = try GitTestRepository()
        try repository.commit(["README.md": "shop"], "begin")
        let commit = try repository.merge(
            ["migrations/V1__a.sql": "A"], "Merge pull request #7 from acme/x\n\nTicket: OPS-9")
        let event = try #require(try repository.importing().all().events.first)
        let completed = try merge(commit).completing(event)
        #expect(completed.person("actor") == "bob@example.com")
        #expect(completed.privateText("message") == "Ticket: OPS-9")
        #expect(completed.string("change", "ticket") == "OPS-9")
    }

    // The import goes on from the newest merge of its source: an event without scripts there would
    // hide those that were never read.
    @Test func theMergeWithoutScriptsIsNotOfTheImportsSource() throws {
        let merge = try merge(String(repeating: "1", count: 40))
        #expect(merge.event.source == "github:github.com/acme/orders")
        #expect(merge.event.source != merge.importSource)
        #expect(merge.event.string("change", "id") == nil)
    }

    @Test func theSameMergeSentAgainIsTheSameEvent() throws {
        let commit = String(repeating: "1", count: 40)
        let (first, second) = (try merge(commit), try merge(commit, title: "Another title"))
        #expect(first.event.id == second.event.id)
        #expect(first.event.source == second.event.source)
    }
}
