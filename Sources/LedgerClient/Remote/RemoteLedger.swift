import LedgerCore
import LedgerIngest
import LedgerOperations
import LedgerProof

/// A ledger behind a server, over HTTP.
///
/// An event gets its id before it is first sent, so that to send it again does no harm. The
/// connection is made when it is first needed.
public final class RemoteLedger: Ledger {
    /// More than this goes in several requests.
    private static let eventLimit = 1000
    private static let byteLimit = 8 << 20

    public let settings: RemoteSettings
    let connection: ServerConnection

    public init(_ settings: RemoteSettings) {
        self.settings = settings
        connection = ServerConnection(settings)
    }

    /// Closes the connection; a later request opens one again.
    public func close() async {
        await connection.close()
    }

    // MARK: Recording

    /// In one request.
    public func record(_ events: [Event], source: String) async throws(LedgerError) -> [Receipt] {
        if events.isEmpty { return [] }
        var part = Part()
        for event in events { part.add(Item(line: part.lines.count + 1, event, source)) }
        return try await send(part)
    }

    public func recordAll(
        source: String, next: @escaping @Sendable () throws(LedgerError) -> EventBatch?,
        recorded: ([Receipt]) -> Void
    ) async throws(LedgerError) {
        let parts = Pipeline<Part>(depth: 2) { give in
            var part = Part()
            while let batch = try next() {
                for item in batch {
                    let item = Item(line: item.line, item.event, source)
                    if !part.hasRoom(for: item) {
                        guard give(part) else { return }
                        part = Part()
                    }
                    part.add(item)
                }
            }
            if !part.lines.isEmpty { _ = give(part) }
        }
        defer { parts.stop() }
        var count = 0
        do throws(LedgerError) {
            while let part = try parts.next() {
                let receipts = try await send(part)
                count += receipts.count
                recorded(receipts)
            }
        } catch {
            throw count == 0 ? error : Self.after(count, error)
        }
    }

    private static func after(_ count: Int, _ error: LedgerError) -> LedgerError {
        LedgerError(
            error.code, "\(error.message). Of the events before, \(count) are recorded and stay",
            advice: "when it is sent again, what is recorded is passed over if it has an id of "
                + "its own; leave out what has none",
            cause: PartlyRecorded(count: count))
    }

    public func recordEach(
        _ batch: EventBatch, source: String
    ) async throws(LedgerError) -> [Result<Receipt, LedgerError>] {
        var results: [Result<Receipt, LedgerError>] = []
        var part = Part()
        for item in batch {
            let item = Item(line: item.line, item.event, source)
            if !part.hasRoom(for: item) {
                results += try await sendEach(part)
                part = Part()
            }
            part.add(item)
        }
        if !part.lines.isEmpty { results += try await sendEach(part) }
        return results
    }

    /// An event as it is sent.
    private struct Item {
        let line: Int
        let bytes: [UInt8]
        let isDerived: Bool

        init(line: Int, _ event: Event, _ source: String) {
            let complete = event.withDefaults(source: source, id: IDMint.shared.next())
            self.line = line
            bytes = CanonicalJSON.bytes(.object(complete.intake)) + [0x0A]
            isDerived = event.isDerived
        }
    }

    /// The events of one request.
    private struct Part: Sendable {
        // On which line of its source each event stands.
        private(set) var lines: [Int] = []
        private(set) var bytes: [UInt8] = []
        private(set) var isDerived = false

        func hasRoom(for item: Item) -> Bool {
            lines.isEmpty
                || lines.count < RemoteLedger.eventLimit && item.isDerived == isDerived
                    && bytes.count + item.bytes.count <= RemoteLedger.byteLimit
        }

        mutating func add(_ item: Item) {
            isDerived = item.isDerived && (isDerived || lines.isEmpty)
            lines.append(item.line)
            bytes += item.bytes
        }
    }

    private func request(_ part: Part, isPartial: Bool) -> ServerRequest {
        var parameters: [Question.Parameter] = []
        if isPartial { parameters.append(("partial", "true")) }
        if part.isDerived { parameters.append(("derived", "true")) }
        var request = ServerRequest(.post, ["events"], parameters, body: part.bytes)
        request.contentType = "application/x-ndjson"
        // Every event has its id.
        request.isRepeatable = true
        return request
    }

    private func send(_ part: Part) async throws(LedgerError) -> [Receipt] {
        let object: JSONObject
        do throws(LedgerError) {
            object = try await self.object(request(part, isPartial: false))
        } catch {
            throw Self.located(error, part)
        }
        let receipts = object["receipts"]?.array?.compactMap { $0.object.flatMap(Receipt.init) }
        guard let receipts, receipts.count == part.lines.count else {
            throw connection.failures.nonsense("it gave no receipts")
        }
        return receipts
    }

    /// An error that says on which line of the request it is says on which line of the source.
    private static func located(_ error: LedgerError, _ part: Part) -> LedgerError {
        guard part.lines.count > 1, error.message.hasPrefix("line ") else { return error }
        let rest = error.message.dropFirst("line ".count)
        let digits = rest.prefix { $0.isWholeNumber }
        guard rest[digits.endIndex...].hasPrefix(": "), let number = Int(digits),
            1...part.lines.count ~= number
        else { return error }
        return LedgerError(
            error.code, "line \(part.lines[number - 1])\(rest[digits.endIndex...])",
            advice: error.advice, cause: error.cause)
    }

    private func sendEach(
        _ part: Part
    ) async throws(LedgerError) -> [Result<Receipt, LedgerError>] {
        var request = request(part, isPartial: true)
        request.accept = "application/x-ndjson"
        let bytes = try await connection.answer(to: request)
        var results: [Result<Receipt, LedgerError>] = []
        for line in bytes.split(separator: 0x0A) {
            guard results.count < part.lines.count,
                let object = (try? JSONReader.read(Array(line)))?.object,
                let result = Self.result(object, line: part.lines[results.count])
            else { throw connection.failures.nonsense("it gave no receipts") }
            results.append(result)
        }
        guard results.count == part.lines.count else {
            throw connection.failures.nonsense("it gave no receipts for some events")
        }
        return results
    }

    private static func result(
        _ object: JSONObject, line: Int
    ) -> Result<Receipt, LedgerError>? {
        if let receipt = (object["receipt"]?.object).flatMap(Receipt.init) {
            return .success(receipt)
        }
        guard let error = object["error"]?.object,
            let code = (error["code"]?.string).flatMap(LedgerError.Code.init(rawValue:)),
            let detail = error["detail"]?.string
        else { return nil }
        return .failure(
            LedgerError(code, "line \(line): \(detail)", advice: error["advice"]?.string))
    }

    // MARK: Tokens and verification

    public func createToken(
        _ request: TokenRequest
    ) async throws(LedgerError) -> (secret: String, id: String, receipt: Receipt) {
        let answer = try await object(
            ServerRequest(.post, ["tokens"], body: CanonicalJSON.bytes(.object(request.json))))
        guard let secret = answer["token"]?.string, let id = answer["id"]?.string,
            let receipt = (answer["receipt"]?.object).flatMap(Receipt.init)
        else { throw connection.failures.nonsense("it gave no token") }
        return (secret, id, receipt)
    }

    public func revokeToken(_ id: String) async throws(LedgerError) -> Receipt {
        let answer = try await object(ServerRequest(.delete, ["tokens", id]))
        guard let receipt = (answer["receipt"]?.object).flatMap(Receipt.init) else {
            throw connection.failures.nonsense("it gave no receipt")
        }
        return receipt
    }

    public func gate(
        _ question: GateQuestion, overriding override: GateOverride
    ) async throws(LedgerError) -> GateAnswer {
        let body = question.json(overriding: override)
        let answer: GateAnswer = try await value(
            of: ServerRequest(.post, ["gate"], body: CanonicalJSON.bytes(.object(body))))
        // What is not recorded is not overridden.
        guard answer.receipts.count == answer.verdicts.filter({ !$0.isOpen }).count else {
            throw connection.failures.nonsense("it gave no receipts")
        }
        return answer
    }

    /// What the server finds when it verifies its file.
    ///
    /// - Parameter expected: heads and receipts that somebody kept.
    public func verify(expected: [Head]) async throws(LedgerError) -> Verifier.Verdict {
        let connection = patientConnection
        var request = ServerRequest(
            .post, ["verify"],
            body: CanonicalJSON.bytes(["expected": .array(expected.map { .string($0.text) })]))
        request.isRepeatable = true
        do throws(LedgerError) {
            let verdict: Verifier.Verdict = try await Self.value(of: request, from: connection)
            await connection.close()
            return verdict
        } catch {
            await connection.close()
            throw error
        }
    }

    /// One of its own, for what makes the server read everything before it answers.
    var patientConnection: ServerConnection {
        var patient = settings
        patient.limits.answerMilliseconds = settings.limits.verificationMilliseconds
        return ServerConnection(
            patient, idleMilliseconds: settings.limits.verificationMilliseconds)
    }

    // MARK: Answers

    func object(_ request: ServerRequest) async throws(LedgerError) -> JSONObject {
        try await Self.object(request, from: connection)
    }

    func value<Value: Answer>(of request: ServerRequest) async throws(LedgerError) -> Value {
        try await Self.value(of: request, from: connection)
    }

    private static func object(
        _ request: ServerRequest, from connection: ServerConnection
    ) async throws(LedgerError) -> JSONObject {
        let bytes = try await connection.answer(to: request)
        guard let object = (try? JSONReader.read(bytes))?.object else {
            throw connection.failures.nonsense("its answer is no JSON object")
        }
        return object
    }

    private static func value<Value: Answer>(
        of request: ServerRequest, from connection: ServerConnection
    ) async throws(LedgerError) -> Value {
        guard let value = Value(json: try await object(request, from: connection)) else {
            throw connection.failures.nonsense("its answer has not the members that it should")
        }
        return value
    }
}
