import LedgerCore

/// A change as people name it: `orders:V42`, or without the service.
public struct ChangeReference: Sendable {
    private let text: String
    private let service: String?
    private let name: String

    public init(_ text: String) {
        self.text = text
        // Liquibase's ids have `::` in them.
        if let colon = text.firstIndex(of: ":"), colon != text.startIndex,
            !text[text.index(after: colon)...].hasPrefix(":")
        {
            service = String(text[..<colon])
            name = String(text[text.index(after: colon)...])
        } else {
            service = nil
            name = text
        }
    }

    public init(service: String, name: String) {
        text = "\(service):\(name)"
        self.service = service
        self.name = name
    }

    public var hasService: Bool { service != nil }

    /// The changes that go by this name; one or more.
    ///
    /// - Throws: `notFound`, or `ambiguous` if it is the beginning of several changes of a service.
    public func changes(
        in view: some LedgerView, services: [String] = []
    ) async throws(LedgerError) -> [KnownChange] {
        if name.isEmpty {
            throw LedgerError(
                .usage, "\(text) names a service and no change", advice: "write \(text)ID")
        }
        let limit = 1000
        var found = try await view.changes(named: name, service: service, limit: limit)
        if !services.isEmpty { found.removeAll { !services.contains($0.service) } }
        if found.isEmpty {
            throw LedgerError(
                .notFound, "no change is known as \(text)",
                advice: try await suggestion(view)
                    ?? "ledger query shows the changes that are known")
        }
        let isExact = found.contains { $0.id.hasSameBytes(as: name) || $0.name == name }
        if !isExact, Set(found.map(\.service)).count < found.count {
            let names = found.prefix(8).map { "\($0.service):\($0.name ?? $0.id)" }
            throw LedgerError(
                .ambiguous, "\(text) is the beginning of several changes",
                advice: names.joined(separator: ", ") + (found.count > 8 ? " …" : ""))
        }
        return found
    }

    /// The one change that goes by this name.
    ///
    /// - Throws: as `changes(in:services:)`, and `ambiguous` for a change of several services.
    public func change(in view: some LedgerView) async throws(LedgerError) -> KnownChange {
        let found = try await changes(in: view)
        guard found.count == 1, let known = found.first else {
            throw LedgerError(
                .ambiguous, "\(VisibleName.of(text)) is a change of several services",
                advice: found.prefix(8).map { "\($0.service):\($0.id)" }.joined(separator: ", "))
        }
        return known
    }

    /// What to say if no change goes by exactly this name; nil if one does.
    public func doubt(_ view: some LedgerView) async throws(LedgerError) -> String? {
        let found = try await view.changes(named: name, service: service, limit: 1000)
        if found.contains(where: { $0.id.hasSameBytes(as: name) || $0.name == name }) {
            return nil
        }
        let advice = try await suggestion(view).map { "; \($0)" } ?? ""
        return "no change is known as \(text) so far\(advice)"
    }

    private func suggestion(_ view: some LedgerView) async throws(LedgerError) -> String? {
        let all = try await view.changes(named: "", service: service, limit: 5000)
        let names = all.flatMap { [$0.id, $0.name].compactMap(\.self) }
        return Suggestion.closest(to: name, among: names).map { "did you mean \($0)?" }
    }
}
