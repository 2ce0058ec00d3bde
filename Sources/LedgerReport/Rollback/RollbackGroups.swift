import LedgerCore
import LedgerCorrelation

/// Targets on which the same has to be done in the same order.
struct RollbackGroup {
    /// By target, and then by step.
    let rows: [[RollbackStep]]

    var targets: [Target] { rows.map { $0[0].target } }

    var title: String {
        let target = targets[0]
        let place = "\(target.service ?? "")/\(target.environment ?? "")"
        return targets.count == 1 && target.text == place
            ? place : "\(place): \(targets.map(\.ownName).joined(separator: ", "))"
    }

    /// The steps of the first target, each with those that are the same on all.
    var steps: [[RollbackStep]] {
        rows[0].indices.map { place in rows.map { $0[place] } }
    }

    /// Those whose last step was executed last come first.
    static func groups(_ steps: [RollbackStep]) -> [RollbackGroup] {
        var rows: [[RollbackStep]] = []
        for step in steps {
            if step.number == 1 || rows.isEmpty {
                rows.append([step])
            } else {
                rows[rows.count - 1].append(step)
            }
        }
        var groups: [[String]: [[RollbackStep]]] = [:]
        for row in rows { groups[row.map(\.likeness), default: []].append(row) }
        return groups.values.map { RollbackGroup(rows: $0) }.sorted {
            ($1.newest, $0.targets[0].text) < ($0.newest, $1.targets[0].text)
        }
    }

    private var newest: Timestamp {
        rows.flatMap { $0.map(\.at) }.max() ?? Timestamp(milliseconds: 0)
    }
}

extension RollbackStep {
    /// What tells whether the same is to be done on another target.
    fileprivate var likeness: String {
        [
            service, target.environment, change, state.rawValue, obstacle?.rawValue,
            before.map { $0.digest ?? "#\($0.index)" }, plan?.strategy.rawValue,
            plan?.script?.digest, plan?.restorePoint, plan?.restorePointExpires?.utc,
            plan?.isInferred.description, plan?.reason,
            isInTheWay.description,
        ].map { $0 ?? "" }.joined(separator: "\u{1F}")
    }

    var called: String { name ?? change }

    /// Why it can't simply be undone; nil if it can.
    func obstacleWords(_ local: LocalTime) -> String? {
        guard let obstacle else { return nil }
        let why: String? =
            switch obstacle {
            case .noPlan: "nobody said how to undo it"
            case .irreversible: "it is irreversible"
            case .forwardFix: "it is mended by another change, not undone"
            case .restorePointExpired:
                "its restore point \(plan?.restorePoint ?? "") expired"
                    + (plan?.restorePointExpires.map { " \(local.text(of: $0, to: .minutes))" }
                        ?? "")
            case .noRestorePoint: "it needs a restore point, and none is named"
            case .notRun: "nobody ran it there (#\(index)): find out what of it is there"
            case .thereBefore:
                "it was there before (#\(before?.index ?? 0)) and ran again since: "
                    + "undoing it takes away more"
            case .unclear: nil
            }
        let said = plan?.reason.map { why == nil ? "" : ": \($0)" } ?? ""
        return [why.map { $0 + said }, stateWords].compactMap(\.self).joined(separator: "; ")
    }

    private var stateWords: String? {
        switch state {
        case .failed: "its last attempt failed (#\(index)): find out what of it is there"
        case .unfinished: "it began and has not ended (#\(index)): it may be running"
        case .unknown: "nobody knows how it ended (#\(index)): find out what of it is there"
        default: nil
        }
    }

    /// What to do.
    var howWords: String {
        if obstacle == .unclear || obstacle == .notRun, before == nil {
            return "find out; " + planWords
        }
        if let before, obstacle != .thereBefore {
            let digest = before.digest.map { String($0.dropFirst(7).prefix(8)) }
            return "run \(digest ?? "the version before") again (#\(before.index))"
        }
        return planWords
    }

    private var planWords: String {
        guard let plan else { return "NO PLAN" }
        let source = "(#\(plan.script?.index ?? plan.index)\(plan.isInferred ? ", inferred" : ""))"
        switch plan.strategy {
        case .reversible:
            return plan.script == nil ? "by its tool \(source)" : "undo script \(source)"
        case .restorePoint: return "restore \(plan.restorePoint ?? "?") \(source)"
        case .expandContract:
            return plan.script == nil
                ? "roll back the application \(source)" : "undo script \(source)"
        case .irreversible: return "IRREVERSIBLE \(source)"
        case .forwardFix: return "ONLY FORWARD \(source)"
        }
    }

    /// Until when a restore point is kept.
    func keptWords(_ now: Timestamp, _ local: LocalTime) -> String? {
        guard isRestore, let plan, plan.restorePointExpires != nil else { return nil }
        return plan.pointWords(now, local)
    }

    /// `3 h ago`, `failed 3 h`.
    func ranWords(_ now: Timestamp) -> String {
        state == .applied
            ? Words.age(of: at, at: now) : "\(state.rawValue) \(Words.span(from: at, to: now))"
    }

    var testedWords: String {
        before != nil && obstacle == nil ? "it ran" : plan?.testedWords ?? "-"
    }
}
