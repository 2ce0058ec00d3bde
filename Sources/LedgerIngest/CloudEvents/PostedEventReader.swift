// PostedEventReader.swift
//
// What may be posted, by `Content-Type`:
//
//    application/json                    one event, or an array of events
//    application/x-ndjson                one event on each line; application/jsonl and
//                                        application/ndjson are the same
//    application/cloudevents+json        one CloudEvent 1.0 in structured mode
//    application/cloudevents-batch+json  an array of them
//    any, with `ce-` fields              one CloudEvent in binary mode: its data is the body
//
// An event, wherever it stands in the first two, is one of
//
//    the ledger's own form               schema/event/event.schema.json
//    a CloudEvent                        an object with `specversion`
//    a CDEvent                           an object with `context` and `subject`
import LedgerCore

/// Reads the events of a request.
public enum PostedEventReader {
    private enum Form {
        case json, lines, cloudEvent, cloudEventBatch
    }

    /// The events in order, each read or refused on its own.
    ///
    /// - Parameter limit: the most events that are taken at once.
    /// - Throws: `unsupportedType` for a content type, charset or content coding that is not taken;
    ///   `tooLarge` for more events than `limit`; `invalidEvent` if the body as a whole can't be
    ///   read, or holds no event.
    public static func events(
        in request: PostedRequest, limit: Int
    ) throws(LedgerError) -> [PostedEvent] {
        try checkCoding(request.headers)
        let type = try mediaType(request.contentType)
        if !type.hasPrefix("application/cloudevents"), CloudEvent.isIn(request.headers) {
            return [
                PostedEvent(.body) { () throws(LedgerError) in
                    try CloudEventAdapter.event(from: CloudEvent(binary: request))
                }
            ]
        }
        switch try form(type) {
        case .json: return try plain(request.body, limit)
        case .lines: return try lines(request.body, limit)
        case .cloudEvent:
            let value = try LenientJSON.read(request.body)
            return [
                PostedEvent(.body) { () throws(LedgerError) in
                    try CloudEventAdapter.event(from: CloudEvent(value, in: request.body))
                }
            ]
        case .cloudEventBatch:
            let value = try LenientJSON.read(request.body)
            return try elements(of: value, request.body, limit) { (element) throws(LedgerError) in
                try CloudEventAdapter.event(from: CloudEvent(element, in: request.body))
            }
        }
    }

    // MARK: Content type

    /// Type and subtype in small letters.
    private static func mediaType(_ field: String?) throws(LedgerError) -> String {
        let parts = (field ?? "").lowercased().split(
            separator: ";", omittingEmptySubsequences: false)
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmed }
            guard pair.first == "charset", pair.count == 2 else { continue }
            let charset = pair[1].filter { $0 != "\"" }
            if !["utf-8", "utf8", "us-ascii"].contains(charset) {
                throw LedgerError(
                    .unsupportedType, "the charset of the body is not taken", advice: "send UTF-8")
            }
        }
        return parts.first.map { $0.trimmed } ?? ""
    }

    private static func checkCoding(
        _ headers: [(name: String, value: String)]
    ) throws(LedgerError) {
        for (name, value) in headers where name.lowercased() == "content-encoding" {
            let coding = String(value.lowercased().trimmed)
            if coding.isEmpty || coding == "identity" { continue }
            throw LedgerError(
                .unsupportedType, "the content coding \(printable(coding)) is not taken",
                advice: "send it as it is, without Content-Encoding")
        }
    }

    private static func form(_ type: String) throws(LedgerError) -> Form {
        switch type {
        case "application/json", "text/json": return .json
        case "application/x-ndjson", "application/ndjson", "application/jsonl",
            "application/x-jsonlines":
            return .lines
        case "application/cloudevents+json": return .cloudEvent
        case "application/cloudevents-batch+json": return .cloudEventBatch
        default:
            throw LedgerError(
                .unsupportedType,
                type.isEmpty
                    ? "the request has no Content-Type"
                    : "the Content-Type \(printable(type)) is not taken",
                advice: "send application/json (curl --json @event.json), application/x-ndjson, "
                    + "application/cloudevents+json, application/cloudevents-batch+json, or a "
                    + "CloudEvent with ce- fields")
        }
    }

    private static func printable(_ type: String) -> String {
        let isPlain = type.utf8.allSatisfy { 0x21...0x7E ~= $0 }
        return isPlain ? String(type.prefix(100)) : "with unusual characters"
    }

    // MARK: JSON and NDJSON

    private static func plain(_ body: [UInt8], _ limit: Int) throws(LedgerError) -> [PostedEvent] {
        if body.allSatisfy({ [0x20, 0x0A, 0x0D, 0x09].contains($0) }) { throw nothing() }
        // The ledger's own form is the rule, and is read in one go.
        if let value = try? JSONReader.read(body) {
            if case .array(let values) = value {
                try check(count: values.count, limit)
                if values.allSatisfy({ !isForeign($0) }) {
                    return values.enumerated().map { index, value in
                        PostedEvent(.element(index)) { () throws(LedgerError) in
                            try EventReader.event(from: value)
                        }
                    }
                }
            } else if !isForeign(value) {
                return [
                    PostedEvent(.body) { () throws(LedgerError) in
                        try EventReader.event(from: value)
                    }
                ]
            }
        }
        let value = try LenientJSON.read(body)
        guard value.elements != nil else {
            return [
                PostedEvent(.body) { () throws(LedgerError) in try event(from: value, in: body) }
            ]
        }
        return try elements(of: value, body, limit) { (element) throws(LedgerError) in
            try event(from: element, in: body)
        }
    }

    private static func lines(_ body: [UInt8], _ limit: Int) throws(LedgerError) -> [PostedEvent] {
        var events: [PostedEvent] = []
        var number = 0
        for line in body.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            try check(count: events.count + 1, limit)
            events.append(
                PostedEvent(.line(number)) { () throws(LedgerError) in try event(line: line) })
        }
        if events.isEmpty { throw nothing() }
        return events
    }

    private static func event(line: ArraySlice<UInt8>) throws(LedgerError) -> Event {
        let bytes = Array(line)
        if let value = try? JSONReader.read(bytes), !isForeign(value) {
            return try EventReader.event(from: value)
        }
        return try event(from: LenientJSON.read(bytes), in: bytes)
    }

    private static func elements(
        of value: LenientJSON, _ body: [UInt8], _ limit: Int,
        _ read: (LenientJSON) throws(LedgerError) -> Event
    ) throws(LedgerError) -> [PostedEvent] {
        guard let elements = value.elements else {
            throw LedgerError(.invalidEvent, "a batch of CloudEvents is an array")
        }
        try check(count: elements.count, limit)
        return elements.enumerated().map { index, element in
            PostedEvent(.element(index)) { () throws(LedgerError) in try read(element) }
        }
    }

    private static func check(count: Int, _ limit: Int) throws(LedgerError) {
        if count == 0 { throw nothing() }
        if count > limit {
            throw LedgerError(
                .tooLarge, "the request has more than \(limit) events, the most that are taken",
                advice: "send them in several requests")
        }
    }

    private static func nothing() -> LedgerError {
        LedgerError(.invalidEvent, "the request holds no event")
    }

    // The ledger's own events have none of these members.
    private static func isForeign(_ value: JSON) -> Bool {
        guard case .object(let object) = value else { return false }
        return object["specversion"] != nil || object["context"] != nil
    }

    /// An object of any of the three forms.
    private static func event(
        from value: LenientJSON, in bytes: [UInt8]
    ) throws(LedgerError) -> Event {
        if value["specversion"] != nil {
            return try CloudEventAdapter.event(from: CloudEvent(value, in: bytes))
        }
        if value["context"] != nil, value["subject"] != nil {
            return try CloudEventAdapter.event(from: CloudEvent(cdEvent: value, in: bytes))
        }
        return try EventReader.read(Array(bytes[value.range]))
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
        return String(rest)
    }
}
