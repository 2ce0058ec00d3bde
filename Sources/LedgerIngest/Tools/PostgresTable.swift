import Glibc
import LedgerCore
import LedgerSchema

/// Reads a table of a PostgreSQL database through `psql`, which finds passwords, certificates and
/// services as it does for people.
public enum PostgresTable {
    /// Reads a table into a dump.
    ///
    /// - Parameters:
    ///   - tables: the names that it may have, with a schema or without; the first that is there is
    ///     read.
    ///   - url: as psql's `-d` takes it: a URL, `key=value` pairs, or a name.
    ///   - ordering: columns to sort by, as far as they are there.
    ///   - folder: where nothing else is, for its files.
    ///   - milliseconds: how long it may take.
    /// - Throws: `io` with what psql says, `notFound` if no such table is there.
    public static func dump(
        _ tables: [String], at url: String, password: String?, orderedBy ordering: [String],
        in folder: String, milliseconds: Int64
    ) throws(LedgerError) -> ToolDump {
        let (script, rows) = ("\(folder)/script.sql", "\(folder)/rows")
        try write(LedgerSchema.postgresTableSQL, to: script)
        var variables: [String: String?] = [
            "LEDGER_TOKEN": nil, "LEDGER_ID_TOKEN": nil, "PGAPPNAME": "ledger import",
        ]
        if let password { variables["PGPASSWORD"] = password }
        let command = BoundedCommand(
            arguments: [
                "psql", "-X", "-w", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-v",
                "names=" + tables.joined(separator: ","), "-v",
                "ordering=" + ordering.joined(separator: ","), "-d", url, "-o", rows, "-f", script,
            ], variables: variables, milliseconds: milliseconds)
        let (ending, output) = command.run()
        guard ending == .exited(0) else { throw failure(ending, output) }
        let dump = try ToolDump(ofTableAt: rows)
        if dump.table == nil {
            throw LedgerError(
                .notFound, "there is no table \(tables.joined(separator: " or ")) in that database",
                advice: "name it with its schema: --table app.\(tables[0])")
        }
        return dump
    }

    private static func failure(
        _ ending: BoundedCommand.Ending, _ output: [UInt8]
    ) -> LedgerError {
        if case .notStarted(let message) = ending {
            return LedgerError(
                .io, message,
                advice: "install PostgreSQL's client, or import a dump of the table: --dump FILE")
        }
        let text = SecretFreeText.text(of: TerminalText.plain(output)).trimmed
        if ending == .outOfTime { return LedgerError(.io, "psql did not end in time") }
        return LedgerError(.io, "psql failed: \(text.isEmpty ? "it says nothing" : String(text))")
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(LedgerError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LedgerError(.io, "\(path): \(ErrnoText.text())") }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw LedgerError(.io, "\(path): \(ErrnoText.text())")
        }
    }
}
