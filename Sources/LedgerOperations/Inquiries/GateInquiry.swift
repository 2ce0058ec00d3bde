import LedgerCore
import LedgerCorrelation
import LedgerReport

/// `ledger gate`: whether a change may go to an environment now.
public struct GateInquiry: Inquiry {
    public static let route = "gate"
    public static let known = ["change", "service", "env", "tenant", "digest"]
    /// A pipeline that records asks before it deploys.
    public static let isOpenToWriters = true

    /// An id or a name, `orders:V42`, or without the service.
    public var change: String
    public var service: String?
    public var environment: String
    public var tenant: String?
    /// `sha256:…` of the script that is about to run.
    public var digest: String?

    public init(change: String, environment: String) {
        self.change = change
        self.environment = environment
    }

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        let reader = ParameterReader(parameters)
        guard let change = try reader.one("change"), let environment = try reader.one("env") else {
            throw LedgerError(.usage, "a gate needs change and env")
        }
        self.init(change: change, environment: environment)
        service = try reader.one("service")
        tenant = try reader.one("tenant")
        digest = try reader.one("digest")
    }

    public var parameters: [Question.Parameter] {
        var parameters: [Question.Parameter] = [("change", change), ("env", environment)]
        if let service { parameters.append(("service", service)) }
        if let tenant { parameters.append(("tenant", tenant)) }
        if let digest { parameters.append(("digest", digest)) }
        return parameters
    }

    public func reply(of view: LocalView) async throws(LedgerError) -> GateVerdict {
        let answer = try await question(view).answer(of: view)
        guard let verdict = answer.verdicts.first else {
            throw LedgerError(.internal, "the gate has no verdict on \(change)")
        }
        return verdict
    }

    /// The same about the change that goes by this name.
    ///
    /// - Throws: `notFound` with "did you mean" for a change of which nothing is known.
    public func question(_ view: some LedgerView) async throws(LedgerError) -> GateQuestion {
        let known = try await knownChange(view)
        var asked = GateQuestion.Change(service: known.service, change: known.id)
        asked.name = known.name
        asked.digest = digest
        var question = GateQuestion(environment: environment, changes: [asked])
        question.tenant = tenant
        return question
    }

    private func knownChange(_ view: some LedgerView) async throws(LedgerError) -> KnownChange {
        let reference =
            service.map { ChangeReference(service: $0, name: change) } ?? ChangeReference(change)
        return try await reference.change(in: view)
    }
}

/// `ledger freeze list`: when nothing is to be deployed.
public struct FreezeInquiry: Inquiry {
    public static let route = "freezes"
    public static let known: [String] = []
    /// The gate tells them of it anyway, and who may record may lift one.
    public static let isOpenToWriters = true

    public init() {}

    public init(parameters: [Question.Parameter]) throws(LedgerError) {}

    public var parameters: [Question.Parameter] { [] }

    /// Those that hold, or are to come.
    public func reply(of view: LocalView) throws(LedgerError) -> Rows<Freeze> {
        Rows(try view.freezes().filter { !$0.isOver(at: view.now) })
    }
}
