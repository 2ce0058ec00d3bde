import Foundation
import LedgerCore
import TestSupport
import Testing

/// Exports while something else goes on, and after more has happened.
@Suite struct CommandExportMomentTests: ExportTesting {
    /// Many events, so that an export takes its time.
    private func largeLedger(_ count: Int) throws -> BuiltLedger {
        let ledger = try BuiltLedger()
        try ledger.folder.write(Self.events(count, from: 0), to: "events.ndjson")
        try ledger.output("import", "events", "events.ndjson")
        return ledger
    }

    private static func events(_ count: Int, from first: Int) -> String {
        (first..<first + count).map { number in
            #"{"service":"s\#(number % 5)","environment":"prod","tenant":"t\#(number % 40)","#
                + #""change":{"id":"\#(number / 40)"},"deployment":{"status":"succeeded"},"#
                + #""reason":"\#(number)","id":"e\#(number)"}"#
        }.joined(separator: "\n") + "\n"
    }

    @Test func anExportThatIsKilledIsThereWholeOrNotAtAll() throws {
        let ledger = try largeLedger(3000)
        var wholeCount = 0
        for round in 0..<8 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: BuiltLedger.executable())
            process.arguments = ["export", "deployments", "--out", "out\(round)", "--with-entries"]
            process.environment = ledger.variables
            process.currentDirectoryURL = URL(fileURLWithPath: ledger.folder.path)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            let end = ContinuousClock.now + .milliseconds(150 * round)
            try process.run()
            while process.isRunning, ContinuousClock.now < end { usleep(2000) }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let folder = ledger.folder.file("out\(round)")
            guard FileManager.default.fileExists(atPath: folder) else { continue }
            wholeCount += 1
            #expect(try verifyInPython(folder).status == 0, "round \(round)")
        }
        #expect(try ledger.run("verify").status == 0)
        #expect(wholeCount < 8)
    }

    @Test func anExportWhileOthersWriteIsOfOneMoment() throws {
        let ledger = try largeLedger(2000)
        try ledger.folder.write(Self.events(4000, from: 2000), to: "more.ndjson")
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: "/bin/sh")
        // In many transactions.
        writer.arguments = [
            "-c",
            "split -l 200 more.ndjson part. && for part in part.*; do \"$0\" import events $part; done",
            BuiltLedger.executable(),
        ]
        writer.environment = ledger.variables.merging(["PATH": "/usr/bin:/bin"]) { $1 }
        writer.currentDirectoryURL = URL(fileURLWithPath: ledger.folder.path)
        writer.standardOutput = FileHandle.nullDevice
        writer.standardError = FileHandle.nullDevice
        try writer.run()
        var folders: [String] = []
        while writer.isRunning, folders.count < 5 {
            let name = "out\(folders.count)"
            try ledger.output("export", "change-population", "--out", name, "--with-entries")
            folders.append(ledger.folder.file(name))
        }
        writer.waitUntilExit()
        #expect(writer.terminationStatus == 0)
        #expect(!folders.isEmpty)
        for folder in folders {
            let result = try verify(ledger, folder)
            #expect(result.status == 0, "\(result.standardOutput)")
        }
    }

    @Test func whatWasErasedOrArchivedSinceIsToldAndIsNoAlteration() throws {
        let ledger = try ledger()
        let folder = try export(ledger)
        try ledger.output(
            "redact", "4", "--member", "reason", "--reason", "asked for it")
        let erased = try verify(ledger, folder)
        #expect(erased.status == 0, "\(erased.standardOutput)")
        #expect(erased.standardError.contains("1 rows have values that were erased"))
        try change("\(folder)/change-population.csv") {
            $0.replacing(",V5,", with: ",V55,", maxReplacements: 1)
        }
        #expect(try verify(ledger, folder).status == 5)
    }

    @Test func aHoldStopsTheArchive() throws {
        let ledger = try ledger()
        try ledger.output(
            "hold", "add", "case 7", "--service", "orders", "-m", "asked by a court")
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).utc
        let result = try ledger.run("archive", "create", "--before", now, "--out", "old")
        result.expect(4, "is held for case 7")
        #expect(!FileManager.default.fileExists(atPath: ledger.folder.file("old")))
        try ledger.output("hold", "lift", "case 7", "-m", "closed")
        #expect(try ledger.run("verify").status == 0)
    }

    @Test func anExportOfArchivedEntriesSaysThatTheirBodiesAreElsewhere() throws {
        let ledger = try ledger()
        let before = try export(ledger, "before", "--with-entries")
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).utc
        try ledger.output("archive", "create", "--before", now, "--out", "old")
        let after = try export(ledger, "after", "--with-entries")
        for folder in [before, after] {
            let result = try verify(ledger, folder)
            #expect(result.status == 0, "\(result.standardOutput)")
            #expect(try verifyInPython(folder).status == 0)
        }
        #expect(
            try verify(ledger, after).standardError.contains("24 entries are archived"))
        try ledger.output("archive", "restore", "old")
        for folder in [before, after] { #expect(try verify(ledger, folder).status == 0) }
        try change("\(before)/change-population.csv") {
            $0.replacing(",V5,", with: ",V55,", maxReplacements: 1)
        }
        #expect(try verify(ledger, before).status == 5)
    }
}
