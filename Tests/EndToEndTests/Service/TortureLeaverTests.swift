import Foundation
import TestSupport
import Testing

/// Clients that go away before the service is done with them.
@Suite(.serialized) struct TortureLeaverTests {
    @Test func theEventOfAClientThatLeftIsInOrOut() throws {
        let seed = SeededGenerator().seed
        let service = try RunningService()
        let (writer, reader) = (try service.token("writer"), try service.token("reader"))
        let figures = try Storm.run(
            "leavers.py",
            ["write", service.url, writer, reader, "\(seed)", Torture.isWhole ? "20000" : "200"],
            comment: "seed \(seed)")
        service.endWell()
        try expectVerified(service.ledger.path, "seed \(seed)")
        Torture.say(figures)
    }

    @Test func aReaderThatLeavesStopsTheWorkForIt() throws {
        let service = try RunningService()
        let (writer, reader) = (try service.token("writer"), try service.token("reader"))
        let figures = try Storm.run(
            "leavers.py",
            [
                "read", service.url, writer, reader, "\(service.processID)",
                Torture.isWhole ? "200" : "16",
            ])
        service.endWell()
        Torture.say(figures)
    }
}
