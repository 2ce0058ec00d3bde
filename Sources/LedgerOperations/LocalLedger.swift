import Glibc
import LedgerCore
import LedgerCrypto
import LedgerStore
import Synchronization

/// A ledger in a file of this machine.
public final class LocalLedger: Ledger {
    public let path: String
    public let principal: Principal
    /// Tells of new entries of the file; of those recorded here at once.
    public let heads: HeadWatch
    let clock: Clock
    let store: SQLiteEntryStore
    private let sequencer: Sequencer
    private let preparation = Mutex(Preparation())

    public init(
        path: String, principal: Principal, lockTimeout: Duration = .seconds(10),
        clock: Clock = .system, waitingLimit: Int = Sequencer.waitingLimit
    ) throws(LedgerError) {
        self.path = path
        self.principal = principal
        self.clock = clock
        store = try SQLiteEntryStore(path: path, lockTimeout: lockTimeout)
        let heads = HeadWatch(path: path)
        self.heads = heads
        sequencer = Sequencer(store: store, clock: clock, waitingLimit: waitingLimit) {
            heads.nudge()
        }
    }

    public var log: String { store.log }

    public static func create(at path: String, log: String) throws(LedgerError) {
        try SQLiteEntryStore.create(at: path, log: log)
    }

    public func record(_ events: [Event], source: String) async throws(LedgerError) -> [Receipt] {
        try await record(events, source: source, as: nil)
    }

    /// - Parameter principal: who records them, if it is not who opened the ledger.
    public func record(
        _ events: [Event], source: String, as principal: Principal?
    ) async throws(LedgerError) -> [Receipt] {
        try await sequencer.submit(prepare(events, source: source, as: principal))
    }

    /// In one transaction.
    public func recordAll(
        source: String, next: @escaping @Sendable () throws(LedgerError) -> EventBatch?,
        recorded: ([Receipt]) -> Void
    ) throws(LedgerError) {
        let batches = Pipeline<[(line: Int, submission: Submission)]>(depth: 2) {
            [self] () throws(LedgerError) in
            guard let batch = try next() else { return nil }
            return zip(batch, prepare(batch.map(\.event), source: source)).map { ($0.line, $1) }
        }
        defer { batches.stop() }
        let sequencing = Sequencing(log: store.log)
        try store.write { writer in
            while let batch = try batches.next() {
                var receipts: [Receipt] = []
                receipts.reserveCapacity(batch.count)
                for item in batch {
                    do {
                        receipts += try sequencing.place(
                            [item.submission], in: writer, now: clock.now())
                    } catch let error as LedgerError where error.code == .conflict {
                        throw error.prefixed("line \(item.line)")
                    }
                }
                recorded(receipts)
            }
        }
    }

    public func recordEach(
        _ batch: EventBatch, source: String
    ) async throws(LedgerError) -> [Result<Receipt, LedgerError>] {
        let results = try await recordEach(batch.map(\.event), source: source, as: principal)
        return zip(batch, results).map { item, result in
            result.mapError { $0.code == .conflict ? $0.prefixed("line \(item.line)") : $0 }
        }
    }

    /// Records each event that can be recorded, in order.
    public func recordEach(
        _ events: [Event], source: String, as principal: Principal
    ) async throws(LedgerError) -> [Result<Receipt, LedgerError>] {
        try await sequencer.submitEach(prepare(events, source: source, as: principal))
    }

    /// - Throws: why nothing can be recorded now: the file can't be written, another process has it
    ///   for long, or there is hardly any room.
    public func checkWritable() throws(LedgerError) {
        var system = statvfs()
        if statvfs(path, &system) == 0 {
            let free = UInt64(system.f_bavail) * UInt64(system.f_frsize)
            if free < Self.leastRoom {
                throw LedgerError(.diskFull, "there is no room to write to \(path)")
            }
        }
        _ = try store.write { try $0.head() }
    }

    /// What a transaction may need, and some.
    private static let leastRoom: UInt64 = 1 << 20

    /// What was recorded through this value, and what waits.
    public var counts: Sequencer.Counts { sequencer.counts }

    public func reindex(progress: (Int64) -> Void) throws(LedgerError) {
        try store.reindex(progress: progress)
    }

    /// Copies a ledger's file as it stands, while others write to it.
    ///
    /// - Parameter progress: called now and then with the number of bytes done.
    /// - Returns: the head of the copy.
    public static func backUp(
        _ path: String, to destination: String, progress: (Int64) -> Void = { _ in }
    ) throws(LedgerError) -> Head {
        try SQLiteBackup.make(of: path, at: destination) { done, _ in progress(done) }
    }

    /// Copies the write-ahead log into the ledger's file and closes it.
    public func close() throws(LedgerError) {
        try store.close()
    }

    /// A new id, time-ordered.
    public func newID() -> String {
        preparation.withLock { $0.newID(at: clock.now()) }
    }

    func prepare(
        _ events: [Event], source: String, as other: Principal? = nil
    ) -> [Submission] {
        let principal = other ?? principal
        return preparation.withLock { preparation in
            events.map { event in
                let complete = event.withDefaults(
                    source: source, id: preparation.newID(at: clock.now()))
                return Submission(
                    event: complete, principal: principal, log: store.log,
                    random: &preparation.random, hasher: preparation.hasher)
            }
        }
    }
}

/// What is kept from one event to the next while they are made ready.
private struct Preparation: @unchecked Sendable {
    // Used under the mutex that holds it.
    var random = SecureRandom()
    let hasher = SHA256()

    mutating func newID(at time: Int64) -> String {
        TimeOrderedID.text(time: time, random: random.bytes(10))
    }
}
