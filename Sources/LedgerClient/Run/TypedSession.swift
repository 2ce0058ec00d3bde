import LedgerCore
import LedgerIngest
import LedgerOperations

/// A psql in which somebody types at the terminal: what is typed is kept, never what comes back.
struct TypedSession {
    /// Variables that psql gets besides ours.
    let variables: [String: String]
    private let folder: PrivateFolder
    private let history: PsqlHistory

    /// - Parameter variables: those with which psql would start.
    init(_ variables: [String: String]) throws(LedgerError) {
        folder = try PrivateFolder()
        history = try PsqlHistory(in: folder.path, variables: variables)
        self.variables = ["PSQL_HISTORY": history.path]
    }

    /// What was typed; nil if nothing was seen.
    func typed() -> RunScript? {
        withExtendedLifetime(folder) { history.finish() }
    }
}
