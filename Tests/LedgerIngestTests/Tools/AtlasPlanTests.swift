import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

/// What `atlas schema apply` prints.
@Suite struct AtlasPlanTests {
    private static let planned = """
        Planning migration statements (2 in total):

          -- create "users" table:
            -> CREATE TABLE "users" (
                 "id" integer NOT NULL, -- the key
                 PRIMARY KEY ("id")
               );
          -- drop "old" table:
            -> DROP TABLE "old";

        -------------------------------------------

        """
    private static let statements = [
        "CREATE TABLE \"users\" (\n  \"id\" integer NOT NULL, -- the key\n  PRIMARY KEY (\"id\")\n);",
        "DROP TABLE \"old\";",
    ]
    private static let lint = """
        Analyzing planned statements (2 in total):

          -- destructive changes detected:
            -- L2: Dropping table "old"
            -> Add a pre-migration check
          -- suggested fix:
            -> Add a pre-migration check to ensure table "old" is empty

          -------------------------
          -- 119.850006ms
          -- 2 schema changes with 1 diagnostic

        -------------------------------------------


        """
    private static let applied = """
        Applying approved migration (2 statements in total):

          -- create "users" table
            -> CREATE TABLE "users" (
                 "id" integer NOT NULL, -- the key
                 PRIMARY KEY ("id")
               );
          -- ok (24.597527ms)

          -- drop "old" table
            -> DROP TABLE "old";

        """
    private static let done = """
          -- ok (5.336047ms)

          -------------------------
          -- 29.89ms
          -- 1 migration
          -- 2 sql statements

        """
    private static let failed = """
            pq: must be owner of table old

          -------------------------
          -- 25.9ms
          -- 1 migration with errors
          -- 1 sql statement ok, 1 with errors
        Error: executing statement "DROP TABLE \\"old\\";": pq: must be owner of table old

        """

    @Test(arguments: [
        (planned + applied + done, 2, DeploymentStatus.succeeded, false),
        (planned + lint + applied + done, 2, .succeeded, false),
        (planned + applied + failed, 1, .failed, true),
        (applied + done, 2, .succeeded, false),
    ])
    func whatWasDoneIsCounted(
        _ output: String, _ count: Int, _ status: DeploymentStatus, _ hasFailed: Bool
    ) throws {
        let plan = try #require(AtlasPlan(output))
        #expect(plan.statements == Self.statements)
        #expect(plan.doneCount == count)
        #expect(plan.status(hasFailed: hasFailed) == status)
        #expect(plan.error == (hasFailed ? "pq: must be owner of table old" : nil))
        // The same plan is the same change, however it went.
        #expect(plan.change.id == AtlasPlan(Self.planned)?.change.id)
    }

    @Test func oneRunMayPlanForSeveralDatabases() {
        let plans = AtlasPlan.all(
            in: "acme:\n" + Self.planned + Self.applied + Self.done + "globex:\n" + Self.planned
                + Self.applied + Self.failed)
        #expect(plans.map(\.doneCount) == [2, 1])
        #expect(plans.map(\.statements) == [Self.statements, Self.statements])
    }

    @Test func whatNobodyApprovedIsSkipped() throws {
        let plan = try #require(AtlasPlan(Self.planned + "Plan Aborted\n"))
        #expect(plan.statements == Self.statements)
        #expect(plan.doneCount == 0)
        #expect(plan.status(hasFailed: true) == .skipped)
        let begun = try #require(
            AtlasPlan(Self.planned + "Applying approved migration (2 statements in total):\n"))
        #expect(begun.status(hasFailed: false) == .skipped)
    }

    @Test func theOldFormIsRead() throws {
        let plan = try #require(
            AtlasPlan(
                """
                -- Planned Changes:
                -- Create "users" table
                CREATE TABLE `users` (`id` int NOT NULL);
                -- Modify "old" table
                ALTER TABLE `old`
                  ADD COLUMN `x` int;

                """))
        #expect(
            plan.statements == [
                "CREATE TABLE `users` (`id` int NOT NULL);",
                "ALTER TABLE `old`\nADD COLUMN `x` int;",
            ])
        #expect(plan.status(hasFailed: false) == .succeeded)
        // Of a plan that failed it doesn't tell how far it came.
        #expect(plan.status(hasFailed: true) == .unknown)
    }

    @Test func jsonThatWasAskedForIsRead() throws {
        let plan = try #require(
            AtlasPlan(
                """
                {"Driver":"postgres","Changes":{"Applied":["CREATE TABLE a (x int)"],
                "Pending":["DROP TABLE b"],"Error":{"Stmt":"DROP TABLE b","Text":"not there"}}}

                """))
        #expect(plan.statements == ["CREATE TABLE a (x int)", "DROP TABLE b"])
        #expect(plan.doneCount == 1)
        #expect(plan.status(hasFailed: true) == .failed)
        #expect(plan.error == "not there\nDROP TABLE b")
        #expect(plan.script == "CREATE TABLE a (x int);\nDROP TABLE b;\n")
    }

    @Test(arguments: [
        "", "Schema is synced, no changes to be made.\n", "{}", "{\"Changes\":{}}", "{\"Changes\":",
        "Error: postgres: unexpected type\n", "-- Planned Changes:\n\n",
        "Planning migration statements (0 in total):\n",
    ])
    func whereThereIsNothingToDoThereIsNoPlan(_ output: String) {
        #expect(AtlasPlan(output) == nil)
    }

    /// Cut and mixed anyhow, it is read without a trap.
    @Test func garbageDoesNoHarm() {
        var random = SeededGenerator()
        let lines = (Self.planned + Self.lint + Self.applied + Self.failed)
            .split(separator: "\n", omittingEmptySubsequences: false)
        for _ in 0..<500 {
            let output = (0..<30).map { _ in
                let line = lines.randomElement(using: &random)!
                return String(line.dropFirst(Int.random(in: 0...3, using: &random)))
            }.joined(separator: "\n")
            if let plan = AtlasPlan(output) {
                #expect(!plan.script.isEmpty, "seed \(random.seed)")
                #expect(plan.doneCount ?? 0 >= 0)
            }
        }
    }
}
