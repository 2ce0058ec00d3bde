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
        var quiet: Set<ExactText> = []
        try reader.forEachFact([.acknowledgement], of: [], asOf: .now) { row in
            let isOver = row.time("until").map { $0 <= now } ?? false
            for item in row.members["about"]?.array ?? [] {
                guard let id = item.object?["finding"]?.string.map(ExactText.init) else { continue }
                // The last word counts.
                if isOver { quiet.remove(id) } else { quiet.insert(id) }
            }
        }
        return quiet
    }

    /// Those that were not lifted, also when they are over.
    func freezes() throws(LedgerError) -> [Freeze] {
        var freezes: [Freeze] = []
        try reader.forEachFact([.freeze], of: [], asOf: .now) { row in
            let row = role.seen(row)
            guard row.string("freeze", "action") == "lift" else {
                freezes.append(
                    Freeze(
                        index: row.index, target: row.target, from: row.time("freeze", "from"),
                        until: row.time("freeze", "until"), reason: row.privateString("reason")))
                return
            }
            let lifted = (row.members["about"]?.array ?? []).compactMap {
                $0.object?["entry"]?.integer
            }
            freezes.removeAll { lifted.contains($0.index) }
        }
        return freezes
    }
}
