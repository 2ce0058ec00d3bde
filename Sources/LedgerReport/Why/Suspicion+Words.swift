import LedgerCore
import LedgerCorrelation

extension Suspicion {
    /// `12 min before`, `took 14 min, 0.2 s in stage`.
    var words: String {
        switch self {
        case .before(let distance, _): "\(Self.span(distance)) before"
        case .underWay(let since): "under way then: it began \(Self.span(since)) before"
        case .touches(let object): "touches \(object)"
        case .failed(let targets):
            targets.count == 1 && targets[0].shape == []
                ? "failed" : "failed on \(Words.list(targets.map(\.ownName)))"
        case .unfinished: "no end was heard of"
        case .edited(.environment(let name)): "another script than \(name)"
        case .edited(.merge): "another script than was merged"
        case .edited(.otherTargets): "not one script on all targets"
        case .slow(let longest, let usual, let environment):
            "took \(Words.duration(milliseconds: longest)), "
                + "\(Words.duration(milliseconds: usual)) in \(environment)"
        case .adHoc: "in no merge"
        case .unknownOutcome: "how it ended is not known"
        case .frozen(let index): "in a freeze (#\(index))"
        case .overridden(let codes, let index):
            "let through a closed gate: \(Words.list(codes)) (#\(index))"
        case .retried: "failed at first"
        case .notRun(.baseline): "taken as a baseline, not run"
        case .notRun: "marked as applied, not run"
        case .kind("config"): "changes configuration"
        case .kind: "changes permissions"
        }
    }

    private static func span(_ milliseconds: Int64) -> String {
        Words.span(
            from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: milliseconds))
    }
}
