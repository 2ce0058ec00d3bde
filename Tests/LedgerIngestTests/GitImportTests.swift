import Foundation
import LedgerCore
import LedgerCrypto
import LedgerIngest
import TestSupport
import Testing

struct GitImportTests {
    let repository: GitTestRepository

    init() throws {
        repository = try GitTestRepository()
        try repository.commit(["README.md": "shop"], "begin")
    }

    @Test func tellsWhoMergedAndWhoWroteAScript() throws {
        try repository.git("remote", "add", "origin", "https://u:pw@GitHub.com/acme/shop.git")
        let merge = try repository.merge(
            ["migrations/V1__create.sql": "CREATE TABLE a (id int);\n", "README.md": "more"],
            branch: "feature/ABC-12-create",
            "Merge pull request #7 from acme/ABC-12-create\n\nCreate a\n\n"
                + "Rollback-Strategy: Forward-Fix"
        )
        let head = try repository.git("rev-parse", "HEAD^2")
        let git = try repository.importing()
        let (events, report) = try git.all()
        let event = try #require(events.first)
        #expect(events.count == 1)
        #expect(git.source == "git:github.com/acme/shop")
        #expect(event.source == "git:github.com/acme/shop")
        #expect(event.id == merge + ":migrations/V1__create.sql")
        #expect(event.type == .merge)
        #expect(event.isDerived)
        #expect(event.string("service") == "orders")
        #expect(event.person("actor") == "bob@example.com")
        #expect(event.person("author") == "ann@example.com")
        #expect(event.privateText("title") == "Merge pull request #7 from acme/ABC-12-create")
        #expect(event.privateText("message") == "Create a\n\nRollback-Strategy: Forward-Fix")
        #expect(event.string("time") == "2026-01-01T00:03:00.000Z")
        #expect(event.string("change", "id") == "1")
        #expect(event.string("change", "name") == "V1__create")
        #expect(event.string("change", "tool") == "flyway")
        #expect(event.string("change", "ticket") == "ABC-12")
        #expect(event.attached("script") == "CREATE TABLE a (id int);\n")
        #expect(
            event.string("change", "digest")
                == Attachment.text(of: SHA256.hash(Array("CREATE TABLE a (id int);\n".utf8))))
        #expect(event.string("git", "repository") == "https://GitHub.com/acme/shop.git")
        #expect(event.string("git", "commit") == merge)
        #expect(event.string("git", "head_commit") == head)
        #expect(event.string("git", "ref") == "refs/heads/main")
        #expect(event.string("git", "path") == "migrations/V1__create.sql")
        let blob = try repository.git("rev-parse", "HEAD:migrations/V1__create.sql")
        #expect(event.string("git", "blob") == blob)
        #expect(event.members[["git", "signed"]]?.bool == false)
        #expect(event.string("rollback", "strategy") == "forward_fix")
        #expect(event.string("trigger", "kind") == "git")
        #expect(event.string("labels", "git") == "added")
        #expect(event.string("links", "pull_request") == "https://github.com/acme/shop/pull/7")
        #expect(report.merges == 1)
        #expect(report.events == 1)
        #expect(report.commits == 2)
        #expect(report.remarks.isEmpty)
    }

    @Test func namesTheOneWhoPressedTheButtonAtAForge() throws {
        try repository.merge(
            ["migrations/a.sql": "A"], merger: .gitHub, mergeAuthor: .bob)
        try repository.commit(
            ["migrations/b.sql": "B"], "Add b (#8)\n\n* one\n\nTicket: INC-9\n\n* two",
            author: .ann,
            committer: .gitHub)
        let events = try repository.importing().all().events
        #expect(events.map { $0.string("change", "id") } == ["a", "b"])
        #expect(events.map { $0.person("actor") } == ["bob@example.com", "noreply@github.com"])
        #expect(events.map { $0.person("author") } == ["ann@example.com", "ann@example.com"])
        #expect(events[1].privateMembers[["actor", "kind"]]?.string == "service")
        #expect(events[1].string("change", "ticket") == "INC-9")
        #expect(events[1].string("git", "head_commit") == nil)
    }

    @Test func takesASquashByItsMessageAndLeavesDirectCommitsOut() throws {
        try repository.commit(
            ["migrations/a.sql": "A"], "Add a (#8)", author: .ann, committer: .bob)
        try repository.commit(["migrations/b.sql": "B"], "Add b\n\nSee merge request g/p!12")
        try repository.commit(["migrations/c.sql": "C"], "Add c straight")
        let (events, report) = try repository.importing().all()
        #expect(events.map { $0.string("change", "id") } == ["a", "b"])
        #expect(events.map { $0.person("actor") } == ["bob@example.com", "ann@example.com"])
        #expect(report.directCommits == 1)
        #expect(
            report.remarks == [
                "1 commit straight on main brings scripts and was left out (--direct imports it)"
            ])
        let direct = try repository.importing(direct: true).all()
        #expect(direct.events.map { $0.string("change", "id") } == ["a", "b", "c"])
        #expect(direct.report.directCommits == 0)
    }

    @Test func importsTheFirstCommitOfAllWhenDirectCommitsCount() throws {
        let fresh = try GitTestRepository()
        try fresh.commit(["migrations/a.sql": "A", "migrations/sub/b.sql": "B"])
        let events = try fresh.importing(direct: true).all().events
        #expect(
            events.map { $0.string("git", "path") } == ["migrations/a.sql", "migrations/sub/b.sql"])
    }

    @Test func tellsEventsOldestFirst() throws {
        for number in 1...5 { try repository.merge(["migrations/V\(number)__x.sql": "\(number)"]) }
        let events = try repository.importing().all().events
        #expect(events.map { $0.string("change", "id") } == ["1", "2", "3", "4", "5"])
    }

    @Test func findsTheAuthorOfEachScriptOfALongBranch() throws {
        try repository.git("checkout", "-q", "-b", "long")
        try repository.commit(
            ["migrations/a.sql": "A"], "one\n\nRollback-Strategy: irreversible", author: .ann)
        try repository.commit(["migrations/b.sql": "B"], "two", author: .bob)
        try repository.commit(["other.txt": "x"], "three", author: .ann)
        // What came to main meanwhile and into the branch is not the branch's.
        try repository.git("checkout", "-q", "main")
        try repository.merge(["migrations/c.sql": "C"], author: .bob)
        try repository.git("checkout", "-q", "long")
        try repository.git("merge", "-q", "--no-ff", "-m", "catch up", "main")
        let merge = try repository.merge(branches: "long", merger: .ann)
        let events = try repository.importing().all().events.filter {
            $0.string("git", "commit") == merge
        }
        #expect(events.map { $0.string("change", "id") } == ["a", "b"])
        #expect(events.map { $0.person("author") } == ["ann@example.com", "bob@example.com"])
        #expect(events.map { $0.string("rollback", "strategy") } == ["irreversible", nil])
    }

    @Test func namesTheMergerAsAuthorOfWhatTheMergeItselfMade() throws {
        try repository.git("checkout", "-q", "-b", "work")
        try repository.commit(["x.txt": "x"])
        try repository.git("checkout", "-q", "main")
        try repository.git("merge", "-q", "--no-ff", "--no-commit", "work")
        try repository.write(Data("E".utf8), to: "migrations/evil.sql")
        try repository.git("add", "-A")
        try repository.git("commit", "-q", "-m", "Merge branch 'work'", author: .bob)
        let event = try #require(try repository.importing().all().events.first)
        #expect(event.string("change", "id") == "evil")
        #expect(event.person("author") == "bob@example.com")
    }

    @Test func takesBothSidesOfAnOctopus() throws {
        for (branch, author) in [("one", GitTestRepository.Person.ann), ("two", .bob)] {
            try repository.git("checkout", "-q", "-b", branch, "main")
            try repository.commit(["migrations/\(branch).sql": branch], author: author)
        }
        try repository.merge(branches: "one", "two")
        let heads = [
            try repository.git("rev-parse", "one"), try repository.git("rev-parse", "two"),
        ]
        let events = try repository.importing().all().events
        #expect(events.map { $0.string("change", "id") } == ["one", "two"])
        #expect(events.map { $0.string("git", "head_commit") } == heads)
        #expect(events.map { $0.person("author") } == ["ann@example.com", "bob@example.com"])
    }

    @Test func tellsChangesRenamesAndDeletions() throws {
        try repository.merge([
            "migrations/V1__a.sql": "A", "migrations/V2__b.sql": "B", "migrations/V3__c.sql": "C",
            "migrations/V4__d.sql": "D",
        ])
        try repository.merge(
            [
                "migrations/V1__a.sql": "A edited", "migrations/V2__b.sql": nil,
                "migrations/V3__c.sql": nil, "migrations/old/V3__c.sql": "C edited",
                "migrations/V4__d.sql": nil, "migrations/V5__d.sql": "D",
            ], author: .ann)
        let events = try repository.importing().all().events.dropFirst(4)
        func texts(_ path: [String]) -> [String?] { events.map { $0.members[path]?.string } }
        #expect(texts(["change", "id"]) == ["1", "2", "4", "5", "3"])
        #expect(
            texts(["labels", "git"]) == ["changed", "deleted", "deleted", "renamed", "renamed"])
        #expect(
            texts(["labels", "git_old_path"])
                == [nil, nil, nil, "migrations/V4__d.sql", "migrations/V3__c.sql"])
        #expect(
            texts(["labels", "git_new_path"]) == [nil, nil, "migrations/V5__d.sql", nil, nil])
        #expect(
            events.map { $0.attached("script") } == ["A edited", nil, nil, "D", "C edited"])
        #expect(events.allSatisfy { $0.person("author") == "ann@example.com" })
        #expect(events.allSatisfy { $0.type == .merge })
        let deleted = try #require(events.first { $0.string("change", "id") == "2" })
        #expect(deleted.string("change", "digest") == nil)
        #expect(deleted.string("git", "blob") == nil)
    }

    @Test func attachesTheScriptThatUndoesAChange() throws {
        try repository.merge([
            "migrations/V1__a.sql": "CREATE", "migrations/U1__a.sql": "DROP",
            "migrations/R__v.sql": "VIEW",
        ])
        let events = try repository.importing().all().events
        #expect(events.map { $0.string("change", "id") } == ["R__v", "1"])
        #expect(events[0].members[["change", "repeatable"]]?.bool == true)
        #expect(events[1].attached("script") == "CREATE")
        #expect(events[1].attached("rollback_script") == "DROP")
        #expect(events[1].string("rollback", "strategy") == "reversible")
    }

    @Test func attachesTheSectionOfAScriptThatUndoesItsRest() throws {
        let script = "-- +goose Up\nCREATE;\n-- +goose Down\nDROP;\n"
        try repository.merge(["migrations/20260101_a.sql": script])
        let event = try #require(try repository.importing(tool: .goose).all().events.first)
        #expect(event.attached("script") == script)
        #expect(event.attached("rollback_script") == "DROP;\n")
        #expect(event.string("rollback", "strategy") == "reversible")
        #expect(event.members[["rollback", "inferred"]]?.bool == true)
    }

    @Test func losesNoUndoScriptWhereThereAreTwo() throws {
        try repository.merge([
            "migrations/V1__a.sql": "CREATE", "migrations/U1__a.sql": "DROP",
            "migrations/x/U1__a.sql": "DROP more",
        ])
        let events = try repository.importing().all().events
        #expect(events.map(\.type) == [.merge, .rollbackPlan])
        #expect(events.map { $0.attached("rollback_script") } == ["DROP", "DROP more"])
    }

    @Test func tellsAnUndoScriptThatComesAloneAsARollbackPlan() throws {
        try repository.merge(["migrations/V1__a.sql": "CREATE"])
        try repository.merge(["migrations/U1__a.sql": "DROP"])
        try repository.merge(["migrations/U1__a.sql": nil])
        let events = try repository.importing().all().events
        #expect(events.map(\.type) == [.merge, .rollbackPlan, .note])
        #expect(events[1].string("change", "id") == "1")
        #expect(events[1].string("change", "name") == "V1__a")
        #expect(events[1].string("rollback", "strategy") == "reversible")
        #expect(events[1].attached("rollback_script") == "DROP")
        #expect(events[1].attached("script") == nil)
        let about = events[2].members["about"]?.array?.first?.object
        #expect(about?["change"]?.string == "orders:1")
        #expect(events[2].string("labels", "git") == "deleted")
    }

    @Test func takesOnlyTheChangesetsThatAMergeBrings() throws {
        let path = "migrations/changes.sql"
        try repository.merge([path: ChangeNamingTests.changelog])
        try repository.merge([path: ChangeNamingTests.changelog + "--changeset ann:3\nSELECT 3;\n"])
        let events = try repository.importing(tool: .liquibase).all().events
        #expect(
            events.map { $0.string("change", "id") } == [
                "\(path)::1::ann", "\(path)::add-b::bob", "\(path)::3::ann",
            ])
        #expect(events[0].attached("rollback_script") == "DROP TABLE a;\n")
        #expect(events[0].string("rollback", "strategy") == "reversible")
        #expect(events[1].string("rollback", "strategy") == nil)
        #expect(events[2].attached("script") == "--changeset ann:3\nSELECT 3;\n")
        #expect(Set(events.compactMap(\.id)).count == 3)
    }

    @Test func attachesNoScriptAboveTheLimitButItsDigest() throws {
        let large = String(repeating: "-- a line of a long script\n", count: 40_000)
        try repository.merge(["migrations/large.sql": large])
        let event = try #require(try repository.importing().all().events.first)
        #expect(event.attachments.isEmpty)
        #expect(
            event.string("change", "digest") == Attachment.text(of: SHA256.hash(Array(large.utf8))))
        #expect(event.integer("change", "size") == nil)
    }

    @Test func saysThatAStrategyIsNotKnown() throws {
        try repository.merge(
            ["migrations/a.sql": "A"], commitMessage: "a\n\nRollback-Strategy: revrsible")
        let (events, report) = try repository.importing().all()
        #expect(events.first?.members["rollback"] == nil)
        #expect(report.remarks.count == 1)
        #expect(
            report.remarks.first?.contains("\"Rollback-Strategy: revrsible\" is not known") == true)
    }

    @Test func readsPathsAndPeopleInAnyScript() throws {
        let name = "migrations/größe 数据 🚀.sql"
        let odd = "migrations/tab\tand\"quote.sql"
        try repository.merge(
            [name: "A", odd: "B"], author: .init(name: "Zoë Ønskeby", email: "zoë@example.com"))
        let events = try repository.importing().all().events
        #expect(
            Set(events.compactMap { $0.string("git", "path") })
                == [name, "\"migrations/tab\\tand\\\"quote.sql\""])
        #expect(events.allSatisfy { $0.person("author") == "zoë@example.com" })
    }

    @Test func seesASignature() throws {
        let signed = try repository.merge(["migrations/a.sql": "A"])
        let raw = try repository.git("cat-file", "commit", signed)
        let place = try #require(raw.range(of: "\n\n"))
        let signature =
            "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----"
        let text = raw[..<place.lowerBound] + signature + raw[place.lowerBound...] + "\n"
        let id = try repository.git(
            "hash-object", "-t", "commit", "-w", "--stdin", input: String(text))
        try repository.git("update-ref", "refs/heads/main", id)
        let event = try #require(try repository.importing().all().events.first)
        #expect(event.members[["git", "signed"]]?.bool == true)
    }

    @Test func leavesOutWhatIsOlderThanSince() throws {
        try repository.merge(["migrations/a.sql": "A"])
        let time = try repository.git("show", "-s", "--format=%ct", "HEAD")
        try repository.merge(["migrations/b.sql": "B"])
        let seconds = try #require(Int64(time))
        let after = Timestamp(milliseconds: seconds * 1000 + 1)
        #expect(
            try repository.importing(since: after).all().events.map { $0.string("change", "id") }
                == ["b"])
        let at = Timestamp(milliseconds: seconds * 1000)
        #expect(try repository.importing(since: at).all().events.count == 2)
    }

    @Test func findsTicketsByAPatternOfTheUsers() throws {
        try repository.merge(["migrations/a.sql": "A"], "Merge branch 'x' for CHG0012 and SHA-256")
        let usual = try repository.importing().all().events.first
        #expect(usual?.string("change", "ticket") == nil)
        let own = try repository.importing(ticketPattern: "CHG[0-9]+").all().events.first
        #expect(own?.string("change", "ticket") == "CHG0012")
    }
}
