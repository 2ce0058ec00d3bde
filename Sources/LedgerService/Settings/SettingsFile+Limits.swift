import LedgerCore

extension SettingsFile {
    /// A bound by its name.
    private struct Limit: Sendable {
        let name: String
        let range: ClosedRange<Int>
        let place: WritableKeyPath<ServiceLimits, Int> & Sendable
        let meaning: String

        var key: Key {
            let usual = ServiceLimits()[keyPath: place]
            return Key(name: "limits." + name, meaning: "\(meaning); else \(usual)")
        }
    }

    private static let bounds = [
        Limit(
            name: "body-bytes", range: 1024...1 << 30, place: \.bodyBytes,
            meaning: "bytes in a request's body"),
        Limit(
            name: "events", range: 1...1_000_000, place: \.events,
            meaning: "events in one request"),
        Limit(
            name: "waiting", range: 1...1_000_000, place: \.waiting,
            meaning: "requests that wait to be recorded"),
        Limit(
            name: "requests-per-minute", range: 1...1_000_000_000, place: \.requestsPerMinute,
            meaning: "requests of one token in a minute"),
        Limit(
            name: "connections", range: 1...1_000_000, place: \.connections,
            meaning: "connections at the same time; more wait"),
        Limit(
            name: "streams", range: 0...1_000_000, place: \.streams,
            meaning: "streams of new entries that are followed at the same time"),
        Limit(
            name: "idle-seconds", range: 1...86_400, place: \.idleSeconds,
            meaning: "how long a connection may lie still"),
        Limit(
            name: "body-seconds", range: 1...86_400, place: \.bodySeconds,
            meaning: "how long the body of a request may take to come"),
        Limit(
            name: "drain-seconds", range: 0...86_400, place: \.drainSeconds,
            meaning: "how long what was accepted may take when the service ends"),
        Limit(
            name: "hook-seconds", range: 0...600, place: \.hookSeconds,
            meaning: "how long a forge waits until the scripts of a merge are found; forges give "
                + "up after 10"),
        Limit(
            name: "fetch-seconds", range: 1...86_400, place: \.fetchSeconds,
            meaning: "how long `git fetch` may take"),
    ]

    static let limits = Section(
        name: "limits", keys: bounds.map(\.key),
        read: { (node, reader) throws(LedgerError) in
            for (key, value) in try reader.yaml.members(node, "limits", bounds.map(\.name)) {
                guard let limit = bounds.first(where: { $0.name == key }) else { continue }
                reader.settings.limits[keyPath: limit.place] = try reader.yaml.number(
                    value, "limits." + key, in: limit.range)
            }
        })
}
