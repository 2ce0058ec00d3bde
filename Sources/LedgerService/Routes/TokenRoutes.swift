import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations

// TokenRoutes.swift
//
// For the role admin alone:
//
//    POST /v1/tokens {"role":"writer","services":["orders"],"expires":"…"}
//                                  201 {"id":"tok_…","receipt":{…},"token":"ledger_…","v":1}: the
//                                  one time that it is shown
//    GET /v1/tokens                {"rows":[…],"v":1}: every token that was ever created
//    DELETE /v1/tokens/tok_…       {"receipt":{…},"v":1}: it is refused from then on

struct TokenRoutes: Sendable {
    let ledger: LocalLedger
    let views: Views
    let doorkeeper: Doorkeeper
    let workers: Workers
    let drain: Drain

    private static let bodyLimit = 64 << 10

    func add(to router: RouterGroup<LedgerContext>) {
        router.get("tokens") { request, context -> Response in
            let access = try await doorkeeper.administrator(request, context)
            _ = try Parameters(request, known: [])
            return .list(
                try await workers.run { try views.open(access.role).tokens() }.map(\.json))
        }
        router.post("tokens") { request, context -> Response in
            try await create(request, context)
        }
        router.delete("tokens/:id") { request, context -> Response in
            let access = try await doorkeeper.administrator(request, context)
            _ = try Parameters(request, known: [])
            let id = try context.parameter("id")
            let receipt = try await drain.during {
                try await ledger.revokeToken(id, by: access.principal)
            }
            doorkeeper.tokens.forget()
            return .json(JSONObject(["receipt": .object(receipt.json), "v": 1]))
        }
    }

    private func create(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let access = try await doorkeeper.administrator(request, context)
        _ = try Parameters(request, known: [])
        let body = try await request.wholeBody(upTo: Self.bodyLimit)
        guard let object = (try? JSONReader.read(body))?.object else {
            throw LedgerError(
                .usage, "the body is no JSON object", advice: "send {\"role\":\"writer\"}")
        }
        let wanted = try TokenRequest(json: object)
        if let expires = wanted.expires, expires <= views.now {
            throw LedgerError(.usage, "expires is in the past")
        }
        let (secret, id, receipt) = try await drain.during {
            try await ledger.createToken(wanted, by: access.principal)
        }
        return .json(
            JSONObject([
                "id": .string(id), "receipt": .object(receipt.json), "token": .string(secret),
                "v": 1,
            ]), status: .created)
    }
}
