/// Whom the ledger authenticated, as against whom the source names.
public struct Principal: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A user of the machine that holds the ledger's file; `id` is the uid.
        case local
        /// `id` is a token's id.
        case token
        /// `id` is a webhook's id.
        case hook
        /// `id` is a hash of issuer and subject.
        case oidc
    }

    public let kind: Kind
    public let id: String
    /// Kept as the private member `principal_name`.
    public let name: String?

    public init(kind: Kind, id: String, name: String? = nil) {
        self.kind = kind
        self.id = id
        self.name = name
    }
}
