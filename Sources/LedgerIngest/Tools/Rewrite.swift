import LedgerCore
import LedgerCrypto

/// Of one row of a tool's own history: what stood there when it was read before, and what stands there
/// now.
struct Rewrite {
    let row: String
    let change: String
    /// `change`, `outcome`, `checksum`; `row` for one that is gone.
    let member: String
    var before: String?
    var after: String?

    private static let countInEvent = 100
    private static let shownCount = 5

    /// What differs.
    static func all(
        of row: String, _ before: KnownRows.State, _ now: KnownRows.State
    ) -> [Rewrite] {
        [
            ("change", before.change, now.change), ("outcome", before.outcome, now.outcome),
            ("checksum", before.checksum, now.checksum),
        ].filter { $0.1 != $0.2 }.map { member, was, isNow in
            Rewrite(row: row, change: now.change, member: member, before: was, after: isNow)
        }
    }

    /// What a person should know, a line each.
    static func remarks(_ rewrites: [Rewrite]) -> [String] {
        let more = rewrites.count - shownCount
        return rewrites.prefix(shownCount).map { rewrite in
            "rewritten: \(rewrite.row), \(rewrite.member) was \(rewrite.before ?? "nothing"), "
                + (rewrite.after.map { "is \($0)" } ?? "is gone")
        } + (more > 0 ? ["rewritten: \(more) more"] : [])
    }

    /// Members of events of type `snapshot`, one for each hundred of them.
    ///
    /// - Parameters:
    ///   - base: what they have in common.
    ///   - digest: of what was read.
    ///   - lastIndex: the last entry that was compared with: the same again is the same; once more
    ///     after it was put back is not.
    static func events(
        _ rewrites: [Rewrite], _ base: JSONObject, table: String, rowCount: Int, digest: Digest,
        after lastIndex: Int64
    ) -> [JSONObject] {
        stride(from: 0, to: rewrites.count, by: countInEvent).map { start in
            let items = rewrites[start...].prefix(countInEvent).map(\.json)
            var event = base
            event.set("snapshot", at: "type")
            event.set(Attachment.text(of: digest), at: "snapshot", "digest")
            event.set(table, at: "snapshot", "table")
            event.set(.integer(Int64(rowCount)), at: "snapshot", "rows")
            event.set(.array(items), at: "snapshot", "rewritten")
            var identity = event
            identity["after"] = .integer(lastIndex)
            let hash = SHA256.hash(CanonicalJSON.bytes(.object(identity))).hex
            event.set("rewrite:" + hash, at: "id")
            return event
        }
    }

    private var json: JSON {
        .object(
            JSONObject([
                "after": after.line(600).map(JSON.string),
                "before": before.line(600).map(JSON.string), "change": .string(change),
                "member": .string(member), "row": .string(row),
            ]))
    }
}
