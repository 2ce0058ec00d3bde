import LedgerCore
import LedgerCorrelation

/// `{"open":false,"receipts":[{…}],"rows":[{…}],"there":12,"v":1}`.
public struct GateAnswer: Answer {
    /// In the order of the question.
    public var verdicts: [GateVerdict] = []
    /// Of those that were asked only if they are pending, how many are there already.
    public var thereCount = 0
    /// Of the overrides, one for each change that the gate is closed for.
    public var receipts: [Receipt] = []

    public var isOpen: Bool { verdicts.allSatisfy(\.isOpen) }

    public init() {}

    public var json: JSONObject {
        JSONObject([
            "open": .bool(isOpen),
            "receipts": receipts.isEmpty ? nil : .array(receipts.map { .object($0.json) }),
            "rows": .array(verdicts.map { .object($0.json) }),
            "there": .integer(Int64(thereCount)), "v": 1,
        ])
    }

    public init?(json: JSONObject) {
        guard let rows = json["rows"]?.array, let there = json["there"]?.integer else {
            return nil
        }
        verdicts = rows.compactMap { $0.object.flatMap(GateVerdict.init) }
        receipts = (json["receipts"]?.array ?? []).compactMap { $0.object.flatMap(Receipt.init) }
        thereCount = Int(there)
        guard verdicts.count == rows.count, json["open"]?.bool == isOpen else { return nil }
    }
}
