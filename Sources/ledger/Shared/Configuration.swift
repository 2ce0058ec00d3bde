import Glibc
import LedgerCore
import LedgerIngest
import Yams

/// What stands in `ledger.yaml`, found like `.git` from the working folder upwards.
///
/// ```yaml
/// ledger: ledger.db               # seen from the file's folder
/// services:
///   orders:
///     paths: [migrations/**]      # its scripts in the repository
///     tool: flyway                # names its changes; see `ledger import git --help`
/// aliases:                        # of names of environments
///   production: prod
/// targets:                        # which database is which target
///   - {address: db1.example.com/orders, service: orders, environment: prod, tenant: acme}
/// ```
struct Configuration: Sendable {
    struct Service: Sendable {
        let name: String
        var paths: [String] = []
        var tool: String?
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
        let text = try TextFile.read(path, limit: 1_048_576)
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw LedgerError(.usage, "\(path): \(error)")
        }
        guard let node else { return Configuration(folder: folder) }
        var reader = ConfigurationReader(path: path, folder: folder)
        return try reader.configuration(node)
    }

    /// The ledger that a file names which is not valid otherwise: `ledger run` must not record in
    /// another one because of a key that it doesn't know.
    static func ledgerOfInvalidFile() -> String? {
        guard var folder = workingFolder() else { return nil }
        while access("\(folder)/\(fileName)", F_OK) != 0 {
            guard folder != "/", let slash = folder.lastIndex(of: "/") else { return nil }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
        let path = "\(folder)/\(fileName)"
        guard let text = try? TextFile.read(path, limit: 1_048_576),
            let node = try? Yams.compose(yaml: text), let ledger = node["ledger"]?.string
        else { return nil }
        return ConfigurationReader(path: path, folder: folder).resolved(ledger)
    }

    /// The service, if there is only one.
    var onlyService: String? { services.count == 1 ? services[0].name : nil }

    /// The name that stands for an environment.
    func environment(_ name: String) -> String {
        aliases[name] ?? name
    }

    /// The target of a database, by its address.
    func target(at address: String) -> Target? {
        targets.first { $0.address == address }?.target
    }
}

/// Reads the nodes of `ledger.yaml`; an unknown key is an error.
private struct ConfigurationReader {
    let path: String
    let folder: String

    mutating func configuration(_ node: Node) throws(LedgerError) -> Configuration {
        var configuration = Configuration(folder: folder)
        for (key, value) in try members(
            node, "the file", ["ledger", "services", "aliases", "targets"])
        {
            switch key {
            case "ledger": configuration.ledger = resolved(try text(value, key))
            case "services":
                for (name, service) in try members(value, key, nil) {
                    configuration.services.append(try self.service(name, service))
                }
            case "aliases":
                for (name, alias) in try members(value, key, nil) {
                    configuration.aliases[name] = try text(alias, "aliases.\(name)")
                }
                // One step and no more, so that nobody has to follow them, or goes in circles.
                for (name, alias) in try members(value, key, nil) {
                    let text = try text(alias, "aliases.\(name)")
                    guard configuration.aliases[text] != nil else { continue }
                    throw invalid("aliases.\(name) is \(text), which is an alias itself", alias)
                }
            default:
                guard case .sequence(let items) = value else {
                    throw invalid("targets must be a list", value)
                }
                for item in items {
                    let target = try target(item)
                    guard configuration.target(at: target.address) == nil else {
                        throw invalid("the address \(target.address) stands here twice", item)
                    }
                    configuration.targets.append(target)
                }
            }
        }
        return configuration
    }

    func resolved(_ file: String) -> String {
        if file.hasPrefix("/") || file.contains("://") { return file }
        var parts = folder.split(separator: "/")
        for part in file.split(separator: "/") where part != "." {
            if part == "..", !parts.isEmpty { parts.removeLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    private func service(_ name: String, _ node: Node) throws(LedgerError) -> Configuration.Service
    {
        var service = Configuration.Service(name: name)
        for (key, value) in try members(node, "services.\(name)", ["paths", "tool"]) {
            if key == "tool" {
                service.tool = try tool(value, "services.\(name).tool")
            } else if case .sequence(let items) = value {
                for item in items { service.paths.append(try text(item, "services.\(name).paths")) }
            } else {
                service.paths = [try text(value, "services.\(name).paths")]
            }
        }
        return service
    }

    private func tool(_ node: Node, _ place: String) throws(LedgerError) -> String {
        let name = try text(node, place)
        do throws(LedgerError) {
            _ = try MigrationTool(named: name)
        } catch {
            throw error.prefixed("\(path)\(line(node)): \(place)")
        }
        return name
    }

    private func target(_ node: Node) throws(LedgerError) -> Configuration.KnownTarget {
        var address: String?
        var target = Target()
        let known = ["address"] + EventSchema.targetMembers
        for (key, value) in try members(node, "a target", known) {
            let text = try text(value, key)
            switch key {
            case "address": address = text
            case "service": target.service = text
            case "environment": target.environment = text
            case "tenant": target.tenant = text
            case "region": target.region = text
            default: target.cluster = text
            }
        }
        guard let address else { throw invalid("a target needs an address", node) }
        return Configuration.KnownTarget(address: address, target: target)
    }

    private func members(
        _ node: Node, _ place: String, _ known: [String]?
    ) throws(LedgerError) -> [(String, Node)] {
        guard case .mapping(let mapping) = node else {
            throw invalid("\(place) must be a mapping of names to values", node)
        }
        var members: [(String, Node)] = []
        for (key, value) in mapping {
            guard let name = key.string else { throw invalid("a key must be a string", key) }
            if let known, !known.contains(name) {
                throw LedgerError(
                    .usage, "\(path)\(line(key)): \(place) has an unknown key \"\(name)\"",
                    advice: Suggestion.advice(for: name, among: known))
            }
            members.append((name, value))
        }
        return members
    }

    private func text(_ node: Node, _ place: String) throws(LedgerError) -> String {
        guard let text = node.string, !text.isEmpty else {
            throw invalid("\(place) must be a string", node)
        }
        return text
    }

    private func invalid(_ what: String, _ node: Node) -> LedgerError {
        LedgerError(.usage, "\(path)\(line(node)): \(what)")
    }

    private func line(_ node: Node) -> String {
        node.mark.map { ", line \($0.line)" } ?? ""
    }
}
