import LedgerCore

// SpoolItem.swift
//
// A file of the spool is the RFC 8785 form of
//
//    {"event":{…},"ledger":"<address>","source":"<source>","v":1}
//
// where `event` is the event as it is taken in, with its private members among the public ones, its
// `id`, and its scripts in `attachments` as base64. It is in order as a file if and only if
//    (1) it is JSON of this form, v is 1, and
//    (2) `event` has an `id`, so that sending it again does no harm.
// Whether the event is a valid one is for the ledger that takes it.

/// An event on its way to a ledger.
public struct SpoolItem: Sendable, Equatable {
    /// Which ledger it is meant for: a file's whole path, or a URL.
    public let ledger: String
    /// Who sends it.
    public let source: String
    /// As it is taken in.
    public let event: JSONObject

    public init(ledger: String, source: String, event: JSONObject) {
        self.ledger = ledger
        self.source = source
        self.event = event
    }

    var bytes: [UInt8] {
        CanonicalJSON.bytes([
            "event": .object(event), "ledger": .string(ledger), "source": .string(source), "v": 1,
        ])
    }

    init(bytes: [UInt8]) throws(LedgerError) {
        let value: JSON
        do throws(JSONError) {
            value = try JSONReader.read(bytes)
        } catch {
            throw LedgerError(.invalidEvent, "not valid JSON: \(error)")
        }
        guard let object = value.object, let version = object["v"]?.integer,
            let ledger = object["ledger"]?.string, let source = object["source"]?.string,
            let event = object["event"]?.object
        else { throw LedgerError(.invalidEvent, "it is no file of the spool") }
        guard version == 1 else {
            throw LedgerError(
                .invalidEvent, "it is of version \(version), and this program knows 1")
        }
        guard event["id"]?.string != nil else {
            throw LedgerError(.invalidEvent, "the event has no id")
        }
        self.init(ledger: ledger, source: source, event: event)
    }

    /// The event, ready to be recorded.
    func read() throws(LedgerError) -> Event {
        var event = event
        if event["source"] == nil { event["source"] = .string(source) }
        return try EventReader.event(from: event)
    }

    /// What it is, in a few words: `orders/prod/acme V42__add_index started`; what was typed by hand
    /// goes by its command.
    public var summary: String {
        let target = EventSchema.targetMembers.compactMap { event[$0]?.string }
        var change = event[["change", "name"]]?.string ?? event[["change", "id"]]?.string
        if change?.hasPrefix("manual-") ?? false, let command = event["command"]?.string {
            change = String(command.prefix(60))
        }
        let words = [
            target.joined(separator: "/"), change ?? "",
            event[["deployment", "status"]]?.string ?? event["type"]?.string ?? "",
        ]
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
