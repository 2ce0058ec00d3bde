import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations

// GateRoute.swift
//
//    POST /v1/gate {"changes":[{"change":"42","service":"orders"}],"env":"prod"}
//                                  200 {"open":false,"rows":[…],"there":0,"v":1}: a verdict on each
//
// GET /v1/gate asks of one (ReadInquiries.swift). With "override" in the body, what the gate is
// closed for is recorded as passed: for the roles writer and admin, and not for a token of some
// services or environments.

struct GateRoute: Sendable {
    let ledger: LocalLedger
    let views: Views
    let doorkeeper: Doorkeeper
    let workers: Workers
    let drain: Drain

    // GateQuestion.changeLimit of them fit.
    private static let bodyLimit = 8 << 20

    func add(to router: RouterGroup<LedgerContext>) {
        router.post(RouterPath(GateInquiry.route)) { request, context -> Response in
            try await post(request, context)
        }
    }

    private func post(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let access = try await doorkeeper.anyone(request, context)
        _ = try Parameters(request, known: [])
        let body = try await request.wholeBody(upTo: Self.bodyLimit)
        guard let object = (try? JSONReader.read(body))?.object else {
            throw LedgerError(
                .usage, "the body is no JSON object",
                advice: #"send {"changes":[{"service":"orders","change":"42"}],"env":"prod"}"#)
        }
        let question = try GateQuestion(json: object)
        let override = try GateOverride(of: object)
        if override != nil { try access.checkOverriding() }
        let answer = try await workers.run { try views.open(access.role).gate(question) }
        guard let override else { return .json(answer.json) }
        let passed = try await drain.during {
            try await ledger.pass(answer, to: question, by: override, as: access.principal)
        }
        return .json(passed.json)
    }
}
