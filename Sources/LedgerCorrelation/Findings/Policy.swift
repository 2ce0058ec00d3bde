import LedgerCore

// Policy.swift
//
// What a company wants to be told. Everything may be left out:
//
//    {"effective_from":"2026-11-01T00:00:00.000Z",
//     "rules":{"pending-too-long":{"severity":"error","after":"14d","environments":["prod"]},
//              "unticketed":"off"}}

/// Which rules apply where, from when, and how severe they are.
public struct Policy: Sendable, Equatable {
    public struct Setting: Sendable, Equatable {
        public var isOff = false
        public var severity: Finding.Severity?
        public var after: Duration?
        public var factor: Int?
        /// Where it applies; nil where the rule itself says.
        public var environments: [String]?

        public init() {}
    }

    /// What came about before is not found.
    public var effectiveFrom: Timestamp?
    public var settings: [String: Setting] = [:]

    public init() {}

    public subscript(rule: Rule) -> Setting { settings[rule.code] ?? Setting() }
}

extension Policy {
    /// - Throws: `usage` for what is not known, with "did you mean".
    public init(json: JSON) throws(LedgerError) {
        guard let object = json.object else { throw Self.wrong("it must be an object") }
        for member in object.members {
            switch (member.name, member.value) {
            case ("effective_from", .string(let text)):
                guard let time = Timestamp(rfc3339: text) else { throw Self.noTime }
                effectiveFrom = time
            case ("effective_from", _): throw Self.noTime
            case ("rules", _) where member.value.object == nil:
                throw Self.wrong("rules must be a mapping of rules to their settings")
            case ("rules", .object(let rules)):
                for rule in rules.members {
                    settings[rule.name] = try Self.setting(rule.name, rule.value)
                }
            default:
                throw Self.wrong(
                    "\(VisibleName.of(member.name)) is not known",
                    Suggestion.advice(for: member.name, among: ["effective_from", "rules"]))
            }
        }
    }

    /// What the members of a rule's setting look like.
    private static let forms = [
        "severity": "note, warning or error", "after": "like 30m, 24h or 14d",
        "factor": "a whole number from 2 to 1000000", "environments": "a list of names",
    ]

    private static func setting(_ code: String, _ value: JSON) throws(LedgerError) -> Setting {
        let codes = FindingRules.all.map { $0.rule.code }
        guard codes.contains(code) else {
            throw wrong(
                "there is no rule \(VisibleName.of(code))",
                Suggestion.advice(for: code, among: codes))
        }
        var setting = Setting()
        if value.string == "off" || value.bool == false {
            setting.isOff = true
            return setting
        }
        guard let object = value.object else { throw wrong("\(code) must be off or an object") }
        for member in object.members {
            switch (member.name, member.value) {
            case ("severity", .string(let text)):
                guard let severity = Finding.Severity(rawValue: text) else {
                    throw wrong("\(code).severity must be note, warning or error")
                }
                setting.severity = severity
            case ("after", .string(let text)):
                guard let after = duration(text) else {
                    throw wrong("\(code).after must be like 30m, 24h or 14d")
                }
                setting.after = after
            case ("factor", .integer(let number)) where 2...1_000_000 ~= number:
                setting.factor = Int(number)
            case ("environments", .array(let names)):
                setting.environments = names.compactMap(\.string)
            default:
                guard let form = forms[member.name] else {
                    throw wrong(
                        "\(code).\(VisibleName.of(member.name)) is not known",
                        Suggestion.advice(for: member.name, among: forms.keys.sorted()))
                }
                throw wrong("\(code).\(member.name) must be \(form)")
            }
        }
        return setting
    }

    private static let noTime = wrong(
        "effective_from is no time: write it like 2026-11-01T00:00:00Z")

    private static func wrong(_ what: String, _ advice: String? = nil) -> LedgerError {
        LedgerError(.usage, "the policy: \(what)", advice: advice)
    }

    /// `30m`, `24h`, `14d`.
    public static func duration(_ text: String) -> Duration? {
        guard let unit = text.last, let number = Int64(text.dropLast()), 1...100_000 ~= number
        else { return nil }
        switch unit {
        case "m": return .seconds(60 * number)
        case "h": return .seconds(3600 * number)
        case "d": return .seconds(86_400 * number)
        default: return nil
        }
    }
}

extension Duration {
    /// Days of 24 hours.
    static func days(_ count: Int64) -> Duration { .seconds(count * 86_400) }

    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    /// `12 ms`, `0.2 s`, `14 min 3 s`, `2 h 5 min`, `3 d 4 h`.
    public static func words(milliseconds: Int64) -> String {
        func pair(_ large: Int64, _ one: String, _ small: Int64, _ other: String) -> String {
            small == 0 ? "\(large) \(one)" : "\(large) \(one) \(small) \(other)"
        }
        let seconds = milliseconds / 1000
        switch milliseconds {
        case ..<100: return "\(milliseconds) ms"
        case ..<60_000: return "\(seconds).\(milliseconds % 1000 / 100) s"
        case ..<3_600_000: return pair(seconds / 60, "min", seconds % 60, "s")
        case ..<86_400_000: return pair(seconds / 3600, "h", seconds / 60 % 60, "min")
        default: return pair(seconds / 86_400, "d", seconds / 3600 % 24, "h")
        }
    }

    /// `14 d`, `6 h`, `30 min`.
    var words: String {
        let seconds = components.seconds
        if seconds % 86_400 == 0 { return "\(seconds / 86_400) d" }
        return seconds % 3600 == 0 ? "\(seconds / 3600) h" : "\(seconds / 60) min"
    }
}
