/// A revert that succeeded, with the deployment that it undid.
public struct Revert: Sendable {
    public let deployment: Deployment
    /// The last that applied the change on the same target before it; nil if none is known.
    public let undone: Int64?
    /// `sha256:…` of the script that was undone.
    public let undoneDigest: String?

    public init(deployment: Deployment, undone: Int64?, undoneDigest: String?) {
        self.deployment = deployment
        self.undone = undone
        self.undoneDigest = undoneDigest
    }
}
