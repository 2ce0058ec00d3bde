import LedgerCore
import LedgerProof
import LedgerStore

extension LocalLedger {
    /// What is wrong with everything that is derived from the entries, and with the tables.
    public static func projectionProblems(at path: String) throws(LedgerError) -> [Problem] {
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
