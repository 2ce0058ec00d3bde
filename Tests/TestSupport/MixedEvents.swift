import LedgerCore

/// Events of few names in any order: deployments with their starts before or after, merges, and
/// corrections of them all.
public struct MixedEvents {
    private var random: SeededGenerator

    public init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    private mutating func one(of values: [String]) -> String {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    private mutating func time() -> String {
        "2026-01-0\(Int.random(in: 1...3, using: &random))T00:00:0\(one(of: ["1", "2", "3"]))Z"
    }

    private mutating func digest() -> String {
        "sha256:" + String(repeating: one(of: ["a", "b"]), count: 64)
    }

    public mutating func event(_ number: Int) throws -> Event {
        var object = JSONObject()
        object.set("e\(number)", at: "id")
        if number > 0, chance(15) {
            object.set("correction", at: "type")
            let entry = Int64.random(in: 0..<Int64(number), using: &random)
            object.set(.array([.object(JSONObject(["entry": .integer(entry)]))]), at: "about")
            switch Int.random(in: 0..<4, using: &random) {
            case 0: object.set(one(of: ["dev", "prod"]), at: "correction", "environment")
            case 1: object.set(one(of: ["1", "2"]), at: "correction", "change", "id")
            case 2: object.set(time(), at: "correction", "time")
            default: object.set(one(of: ["acme", "globex"]), at: "correction", "tenant")
            }
            return try EventReader.event(from: object)
        }
        object.set("orders", at: "service")
        object.set(one(of: ["1", "2", "3"]), at: "change", "id")
        if chance(70) { object.set(time(), at: "time") }
        if chance(60) { object.set(digest(), at: "change", "digest") }
        if chance(15) {
            object.set("merge", at: "type")
            object.set(String(repeating: "a", count: 40), at: "git", "commit")
            return try EventReader.event(from: object)
        }
        object.set(one(of: ["dev", "prod"]), at: "environment")
        if chance(80) { object.set(one(of: ["acme", "globex"]), at: "tenant") }
        let statuses = ["started", "started", "succeeded", "succeeded", "failed", "skipped"]
        object.set(one(of: statuses + ["unknown"]), at: "deployment", "status")
        if chance(60) { object.set("d\(one(of: ["1", "2", "3", "4"]))", at: "deployment", "id") }
        let operations = ["apply", "apply", "apply", "revert", "baseline", "mark", "repair"]
        object.set(one(of: operations), at: "deployment", "operation")
        if chance(50) {
            let duration = Int64.random(in: 1...5, using: &random)
            object.set(.integer(duration), at: "deployment", "duration_ms")
        }
        return try EventReader.event(from: object)
    }
}
