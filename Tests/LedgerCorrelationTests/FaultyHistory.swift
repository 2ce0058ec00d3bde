import LedgerCore
import TestSupport

/// The history of some services, with known faults in known places and everything else clean.
///
/// A clean change is merged with a ticket and a plan, reviewed and linted by somebody else, runs in
/// dev, stage and for every tenant in prod, in this order and each time with the same script. A
/// fault changes one thing of one change; no two stand on neighbouring changes. It is an imported
/// history, recorded at its end but for what says otherwise.
struct FaultyHistory {
    enum Fault: CaseIterable {
        case tenantMissed, failed, halfway, notFinished, outOfOrder, stageAfterwards, edited
        case noReview, rejected, selfApproved, approvedAfterwards, emergency, lintMissing
        case lintFailed, unticketed, noPlan, notTested, irreversible, expired, slow, pending
        case ambiguous, adHoc, reverted, thirdAttempt, skewed, late, elsewhere
        case rewritten
    }

    /// What is recorded, and when.
    struct Recorded {
        let members: JSONObject
        let script: String?
        let at: Int64
    }

    private struct Change {
        let id: String
        let day: Int
        let fault: Fault?
    }

    private(set) var events: [Recorded] = []
    /// The ids of the findings that there should be.
    private(set) var expected: Set<String> = []
    private(set) var faultCount = 0
    /// When it is looked at, in milliseconds.
    let now: Int64
    private var random: SeededGenerator
    private var minute = 0
    private var silent: String?

    private static let changeCount = 12
    private static let lastDay = 100
    private static let dayLength: Int64 = 86_400_000

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        now = ExampleEvents.dayZero + Int64(Self.lastDay) * Self.dayLength
        for service in 0..<Int.random(in: 1...3, using: &random) { add("service\(service)") }
        // Sources report when they like, and a ledger's clock only goes on.
        events.shuffle(using: &random)
        events.sort { $0.at < $1.at }
    }

    private mutating func add(
        _ members: JSONObject, script: String? = nil, recordedOn day: Int = lastDay
    ) {
        let at = ExampleEvents.dayZero + Int64(day) * Self.dayLength
        events.append(Recorded(members: members, script: script, at: at))
    }

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    private mutating func add(_ service: String) {
        let tenants = (0..<Int.random(in: 2...5, using: &random)).map { "t\($0)" }
        if chance(50) {
            var path = event("path", service, day: 0)
            path.set(.array(["dev", "stage", "prod"]), at: "path", "steps")
            add(path)
        }
        // Nothing was heard of one of them for forty days.
        silent = chance(20) ? tenants.randomElement(using: &random) : nil
        if silent != nil {
            faultCount += 1
            expect(["silent-target"], service, nil)
        }
        let isDeclared = chance(50)
        for tenant in isDeclared ? tenants : Array(tenants.prefix(1)) {
            var target = event("target", service, day: 0)
            target.set("prod", at: "environment")
            target.set(tenant, at: "tenant")
            target.set("add", at: "target", "action")
            target.set("\(service)-db:5432/\(tenant)", at: "target", "address")
            add(target, recordedOn: tenant == silent ? 60 : Self.lastDay)
        }
        addWaiting(service)
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
        add(merge)

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
            add(plan)
        }
    }

    /// Two changes on their way, which meet or not.
    private mutating func addWaiting(_ service: String) {
        let conflicting = [
            ("ALTER TABLE orders ADD a int", "ALTER TABLE shop.orders ADD b int"),
            ("UPDATE orders SET a = 1", "DROP TABLE orders"),
            ("DROP VIEW v; CREATE VIEW v AS SELECT 1", "CREATE OR REPLACE VIEW v AS SELECT 2"),
        ]
        let harmless = [
            ("INSERT INTO orders VALUES (1)", "INSERT INTO orders VALUES (2)"),
            ("ALTER TABLE orders ADD a int", "ALTER TABLE customers ADD a int"),
            ("CREATE TABLE t (a int)", "CREATE INDEX i ON t (a)"),
        ]
        let isFaulty = chance(30)
        if !isFaulty, chance(50) { return }
        guard let scripts = (isFaulty ? conflicting : harmless).randomElement(using: &random) else {
            return
        }
        for (id, script) in [("way1", scripts.0), ("way2", scripts.1)] {
            let change = Change(id: id, day: 95, fault: nil)
            minute += 1
            var merge = event("merge", service, change, day: 95, minutes: id == "way1" ? 0 : 60)
            merge.set(String(repeating: "d", count: 40), at: "git", "commit")
            add(merge, script: script)
        }
        if isFaulty {
            faultCount += 1
            expect(["conflicting"], service, "way2")
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
        add(review)
    }

    private mutating func addRuns(
        of change: Change, _ service: String, _ tenants: [String], _ unlucky: String
    ) {
        run(service, change, "dev", nil, day: change.day + 1)
        let isLate = change.fault == .stageAfterwards
        run(
            service, change, "stage", nil, day: change.day + (isLate ? 9 : 2),
            change.fault == .elsewhere ? .elsewhere : nil, at: tenants[0])
        if change.fault == .pending { return }
        for tenant in tenants {
            let isUnlucky = tenant == unlucky
            if isUnlucky, change.fault == .tenantMissed { continue }
            // The next change comes four days later.
            let day = change.day + (isUnlucky && change.fault == .outOfOrder ? 8 : 3)
            let isMine = isUnlucky && change.fault != .elsewhere
            run(
                service, change, "prod", tenant, day: day, isMine ? change.fault : nil,
                at: chance(50) ? tenant : nil)
        }
        if change.fault == .rewritten { addRewrite(of: change, service, unlucky) }
        if change.fault == .ambiguous { run(service, change, "prod", nil, day: change.day + 4) }
    }

    private mutating func run(
        _ service: String, _ change: Change, _ environment: String, _ tenant: String?, day: Int,
        _ fault: Fault? = nil, at database: String? = nil
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
        if fault == .reverted { run.set("revert", at: "deployment", "operation") }
        if fault == .thirdAttempt { run.set(3, at: "deployment", "attempt") }
        if fault != .late { run.set("import", at: "trigger", "kind") }
        if let database, environment == "prod" || fault == .elsewhere {
            run.set("\(service)-db:5432", at: "host")
            run.set(database, at: "database")
        }
        let recorded =
            fault == .skewed
            ? day - 1
            : fault == .late ? day + 9 : tenant != nil && tenant == silent ? 60 : Self.lastDay
        let milliseconds =
            fault == .slow ? 840_000 : Int64.random(in: 100...900, using: &random)
        run.set(.integer(milliseconds), at: "deployment", "duration_ms")
        add(run, recordedOn: recorded)
        // What succeeded may have failed before, or begun.
        if status == .succeeded, chance(10) {
            minute += 1
            run.set("event\(minute)", at: "id")
            run.set("failed", at: "deployment", "status")
            run.set(Self.time(day, -60), at: "time")
            add(run, recordedOn: recorded)
        }
    }

    private mutating func addRewrite(of change: Change, _ service: String, _ tenant: String) {
        var snapshot = event("snapshot", service, day: change.day + 4)
        snapshot.set("prod", at: "environment")
        snapshot.set(tenant, at: "tenant")
        snapshot.set("import", at: "trigger", "kind")
        snapshot.set(Self.digest("c"), at: "snapshot", "digest")
        let item: JSON = [
            "after": "8", "before": "7", "change": .string(change.id), "member": "checksum",
            "row": "history/1",
        ]
        snapshot.set(.array([item]), at: "snapshot", "rewritten")
        add(snapshot, recordedOn: tenant == silent ? 60 : Self.lastDay)
    }

    private mutating func addFix(_ service: String, _ tenant: String, _ change: Change) {
        let fix = Change(id: "fix\(change.id)", day: change.day, fault: nil)
        var run = event("deployment", service, fix, day: change.day)
        run.set("prod", at: "environment")
        run.set(tenant, at: "tenant")
        run.set("succeeded", at: "deployment", "status")
        run.set("import", at: "trigger", "kind")
        add(run, recordedOn: tenant == silent ? 60 : Self.lastDay)
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
        case .reverted, .thirdAttempt: expect(["history-gap"], service, id)
        case .skewed: expect(["clock-skew"], service, nil)
        case .late: expect(["recorded-late"], service, nil)
        case .elsewhere: expect(["target-mismatch"], in: "stage", service, nil)
        case .rewritten: expect(["history-rewritten"], service, id)
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
