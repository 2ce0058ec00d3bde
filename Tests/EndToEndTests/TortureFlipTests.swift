import Foundation
import Synchronization
import TestSupport
import Testing

/// Flips the bytes of a small ledger's file, one at a time, and verifies it with both verifiers.
///
/// A flip changes the meaning if the `sqlite3` library reads other values than before, or can't read
/// them: then both must find it. Else both may say what they like, but ours finds at least as much.
@Suite struct TortureFlipTests {
    private static let events = """
        {"type":"merge","service":"orders","change":{"id":"42"},"git":{"commit":"0123456789abcdef0123456789abcdef01234567"},"author":"ann@example.com","title":"an index"}
        {"service":"orders","environment":"prod","tenant":"acme","change":{"id":"42"},"deployment":{"id":"d1","status":"started"},"actor":"ann@example.com"}
        {"service":"orders","environment":"prod","tenant":"acme","change":{"id":"42"},"deployment":{"id":"d1","status":"failed"},"error":"duplicate column","attachments":{"script":{"text":"ALTER TABLE a ADD b;"},"output":{"text":"ERROR: duplicate"}}}
        {"type":"rollback_plan","service":"orders","change":{"id":"42"},"rollback":{"strategy":"forward_fix"}}
        {"type":"note","message":"the column was there 😂","about":[{"entry":2}]}
        """

    private struct Flip: Hashable {
        let offset: Int
        let mask: UInt8
        var line: String { "\(offset) \(mask)" }
    }

    @Test func everyFlipThatChangesTheMeaningIsFoundAndNamed() throws {
        var generator = SeededGenerator()
        let ledger = try BuiltLedger()
        let made = try ledger.run("import", "events", "-", input: Data(Self.events.utf8))
        try #require(made.status == 0, "\(made.standardError)")
        // All of it in one file.
        try #require(try ledger.sqlite3("PRAGMA wal_checkpoint(TRUNCATE)").output == "0|0|0\n")
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: ledger.path)))
        let flips = Self.flips(of: bytes, &generator)
        let tallies = Mutex<[Tally]>([])
        let shards = 2
        try concurrently(shards) { shard in
            let mine = flips.enumerated().filter { $0.offset % shards == shard }.map(\.element)
            let tally = try Self.judge(mine, of: ledger.path, in: ledger.folder.file("\(shard)"))
            tallies.withLock { $0.append(tally) }
        }
        let tally = tallies.withLock { $0 }.reduce(into: Tally()) { $0.add($1) }
        #expect(
            tally.failures.isEmpty,
            "seed \(generator.seed), \(tally.failures.count): \(tally.failures.prefix(10))")
        #expect(tally.changed > 0 && tally.unreadable > 0 && tally.same > 0)
        Torture.say(
            "\(flips.count) flips of the \(bytes.count) bytes of a ledger, seed \(generator.seed): "
                + "\(tally.changed) changed the meaning and \(tally.unreadable) made it "
                + "unreadable, all found by both verifiers; \(tally.same) changed nothing, of "
                + "which \(tally.found) were found; \(tally.failures.count) failures")
    }

    // The whole: every byte once, in one bit or several; and where a byte holds something also in
    // all bits, and in one.
    private static func flips(of bytes: [UInt8], _ generator: inout SeededGenerator) -> [Flip] {
        var flips: Set<Flip> = []
        let content = bytes.indices.filter { bytes[$0] != 0 }
        if !Torture.isWhole {
            let offsets = (0..<200).compactMap { _ in content.randomElement(using: &generator) }
            for offset in offsets + bytes.indices.shuffled(using: &generator).prefix(200) {
                flips.insert(Flip(offset: offset, mask: .random(in: 1...255, using: &generator)))
            }
        } else {
            for offset in bytes.indices {
                flips.insert(Flip(offset: offset, mask: .random(in: 1...255, using: &generator)))
            }
            for offset in content {
                flips.insert(Flip(offset: offset, mask: 0xFF))
                let bit = UInt8.random(in: 0...7, using: &generator)
                flips.insert(Flip(offset: offset, mask: 1 << bit))
            }
        }
        return flips.sorted { ($0.offset, $0.mask) < ($1.offset, $1.mask) }
    }

    private struct Tally {
        var changed = 0
        var unreadable = 0
        var same = 0
        /// Of those that left the meaning as it was.
        var found = 0
        var failures: [String] = []

        mutating func add(_ other: Tally) {
            changed += other.changed
            unreadable += other.unreadable
            same += other.same
            found += other.found
            failures += other.failures
        }
    }

    private static func judge(
        _ flips: [Flip], of ledger: String, in folder: String
    ) throws -> Tally {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let script = Torture.package + "/Tests/FlipFixture/read_flipped.py"
        let copy = folder + "/ledger.db"
        var tally = Tally()
        for start in stride(from: 0, to: flips.count, by: 5000) {
            let part = Array(flips[start..<min(start + 5000, flips.count)])
            let ours = try answers(to: part, copy, of: ledger) {
                try Shell.execute(BuiltLedger.executable("FlipFixture"), [copy], input: $0)
            }
            let theirs = try answers(to: part, copy, of: ledger) {
                try Shell.execute("python3", ["-B", script, copy], input: $0)
            }
            for flip in part { judge(ours[flip] ?? [], theirs[flip] ?? [], flip, &tally) }
        }
        return tally
    }

    /// Runs a program over the flips, and again over the rest when it dies on one.
    private static func answers(
        to flips: [Flip], _ copy: String, of ledger: String,
        _ run: (Data) throws -> Shell.Result
    ) throws -> [Flip: [String]] {
        var answers: [Flip: [String]] = [:]
        var rest = flips[...]
        while !rest.isEmpty {
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: copy + suffix)
            }
            try FileManager.default.copyItem(atPath: ledger, toPath: copy)
            let result = try run(Data(rest.map { $0.line + "\n" }.joined().utf8))
            let lines = result.standardOutput.split(separator: "\n")
            for (flip, line) in zip(rest, lines) {
                let words = line.split(separator: " ").map(String.init)
                try #require(words.count > 2 && words[0...1].joined(separator: " ") == flip.line)
                answers[flip] = Array(words[2...])
            }
            rest = rest.dropFirst(lines.count)
            guard let culprit = rest.popFirst() else { continue }
            let reason = result.standardError.suffix(300)
            answers[culprit] = ["died", "with \(result.status): \(reason)"]
        }
        return answers
    }

    private static func judge(
        _ ours: [String], _ theirs: [String], _ flip: Flip, _ tally: inout Tally
    ) {
        func fail(_ reason: String) {
            tally.failures.append("\(flip.line): \(reason): \(ours), \(theirs)")
        }
        if ours.first == "died" || theirs.first == "died" { return fail("died") }
        guard let content = theirs.first else { return fail("no answer") }
        let findings = Array(theirs.dropFirst())
        let isFound = ours != ["verified"]
        let isFoundByPython = findings != ["verified"]
        switch content {
        case "same":
            tally.same += 1
            if isFound { tally.found += 1 }
            if isFoundByPython, !isFound { fail("found by Python alone") }
            return
        case "other": tally.changed += 1
        default: tally.unreadable += 1
        }
        if !isFound || !isFoundByPython { return fail("not found") }
        if content == "other", !hasSameCodes(ours, findings) { fail("other codes") }
    }

    // Where the structure is broken, what can be read depends on the order in which one reads.
    private static func hasSameCodes(_ ours: [String], _ theirs: [String]) -> Bool {
        let isBroken = (ours + theirs).contains {
            $0.hasSuffix(":damaged") || $0.hasPrefix("error:")
        }
        if isBroken { return true }
        let entries = ours.filter { code in !Verdict.derived.contains { code.hasSuffix($0) } }
        return Set(entries) == Set(theirs)
    }
}
