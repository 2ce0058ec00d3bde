import LedgerCore
import Testing

@testable import LedgerIngest

/// Which script a row of a tool's table speaks of.
@Suite struct ScriptFolderTests {
    private func folder(_ tool: MigrationTool, _ files: [(String, String)]) throws -> ScriptFolder {
        try ScriptFolder(
            files.map { ToolScript(path: $0.0, bytes: Array($0.1.utf8)) }, tool: tool)
    }

    private func record(
        _ id: String, _ tool: MigrationTool, _ checksum: String?,
        _ operation: DeploymentOperation = .apply
    ) -> ToolRecord {
        var record = ToolRecord(key: id, change: ChangeName(id: id, name: id, tool: tool))
        record.checksum = checksum
        record.operation = operation
        return record
    }

    @Test func flywaysScriptIsFoundByVersionAndChecksum() throws {
        let folder = try folder(
            .flyway,
            [
                ("sql/V1_2__a.sql", "1234\n56789"), ("sql/U1.2__a.sql", "undo"),
                ("sql/V2__b.sql", "b"), ("other/V2__b.sql", "123456789"), ("sql/V3__c.sql", "c"),
                ("other/V3__c.sql", "d"), ("sql/afterMigrate.sql", "x"),
            ])
        let first = try #require(folder.script(of: record("1.2", .flyway, "-873187034")))
        #expect(first.path == "sql/V1_2__a.sql")
        #expect(first.match == .same)
        #expect(folder.script(of: record("1.2", .flyway, "5"))?.match == .different)
        #expect(folder.script(of: record("1.2", .flyway, nil))?.match == .unknown)
        let undo = folder.script(of: record("1.2", .flyway, nil, .revert))
        #expect(undo?.path == "sql/U1.2__a.sql")
        #expect(
            folder.script(of: record("2", .flyway, "-873187034"))?.path == "other/V2__b.sql")
        #expect(folder.script(of: record("3", .flyway, "-873187034")) == nil)
        #expect(folder.script(of: record("4", .flyway, "-873187034")) == nil)
    }

    @Test func aChangesetIsFoundWhereverItsPathBegins() throws {
        let text =
            "--liquibase formatted sql\n--changeset ann:1\nSELECT 1;\n"
            + "--changeset bob:2\nSELECT 2;\n"
        let folder = try folder(
            .liquibase, [("changes/db/a.sql", text), ("changes/db/xa.sql", text)])
        for path in ["db/a.sql", "a.sql", "changes/db/a.sql", "x/changes/db/a.sql"] {
            let finding = folder.script(
                of: record("\(path)::2::bob", .liquibase, "9:cd1510052112db30d0cd43ccde792b3e"))
            #expect(finding?.path == "changes/db/a.sql")
            #expect(finding?.bytes == Array("--changeset bob:2\nSELECT 2;\n".utf8))
            #expect(finding?.match == .same)
        }
        #expect(folder.script(of: record("b.sql::2::bob", .liquibase, nil)) == nil)
        #expect(folder.script(of: record("db/a.sql::2::ann", .liquibase, nil)) == nil)
    }

    @Test func atlasHashesTheFilesBefore() throws {
        let folder = try folder(
            .atlas,
            [
                ("m/2_second.sql", "create table `tbl_2` (`col` int);\n"),
                ("m/1_first.sql", "create table `tbl_1` (`col` int);\n"), ("n/0_x.sql", "x"),
            ])
        let hash = "TLO00GtsqSi8o0ySoaofBqxemrElL8fHOs3IRnqYvB8="
        let finding = folder.script(of: record("2", .atlas, hash))
        #expect(finding?.path == "m/2_second.sql")
        #expect(finding?.match == .same)
        #expect(folder.script(of: record("1", .atlas, hash))?.match == .unknown)
    }

    @Test func sqitchsEventsHaveNoChecksumOfAScript() throws {
        let folder = try folder(
            .sqitch, [("deploy/a.sql", "a"), ("revert/a.sql", "b"), ("verify/a.sql", "c")])
        let id = "3c7732a50f2cb78c1e8b54b1361181ebb4281f7d"
        #expect(folder.script(of: record("a", .sqitch, id))?.path == "deploy/a.sql")
        #expect(folder.script(of: record("a", .sqitch, id))?.match == .unknown)
        #expect(folder.script(of: record("a", .sqitch, id, .revert))?.path == "revert/a.sql")
    }
}
