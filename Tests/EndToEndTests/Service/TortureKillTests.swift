import Foundation
import TestSupport
import Testing

/// The service is killed while 64 clients post to it.
@Suite(.serialized) struct TortureKillTests {
    private static let clientCount = 64

    @Test func nothingAcknowledgedIsLostWhenTheServiceIsKilled() throws {
        var generator = SeededGenerator()
        let seed = generator.seed
        let ledger = try BuiltLedger()
        let writer = try ledger.output("token", "create", "--role", "writer")
            .trimmingCharacters(in: .newlines)
        let state = ledger.folder.file("state")
        let rounds = Torture.isWhole ? 100 : 3
        for round in 0..<rounds {
            let service = try RunningService(ledger)
            let storm = try Storm.Running(
                "writers.py",
                ["post", service.url, writer, state, "\(seed)-\(round)", "\(Self.clientCount)"],
                in: ledger.folder)
            try storm.waitFor("posting")
            usleep(UInt32.random(in: 50_000...1_000_000, using: &generator))
            #expect(service.end(SIGKILL).signal == SIGKILL, "\(service.log)")
            _ = storm.figures("round \(round), seed \(seed)")
            if round % 10 == 9 || !Torture.isWhole {
                let verdict = try Verdict.ofLedger(at: ledger.path)
                #expect(
                    verdict == Verdict(status: 0, codes: []), "round \(round), seed \(seed)")
                try Storm.run("writers.py", ["check", ledger.path, state], comment: "seed \(seed)")
            }
        }
        let service = try RunningService(ledger)
        let settled = try Storm.run(
            "writers.py", ["settle", service.url, writer, state], comment: "seed \(seed)")
        service.endWell()
        let figures = try Storm.run(
            "writers.py", ["check", ledger.path, state], comment: "seed \(seed)")
        #expect(figures.hasSuffix(" 0 unclear"), "\(figures), seed \(seed)")
        #expect(!figures.hasPrefix("0 "), "\(figures), seed \(seed)")
        try expectVerified(ledger.path, "seed \(seed)")
        Torture.say(
            "\(rounds) rounds of SIGKILL under \(Self.clientCount) clients, seed \(seed): "
                + "\(figures), after \(settled)")
    }
}
