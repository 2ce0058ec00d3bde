import LedgerCore
import LedgerCorrelation
import LedgerCrypto

/// What somebody has decided about findings and gates.
extension LocalView {
    /// The policy that was applied last.
    func policy() throws(LedgerError) -> Policy {
        var digest: String?
        try reader.forEachFact([.policy], of: [], asOf: .now) {
            digest = $0.string("policy", "digest")
        }
        guard let digest, let key = Digest(hex: Array(digest.utf8.dropFirst("sha256:".utf8.count)))
        else { return Policy() }
        guard let bytes = try reader.attachment(key) else {
            throw LedgerError(
                .notFound, "the policy in force, \(digest), is not in the ledger",
                advice: "apply it again: ledger config apply")
        }
        do {
            return try Policy(json: JSONReader.read(bytes))
        } catch {
            let reason = (error as? LedgerError)?.message ?? "\(error)"
            throw LedgerError(
                .invalidEvent, "the policy in force can't be read: \(reason)",
                advice: "ledger config apply puts that of ledger.yaml in its place")
        }
    }

    /// The ids of findings that are kept quiet at a moment.
    func acknowledged(at now: Timestamp) throws(LedgerError) -> Set<ExactText> {
        Set(try acknowledgements(at: now).keys)
    }

    /// What keeps findings quiet at a moment, by the findings' ids.
    func acknowledgements(at now: Timestamp) throws(LedgerError) -> [ExactText: HistoryRow] {
        var quiet: [ExactText: HistoryRow] = [:]
        try reader.forEachFact([.acknowledgement], of: [], asOf: .now) { row in
            let isOver = row.time("until").map { $0 <= now } ?? false
            for item in row.members["about"]?.array ?? [] {
                guard let id = item.object?["finding"]?.string.map(ExactText.init) else { continue }
                // The last word counts.
                quiet[id] = isOver ? nil : row
            }
        }
        return quiet
    }

    /// Those that were not lifted, also when they are over.
    func freezes() throws(LedgerError) -> [Freeze] {
        let all = try readFreezes()
        return all.declared.filter { all.lifted[$0.index] == nil }
    }

    /// Those that ever held: each ends when it was lifted, and begins when it was declared if it
    /// doesn't say.
    func allFreezes() throws(LedgerError) -> [Freeze] {
        let all = try readFreezes()
        return all.declared.map { freeze in
            let ends = [freeze.until, all.lifted[freeze.index]].compactMap(\.self)
            return Freeze(
                index: freeze.index, target: freeze.target,
                from: freeze.from ?? all.recorded[freeze.index], until: ends.min(),
                reason: freeze.reason)
        }
    }

    private struct Freezes {
        var declared: [Freeze] = []
        var recorded: [Int64: Timestamp] = [:]
        var lifted: [Int64: Timestamp] = [:]
    }

    private func readFreezes() throws(LedgerError) -> Freezes {
        var freezes = Freezes()
        try reader.forEachFact([.freeze], of: [], asOf: .now) { row in
            let row = role.seen(row)
            if row.string("freeze", "action") == "lift" {
                for item in row.members["about"]?.array ?? [] {
                    guard let index = item.object?["entry"]?.integer, index < row.index else {
                        continue
                    }
                    freezes.lifted[index] = min(freezes.lifted[index] ?? row.at, row.at)
                }
                return
            }
            freezes.recorded[row.index] = row.at
            freezes.declared.append(
                Freeze(
                    index: row.index, target: row.target, from: row.time("freeze", "from"),
                    until: row.time("freeze", "until"), reason: row.privateString("reason")))
        }
        return freezes
    }
}
