import LedgerCore
import LedgerCorrelation

extension LocalLedger {
    public func redact(_ request: RedactionRequest) async throws(LedgerError) -> Redaction {
        try redact(request, as: principal)
    }

    /// Erases private members of entries, and records that in the same transaction.
    ///
    /// - Throws: `notFound`, `exists` or `notAllowed` as `Eraser` says, and nothing is erased then.
    ///   What was erased before may still stand in old pages: they go, if nobody reads them.
    public func redact(
        _ request: RedactionRequest, as principal: Principal
    ) throws(LedgerError) -> Redaction {
        let members = Set(request.members.map(ExactText.init)).sorted().map(\.text)
        if members.isEmpty || request.indexes.isEmpty {
            throw LedgerError(
                .usage, "it is not said what to erase", advice: "ledger redact 12 --member actor")
        }
        var words = StandIns()
        let view = try LocalView(path: path)
        let erasures = try Set(request.indexes).sorted().map { (index) throws(LedgerError) in
            let entry = try members.contains("actor") ? view.reader.entry(at: index) : nil
            return Erasure(
                index: index, members: members, stand: entry.flatMap { words.stand(forActorOf: $0) }
            )
        }
        // What is still read would hold old pages.
        try view.close()
        do throws(LedgerError) {
            return try erase(erasures, request.why, as: principal)
        } catch {
            if error.code == .exists { try store.emptyLog() }
            throw error
        }
    }

    func erase(
        _ erasures: [Erasure], _ why: ErasureReason, as principal: Principal
    ) throws(LedgerError) -> Redaction {
        let persons = try LocalView(path: path).persons()
        var redaction = try store.write { writer in
            let eraser = try Eraser(erasures, in: writer, persons: persons)
            let sequencing = Sequencing(log: log)
            var redaction = Redaction()
            redaction.kept = eraser.kept
            redaction.siblings = eraser.siblings
            redaction.entryCount = Set(erasures.map(\.index)).count
            for group in eraser.groups {
                let now = clock.now()
                let event = try group.event(why, at: Timestamp(milliseconds: now))
                redaction.receipts += try sequencing.place(
                    prepare([event], source: "ledger", as: principal), in: writer, now: now)
                try writer.erase(group.members, of: group.indexes, bytes: group.bytes)
                redaction.memberCount += group.indexes.count * group.members.count
            }
            return redaction
        }
        heads.nudge()
        do throws(LedgerError) {
            try store.emptyLog()
        } catch {
            redaction.leftover = error
        }
        return redaction
    }
}
