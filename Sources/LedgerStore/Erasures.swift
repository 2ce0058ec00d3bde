import GRDB
import LedgerCore
import LedgerCrypto

/// What redactions have erased.
enum Erasures {
    static let script = EventSchema.attachmentPrefix + Attachment.script

    /// - Parameter source: where the entries are, if not in `db`.
    static func erasures(
        of index: Int64, _ db: Database, readingFrom source: Database? = nil
    ) throws -> [ErasedMember] {
        let about = try RawStatement(
            db, "SELECT idx FROM about WHERE entry = ? ORDER BY idx", isCached: true)
        about.bind(index, at: 1)
        var indexes: [Int64] = []
        while try about.step() { indexes.append(about.integer(0)) }
        return try indexes.flatMap { redaction -> [ErasedMember] in
            let entry = try RawStatement(
                source ?? db,
                """
                SELECT entry.leaf, body.bytes FROM entry JOIN body ON body.idx = entry.idx
                WHERE entry.idx = ?
                """, isCached: true)
            entry.bind(redaction, at: 1)
            defer { entry.reset() }
            guard try entry.step(), let leaf = entry.bytes(0).flatMap({ Leaf($0) }),
                let event = entry.bytes(1).flatMap({ StoredBody(Array($0)) })?.event,
                event["type"]?.string == EventType.redaction.rawValue
            else { return [] }
            return event.redactedMembers.map {
                ErasedMember(
                    name: $0, by: redaction, at: Timestamp(milliseconds: leaf.time))
            }
        }
    }

    static func isErased(
        _ member: String, of index: Int64, _ db: Database, readingFrom source: Database
    ) throws -> Bool {
        try erasures(of: index, db, readingFrom: source)
            .contains { $0.name.hasSameBytes(as: member) }
    }
}

extension JSONObject {
    /// Of a redaction: what it erases, and of which entries.
    var redactedMembers: [String] {
        self[["redaction", "members"]]?.array?.compactMap(\.string) ?? []
    }

    var redactedEntries: [Int64] {
        self["about"]?.array?.compactMap { $0.object?["entry"]?.integer } ?? []
    }

    func redacts(_ member: String) -> Bool {
        redactedMembers.contains { $0.hasSameBytes(as: member) }
    }
}

extension SQLiteEntryWriter {
    func entry(at index: Int64) throws -> StoredEntry? {
        try EntryRow.fetch(db, index: index)
    }

    func entries(of type: EventType) throws -> [StoredEntry] {
        let indexes = try Int64.fetchAll(
            db,
            sql: "SELECT idx FROM event WHERE type <> 'deployment' AND type = ? ORDER BY idx",
            arguments: [type.rawValue])
        return try indexes.compactMap { try EntryRow.fetch(db, index: $0) }
    }

    func erasures(of index: Int64) throws -> [ErasedMember] {
        try Erasures.erasures(of: index, db)
    }

    func siblings(of index: Int64) throws -> [Int64] {
        try Int64.fetchAll(
            db,
            sql: """
                SELECT other.idx FROM event JOIN event AS other USING (deployment)
                WHERE event.idx = ? AND other.idx <> event.idx ORDER BY other.idx
                """, arguments: [index])
    }

    func references(to digests: Set<Digest>) throws -> [Digest: [MemberReference]] {
        if digests.isEmpty { return [:] }
        // Of most entries neither names any bytes.
        let rows = try RawStatement(
            db,
            """
            SELECT \(EntryRow.columns) \(EntryRow.source)
            WHERE instr(body.bytes, 'size":') > 0 OR instr(private.other, '"attachment:') > 0
            ORDER BY entry.idx
            """)
        defer { rows.reset() }
        var found: [Digest: [MemberReference]] = [:]
        while try rows.step() {
            let entry = try EntryRow.entry(in: rows)
            for (member, digest) in entry.attachments where digests.contains(digest) {
                found[digest, default: []].append(
                    MemberReference(index: entry.index, member: member))
            }
        }
        // Archived entries need the bytes of their scripts too.
        for digest in digests {
            let archived = try Int64.fetchAll(
                db, sql: "SELECT idx FROM carried WHERE instr(bytes, ?) > 0",
                arguments: [Attachment.text(of: digest)])
            found[digest, default: []] += archived.map {
                MemberReference(index: $0, member: Erasures.script)
            }
        }
        return found
    }

    func erase(_ members: [String], of indexes: [Int64], bytes digests: [Digest]) throws {
        // Before the values that name them: see the trigger.
        for digest in digests {
            let statement = try RawStatement(db, "DELETE FROM attachment WHERE digest = ?")
            statement.bind(digest, at: 1)
            try statement.run()
            try projector.eraseBytes(of: digest)
        }
        let columns = PrivateColumns.names.filter { name in
            members.contains { $0.hasSameBytes(as: name) }
        }
        let values =
            columns.map { "\($0) = NULL" } + [
                """
                other = (SELECT nullif(json_group_array(json(value)), '[]')
                    FROM json_each(other)
                    WHERE json_extract(value, '$[1]') NOT IN (SELECT value FROM json_each(?)))
                """
            ]
        let names = CanonicalJSON.bytes(.array(members.map(JSON.string)))
        for index in indexes {
            try db.execute(
                sql: "UPDATE private SET \(values.joined(separator: ", ")) WHERE idx = ?",
                arguments: [String(decoding: names, as: UTF8.self), index])
            try projector.erase(members, of: index)
        }
    }
}
