import ArgumentParser
import LedgerCore
import LedgerOperations

/// Where something ran.
struct TargetFlags: ParsableArguments {
    @Option(help: "What is deployed: an application or a database. [$LEDGER_SERVICE]")
    var service: String?

    @Option(
        name: [.customLong("env"), .customLong("environment")],
        help: "dev, test, stage, prod and so on. [$LEDGER_ENV]")
    var environment: String?

    @Option(help: "The tenant, if it is run for each. [$LEDGER_TENANT]")
    var tenant: String?

    @Option(help: "The region. [$LEDGER_REGION]")
    var region: String?

    @Option(help: "The cluster. [$LEDGER_CLUSTER]")
    var cluster: String?

    @Option(help: "The database's name. [$LEDGER_DATABASE]")
    var database: String?

    /// Puts what is given into an event.
    func fill(_ event: inout JSONObject, _ configuration: Configuration) throws(LedgerError) {
        event.set(try Setting.value(service, "--service", "LEDGER_SERVICE"), at: "service")
        let name = try Setting.value(environment, "--env", "LEDGER_ENV")
        event.set(name.map(configuration.environment), at: "environment")
        event.set(try Setting.value(tenant, "--tenant", "LEDGER_TENANT"), at: "tenant")
        event.set(try Setting.value(region, "--region", "LEDGER_REGION"), at: "region")
        event.set(try Setting.value(cluster, "--cluster", "LEDGER_CLUSTER"), at: "cluster")
        event.set(try Setting.value(database, "--database", "LEDGER_DATABASE"), at: "database")
    }

    /// What is given.
    func given(_ configuration: Configuration) throws(LedgerError) -> GivenTarget {
        var event = JSONObject()
        try fill(&event, configuration)
        return GivenTarget(target: Target(of: event), database: event["database"]?.string)
    }

    /// What is given for databases that a file names; nil if no service and environment are.
    func givenForAll(_ configuration: Configuration) throws(LedgerError) -> GivenTarget? {
        var given = try given(configuration)
        given.target.service = given.target.service ?? configuration.onlyService
        return given.target.service == nil || given.target.environment == nil ? nil : given
    }
}

/// A target, and the database that `--database` names.
struct GivenTarget: Sendable {
    var target: Target
    let database: String?

    /// Of a database by its name: nil if `--database` names another one.
    func target(of name: String?) -> Target? {
        database == nil || name == database ? target : nil
    }
}

/// Which change is meant.
struct ChangeFlags: ParsableArguments {
    @Option(help: "The change: its id or its file's stem, such as V42__add_index. [$LEDGER_CHANGE]")
    var change: String?

    @Option(help: ArgumentHelp("The script; its bytes are kept. [$LEDGER_FILE]", valueName: "path"))
    var file: String?

    @Option(help: "schema, data, config or permission.")
    var kind: String?

    @Option(name: .customLong("class"), help: "standard, normal or emergency.")
    var changeClass: String?

    @Option(help: "The ticket that asked for it. [$LEDGER_TICKET]")
    var ticket: String?

    /// Puts what is given into an event, and gives back the script.
    func fill(
        _ event: inout JSONObject, _ configuration: Configuration
    ) throws(LedgerError) -> [Attachment] {
        let naming = try ChangeNames(configuration, service: event["service"]?.string)
        var attachments: [Attachment] = []
        if let file = try Setting.value(file, "--file", "LEDGER_FILE") {
            let bytes = try TextFile.bytes(file, limit: EventSchema.attachmentByteLimit)
            attachments.append(Attachment(name: Attachment.script, bytes: bytes))
            event.setChange(naming.change(forScript: file, content: bytes))
        }
        if let change = try Setting.value(change, "--change", "LEDGER_CHANGE") {
            event.setChange(naming.change(named: change))
        }
        event.set(kind, at: "change", "kind")
        event.set(changeClass, at: "change", "class")
        event.set(try Setting.value(ticket, "--ticket", "LEDGER_TICKET"), at: "change", "ticket")
        return attachments
    }
}

/// Who did it, and why.
struct PeopleFlags: ParsableArguments {
    @Option(help: "Who did it, if it wasn't you. [$LEDGER_ACTOR]")
    var actor: String?

    @Option(help: "Who wrote the script.")
    var author: String?

    @Option(help: "Who asked for it.")
    var requestor: String?

    @Option(help: "Who tested it.")
    var tester: String?

    @Option(name: [.customLong("reason"), .customShort("m")], help: "Why. [$LEDGER_REASON]")
    var reason: String?

    @Option(help: "A line that says what it is.")
    var title: String?

    @Option(help: "More words about it.")
    var message: String?

    func fill(_ event: inout JSONObject) throws(LedgerError) {
        let actor = try Setting.value(actor, "--actor", "LEDGER_ACTOR")
        event.set(actor ?? LocalUser.name, at: "actor")
        event.set(author, at: "author")
        event.set(requestor, at: "requestor")
        event.set(tester, at: "tester")
        event.set(try Setting.value(reason, "--reason", "LEDGER_REASON"), at: "reason")
        event.set(title, at: "title")
        event.set(message, at: "message")
    }
}

/// What any event may say of itself.
struct EventFlags: ParsableArguments {
    @Option(help: "When it happened, such as 2026-11-01T03:10:00+01:00; now, if left out.")
    var time: String?

    @Option(help: "Its id: the same source and id again records nothing new.")
    var id: String?

    @Option(help: "Who sends it. [$LEDGER_SOURCE, else cli]")
    var source: String?

    @Option(
        name: .customLong("label"),
        help: ArgumentHelp("Free words; repeatable.", valueName: "name=value"))
    var labels: [String] = []

    @Option(
        name: .customLong("link"),
        help: ArgumentHelp("A page about it; repeatable.", valueName: "name=url"))
    var links: [String] = []

    @Option(
        name: .customLong("attach"),
        help: ArgumentHelp("A file to be kept; repeatable.", valueName: "name=path"))
    var attached: [String] = []

    func fill(_ event: inout JSONObject) throws(LedgerError) -> [Attachment] {
        event.set(time ?? Timestamp(milliseconds: Now.milliseconds).utc, at: "time")
        event.set(id, at: "id")
        event.set(try Setting.value(source, "--source", "LEDGER_SOURCE"), at: "source")
        for (name, value) in try pairs(labels, "--label") { event.set(value, at: "labels", name) }
        for (name, value) in try pairs(links, "--link") { event.set(value, at: "links", name) }
        var attachments: [Attachment] = []
        for (name, path) in try pairs(attached, "--attach") {
            let bytes = try TextFile.bytes(path, limit: EventSchema.attachmentByteLimit)
            attachments.append(Attachment(name: name, bytes: bytes))
        }
        return attachments
    }

    private func pairs(
        _ texts: [String], _ flag: String
    ) throws(LedgerError) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw LedgerError(.usage, "\(flag) \(text): write it as name=value")
            }
            let name = String(text[..<equals])
            if pairs.contains(where: { $0.name.hasSameBytes(as: name) }) {
                throw LedgerError(.usage, "\(flag) \(name) is given twice")
            }
            pairs.append((name, String(text[text.index(after: equals)...])))
        }
        return pairs
    }
}

extension Event {
    /// An event whose members are flags' values: what is wrong with it is wrong usage.
    static func ofFlags(
        _ members: JSONObject, _ attachments: [Attachment] = []
    ) throws(LedgerError) -> Event {
        do throws(LedgerError) {
            return try EventReader.event(from: members, attachments: attachments)
        } catch {
            throw LedgerError(.usage, error.message, advice: error.advice, cause: error.cause)
        }
    }
}
