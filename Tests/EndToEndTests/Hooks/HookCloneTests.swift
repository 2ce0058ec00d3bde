import Foundation
import LedgerCore
import TestSupport
import Testing

/// Merges whose scripts are found in a clone.
@Suite struct HookCloneTests {
    /// The changes of all merges, as their tool calls them, in the order of the ledger.
    private func changes(_ hooked: HookedLedger) throws -> [String] {
        let lines = try hooked.ledger.output("log", "-o", "ndjson").split(separator: "\n")
        let entries = try lines.map { try #require(try JSONReader.read(Array($0.utf8)).object) }
        let inOrder = entries.sorted { ($0["index"]?.integer ?? 0) < ($1["index"]?.integer ?? 0) }
        return inOrder.map { $0[["event", "change", "id"]]?.string ?? "none" }
    }

    @Test func aMergeBecomesTheScriptsThatItBrought() throws {
        let git = try GitFolder()
        let hooked = try HookedLedger(clone: git.clone)
        var served = try hooked.serve()
        // Its hook never came.
        try git.merge(["migrations/V1__a.sql": "A"])
        let commit = try git.merge([
            "migrations/V2__b.sql": "B", "migrations/V3__c.sql": "C", "notes.md": "x",
        ])
        let body = GitHubBody.closed(7, commit: commit)
        let answer = try served.deliver(body, id: "d-1")
        #expect(answer.status == 201 && answer.outcome == "recorded", "\(answer) \(served.log)")
        #expect(answer.receipts.count == 2)
        #expect(try changes(hooked) == ["1", "2", "3"])
        let row = try #require(try hooked.ledger.rows("--type", "merge", "--change", "3").first)
        #expect("\(row)".contains("pull/7") && "\(row)".contains("Create orders"), "\(row)")
        let shown = try hooked.ledger.output("show", "2", "-o", "json")
        #expect(shown.contains(#""path":"migrations/V3__c.sql""#), "\(shown)")

        // Killed, and sent again: each once.
        served.end(SIGKILL)
        served = try hooked.serve()
        let again = try served.deliver(body, id: "d-1")
        #expect(again.status == 200 && again.receipts == answer.receipts.map { repeated($0) })
        let next = try git.merge(["migrations/V4__d.sql": "D"])
        let last = try served.deliver(GitHubBody.closed(8, commit: String(next.prefix(12))))
        #expect(last.status == 201 && last.receipts.count == 1, "\(last) \(served.log)")
        #expect(served.end().exitCode == 0)
        #expect(try changes(hooked) == ["1", "2", "3", "4"])
        // The import by hand knows them all.
        let imported = try hooked.ledger.run(
            "import", "git", git.clone, "--service", "orders", "--paths", "migrations/**",
            "--tool", "flyway")
        #expect(imported.status == 0, "\(imported.standardError)")
        #expect(try changes(hooked).count == 4)
        try hooked.ledger.output("verify")
    }

    private func repeated(_ receipt: JSONObject) -> JSONObject {
        var receipt = receipt
        receipt["repeated"] = true
        return receipt
    }

    @Test func aMergeWithoutScriptsAndARequestWithoutMergeAreNothing() throws {
        let git = try GitFolder()
        let hooked = try HookedLedger(clone: git.clone)
        let served = try hooked.serve()
        let commit = try git.merge(["notes.md": "x"])
        let answer = try served.deliver(GitHubBody.closed(1, commit: commit))
        #expect(answer.status == 202 && answer.outcome == "ignored", "\(answer) \(served.log)")
        let closed = GitHubBody.closed(2, commit: commit, isMerged: false)
        #expect(try served.deliver(closed).outcome == "ignored")
        #expect(try hooked.ledger.count() == 0)
    }

    // Git can't tell such a commit from one straight on the branch: only the hook knows.
    @Test func aRebasedRequestIsItsLastCommitAndTheRequestItself() throws {
        let git = try GitFolder()
        let hooked = try HookedLedger(clone: git.clone)
        let served = try hooked.serve()
        for number in 1...2 {
            let commit = try git.commit(["migrations/V\(number)__a.sql": "A\(number)"])
            let answer = try served.deliver(GitHubBody.closed(number, commit: commit))
            #expect(answer.status == 201 && answer.receipts.count == 2, "\(answer) \(served.log)")
        }
        #expect(try changes(hooked) == ["1", "none", "2", "none"])
    }

    @Test func aMergeIntoAnotherBranchBringsItsOwnScriptsAlone() throws {
        let git = try GitFolder()
        try git.merge(["migrations/V1__a.sql": "A"])
        try git.git("branch", "release")
        let hooked = try HookedLedger(clone: git.clone)
        let served = try hooked.serve()
        let commit = try git.merge(["migrations/V2__b.sql": "B"], into: "release")
        let answer = try served.deliver(GitHubBody.closed(3, commit: commit, branch: "release"))
        #expect(answer.status == 201 && answer.receipts.count == 1, "\(answer) \(served.log)")
        #expect(try changes(hooked) == ["2"])
    }

    @Test func whatGitCanNotBringIsRecordedWithoutItsScriptsUntilItCan() throws {
        let git = try GitFolder()
        let hooked = try HookedLedger(clone: git.clone)
        let served = try hooked.serve()
        let commit = try git.merge(["migrations/V1__a.sql": "A"])
        let aside = git.folder.file("aside")
        try FileManager.default.moveItem(atPath: git.origin, toPath: aside)
        let lost = try served.deliver(GitHubBody.closed(1, commit: commit))
        #expect(lost.status == 201 && lost.receipts.count == 1, "\(lost)")
        let line = try #require(served.line(containing: "a merge was recorded without its scripts"))
        #expect(line.contains("git fetch failed"), "\(line)")
        #expect(try changes(hooked) == ["none"])
        try FileManager.default.moveItem(atPath: aside, toPath: git.origin)
        // A commit that is on no branch.
        let absent = try served.deliver(
            GitHubBody.closed(2, commit: String(repeating: "b", count: 40)))
        #expect(absent.status == 201 && absent.receipts.count == 1)
        #expect(try changes(hooked) == ["none", "1", "none"])
    }

    @Test func aForgeIsAnsweredBeforeItGivesUpAndTheScriptsFollow() throws {
        let git = try GitFolder()
        let seen = try git.holdFetches()
        let hooked = try HookedLedger(clone: git.clone, more: "limits: {hook-seconds: 1}")
        let served = try hooked.serve()
        let commit = try git.merge(["migrations/V1__a.sql": "A"])
        let body = GitHubBody.closed(1, commit: commit)
        let answer = try served.deliver(body, id: "d-1")
        #expect(answer.status == 202 && answer.outcome == "accepted", "\(answer)")
        #expect(answer.receipts.count == 1)
        #expect(try changes(hooked) == ["none"])
        try git.release()
        // Each waits for the same work, up to a second.
        var last = answer
        for _ in 0..<60 where last.outcome == "accepted" {
            last = try served.deliver(body, id: "d-1")
        }
        #expect(last.status == 200 && last.outcome == "recorded", "\(last) \(served.log)")
        #expect(try changes(hooked) == ["none", "1"])
        // What Git and the commands that it starts get to know.
        let variables = try String(contentsOfFile: seen, encoding: .utf8)
        #expect(variables.contains("GIT_TERMINAL_PROMPT=0"))
        #expect(!variables.contains("ecret-7"))
    }

    @Test func whatWasAcceptedOutlivesAKillAndIsFoundWhenItComesAgain() throws {
        let git = try GitFolder()
        _ = try git.holdFetches()
        let hooked = try HookedLedger(clone: git.clone, more: "limits: {hook-seconds: 0}")
        var served = try hooked.serve()
        let commit = try git.merge(["migrations/V1__a.sql": "A"])
        let body = GitHubBody.closed(1, commit: commit)
        let answer = try served.deliver(body, id: "d-1")
        #expect(answer.status == 202 && answer.receipts.count == 1, "\(answer)")
        served.end(SIGKILL)
        #expect(try changes(hooked) == ["none"])
        // Of the killed service's own fetch, which goes on without it.
        try git.release()
        try git.configureClone("remote.origin.uploadpack", "git-upload-pack")
        try hooked.change("hook-seconds: 0", to: "hook-seconds: 60")
        served = try hooked.serve()
        let again = try served.deliver(body, id: "d-1")
        #expect(again.outcome == "recorded", "\(again) \(served.log)")
        let all = try changes(hooked)
        #expect(all.filter { $0 == "1" }.count == 1 && all.filter { $0 == "none" }.count == 1)
        try hooked.ledger.output("verify")
    }

    @Test func aFetchThatHangsIsEndedInItsTime() throws {
        let git = try GitFolder()
        let seen = try git.holdFetches()
        let hooked = try HookedLedger(
            clone: git.clone, more: "limits: {fetch-seconds: 1, hook-seconds: 60}")
        let served = try hooked.serve()
        let commit = try git.merge(["migrations/V1__a.sql": "A"])
        let answer = try served.deliver(GitHubBody.closed(1, commit: commit))
        #expect(answer.status == 201 && answer.receipts.count == 1, "\(answer)")
        #expect(served.line(containing: "took more than 1 s") != nil)
        let text = try String(contentsOfFile: seen, encoding: .utf8)
        let process = try #require(text.split(separator: "\n").first.flatMap { Int32($0) })
        // Gone, or, until its new parent takes note, dead.
        let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        #expect(state?.contains(") Z ") ?? true)
        try git.configureClone("remote.origin.uploadpack", "git-upload-pack")
        let next = try served.deliver(GitHubBody.closed(1, commit: commit))
        #expect(next.outcome == "recorded", "\(next) \(served.log)")
        #expect(try changes(hooked) == ["none", "1"])
    }

    @Test func theServiceEndsThoughGitHangs() throws {
        let git = try GitFolder()
        _ = try git.holdFetches()
        let hooked = try HookedLedger(
            clone: git.clone, more: "limits: {hook-seconds: 0, drain-seconds: 1}")
        let served = try hooked.serve()
        let commit = try git.merge(["migrations/V1__a.sql": "A"])
        let answer = try served.deliver(GitHubBody.closed(1, commit: commit))
        #expect(answer.status == 202)
        #expect(served.end().exitCode == 0)
        #expect(try changes(hooked) == ["none"])
    }
}
