import Foundation

/// A random generator (SplitMix64) whose seed a failing test prints, so that it can be run again:
/// `LEDGER_TEST_SEED=1234 swift test`.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    public let seed: UInt64
    private var state: UInt64

    public init(seed: UInt64? = nil) {
        let given = ProcessInfo.processInfo.environment["LEDGER_TEST_SEED"].flatMap(UInt64.init)
        self.seed = seed ?? given ?? UInt64.random(in: 1...UInt64.max)
        state = self.seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
