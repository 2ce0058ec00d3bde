import LedgerCore
import LedgerCrypto

/// Takes in pull or merge requests of the past: approvals and merges as the forge's webhooks would
/// have told them.
///
/// What a webhook told and what is taken in later have the same source and id, so that they are one.
/// A merge whose files are told becomes one event for each script, as the import from Git makes them.
public struct RequestImport: Sendable {
    /// A change that a request brings.
    private struct Brought {
        let service: String
        let name: ChangeName
        let path: String
    }

    public let events: [Event]
    public let remarks: [String]

    /// - Parameters:
    ///   - forge: `github` or `gitlab`.
    ///   - repository: the URL of the one that they are of, where items don't say it.
    /// - Throws: `invalidEvent` with the item and the member of what can't be right, `usage` if it
    ///   is not known of which service a request is.
    public init(
        from forge: HookKind, _ bytes: [UInt8], scripts: ScriptServices, repository: String? = nil,
        ticketPattern: String? = nil
    ) throws(LedgerError) {
        let export: any RequestExport.Type =
            forge == .gitlab ? GitLabRequests.self : GitHubRequests.self
        var events: [Event] = []
        var silent = 0
        for exported in try export.requests(in: bytes, repository: repository) {
            do throws(LedgerError) {
                let made = try Self.events(export.kind, exported, scripts, ticketPattern)
                if made.isEmpty { silent += 1 }
                events += made
            } catch {
                throw error.prefixed(exported.place)
            }
        }
        self.events = events
        remarks = silent == 0 ? [] : ["\(silent) requests neither merged nor reviewed left out"]
    }

    private static func events(
        _ kind: HookKind, _ exported: ExportedRequest, _ scripts: ScriptServices,
        _ ticketPattern: String?
    ) throws(LedgerError) -> [Event] {
        if exported.reviews.isEmpty, !exported.isMerged { return [] }
        let brought = Self.brought(exported.files ?? [], scripts)
        var services: [String] = []
        for one in brought where !services.contains(one.service) { services.append(one.service) }
        if services.isEmpty, let service = scripts.defaultService { services = [service] }
        if services.isEmpty {
            throw LedgerError(
                .usage,
                "it is not known of which service \(exported.request.repository.canonical) is",
                advice: "give --service orders, or write into ledger.yaml where its scripts lie")
        }
        func make(_ services: [String], _ fact: HookFact) throws(LedgerError) -> HookOutcome {
            let repository = exported.request.repository
            let context = try HookContext(
                services: services.map { (repository.canonical, $0) }, ticketPattern: ticketPattern)
            let request = HookRequest(headers: [], body: exported.bytes)
            let maker = try HookEvents(
                kind: kind, request: request, context: context, origin: .import)
            return try maker.outcome(of: fact)
        }
        var events: [Event] = []
        if !exported.reviews.isEmpty,
            case .events(let reviews) = try make(services, .reviews(exported.reviews))
        {
            for review in reviews { events.append(try Self.review(review, of: brought)) }
        }
        guard exported.isMerged else { return events }
        if exported.request.commit == nil {
            throw LedgerError(
                .invalidEvent, "the commit that the merge became is missing",
                advice: "ask gh for mergeCommit too")
        }
        let carried = brought.filter { $0.name.role == .apply }
        if carried.isEmpty, case .merge(let merge) = try make(services, .merge(exported.request)) {
            events.append(merge.event)
        }
        for one in carried {
            guard case .merge(let merge) = try make([one.service], .merge(exported.request)) else {
                continue
            }
            events.append(try Self.merge(merge.event, of: one, exported.request.number))
        }
        return events
    }

    /// The changes of a request's scripts, each once.
    private static func brought(_ files: [String], _ scripts: ScriptServices) -> [Brought] {
        var found: [Brought] = []
        for file in files {
            guard let script = scripts.script(among: file) else { continue }
            for name in script.names {
                let known = found.firstIndex {
                    $0.service.hasSameBytes(as: script.service)
                        && $0.name.id.hasSameBytes(as: name.id)
                }
                let one = Brought(service: script.service, name: name, path: script.path)
                guard let known else {
                    found.append(one)
                    continue
                }
                if found[known].name.role != .apply, name.role == .apply { found[known] = one }
            }
        }
        return found
    }

    private static func review(_ event: Event, of brought: [Brought]) throws(LedgerError) -> Event {
        try amended(event) { members in
            if brought.count == 1, let one = brought.first {
                members.set(one.service, at: "service")
                set(one.name, in: &members)
            } else if !brought.isEmpty {
                let named = brought.prefix(100).map { one -> JSON in
                    ["change": .string("\(one.service):\(GitText.name(one.name.id))")]
                }
                members.set(.array(named), at: "about")
            }
        }
    }

    private static func merge(
        _ event: Event, of one: Brought, _ number: String
    ) throws(LedgerError) -> Event {
        try amended(event) { members in
            let key = one.name.range == nil ? one.path : one.name.id
            let id = "merge:\(number):\(key)"
            members.set(
                id.utf8.count <= 200 && GitText.line(id, limit: 200) == id
                    ? id : "merge:\(number):" + SHA256.hash(Array(key.utf8)).hex, at: "id")
            set(one.name, in: &members)
            members.set(one.name.tool?.rawValue, at: "change", "tool")
            members.set(GitText.line(one.path, limit: 4096), at: "git", "path")
        }
    }

    private static func set(_ name: ChangeName, in members: inout JSONObject) {
        members.set(GitText.name(name.id), at: "change", "id")
        members.set(GitText.name(name.name), at: "change", "name")
        if name.isRepeatable { members.set(true, at: "change", "repeatable") }
    }

    private static func amended(
        _ event: Event, _ change: (inout JSONObject) -> Void
    ) throws(LedgerError) -> Event {
        var members = event.members
        for member in event.privateMembers.members
        where !member.name.hasPrefix(EventSchema.attachmentPrefix) {
            members[member.name] = member.value
        }
        change(&members)
        var amended = try EventReader.event(from: members, attachments: event.attachments)
        amended.isDerived = true
        return amended
    }
}
