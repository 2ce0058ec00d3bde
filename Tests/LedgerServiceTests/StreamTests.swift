import HTTPTypes
import HummingbirdCore
import LedgerCore
import LedgerOperations
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import LedgerService

@Suite struct StreamTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("ledger.db")
        try LocalLedger.create(at: path, log: "local/test")
    }

    private func ledger() throws -> LocalLedger {
        try LocalLedger(path: path, principal: Principal(kind: .local, id: "0"))
    }

    private func note(_ ledger: LocalLedger) async throws {
        let text = #"{"type":"note","title":"hello"}"#
        let event = try EventReader.event(from: JSONReader.read(Array(text.utf8)))
        _ = try await ledger.record([event], source: "test")
    }

    @Test func allWhoWaitHearOfWhatAnyoneRecords() async throws {
        let heads = HeadWatch(path: path)
        let other = try ledger()
        async let first = heads.news(after: -1, within: .seconds(60))
        async let second = heads.news(after: -1, within: .seconds(60))
        try await note(other)
        #expect(try await [first, second] == [.head(0), .head(0)])
        #expect(try await heads.news(after: 0, within: .zero) == .nothing)
        await #expect(throws: LedgerError.self) {
            _ = try await heads.news(after: 7, within: .seconds(60))
        }
    }

    @Test func whoIsCancelledAndWhoWaitsAtTheEndIsSentAway() async throws {
        let heads = HeadWatch(path: path)
        let waiting = Task { try await heads.news(after: -1, within: .seconds(60)) }
        waiting.cancel()
        #expect(try await waiting.value == .ended)
        let last = Task { try await heads.news(after: -1, within: .seconds(60)) }
        await heads.end()
        #expect(try await last.value == .ended)
    }

    /// Keeps what is written, and ends the watch after so many writes.
    private struct Writer: ResponseBodyWriter {
        let written: Written
        let heads: HeadWatch
        let limit: Int

        mutating func write(_ buffer: ByteBuffer) async throws {
            let count = written.add(String(buffer: buffer))
            if count == limit { await heads.end() }
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    private final class Written: Sendable {
        private let state = Mutex<[String]>([])
        var all: [String] { state.withLock { $0 } }

        func add(_ text: String) -> Int {
            state.withLock {
                $0.append(text)
                return $0.count
            }
        }
    }

    @Test func aStreamWithoutNewsShowsThatItStands() async throws {
        let workers = Workers(threadCount: 1)
        let heads = HeadWatch(path: path)
        var stream = StreamEvents(
            views: Views(path: path, clock: .system),
            doorkeeper: Doorkeeper(
                tokens: TokenBook(path: path), identities: nil, isReadingPublic: true,
                attempts: FailedAttempts(), rates: RequestRates(limit: 1), workers: workers,
                metrics: ServiceMetrics()),
            workers: workers, heads: heads, limits: ServiceLimits())
        stream.heartbeat = .milliseconds(1)
        let written = Written()
        var writer: any ResponseBodyWriter = Writer(written: written, heads: heads, limit: 3)
        var sent = EventStream(query: EntryQuery(), index: -1)
        try await stream.send(&sent, to: &writer) { .reader }
        await workers.stop()
        #expect(written.all == [":\nid: -1\n\n", ":\n\n", ":\n\n"])
    }

    @Test func streamsAreBoundedAndGiveTheirPlaceBack() throws {
        let seats = Seats(limit: 2)
        let first = try seats.take()
        do {
            _ = try seats.take()
        }
        var second: Seats.Seat? = try seats.take()
        #expect(throws: LedgerError.self) { _ = try seats.take() }
        first.leave()
        first.leave()
        let third = try seats.take()
        #expect(throws: LedgerError.self) { _ = try seats.take() }
        #expect(second != nil)
        second = nil
        _ = try seats.take()
        third.leave()
    }
}
