import Foundation
import LedgerCore
import TestSupport
import Testing

/// Input that nobody would write, taken in by the built command.
@Suite struct TortureInputTests {
    @Test func takesOrRefusesWhateverComesIn() throws {
        var random = RandomJSON(generator: SeededGenerator())
        let seed = random.generator.seed
        let ledger = try BuiltLedger()
        let examples = try Self.examples()
        let count = Torture.isWhole ? 10_000 : 2000
        var input = Data()
        for _ in 0..<count {
            var line = try Self.input(examples, &random)
            // One line each, and none that is passed over as empty.
            for place in line.indices where line[place] == 0x0A { line[place] = 0x20 }
            // A blank line is no event, and a first line with [ would make the file an array.
            let visible = line.first { ![0x20, 0x09, 0x0D].contains($0) }
            let isArray = input.isEmpty && visible == UInt8(ascii: "[")
            if visible == nil || isArray { line = Array("?".utf8) }
            input.append(contentsOf: line + [0x0A])
        }
        let run = try ledger.run("import", "events", "--keep-going", "-", input: input)
        let shown = "seed \(seed): \(run.status), \(run.standardError.suffix(500))"
        #expect(run.status == 1, "\(shown)")
        let lines = run.standardError.split(separator: "\n")
        let refusals = lines.filter { $0.hasPrefix("refused: line ") }
        let entries = Int(try ledger.sqlite3("SELECT count(*) FROM entry").output.dropLast())
        let recorded = try #require(entries)
        let summary = try #require(lines.last).replacing(",", with: "")
        let repeats =
            summary.firstMatch(of: /([0-9]+) (?:were )?recorded before/).flatMap { Int($0.1) } ?? 0
        #expect(summary.contains("\(refusals.count) refused"), "\(shown)")
        #expect(refusals.count + recorded + repeats == count, "\(shown)")
        #expect(recorded > count / 50 && refusals.count > count / 50, "\(shown)")
        #expect(Torture.receipts(in: run.standardOutput).count == 1)
        try expectVerified(ledger.path, "seed \(seed)")
        // Every row that was taken in can be shown.
        let log = try ledger.run("log", "-o", "ndjson", "--limit", "\(count)")
        #expect(log.status == 0, "seed \(seed): \(log.standardError)")
        Torture.say(
            "\(count) random and mutated events, seed \(seed): \(recorded) recorded, \(repeats) "
                + "recorded before, \(refusals.count) refused")
    }

    private static func examples() throws -> [JSONObject] {
        let path = Torture.package + "/schema/event/examples.json"
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let object = try #require(try JSONReader.read(Array(data)).object)
        let all = try ["good", "bad"].flatMap { try #require(object[$0]?.array) }
        return all.compactMap { $0.object?["event"]?.object }
    }

    private static func input(
        _ examples: [JSONObject], _ random: inout RandomJSON
    ) throws -> [UInt8] {
        var event = try #require(examples.randomElement(using: &random.generator))
        // Most have the same id again; others are new.
        if Bool.random(using: &random.generator) { event["id"] = nil }
        switch Int.random(in: 0...5, using: &random.generator) {
        case 0, 1: return random.mutated(CanonicalJSON.bytes(.object(event)))
        case 2:
            let other = try #require(examples.randomElement(using: &random.generator))
            for member in other.members where Bool.random(using: &random.generator) {
                if member.name != "type" { event[member.name] = member.value }
            }
        case 3:
            let member = try #require(event.members.randomElement(using: &random.generator))
            event[member.name] = random.value()
        case 4:
            for name in ["message", "reason", "title", "service", "tenant", "database", "host"]
            where Bool.random(using: &random.generator) {
                event[name] = .string(random.text() + "x")
            }
        default: return CanonicalJSON.bytes(random.value())
        }
        return CanonicalJSON.bytes(.object(event))
    }
}
