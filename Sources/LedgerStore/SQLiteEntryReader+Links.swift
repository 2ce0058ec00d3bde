import GRDB
import LedgerCore
import LedgerCrypto
import LedgerSQL

extension SQLiteEntryReader {
    public func scriptMatches(
        of changes: [String], in service: String, asOf: AsOf
    ) throws(LedgerError) -> [ScriptMatch] {
        if changes.isEmpty { return [] }
        return try readProjections { db in
            var search = try ScriptSearch(db, service, asOf)
            return try changes.flatMap { try search.matches(of: $0) }
        }
    }

    public func squashMatches(
        of groups: [[String]], in service: String, asOf: AsOf
    ) throws(LedgerError) -> [ScriptMatch] {
        if groups.isEmpty { return [] }
        return try readProjections { db in
            let search = try ScriptSearch(db, service, asOf)
            return try groups.flatMap { try search.matches(ofParts: $0) }
        }
    }
}

/// Looks for the merges that brought what a change ran with.
private struct ScriptSearch {
    /// What a script is known by, and where it stands.
    private struct Key {
        let sql: String
        let join: String

        static let digest = Key(sql: "event.digest", join: "")
        static let blob = Key(
            sql: "json_extract(coalesce(body.bytes, carried.bytes), '$.event.git.blob')",
            join: """
                LEFT JOIN body ON body.idx = event.idx
                LEFT JOIN carried ON carried.idx = event.idx
                """)
    }

    private struct Merge {
        let change: String
        let index: Int64
        let at: Int64
    }

    private let db: Database
    private let service: String
    private let asOf: AsOf
    // By the script's digest, and by the blob's id in Git; the first of each change.
    private var scripts: [String: [Merge]] = [:]
    private var blobs: [String: [Merge]]?
    private let hasher = SHA256()

    init(_ db: Database, _ service: String, _ asOf: AsOf) throws {
        self.db = db
        self.service = service
        self.asOf = asOf
        scripts = try merges(.digest)
    }

    private func merges(_ key: Key) throws -> [String: [Merge]] {
        let statement = try RawStatement(
            db,
            """
            SELECT \(key.sql), change, min(event.idx), min(event.at)
            FROM event INDEXED BY event_type \(key.join)
            WHERE type <> 'deployment' AND type = 'merge' AND service = ? AND latest
                AND \(key.sql) IS NOT NULL AND change IS NOT NULL AND \(time)
            GROUP BY 1, 2 ORDER BY 3
            """, arguments: [service.databaseValue])
        defer { statement.reset() }
        var merges: [String: [Merge]] = [:]
        while try statement.step() {
            merges[statement.text(0) ?? "", default: []].append(
                Merge(
                    change: statement.text(1) ?? "", index: statement.integer(2),
                    at: statement.integer(3)))
        }
        return merges
    }

    private var time: String {
        "event.at <= \(asOf.at ?? .max) AND event.idx <= \(asOf.index ?? .max)"
    }

    mutating func matches(of change: String) throws -> [ScriptMatch] {
        let ran = try observed(change, .digest)
        var found = ran.flatMap { script in
            matches(change, .script, script.index, scripts[script.name] ?? [])
        }
        if found.isEmpty {
            let ran = try observed(change, .blob)
            if !ran.isEmpty, blobs == nil { blobs = try merges(.blob) }
            found = ran.flatMap { matches(change, .blob, $0.index, blobs?[$0.name] ?? []) }
        }
        if !found.isEmpty { return found }
        return try ran.flatMap { script -> [ScriptMatch] in
            guard let bytes = try bytes(script.name) else { return [] }
            return matches(change, .text, script.index, try merges(withTextOf: bytes))
        }
    }

    private func matches(
        _ change: String, _ likeness: ScriptMatch.Likeness, _ index: Int64, _ merges: [Merge]
    ) -> [ScriptMatch] {
        merges.filter { !$0.change.hasSameBytes(as: change) }.map {
            ScriptMatch(
                change: change, merged: $0.change, likeness: likeness, entries: [index, $0.index],
                mergedAt: $0.at)
        }
    }

    /// What it ran or was merged with, each once: a script that undoes it is not it.
    private func observed(
        _ change: String, _ key: Key, types: String = "'deployment', 'merge'"
    ) throws -> [(name: String, index: Int64)] {
        let statement = try RawStatement(
            db,
            """
            SELECT \(key.sql), min(event.idx)
            FROM event INDEXED BY event_change \(key.join)
            WHERE change = ? AND service = ? AND latest AND type IN (\(types))
                AND operation IS NOT 'revert' AND \(key.sql) IS NOT NULL AND \(time)
            GROUP BY 1 ORDER BY 2
            """, arguments: [change.databaseValue, service.databaseValue])
        defer { statement.reset() }
        var names: [(name: String, index: Int64)] = []
        while try statement.step() {
            names.append((statement.text(0) ?? "", statement.integer(1)))
        }
        return names
    }

    func matches(ofParts changes: [String]) throws -> [ScriptMatch] {
        var script: [UInt8] = []
        var last: Int64 = 0
        for change in changes {
            // What was merged last; its deletion brought none.
            guard let part = try observed(change, .digest, types: "'merge'").last,
                let bytes = try bytes(part.name)
            else { return [] }
            script += bytes + Array("\n;\n".utf8)
            last = part.index
        }
        guard let change = changes.last else { return [] }
        return matches(change, .parts, last, try merges(withTextOf: script)).filter { match in
            !changes.contains { $0.hasSameBytes(as: match.merged) }
        }
    }

    private func bytes(_ digest: String) throws -> [UInt8]? {
        guard let key = Digest(hex: Array(digest.utf8.dropFirst("sha256:".utf8.count))) else {
            return nil
        }
        let attachment = try RawStatement(
            db, "SELECT bytes FROM attachment WHERE digest = ?", isCached: true)
        attachment.bind(key, at: 1)
        defer { attachment.reset() }
        return try attachment.step() ? attachment.bytes(0).map(Array.init) : nil
    }

    private func merges(withTextOf script: [UInt8]) throws -> [Merge] {
        let statement = try RawStatement(
            db,
            """
            SELECT merge_text.change, event.idx, event.at
            FROM merge_text JOIN event ON event.idx = merge_text.idx
            WHERE merge_text.service = ? AND text = ? AND event.idx <= \(asOf.index ?? .max)
            """, isCached: true)
        statement.bind(service, at: 1)
        statement.bind(SQLScript(script).textDigest(hasher), at: 2)
        defer { statement.reset() }
        var merges: [Merge] = []
        while try statement.step() {
            merges.append(
                Merge(
                    change: statement.text(0) ?? "", index: statement.integer(1),
                    at: statement.integer(2)))
        }
        return merges
    }
}
