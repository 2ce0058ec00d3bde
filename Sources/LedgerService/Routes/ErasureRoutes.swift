import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations

// ErasureRoutes.swift
//
// For the role admin alone; who only looks asks ReadInquiries.swift:
//
//    POST /v1/redactions {"entries":[12],"members":["actor"],"reason":"…"}
//    POST /v1/forget     {"person":"alice@example.com","reason":"…"}
//                        201 {"entries":1,"receipts":[…],"v":1,"values":1}: what was erased
//    POST /v1/holds      {"action":"add","matter":"case-14","reason":"…"}
//                        201 {"receipt":{…},"v":1}

struct ErasureRoutes: Sendable {
    let ledger: LocalLedger
    let doorkeeper: Doorkeeper
    let workers: Workers
    let drain: Drain

    private static let bodyLimit = 256 << 10

    func add(to router: RouterGroup<LedgerContext>) {
        post("redactions", to: router) { body, access in
            let wanted = try RedactionRequest(json: body)
            return try ledger.redact(wanted, as: access.principal).json
        }
        post("forget", to: router) { body, access in
            let wanted = try ForgetRequest(json: body)
            return try ledger.forget(wanted, as: access.principal).json
        }
        post(RouterPath(HoldInquiry.route), to: router) { body, access in
            let wanted = try HoldRequest(json: body)
            let receipt = try ledger.hold(wanted, as: access.principal)
            return JSONObject(["receipt": .object(receipt.json), "v": 1])
        }
    }

    private func post(
        _ path: RouterPath, to router: RouterGroup<LedgerContext>,
        _ body: @escaping @Sendable (JSONObject, Access) throws -> JSONObject
    ) {
        router.post(path) { request, context -> Response in
            let access = try await doorkeeper.administrator(request, context)
            _ = try Parameters(request, known: [])
            let bytes = try await request.wholeBody(upTo: Self.bodyLimit)
            guard let object = (try? JSONReader.read(bytes))?.object else {
                throw LedgerError(
                    .usage, "the body is no JSON object", advice: "see /openapi.yaml")
            }
            let answer = try await drain.during {
                try await workers.run { try body(object, access) }
            }
            return .json(answer, status: .created)
        }
    }
}
