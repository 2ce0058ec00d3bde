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

    /// The change of a script, or the one that goes by a file's stem.
    func change(forScript path: String, content: [UInt8]? = nil) -> ChangeName? {
        naming.names(forPath: path, content: content).first { $0.role != .none }
    }

    func change(named name: String) -> ChangeName? {
        change(forScript: name + ".sql")
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
