import HTTPTypes
import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerCrypto
import LedgerOperations
import LedgerReport

// ReadEntries.swift
//
//    GET /v1/head                          {"hash":"…","index":1234,"v":1}
//    GET /v1/summary                       as `ledger info -o json`
//    GET /v1/entries/1234, /v1/entries/HASH
//                                          as `ledger show 1234 -o json`; with ?stored=true the
//                                          stored bytes as text (Answers.swift), to check what was
//                                          recorded
//    GET /v1/entries?event=ID              {"rows":[…]}: the entries of events with this id
//    GET /v1/entries?from=0&to=99&reverse=true&limit=…&stored=true
//                                          as `ledger log -o ndjson`, oldest first unless reversed
//    GET /v1/names/environment             {"rows":["prod",…]}: service, environment, tenant, …
//    GET /v1/merges/last?source=…&ref=…    where the last import of a repository stopped
//    GET /v1/attachments/sha256:…          the bytes

struct ReadEntries: Sendable {
    let views: Views
    let doorkeeper: Doorkeeper
    let workers: Workers

    private static let rangeLimit: Int64 = 1000

    func add(to router: RouterGroup<LedgerContext>) {
        router.get("head") { request, context -> Response in
            let access = try await doorkeeper.anyone(request, context)
            return .json(try await workers.run { try views.open(access.role).head() }.json)
        }
        router.get("summary") { request, context -> Response in
            let access = try await doorkeeper.anyone(request, context)
            return .json(try await workers.run { try views.open(access.role).summary() }.json)
        }
        router.get("entries") { request, context -> Response in try await range(request, context) }
        router.get("entries/:entry") { request, context -> Response in
            try await one(request, context)
        }
        router.get("names/:member") { request, context -> Response in
            try await names(request, context)
        }
        router.get("merges/last") { request, context -> Response in
            try await merges(request, context)
        }
        router.get("attachments/:digest") { request, context -> Response in
            try await attachment(request, context)
        }
    }

    private func one(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let access = try await doorkeeper.anyone(request, context)
        let text = try context.parameter("entry")
        let parameters = try Parameters(request, known: ["stored"])
        let entry = try await workers.run { () -> SeenEntry? in
            let view = try views.open(access.role)
            if let hash = Digest(hex: text.utf8) { return try view.entry(withHash: hash) }
            guard let index = Int64(text), index >= 0 else {
                throw LedgerError(
                    .usage, "\(VisibleName.of(text)) is neither an index nor a hash")
            }
            return try view.entry(at: index)
        }
        guard let entry else {
            throw LedgerError(.notFound, "there is no entry \(text)", advice: "see /v1/head")
        }
        return .json(Self.json(entry, isStored: try parameters.truth("stored")))
    }

    private static func json(_ entry: SeenEntry, isStored: Bool) -> JSONObject {
        if isStored { return entry.json }
        var buffer: [UInt8] = []
        EntryReport.definition.appendJSON(
            of: entry.shown, to: &buffer)
        var object = (try? JSONReader.read(buffer))?.object ?? JSONObject()
        object["corrected_by"] = entry.correctedBy.map(JSON.integer)
        return object
    }

    private func range(_ request: Request, _ context: LedgerContext) async throws -> Response {
        // Nobody who is not known learns what would be wrong with the rest.
        let access = try await doorkeeper.anyone(request, context)
        let parameters = try Parameters(
            request, known: ["event", "from", "to", "reverse", "limit", "stored"])
        let isStored = try parameters.truth("stored")
        if let id = parameters["event"] {
            for name in ["from", "to", "reverse", "limit"] where parameters[name] != nil {
                throw LedgerError(.usage, "\(name) does not go with event")
            }
            let role = access.role
            let rows = try await workers.run {
                let view = try views.open(role)
                return try view.indexes(ofEvent: id).compactMap { try view.entry(at: $0) }
            }
            return .list(rows.map { Self.json($0, isStored: isStored) })
        }
        let role = try await doorkeeper.reader(request, context).role
        let isReversed = try parameters.truth("reverse")
        let from = try parameters.number("from") ?? 0
        let to = try parameters.number("to")
        let limit = try parameters.number("limit") ?? Self.rangeLimit
        guard 1...Self.rangeLimit ~= limit else {
            throw LedgerError(.usage, "limit must be from 1 to \(Self.rangeLimit)")
        }
        let bytes = try await workers.run {
            let view = try views.open(role)
            let end = min(try view.head().index, to ?? .max - 1) + 1
            var bytes: [UInt8] = []
            var left = limit
            try view.forEachEntry(in: min(from, end)..<end, isReversed: isReversed) { entry in
                CanonicalJSON.append(Self.json(entry, isStored: isStored), to: &bytes)
                bytes.append(0x0A)
                left -= 1
                return left > 0
            }
            return bytes
        }
        return .bytesResponse(bytes, "application/x-ndjson")
    }

    private func names(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let access = try await doorkeeper.anyone(request, context)
        let text = try context.parameter("member")
        guard let member = KnownNames(rawValue: text) else {
            throw LedgerError(
                .notFound, "there are no names of \(VisibleName.of(text))",
                advice: "there are those of service, environment, tenant, region, cluster and "
                    + "object")
        }
        let names = try await workers.run { try views.open(access.role).knownNames(of: member) }
        return .json(JSONObject(["rows": .array(names.map(JSON.string)), "v": 1]))
    }

    private func merges(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let access = try await doorkeeper.anyone(request, context)
        let parameters = try Parameters(request, known: ["source", "ref"])
        guard let source = parameters["source"], let ref = parameters["ref"] else {
            throw LedgerError(.usage, "source and ref are needed")
        }
        let merges = try await workers.run {
            try views.open(access.role).lastMerges(source: source, ref: ref)
        }
        return .list(
            merges.map {
                JSONObject(["commit": .string($0.commit), "service": .string($0.service)])
            })
    }

    private func attachment(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let access = try await doorkeeper.reader(request, context)
        let text = try context.parameter("digest")
        let digits =
            text.utf8.starts(with: "sha256:".utf8) ? text.utf8.dropFirst(7) : text.utf8[...]
        guard let digest = Digest(hex: digits) else {
            throw LedgerError(.usage, "\(VisibleName.of(text)) is no digest")
        }
        let bytes = try await workers.run { try views.open(access.role).attachment(digest) }
        guard let bytes else {
            throw LedgerError(.notFound, "there is no attachment with this digest")
        }
        // Never a type that a browser would run.
        var response = Response.bytesResponse(bytes, "application/octet-stream")
        if let name = HTTPField.Name("X-Content-Type-Options") {
            response.headers[name] = "nosniff"
        }
        return response
    }
}
