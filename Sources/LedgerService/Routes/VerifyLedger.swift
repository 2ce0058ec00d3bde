import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations
import LedgerProof
import Synchronization

// VerifyLedger.swift
//
//    GET /v1/verify                        as `ledger verify --json`: the verdict on the whole file
//    POST /v1/verify {"expected":["1234:HASH",…]}
//                                          and whether these heads or receipts still stand
//
// One verification runs at a time: it reads everything.

struct VerifyLedger: Sendable {
    let views: Views
    let doorkeeper: Doorkeeper
    let workers: Workers
    let turn = Turn()

    private static let bodyLimit = 8 << 20

    final class Turn: Sendable {
        private let isTaken = Mutex(false)

        func take() -> Bool {
            isTaken.withLock { isTaken in
                defer { isTaken = true }
                return !isTaken
            }
        }

        func release() { isTaken.withLock { $0 = false } }
    }

    func add(to router: RouterGroup<LedgerContext>) {
        router.get("verify") { request, context -> Response in
            _ = try await doorkeeper.reader(request, context)
            _ = try Parameters(request, known: [])
            return try await verify([])
        }
        router.post("verify") { request, context -> Response in
            _ = try await doorkeeper.reader(request, context)
            _ = try Parameters(request, known: [])
            return try await verify(Self.expected(in: request))
        }
    }

    private static func expected(in request: Request) async throws -> [Head] {
        let buffer = try await request.body.collect(upTo: bodyLimit)
        let wrong = LedgerError(
            .invalidEvent, "the body is not {\"expected\":[\"INDEX:HASH\",…]}",
            advice: "ledger head prints such a head")
        guard let value = try? JSONReader.read(Array(buffer.readableBytesView)),
            let list = value.object?["expected"]?.array
        else { throw wrong }
        return try list.map { item in
            guard let head = item.string.flatMap(Head.init) else { throw wrong }
            return head
        }
    }

    private func verify(_ expected: [Head]) async throws -> Response {
        guard turn.take() else {
            throw LedgerError(
                .busy, "the ledger is being verified for another request", advice: "try again")
        }
        defer { turn.release() }
        let verdict = try await workers.run {
            try LocalLedger.verify(at: views.path, expected: expected)
        }
        return .json(verdict.json)
    }
}
