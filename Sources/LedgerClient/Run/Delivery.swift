import LedgerCore
import LedgerIngest

/// Brings a run's events to its ledger while the command runs: each is kept in the spool, then sent
/// by a thread of its own, after what waits there for the same ledger from before.
final class Delivery: Sendable {
    private struct Pending {
        let id: String
        let item: SpoolItem
        /// Its file in the spool; nil if it could not be written.
        let name: String?
    }

    private struct State {
        // In order; those that have no receipt yet.
        var pending: [Pending] = []
        var fates: [String: SpoolFate] = [:]
        // The pass in which a fate was last found, to tell a fresh failure from an old one.
        var fatePass: [String: Int] = [:]
        var passCount = 0
        var isAsked = false
        var isStopped = false
        var notes: [String] = []

        func isSettled(_ ids: [String], since pass: Int) -> Bool {
            ids.allSatisfy { id in
                switch fates[id] {
                case .recorded, .refused: true
                case .waiting(let error): error.code != .busy && fatePass[id, default: 0] >= pass
                case nil: false
                }
            }
        }
    }

    private static let retryMilliseconds: [Int64] = [100, 200, 400, 800, 1000]

    private let state = Monitor(State())
    private let spool: Spool?
    private let ledger: String
    private let record: Record
    private let executor = ThreadExecutor()

    init(spool: Spool?, ledger: String, record: @escaping Record) {
        self.spool = spool
        self.ledger = ledger
        self.record = record
        WorkerThread { [self] in work() }.detach()
    }

    /// What happened to files of the spool that are not this run's.
    var notes: [String] { state.change { $0.notes } }

    /// Keeps an event and begins to send it.
    ///
    /// - Throws: why the spool can't keep it; it is sent all the same.
    func add(_ item: SpoolItem, id: String) throws(LedgerError) {
        var name: String?
        defer {
            let pending = Pending(id: id, item: item, name: name)
            state.change {
                $0.pending.append(pending)
                $0.isAsked = true
            }
        }
        name = try spool?.add(item)
    }

    /// Waits until each of these events is recorded or refused, or until a fresh attempt has failed
    /// for a reason that waiting doesn't cure, or until the time is over or a signal comes: whoever
    /// presses Ctrl-C after the command's end doesn't want to wait for a ledger.
    func wait(for ids: [String], until deadline: Int64) -> [String: SpoolFate] {
        let neededPass = state.change { state in
            state.isAsked = true
            return state.passCount + 1
        }
        while ChildProcess.heldSignal == nil {
            let now = RunClock.monotonicMilliseconds()
            if now >= deadline { break }
            let settled = state.wait(until: min(deadline, now + 100)) { state in
                state.isSettled(ids, since: neededPass) ? state.fates : nil
            }
            if let settled { return settled }
        }
        return state.change { $0.fates }
    }

    /// No more is begun. What is under way may end, or be cut off by the end of the process.
    func stop() {
        state.change { $0.isStopped = true }
    }

    // MARK: The sending thread

    private func work() {
        var failureCount = 0
        while true {
            let places = Self.retryMilliseconds
            let pause = places[min(failureCount, places.count - 1)]
            let deadline = failureCount == 0 ? nil : RunClock.monotonicMilliseconds() + pause
            let isStopped = state.wait(until: deadline) { state -> Bool? in
                if state.isStopped { return true }
                if state.isAsked { return false }
                return nil
            }
            if isStopped == true { return }
            state.change {
                $0.isAsked = false
                $0.passCount += 1
            }
            failureCount = sendAll() ? 0 : failureCount + 1
        }
    }

    /// One pass over what waits for this ledger.
    ///
    /// - Returns: false if something still waits.
    private func sendAll() -> Bool {
        do throws(LedgerError) {
            guard let spool else { return sendPending() }
            // What never was in the spool must not wait for a lock in a folder that isn't there.
            guard state.change({ state in state.pending.contains { $0.name != nil } }) else {
                return sendPending()
            }
            guard let lock = try lock(spool) else { return false }
            spool.removeLeftovers()
            let isDone = try sendBacklog(of: spool) && sendPending()
            _ = consume lock
            return isDone
        } catch {
            settleAll(.waiting(error))
            return false
        }
    }

    private func lock(_ spool: Spool) throws(LedgerError) -> SpoolLock? {
        while true {
            if let lock = try SpoolLock.take(in: spool.waiting) { return lock }
            settleAll(.waiting(LedgerError(.busy, "another process is sending from the spool")))
            let soon = RunClock.monotonicMilliseconds() + 20
            let isStopped = state.wait(until: soon) { $0.isStopped ? true : nil }
            if isStopped == true { return nil }
        }
    }

    /// What lies in the spool for this ledger from others, up to the first file that must wait.
    private func sendBacklog(of spool: Spool) throws(LedgerError) -> Bool {
        let own = state.change { state in Set(state.pending.compactMap(\.name)) }
        let firstOwn = own.min()
        for name in try spool.waiting.names(suffix: Spool.suffix) where !own.contains(name) {
            // What others spooled after us can wait for them.
            if let firstOwn, name > firstOwn { continue }
            guard let item = try backlogItem(name, spool), item.ledger == ledger else { continue }
            let fate = try send(name, item, spool)
            switch fate {
            case .recorded: break
            case .refused(let error):
                note("\(item.summary), from before, was refused: \(error.message)")
            case .waiting:
                settleAll(fate)
                return false
            }
        }
        return true
    }

    private func backlogItem(_ name: String, _ spool: Spool) throws(LedgerError) -> SpoolItem? {
        do throws(LedgerError) {
            return try spool.item(name)
        } catch  where error.code == .invalidEvent {
            try spool.refuse(name, reason: error.message)
            note("\(name) in the spool is not readable and was put aside: \(error.message)")
        } catch {
            // Another process has sent it, or it can't be read now.
        }
        return nil
    }

    private func sendPending() -> Bool {
        for pending in state.change({ $0.pending }) {
            let fate: SpoolFate
            do throws(LedgerError) {
                fate = try send(pending.name, pending.item, spool)
            } catch {
                fate = .waiting(error)
            }
            if case .waiting = fate {
                settleAll(fate)
                return false
            }
            state.change { state in
                state.fates[pending.id] = fate
                state.pending.removeAll { $0.id == pending.id }
            }
        }
        return true
    }

    private func send(
        _ name: String?, _ item: SpoolItem, _ spool: Spool?
    ) throws(LedgerError) -> SpoolFate {
        let record = record
        let result = executor.run {
            guard let name, let spool else {
                return Result<SpoolFate, LedgerError>.success(await Spool.record(item, by: record))
            }
            do throws(LedgerError) {
                return .success(try await spool.send(name, item, record))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func settleAll(_ fate: SpoolFate) {
        state.change { state in
            for pending in state.pending {
                state.fates[pending.id] = fate
                state.fatePass[pending.id] = state.passCount
            }
        }
    }

    private func note(_ text: String) {
        state.change { if !$0.notes.contains(text) { $0.notes.append(text) } }
    }
}
