import LedgerCore
import LedgerProof
import LedgerStore

extension LocalView {
    /// A view of a copy in which what archives hold is back.
    public init(path: String, with archives: [String]) throws(LedgerError) {
        let copy = try RestoredCopy(of: path, with: archives)
        // The view reads on when the files have no names any more.
        defer { copy.remove() }
        try self.init(path: copy.path)
    }
}

extension LocalLedger {
    /// Verifies a copy in which what archives hold is back.
    public static func verify(
        at path: String, with archives: [String], expected: [Head] = [],
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) throws(LedgerError) -> Verifier.Verdict {
        let copy = try RestoredCopy(of: path, with: archives)
        defer { copy.remove() }
        return try verify(at: copy.path, expected: expected, progress: progress)
    }
}
