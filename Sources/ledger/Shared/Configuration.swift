import Glibc
import LedgerCore
import LedgerCorrelation
import LedgerIngest
import LedgerOperations
import Yams

/// What stands in `ledger.yaml`, found like `.git` from the working folder upwards.
///
/// ```yaml
/// ledger: ledger.db               # seen from the file's folder
/// services:
///   orders:
///     paths: [migrations/**]      # its scripts in the repository
///     tool: flyway                # names its changes; see `ledger import git --help`
///     path: [dev, [eu, us], prod] # the environments that they pass through
/// aliases:                        # of names of environments
///   production: prod
/// targets:                        # which database is which target
///   - {address: db1.example.com/orders, service: orders, environment: prod, tenant: acme}
/// policy:                         # of `ledger check`
///   effective_from: 2026-11-01T00:00:00Z
///   rules:
///     pending-too-long: {after: 30d, severity: error}
///     unticketed: off
/// ```
struct Configuration: Sendable {
    struct Service: Sendable {
        let name: String
        var paths: [String] = []
        var tool: String?
        /// The environments that its changes pass through; several in one step are parallel.
        var path: [[String]]?
    }

    struct KnownTarget: Sendable {
        /// `host/database`, or the path of a SQLite file seen from the folder of `ledger.yaml`.
        let address: String
        let target: Target
    }

    /// The folder of the file; nil if there is none.
    var folder: String?
    var ledger: String?
    var services: [Service] = []
    var aliases: [String: String] = [:]
    var targets: [KnownTarget] = []
    /// What `ledger check` is to find, as `Policy` reads it.
    var policy: JSON?

    private static let fileName = "ledger.yaml"

    /// The configuration that holds in the working folder.
    static func current() throws(LedgerError) -> Configuration {
        guard var folder = workingFolder() else { return Configuration() }
        while true {
            let path = folder == "/" ? "/\(fileName)" : "\(folder)/\(fileName)"
            if access(path, F_OK) == 0 { return try read(path, folder: folder) }
            guard folder != "/", let slash = folder.lastIndex(of: "/") else {
                return Configuration()
            }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
    }

    private static func workingFolder() -> String? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    private static func read(_ path: String, folder: String) throws(LedgerError) -> Configuration {
        let yaml = YAMLReader(path: path, folder: folder)
        guard let node = try yaml.document() else { return Configuration(folder: folder) }
        return try ConfigurationReader(yaml: yaml).configuration(node)
    }

    /// The ledger that a file names which is not valid otherwise: `ledger run` must not record in
    /// another one because of a key that it doesn't know.
    static func ledgerOfInvalidFile() -> String? {
        guard var folder = workingFolder() else { return nil }
        while access("\(folder)/\(fileName)", F_OK) != 0 {
            guard folder != "/", let slash = folder.lastIndex(of: "/") else { return nil }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
        let yaml = YAMLReader(path: "\(folder)/\(fileName)", folder: folder)
        guard let ledger = (try? yaml.document())??["ledger"]?.string else { return nil }
        return yaml.resolved(ledger)
    }

    /// The service that is given by `--service` or its variable, else the only one.
    func service(_ flag: String?) throws(LedgerError) -> String {
        if let given = try Setting.value(flag, "--service", "LEDGER_SERVICE") { return given }
        if let onlyService { return onlyService }
        throw LedgerError(
            .usage, "it is not known which service this is about",
            advice: "give --service, set LEDGER_SERVICE, or name one service in ledger.yaml")
    }

    /// The service, if there is only one.
    var onlyService: String? { services.count == 1 ? services[0].name : nil }

    /// The name that stands for an environment.
    func environment(_ name: String) -> String {
        aliases[name] ?? name
    }

    /// Puts the names that stand for environments in the place of their aliases, all over the file.
    fileprivate mutating func resolveAliases() {
        for place in services.indices {
            services[place].path = services[place].path?.map { $0.map(environment) }
        }
        targets = targets.map { known in
            var target = known.target
            target.environment = target.environment.map(environment)
            return KnownTarget(address: known.address, target: target)
        }
        for rule in policy?.object?["rules"]?.object?.members ?? [] {
            guard var setting = rule.value.object, let names = setting["environments"]?.array
            else { continue }
            setting["environments"] = .array(
                names.map { $0.string.map { .string(environment($0)) } ?? $0 })
            var whole = policy?.object ?? JSONObject()
            whole.set(.object(setting), at: "rules", rule.name)
            policy = .object(whole)
        }
    }

    /// The target of a database, by its address.
    func target(at address: String) -> Target? {
        targets.first { $0.address == address }?.target
    }
}

/// Reads the nodes of `ledger.yaml`; an unknown key is an error.
private struct ConfigurationReader {
    let yaml: YAMLReader

    func configuration(_ node: Node) throws(LedgerError) -> Configuration {
        var configuration = Configuration(folder: yaml.folder)
        for (key, value) in try yaml.members(
            node, "the file", ["ledger", "services", "aliases", "targets", "policy"])
        {
            switch key {
            case "ledger": configuration.ledger = yaml.resolved(try yaml.text(value, key))
            case "services":
                for (name, service) in try yaml.members(value, key, nil) {
                    configuration.services.append(try self.service(name, service))
                }
            case "aliases":
                for (name, alias) in try yaml.members(value, key, nil) {
                    configuration.aliases[name] = try yaml.text(alias, "aliases.\(name)")
                }
                // One step and no more, so that nobody has to follow them, or goes in circles.
                for (name, alias) in try yaml.members(value, key, nil) {
                    let text = try yaml.text(alias, "aliases.\(name)")
                    guard configuration.aliases[text] != nil else { continue }
                    throw yaml.invalid(
                        "aliases.\(name) is \(text), which is an alias itself", alias)
                }
            case "policy":
                let policy = try yaml.json(value)
                try yaml.placing(value) { () throws(LedgerError) in
                    _ = try Policy(json: policy)
                }
                configuration.policy = policy
            default:
                for item in try yaml.items(value, key) {
                    let target = try target(item)
                    guard configuration.target(at: target.address) == nil else {
                        throw yaml.invalid("the address \(target.address) stands here twice", item)
                    }
                    configuration.targets.append(target)
                }
            }
        }
        configuration.resolveAliases()
        return configuration
    }

    private func service(_ name: String, _ node: Node) throws(LedgerError) -> Configuration.Service
    {
        var service = Configuration.Service(name: name)
        for (key, value) in try yaml.members(node, "services.\(name)", ["paths", "tool", "path"]) {
            switch key {
            case "tool": service.tool = try tool(value, "services.\(name).tool")
            case "path":
                let steps = try yaml.items(value, "services.\(name).path").map {
                    (step) throws(LedgerError) in
                    try yaml.texts(step, "services.\(name).path")
                }
                if steps.isEmpty || steps.contains(where: \.isEmpty) {
                    throw yaml.invalid("services.\(name).path has a step without a name", value)
                }
                if let twice = ServicePath.repeated(in: steps) {
                    throw yaml.invalid(
                        "services.\(name).path has \(VisibleName.of(twice)) twice", value)
                }
                service.path = steps
            default: service.paths = try yaml.texts(value, "services.\(name).paths")
            }
        }
        return service
    }

    private func tool(_ node: Node, _ place: String) throws(LedgerError) -> String {
        let name = try yaml.text(node, place)
        return try yaml.placing(node) { () throws(LedgerError) in
            do throws(LedgerError) {
                _ = try MigrationTool(named: name)
            } catch {
                throw error.prefixed(place)
            }
            return name
        }
    }

    private func target(_ node: Node) throws(LedgerError) -> Configuration.KnownTarget {
        var address: String?
        var target = Target()
        let known = ["address"] + EventSchema.targetMembers
        for (key, value) in try yaml.members(node, "a target", known) {
            if key == "address" {
                address = try yaml.text(value, key)
            } else {
                try yaml.setTarget(key, value, of: &target)
            }
        }
        guard let address else { throw yaml.invalid("a target needs an address", node) }
        return Configuration.KnownTarget(address: address, target: target)
    }
}
