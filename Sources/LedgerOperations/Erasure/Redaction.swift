import LedgerCore
import LedgerCrypto

/// Private members of entries that are to be erased, attachments among them.
public struct RedactionRequest: Sendable {
    public let indexes: [Int64]
    /// `actor`, `message`, `attachment:output` …
    public let members: [String]
    public let why: ErasureReason

    public init(indexes: [Int64], members: [String], why: ErasureReason) {
        self.indexes = indexes
        self.members = members
        self.why = why
    }
}

/// Why something is erased, and at whose word.
public struct ErasureReason: Sendable {
    public let reason: String
    /// Who does it, if that is not who is authenticated.
    public let actor: String?

    /// - Throws: `usage` without a reason.
    public init(_ reason: String?, actor: String?) throws(LedgerError) {
        guard let reason, reason.utf8.contains(where: { $0 > 0x20 }) else {
            throw LedgerError(
                .usage, "what is erased is gone for ever, and nobody says why",
                advice: "say it: -m 'erasure request 12'")
        }
        self.reason = reason
        self.actor = actor
    }

    func fill(_ event: inout JSONObject) {
        event.set(reason, at: "reason")
        event.set(actor, at: "actor")
    }
}

/// What of one entry is to be erased.
struct Erasure: Sendable {
    /// Random words in place of a person's id and name.
    struct Stand: Sendable, Equatable {
        let id: String
        let name: String?
    }

    let index: Int64
    var members: [String]
    var stand: Stand?
}

/// What was erased.
public struct Redaction: Sendable {
    /// Bytes that stay since other entries name them too.
    public struct KeptBytes: Sendable, Equatable {
        public let digest: String
        public let references: [MemberReference]
    }

    /// Of the redaction entries.
    public internal(set) var receipts: [Receipt] = []
    public internal(set) var entryCount = 0
    public internal(set) var memberCount = 0
    public internal(set) var kept: [KeptBytes] = []
    /// What other events of the same deployments have under the names that were erased.
    public internal(set) var siblings: [MemberReference] = []
    /// Why old pages of the file still hold what was erased.
    public internal(set) var leftover: LedgerError?
}
