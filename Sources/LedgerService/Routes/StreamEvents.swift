import HTTPTypes
import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations
import LedgerReport
import NIOCore
import Synchronization

// StreamEvents.swift
//
// GET /v1/stream follows what is recorded, by server-sent events. It takes the filters of
// GET /v1/events; each new event that matches is sent once, by index, with the row that
// GET /v1/events has for it:
//
//    id: 1235
//    event: entry
//    data: {"at":"…","index":1235,…}
//
// A deployment's start is sent when it is recorded, and its end as a row of its own. It begins after
// the entry of `Last-Event-ID`, else of ?after=, else with what is recorded from now on. An id
// without data says up to where all was looked at; a line of a colon alone, every 15 seconds, that
// the connection stands:
//
//    :
//    id: 1240
//
// It ends when its reader leaves, when its token ends, and with the service.

struct StreamEvents: Sendable {
    let views: Views
    let doorkeeper: Doorkeeper
    let workers: Workers
    let heads: HeadWatch
    let seats: Seats
    var heartbeat = Duration.seconds(15)

    init(
        views: Views, doorkeeper: Doorkeeper, workers: Workers, heads: HeadWatch,
        limits: ServiceLimits
    ) {
        self.views = views
        self.doorkeeper = doorkeeper
        self.workers = workers
        self.heads = heads
        seats = Seats(limit: limits.streams)
    }

    private static let lastIDField = HTTPField.Name("Last-Event-ID")
    private static let bufferingField = HTTPField.Name("X-Accel-Buffering")

    func add(to router: RouterGroup<LedgerContext>) {
        router.get("stream") { request, context -> Response in try await follow(request, context) }
    }

    private func follow(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let access = try await doorkeeper.reader(request, context)
        let parameters = try request.uri.decodedParameters()
        for (name, _) in parameters where ["limit", "reverse"].contains(name) {
            throw LedgerError(.usage, "\(name) means nothing here: rows come as they are recorded")
        }
        let question = try Question(parameters: parameters, others: ["after"])
        let given = try Self.start(request, parameters)
        let (query, start) = try await workers.run {
            let view = try views.open(access.role)
            let query = try await question.query(view, now: views.now, local: .utc)
            try view.check(query)
            return (query, try Self.start(given, head: view.head()))
        }
        let seat = try seats.take()
        let body = ResponseBody { writer in
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                var stream = EventStream(query: query, index: start)
                try await send(&stream, to: &writer) {
                    try await doorkeeper.reader(request, context).role
                }
            }
            try await writer.finish(nil)
            seat.leave()
        }
        var response = Response(
            status: .ok, headers: [.contentType: "text/event-stream"], body: body)
        // A proxy that collects what it passes on would keep it from whoever waits.
        if let name = Self.bufferingField { response.headers[name] = "no" }
        return response
    }

    private static func start(
        _ request: Request, _ parameters: [Question.Parameter]
    ) throws(LedgerError) -> Int64? {
        let field = lastIDField.flatMap { request.headers[$0] }
        let after = parameters.filter { $0.name == "after" }
        if after.count > 1 { throw LedgerError(.usage, "after is given twice") }
        guard let text = field ?? after.first?.value else { return nil }
        guard let index = Int64(text), -1..<1 << 53 ~= index else {
            throw LedgerError(
                .usage, "\(field == nil ? "after" : "Last-Event-ID") must be an entry's index",
                advice: "take the last id of the stream, or -1 for all entries")
        }
        return index
    }

    private static func start(_ given: Int64?, head: Head) throws(LedgerError) -> Int64 {
        guard let given else { return head.index }
        if given > head.index {
            throw LedgerError(
                .usage, "there is no entry #\(given) yet: the last is #\(head.index)",
                advice: "see whether this is the ledger that the index is from")
        }
        return given
    }

    /// Sends until the watch on the ledger ends, or the task is cancelled.
    ///
    /// - Parameter role: what the reader may see now; throws once that is nothing.
    func send(
        _ stream: inout EventStream, to writer: inout any ResponseBodyWriter,
        role: () async throws -> Role
    ) async throws {
        try await writer.write(ByteBuffer(bytes: stream.beat()))
        while true {
            let news = try await heads.news(after: stream.index, within: heartbeat)
            if news == .ended { return }
            let role = try await role()
            guard case .head(let head) = news else {
                try await writer.write(ByteBuffer(bytes: stream.beat()))
                continue
            }
            let (query, index) = (stream.query, stream.index)
            let new = try await workers.run {
                try views.open(role).newRows(in: index + 1...head, matching: query)
            }
            let bytes = stream.take(new)
            if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
        }
    }
}

/// What one reader of the stream has been sent.
struct EventStream {
    let query: EntryQuery
    /// Everything up to it was looked at.
    private(set) var index: Int64
    private var lastID: Int64?

    init(query: EntryQuery, index: Int64) {
        self.query = query
        self.index = index
    }

    mutating func beat() -> [UInt8] {
        defer { lastID = index }
        return Array((lastID == index ? ":\n\n" : ":\nid: \(index)\n\n").utf8)
    }

    mutating func take(_ new: LocalView.NewRows) -> [UInt8] {
        var bytes: [UInt8] = []
        for row in new.rows {
            bytes.append(contentsOf: "id: \(row.index)\nevent: entry\ndata: ".utf8)
            QueryRow.definition.appendJSON(of: row, to: &bytes)
            bytes.append(contentsOf: "\n\n".utf8)
            lastID = row.index
        }
        index = new.last
        return bytes
    }
}

/// Bounds how many streams there are.
final class Seats: Sendable {
    private let limit: Int
    private let taken = Mutex(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// One of them; given back when it is left, or forgotten because its answer was never sent.
    final class Seat: Sendable {
        private let seats: Seats
        private let isTaken = Mutex(true)

        fileprivate init(_ seats: Seats) { self.seats = seats }
        deinit { leave() }

        func leave() {
            let wasTaken = isTaken.withLock { isTaken in
                defer { isTaken = false }
                return isTaken
            }
            if wasTaken { seats.taken.withLock { $0 -= 1 } }
        }
    }

    /// - Throws: `busy` if all are taken.
    func take() throws(LedgerError) -> Seat {
        let isFree = taken.withLock { taken in
            if taken == limit { return false }
            taken += 1
            return true
        }
        guard isFree else {
            throw LedgerError(.busy, "\(limit) streams are followed already", advice: "try again")
        }
        return Seat(self)
    }
}
