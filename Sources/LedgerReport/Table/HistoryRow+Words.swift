import LedgerCore

/// A row in the words of tables and stories.
extension HistoryRow {
    /// As the source says, else from the start to the end that it says.
    var durationMilliseconds: Int64? {
        if let given = integer("deployment", "duration_ms") { return given }
        guard let started = time("deployment", "started"), let ended = time("deployment", "ended"),
            ended >= started
        else { return nil }
        return ended.milliseconds - started.milliseconds
    }

    /// Local time, with ~ in front of a time of recording where nobody said when it happened.
    func when(_ local: LocalTime) -> String {
        (isTimeKnown ? "" : "~") + local.compactText(of: at)
    }

    /// The change, else what the event is about.
    var what: String? {
        // The id that a run without a script gets says nothing to a person.
        if let id = string("change", "id"), id.utf8.starts(with: "manual-".utf8) {
            let words = privateString("title") ?? privateString("reason")
            if let words { return "by hand: \(VisibleText.lines(words)[0])" }
        }
        return string("change", "name") ?? string("change", "id") ?? privateString("title") ?? about
            ?? string("export", "report")
            ?? privateString("message").map { VisibleText.lines($0)[0] }
    }

    /// `#12, orders:42`.
    var about: String? {
        let things = (members["about"]?.array ?? []).compactMap { item -> String? in
            if let index = item.object?["entry"]?.integer { return "#\(index)" }
            return (item.object?["change"] ?? item.object?["finding"])?.string
        }
        return things.isEmpty ? nil : Words.list(things)
    }

    /// The person as the source says; in parentheses, where it doesn't, whom the ledger knows.
    var who: String {
        if let actor = person("actor") { return actor }
        let name = privateString(EventSchema.principalName)
        let kind = principal["kind"]?.string ?? "?"
        return "(\(name ?? kind + " " + (principal["id"]?.string ?? "?")))"
    }

    func person(_ member: String) -> String? {
        guard let name = privateString(member, "name") ?? privateString(member, "id") else {
            return nil
        }
        return privateString(member, "on_behalf_of").map { "\(name) for \($0)" } ?? name
    }

    /// `cli flyway INC-9 emergency`.
    var how: String {
        let isEmergency = string("change", "class") == "emergency"
        return [
            string("trigger", "kind"), string("change", "tool") ?? string("trigger", "tool"),
            string("change", "ticket"), isEmergency ? "emergency" : nil,
        ].compactMap(\.self).joined(separator: " ")
    }

    /// How a deployment or a review ended; for other events, what they are.
    var outcome: TextTable.Cell {
        switch (type, status, string("review", "decision")) {
        case (.deployment, let status?, _): .init(operation.prefix + status.words, status.tone)
        case (.review, _, let decision?): .init(decision, Self.tone(ofDecision: decision))
        case (.override, _, _): .init("overrode \(Words.list(overridden))", .doubtful)
        default: .init(type.words)
        }
    }

    /// Why the gate was closed that somebody passed, as codes.
    var overridden: [String] {
        members[["override", "reasons"]]?.array?.compactMap(\.string) ?? []
    }

    private static func tone(ofDecision decision: String) -> Tone {
        switch decision {
        case "approved", "passed": .good
        case "rejected", "failed": .bad
        default: .plain
        }
    }

    /// `#1234`, with * if another entry set it right.
    var number: String {
        "#\(index)" + (correctedBy == nil ? "" : "*")
    }
}

extension DeploymentStatus {
    var words: String { self == .started ? "not finished" : rawValue }

    var tone: Tone {
        switch self {
        case .succeeded: .good
        case .failed: .bad
        case .started, .unknown: .doubtful
        case .skipped: .plain
        }
    }
}

extension DeploymentOperation {
    /// To apply a change is what a deployment does, if nothing else is said.
    var prefix: String { self == .apply ? "" : rawValue + " " }
}

extension EventType {
    var words: String { rawValue.split(separator: "_").joined(separator: " ") }
}
