import ArgumentParser
import LedgerCore
import LedgerIngest

struct HookVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hook",
        abstract: "Print what makes others tell the ledger of changes.",
        discussion: """
              ledger hook postgres | psql -d orders
            """,
        subcommands: [HookPostgres.self])
}

struct HookPostgres: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postgres",
        abstract: "Print the SQL by which a database records its own changes.",
        discussion: """
            Event triggers write each change of the schema, as it commits, into the table \
            ledger_ddl_events of that database, from where ledger import ddl-events takes it. It \
            needs a superuser. A change is never refused because it can't be recorded.

              ledger hook postgres | psql -d orders
              ledger import ddl-events --service orders --env prod \\
                --url postgres://app@db1/orders
            """)

    func run() throws {
        try Output.write(Array(DDLEventHistory.script))
    }
}
