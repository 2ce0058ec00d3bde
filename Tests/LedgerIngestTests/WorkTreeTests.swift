import Foundation
import LedgerCore
import LedgerIngest
import TestSupport
import Testing

/// The scripts of a work tree are those that an import would bring, if all of it were merged.
struct WorkTreeTests {
    private static let files: KeyValuePairs<String, String?> = [
        "migrations/V42__orders.sql": "CREATE TABLE orders (id INTEGER);\n",
        "migrations/U42__orders.sql": "DROP TABLE orders;\n",
        "migrations/R__view.sql": "CREATE VIEW v AS SELECT 1;\n",
        "migrations/notes.md": "no script\n", "migrations/a\"b ü.sql": "SELECT 1;\n",
        "changelogs/a.sql": """
        --liquibase formatted sql
        --changeset ann:1
        CREATE TABLE a (id INTEGER);
        --rollback DROP TABLE a;
        --changeset ann:2
        ALTER TABLE a ADD b INTEGER;
        """,
    ]

    private func services() throws -> [GitImportOptions.Service] {
        [
            .init(name: "orders", paths: ["migrations"], naming: try ChangeNaming()),
            .init(
                name: "billing", paths: ["changelogs/*.sql"],
                naming: try ChangeNaming(tool: .liquibase)),
        ]
    }

    private func lines(_ tree: WorkTree) throws -> [String] {
        try tree.scripts().map {
            "\($0.service):\($0.name.id) \(Attachment.text(of: $0.digest))"
        }
    }

    @Test func areWhatAnImportWouldBring() throws {
        let repository = try GitTestRepository()
        try repository.commit(["README.md": "shop"], "begin")
        try repository.merge(Self.files)
        let events = try GitImport(
            GitImportOptions(repository: repository.path, services: services())
        ).all().events
        let merged = events.filter { $0.string("change", "digest") != nil }.map {
            "\($0.target.service ?? ""):\($0.string("change", "id") ?? "") "
                + "\($0.string("change", "digest") ?? "")"
        }
        #expect(merged.count == 5)
        // From any folder in it.
        for folder in [repository.path, repository.path + "/migrations"] {
            let tree = try WorkTree(at: folder, services: services())
            #expect(try lines(tree).sorted() == merged.sorted())
        }
    }

    @Test func areThereBeforeTheyAreCommittedButNotIfGitIgnoresThem() throws {
        let repository = try GitTestRepository()
        try repository.commit(
            [".gitignore": "build/\n*.tmp.sql\n", "migrations/kept.tmp.sql": "1"], "begin")
        try repository.git("add", "-f", "migrations/kept.tmp.sql")
        try repository.git("commit", "-q", "-m", "kept")
        let folder = repository.path + "/migrations"
        for name in ["new.sql", "draft.tmp.sql", "build/copy.sql", "other/.git/x.sql"] {
            let path = "\(folder)/\(name)"
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true)
            try Data("SELECT 1;".utf8).write(to: URL(fileURLWithPath: path))
        }
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/link.sql", withDestinationPath: "new.sql")
        let tree = try WorkTree(at: repository.path, services: services())
        #expect(
            try tree.scripts().map(\.path) == ["migrations/kept.tmp.sql", "migrations/new.sql"])
    }

    @Test func aFolderWithoutGitIsATreeToo() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("migrations")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try folder.write("SELECT 1;", to: "migrations/V1__a.sql")
        let tree = try WorkTree(at: folder.path, services: services())
        #expect(try tree.scripts().map(\.name.name) == ["V1__a"])
    }
}
