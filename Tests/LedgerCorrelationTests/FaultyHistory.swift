import LedgerCore
import TestSupport

/// The history of some services, with known faults in known places and everything else clean.
///
/// A clean change is merged with a ticket and a plan, reviewed and linted by somebody else, runs in
/// dev, stage and for every tenant in prod, in this order and each time with the same script. A
/// fault changes one thing of one change; no two stand on neighbouring changes.
struct FaultyHistory {
    enum Fault: CaseIterable {
        case tenantMissed, failed, halfway, notFinished, outOfOrder, stageAfterwards, edited
        case noReview, rejected, selfApproved, approvedAfterwards, emergency, lintMissing
        case lintFailed, unticketed, noPlan, notTested, irreversible, expired, slow, pending
        case ambiguous, adHoc
    }

    private struct Change {
        let id: String
        let day: Int
        let fault: Fault?
    }

    private(set) var events: [JSONObject] = []
    /// The ids of the findings that there should be.
    private(set) var expected: Set<String> = []
    private(set) var faultCount = 0
    /// When it is looked at, in milliseconds.
    let now: Int64
    private var random: SeededGenerator
    private var minute = 0

    private static let changeCount = 12
    private static let dayLength: Int64 = 86_400_000

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        now = ExampleEvents.dayZero + 100 * Self.dayLength
        for service in 0..<Int.random(in: 1...3, using: &random) { add("service\(service)") }
        // Sources report when they like.
        events.shuffle(using: &random)
    }

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    private mutating func add(_ service: String) {
        let tenants = (0..<Int.random(in: 2...5, using: &random)).map { "t\($0)" }
        if chance(50) {
            var path = event("path", service, day: 0)
            path.set(.array(["dev", "stage", "prod"]), at: "path", "steps")
            events.append(path)
        }
        if chance(50) {
            for tenant in tenants {
                var target = event("target", service, day: 0)
                target.set("prod", at: "environment")
                target.set(tenant, at: "tenant")
                target.set("add", at: "target", "action")
                events.append(target)
            }
        }
        for number in 1...Self.changeCount {
            // The first and the last are clean, and so is the neighbour of every faulty one.
            let isFaulty = number % 2 == 0 && number < Self.changeCount && chance(80)
            let fault = isFaulty ? Fault.allCases.randomElement(using: &random) : nil
            if fault != nil { faultCount += 1 }
            add(Change(id: String(number), day: 4 * number, fault: fault), service, tenants)
        }
    }

    private mutating func expect(
        _ codes: [String], in environment: String = "prod", _ service: String, _ change: String?
    ) {
        for code in codes {
            let place = "\(code):\(service)/\(environment)"
            expected.insert(change.map { "\(place):\($0)" } ?? place)
        }
    }

    // MARK: One change

    private mutating func add(_ change: Change, _ service: String, _ tenants: [String]) {
        let unlucky = tenants.randomElement(using: &random) ?? tenants[0]
        if change.fault == .adHoc {
            addFix(service, unlucky, change)
        } else {
            addWords(about: change, service)
            addRuns(of: change, service, tenants, unlucky)
        }
        expectFindings(of: change, service)
    }

    private mutating func addWords(about change: Change, _ service: String) {
        var merge = event("merge", service, change, day: change.day)
        merge.set(String(repeating: "c", count: 40), at: "git", "commit")
        merge.set("ann", at: "author", "id")
        if change.fault != .unticketed { merge.set("INC-1", at: "change", "ticket") }
        if change.fault == .emergency { merge.set("emergency", at: "change", "class") }
        merge.set(Self.digest("a"), at: "change", "digest")
        events.append(merge)

        if ![.noReview, .emergency, .irreversible].contains(change.fault) {
            let isLate = change.fault == .approvedAfterwards
            review(
                service, change, "approved", "approval",
                by: change.fault == .selfApproved ? "ann" : "bob",
                day: change.day + (isLate ? 20 : 0))
        }
        if change.fault == .rejected {
            review(service, change, "rejected", "approval", by: "cy", day: change.day, minutes: 9)
        }
        if change.fault != .lintMissing {
            let decision = change.fault == .lintFailed ? "failed" : "passed"
            review(service, change, decision, "lint", by: "ci", day: change.day)
        }
        if change.fault != .noPlan {
            var plan = event("rollback_plan", service, change, day: change.day)
            let strategy: RollbackStrategy =
                switch change.fault {
                case .irreversible: .irreversible
                case .expired: .restorePoint
                default: .reversible
                }
            plan.set(strategy.rawValue, at: "rollback", "strategy")
            if change.fault == .expired {
                plan.set(Self.time(60), at: "rollback", "restore_point_expires")
            }
            if change.fault != .notTested {
                plan.set(.array(["stage"]), at: "rollback", "tested_in")
            }
            events.append(plan)
        }
    }

    private mutating func review(
        _ service: String, _ change: Change, _ decision: String, _ kind: String, by name: String,
        day: Int, minutes: Int = 0
    ) {
        var review = event("review", service, change, day: day, minutes: minutes)
        review.set(decision, at: "review", "decision")
        review.set(kind, at: "review", "kind")
        review.set(name, at: "actor", "id")
        events.append(review)
    }

    private mutating func addRuns(
        of change: Change, _ service: String, _ tenants: [String], _ unlucky: String
    ) {
        run(service, change, "dev", nil, day: change.day + 1)
        let isLate = change.fault == .stageAfterwards
        run(service, change, "stage", nil, day: change.day + (isLate ? 9 : 2))
        if change.fault == .pending { return }
        for tenant in tenants {
            let isUnlucky = tenant == unlucky
            if isUnlucky, change.fault == .tenantMissed { continue }
            // The next change comes four days later.
            let day = change.day + (isUnlucky && change.fault == .outOfOrder ? 8 : 3)
            run(service, change, "prod", tenant, day: day, isUnlucky ? change.fault : nil)
        }
        if change.fault == .ambiguous { run(service, change, "prod", nil, day: change.day + 4) }
    }

    private mutating func run(
        _ service: String, _ change: Change, _ environment: String, _ tenant: String?, day: Int,
        _ fault: Fault? = nil
    ) {
        var run = event("deployment", service, change, day: day)
        run.set(environment, at: "environment")
        run.set(tenant, at: "tenant")
        run.set("ci", at: "actor", "id")
        run.set(Self.digest(fault == .edited ? "b" : "a"), at: "change", "digest")
        let status: DeploymentStatus =
            switch fault {
            case .failed, .halfway: .failed
            case .notFinished: .started
            default: .succeeded
            }
        run.set(status.rawValue, at: "deployment", "status")
        if fault == .halfway {
            run.set(2, at: "deployment", "statements_done")
            run.set(5, at: "deployment", "statements")
        }
        let milliseconds =
            fault == .slow ? 840_000 : Int64.random(in: 100...900, using: &random)
        run.set(.integer(milliseconds), at: "deployment", "duration_ms")
        events.append(run)
        // What succeeded may have failed before, or begun.
        if status == .succeeded, chance(10) {
            minute += 1
            run.set("event\(minute)", at: "id")
            run.set("failed", at: "deployment", "status")
            run.set(Self.time(day, -60), at: "time")
            events.append(run)
        }
    }

    private mutating func addFix(_ service: String, _ tenant: String, _ change: Change) {
        let fix = Change(id: "fix\(change.id)", day: change.day, fault: nil)
        var run = event("deployment", service, fix, day: change.day)
        run.set("prod", at: "environment")
        run.set(tenant, at: "tenant")
        run.set("succeeded", at: "deployment", "status")
        events.append(run)
    }

    private mutating func expectFindings(of change: Change, _ service: String) {
        let id = change.id
        switch change.fault {
        case nil: break
        case .tenantMissed: expect(["tenant-missed"], service, id)
        case .failed: expect(["failed-not-resolved"], service, id)
        case .halfway: expect(["failed-not-resolved", "halfway"], service, id)
        case .notFinished: expect(["not-finished"], service, id)
        case .outOfOrder: expect(["out-of-order"], service, id)
        case .stageAfterwards:
            expect(["environment-skipped"], service, id)
            // In stage the next change was there before.
            expect(["out-of-order"], in: "stage", service, id)
        case .edited: expect(["edited-between-environments"], service, id)
        case .noReview, .rejected: expect(["no-review"], service, id)
        case .selfApproved: expect(["self-approved"], service, id)
        case .approvedAfterwards: expect(["approved-after-deployment"], service, id)
        case .emergency: expect(["emergency-not-reviewed"], service, id)
        case .lintMissing: expect(["lint-missing"], service, id)
        case .lintFailed: expect(["lint-failed"], service, id)
        case .unticketed: expect(["unticketed"], service, id)
        case .noPlan: expect(["no-rollback-plan"], service, id)
        case .notTested: expect(["rollback-not-tested"], service, id)
        case .irreversible:
            expect(["irreversible-without-approval", "no-review"], service, id)
        case .expired: expect(["restore-point-expired"], service, id)
        case .slow: expect(["slow-in-prod"], service, id)
        case .pending: expect(["pending-too-long"], service, id)
        case .ambiguous: expect(["ambiguous-target"], service, nil)
        case .adHoc:
            expect(
                [
                    "ad-hoc", "environment-skipped", "tenant-missed", "no-review", "lint-missing",
                    "no-rollback-plan", "unticketed",
                ], service, "fix\(id)")
        }
    }

    // MARK: Events

    private mutating func event(
        _ type: String, _ service: String, _ change: Change? = nil, day: Int, minutes: Int = 0
    ) -> JSONObject {
        minute += 1
        var object = JSONObject()
        object.set(type, at: "type")
        object.set("event\(minute)", at: "id")
        object.set(service, at: "service")
        object.set(Self.time(day, minutes), at: "time")
        object.set(change?.id, at: "change", "id")
        return object
    }

    private static func time(_ day: Int, _ minutes: Int = 0) -> String {
        let milliseconds =
            ExampleEvents.dayZero + Int64(day) * dayLength + Int64(minutes) * 60_000
        return Timestamp(milliseconds: milliseconds).utc
    }

    private static func digest(_ digit: String) -> String {
        "sha256:" + String(repeating: digit, count: 64)
    }
}
