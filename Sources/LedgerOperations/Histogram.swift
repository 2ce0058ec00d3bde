/// How many values lie up to each of some bounds.
public struct Histogram: Sendable {
    /// Ascending, inclusive.
    public let bounds: [Double]
    /// Of the values up to each bound and beyond the one before.
    public private(set) var counts: [Int]
    public private(set) var count = 0
    public private(set) var sum = 0.0

    public init(_ bounds: [Double]) {
        self.bounds = bounds
        counts = bounds.map { _ in 0 }
    }

    public mutating func add(_ value: Double) {
        count += 1
        sum += value
        if let place = bounds.firstIndex(where: { value <= $0 }) { counts[place] += 1 }
    }
}
