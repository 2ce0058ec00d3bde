import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerIngest
import LedgerOperations

// PostEvents.swift
//
// POST /v1/events takes what PostedEventReader.swift lists: all of a request or nothing of it. It
// answers once the entries are durable:
//
//    201  {"receipts":[{"hash":"…","index":1234,"repeated":false,"time":"…"},…],"v":1}
//    200  the same, if all were recorded before: with their first receipts
//    409  another event has the same source and id, and other content
//
// With ?partial=true each event stands for itself, and the answer is a line for each, in order:
//
//    {"receipt":{…}}
//    {"error":{"code":"invalid-event","detail":"…","place":"line 3"}}
//
// With ?derived=true the events are readings of something that may be read again: the same source
// and id returns the first receipt whatever else they say.

/// Takes events in.
struct PostEvents: Sendable {
    let ledger: LocalLedger
    let doorkeeper: Doorkeeper
    let limits: ServiceLimits
    let drain: Drain

    func add(to router: RouterGroup<LedgerContext>) {
        router.post("events") { request, context -> Response in try await post(request, context) }
    }

    private func post(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let access = try await doorkeeper.writer(request, context)
        let parameters = try Self.parameters(of: request)
        return try await drain.during {
            let posted = try await PostedEventReader.events(
                in: body(of: request), limit: limits.events)
            return parameters.isPartial
                ? try await recordEach(posted, access, parameters)
                : try await recordAll(posted, access, parameters)
        }
    }

    private struct Parameters {
        var isPartial = false
        var isDerived = false
    }

    private static func parameters(of request: Request) throws(LedgerError) -> Parameters {
        var parameters = Parameters()
        for (name, value) in try request.uri.decodedParameters() {
            switch name {
            case "partial": parameters.isPartial = try Question.truth(name, value)
            case "derived": parameters.isDerived = try Question.truth(name, value)
            default:
                throw LedgerError(
                    .usage, "there is no parameter \(VisibleName.of(name))",
                    advice: "known are partial and derived")
            }
        }
        return parameters
    }

    private func body(of request: Request) async throws -> PostedRequest {
        // Copied only where they say how to read the body: most requests say it by their type.
        let areNeeded = request.headers.contains {
            $0.name.canonicalName.hasPrefix("ce-") || $0.name == .contentEncoding
        }
        return PostedRequest(
            contentType: request.headers[.contentType],
            headers: areNeeded ? request.headers.map { ($0.name.rawName, $0.value) } : [],
            body: try await request.wholeBody(upTo: limits.bodyBytes))
    }

    /// What an event that names no source comes from.
    static func source(of access: Access) -> String {
        access.scope.sources.first ?? access.principal.id
    }

    private func recordAll(
        _ posted: [PostedEvent], _ access: Access, _ parameters: Parameters
    ) async throws -> Response {
        var events: [Event] = []
        events.reserveCapacity(posted.count)
        for item in posted {
            do throws(LedgerError) {
                var event = try item.event.get()
                if parameters.isDerived { event.isDerived = true }
                events.append(event)
            } catch {
                throw posted.count == 1 ? error : error.prefixed(item.place.description)
            }
        }
        let source = Self.source(of: access)
        try access.check(events, source: source)
        let receipts: [Receipt]
        do throws(LedgerError) {
            receipts = try await ledger.record(events, source: source, as: access.principal)
        } catch {
            guard let refused = error.cause as? RefusedSubmission else { throw error }
            throw error.prefixed(posted[refused.place].place.description)
        }
        let isNew = receipts.contains { !$0.isRepeat }
        return .json(
            JSONObject([
                "receipts": .array(receipts.map { .object($0.json) }), "v": 1,
            ]), status: isNew ? .created : .ok)
    }

    private func recordEach(
        _ posted: [PostedEvent], _ access: Access, _ parameters: Parameters
    ) async throws -> Response {
        let source = Self.source(of: access)
        var events: [Event] = []
        let readings = posted.map { item in
            Result { () throws(LedgerError) in
                var event = try item.event.get()
                if parameters.isDerived { event.isDerived = true }
                try access.check([event], source: source)
                events.append(event)
            }
        }
        var results = try await ledger.recordEach(events, source: source, as: access.principal)[...]
        var bytes: [UInt8] = []
        for (item, reading) in zip(posted, readings) {
            let result = reading.flatMap { results.popFirst() ?? .failure(.noReceipt) }
            switch result {
            case .success(let receipt):
                CanonicalJSON.append(JSONObject(["receipt": .object(receipt.json)]), to: &bytes)
            case .failure(let error):
                CanonicalJSON.append(Self.line(error, item.place), to: &bytes)
            }
            bytes.append(0x0A)
        }
        return .bytesResponse(bytes, "application/x-ndjson")
    }

    private static func line(_ error: LedgerError, _ place: PostedEvent.Place) -> JSONObject {
        var object = JSONObject([
            "code": .string(error.code.rawValue), "detail": .string(error.message),
            "place": .string(place.description),
        ])
        object.set(error.advice, at: "advice")
        return JSONObject(["error": .object(object)])
    }
}
