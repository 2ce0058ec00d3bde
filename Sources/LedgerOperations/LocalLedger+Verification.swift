import LedgerCore
import LedgerProof
import LedgerStore

extension LocalLedger {
    /// Verifies a ledger's file: its entries and everything that belongs to them, then what is
    /// derived from them and the tables themselves. A file that can't be read as a ledger is a
    /// problem like any other.
    ///
    /// - Parameters:
    ///   - expected: heads and receipts that somebody kept: each must still stand at its index.
    ///   - progress: called now and then, from any thread, with the number of entries done.
    public static func verify(
        at path: String, expected: [Head] = [],
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) throws(LedgerError) -> Verifier.Verdict {
        do throws(LedgerError) {
            let verifier = Verifier { () throws(LedgerError) in try SQLiteBytesReader(path: path) }
            var verdict = try verifier.verify(expected: expected, progress: progress)
            let start = ContinuousClock.now
            do throws(LedgerError) {
                for problem in try projectionProblems(at: path) { verdict.problems.add(problem) }
            } catch {
                // Nothing can be derived from entries that are wrong, and that has been said.
                if verdict.problems.count == 0 { throw error }
            }
            verdict.projectionsDuration = ContinuousClock.now - start
            return verdict
        } catch {
            guard error.code == .damaged || error.code == .notALedger else { throw error }
            var verdict = Verifier.Verdict()
            verdict.problems.add(
                Problem(
                    index: nil, code: error.code == .damaged ? .damaged : .notALedger,
                    detail: error.message))
            return verdict
        }
    }

    /// What is wrong with everything that is derived from the entries, and with the tables.
    static func projectionProblems(at path: String) throws(LedgerError) -> [Problem] {
        try ProjectionCheck.differences(at: path).map { difference in
            let code: Problem.Code =
                switch difference.kind {
                case .schema: .schemaChanged
                case .structure: .damaged
                case .projection: .projectionWrong
                }
            return Problem(index: difference.index, code: code, detail: difference.detail)
        }
    }
}
