import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerOperations
import LedgerReport

struct ConfigVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Bring what ledger.yaml declares into the ledger.",
        discussion: """
              ledger config apply --dry-run
              ledger config apply -m 'globex has moved to the new cluster'
            """,
        subcommands: [ConfigApply.self])
}

struct ConfigApply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Record the paths, targets and policy of ledger.yaml, as far as they are new.",
        discussion: """
            Shows what changes, then records it, all or nothing. Of a service whose targets stand \
            in ledger.yaml, those that don't are retired.

              ledger config apply --dry-run
              ledger config apply -m 'globex has moved to the new cluster'
            """)

    @Flag(help: "Show what would change, and record nothing.") var dryRun = false

    @OptionGroup(title: "Who and why") var people: PeopleFlags
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func run() async throws {
        let configuration = try Configuration.current()
        guard configuration.folder != nil else {
            throw LedgerError(
                .notFound, "there is no ledger.yaml here or above", advice: "see the README")
        }
        let declared = try await ledger.view().reply(to: DeclarationsInquiry())
        let changes = DeclarationChanges(from: declared, to: configuration)
        for known in configuration.targets
        where known.target.service == nil || known.target.environment == nil {
            Terminal.note(
                "note: \(known.address) has no service or environment in ledger.yaml, and is not "
                    + "declared")
        }
        if configuration.policy == nil, let policy = declared.policyDigest {
            Terminal.note(
                "note: ledger.yaml has no policy, and \(policy.prefix(19)) stays in force; policy: {} "
                    + "ends it")
        }
        for line in changes.lines { try Output.line(VisibleText.line(line)) }
        if changes.events.isEmpty { return Terminal.note("nothing changes") }
        if dryRun { return Terminal.note("nothing was recorded: --dry-run") }
        let events = try changes.events.map { members, attachments throws(LedgerError) in
            var members = members
            members.set("manual", at: "trigger", "kind")
            try people.fill(&members)
            return try Event.ofFlags(members, attachments)
        }
        try await receipt.record(events, in: ledger)
    }
}

/// What has to be recorded so that the ledger declares what `ledger.yaml` says.
private struct DeclarationChanges {
    private(set) var lines: [String] = []
    private(set) var events: [(JSONObject, [Attachment])] = []

    init(from declared: Declarations, to configuration: Configuration) {
        for service in configuration.services {
            guard let steps = service.path else { continue }
            let declaredPath = ServicePath(steps: steps, isDeclared: true)
            let path = declaredPath.json
            if declared.steps[ExactText(service.name)] == path { continue }
            lines.append("path of \(service.name): \(declaredPath.text)")
            add(
                "path", JSONObject(["service": .string(service.name), "path": ["steps": path]]))
        }
        addTargets(declared, configuration)
        if let policy = configuration.policy {
            let attachment = Attachment(
                name: "policy", mediaType: "application/json", bytes: CanonicalJSON.bytes(policy))
            let digest = Attachment.text(of: attachment.digest)
            if declared.policyDigest != digest {
                lines.append("policy: \(digest)")
                add("policy", JSONObject(["policy": ["digest": .string(digest)]]), [attachment])
            }
        }
    }

    private mutating func addTargets(_ declared: Declarations, _ configuration: Configuration) {
        let wanted = configuration.targets.filter {
            $0.target.service != nil && $0.target.environment != nil
        }
        // One may have several addresses; the first is recorded.
        let addresses = Dictionary(grouping: wanted, by: \.target).mapValues { $0.map(\.address) }
        var done: Set<Target> = []
        for known in wanted where done.insert(known.target).inserted {
            if declared.targets.contains(known.target) {
                let before = declared.addresses[known.target]
                if let before, addresses[known.target]?.contains(before) ?? false { continue }
                lines.append(
                    "target moved: \(known.target.text) from \(before ?? "nowhere") to "
                        + known.address)
            } else {
                lines.append("target added: \(known.target.text)")
            }
            add(
                "target",
                known.target.json.merging(
                    JSONObject([
                        "target": ["action": "add", "address": .string(known.address)]
                    ])))
        }
        let services = Set(wanted.compactMap { $0.target.service.map(ExactText.init) })
        let kept = Set(wanted.map(\.target))
        for target in declared.targets.sorted(by: { $0.isBefore($1) }) {
            guard !kept.contains(target), let service = target.service,
                services.contains(ExactText(service))
            else { continue }
            lines.append("target retired: \(target.text)")
            add("target", target.json.merging(JSONObject(["target": ["action": "retire"]])))
        }
    }

    private mutating func add(
        _ type: String, _ members: JSONObject, _ attachments: [Attachment] = []
    ) {
        var members = members
        members.set(type, at: "type")
        events.append((members, attachments))
    }
}
