import LedgerCore

extension MemberSet {
    mutating func setTarget(_ request: RunRequest, _ command: RecognizedCommand) {
        set("service", to: request.service.json)
        set("environment", to: request.environment.json)
        set("tenant", to: request.tenant.json)
        set("region", to: request.region.json)
        set("cluster", to: request.cluster.json)
        if request.database == nil {
            set("database", to: command.database.json)
        } else {
            set("database", to: request.database.json, flag: "database")
        }
    }

    mutating func setChange(_ request: RunRequest, _ command: RecognizedCommand) {
        set("change", "tool", to: command.tool.json)
        set("change", "tool", to: request.tool.json, flag: "tool")
        set("change", "kind", to: request.kind.json, flag: "kind")
        if request.isEmergency { set("change", "class", to: "emergency") }
        set("change", "ticket", to: request.ticket.json, flag: "ticket")
        set("deployment", "operation", to: "apply")
        set("deployment", "operation", to: request.operation.json, flag: "operation")
        set("deployment", "group", to: request.group.json, flag: "group")
        for label in request.labels {
            set("labels", label.name, to: .string(label.value), flag: "label")
        }
    }

    mutating func setPeople(
        _ request: RunRequest, _ surroundings: RunSurroundings, _ command: RecognizedCommand
    ) {
        let ci = CIEnvironment.find(in: surroundings.variables)
        set("actor", to: (ci?.actor ?? surroundings.userName).json)
        set("actor", to: request.actor.json, flag: "actor")
        set("executed_as", to: command.executedAs.json)
        set("executed_as", to: request.executedAs.json, flag: "executed-as")
        set("host", to: (command.address ?? surroundings.hostName).json)
        set("reason", to: request.reason.json, flag: "reason")
        set("title", to: request.title.json, flag: "title")
        let text = SecretFreeCommand.text(of: request.command)
        set(
            "command",
            to: .string(text.utf8.count <= 65_536 ? text : text.prefixOfBytes(65_000) + " …"))
    }

    /// Where it comes from: the pipeline, and the commit that it brings. A person at a terminal
    /// outside a pipeline is `manual`; everything else that calls the command is `cli`.
    mutating func setOrigin(_ request: RunRequest, _ surroundings: RunSurroundings) {
        let ci = CIEnvironment.find(in: surroundings.variables)
        set("source", to: .string(ci?.source ?? "ledger run"))
        set("source", to: request.source.json, flag: "source")
        let isManual = ci == nil && surroundings.isAtTerminal
        set("trigger", "kind", to: isManual ? "manual" : "cli")
        set("trigger", "kind", to: request.triggerKind.json, flag: "trigger")
        set("trigger", "tool", to: (ci?.service).json)
        set("trigger", "run", to: (ci?.run).json)
        set("trigger", "run", to: request.run.json, flag: "run-url")
        set("git", "repository", to: (ci?.repository).json)
        set("git", "repository", to: request.repository.json, flag: "repository")
        set("git", "commit", to: (ci?.commit).json)
        set("git", "commit", to: request.commit.json, flag: "commit")
        set("git", "ref", to: (ci?.ref).json)
        set("git", "ref", to: request.ref.json, flag: "branch")
        set("deployment", "attempt", toNumber: ci?.attempt)
        set("deployment", "attempt", toNumber: request.attempt, flag: "attempt")
    }
}

extension String? {
    fileprivate var json: JSON? { map { .string($0) } }
}

extension String {
    /// The longest beginning of whole characters with at most so many bytes.
    func prefixOfBytes(_ count: Int) -> String {
        var count = min(count, utf8.count)
        while count > 0 {
            if let text = String(utf8.prefix(count)) { return text }
            count -= 1
        }
        return ""
    }
}
