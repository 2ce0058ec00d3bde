import LedgerCore

/// A token, with who issued and revoked it and what was recorded with it.
public struct TokenUse: Sendable {
    public let token: IssuedToken
    /// The entries that created and revoked it.
    public let created: Int64
    public let createdBy: Principal?
    public let revoked: Int64?
    public let revokedBy: Principal?
    /// How many entries were recorded with it, and the first and the last of them.
    public let entryCount: Int64
    public let firstUsed: Timestamp?
    public let lastUsed: Timestamp?

    public init(
        token: IssuedToken, created: Int64, createdBy: Principal?, revoked: Int64?,
        revokedBy: Principal?, entryCount: Int64, firstUsed: Timestamp?, lastUsed: Timestamp?
    ) {
        self.token = token
        self.created = created
        self.createdBy = createdBy
        self.revoked = revoked
        self.revokedBy = revokedBy
        self.entryCount = entryCount
        self.firstUsed = firstUsed
        self.lastUsed = lastUsed
    }
}
