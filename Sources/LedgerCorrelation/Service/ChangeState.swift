import LedgerCore

/// Where a change stands on a target, or in an environment.
public enum ChangeState: String, Sendable, CaseIterable {
    /// The last attempt failed.
    case failed
    /// It began, and no end was heard of: it runs, or nobody told how it ended.
    case unfinished
    /// It ended, and nobody knows how.
    case unknown
    /// It was applied with other content than upstream, or than was merged.
    case edited
    /// Other targets of the environment have it.
    case missing
    /// It was merged, or applied upstream, and is not here.
    case pending
    case applied
    case reverted
    case skipped
    /// It was taken as applied without being run.
    case baseline
    /// It is not here, and nothing says that it should be.
    case absent

    init(_ state: RecordedState) {
        switch state {
        case .applied: self = .applied
        case .failed: self = .failed
        case .started: self = .unfinished
        case .unknown: self = .unknown
        case .reverted: self = .reverted
        case .baseline, .marked: self = .baseline
        case .skipped: self = .skipped
        }
    }

    /// Whether the change's content is there.
    public var isDone: Bool {
        switch self {
        case .applied, .edited, .baseline: true
        default: false
        }
    }

    /// Whether it still has to come here, if it has to come at all.
    public var isLacking: Bool {
        switch self {
        case .failed, .unfinished, .missing, .pending, .absent: true
        default: false
        }
    }

    /// The worst first.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
