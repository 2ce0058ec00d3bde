import LedgerCore
import LedgerCrypto

// SamplePlan.swift
//
// How rows are drawn, so that anybody can draw them again. Row N of the file of rows, the first being
// 1, has the key
//
//    SHA-256 of the text SEED:POPULATION:N
//
// in lower-case hexadecimal digits, where POPULATION is the SHA-256 of the file of rows, likewise.
// The rows with the lowest keys are drawn, in the order of their keys: to draw more adds rows, and
// changes none of those before.
//
// With a column to stratify by, rows with the same text in it are a stratum. First each stratum, the
// largest first, gives its row with the lowest key; then the next row comes again and again from the
// stratum whose rows / (2 × drawn + 1) is highest (Webster, Sainte-Laguë); of strata that are alike,
// from the one whose text comes first.

/// Which rows of a population are drawn.
public struct SamplePlan: Sendable, Equatable {
    public let size: Int
    public let seed: String
    /// A column.
    public let stratify: String?

    public init(size: Int, seed: String, stratify: String? = nil) {
        self.size = size
        self.seed = seed
        self.stratify = stratify
    }

    public var json: JSONObject {
        JSONObject([
            "seed": .string(seed), "size": .integer(Int64(size)),
            "stratify": stratify.map(JSON.string),
        ])
    }

    init?(json: JSONObject) {
        guard let size = json["size"]?.integer, let seed = json["seed"]?.string else { return nil }
        self.init(size: Int(size), seed: seed, stratify: json["stratify"]?.string)
    }
}

/// Draws rows.
public struct Sampling {
    public struct Drawn: Sendable {
        /// The number of the row, from 1.
        public let row: Int
        public let key: Digest
        public let stratum: String?
    }

    private let plan: SamplePlan
    private let population: Digest
    private let hasher = SHA256()
    // By stratum; all under one name without strata.
    private var rows: [ExactText: [(key: Digest, row: Int)]] = [:]
    private var count = 0

    /// - Parameter population: SHA-256 of the file of rows.
    public init(_ plan: SamplePlan, population: Digest) {
        self.plan = plan
        self.population = population
    }

    /// Takes in the next row.
    ///
    /// - Parameter stratum: its text in the column to stratify by; empty if it has none.
    public mutating func add(stratum: String = "") {
        count += 1
        let key = hasher.hash(Array("\(plan.seed):\(population.hex):\(count)".utf8))
        rows[ExactText(plan.stratify == nil ? "" : stratum), default: []].append((key, count))
    }

    /// In the order in which they are drawn.
    public func drawn() -> [Drawn] {
        let strata = rows.sorted { $0.key < $1.key }.map { name, rows in
            (name: name.text, rows: rows.sorted { $0.key < $1.key })
        }
        var taken = [Int](repeating: 0, count: strata.count)
        var drawn: [Drawn] = []
        func take(_ place: Int) {
            let (name, rows) = strata[place]
            let row = rows[taken[place]]
            taken[place] += 1
            drawn.append(
                Drawn(row: row.row, key: row.key, stratum: plan.stratify == nil ? nil : name))
        }
        let bySize = strata.indices.sorted {
            (-strata[$0].rows.count, $0) < (-strata[$1].rows.count, $1)
        }
        for place in bySize.prefix(plan.size) { take(place) }
        while drawn.count < min(plan.size, count) {
            // a / (2b + 1) > c / (2d + 1), without fractions.
            let open = strata.indices.filter { taken[$0] < strata[$0].rows.count }
            let next = open.max { left, right in
                let (one, other) = (
                    strata[left].rows.count * (2 * taken[right] + 1),
                    strata[right].rows.count * (2 * taken[left] + 1)
                )
                return (one, right) < (other, left)
            }
            guard let next else { break }
            take(next)
        }
        return drawn
    }
}
