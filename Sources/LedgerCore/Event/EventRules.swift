/// What an event of each type needs to make sense, beyond the shape of its members.
public enum EventRules {
    /// Refuses to set right what an event of this type can't say, or what then contradicts the rest
    /// of it.
    ///
    /// - Parameters:
    ///   - right: the members' right values.
    ///   - event: the stored event, without its private members.
    public static func check(
        correction right: JSONObject, of event: JSONObject
    ) throws(LedgerError) {
        let type = event["type"]?.string ?? ""
        if type != EventType.deployment.rawValue, event["deployment"] == nil,
            let member = right["deployment"]?.object?.members.first
        {
            throw LedgerError(
                .usage, "an entry of type \(type) has no deployment.\(member.name) to set right")
        }
        try checkTimes(event.merging(right)["deployment"]?.object)
    }

    static func check(_ event: Event, mayBeOwn: Bool) throws(LedgerError) {
        let type = event.type
        if EventType.own.contains(type), !mayBeOwn {
            throw LedgerError(
                .invalidEvent, "only the ledger itself records events of type \(type.rawValue)",
                advice: "recordable are "
                    + EventType.recordable.map(\.rawValue).joined(separator: ", "))
        }
        for path in required[type] ?? [] where event.members[path] == nil {
            throw LedgerError(
                .invalidEvent,
                "an event of type \(type.rawValue) needs \(path.joined(separator: "."))")
        }
        if type == .merge, event.members[["git", "commit"]] == nil,
            event.members[["git", "repository"]] == nil
        {
            throw LedgerError(
                .invalidEvent,
                "an event of type merge needs git.commit, or git.repository if that is all that "
                    + "its source knows")
        }
        try checkAbout(event, type)
        try checkSubject(event, type)
        let deployment = event.members["deployment"]?.object
        try checkTimes(deployment)
        if type == .correction {
            try checkTimes(event.members[["correction", "deployment"]]?.object)
        }
        try checkFreeze(event.members["freeze"]?.object)
        let canBeEmpty = type != .note && type != .incident
        if !canBeEmpty, event.privateMembers["title"] == nil, event.privateMembers["message"] == nil
        {
            throw LedgerError(
                .invalidEvent, "an event of type \(type.rawValue) needs a title or a message")
        }
        // The defaults that are still to come must fit too.
        let room = ["id", "source", "type"].reduce(0) { room, name in
            room + (event.members[name] == nil ? EventSchema.defaultByteLimit : 0)
        }
        if event.members.canonicalByteBound + room <= EventSchema.eventByteLimit { return }
        let size = CanonicalJSON.bytes(.object(event.members)).count + room
        if size > EventSchema.eventByteLimit {
            throw LedgerError(
                .invalidEvent,
                "the event has \(size) bytes, and at most \(EventSchema.eventByteLimit) are taken",
                advice: "put large texts into \"attachments\"")
        }
    }

    private static let required = Dictionary(
        uniqueKeysWithValues: EventType.allCases.map { ($0, required(for: $0)) })

    static func required(for type: EventType) -> [[String]] {
        switch type {
        case .deployment: [["service"], ["environment"], ["deployment", "status"]]
        case .merge: [["service"]]
        case .review: [["review", "decision"]]
        case .rollbackPlan: [["service"], ["change", "id"], ["rollback", "strategy"]]
        case .correction: [["about"], ["correction"]]
        case .acknowledgement: [["about"]]
        case .note, .incident, .override: []
        case .target: [["service"], ["environment"], ["target", "action"]]
        case .path: [["service"], ["path", "steps"]]
        case .correlation: [["correlation", "action"]]
        case .policy: [["policy", "digest"]]
        case .freeze: [["freeze", "action"]]
        case .snapshot: [["service"], ["environment"], ["snapshot", "digest"]]
        case .token: [["token", "action"], ["token", "id"]]
        case .export: [["export", "report"], ["export", "digest"]]
        case .redaction: [["about"], ["redaction", "members"]]
        case .hold: [["hold", "action"], ["hold", "matter"]]
        case .archive: [["archive", "first"], ["archive", "last"], ["archive", "digest"]]
        case .restore: [["about"]]
        }
    }

    // A status and an exit code may differ: of the scripts of one command the first may have
    // succeeded though the command did not.
    private static func checkTimes(_ deployment: JSONObject?) throws(LedgerError) {
        // Both are of the one form in which times are stored. JSON Schema can't compare them.
        guard let ended = deployment?["ended"]?.string,
            let started = deployment?["started"]?.string,
            ended < started
        else { return }
        throw LedgerError(
            .invalidEvent, "deployment.ended, \(ended), is before deployment.started, \(started)")
    }

    private static func checkFreeze(_ freeze: JSONObject?) throws(LedgerError) {
        guard let from = freeze?["from"]?.string, let until = freeze?["until"]?.string,
            until <= from
        else { return }
        throw LedgerError(
            .invalidEvent, "freeze.until, \(until), is not after freeze.from, \(from)")
    }

    private static func checkAbout(_ event: Event, _ type: EventType) throws(LedgerError) {
        let about = event.members["about"]?.array ?? []
        for (index, item) in about.enumerated() where item.object?.members.count != 1 {
            throw LedgerError(
                .invalidEvent, "about[\(index)] must have exactly one of entry, change and finding")
        }
        let persons = ["person", "alias"].filter { event.privateMembers[$0] != nil }.count
        func speaksOf(_ name: String, _ count: Int) -> Bool {
            about.count == count && about.allSatisfy { $0.object?[name] != nil }
        }
        switch type {
        case .correction where !speaksOf("entry", 1), .restore where !speaksOf("entry", 1):
            throw LedgerError(
                .invalidEvent, "an event of type \(type.rawValue) is about exactly one entry",
                advice: "write \"about\": [{\"entry\": 1234}]")
        case .redaction where about.isEmpty || !speaksOf("entry", about.count):
            throw LedgerError(.invalidEvent, "a redaction is about entries only")
        case .acknowledgement where !about.allSatisfy({ $0.object?["finding"] != nil }):
            throw LedgerError(.invalidEvent, "an acknowledgement is about findings only")
        case .correlation
        where [about.count, persons] != [2, 0] && [about.count, persons] != [0, 2]:
            throw LedgerError(
                .invalidEvent,
                "a correlation is about exactly two things, or names a person and an alias")
        case .hold where event.privateMembers["alias"] == nil: break
        case let other where other != .correlation && persons > 0:
            throw LedgerError(
                .invalidEvent, "person and alias belong to an event of type correlation")
        case .freeze
        where event.members[["freeze", "action"]]?.string == "lift"
            && (about.isEmpty || !speaksOf("entry", about.count)):
            throw LedgerError(
                .invalidEvent, "a freeze that is lifted stands in about",
                advice: "write \"about\": [{\"entry\": 1234}], the entry that declared it")
        default: break
        }
    }

    /// The name in `links` of a pull or merge request's page.
    static let requestPage = ["links", "pull_request"]

    // A forge tells of a request without knowing its scripts: the request's page stands for them.
    private static func checkSubject(_ event: Event, _ type: EventType) throws(LedgerError) {
        let isKnown =
            event.members[["change", "id"]] != nil || event.members[requestPage] != nil
        switch type {
        case .merge where !isKnown:
            throw LedgerError(
                .invalidEvent, "an event of type merge needs change.id or links.pull_request")
        case .review where !isKnown && event.members["about"] == nil:
            throw LedgerError(
                .invalidEvent, "a review needs a change.id, a links.pull_request or an about")
        default: break
        }
    }
}
