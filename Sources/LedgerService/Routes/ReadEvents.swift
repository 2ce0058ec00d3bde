import HTTPTypes
import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations
import LedgerReport

// ReadEvents.swift
//
// GET /v1/events asks what `ledger query` asks, by the same names (QueryParameters.swift). The rows
// are those of exports/query-row.schema.json. What is answered depends on `Accept`:
//
//    application/json      {"next":"…","rows":[…],"v":1}: at most `limit` rows, 100 if that is not
//                          given, 1,000 at most; `next` is there if there are more, for `cursor`
//    application/x-ndjson  all rows, one on each line, as they are read
//    text/csv              all rows, as `ledger query -o csv`
//
// With ?folded=true, for tables: {"cut":true,"rows":[{"fold":{…},"row":{…}},…],"v":1}, the tenants
// of one change in one row.

struct ReadEvents: Sendable {
    let views: Views
    let doorkeeper: Doorkeeper
    let workers: Workers

    private static let defaultCount = 100
    private static let pageLimit = 1000
    private static let foldedLimit = 10_000

    func add(to router: RouterGroup<LedgerContext>) {
        router.get("events") { request, context -> Response in try await events(request, context) }
        router.get("targets") { request, context -> Response in try await targets(request, context)
        }
    }

    private func events(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let access = try await doorkeeper.reader(request, context)
        let parameters = try request.uri.decodedParameters()
        let question = try Question(parameters: parameters, others: ["cursor", "folded"])
        let cursor = try Self.cursor(parameters)
        let folded = parameters.last { $0.name == "folded" }
        let isFolded = try folded.map { try Question.truth($0.name, $0.value) } ?? false
        if isFolded { return try await foldedRows(question, access) }
        switch try Self.format(request) {
        case .json: return try await page(question, cursor, access)
        case .ndjson: return try await stream(question, .ndjson, cursor, access)
        case .csv: return try await stream(question, .csv, cursor, access)
        }
    }

    private static func cursor(
        _ parameters: [Question.Parameter]
    ) throws(LedgerError) -> RowPosition? {
        guard let text = parameters.last(where: { $0.name == "cursor" })?.value else { return nil }
        guard let position = RowPosition(text) else {
            throw LedgerError(
                .usage, "the cursor is not one", advice: "take it from next of the page before")
        }
        return position
    }

    private static func format(_ request: Request) throws(LedgerError) -> RecordFormat {
        let accept = request.headers[.accept] ?? "*/*"
        for part in accept.split(separator: ",") {
            let type = part.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
            switch type {
            case "text/csv": return .csv
            case "application/x-ndjson", "application/jsonl", "application/ndjson": return .ndjson
            case "application/json", "application/*", "*/*": return .json
            default: continue
            }
        }
        throw LedgerError(
            .notAcceptable, "none of \(VisibleName.of(accept)) can be answered",
            advice: "accept application/json, application/x-ndjson or text/csv")
    }

    private func page(
        _ question: Question, _ cursor: RowPosition?, _ access: Access
    ) async throws -> Response {
        let count = question.limit ?? Self.defaultCount
        guard count <= Self.pageLimit else {
            throw LedgerError(
                .usage, "limit must be at most \(Self.pageLimit) for a page",
                advice: "follow next, or accept application/x-ndjson for all rows at once")
        }
        let bytes = try await workers.run {
            let view = try views.open(access.role)
            var query = try await question.query(view, now: views.now, local: .utc)
            query.limit = count + 1
            query.after = cursor
            var bytes = Array("\"rows\":[".utf8)
            var last: RowPosition?
            var found = 0
            try view.forEachRow(matching: query) { row in
                found += 1
                if found > count { return false }
                bytes.append(contentsOf: (found == 1 ? "\n" : ",\n").utf8)
                QueryRow.definition.appendJSON(of: row, to: &bytes)
                last = RowPosition(of: row)
                return true
            }
            let next = found > count ? last.map { "\"next\":\"\($0.text)\"," } : nil
            return Array("{\(next ?? "")".utf8) + bytes
                + Array("\n],\"v\":\(QueryRow.definition.version)}\n".utf8)
        }
        return .bytesResponse(bytes, "application/json")
    }

    private func stream(
        _ question: Question, _ format: RecordFormat, _ cursor: RowPosition?,
        _ access: Access
    ) async throws -> Response {
        let type = format == .csv ? "text/csv; charset=utf-8" : "application/x-ndjson"
        return try await RowStream.response(workers, type: type) {
            let view = try views.open(access.role)
            var query = try await question.query(view, now: views.now, local: .utc)
            query.after = cursor
            return RowStream(view, query, format)
        }
    }

    private func foldedRows(_ question: Question, _ access: Access) async throws -> Response {
        let limit = question.limit ?? Self.defaultCount
        guard limit <= Self.foldedLimit else {
            throw LedgerError(.usage, "limit must be at most \(Self.foldedLimit) for folded rows")
        }
        let bytes = try await workers.run {
            let view = try views.open(access.role)
            var query = try await question.query(view, now: views.now, local: .utc)
            query.limit = limit
            var bytes = Array("\"rows\":[".utf8)
            var count = 0
            let isCut = try view.forEachFoldedRow(matching: query) { row in
                bytes.append(contentsOf: (count == 0 ? "\n" : ",\n").utf8)
                row.appendJSON(to: &bytes)
                count += 1
            }
            return Array("{\"cut\":\(isCut),".utf8) + bytes + Array("\n],\"v\":1}\n".utf8)
        }
        return .bytesResponse(bytes, "application/json")
    }

    /// GET /v1/targets: what was heard from, within the filters by names of targets.
    private func targets(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let access = try await doorkeeper.reader(request, context)
        let question = try Question(parameters: request.uri.decodedParameters())
        let targets = try await workers.run {
            let view = try views.open(access.role)
            let query = try await question.query(view, now: views.now, local: .utc)
            return try view.targets(matching: query)
        }
        return .list(targets.map(\.json))
    }
}

extension Response {
    /// `{"rows":[…],"v":1}`.
    static func list(_ rows: [JSONObject]) -> Response {
        .json(JSONObject(["rows": .array(rows.map(JSON.object)), "v": 1]))
    }
}

/// Opens the ledger to read.
struct Views: Sendable {
    let path: String
    let clock: Clock

    var now: Timestamp { Timestamp(milliseconds: clock.now()) }

    func open(_ role: Role) throws(LedgerError) -> LocalView {
        try LocalView(path: path, as: role, clock: clock)
    }
}
