import Foundation
import TestSupport
import Testing

@testable import LedgerCore
@testable import LedgerCrypto

/// Events that nobody would write: the reader takes or refuses them, and what it takes it takes
/// again, as the same.
@Suite struct RandomEventTests {
    private static let isTorture = ProcessInfo.processInfo.environment["LEDGER_TORTURE"] == "1"

    @Test func whateverIsTakenIsTakenAgainAsTheSame() throws {
        let generator = SeededGenerator()
        var random = RandomJSON(generator: generator)
        let examples = try PackageFiles.object("schema/event/examples.json")
        let good = try #require(examples["good"]?.array).compactMap { $0.object?["event"]?.object }
        let bad = try #require(examples["bad"]?.array).compactMap { $0.object?["event"]?.object }
        let hasher = SHA256()
        var counts = (taken: 0, refused: 0)
        for _ in 0..<(Self.isTorture ? 10_000 : 2000) {
            let input = try input(good, bad, &random)
            let event: Event
            do throws(LedgerError) {
                event = try EventReader.read(input)
            } catch {
                counts.refused += 1
                #expect(error.code == .invalidEvent)
                continue
            }
            counts.taken += 1
            let shown = Comment("\(String(decoding: input, as: UTF8.self)), seed \(generator.seed)")
            let bytes = CanonicalJSON.bytes(.object(event.members))
            #expect(bytes.count <= EventSchema.eventByteLimit, shown)
            let again = try EventReader.read(CanonicalJSON.bytes(.object(event.intake)))
            #expect(again.members == event.members, shown)
            #expect(again.privateMembers == event.privateMembers, shown)
            #expect(again.attachments == event.attachments, shown)
            #expect(again.intake == event.intake, shown)
            checkBody(of: event, hasher, shown)
        }
        #expect(counts.taken > 200 && counts.refused > 200, "seed \(generator.seed): \(counts)")
    }

    // The ledger must be able to verify whatever it took.
    private func checkBody(of event: Event, _ hasher: SHA256, _ shown: Comment) {
        let body = Body(
            event: event, principal: Principal(kind: .local, id: "0"),
            nonce: [UInt8](repeating: 0, count: 16), hasher: hasher
        ) { [UInt8](repeating: 1, count: 16)[...] }
        for bytes in [body.bytes] + body.disclosures.map(\.bytes) {
            let isCanonical = bytes.withUnsafeBytes { buffer in
                var cursor = CanonicalCursor(buffer)
                return cursor.skipValue() && cursor.isAtEnd
            }
            #expect(isCanonical, shown)
        }
    }

    private func input(
        _ good: [JSONObject], _ bad: [JSONObject], _ random: inout RandomJSON
    ) throws -> [UInt8] {
        var event = try #require(good.randomElement(using: &random.generator))
        switch Int.random(in: 0...6, using: &random.generator) {
        case 0: return random.mutated(CanonicalJSON.bytes(.object(event)))
        case 1:
            // Members of one event in another.
            let other = try #require((good + bad).randomElement(using: &random.generator))
            for member in other.members where Bool.random(using: &random.generator) {
                if member.name != "type" { event[member.name] = member.value }
            }
        case 2:
            let member = try #require(EventSchema.members.randomElement(using: &random.generator))
            event[member.name] = random.value()
        case 3:
            let member = try #require(event.members.randomElement(using: &random.generator))
            event[member.name] = nil
        case 4:
            // Attachments as text and as base64, and those that change or add a digest.
            event["attachments"] = attachments(&random)
        case 5:
            let names = ["message", "reason", "title", "service", "tenant", "database", "host"]
            for name in names where Bool.random(using: &random.generator) {
                event[name] = .string(random.text() + "x")
            }
            event["links"] = ["a": .string("x://" + url(&random))]
        default: return CanonicalJSON.bytes(random.value())
        }
        return CanonicalJSON.bytes(.object(event))
    }

    private func attachments(_ random: inout RandomJSON) -> JSON {
        var object = JSONObject()
        for name in ["script", "output", "plan.txt", "rollback_script"]
        where Bool.random(using: &random.generator) {
            let bytes = (0..<Int.random(in: 0...9, using: &random.generator)).map { _ in
                UInt8.random(in: 0...255, using: &random.generator)
            }
            var inner: JSONObject =
                Bool.random(using: &random.generator)
                ? JSONObject(["base64": .string(Base64.encode(bytes))])
                : JSONObject(["text": .string(random.text())])
            if Bool.random(using: &random.generator) { inner["media_type"] = "text/csv" }
            object[name] = .object(inner)
        }
        return .object(object)
    }

    private func url(_ random: inout RandomJSON) -> String {
        let pieces = [
            "a", "@", ":", "/", "?", "#", "&", ";", "=", "token", "%74oken", "key", "é", "\u{301}",
            "%",
        ]
        return (0..<Int.random(in: 0...12, using: &random.generator)).reduce(into: "") { text, _ in
            text += pieces.randomElement(using: &random.generator) ?? ""
        }
    }
}
