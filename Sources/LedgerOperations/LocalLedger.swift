import LedgerCore
import LedgerCrypto
import LedgerStore
import Synchronization

/// A ledger in a file of this machine.
public final class LocalLedger: Ledger {
    public let path: String
    public let principal: Principal
    private let clock: Clock
    private let store: SQLiteEntryStore
    private let sequencer: Sequencer
    private let preparation = Mutex(Preparation())

    public init(
        path: String, principal: Principal, lockTimeout: Duration = .seconds(10),
        clock: Clock = .system
    ) throws(LedgerError) {
        self.path = path
        self.principal = principal
        self.clock = clock
        store = try SQLiteEntryStore(path: path, lockTimeout: lockTimeout)
        sequencer = Sequencer(store: store, clock: clock)
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

    /// Records each event that can be recorded, in one transaction.
    public func recordEach(
        _ batch: EventBatch, source: String
    ) throws(LedgerError) -> [Result<Receipt, LedgerError>] {
        let submissions = prepare(batch.map(\.event), source: source)
        let sequencing = Sequencing(log: store.log)
        return try store.write { writer in
            try zip(batch, submissions).map { item, submission in
                do {
                    let receipts = try sequencing.place([submission], in: writer, now: clock.now())
                    return .success(receipts[0])
                } catch let error as LedgerError where error.code == .conflict {
                    return .failure(error.prefixed("line \(item.line)"))
                }
            }
        }
    }

    public func reindex(progress: (Int64) -> Void) throws(LedgerError) {
        try store.reindex(progress: progress)
    }

    /// Copies the write-ahead log into the ledger's file and closes it.
    public func close() throws(LedgerError) {
        try store.close()
    }

    /// A new id, time-ordered.
    public func newID() -> String {
        preparation.withLock { $0.newID(at: clock.now()) }
    }

    private func prepare(
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
