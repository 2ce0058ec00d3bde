import Foundation
import LedgerCore
import TestSupport
import Testing

@Suite struct BackupTests {
    private func names(_ ledger: BuiltLedger) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: ledger.folder.path).sorted()
    }

    @Test func aBackupIsWholeWhileOthersWrite() throws {
        let ledger = try BuiltLedger()
        let event =
            #"{"service":"orders","environment":"prod","change":{"id":"1"},"#
            + #""deployment":{"status":"succeeded"},"message":"\#(String(repeating: "m", count: 2000))"}"#
        let lines = String(repeating: event + "\n", count: 1000)
        try ledger.output("import", "events", "-", input: lines)
        let writers = try (0..<2).map { number in
            let input = try ledger.folder.write(lines, to: "events-\(number)")
            return try ledger.start(
                ["import", "events", input],
                output: ledger.folder.file("writer-\(number)"))
        }
        var heads: [String] = []
        for number in 0..<4 {
            let file = ledger.folder.file("backup-\(number).db")
            heads.append(try ledger.output("backup", file).trimmingCharacters(in: .newlines))
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            try expectVerified(file)
            #expect(try ledger.output("head", "--ledger", file) == heads[number] + "\n")
        }
        for writer in writers { writer.waitUntilExit() }
        try ledger.output("verify", "--expect", heads[0], "--expect", heads[3])
        #expect(try names(ledger).filter { $0.contains(".new-") } == [])
        // A backup is a ledger: it goes on.
        try ledger.output(
            "record", "note", "--message", "restored", "--ledger",
            ledger.folder.file("backup-3.db"))
        try expectVerified(ledger.folder.file("backup-3.db"))
    }

    @Test func aBackupNeverTakesTheNameOfAnotherFile() throws {
        let ledger = try BuiltLedger()
        let file = try ledger.folder.write("mine", to: "mine")
        try ledger.run("backup", file).expect(1, "exists already")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
        try ledger.run("backup", ledger.path).expect(1, "exists already")
        try ledger.run("backup", ledger.folder.file("no/where")).expect(1, "No such file")
        try ledger.run("backup", ledger.folder.file("x"), "--ledger", "http://127.0.0.1:1")
            .expect(64, "where the file is")
        #expect(try names(ledger).filter { $0.contains(".new-") || $0 == "x" } == [])
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "needs root"))
    func aBackupThatFindsNoRoomLeavesNothingBehind() throws {
        let ledger = try BuiltLedger()
        let text = String(repeating: "m", count: 60_000)
        for _ in 0..<40 { try ledger.output("record", "note", "--message", text) }
        let disk = try SmallDisk(bytes: 1 << 20)
        try ledger.run("backup", disk.path + "/backup.db").expect(1, "no room")
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [])
    }
}
