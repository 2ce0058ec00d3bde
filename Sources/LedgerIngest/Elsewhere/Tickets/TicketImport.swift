import LedgerCore
import LedgerCrypto

/// Makes a note of each ticket: who asked, who approved, and why.
///
/// A ticket that says the same makes the same note; one that has changed makes another.
public struct TicketImport: Sendable {
    public let events: [Event]
    public let remarks: [String]

    /// - Throws: `invalidEvent` with the item and the member of what can't be right.
    public init(_ bytes: [UInt8], scripts: ScriptServices) throws(LedgerError) {
        var events: [Event] = []
        var others = 0
        for item in try ReportItem.read(bytes, lists: "issues") {
            let item = try item.checkedObject()
            guard let export = TicketExports.all.first(where: { $0.fits(item) }) else {
                throw item.refused(
                    "it is no ticket of \(TicketExports.all.map { $0.name }.joined(separator: ", "))",
                    advice: "a ticket has a key and fields, a number and a url, or an iid")
            }
            guard let ticket = try export.ticket(item) else {
                others += 1
                continue
            }
            do throws(LedgerError) {
                events.append(try Self.event(ticket, item.bytes, export.name, scripts))
            } catch {
                throw error.prefixed(item.place)
            }
        }
        self.events = events
        var remarks = Self.remarks(bytes, events.count)
        if others > 0 { remarks.append("\(others) pull requests among the issues left out") }
        self.remarks = remarks
    }

    // Jira gives a search result in pages.
    private static func remarks(_ bytes: [UInt8], _ count: Int) -> [String] {
        guard let value = try? HookValue.read(bytes), let total = value["total"].integer,
            total > Int64(count)
        else { return [] }
        return ["this is \(count) of the \(total) issues that were found: ask for the other pages"]
    }

    private static func event(
        _ ticket: Ticket, _ bytes: [UInt8], _ tool: String, _ scripts: ScriptServices
    ) throws(LedgerError) -> Event {
        var members = JSONObject()
        members.set("note", at: "type")
        members.set(GitText.name(ticket.source), at: "source")
        members.set(GitText.line(ticket.key, limit: 200), at: "change", "ticket")
        members.set(GitText.line(ticket.title ?? ticket.key, limit: 1000), at: "title")
        let words = [
            ticket.text, ticket.history.isEmpty ? nil : ticket.history.joined(separator: "\n"),
        ]
        members.set(
            GitText.text(words.compactMap(\.self).joined(separator: "\n\n"), limit: 65_536),
            at: "message")
        members.set(ticket.requestor?.json, at: "requestor")
        members.set(ticket.approver?.json, at: "actor")
        members.set(ticket.created?.utc, at: "time")
        members.set(
            ticket.page.flatMap { $0.contains("://") ? GitText.line($0, limit: 4096) : nil },
            at: "links", "ticket")
        label(ticket.status, "ticket_status", in: &members)
        label(ticket.kind, "ticket_type", in: &members)
        if !ticket.labels.isEmpty {
            label(ticket.labels.joined(separator: ", "), "ticket_labels", in: &members)
        }
        let isLabelled = ticket.labels.contains { JiraTickets.isApproval($0) }
        if ticket.approver != nil || isLabelled {
            label("approved", "ticket_approval", in: &members)
        }
        let named = [ticket.title, ticket.text].compactMap(\.self).joined(separator: "\n")
        members.set(scripts.defaultService, at: "service")
        setChanges(scripts.changes(in: named), in: &members)
        members.set("import", at: "trigger", "kind")
        members.set(tool, at: "trigger", "tool")
        members.set(try id(ticket, members), at: "id")
        let isKept = bytes.count <= EventSchema.attachmentByteLimit && !bytes.isEmpty
        let whole = Attachment(name: "ticket", mediaType: "application/json", bytes: bytes)
        var event = try EventReader.event(from: members, attachments: isKept ? [whole] : [])
        event.isDerived = true
        return event
    }

    private static func label(_ text: String?, _ name: String, in members: inout JSONObject) {
        members.set(text.flatMap { GitText.line($0, limit: 1000) }, at: "labels", name)
    }

    private static func setChanges(
        _ changes: [(service: String, name: ChangeName, path: String?)],
        in members: inout JSONObject
    ) {
        if changes.isEmpty { return }
        let named = changes.prefix(100).map { change -> JSON in
            ["change": .string("\(change.service):\(GitText.name(change.name.id))")]
        }
        members.set(.array(named), at: "about")
        let services = Set(changes.map { ExactText($0.service) })
        members["service"] = services.count == 1 ? .string(changes[0].service) : nil
    }

    /// A ticket lives on: of when it was changed last, and of what is public of it. A digest of what
    /// is private would give that away.
    private static func id(_ ticket: Ticket, _ members: JSONObject) throws(LedgerError) -> String {
        var open = try EventReader.event(from: members).members
        open["updated"] = ticket.updated.map { .string($0.utc) }
        let digest = SHA256.hash(CanonicalJSON.bytes(.object(open))).hex.prefix(16)
        let key = GitText.line(ticket.key, limit: 150) ?? "?"
        return "ticket:\(key):\(digest)"
    }
}
