import LedgerCore

// Suspicion.swift
//
// What makes a change suspect, and how many points that is. The points of a change are added up.
// The most come first; of as many, the newest.
//
//    code         points  the change
//    before        0–40   came so close before: 40 at the moment itself, none at the window's start
//    under-way       70   had begun and not ended (instead of `before`)
//    object          50   has a script that touches the object which is asked for
//    failed          30   failed, on some of its targets
//    unfinished      30   began, and no end was ever heard of
//    edited          25   had another script than upstream, than was merged, or than other targets
//    slow            20   took many times as long as upstream (slow-in-prod)
//    ad-hoc          20   is in no merge, though merges of its service are known
//    unknown         15   ended, and nobody knows how
//    frozen          15   ran in a freeze
//    overridden      15   passed a gate that was closed
//    retried         10   failed at first
//    not-run         10   was taken as applied without being run
//    kind            10   changes permissions or configuration

/// A reason for which a change is suspect.
public enum Suspicion: Sendable, Equatable {
    public enum Reference: Sendable, Equatable {
        case environment(String)
        case merge
        case otherTargets
    }

    /// In a window, both in milliseconds.
    case before(Int64, of: Int64)
    /// Since so many milliseconds.
    case underWay(Int64)
    case touches(String)
    /// On the targets, or on the only one.
    case failed([Target])
    case unfinished
    case edited(Reference)
    case slow(milliseconds: Int64, usual: Int64, environment: String)
    case adHoc
    case unknownOutcome
    /// By the entry that declares it.
    case frozen(Int64)
    /// The codes of the gate's reasons, and the entry.
    case overridden([String], Int64)
    case retried
    case notRun(DeploymentOperation)
    /// `permission` or `config`.
    case kind(String)

    public var code: String {
        switch self {
        case .before: "before"
        case .underWay: "under-way"
        case .touches: "object"
        case .failed: "failed"
        case .unfinished: "unfinished"
        case .edited: "edited"
        case .slow: "slow"
        case .adHoc: "ad-hoc"
        case .unknownOutcome: "unknown"
        case .frozen: "frozen"
        case .overridden: "overridden"
        case .retried: "retried"
        case .notRun: "not-run"
        case .kind: "kind"
        }
    }

    public var points: Int {
        switch self {
        case .before(let distance, let window):
            Int(40 * max(0, window - max(0, distance)) / max(1, window))
        case .underWay: 70
        case .touches: 50
        case .failed, .unfinished: 30
        case .edited: 25
        case .slow, .adHoc: 20
        case .unknownOutcome, .frozen, .overridden: 15
        case .retried, .notRun, .kind: 10
        }
    }
}
