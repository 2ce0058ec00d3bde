/// A change that ran, or was merged, with a script that came with a merge of another change.
public struct ScriptMatch: Sendable, Equatable {
    public enum Likeness: String, Sendable {
        /// The same bytes.
        case script
        /// The same blob in Git.
        case blob
        /// The same tokens (`lsd1:`): comments and white space differ.
        case text
        /// The merged script has the tokens of several, of which this change was the last.
        case parts
    }

    /// The ids of two changes of one service.
    public let change: String
    public let merged: String
    public let likeness: Likeness
    /// The entries that show it: one of each.
    public let entries: [Int64]
    /// When the merge first brought it.
    public let mergedAt: Int64

    public init(
        change: String, merged: String, likeness: Likeness, entries: [Int64], mergedAt: Int64
    ) {
        self.mergedAt = mergedAt
        self.change = change
        self.merged = merged
        self.likeness = likeness
        self.entries = entries
    }
}
