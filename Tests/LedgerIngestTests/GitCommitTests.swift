import Foundation
import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

/// One commit of a branch, and the clone that a forge's merge is looked for in.
@Suite struct GitCommitTests {
    @Test func aCommitIsFoundByWhatAForgeCallsIt() throws {
        let repository = try GitTestRepository()
        let first = try repository.commit(["README.md": "shop"], "begin")
        let merge = try repository.merge(["migrations/V1__a.sql": "A"])
        let direct = try repository.commit(["migrations/V2__b.sql": "B"])
        let side = try repository.git("rev-parse", "\(merge)^2")
        let git = try repository.importing()
        let found = try #require(try git.standing(of: String(merge.prefix(12))))
        #expect(found.commit == merge && found.isMerge && found.bringsScripts)
        let other = try #require(try git.standing(of: direct))
        #expect(!other.isMerge && other.bringsScripts)
        let begin = try #require(try git.standing(of: first))
        #expect(!begin.isMerge && !begin.bringsScripts)
        // What was merged is on the branch's line; what was written on the side is not.
        #expect(try git.standing(of: side) == nil)
        for id in [String(merge.prefix(6)), "", String(repeating: "0", count: 40), merge + "0"] {
            #expect(try git.standing(of: id) == nil, "\(id)")
        }
    }

    @Test func oneCommitIsToldThoughItIsNoMerge() throws {
        let repository = try GitTestRepository()
        try repository.commit(["README.md": "shop"], "begin")
        try repository.merge(["migrations/V1__a.sql": "A"])
        let direct = try repository.commit(["migrations/V2__b.sql": "B", "other.sql": "x"])
        let git = try repository.importing()
        var events: [Event] = []
        let standing = try #require(try git.standing(of: direct))
        let report = try git.run(only: standing) { events.append($0) }
        #expect(events.map { $0.string("change", "name") } == ["V2__b"])
        #expect(report.mergesDone == 1)
        // The same as the import that counts it.
        let all = try repository.importing(direct: true).all().events
        #expect(all.last?.id == events.first?.id && all.last?.source == events.first?.source)
    }

    @Test func anImportEndsAtACommitThatIsKnownThoughItCountsNoMore() throws {
        let repository = try GitTestRepository()
        try repository.commit(["README.md": "shop"], "begin")
        for number in 1...4 {
            try repository.merge(["migrations/V\(number)__a.sql": "A"])
        }
        let known = try repository.commit(["migrations/V5__b.sql": "B"])
        try repository.merge(["migrations/V6__c.sql": "C"])
        let (events, report) = try repository.importing()
            .all(knows: { commit, _ in commit == known }, newestKnown: known)
        #expect(events.map { $0.string("change", "name") } == ["V6__c"])
        #expect(report.commits == 2)
    }

    @Test func aCloneOfEitherKindIsBroughtUpToDate() throws {
        let repository = try GitTestRepository()
        try repository.commit(["README.md": "shop"], "begin")
        let folder = repository.folder
        for (name, flags) in [("bare", ["--bare"]), ("work", [])] {
            let path = folder.file(name)
            let made = try Shell.execute(
                "git", ["clone", "-q"] + flags + [repository.path, path])
            try #require(made.status == 0, "\(made.standardError)")
            let before = try Shell.execute("git", ["-C", path, "rev-parse", "main"])
            let merge = try repository.merge(["migrations/V_\(name)__a.sql": "A"])
            let branch = try GitClone(at: path).fetch("main", seconds: 60)
            let git = try repository.importing(branch: branch, at: path)
            #expect(git.ref == "refs/heads/main")
            #expect(try git.standing(of: merge)?.isMerge == true, "\(name)")
            let after = try Shell.execute("git", ["-C", path, "rev-parse", "main"])
            // Nobody's own branch is moved.
            #expect((after.standardOutput == before.standardOutput) == flags.isEmpty)
        }
        let error = #expect(throws: LedgerError.self) {
            try GitClone(at: folder.file("bare")).fetch("none", seconds: 60)
        }
        #expect(error?.code == .io && error?.message.contains("none") == true)
        #expect(throws: LedgerError.self) { try GitClone(at: folder.path) }
    }

    @Test(arguments: ["", "-x", "a b", "a:b", "a\nb", "a*", "a?", "a^", "a~1", "a[", "a\\b"])
    func aNameThatCanBeNoBranchIsNotGivenToGit(name: String) throws {
        let repository = try GitTestRepository()
        let error = #expect(throws: LedgerError.self) {
            try GitClone(at: repository.path).fetch(name, seconds: 60)
        }
        #expect(error?.code == .usage)
    }

    @Test func aCommandEndsWithAllThatItStarted() throws {
        let folder = try TemporaryFolder()
        let script = "sleep 1000 & echo $! > '\(folder.file("child"))'; trap '' TERM; wait; wait"
        let command = BoundedCommand(
            arguments: ["/bin/sh", "-c", script], variables: [:], milliseconds: 300_000)
        let (ending, _) = command.run(isCancelled: {
            let text = try? String(contentsOfFile: folder.file("child"), encoding: .utf8)
            return text?.hasSuffix("\n") == true
        })
        #expect(ending == .cancelled)
        let text = try String(contentsOfFile: folder.file("child"), encoding: .utf8)
        let child = try #require(Int32(text.dropLast()))
        let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
        #expect(state?.contains(") Z ") ?? true, "\(state ?? "")")
    }

    @Test func aCommandsEndAndLastWordsAreTold() {
        func run(_ script: String) -> (BoundedCommand.Ending, String) {
            let command = BoundedCommand(
                arguments: ["/bin/sh", "-c", script], variables: ["SHOWN": "a", "HOME": nil],
                milliseconds: 60_000)
            let (ending, error) = command.run()
            return (ending, String(decoding: error, as: UTF8.self))
        }
        #expect(run("echo out; echo $SHOWN$HOME >&2; exit 3") == (.exited(3), "a\n"))
        #expect(run("kill -9 $$").0 == .signaled(SIGKILL))
        // Nothing to read, no terminal, and the signals that we ignore are not ignored there.
        #expect(run("read x && exit 1; : < /dev/tty || exit 2").0 == .exited(2))
        let absent = BoundedCommand(arguments: ["/none"], variables: [:], milliseconds: 60_000)
        guard case .notStarted = absent.run().ending else {
            Issue.record("it started")
            return
        }
    }
}
