import LedgerCore
import LedgerReport

/// The tokens that there were in a period, with what was recorded with each.
enum TokenUses {
    private struct Entries {
        var created: Int64?
        var createdBy: Principal?
        var revoked: Int64?
        var revokedBy: Principal?
    }

    static func read(_ view: LocalView, _ query: EntryQuery) throws(LedgerError) -> [TokenUse] {
        let stored = try view.reader.tokenEntries()
        var entries: [ExactText: Entries] = [:]
        for entry in stored {
            guard let body = entry.body.flatMap({ StoredBody($0) }),
                let id = body.event[["token", "id"]]?.string
            else { continue }
            let name = entry.disclosures.first { $0.name == EventSchema.principalName }?
                .value?.string
            let principal = Principal(json: body.principal, name: name)
            if body.event[["token", "action"]]?.string == "create" {
                entries[ExactText(id), default: Entries()].created = entry.index
                entries[ExactText(id), default: Entries()].createdBy = principal
            } else {
                entries[ExactText(id), default: Entries()].revoked = entry.index
                entries[ExactText(id), default: Entries()].revokedBy = principal
            }
        }
        let uses = try view.reader.tokenUses()
        var found: [TokenUse] = []
        for token in IssuedToken.all(in: stored).values {
            if let until = query.until, token.created >= until { continue }
            if let since = query.since, let revoked = token.revoked, revoked < since { continue }
            guard let entries = entries[ExactText(token.id)], let created = entries.created else {
                continue
            }
            let use = uses[ExactText(token.id)]
            found.append(
                TokenUse(
                    token: token, created: created, createdBy: entries.createdBy,
                    revoked: entries.revoked, revokedBy: entries.revokedBy,
                    entryCount: use?.count ?? 0,
                    firstUsed: try use.flatMap { (use) throws(LedgerError) in
                        try recorded(use.first, view)
                    },
                    lastUsed: try use.flatMap { (use) throws(LedgerError) in
                        try recorded(use.last, view)
                    }))
        }
        return found
    }

    private static func recorded(
        _ index: Int64, _ view: LocalView
    ) throws(LedgerError) -> Timestamp? {
        try view.reader.entry(at: index).flatMap { Leaf($0.leaf) }
            .map { Timestamp(milliseconds: $0.time) }
    }
}

extension Principal {
    /// As a body has it.
    init?(json: JSONObject, name: String?) {
        guard let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)),
            let id = json["id"]?.string
        else { return nil }
        self.init(kind: kind, id: id, name: name)
    }
}
