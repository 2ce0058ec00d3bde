import LedgerCore

/// The tools whose way of naming scripts is known; `none` for scripts that no tool runs.
public enum MigrationTool: String, Sendable, CaseIterable {
    case flyway, atlas
    case golangMigrate = "golang-migrate"
    case dbmate, goose, rails, alembic, liquibase, sqitch, prisma, knex, yoyo, django, none

    /// - Throws: `LedgerError` `usage` with "did you mean" for a tool that is not known.
    public init(named name: String) throws(LedgerError) {
        if let tool = Self(rawValue: name.lowercased()) {
            self = tool
            return
        }
        if name.lowercased() == "migrate" {
            self = .golangMigrate
            return
        }
        throw LedgerError(
            .usage, "the tool \"\(name)\" is not known",
            advice: Suggestion.closest(to: name, among: Self.allCases.map(\.rawValue))
                .map { "did you mean \($0)?" }
                ?? "known are \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
    }
}
