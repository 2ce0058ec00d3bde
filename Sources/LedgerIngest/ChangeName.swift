/// What a script is called: the change that it belongs to, and what it does for it.
public struct ChangeName: Sendable, Equatable {
    public enum Role: Sendable {
        /// Carries the change out.
        case apply
        /// Undoes the change that has this id; no change of its own.
        case revert
        /// Belongs to the tool and is no change: a callback, a check, a package's `__init__.py`.
        case none
    }

    /// What the tool's own history table calls it.
    public let id: String
    /// The file's stem, or what stands for it.
    public let name: String
    public let role: Role
    /// Runs again whenever its content changes.
    public let isRepeatable: Bool
    /// The tool that was given, or that the script itself shows beyond doubt.
    public let tool: MigrationTool?
    /// The bytes of the content that are this change's, where a file holds several.
    public let range: Range<Int>?

    public init(
        id: String, name: String, role: Role = .apply, isRepeatable: Bool = false,
        tool: MigrationTool? = nil, range: Range<Int>? = nil
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.isRepeatable = isRepeatable
        self.tool = tool
        self.range = range
    }
}
