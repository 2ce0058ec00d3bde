import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

@testable import LedgerReport

/// Rows that anybody can draw again.
@Suite struct SamplingTests {
    private let population = SHA256.hash(Array("population".utf8))

    private func drawn(
        _ size: Int, of strata: [String], seed: String = "7", by column: String? = nil
    ) -> [Sampling.Drawn] {
        var sampling = Sampling(
            SamplePlan(size: size, seed: seed, stratify: column), population: population)
        for stratum in strata { sampling.add(stratum: stratum) }
        return sampling.drawn()
    }

    @Test func theKeyOfARowIsTheDigestOfATextThatAnybodyCanHash() throws {
        let rows = drawn(3, of: [String](repeating: "", count: 10))
        for row in rows {
            let text = "7:\(population.hex):\(row.row)"
            #expect(row.key == SHA256.hash(Array(text.utf8)))
        }
        #expect(rows.map(\.key) == rows.map(\.key).sorted())
        let all = drawn(100, of: [String](repeating: "", count: 10))
        #expect(Set(all.map(\.row)) == Set(1...10))
        #expect(all.prefix(3).map(\.row) == rows.map(\.row))
    }

    @Test(arguments: 0..<50) func moreRowsChangeNoneOfThoseBefore(number: Int) {
        var random = SeededGenerator(seed: UInt64(number))
        let names = ["standard", "normal", "emergency", ""]
        let strata = (0..<Int.random(in: 1...200, using: &random)).map { _ in
            names[min(Int.random(in: 0..<40, using: &random), 3)]
        }
        for column in [nil, "class"] {
            let few = drawn(12, of: strata, by: column)
            let many = drawn(30, of: strata, by: column)
            #expect(many.prefix(few.count).map(\.row) == few.map(\.row), "seed \(number)")
            #expect(many.count == min(30, strata.count))
            #expect(Set(many.map(\.row)).count == many.count)
        }
        let byClass = drawn(30, of: strata, by: "class")
        #expect(Set(byClass.map(\.stratum)) == Set(strata), "seed \(number)")
        // Each gets its share, and one more at most: but for those that have one anyway.
        for name in Set(strata) {
            let share = Double(30 * strata.count { $0 == name }) / Double(strata.count)
            let count = byClass.count { $0.stratum == name }
            #expect(count <= max(2, Int(share) + 2), "seed \(number): \(name)")
        }
    }

    @Test func anotherSeedDrawsOtherRows() {
        let strata = [String](repeating: "", count: 1000)
        #expect(drawn(25, of: strata).map(\.row) != drawn(25, of: strata, seed: "8").map(\.row))
    }
}
