/// Something in a ledger that is not as it was recorded.
public struct Problem: Sendable, Equatable {
    /// Stable names, the same in `Tests/verify_ledger.py`.
    public enum Code: String, Sendable, CaseIterable {
        case leafMissing = "leaf-missing"
        case leafInvalid = "leaf-invalid"
        case hashWrong = "hash-wrong"
        case indexWrong = "index-wrong"
        case chainBroken = "chain-broken"
        case logWrong = "log-wrong"
        case streamIDWrong = "stream-id-wrong"
        case streamBroken = "stream-broken"
        case bodyMissing = "body-missing"
        case bodyInvalid = "body-invalid"
        case bodyWrong = "body-wrong"
        case bodyExtra = "body-extra"
        /// What is kept of an archived entry is not what the archive's entry names.
        case carriedWrong = "carried-wrong"
        case privateMissing = "private-missing"
        case privateWrong = "private-wrong"
        case privateInvalid = "private-invalid"
        case privateExtra = "private-extra"
        case attachmentMissing = "attachment-missing"
        case attachmentWrong = "attachment-wrong"
        case attachmentExtra = "attachment-extra"
        /// What a redaction erased is there.
        case redactionUndone = "redaction-undone"
        /// The entry that was expected at this index is another one, or is not there.
        case headWrong = "head-wrong"
        /// An entry is older than the one before it: a warning, since the order is that of the
        /// indexes.
        case clockSetBack = "clock-set-back"
        case projectionWrong = "projection-wrong"
        /// Tables, triggers or views are not those of the ledger's format.
        case schemaChanged = "schema-changed"
        /// SQLite can't read the file, or finds its structure broken.
        case damaged
        /// The file is no ledger's.
        case notALedger = "not-a-ledger"
    }

    /// The entry's, or nil for what belongs to no single entry.
    public let index: Int64?
    public let code: Code
    public let detail: String

    public init(index: Int64?, code: Code, detail: String) {
        self.index = index
        self.code = code
        self.detail = detail
    }

    public var isWarning: Bool { code == .clockSetBack }

    /// It may only follow from another, and is mended by building anew what is derived.
    public var isDerived: Bool { code == .projectionWrong }
}

/// The first problems in the order of the entries, and how many there are in all.
public struct Problems: Sendable {
    public static let keptLimit = 20

    public private(set) var kept: [Problem] = []
    public private(set) var count = 0

    public init() {}

    /// Problems that were found elsewhere.
    public init(kept: [Problem], count: Int) {
        self.kept = kept
        self.count = count
    }

    public mutating func add(_ problem: Problem) {
        count += 1
        let place = kept.firstIndex { Self.isBefore(problem, $0) } ?? kept.endIndex
        if place < Self.keptLimit { kept.insert(problem, at: place) }
        if kept.count > Self.keptLimit { kept.removeLast() }
    }

    public mutating func add(contentsOf others: Problems) {
        for problem in others.kept { add(problem) }
        count += others.count - others.kept.count
    }

    // Those without an index stand last, and only then what is derived.
    private static func isBefore(_ left: Problem, _ right: Problem) -> Bool {
        if left.isDerived != right.isDerived { return right.isDerived }
        return (left.index ?? .max) < (right.index ?? .max)
    }
}
