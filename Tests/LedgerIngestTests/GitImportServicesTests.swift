import Foundation
import LedgerCore
import LedgerIngest
import TestSupport
import Testing

struct GitImportServicesTests {
    let repository: GitTestRepository

    init() throws {
        repository = try GitTestRepository()
        try repository.commit(["README.md": "shop"], "begin")
    }

    private func imported(
        _ services: KeyValuePairs<String, [String]>, tool: MigrationTool? = nil
    ) throws -> GitImport {
        let naming = try ChangeNaming(tool: tool)
        return try GitImport(
            GitImportOptions(
                repository: repository.path,
                services: services.map { .init(name: $0, paths: $1, naming: naming) }))
    }

    private func paths(_ globs: String...) throws -> [String] {
        try imported(["orders": globs]).all().events.compactMap { $0.string("git", "path") }
    }

    @Test func followsPathsWithWildcards() throws {
        try repository.merge([
            "top.sql": "1", "db/a.sql": "2", "db/b1.sql": "3", "db/b22.sql": "4",
            "db/sub/c.sql": "5", "db/sub/deep/d.sql": "6", "x/db/e.sql": "7", "db/notes.md": "8",
            "db/plan.txt": "9", "db/.hidden.sql": "10", "db/conf.yaml": "11",
        ])
        let below = [
            "db/a.sql", "db/b1.sql", "db/b22.sql", "db/sub/c.sql", "db/sub/deep/d.sql",
        ]
        #expect(try paths("db/**") == below)
        #expect(try paths("db") == below)
        #expect(try paths("./db/") == below)
        #expect(try paths("/db/**/*") == below)
        #expect(try paths("db/*") == ["db/a.sql", "db/b1.sql", "db/b22.sql"])
        #expect(try paths("db/b?.sql") == ["db/b1.sql"])
        #expect(try paths("db/b*.sql") == ["db/b1.sql", "db/b22.sql"])
        #expect(try paths("db/*/c.sql") == ["db/sub/c.sql"])
        #expect(try paths("db/**/d.sql") == ["db/sub/deep/d.sql"])
        #expect(try paths("**/db/*.sql").contains("x/db/e.sql"))
        #expect(try paths("**/db/*.sql").count == 5)
        #expect(try paths("**/*.txt") == ["db/plan.txt"])
        #expect(try paths("top.sql", "x/**") == ["top.sql", "x/db/e.sql"])
        #expect(try paths(".").count == 7)
        #expect(try paths("d*/s?b/**") == ["db/sub/c.sql", "db/sub/deep/d.sql"])
        #expect(try paths("db/a.sql/**") == [])
    }

    /// Git's own `:(glob)` paths tell what a path means.
    @Test func followsPathsAsGitDoes() throws {
        var generator = SeededGenerator()
        let names = ["a", "b", "ab", "aab", "ba"]
        func word(_ words: [String]) -> String { words.randomElement(using: &generator) ?? "a" }
        let fresh = try GitTestRepository()
        var files: Set<String> = []
        for _ in 0..<80 {
            let depth = Int.random(in: 0...3, using: &generator)
            let folders = (0..<depth).map { _ in word(names) + "/" }
            files.insert(folders.joined() + word(names) + ".sql")
        }
        for file in files { try fresh.write(Data(file.utf8), to: file) }
        try fresh.commit([:])
        for _ in 0..<60 {
            let depth = Int.random(in: 0...3, using: &generator)
            let folders = (0..<depth).map { _ in word(names + ["*", "**", "a*", "?", "?b", "*a*"]) }
            let last = word(["*.sql", "a.sql", "*b.sql", "**", "?.sql", "a?*.sql", "*"])
            let path = (folders + [last]).joined(separator: "/")
            let expected = try fresh.git("ls-files", ":(glob)" + path).split(separator: "\n")
            let naming = try ChangeNaming()
            let git = try GitImport(
                GitImportOptions(
                    repository: fresh.path,
                    services: [.init(name: "orders", paths: [path], naming: naming)],
                    isDirectIncluded: true))
            let found = try git.all().events.compactMap { $0.string("git", "path") }
            #expect(
                found.sorted() == expected.map(String.init).sorted(),
                "\(path), seed \(generator.seed)")
        }
    }

    @Test func takesChangelogFormatsOnlyForTheToolThatHasThem() throws {
        try repository.merge(["db/changes.xml": "<x/>", "db/a.sql": "1"])
        let plain = try imported(["orders": ["db"]]).all().events
        #expect(plain.compactMap { $0.string("git", "path") } == ["db/a.sql"])
        let liquibase = try imported(["orders": ["db"]], tool: .liquibase).all().events
        #expect(
            liquibase.compactMap { $0.string("git", "path") } == ["db/a.sql", "db/changes.xml"])
    }

    @Test func refusesPathsThatMeanSomethingElse() {
        for path in ["", "../x", "db/{a,b}.sql", "db/[ab].sql"] {
            let error = #expect(throws: LedgerError.self) { try imported(["orders": [path]]) }
            #expect(error?.code == .usage)
        }
    }

    @Test func givesAScriptToTheFirstServiceThatItMatches() throws {
        try repository.merge(["orders/db/a.sql": "A", "users/db/b.sql": "B", "users/c.sql": "C"])
        let events = try imported(["orders": ["orders/**"], "rest": ["**/db/**"]]).all().events
        #expect(events.map { $0.string("service") } == ["orders", "rest"])
        #expect(events.map { $0.string("change", "id") } == ["a", "b"])
    }

    @Test func ignoresLinksAndSubmodules() throws {
        try repository.merge(["db/a.sql": "A"])
        let blob = try repository.git("hash-object", "-w", "--stdin", input: "a.sql")
        try repository.git("checkout", "-q", "-b", "links")
        try repository.git("update-index", "--add", "--cacheinfo", "120000,\(blob),db/link.sql")
        let head = try repository.git("rev-parse", "HEAD")
        try repository.git("update-index", "--add", "--cacheinfo", "160000,\(head),db/module.sql")
        try repository.git("commit", "-q", "-m", "links")
        try repository.git("checkout", "-q", "-f", "main")
        try repository.merge(branches: "links")
        #expect(try paths("db/**") == ["db/a.sql"])
    }

    @Test func aSecondRunBringsOnlyWhatIsNew() throws {
        var known: [String: Set<String>] = [:]
        var seen: Set<String> = []
        func run() throws -> (new: [String], report: GitImportReport) {
            var new: [String] = []
            let report = try imported(["orders": ["a/**"], "users": ["b/**"]]).run(
                knows: { known[$1]?.contains($0) ?? false }
            ) { event in
                guard let id = event.id, let service = event.string("service") else { return }
                if seen.insert(id).inserted { new.append(event.string("change", "id") ?? "") }
                known[service, default: []].insert(event.string("git", "commit") ?? "")
            }
            return (new, report)
        }
        for number in 1...4 { try repository.merge(["a/a\(number).sql": "\(number)"]) }
        try repository.merge(["b/b1.sql": "1"])
        #expect(try run().new == ["a1", "a2", "a3", "a4", "b1"])
        let again = try run()
        #expect(again.new.isEmpty)
        // Each service's newest known merge is told again, and nothing before it.
        #expect(again.report.events == 2)
        #expect(again.report.commits == 2)
        try repository.merge(["a/a5.sql": "5"])
        #expect(try run().new == ["a5"])
    }

    @Test func completesAMergeThatWasCutOff() throws {
        let merge = try repository.merge(["a/1.sql": "1", "a/2.sql": "2"])
        struct Cut: Error {}
        var first: [String] = []
        #expect(throws: Cut.self) {
            try imported(["orders": ["a"]]).run { event in
                if !first.isEmpty { throw Cut() }
                first.append(event.string("change", "id") ?? "")
            }
        }
        let rest = try imported(["orders": ["a"]]).all(knows: { commit, _ in commit == merge })
        #expect(first == ["1"])
        #expect(rest.events.map { $0.string("change", "id") } == ["1", "2"])
    }

    @Test func aServiceThatIsNewIsReadFromTheBeginning() throws {
        try repository.merge(["a/1.sql": "1", "b/1.sql": "1"])
        let second = try repository.merge(["a/2.sql": "2"])
        let events = try imported(["orders": ["a"], "users": ["b"]]).all(
            knows: { commit, service in commit == second && service == "orders" }
        ).events
        #expect(events.map { $0.target.service } == ["users", "orders"])
    }

    @Test func reportsProgress() throws {
        for number in 1...3 { try repository.merge(["a/\(number).sql": "\(number)"]) }
        var steps: [Int] = []
        _ = try imported(["orders": ["a"]]).run(onProgress: { steps.append($0.mergesDone) }) { _ in
        }
        #expect(steps == [1, 2, 3])
    }
}
