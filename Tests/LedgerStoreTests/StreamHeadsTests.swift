import LedgerCrypto
import TestSupport
import Testing

@testable import LedgerProof

@Suite struct StreamHeadsTests {
    @Test func keepsEveryStreamApartAsItGrows() throws {
        var generator = SeededGenerator()
        var streams = StreamHeads()
        var counts: [Digest: Int64] = [:]
        // A third begins with the same eight bytes, and so in the same place.
        let ids = try (0..<3000).map { number in
            var bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if number % 3 == 0 {
                bytes.replaceSubrange(0..<8, with: [UInt8](repeating: 7, count: 8))
            }
            return try #require(Digest(bytes))
        }
        for _ in 0..<20_000 {
            let id = ids[Int.random(in: 0..<ids.count, using: &generator)]
            let number = streams.number(of: id)
            let expected = counts[id, default: 0]
            #expect(streams[number].count == expected, "seed \(generator.seed)")
            #expect(streams[number].hash == (expected == 0 ? .zero : id), "seed \(generator.seed)")
            counts[id] = expected + 1
            streams[number] = StreamHeads.Head(count: expected + 1, hash: id)
        }
        #expect(streams.count == counts.count, "seed \(generator.seed)")
    }
}
