import LedgerCore
import LedgerIngest
import LedgerOperations
import Yams

extension SettingsFile {
    private static let top = "hooks"
    private static let repository = "hooks.repositories.NAME"

    static let hooks = Section(
        name: top,
        keys: [
            Key(
                name: "hooks.kind",
                meaning: "of each in the list: "
                    + HookKind.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")),
            Key(name: "hooks.name", meaning: "tells it apart: `POST /v1/hooks/KIND/NAME`"),
            Key(
                name: "hooks.secrets",
                meaning: "list of `secret`, `secret-file` or `secret-env`; any of them fits"),
            Key(
                name: "hooks.repositories",
                meaning: "which service a repository is of: `github.com/shop/orders: orders`, or a "
                    + "list of services"),
            Key(
                name: repository + ".services",
                meaning: "its services, each with `paths` and `tool` as in ledger.yaml"),
            Key(
                name: repository + ".clone",
                meaning: "a clone in which `git fetch` works: merges become their scripts"),
            Key(
                name: "hooks.services",
                meaning: "`repository`: one that is not named is a service of its own name"),
            Key(
                name: "hooks.environments",
                meaning: "what the forge's environments are here: `production: prod`, or "
                    + "`service`, `environment`, `tenant`, `region`, `cluster`"),
            Key(
                name: "hooks.ticket-pattern",
                meaning: "as `--ticket-pattern` of `ledger import git`"),
        ],
        read: { (node, reader) throws(LedgerError) in
            for item in try reader.yaml.items(node, top) {
                let hook = try readHook(item, &reader)
                guard !reader.settings.hooks.contains(where: { $0.id == hook.id }) else {
                    throw reader.yaml.invalid(
                        "two hooks are called \(hook.id)", item,
                        advice: "give one of them a name; its path is /v1/hooks/KIND/NAME then")
                }
                reader.settings.hooks.append(hook)
            }
        })

    private struct Reading {
        var kind: HookKind?
        var name: String?
        var secrets: [String] = []
        var services: [(repository: String, service: String)] = []
        var clones: [String: HookSettings.Clone] = [:]
        var isRepositoryAService = false
        var environments: [String: Target] = [:]
        var ticketPattern: String?
    }

    private static func readHook(
        _ node: Node, _ reader: inout SettingsReader
    ) throws(LedgerError) -> HookSettings {
        var hook = Reading()
        let yaml = reader.yaml
        for (key, value) in try yaml.members(node, "a hook", hooks.names()) {
            switch key {
            case "kind": hook.kind = try kind(value, yaml)
            case "name": hook.name = try name(value, yaml)
            case "secrets":
                for item in try yaml.items(value, key) {
                    hook.secrets.append(try reader.secret(item, "a secret"))
                }
            case "repositories":
                for (name, node) in try yaml.members(value, key, nil) {
                    try readRepository(name, node, yaml, into: &hook)
                }
            case "services":
                guard try yaml.text(value, key) == "repository" else {
                    throw yaml.invalid("services may only be: repository", value)
                }
                hook.isRepositoryAService = true
            case "environments":
                for (name, node) in try yaml.members(value, key, nil) {
                    hook.environments[name] = try target(node, yaml)
                }
            default: hook.ticketPattern = try yaml.text(value, key)
            }
        }
        guard let kind = hook.kind else { throw yaml.invalid("a hook needs its kind", node) }
        guard !hook.services.isEmpty || hook.isRepositoryAService else {
            throw yaml.invalid(
                "the hook \(kind.rawValue) knows no repository", node,
                advice: "name them under repositories, or write services: repository")
        }
        return try yaml.placing(node) { () throws(LedgerError) in
            HookSettings(
                kind: kind, name: hook.name, secrets: try HookSecrets(hook.secrets, of: kind),
                context: try HookContext(
                    services: hook.services, isRepositoryAService: hook.isRepositoryAService,
                    environments: hook.environments, ticketPattern: hook.ticketPattern),
                ticketPattern: hook.ticketPattern, clones: hook.clones)
        }
    }

    private static func kind(_ node: Node, _ yaml: YAMLReader) throws(LedgerError) -> HookKind {
        let name = try yaml.text(node, "kind")
        if let kind = HookKind(rawValue: name) { return kind }
        throw yaml.invalid(
            "there is no kind of hook \"\(name)\"", node,
            advice: Suggestion.advice(for: name, among: HookKind.allCases.map(\.rawValue)))
    }

    /// A part of a path.
    private static func name(_ node: Node, _ yaml: YAMLReader) throws(LedgerError) -> String {
        let name = try yaml.text(node, "name")
        let isWord = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
            default: false
            }
        }
        guard isWord, name.utf8.count <= 64 else {
            throw yaml.invalid("a hook's name has letters, digits, - and _ alone", node)
        }
        return name
    }

    private static func target(_ node: Node, _ yaml: YAMLReader) throws(LedgerError) -> Target {
        if case .scalar = node {
            return Target(environment: try yaml.text(node, "an environment"))
        }
        var target = Target()
        for (key, value) in try yaml.members(node, "an environment", EventSchema.targetMembers) {
            try yaml.setTarget(key, value, of: &target)
        }
        return target
    }

    private static func readRepository(
        _ name: String, _ node: Node, _ yaml: YAMLReader, into hook: inout Reading
    ) throws(LedgerError) {
        guard case .mapping = node else {
            for service in try yaml.texts(node, "the repository \(name)") {
                hook.services.append((name, service))
            }
            return
        }
        var services: [GitImportOptions.Service] = []
        var clone: GitClone?
        for (key, value) in try yaml.members(
            node, "the repository \(name)", hooks.names(below: repository))
        {
            if key == "services" {
                for (service, node) in try yaml.members(value, key, nil) {
                    services.append(try scripts(of: service, node, yaml))
                    hook.services.append((name, service))
                }
            } else {
                let path = yaml.resolved(try yaml.text(value, key))
                clone = try yaml.placing(value) { () throws(LedgerError) in
                    try GitClone(at: path)
                }
            }
        }
        if services.isEmpty { throw yaml.invalid("the repository \(name) has no services", node) }
        guard let clone else { return }
        if services.allSatisfy(\.paths.isEmpty) {
            throw yaml.invalid(
                "nothing says where in the clone the scripts of \(name) lie", node,
                advice: "write services: {orders: {paths: [migrations/**]}}")
        }
        hook.clones[HookContext.key(of: name)] = HookSettings.Clone(git: clone, services: services)
    }

    private static func scripts(
        of service: String, _ node: Node, _ yaml: YAMLReader
    ) throws(LedgerError) -> GitImportOptions.Service {
        var paths: [String] = []
        var tool: MigrationTool?
        for (key, value) in try yaml.members(node, "services.\(service)", ["paths", "tool"]) {
            if key == "paths" {
                paths = try yaml.texts(value, key)
            } else {
                let name = try yaml.text(value, key)
                tool = try yaml.placing(value) { () throws(LedgerError) in
                    try MigrationTool(named: name)
                }
            }
        }
        return GitImportOptions.Service(
            name: service, paths: paths, naming: try ChangeNaming(tool: tool))
    }
}
