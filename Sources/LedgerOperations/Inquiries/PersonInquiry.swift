import LedgerCore
import LedgerCorrelation

/// `ledger forget`, before it forgets: where the ledger knows of a person. For auditors and admins.
public struct PersonInquiry: Inquiry {
    public static let route = "person"
    public static let known = ["person"]

    public let person: String

    public init(person: String) {
        self.person = person
    }

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        guard let person = try ParameterReader(parameters).one("person") else {
            throw LedgerError(.usage, "person is needed")
        }
        self.person = person
    }

    public var parameters: [Question.Parameter] { [("person", person)] }

    public func reply(of view: LocalView) throws(LedgerError) -> PersonTraces {
        try view.traces(of: person)
    }
}

/// `ledger subject`: everything that the ledger knows of a person. For auditors and admins.
public struct SubjectInquiry: Inquiry {
    public static let route = "subject"
    public static let known = ["person"]

    public let person: String

    public init(person: String) {
        self.person = person
    }

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        person = try PersonInquiry(parameters: parameters).person
    }

    public var parameters: [Question.Parameter] { [("person", person)] }

    public func reply(of view: LocalView) throws(LedgerError) -> Subject {
        try view.subject(person)
    }
}
