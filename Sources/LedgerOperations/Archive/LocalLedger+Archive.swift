import LedgerCore
import LedgerCorrelation
import LedgerStore

extension LocalLedger {
    /// What an archive brought.
    public struct Archived: Sendable {
        public let receipt: Receipt
        public let manifest: ArchiveManifest
        /// The write-ahead log could not be emptied: why.
        public let leftover: LedgerError?
    }

    /// Writes what was recorded before a moment to a new folder, reads it back, records it, and takes
    /// it out of the ledger. Until it is recorded, all of it is still in the ledger.
    ///
    /// - Parameter progress: called now and then with the number of entries done.
    /// - Returns: nil if there is nothing to archive.
    public func archive(
        before: Timestamp, to folder: String, reason: String? = nil,
        progress: (Int64) -> Void = { _ in }
    ) throws(LedgerError) -> Archived? {
        guard before.milliseconds <= clock.now() else {
            throw LedgerError(
                .usage, "\(before.utc) is not over yet", advice: "archive what is past")
        }
        let reader = try SQLiteEntryReader(path: path)
        let written: WrittenArchive?
        do throws(LedgerError) {
            written = try reader.writeArchive(before: before, to: folder, progress: progress)
        } catch {
            try? reader.close()
            throw error
        }
        // Who reads keeps the write-ahead log from being emptied.
        try reader.close()
        guard let written else { return nil }
        do throws(LedgerError) {
            var object = JSONObject(["archive": .object(written.manifest.member)])
            object.set("archive", at: "type")
            object.set(reason, at: "reason")
            let record = try recording(object)
            let persons = try LocalView(path: path).persons()
            let receipt = try store.archive(written) { writer in
                let holds = Holds(try writer.entries(of: .hold), persons: persons)
                try checkHolds(holds, written.manifest.first...written.manifest.last)
                return try record(writer)
            }
            heads.nudge()
            return Archived(
                receipt: receipt, manifest: written.manifest, leftover: emptyLog())
        } catch {
            written.discard()
            throw error
        }
    }

    /// Puts what an archive of this ledger holds back.
    public func restore(
        _ folder: String, reason: String? = nil, progress: (Int64) -> Void = { _ in }
    ) throws(LedgerError) -> Receipt {
        let reader = try SQLiteEntryReader(path: path)
        let archive: Int64
        do throws(LedgerError) {
            archive = try reader.checkedArchive(folder, progress: progress)
        } catch {
            try? reader.close()
            throw error
        }
        try reader.close()
        let about = JSONObject(["entry": .integer(archive)])
        var object = JSONObject(["about": .array([.object(about)])])
        object.set("restore", at: "type")
        object.set(
            .object(try SQLiteEntryReader.manifest(of: folder).member), at: "archive")
        object.set(reason, at: "reason")
        let receipt = try store.restore(folder, of: archive, record: try recording(object))
        heads.nudge()
        return receipt
    }

    /// - Throws: `notAllowed`, with the matter, if one of these entries is held.
    private func checkHolds(_ holds: Holds, _ range: ClosedRange<Int64>) throws(LedgerError) {
        if holds.standing.isEmpty { return }
        let view = try LocalView(path: path)
        try view.forEachEntry(in: range.lowerBound..<range.upperBound + 1, isReversed: false) {
            try holds.check($0.stored)
            return true
        }
        try view.close()
    }

    private func recording(
        _ object: JSONObject
    ) throws(LedgerError) -> (any EntryWriter) throws -> Receipt {
        let event = try EventReader.event(from: object, mayBeOwn: true)
        let submissions = prepare([event], source: "ledger")
        let sequencing = Sequencing(log: store.log)
        let now = clock.now()
        return { writer in
            guard let receipt = try sequencing.place(submissions, in: writer, now: now).first
            else { throw LedgerError.noReceipt }
            return receipt
        }
    }

    private func emptyLog() -> LedgerError? {
        do throws(LedgerError) {
            try store.emptyLog()
            return nil
        } catch {
            return error
        }
    }
}
