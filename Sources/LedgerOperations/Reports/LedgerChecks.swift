import LedgerCore
import LedgerProof
import LedgerReport

/// What there is to look at in the ledger itself.
enum LedgerChecks {
    static func read(_ view: LocalView) throws(LedgerError) -> [LedgerCheck] {
        let head = try view.head()
        let verdict = try LocalLedger.verify(at: view.path)
        let held = try view.reader.heldEntries()
        var checks = [
            LedgerCheck("log", view.reader.log),
            LedgerCheck("head", head.index < 0 ? "the ledger is empty" : head.text),
            LedgerCheck(
                "entries", isRight: held.leafCount == head.entryCount,
                "\(held.leafCount) of \(head.entryCount) are there"),
            LedgerCheck(
                "verification", isRight: verdict.problems.count == 0,
                verdict.problems.count == 0
                    ? "leaves, chain, streams, bodies, private values, attachments and projections "
                        + "are as they were recorded"
                    : "\(verdict.problems.count) problems"),
            LedgerCheck("streams", "\(verdict.streamCount)"),
            LedgerCheck("private values", "\(verdict.disclosureCount)"),
            LedgerCheck("attachments", "\(verdict.attachmentCount)"),
        ]
        for problem in verdict.problems.kept {
            let place = problem.index.map { "#\($0) " } ?? ""
            checks.append(
                LedgerCheck(problem.code.rawValue, isRight: false, place + problem.detail))
        }
        checks.append(
            LedgerCheck(
                "clock", isRight: verdict.warnings.count == 0,
                verdict.warnings.count == 0
                    ? "no entry is older than the one before it"
                    : "\(verdict.warnings.count) entries are older than the one before them"))
        for type in [EventType.correction, .redaction, .archive, .restore, .export, .override] {
            var count = 0
            try view.reader.forEachFact([type], of: [], asOf: .now) { _ in count += 1 }
            checks.append(LedgerCheck("entries of type \(type.rawValue)", "\(count)"))
        }
        return checks
    }
}
