import LedgerCore
import LedgerOperations

extension RemoteLedger {
    public func redact(_ request: RedactionRequest) async throws(LedgerError) -> Redaction {
        try await post(request.json, to: "redactions")
    }

    public func forget(_ request: ForgetRequest) async throws(LedgerError) -> Redaction {
        try await post(request.json, to: "forget")
    }

    public func hold(_ request: HoldRequest) async throws(LedgerError) -> Receipt {
        let answer = try await object(
            ServerRequest(
                .post, [HoldInquiry.route], body: CanonicalJSON.bytes(.object(request.json))))
        guard let receipt = (answer["receipt"]?.object).flatMap(Receipt.init) else {
            throw connection.failures.nonsense("it gave no receipt")
        }
        return receipt
    }

    private func post<Value: Answer>(
        _ body: JSONObject, to path: String
    ) async throws(LedgerError) -> Value {
        try await value(
            of: ServerRequest(.post, [path], body: CanonicalJSON.bytes(.object(body))))
    }
}
