import HTTPTypes
import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations
import LedgerReport
import NIOCore

// ReportRoutes.swift
//
// For the roles auditor and admin:
//
//    GET /v1/reports               {"rows":[…],"v":1}: the reports, with their columns
//    POST /v1/reports/NAME?env=…   makes one and records it; the parameters are those of
//                                  GET /v1/events that its rows can be narrowed by
//    POST /v1/reports?…            likewise, with a definition as the body (YAML)
//
// What is answered depends on `Accept`:
//
//    application/x-tar             the whole export (Export.swift), its rows in the form that
//                                  `format` names, csv if it is left out; with ?entries=true the
//                                  entries too, with ?sample=25&seed=7 a sample, and `stratify` is
//                                  the column that it is stratified by
//    text/csv, application/x-ndjson, application/json
//                                  the rows alone
//
// The header Ledger-Receipt has INDEX:HASH of the entry that says that it was handed out.

struct ReportRoutes: Sendable {
    let ledger: LocalLedger
    let views: Views
    let doorkeeper: Doorkeeper
    let workers: Workers
    let drain: Drain

    private static let bodyLimit = 1 << 20

    private enum Answer {
        case archive
        case rows(RecordFormat)
    }

    func add(to router: RouterGroup<LedgerContext>) {
        router.get("reports") { request, context -> Response in
            _ = try await auditor(request, context)
            _ = try Parameters(request, known: [])
            return .list(try WrittenDefinition.all().map(\.definition.json))
        }
        router.post("reports") { request, context -> Response in
            let access = try await auditor(request, context)
            let body = try await request.wholeBody(upTo: Self.bodyLimit)
            guard let text = String(validating: body, as: UTF8.self) else {
                throw LedgerError(.usage, "the definition is not valid UTF-8")
            }
            let written = try WrittenDefinition(text: text, named: "the definition")
            return try await export(written, request, access)
        }
        router.post("reports/:report") { request, context -> Response in
            let access = try await auditor(request, context)
            let written = try WrittenDefinition(report: try context.parameter("report"))
            return try await export(written, request, access)
        }
    }

    private func auditor(_ request: Request, _ context: LedgerContext) async throws -> Access {
        let access = try await doorkeeper.reader(request, context)
        guard access.role.seesEverything else {
            throw LedgerError(
                .notAllowed,
                "reports need the role auditor or admin, and this is \(access.role)")
        }
        return access
    }

    private func export(
        _ written: WrittenDefinition, _ request: Request, _ access: Access
    ) async throws -> Response {
        let answer = try Self.answer(request)
        let parameters = try request.uri.decodedParameters()
        let question = try Question(parameters: parameters, others: Self.others)
        let last = Dictionary(parameters.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        let hasEntries = try last["entries"].map { try Question.truth("entries", $0) } ?? false
        let format = try Self.format(last["format"])
        let sample = try Self.sample(last)
        if case .rows = answer, sample != nil {
            throw LedgerError(
                .usage, "a sample comes in an archive", advice: "accept application/x-tar")
        }
        let packed = try await drain.during {
            try await workers.run {
                let view = try views.open(access.role)
                let query = try await question.query(view, now: views.now, local: .utc)
                let asked = try ReportRequest(written, query)
                func record(_ event: Event) async throws(LedgerError) -> Receipt? {
                    try await ledger.record([event], source: "ledger", as: access.principal).first
                }
                switch answer {
                case .archive:
                    var export = Export(asked, as: format, by: access.principal)
                    export.hasEntries = hasEntries
                    export.sample = sample
                    return try await PackedExport.archive(export, view, record: record)
                case .rows(let format):
                    let export = Export(asked, as: format, by: access.principal)
                    return try await PackedExport.rows(export, view, record: record)
                }
            }
        }
        return response(packed, answer)
    }

    private func response(_ packed: PackedExport, _ answer: Answer) -> Response {
        let type =
            switch answer {
            case .archive: "application/x-tar"
            case .rows(.csv): "text/csv; charset=utf-8"
            case .rows(.ndjson): "application/x-ndjson"
            case .rows(.json): "application/json"
            }
        var headers: HTTPFields = [.contentType: type]
        if let receipt = packed.receipt, let name = HTTPField.Name("Ledger-Receipt") {
            headers[name] = Head(index: receipt.index, hash: receipt.hash).text
        }
        let workers = workers
        let body = ResponseBody { writer in
            while let block = try await workers.run({ try packed.next() }) {
                try await writer.write(ByteBuffer(bytes: block))
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private static let others: Set = ["format", "entries", "sample", "seed", "stratify"]

    private static func sample(_ values: [String: String]) throws(LedgerError) -> SamplePlan? {
        guard let text = values["sample"] else {
            if values["seed"] == nil, values["stratify"] == nil { return nil }
            throw LedgerError(.usage, "seed and stratify belong to sample")
        }
        guard let size = Int(text), 1...100_000 ~= size else {
            throw LedgerError(.usage, "sample must be a number from 1 to 100000")
        }
        guard let seed = values["seed"], !seed.isEmpty else {
            throw LedgerError(.usage, "a sample needs a seed", advice: "any text: seed=7")
        }
        return SamplePlan(size: size, seed: seed, stratify: values["stratify"])
    }

    private static func format(_ text: String?) throws(LedgerError) -> RecordFormat {
        guard let text else { return .csv }
        guard let format = RecordFormat(rawValue: text) else {
            throw LedgerError(
                .usage, "format \(VisibleName.of(text)) is not known",
                advice: Suggestion.advice(
                    for: text, among: RecordFormat.allCases.map(\.rawValue)))
        }
        return format
    }

    private static func answer(_ request: Request) throws(LedgerError) -> Answer {
        let accept = request.headers[.accept] ?? "*/*"
        for part in accept.split(separator: ",") {
            switch part.prefix(while: { $0 != ";" }).filter({ $0 != " " }).lowercased() {
            case "application/x-tar", "application/*", "*/*": return .archive
            case "text/csv": return .rows(.csv)
            case "application/x-ndjson", "application/jsonl", "application/ndjson":
                return .rows(.ndjson)
            case "application/json": return .rows(.json)
            default: continue
            }
        }
        throw LedgerError(
            .notAcceptable, "none of \(VisibleName.of(accept)) can be answered",
            advice: "accept application/x-tar, text/csv, application/x-ndjson or application/json")
    }
}
