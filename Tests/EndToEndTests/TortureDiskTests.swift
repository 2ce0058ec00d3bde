import Foundation
import TestSupport
import Testing

/// Disks that are full or can't be written.
@Suite(.serialized) struct TortureDiskTests {
    private static func note(_ ledger: BuiltLedger, _ message: String) throws -> Shell.Result {
        try ledger.run("record", "note", "--message", message)
    }

    /// An event with a script that needs so many bytes.
    private static func large(_ ledger: BuiltLedger, _ bytes: Int) throws -> Shell.Result {
        let file = try ledger.folder.write(
            String(repeating: "-- nothing\n", count: bytes / 11), to: "V1__large_\(bytes).sql")
        return try ledger.run(
            "record", "deployment", "--service", "orders", "--env", "prod", "--file", file)
    }

    private static func entryCount(_ ledger: BuiltLedger) throws -> Int? {
        let count = try Shell.run(
            "sqlite3", ["-readonly", ledger.path, "SELECT count(*) FROM entry"])
        return Int(count.output.dropLast())
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "needs root")) func recordsNothingOnAFullDisk() throws
    {
        let disk = try SmallDisk(bytes: 1 << 20)
        let ledger = try BuiltLedger(path: disk.path + "/ledger.db")
        let first = try Self.note(ledger, "before")
        #expect(first.status == 0)
        var refusedCount = 0
        for room in [0, 4096, 16_384, 40_960, 65_536, 131_072] {
            try disk.fill(leaving: room)
            let refused = try Self.large(ledger, 400_000)
            #expect(refused.status == 1, "\(room): \(refused)")
            #expect(
                refused.standardError.contains("there is no room to write"), "\(room): \(refused)")
            #expect(refused.standardOutput.isEmpty)
            refusedCount += 1
            // What was recorded before stands, and can be read where nothing can be written.
            let verified = try Verdict.ofLedger(at: ledger.path)
            #expect(verified == Verdict(status: 0, codes: []), "\(room)")
            let shown = try ledger.run("log")
            #expect(shown.standardOutput.contains("note"), "\(room): \(shown)")
            try disk.makeRoom()
            let after = try Self.note(ledger, "with room again")
            #expect(after.status == 0, "\(room): \(after)")
            #expect(try Self.entryCount(ledger) == refusedCount + 1)
        }
        try expectVerified(ledger.path)
        let made = try Shell.execute(
            BuiltLedger.executable(),
            ["verify", "--ledger", ledger.path, "--receipts", "/dev/stdin"],
            input: Data(first.standardOutput.utf8))
        #expect(made.status == 0, "\(made)")
        Torture.say("a full disk refused \(refusedCount) events; all else was recorded")
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "needs root")) func makesNoHalfLedgerOnAFullDisk()
        throws
    {
        let disk = try SmallDisk(bytes: 1 << 20)
        for room in [0, 8192, 65_536] {
            try disk.fill(leaving: room)
            let path = disk.path + "/ledger.db"
            let run = try Shell.execute(BuiltLedger.executable(), ["init", "--ledger", path])
            #expect(run.status == 1)
            #expect(run.standardError.contains("there is no room to write"), "\(room): \(run)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["filler"])
            try disk.makeRoom()
        }
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "needs root")) func runsTheCommandWhateverIsFull()
        throws
    {
        let disk = try SmallDisk(bytes: 1 << 20)
        let ledger = try BuiltLedger(path: disk.path + "/ledger.db")
        try disk.fill()
        let run = try ledger.run(
            "run", "--service", "orders", "--env", "prod", "--change", "42", "--", "sh", "-c",
            "echo ran; exit 7")
        #expect(run.status == 7, "\(run)")
        #expect(run.standardOutput == "ran\n")
        #expect(run.standardError.contains("there is no room"), "\(run)")
        #expect(run.standardError.contains("ledger spool send"))
        // And with nowhere to keep the events.
        let lost = try ledger.run(
            "run", "--service", "orders", "--env", "prod", "--change", "43", "--", "sh", "-c",
            "echo ran; exit 8", environment: ["LEDGER_SPOOL": disk.path + "/spool"])
        #expect(lost.status == 8, "\(lost)")
        #expect(lost.standardOutput == "ran\n")
        #expect(lost.standardError.contains("NOT KEPT"), "\(lost)")

        try disk.makeRoom()
        let sent = try ledger.run("spool", "send")
        #expect(sent.status == 0, "\(sent)")
        #expect(try Self.entryCount(ledger) == 2)
        try expectVerified(ledger.path)
    }

    /// The limit that `ulimit -f` sets, in blocks of 1024 bytes.
    @Test func recordsNothingBeyondTheLimitOfAFile() throws {
        let ledger = try BuiltLedger()
        #expect(try Self.note(ledger, "before").status == 0)
        let script = try ledger.folder.write(
            String(repeating: "-- nothing\n", count: 40_000), to: "V1__large.sql")
        let command = "ulimit -f 256; exec \"$0\" \"$@\""
        let arguments = [
            BuiltLedger.executable(), "record", "deployment", "--service", "orders", "--env",
            "prod", "--file", script,
        ]
        let refused = try Shell.execute(
            "bash", ["-c", command] + arguments, environment: ledger.variables)
        #expect(refused.status == 1, "\(refused)")
        // To SQLite that is no full disk.
        #expect(refused.standardError.contains("nothing of this was recorded"), "\(refused)")
        #expect(refused.standardOutput.isEmpty)
        #expect(try Self.entryCount(ledger) == 1)
        try expectVerified(ledger.path)
        let run = try Shell.execute(
            "bash",
            [
                "-c", command, BuiltLedger.executable(), "run", "--file", script, "--", "sh",
                "-c", "exit 7",
            ],
            environment: ledger.variables.merging(["LEDGER_SPOOL": ledger.folder.file("s")]) { $1 })
        #expect(run.status == 7, "\(run)")
        #expect(try Self.large(ledger, 400_000).status == 0)
        try expectVerified(ledger.path)
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "needs root"), arguments: [true, false])
    func readsFromADiskThatCantBeWritten(isClosed: Bool) throws {
        let disk = try SmallDisk(bytes: 4 << 20)
        let ledger = try BuiltLedger(path: disk.path + "/ledger.db")
        #expect(
            try ledger.run(
                "record", "deployment", "--service", "orders", "--env", "prod", "--change", "42"
            ).status == 0)
        if isClosed {
            for suffix in ["-wal", "-shm"] where access(ledger.path + suffix, F_OK) == 0 {
                try FileManager.default.removeItem(atPath: ledger.path + suffix)
            }
        }
        try disk.remount("ro")
        try Self.expectReadOnly(ledger)
        try disk.remount("rw")
        #expect(try Self.note(ledger, "again").status == 0)
        try expectVerified(ledger.path)
    }

    /// Rights that don't let one write, for a file and for its folder; as root, as somebody else.
    @Test func readsWhatMayNotBeWritten() throws {
        let folder = try Self.publicFolder()
        let ledger = try BuiltLedger(path: folder.file("ledger.db"))
        #expect(
            try ledger.run(
                "record", "deployment", "--service", "orders", "--env", "prod", "--change", "42"
            ).status == 0)
        defer { chmod(folder.path, 0o755) }
        for (file, directory) in [(0o444, 0o555), (0o644, 0o555), (0o444, 0o777)]
            as [(mode_t, mode_t)]
        {
            chmod(ledger.path, file)
            chmod(folder.path, directory)
            try Self.expectReadOnly(ledger, asNobody: Torture.isRoot)
            chmod(folder.path, 0o755)
            chmod(ledger.path, 0o644)
        }
        #expect(try Self.note(ledger, "again").status == 0)
        try expectVerified(ledger.path)
    }

    // Its parents can be entered by anybody.
    private static func publicFolder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o755)
        return folder
    }

    private static func expectReadOnly(
        _ ledger: BuiltLedger, asNobody: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        func run(_ arguments: String...) throws -> Shell.Result {
            let user = ["--reuid=65534", "--regid=65534", "--clear-groups"]
            let command = [try Self.publicExecutable()] + arguments
            return asNobody
                ? try Shell.execute("setpriv", user + command, environment: ledger.variables)
                : try Shell.execute(command[0], arguments, environment: ledger.variables)
        }
        let query = try run("query", "--env", "prod", "-o", "ndjson")
        #expect(query.status == 0, "\(query)", sourceLocation: sourceLocation)
        #expect(query.standardOutput.contains("\"42\""), "\(query)", sourceLocation: sourceLocation)
        let verify = try run("verify")
        #expect(verify.status == 0, "\(verify)", sourceLocation: sourceLocation)
        let record = try run("record", "note", "--message", "no")
        #expect(record.status == 1, "\(record)", sourceLocation: sourceLocation)
        #expect(
            record.standardError.contains("can't be written"), "\(record)",
            sourceLocation: sourceLocation)
        #expect(record.standardOutput.isEmpty, sourceLocation: sourceLocation)
    }

    /// A copy of the command where anybody may run it.
    private static let copied: Result<TemporaryFolder, any Error> = Result {
        let folder = try publicFolder()
        try FileManager.default.copyItem(
            atPath: BuiltLedger.executable(), toPath: folder.file("ledger"))
        chmod(folder.file("ledger"), 0o755)
        return folder
    }

    private static func publicExecutable() throws -> String {
        Torture.isRoot ? try copied.get().file("ledger") : BuiltLedger.executable()
    }
}
