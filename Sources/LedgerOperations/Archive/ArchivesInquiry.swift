import LedgerCore
import LedgerReport
import LedgerStore

/// `ledger archive list`: what was archived.
public struct ArchivesInquiry: Inquiry {
    public static let route = "archives"
    public static let known: [String] = []

    public init() {}

    public init(parameters: [Question.Parameter]) throws(LedgerError) {}

    public var parameters: [Question.Parameter] { [] }

    public func reply(of view: LocalView) throws(LedgerError) -> Rows<ArchivedPart> {
        Rows(try view.reader.archives())
    }
}
