/// Which one of several that belong together can't be recorded: the cause of an error.
public struct RefusedSubmission: Error {
    /// Counted from 0.
    public let place: Int
}
