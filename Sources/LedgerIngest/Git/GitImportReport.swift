import LedgerCore

/// How far an import went, and what it left out.
public struct GitImportReport: Sendable {
    /// Commits of the branch's first-parent line that were read.
    public internal(set) var commits = 0
    /// Merges, and direct commits if they count, that bring scripts.
    public internal(set) var merges = 0
    /// Merges whose events were made so far.
    public internal(set) var mergesDone = 0
    public internal(set) var events = 0
    /// Commits straight on the branch that bring scripts and were left out.
    public internal(set) var directCommits = 0
    /// The commit at which a shallow clone's history ends, if the import got there.
    public internal(set) var shallowBoundary: String?
    /// Merges whose side is out of reach, so that nobody knows who wrote their scripts.
    public internal(set) var mergesWithoutAuthor = 0
    /// The newest commit that was imported before, if the branch no longer leads to it.
    public internal(set) var rewrittenFrom: String?
    /// No script of the branch is where the services' paths lead.
    public internal(set) var matchedNothing = false
    /// Files that match the paths and are no changes by their names.
    public internal(set) var unnamedFiles = 0
    /// What else a person should know, one sentence each; at most 20.
    public internal(set) var warnings: [String] = []
    var branch = ""

    /// All that was left out, and why, one sentence each.
    public var remarks: [String] {
        var remarks: [String] = []
        if let commit = rewrittenFrom {
            remarks.append(
                "\(branch) was rewritten: \(commit.prefix(10)), the last commit imported before, "
                    + "is not on it any more; what is new on it was imported, and what was "
                    + "recorded before stays")
        }
        if let commit = shallowBoundary {
            remarks.append(
                "the clone is shallow: \(commit.prefix(10)) and what is before it could not be "
                    + "imported (git fetch --unshallow brings it)")
        }
        if mergesWithoutAuthor > 0 {
            let merges = mergesWithoutAuthor == 1 ? "1 merge" : "\(mergesWithoutAuthor) merges"
            remarks.append(
                "who wrote the scripts of \(merges) is unknown: their commits are out of reach")
        }
        if directCommits == 1 {
            remarks.append(
                "1 commit straight on \(branch) brings scripts and was left out "
                    + "(--direct imports it)")
        } else if directCommits > 1 {
            remarks.append(
                "\(directCommits) commits straight on \(branch) bring scripts and were left out "
                    + "(--direct imports them)")
        }
        if unnamedFiles == 1 {
            remarks.append("1 file matches the paths and is no change by its name")
        } else if unnamedFiles > 1 {
            remarks.append(
                "\(unnamedFiles) files match the paths and are no changes by their names")
        }
        if matchedNothing { remarks.append("no script of \(branch) matches the paths") }
        return remarks + warnings
    }

    mutating func warn(_ warning: String) {
        if warnings.count < 20, !warnings.contains(warning) { warnings.append(warning) }
    }
}
