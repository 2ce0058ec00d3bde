import Foundation
import LedgerCore
import LedgerIngest
import TestSupport
import Testing

/// Repositories that are not the usual clone.
struct GitRepositoryTests {
    let repository: GitTestRepository

    init() throws {
        repository = try GitTestRepository()
        try repository.commit(["README.md": "shop"], "begin")
    }

    private func mergeThree() throws {
        for number in 1...3 { try repository.merge(["migrations/\(number).sql": "\(number)"]) }
    }

    private func ids(_ git: GitImport) throws -> [String] {
        try git.all().events.compactMap { $0.string("change", "id") }
    }

    private func error(_ body: () throws -> Void) -> LedgerError? {
        #expect(throws: LedgerError.self, performing: body)
    }

    @Test func readsABareRepository() throws {
        try mergeThree()
        try repository.git("clone", "-q", "--bare", ".", "../bare.git")
        let bare = try repository.importing(at: repository.folder.file("bare.git"))
        #expect(try ids(bare) == ["1", "2", "3"])
        // A path on this machine says nothing to others.
        #expect(bare.source == "git:shop")
    }

    @Test func namesARepositoryWithoutARemoteByItsFolder() throws {
        #expect(try repository.importing().source == "git:shop")
        try repository.git("clone", "-q", "--bare", ".", "../depot.git")
        let path = repository.folder.file("depot.git")
        try repository.git("--git-dir", path, "remote", "remove", "origin")
        #expect(try repository.importing(at: path).source == "git:depot")
    }

    @Test(arguments: [
        "git@GitHub.com:acme/shop.git", "ssh://git@github.com:22/acme/shop",
        "https://ann:secret@github.com/acme/shop.git/?token=x",
    ]) func namesARepositoryTheSameHoweverItWasCloned(_ url: String) throws {
        try repository.git("remote", "add", "origin", url)
        try repository.merge(["migrations/a.sql": "A"])
        let git = try repository.importing()
        #expect(git.source == "git:github.com/acme/shop")
        let text = try git.all().events.first?.string("git", "repository")
        #expect(text?.contains("secret") == false)
        #expect(text?.contains("token") == false)
    }

    @Test func readsAFolderWithinTheRepositoryAndAWorktree() throws {
        try mergeThree()
        try repository.git("worktree", "add", "-q", "--detach", "../tree")
        #expect(try ids(repository.importing(at: repository.path + "/migrations")).count == 3)
        #expect(try ids(repository.importing(at: repository.folder.file("tree"))).count == 3)
    }

    @Test func readsASparseCheckout() throws {
        try mergeThree()
        try repository.git("sparse-checkout", "set", "docs")
        #expect(try ids(repository.importing()) == ["1", "2", "3"])
    }

    @Test func readsPackedObjectsAndReferences() throws {
        try mergeThree()
        try repository.git("gc", "-q", "--aggressive", "--prune=now")
        #expect(try ids(repository.importing()) == ["1", "2", "3"])
    }

    @Test func stopsWhereAShallowCloneEnds() throws {
        try mergeThree()
        let source = "file://" + repository.path
        try repository.git("clone", "-q", "--depth", "2", "--branch", "main", source, "../shallow")
        let shallow = repository.folder.file("shallow")
        let (events, report) = try repository.importing(at: shallow).all()
        #expect(events.map { $0.string("change", "id") } == ["3"])
        let boundary = try repository.git("rev-parse", "HEAD^")
        #expect(report.shallowBoundary == boundary)
        #expect(report.remarks.contains { $0.contains("git fetch --unshallow") })

        try repository.git("clone", "-q", "--depth", "1", source, "../one")
        let one = try repository.importing(at: repository.folder.file("one")).all()
        #expect(one.events.isEmpty)
        #expect(one.report.shallowBoundary != nil)
    }

    @Test func doesNotGuessAuthorsBeyondAShallowClonesEnd() throws {
        try repository.git("checkout", "-q", "-b", "long")
        try repository.commit(["migrations/a.sql": "A"], author: .ann)
        for number in 1...4 { try repository.commit(["x.txt": "\(number)"], author: .bob) }
        try repository.merge(branches: "long")
        let source = "file://" + repository.path
        try repository.git("clone", "-q", "--depth", "3", "--branch", "main", source, "../shallow")
        let (events, report) = try repository.importing(at: repository.folder.file("shallow")).all()
        // The root is the boundary only if it was cut; here main has two commits, both there.
        #expect(events.map { $0.string("change", "id") } == ["a"])
        #expect(events.first?.person("author") == nil)
        #expect(report.mergesWithoutAuthor == 1)
    }

    @Test func saysThatABranchWasRewritten() throws {
        try mergeThree()
        let lost = try repository.git("rev-parse", "HEAD")
        let kept = try repository.git("rev-parse", "HEAD^")
        try repository.git("reset", "-q", "--hard", kept)
        try repository.merge(["migrations/4.sql": "4"], branch: "four")
        let known = [lost, kept]
        let (events, report) = try repository.importing().all(
            knows: { commit, _ in known.contains(commit) }, newestKnown: lost)
        #expect(events.map { $0.string("change", "id") } == ["2", "4"])
        #expect(report.rewrittenFrom == lost)
        #expect(report.remarks.first?.hasPrefix("main was rewritten: \(lost.prefix(10))") == true)
        let gone = String(repeating: "ab", count: 20)
        #expect(try repository.importing().all(newestKnown: gone).report.rewrittenFrom == gone)
        #expect(try repository.importing().all(newestKnown: kept).report.rewrittenFrom == nil)
        // An ancestor that is not on the first-parent line is still part of the branch.
        let side = try repository.git("rev-parse", "HEAD^2")
        #expect(try repository.importing().all(newestKnown: side).report.rewrittenFrom == nil)
    }

    @Test func importsTheBranchThatIsNamed() throws {
        try mergeThree()
        try repository.git("branch", "release/1.x", "HEAD^")
        let release = try repository.importing(branch: "release/1.x")
        #expect(release.ref == "refs/heads/release/1.x")
        #expect(try ids(release) == ["1", "2"])
        try repository.git("clone", "-q", ".", "../clone")
        for name in ["release/1.x", "origin/release/1.x", "refs/remotes/origin/release/1.x"] {
            let remote = try repository.importing(
                branch: name, at: repository.folder.file("clone"))
            #expect(remote.ref == "refs/heads/release/1.x")
            #expect(try ids(remote) == ["1", "2"])
        }
    }

    @Test func findsMainWhereAPipelineCheckedOutACommit() throws {
        try mergeThree()
        try repository.git("checkout", "-q", "--detach", "HEAD^")
        let git = try repository.importing()
        #expect(git.ref == "refs/heads/main")
        #expect(try ids(git).count == 3)
    }

    @Test func suggestsTheBranchThatWasMeant() {
        let error = error { _ = try repository.importing(branch: "mian") }
        #expect(error?.code == .notFound)
        #expect(error?.advice == "did you mean main?")
    }

    @Test func asksForABranchWhereThereIsNoObviousOne() throws {
        try repository.git("branch", "-m", "trunk")
        try repository.git("checkout", "-q", "--detach")
        let error = error { _ = try repository.importing() }
        #expect(error?.code == .notFound)
        #expect(error?.advice == "name one with --branch; there are trunk")
        #expect(try repository.importing(branch: "trunk").ref == "refs/heads/trunk")
    }

    @Test func saysThatARepositoryIsEmpty() throws {
        let empty = try GitTestRepository()
        for branch in [nil, "main"] {
            let error = error { _ = try empty.importing(branch: branch) }
            #expect(error?.code == .notFound)
            #expect(error?.message.contains("has no commits yet") == true)
        }
    }

    @Test func saysThatAFolderIsNoRepository() throws {
        let folder = try TemporaryFolder()
        for path in [folder.path, folder.file("absent")] {
            let error = error { _ = try repository.importing(at: path) }
            #expect(error?.code == .notFound)
            #expect(error?.message == "\(path) is not in a Git repository")
        }
    }

    @Test func saysThatNothingMatchesThePaths() throws {
        try mergeThree()
        let report = try repository.importing(paths: ["migration/**"]).all().report
        #expect(report.matchedNothing)
        #expect(report.remarks == ["no script of main matches the paths"])
        #expect(try !repository.importing().all().report.matchedNothing)
    }

    @Test func saysThatItCannotReadSHA256Names() throws {
        let repository = try GitTestRepository(format: "sha256")
        try repository.commit(["migrations/a.sql": "A"])
        let error = error { _ = try repository.importing() }
        #expect(error?.code == .io)
        #expect(error?.message.contains("names its objects by SHA-256") == true)
    }

    @Test func saysThatAPartialCloneLacksScripts() throws {
        try mergeThree()
        try repository.git("config", "uploadpack.allowFilter", "true")
        try repository.git(
            "clone", "-q", "--filter=blob:none", "--no-checkout", "file://" + repository.path,
            "../partial")
        let error = error {
            _ = try ids(repository.importing(at: repository.folder.file("partial")))
        }
        #expect(error?.code == .io)
        #expect(error?.advice?.contains("--filter") == true)
    }

    @Test(.enabled(if: getuid() == 0, "only root can give a repository to another user"))
    func saysThatARepositoryBelongsToAnotherUser() throws {
        try mergeThree()
        let files = FileManager.default.enumerator(atPath: repository.path)?.allObjects ?? []
        for file in [""] + files.compactMap({ $0 as? String }) {
            _ = lchown(repository.path + "/" + file, 12345, 12345)
        }
        let error = error { _ = try repository.importing() }
        #expect(error?.code == .io)
        #expect(error?.message.contains("belongs to another user") == true)
        let root = URL(fileURLWithPath: repository.path).resolvingSymlinksInPath().path
        #expect(error?.advice?.contains("safe.directory \(root) ") == true)
    }

    // A truncated object of its own would keep libgit2 1.5 busy for ever.
    @Test(.timeLimit(.minutes(2))) func survivesDamagedObjects() throws {
        try mergeThree()
        let objects = repository.path + "/.git/objects"
        let files = try FileManager.default.subpathsOfDirectory(atPath: objects).filter {
            $0.utf8.count == 41
        }.sorted()
        #expect(files.count > 12)
        var refused = 0
        for file in files {
            let path = objects + "/" + file
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for damaged in [Data(), whole.prefix(whole.count / 2), Data(whole.map { $0 ^ 0x55 })] {
                _ = chmod(path, 0o644)
                try damaged.write(to: URL(fileURLWithPath: path))
                do {
                    // What the import does not need may be damaged; what it tells is whole.
                    #expect(try ids(repository.importing()) == ["1", "2", "3"])
                } catch let error as LedgerError {
                    #expect(error.code == .io || error.code == .notFound)
                    refused += 1
                }
            }
            try whole.write(to: URL(fileURLWithPath: path))
        }
        #expect(refused > files.count)
        #expect(try ids(repository.importing()) == ["1", "2", "3"])
    }

    @Test(.timeLimit(.minutes(2))) func survivesADamagedPack() throws {
        try mergeThree()
        try repository.git("gc", "-q", "--prune=now")
        let folder = repository.path + "/.git/objects/pack"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        var generator = SeededGenerator()
        var refused = 0
        for name in names.sorted() where name.hasSuffix(".pack") || name.hasSuffix(".idx") {
            let url = URL(fileURLWithPath: folder + "/" + name)
            let whole = try Data(contentsOf: url)
            _ = chmod(url.path, 0o644)
            for _ in 0..<60 {
                var damaged = whole
                for _ in 0..<4 {
                    damaged[Int.random(in: 12..<whole.count, using: &generator)] ^= 0xFF
                }
                if Bool.random(using: &generator) {
                    damaged = damaged.prefix(Int.random(in: 0..<whole.count, using: &generator))
                }
                // Written anew: libgit2 has the file of before in memory.
                try FileManager.default.removeItem(at: url)
                try damaged.write(to: url)
                do {
                    let found = try ids(repository.importing())
                    #expect(found == ["1", "2", "3"], "seed \(generator.seed)")
                } catch let error as LedgerError {
                    #expect(
                        error.code == .io || error.code == .notFound, "seed \(generator.seed)")
                    refused += 1
                }
            }
            try FileManager.default.removeItem(at: url)
            try whole.write(to: url)
        }
        #expect(refused > 10, "seed \(generator.seed)")
    }

    @Test func refusesAScriptWhoseBytesAreNotWhatItsNameSays() throws {
        try mergeThree()
        let script = try repository.git("rev-parse", "HEAD:migrations/2.sql")
        let other = try repository.git("hash-object", "-w", "--stdin", input: "DROP TABLE a;")
        let objects = repository.path + "/.git/objects/"
        let path = objects + script.prefix(2) + "/" + script.dropFirst(2)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(
            atPath: objects + other.prefix(2) + "/" + other.dropFirst(2), toPath: path)
        let error = error { _ = try repository.importing().all() }
        #expect(error?.code == .io)
        #expect(error?.message.contains("the file \(script)") == true)
        #expect(error?.message.hasSuffix("is not what its id says") == true)
    }

    @Test func survivesOddCommits() throws {
        let blob = try repository.git("hash-object", "-w", "--stdin", input: "SELECT 1;")
        let inner = try repository.git("mktree", input: "100644 blob \(blob)\ta.sql\n")
        let outer = try repository.git("mktree", input: "040000 tree \(inner)\tmigrations\n")
        let people = [
            "author  <> 99999999999999 +0000\ncommitter  <> 99999999999999 +0000",
            "author A <a@b> -5 +9999\ncommitter C <c@d> -5 +0000",
        ]
        for person in people {
            let head = try repository.git("rev-parse", "HEAD")
            let text = "tree \(outer)\nparent \(head)\n\(person)\n\n\u{1}subject\n\nbody\n"
            let id = try repository.git(
                "hash-object", "-t", "commit", "-w", "--literally", "--stdin", input: text)
            try repository.git("update-ref", "refs/heads/main", id)
            let event = try #require(try repository.importing(direct: true).all().events.first)
            #expect(event.string("change", "id") == "a")
            #expect(event.privateText("title") == "\u{FFFD}subject")
            try repository.git("update-ref", "refs/heads/main", head)
        }
    }
}
