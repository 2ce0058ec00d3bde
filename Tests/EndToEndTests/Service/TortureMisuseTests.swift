import Foundation
import TestSupport
import Testing

/// Requests and clients that are wrong, slow, or too many.
@Suite(.serialized) struct TortureMisuseTests {
    private static func service(_ limits: String) throws -> (RunningService, [String]) {
        let ledger = try BuiltLedger()
        let service = try RunningService(ledger, Storm.settings(limits, in: ledger.folder))
        return (service, [service.url, try service.token("writer"), try service.token("reader")])
    }

    /// Ends it, and expects that nothing was its own fault and nothing secret is in its log.
    private static func expectUnharmed(
        _ service: RunningService, _ arguments: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let metrics = try service.request("GET", "/metrics").body
        let faults = metrics.split(separator: "\n").filter {
            $0.contains("status=\"500\"") || $0.contains("code=\"internal\"")
        }
        #expect(faults == [], sourceLocation: sourceLocation)
        service.endWell()
        let log = service.log
        #expect(log.contains("\"level\":\"info\""), sourceLocation: sourceLocation)
        #expect(!log.contains("\"level\":\"error\""), "\(log)", sourceLocation: sourceLocation)
        for secret in arguments.dropFirst() + ["Vq7Vq7"] {
            #expect(!log.contains(secret), sourceLocation: sourceLocation)
        }
        try expectVerified(service.ledger.path, sourceLocation: sourceLocation)
    }

    @Test func badRequestsAreRefusedAndTheNextGoodOneWorks() throws {
        let (service, arguments) = try Self.service("body-bytes: 65536, events: 100")
        let figures = try Storm.run("misuse.py", ["bad"] + arguments)
        try Self.expectUnharmed(service, arguments)
        Torture.say(figures)
    }

    @Test func slowPeersAreCutOff() throws {
        let (service, arguments) = try Self.service("idle-seconds: 1, body-seconds: 2")
        let figures = try Storm.run("misuse.py", ["slow"] + arguments)
        try Self.expectUnharmed(service, arguments)
        Torture.say(figures)
    }

    @Test func wrongCredentialsAreSlowedAndGoodOnesAreNot() throws {
        let (service, arguments) = try Self.service("events: 100")
        let figures = try Storm.run("misuse.py", ["locks"] + arguments)
        try Self.expectUnharmed(service, arguments)
        Torture.say(figures)
    }

    @Test func moreRequestsThanMayWaitAreToldToComeAgain() throws {
        let (service, arguments) = try Self.service("waiting: 2")
        let (folder, path) = (service.ledger.folder, service.ledger.path)
        let state = folder.file("state")
        let figures = try Storm.run(
            "mixed.py",
            ["crowd", arguments[0], arguments[1], state, "64", Torture.isWhole ? "100" : "3"])
        try Self.expectUnharmed(service, arguments)
        try Storm.run("writers.py", ["check", path, state])
        Torture.say(figures)
    }

    @Test func moreRequestsThanATokenHasAreRefused() throws {
        let (service, arguments) = try Self.service("requests-per-minute: 50")
        let figures = try Storm.run("mixed.py", ["often", arguments[0], arguments[2], "50"])
        // The other token has its own.
        let answer = try service.request(
            "GET", "/v1/head", headers: ["Authorization: Bearer \(arguments[1])"])
        #expect(answer.status == 200, "\(answer)")
        try Self.expectUnharmed(service, arguments)
        Torture.say(figures)
    }

    @Test func anAttachmentHasABound() throws {
        let (service, arguments) = try Self.service("events: 100")
        func post(_ count: Int) throws -> RunningService.Answer {
            let text = String(repeating: "x", count: count)
            let event =
                "{\"type\":\"note\",\"title\":\"with a log\",\"attachments\":{\"log\":{\"text\":\""
                + text + "\"}}}"
            return try service.request(
                "POST", "/v1/events",
                headers: [
                    "Authorization: Bearer \(arguments[1])", "Content-Type: application/json",
                ], body: Data(event.utf8))
        }
        let largest = try post(1 << 20)
        #expect(largest.status == 201, "\(largest)")
        let refused = try post(1 << 20 + 1)
        #expect(refused.status == 422, "\(refused)")
        #expect(refused.body.contains("1048576"), "\(refused)")
        try Self.expectUnharmed(service, arguments)
    }
}
