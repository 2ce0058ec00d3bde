import LedgerCore
import LedgerIngest

/// Names changes as `ledger import git` does, by the tool that `ledger.yaml` gives the service.
struct ChangeNames {
    private let naming: ChangeNaming

    init(_ configuration: Configuration, service: String?) throws(LedgerError) {
        let tool = configuration.services.first { $0.name == service }?.tool
        naming = try ChangeNaming(
            tool: tool.map { (name) throws(LedgerError) in
                try MigrationTool(named: name)
            })
    }

    /// The change of a script. One that is none of the tool's goes by its file's stem: what ran is
    /// to be found again.
    func change(forScript path: String, content: [UInt8]? = nil) -> ChangeName? {
        let names = naming.names(forPath: path, content: content)
        return names.first { $0.role != .none } ?? names.first
    }

    /// The one that goes by a file's stem, or by any other name.
    func change(named name: String) -> ChangeName {
        change(forScript: name + ".sql") ?? ChangeName(id: name, name: name)
    }
}

extension Configuration {
    /// The services whose scripts lie in the repository, or the one of this name.
    ///
    /// - Throws: `usage` if `ledger.yaml` doesn't say where.
    func scriptServices(_ name: String?) throws(LedgerError) -> [GitImportOptions.Service] {
        let wanted = services.filter { $0.name == name ?? $0.name }
        if let name, wanted.isEmpty {
            throw LedgerError(
                .usage, "ledger.yaml has no service \(VisibleName.of(name))",
                advice: Suggestion.advice(for: name, among: services.map(\.name)))
        }
        if wanted.allSatisfy(\.paths.isEmpty) {
            throw LedgerError(
                .usage, "it is not known where the scripts of \(name ?? "any service") lie",
                advice: "write it into ledger.yaml: services.\(name ?? "orders").paths")
        }
        var found: [GitImportOptions.Service] = []
        for service in wanted where !service.paths.isEmpty {
            let tool = try service.tool.map { (name) throws(LedgerError) in
                try MigrationTool(named: name)
            }
            found.append(
                GitImportOptions.Service(
                    name: service.name, paths: service.paths,
                    naming: try ChangeNaming(tool: tool)))
        }
        return found
    }
}

extension JSONObject {
    /// Says in an event which change it is about.
    mutating func setChange(_ change: ChangeName?) {
        guard let change else { return }
        set(change.id, at: "change", "id")
        set(change.name, at: "change", "name")
        if change.isRepeatable { set(true, at: "change", "repeatable") }
    }
}
