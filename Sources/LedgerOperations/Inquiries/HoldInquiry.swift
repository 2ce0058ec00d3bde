import LedgerCore
import LedgerCorrelation
import LedgerReport

/// `ledger hold list`: for what nothing is to be erased. For auditors and admins.
public struct HoldInquiry: Inquiry {
    public static let route = "holds"
    public static let known: [String] = []

    public init() {}

    public init(parameters: [Question.Parameter]) throws(LedgerError) {}

    public var parameters: [Question.Parameter] { [] }

    public func reply(of view: LocalView) throws(LedgerError) -> Rows<Hold> {
        guard view.role.seesEverything else {
            throw LedgerError(
                .notAllowed, "holds need the role auditor or admin, and this is \(view.role)")
        }
        return Rows(try view.holds().standing)
    }
}
