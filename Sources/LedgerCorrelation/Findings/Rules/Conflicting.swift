import LedgerCore
import LedgerSQL

struct Conflicting: FindingRule {
    static let rule = Rule(
        "conflicting", .note,
        finds:
            "a change on its way to the end of the path that touches the same object as one before "
            + "it, also on its way, so that their order matters",
        advice: "agree on the order and test it; ledger query --object NAME shows what touches it",
        isForTheLastStep: true, needsTargets: false)

    static let examples = [
        RuleExample(
            "two change one table",
            """
            path dev prod; merge 42 day 0 alters orders
            merge 43 day 0 indexes shop.Orders; run 42 dev day 1
            """, day: 2, finds: ["prod 43"]),
        RuleExample(
            "one drops what the other fills",
            """
            path dev prod; merge 42 day 0 fills orders
            merge 43 day 0 drops orders
            """, day: 2, finds: ["prod 43"]),
        RuleExample(
            "one has come to the end",
            """
            path dev prod; merge 42 day 0 alters orders
            merge 43 day 0 alters orders; run 42 dev day 1; run 42 prod day 1
            """, day: 2),
        RuleExample(
            "both only add rows",
            """
            path dev prod; merge 42 day 0 fills orders
            merge 43 day 0 fills orders
            """, day: 2),
        RuleExample(
            "one makes what the other needs",
            """
            path dev prod; merge 42 day 0 creates orders
            merge 43 day 0 alters orders
            """, day: 2),
        RuleExample(
            "tables of two schemas",
            """
            path dev prod; merge 42 day 0 alters shop.orders
            merge 43 day 0 alters archive.orders
            """, day: 2),
        RuleExample(
            "one change, merged twice",
            """
            path dev prod; merge 42 day 0 alters orders
            merge 42 day 1 alters orders
            """, day: 2),
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        var found: [Finding] = []
        for environment in scope.environments(rule) {
            let waiting = scope.history.changes.indices.filter {
                isOnItsWay($0, environment, scope)
            }
            if waiting.count > 1 { found += try conflicts(of: waiting, environment, scope) }
        }
        return found
    }

    private static func isOnItsWay(_ change: Int, _ environment: Int, _ scope: RuleScope) -> Bool {
        let history = scope.history
        guard let since = history.standing(change, environment).dueSince,
            since >= scope.policy.effectiveFrom?.milliseconds ?? .min
        else { return false }
        let states = history.states(change, environment)
        // Of a repeatable change the next version may be on its way.
        if history.changes[change].isRepeatable { return states[.pending] != nil }
        return history.cell(change, environment).doneCount == 0
            && [.pending, .failed, .unfinished, .unknown].contains { states[$0] != nil }
    }

    private struct Earlier {
        let change: Int
        let objects: [TouchedObject]
    }

    private static func conflicts(
        of waiting: [Int], _ environment: Int, _ scope: RuleScope
    ) throws(LedgerError) -> [Finding] {
        let history = scope.history
        let digests = waiting.map { change in
            let reference = history.standing(change, environment).reference
            return [reference, history.changes[change].merge?.digest].compactMap(\.self)
        }
        let touched = try scope.evidence.touchedObjects(by: Set(digests.joined()))
        // By what objects are called, whatever their schema.
        var known: [TouchedObject.Name: [Earlier]] = [:]
        var found: [Finding] = []
        for (change, digests) in zip(waiting, digests) {
            let objects = Set(digests.flatMap { touched[$0] ?? [] })
            var conflicts: [ObjectConflict] = []
            var others: [Int] = []
            let named = Dictionary(grouping: objects, by: \.unqualified)
            for (name, mine) in named.sorted(by: { $0.key < $1.key }) {
                for earlier in known[name] ?? [] {
                    guard let conflict = ObjectConflict(earlier.objects, mine) else { continue }
                    conflicts.append(conflict)
                    others.append(earlier.change)
                }
                known[name, default: []].append(Earlier(change: change, objects: mine))
            }
            guard let other = others.min(), let first = others.firstIndex(of: other) else {
                continue
            }
            let places = Set(others).sorted() + [change]
            let more = places.count > 2 ? ", and \(places.count - 2) more do too" : ""
            found.append(
                scope.finding(
                    rule, change, environment,
                    entries: places.flatMap { entries(of: $0, environment, history) },
                    since: places.compactMap { history.standing($0, environment).dueSince }.max(),
                    "\(conflicts[first].words(history.called(other)))\(more)"))
        }
        return found
    }

    /// Those that say that a change is on its way.
    private static func entries(
        of change: Int, _ environment: Int, _ history: ServiceHistory
    ) -> [Int64] {
        let upstream = history.upstream[environment].compactMap {
            history.cell(change, $0).applied?.last
        }
        return [history.changes[change].merge?.last].compactMap(\.self) + upstream
    }
}
