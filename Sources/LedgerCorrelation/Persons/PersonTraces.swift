import LedgerCore

/// Where a ledger knows of one person.
public struct PersonTraces: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Says who the person is.
        case value
        /// A text or an attachment that names the person.
        case mention
        /// A public member: it stands in what is hashed.
        case `public`
    }

    public struct Trace: Sendable {
        public let index: Int64
        public let kind: Kind
        public let member: String
        /// The entry in a few words.
        public let what: String
        /// The matter for which the entry is held.
        public let held: String?

        public init(index: Int64, kind: Kind, member: String, what: String, held: String?) {
            self.index = index
            self.kind = kind
            self.member = member
            self.what = what
            self.held = held
        }
    }

    /// An entry by which something left the ledger.
    public struct Copy: Sendable {
        public let index: Int64
        public let type: String
        public let what: String

        public init(index: Int64, type: String, what: String) {
            self.index = index
            self.type = type
            self.what = what
        }
    }

    /// The first is the one that was asked for.
    public var ids: [String] = []
    public var names: [String] = []
    /// Perhaps of the same person, but nobody said so.
    public var alike: [String] = []
    public var traces: [Trace] = []
    public var copies: [Copy] = []

    public init() {}

    public func traces(_ kind: Kind) -> [Trace] { traces.filter { $0.kind == kind } }

    /// Without members that are to stay, by name.
    public func keeping(_ members: [String]) -> PersonTraces {
        var rest = self
        rest.traces.removeAll { trace in
            trace.kind == .mention && members.contains { $0.hasSameBytes(as: trace.member) }
        }
        return rest
    }
}
