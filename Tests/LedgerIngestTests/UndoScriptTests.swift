import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

@Suite struct UndoScriptTests {
    @Test(arguments: [
        ("-- migrate:up\nCREATE\n-- migrate:down\nDROP;\n", "DROP;\n"),
        ("-- migrate:up\nA\n--migrate:down transaction:false\n\nB", "\nB"),
        ("-- +goose Up\nA\n\n-- +goose Down\nB;\r\nC;\n-- +goose Up\nD\n", "B;\r\nC;\n"),
        (
            "-- +goose Up\nA\n-- +goose Down\n-- +goose StatementBegin\nB\n-- +goose StatementEnd\n",
            "-- +goose StatementBegin\nB\n-- +goose StatementEnd\n"
        ),
        ("-- +migrate Up\nA\n-- +migrate Down notransaction\nB\n", "B\n"),
        ("-- // first\nA\n\n-- //@UNDO\n-- how to undo it\nB\n", "-- how to undo it\nB\n"),
    ])
    func theSectionThatUndoesIsFoundByteForByte(script: String, section: String) {
        let found = UndoSection.bytes(in: Array(script.utf8))
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == section)
    }

    @Test(arguments: [
        "", "CREATE", "-- migrate:up\nA\n-- migrate:down\n",
        "-- +goose Up\nA\n-- +goose Downwards\nB",
        "-- //\nA\n-- //@UNDO\n-- SQL to undo the change goes here.\n\n",
        "A '\n  -- +goose Down\n';", "-- migrate:down-section\nB", "-- +goose NoTransaction\nA",
    ])
    func whatUndoesNothingIsNoSection(script: String) {
        #expect(UndoSection.bytes(in: Array(script.utf8)) == nil)
    }

    @Test(arguments: [
        ("db/V42__x.sql", ["db/U42__x.sql"]), ("V1_1__x.SQL", ["U1_1__x.SQL"]),
        ("a/1_x.up.sql", ["a/1_x.down.sql"]), ("1.do.sql", ["1.undo.sql"]),
        ("/s/deploy/deep/x.sql", ["/s/revert/deep/x.sql"]), ("deploy/x.sql", ["revert/x.sql"]),
        ("m/2026_x/migration.sql", ["m/2026_x/down.sql"]), ("x/up.sql", ["x/down.sql"]),
        ("x.sql", ["x.down.sql", "x.rollback.sql"]), ("U42__x.sql", []), ("x.down.sql", []),
        ("revert/x.sql", []), ("x/down.sql", []), ("x", []),
    ])
    func itIsLookedForWhereItLiesByCustom(path: String, places: [String]) {
        #expect(UndoScript.paths(for: path) == places)
    }

    @Test func aFileBesideTheScriptComesBeforeItsSection() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("A", to: "V1__a.sql")
        let content = Array("-- +goose Up\nA\n-- +goose Down\nB\n".utf8)
        #expect(UndoScript.bytes(for: path, content: content) == Array("B\n".utf8))
        try folder.write("C", to: "U1__a.sql")
        #expect(UndoScript.bytes(for: path, content: content) == Array("C".utf8))
        // A folder, and a file without anything in it, undo nothing.
        try folder.write("", to: "V2__b.sql")
        try folder.write("x", to: "U2__b.sql/x")
        #expect(UndoScript.bytes(for: folder.file("V2__b.sql"), content: nil) == nil)
    }
}
