import Foundation
import LedgerCore
import TestSupport
import Testing

@testable import LedgerClient

/// The spool between processes that are killed, run at once, or have no room.
struct SpoolProcessTests {
    let fixture: Fixture

    init() throws {
        fixture = try Fixture()
    }

    @Test func killedInTheMiddleNothingIsHalfThere() throws {
        var generator = SeededGenerator()
        for _ in 0..<25 {
            _ = try fixture.run(["true"], mode: "io", options: ["timeout=0.1"]) { process in
                usleep(UInt32.random(in: 0...30_000, using: &generator))
                process.send(SIGKILL)
            }
        }
        let rows = try Spool(path: fixture.spool).list()
        #expect(rows.allSatisfy { $0.refusal == nil && $0.ledger != nil })
        _ = try fixture.run(["true"])
        #expect(try fixture.recorded().count == rows.count + 2, "seed \(generator.seed)")
        #expect(try Spool(path: fixture.spool).list().isEmpty)
    }

    @Test func killedWhileSendingNothingIsLost() throws {
        var generator = SeededGenerator()
        for _ in 0..<10 { _ = try fixture.run(["true"], mode: "io") }
        let waiting = try Spool(path: fixture.spool).list().count
        #expect(waiting == 20)
        for _ in 0..<10 {
            _ = try fixture.run(["true"]) { process in
                usleep(UInt32.random(in: 0...40_000, using: &generator))
                process.send(SIGKILL)
            }
        }
        _ = try fixture.run(["true"])
        let ids = try fixture.recorded().compactMap { $0["id"]?.string }
        #expect(Set(ids).count >= waiting + 2, "seed \(generator.seed)")
        #expect(try Spool(path: fixture.spool).list().isEmpty)
        // Repeats are of events whose receipt was lost; without them everything is in order.
        let deployments = try fixture.recorded().compactMap { $0[["deployment", "id"]]?.string }
        var seen: [String] = []
        for deployment in deployments where !seen.contains(deployment) { seen.append(deployment) }
        #expect(seen == seen.sorted(), "seed \(generator.seed)")
    }

    @Test func runsAtOnceBringEverythingAcross() throws {
        for _ in 0..<5 { _ = try fixture.run(["true"], mode: "io") }
        let processes = try (0..<6).map { _ in
            try TestProcess(
                fixture.arguments(["true"]), folder: fixture.folder.path,
                variables: fixture.variables(),
                streams: [.file("/dev/null"), .file("/dev/null"), .file("/dev/null")])
        }
        #expect(processes.allSatisfy { $0.wait().exitCode == 0 })
        let ids = try fixture.recorded().compactMap { $0["id"]?.string }
        #expect(Set(ids).count == 22)
        #expect(try Spool(path: fixture.spool).list().isEmpty)
    }

    private static let canMount = geteuid() == 0 && Fixture.isInstalled("unshare")

    @Test(.enabled(if: canMount))
    func aFullDiskIsGoneWithout() throws {
        // The spool has 16 KiB in a name space of its own, and the script 100 KiB.
        try fixture.folder.write(
            String(repeating: "SELECT 1;\n", count: 10_000), to: "V1__big.sql")
        try fixture.folder.writeProgram("#!/bin/sh\nexit 3\n", to: "psql")
        try FileManager.default.createDirectory(
            atPath: fixture.spool, withIntermediateDirectories: true)
        let script = "mount -t tmpfs -o size=16k none \"$LEDGER_SPOOL\" || exit 99; exec \"$@\""
        let errors = fixture.folder.file("errors")
        let process = try TestProcess(
            ["unshare", "-m", "sh", "-c", script, "sh"]
                + fixture.arguments(["./psql", "-f", "V1__big.sql"]),
            folder: fixture.folder.path,
            variables: fixture.variables(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]),
            streams: [.file("/dev/null"), .file("/dev/null"), .file(errors)])
        let ending = process.wait()
        // Where name spaces are forbidden there is nothing to see.
        if ending.exitCode == 99 || ending.exitCode == 1 { return }
        #expect(ending.exitCode == 3)
        #expect(fixture.text(of: errors).contains("No space left on device"))
        #expect(try fixture.statuses() == ["started", "failed"])
    }
}
