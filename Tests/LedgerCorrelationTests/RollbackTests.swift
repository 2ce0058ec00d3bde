import LedgerCore
import LedgerReport
import Testing

@testable import LedgerCorrelation
@testable import LedgerOperations

/// Which plan holds, and what shows that it was tested.
@Suite struct RollbackPlanTests {
    /// The plans of change 42, as `WHERE STRATEGY SCRIPT TESTED #ENTRY`.
    private func plans(_ events: String, at place: String? = nil) async throws -> [String] {
        let ledger = try await RecordedLedger(ExampleEvents(events).events)
        var inquiry = RollbackPlanInquiry(change: "orders:42")
        if let place {
            let names = place.split(separator: "/").map(String.init)
            inquiry.target.environment = names[0]
            inquiry.target.tenant = names.dropFirst().first
        }
        return try await ledger.view().reply(to: inquiry).plans.map { plan in
            let tests = plan.tests.map { test in
                "\(test.environment)#\(test.index)" + (test.undone.map { "-#\($0)" } ?? "")
            }
            let script = plan.script.map { "\($0.digest.dropFirst(7).prefix(1))#\($0.index)" }
            return [
                plan.isEverywhere ? "everywhere" : plan.target.ownName, plan.strategy.rawValue,
                script, tests.isEmpty ? nil : tests.joined(separator: "+"),
                plan.isInferred ? "inferred" : nil, "#\(plan.index)",
            ].compactMap(\.self).joined(separator: " ")
        }
    }

    @Test func somebodysWordStandsOverWhatCameWithAMergeAlsoALaterOne() async throws {
        let merges = "merge 42 day 0 undo a strategy reversible; merge 42 day 3 undo b"
        #expect(try await plans(merges) == ["everywhere reversible b#1 inferred #1"])
        #expect(
            try await plans("plan 42 forward_fix day 1; \(merges)")
                == ["everywhere forward_fix #0"])
        #expect(
            try await plans("\(merges); plan 42 reversible inferred undo c day 4")
                == ["everywhere reversible c#2 inferred #2"])
    }

    @Test func theMostSpecificPlanWinsAndThenTheLast() async throws {
        let events = """
            plan 42 reversible undo a day 0; plan 42 irreversible day 1 at prod
            plan 42 forward_fix day 2 at prod/acme; plan 42 restore_point day 3 at prod/acme
            plan 42 expand_contract day 4; plan 42 irreversible inferred day 5 at prod/acme
            run 42 prod/acme day 6; run 42 prod/globex day 6
            """
        #expect(
            try await plans(events) == [
                "everywhere expand_contract #4", "prod irreversible #1", "acme restore_point #3",
            ])
        #expect(try await plans(events, at: "prod/acme") == ["acme restore_point #3"])
        #expect(try await plans(events, at: "prod/globex") == ["prod irreversible #1"])
    }

    @Test func aWordWithoutAScriptMeansTheOneThatCameWithTheMerge() async throws {
        let events = "merge 42 day 0 undo a; plan 42 reversible day 1 tested stage"
        #expect(try await plans(events) == ["everywhere reversible a#0 stage#1 #1"])
        // Another strategy doesn't.
        #expect(
            try await plans("merge 42 day 0 undo a; plan 42 irreversible day 1")
                == ["everywhere irreversible #1"])
    }

    @Test func whatADeploymentSaysOfItselfHoldsOnItsTarget() async throws {
        let runs = "run 42 prod/acme day 1 strategy irreversible; run 42 prod/globex day 1"
        #expect(try await plans(runs) == ["acme irreversible #0"])
        #expect(
            try await plans("merge 42 day 0 undo a; \(runs)") == [
                "everywhere reversible a#0 inferred #0", "acme irreversible #1",
            ])
        #expect(
            try await plans("plan 42 forward_fix day 0; \(runs)") == ["everywhere forward_fix #0"])
    }

    @Test func aRevertShowsThatThePlanWasTestedThoughTheChangeWasAppliedAgain() async throws {
        let events = """
            merge 42 day 0 script f undo a; run 42 stage day 1 script f; run 42 stage day 2 script f
            run 42 stage day 3 revert script a; run 42 stage day 4 script f
            """
        #expect(
            try await plans(events) == ["everywhere reversible a#0 stage#3-#2 inferred #0"])
        // One that failed tests nothing.
        let failed = events.replacing("3 revert", with: "3 revert failed")
        #expect(try await plans(failed) == ["everywhere reversible a#0 inferred #0"])
        // Nor does another script; the change's own names no script that undoes it.
        let other = events.replacing("3 revert script a", with: "3 revert script b")
        #expect(try await plans(other) == ["everywhere reversible a#0 inferred #0"])
        let own = events.replacing("3 revert script a", with: "3 revert script f")
        #expect(try await plans(own) == ["everywhere reversible a#0 stage#3-#2 inferred #0"])
    }

    @Test func theStrategyOfTheChangeIsThatOfThePlanForEverywhere() async throws {
        let ledger = try await RecordedLedger(
            ExampleEvents(
                """
                merge 42 day 0 strategy reversible; plan 42 forward_fix day 1
                plan 42 irreversible day 2 at prod; merge 42 day 3 strategy reversible
                merge 43 day 0 strategy reversible; merge 43 day 1 strategy irreversible
                """
            ).events)
        let known = try ledger.view().changes(named: "4", service: "orders", limit: 9)
        #expect(known.map(\.strategy) == ["forward_fix", "irreversible"])
    }
}

/// What has to be undone, and in which order.
@Suite struct RollbackStepsTests {
    /// The steps, as `TARGET NUMBER CHANGE STRATEGY OBSTACLE BEFORE`, and the notes.
    private func steps(
        _ events: String, undo: String? = nil, backToDay: Int? = nil, tenant: String? = nil,
        day: Int = 30
    ) async throws -> (lines: [String], notes: [String]) {
        let ledger = try await RecordedLedger(ExampleEvents(events).events)
        let now = ExampleEvents.dayZero + Int64(day) * 86_400_000
        var inquiry = RollbackStepsInquiry(environment: "prod")
        inquiry.undo = undo.map { "orders:\($0)" }
        inquiry.backTo = backToDay.map {
            Timestamp(milliseconds: ExampleEvents.dayZero + Int64($0) * 86_400_000)
        }
        inquiry.tenants = [tenant].compactMap(\.self)
        let found = try await ledger.view(clock: Clock { now }).reply(to: inquiry)
        let lines = found.steps.map { step in
            [
                step.target.ownName, "\(step.number)", step.change, step.plan?.strategy.rawValue,
                step.obstacle?.rawValue, step.before.map { "again #\($0.index)" },
            ].compactMap(\.self).joined(separator: " ")
        }
        return (lines, found.notes)
    }

    @Test func whatRanAfterAChangeGoesFirstInTheOrderOfEachTarget() async throws {
        let events = """
            plan 41 reversible; plan 42 reversible; plan 43 reversible; plan 44 reversible
            run 41 prod/acme day 1; run 42 prod/acme day 2; run 44 prod/acme day 3
            run 43 prod/acme day 4
            run 41 prod/globex day 1; run 42 prod/globex day 2; run 43 prod/globex day 3
            run 44 dev day 3
            """
        let all = try await steps(events, undo: "42")
        #expect(
            all.lines == [
                "acme 1 43 reversible", "acme 2 44 reversible", "acme 3 42 reversible",
                "globex 1 43 reversible", "globex 2 42 reversible",
            ])
        #expect(all.notes == ["what ran after orders:42 may depend on it, and goes first"])
        #expect(
            try await steps(events, undo: "43", tenant: "globex").lines
                == ["globex 1 43 reversible"])
    }

    @Test func whatWasRevertedSinceIsNoStepAndWhatCameToBeThereAgainIs() async throws {
        let events = """
            run 42 prod day 1; run 43 prod day 2; run 43 prod day 3 revert; run 44 prod day 4
            run 44 prod day 5 revert; run 44 prod day 6
            """
        #expect(
            try await steps(events, undo: "42").lines.map { $0.prefix(9) }
                == ["prod 1 44", "prod 2 42"])
        let gone = try await steps(events + "; run 42 prod day 7 revert", undo: "42")
        #expect(gone.lines == [])
        #expect(gone.notes == ["orders:42 is not there: orders/prod"])
    }

    @Test func aChangeThatRanTwiceIsAsOldAsItsFirstRun() async throws {
        let events = """
            run 42 prod day 1; run 43 prod day 2; run 42 prod day 3
            run 41 prod day 1; run 41 prod day 4
            """
        #expect(
            try await steps(events, undo: "42").lines == [
                "prod 1 41 no-plan", "prod 2 43 no-plan", "prod 3 42 no-plan",
            ])
    }

    @Test func whatComesLaterAndRanBeforeIsTold() async throws {
        let events = "run 43 prod day 1; run 42 prod day 2"
        let found = try await steps(events, undo: "42")
        #expect(found.lines == ["prod 1 42 no-plan"])
        #expect(found.notes.count == 1)
        #expect(found.notes[0].hasPrefix("43 comes later than 42 and ran before it"))
    }

    @Test func whyItCannotBeUndoneIsSaid() async throws {
        let events = """
            plan 1 irreversible; plan 2 forward_fix; plan 3 restore_point expires 9 point snap
            plan 4 restore_point expires 90; plan 5 restore_point expires 90 point snap
            plan 6 expand_contract; plan 7 reversible; plan 8 reversible; plan 9 reversible
            plan 10 irreversible; plan 11 reversible
            run 1 prod day 1; run 2 prod day 2; run 3 prod day 3; run 4 prod day 4
            run 5 prod day 5; run 6 prod day 6; run 7 prod day 7 failed; run 8 prod day 8 started
            run 9 prod day 9 unknown; run 10 prod day 10 failed; run 11 prod day 11
            run 11 prod day 12 revert failed; run 12 prod day 13 skipped
            """
        #expect(
            try await steps(events, backToDay: 0).lines == [
                "prod 1 11 reversible unclear", "prod 2 10 irreversible irreversible",
                "prod 3 9 reversible unclear", "prod 4 8 reversible unclear",
                "prod 5 7 reversible unclear", "prod 6 6 expand_contract",
                "prod 7 5 restore_point", "prod 8 4 restore_point no-restore-point",
                "prod 9 3 restore_point restore-point-expired",
                "prod 10 2 forward_fix forward-fix", "prod 11 1 irreversible irreversible",
            ])
    }

    @Test func ofARepeatableChangeTheVersionBeforeRunsAgain() async throws {
        let events = """
            run view prod day 1 repeatable script a; run 42 prod day 2
            run view prod day 3 repeatable script b; run view prod day 4 repeatable script c
            """
        #expect(
            try await steps(events, undo: "42").lines
                == ["prod 1 view again #0", "prod 2 42 no-plan"])
        #expect(try await steps(events, undo: "view").lines == ["prod 1 view again #2"])
        #expect(try await steps(events, backToDay: 4).lines == ["prod 1 view again #2"])
        // There was none: it has to be undone like any other.
        #expect(
            try await steps(events, backToDay: 0).lines
                == ["prod 1 view no-plan", "prod 2 42 no-plan"])
    }

    @Test func backToATimeUndoesWhatRanSinceAndTellsWhatWasTakenAway() async throws {
        let events = """
            plan 42 reversible; plan 43 reversible; run 41 prod day 1; run 42 prod day 1
            run 40 prod day 1; run 41 prod day 5 revert; run 42 prod day 5; run 43 prod day 6
            """
        let found = try await steps(events, backToDay: 4)
        #expect(
            found.lines == [
                "prod 1 43 reversible", "prod 2 42 reversible there-before again #3",
            ])
        #expect(found.notes.count == 1)
        #expect(found.notes[0].hasPrefix("41 was there and was reverted since (#5)"))
        #expect(try await steps(events, backToDay: 7).lines == [])
    }

    @Test func whatCameWithABaselineOrFitsNoSingleTargetIsTold() async throws {
        let events = """
            run 41 prod/acme day 0; run 42 prod/acme day 1 mark; run 43 prod/acme day 2 baseline
            run 41 prod/globex day 1; run 44 prod day 3
            """
        let marked = try await steps(events, undo: "42", tenant: "acme")
        #expect(marked.lines == ["acme 1 42 no-plan"])
        #expect(
            marked.notes
                == ["#4 ran 44 on orders/prod, which fits several targets: it is in no step"])
        let planned = try await steps("plan 42 reversible; " + events, undo: "42", tenant: "acme")
        #expect(planned.lines == ["acme 1 42 reversible not-run"])
        let covered = try await steps(
            "run 41 dev day 0; run 42 dev day 0; run 42 prod day 1 baseline", undo: "41")
        #expect(covered.lines == [])
        #expect(covered.notes[0].hasPrefix("orders:41 came with a baseline"))
    }

    @Test func aPlanForATargetIsThatOfItsStep() async throws {
        let events = """
            plan 42 irreversible; plan 42 reversible at prod/acme; run 42 prod/acme day 1
            run 42 prod/globex day 1; run 42 prod/initech day 1 strategy forward_fix
            """
        #expect(
            try await steps(events, undo: "42").lines == [
                "acme 1 42 reversible", "globex 1 42 irreversible irreversible",
                "initech 1 42 irreversible irreversible",
            ])
    }
}
