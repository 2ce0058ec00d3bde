import Glibc
import LedgerCore

/// Records events in one ledger, all or none.
public typealias Record = @Sendable ([Event]) async throws(LedgerError) -> [Receipt]

/// What became of a file of the spool.
public enum SpoolFate: Sendable {
    case recorded(Receipt)
    /// The ledger will never take it as it is.
    case refused(LedgerError)
    /// It stays, and so does everything after it for the same ledger.
    case waiting(LedgerError)
}

/// What `send` did.
public struct SpoolSending: Sendable {
    public internal(set) var recordedCount = 0
    public internal(set) var refusedCount = 0
    public internal(set) var waitingCount = 0
    /// For each ledger that can't be written to now, why.
    public internal(set) var failures: [(ledger: String, error: LedgerError)] = []
}

extension Spool {
    /// Sends what waits, in order for each ledger, and removes what has its receipt.
    ///
    /// - Parameters:
    ///   - connect: gives the way into a ledger by its address. Called once for each.
    ///   - progress: told of each file.
    /// - Throws: `busy` while another process sends.
    public func send(
        connect: @Sendable (_ ledger: String) async throws(LedgerError) -> Record,
        progress: @Sendable (_ name: String, SpoolFate) -> Void = { _, _ in }
    ) async throws(LedgerError) -> SpoolSending {
        var sending = SpoolSending()
        if try waiting.names(suffix: Self.suffix).isEmpty { return sending }
        guard let lock = try SpoolLock.take(in: waiting) else {
            throw LedgerError(.busy, "another process is sending from this spool")
        }
        removeLeftovers()
        var connections: [String: Record] = [:]
        for name in try waiting.names(suffix: Self.suffix) {
            guard let item = try readable(name, progress: progress, counting: &sending) else {
                continue
            }
            if sending.failures.contains(where: { $0.ledger == item.ledger }) {
                sending.waitingCount += 1
                continue
            }
            let fate: SpoolFate
            do throws(LedgerError) {
                let record: Record
                if let known = connections[item.ledger] {
                    record = known
                } else {
                    record = try await connect(item.ledger)
                    connections[item.ledger] = record
                }
                fate = try await send(name, item, record)
            } catch {
                fate = .waiting(error)
            }
            count(fate, item, in: &sending)
            progress(name, fate)
        }
        _ = consume lock
        return sending
    }

    private func count(_ fate: SpoolFate, _ item: SpoolItem, in sending: inout SpoolSending) {
        switch fate {
        case .recorded: sending.recordedCount += 1
        case .refused: sending.refusedCount += 1
        case .waiting(let error):
            sending.waitingCount += 1
            sending.failures.append((item.ledger, error))
        }
    }

    /// Reads a file; what is none of ours goes to `refused`, so that it never blocks the rest.
    private func readable(
        _ name: String, progress: (String, SpoolFate) -> Void, counting sending: inout SpoolSending
    ) throws(LedgerError) -> SpoolItem? {
        do throws(LedgerError) {
            return try item(name)
        } catch  where error.code == .invalidEvent {
            try refuse(name, reason: error.message)
            sending.refusedCount += 1
            progress(name, .refused(error))
            return nil
        } catch {
            // Gone in the meantime: its own run has sent it.
            if access("\(waiting.path)/\(name)", F_OK) != 0 { return nil }
            throw error
        }
    }

    /// Sends one file and removes it, or puts it aside.
    ///
    /// - Throws: an error of the spool itself.
    func send(_ name: String, _ item: SpoolItem, _ record: Record) async throws(LedgerError)
        -> SpoolFate
    {
        let fate = await Self.record(item, by: record)
        switch fate {
        case .recorded:
            try waiting.remove(name)
        case .refused(let error): try refuse(name, reason: error.description)
        case .waiting: break
        }
        return fate
    }

    /// Records one event, and tells what the ledger will never take from what it can't take now.
    static func record(_ item: SpoolItem, by record: Record) async -> SpoolFate {
        do throws(LedgerError) {
            let receipts = try await record([item.read()])
            guard let receipt = receipts.first else {
                throw LedgerError(.internal, "the ledger gave no receipt")
            }
            return .recorded(receipt)
        } catch {
            switch error.code {
            case .invalidEvent, .conflict, .usage, .notAllowed, .tooLarge: return .refused(error)
            default: return .waiting(error)
            }
        }
    }

    /// Half-written files of processes that were killed. One that is being written now is younger.
    func removeLeftovers() {
        guard let directory = opendir(path) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix("."), name.hasSuffix(".tmp") else { continue }
            var status = stat()
            if stat("\(path)/\(name)", &status) == 0, time(nil) - status.st_mtim.tv_sec > 3600 {
                unlink("\(path)/\(name)")
            }
        }
    }
}
