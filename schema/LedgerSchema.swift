/// The texts of `schema/` that the program itself needs, embedded in the binary.
public enum LedgerSchema {
    /// Creates the tables, triggers and the view of the ledger itself.
    public static let entriesSQL = String(decoding: PackageResources.entries_sql, as: UTF8.self)
    /// What `ledger serve` answers to.
    public static let openAPI = PackageResources.openapi_yaml
    /// Creates the projections.
    public static let projectionsSQL = String(
        decoding: PackageResources.projections_sql, as: UTF8.self)
    /// Reads a table of a PostgreSQL database with `psql -f`.
    public static let postgresTableSQL = PackageResources.table_rows_sql
    /// Makes a PostgreSQL database record the changes of its schema.
    public static let postgresDDLEventsSQL = PackageResources.ddl_events_sql
    /// `ledger run` for images that have only a shell and curl.
    public static let runScript = PackageResources.ledger_run_sh
}
