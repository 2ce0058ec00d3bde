import Foundation
import TestSupport
import Testing

/// All that a service does at once, and its end.
@Suite struct TortureMixedTests {
    @Test func mixedLoadKeepsMemoryFlatAndTheEndLosesNothing() throws {
        let service = try RunningService()
        let state = service.ledger.folder.file("state")
        let (writer, reader) = (try service.token("writer"), try service.token("reader"))
        let figures = try Storm.run(
            "mixed.py",
            [
                "mixed", service.url, writer, reader, "\(service.processID)", state,
                Torture.isWhole ? "1800" : "5",
            ])
        let ending = service.wait()
        #expect(ending.exitCode == 0 && ending.signal == nil, "\(service.log)")
        #expect(!service.log.contains("\"level\":\"error\""))
        let path = service.ledger.path
        try Storm.run("writers.py", ["check", path, state])
        // Whoever had no answer at the end sends it again.
        let next = try RunningService(service.ledger)
        try Storm.run("writers.py", ["settle", next.url, writer, state])
        next.endWell()
        try Storm.run("writers.py", ["check", path, state])
        try expectVerified(path)
        Torture.say(figures)
    }
}
