import LedgerCore
import LedgerCorrelation

/// A question that is answered with one value, by a file and by a server alike.
///
/// On a server it is `GET /v1/ROUTE` with the parameters; the answer is the reply's JSON.
public protocol Inquiry: Sendable {
    associatedtype Reply: Answer

    /// The path under `/v1`.
    static var route: String { get }
    /// The names of the parameters.
    static var known: [String] { get }
    /// Whether a role that may only record may ask it too.
    static var isOpenToWriters: Bool { get }

    var parameters: [Question.Parameter] { get }

    /// - Throws: `usage` for a value that can't be taken. The names are known ones.
    init(parameters: [Question.Parameter]) throws(LedgerError)

    /// - Throws: `notFound` with "did you mean" for a name that was never recorded.
    func reply(of view: LocalView) async throws(LedgerError) -> Reply
}

extension Inquiry {
    public static var isOpenToWriters: Bool { false }

    /// Reads the parameters of a URL.
    ///
    /// - Throws: `usage`, with "did you mean" for a name that is not known.
    public init(checking parameters: [Question.Parameter]) throws(LedgerError) {
        for (name, value) in parameters {
            if !Self.known.contains(name) {
                throw LedgerError(
                    .usage, "there is no parameter \(VisibleName.of(name))",
                    advice: Suggestion.advice(for: name, among: Self.known))
            }
            if value.isEmpty { throw LedgerError(.usage, "\(name) is empty") }
        }
        try self.init(parameters: parameters)
    }
}

extension LocalView {
    public func reply<Asked: Inquiry>(
        to inquiry: Asked
    ) async throws(LedgerError) -> Asked.Reply {
        try await inquiry.reply(of: self)
    }

    /// - Throws: `notFound` with "did you mean" for a name that was never recorded.
    func check(_ services: [String], _ environments: [String]) throws(LedgerError) {
        try check(services, .service)
        if environments.isEmpty { return }
        // A step of a path is known before anything ran there.
        var steps: [String] = []
        try reader.forEachFact([.path], of: [], asOf: .now) {
            steps += ServicePath(declared: $0.members)?.environments ?? []
        }
        try check(environments, .environment, besides: steps)
    }

    func check(tenant: String) throws(LedgerError) {
        try check([tenant], .tenant)
    }

    func check(
        _ given: [String], _ member: KnownNames, besides others: [String] = []
    ) throws(LedgerError) {
        if given.isEmpty { return }
        let names = Set((try knownNames(of: member) + others).map(ExactText.init)).sorted()
            .map(\.text)
        for name in given where !names.contains(where: { $0.hasSameBytes(as: name) }) {
            throw LedgerError(
                .notFound, "no \(member.rawValue) \(VisibleName.of(name)) was ever recorded",
                advice: Suggestion.advice(for: name, among: names))
        }
    }
}

/// Reads parameters by name.
struct ParameterReader {
    private let parameters: [Question.Parameter]

    init(_ parameters: [Question.Parameter]) {
        self.parameters = parameters
    }

    func all(_ name: String) -> [String] {
        parameters.filter { $0.name == name }.map(\.value)
    }

    func one(_ name: String) throws(LedgerError) -> String? {
        let values = all(name)
        if values.count > 1 { throw LedgerError(.usage, "\(name) is given twice") }
        return values.first
    }

    func truth(_ name: String) throws(LedgerError) -> Bool {
        guard let value = try one(name) else { return false }
        return try Question.truth(name, value)
    }

    func time(_ name: String) throws(LedgerError) -> Timestamp? {
        guard let value = try one(name) else { return nil }
        guard let time = Timestamp(rfc3339: value) else {
            throw LedgerError(
                .usage, "\(name) \(VisibleName.of(value)) is no time",
                advice: "write it like 2026-11-01T03:00:00Z (RFC 3339)")
        }
        return time
    }

    func word<Word: RawRepresentable & CaseIterable>(
        _ name: String
    ) throws(LedgerError) -> Word? where Word.RawValue == String {
        guard let value = try one(name) else { return nil }
        guard let word = Word(rawValue: value) else {
            throw LedgerError(
                .usage, "\(name) \(VisibleName.of(value)) is not known",
                advice: Suggestion.advice(for: value, among: Word.allCases.map(\.rawValue)))
        }
        return word
    }
}
