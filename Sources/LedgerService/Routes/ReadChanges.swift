import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations
import LedgerProof
import LedgerReport

// ReadChanges.swift
//
//    GET /v1/changes?name=V42&service=orders&limit=…
//                                      {"rows":[…]}: the changes with this id, name or beginning
//    GET /v1/changes/orders/V42        the whole story, as `ledger show orders:V42 -o json`

struct ReadChanges: Sendable {
    let views: Views
    let doorkeeper: Doorkeeper
    let workers: Workers

    func add(to router: RouterGroup<LedgerContext>) {
        router.get("changes") { request, context -> Response in try await list(request, context) }
        router.get("changes/:service/:change") { request, context -> Response in
            try await story(request, context)
        }
    }

    private func list(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let access = try await doorkeeper.anyone(request, context)
        let parameters = try Parameters(request, known: ["name", "service", "limit"])
        let limit = try parameters.number("limit") ?? 100
        guard 1...5000 ~= limit else { throw LedgerError(.usage, "limit must be from 1 to 5000") }
        let changes = try await workers.run {
            try views.open(access.role).changes(
                named: parameters["name"] ?? "", service: parameters["service"], limit: Int(limit))
        }
        return .list(changes.map(\.json))
    }

    private func story(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let access = try await doorkeeper.reader(request, context)
        let name = try context.parameter("change")
        let reference = ChangeReference(service: try context.parameter("service"), name: name)
        let bytes = try await workers.run {
            let view = try views.open(access.role)
            var changes = try await reference.changes(in: view)
            // One change's name may be another one's id.
            if changes.count > 1 { changes.removeAll { !$0.id.hasSameBytes(as: name) } }
            guard let change = changes.first, changes.count == 1 else {
                throw LedgerError(.ambiguous, "the name fits several changes", advice: "give an id")
            }
            var bytes: [UInt8] = []
            let links = try LinksInquiry(ofChange: change.id, service: change.service)
                .reply(of: view)
            try ChangeStory(of: change, rows: view.story(of: change), links: links.rows)
                .writeJSON(to: BufferedOutput { bytes += $0 })
            return bytes
        }
        return .bytesResponse(bytes, "application/json")
    }
}
