import LedgerCore
import LedgerCrypto

extension HistoryRow {
    /// Reads a row as `QueryRow` writes it: all that tables and records show of it. What is no part
    /// of that contract is not there.
    public init?(queryRow row: JSONObject) {
        func time(_ name: String) -> Timestamp? {
            (row[name]?.string).flatMap(Timestamp.init(rfc3339:))
        }
        guard let index = row["index"]?.integer,
            let hash = (row["hash"]?.string).flatMap({ Digest(hex: $0.utf8) }),
            let recorded = time("recorded"), let at = time("at"),
            let isTimeKnown = row["time_known"]?.bool
        else { return nil }
        var members = JSONObject()
        for (name, path) in Self.publicPaths {
            guard let value = row[name] else { continue }
            members.set(value, path: path[...])
        }
        var privateMembers = JSONObject()
        for name in Self.privateNames { privateMembers[name] = row[name] }
        var principal = row["principal"]?.object ?? JSONObject()
        privateMembers[EventSchema.principalName] = principal["name"]
        principal["name"] = nil
        self.init(
            index: index, firstIndex: row["first_index"]?.integer, hash: hash, recorded: recorded,
            at: at, isTimeKnown: isTimeKnown, members: members, privateMembers: privateMembers,
            principal: principal, correctedBy: row["corrected_by"]?.integer,
            strategy: row["strategy"]?.string, archivedBy: row["archived_by"]?.integer)
    }

    private static let publicPaths: [(name: String, path: [String])] =
        [
            "type", "service", "environment", "tenant", "region", "cluster", "database",
            "rollback", "review", "export", "source", "id", "about", "links", "labels",
        ].map { ($0, [$0]) } + [
            ("change", ["change", "id"]), ("name", ["change", "name"]),
            ("kind", ["change", "kind"]), ("class", ["change", "class"]),
            ("ticket", ["change", "ticket"]), ("digest", ["change", "digest"]),
            ("tool", ["change", "tool"]), ("deployment", ["deployment", "id"]),
            ("operation", ["deployment", "operation"]), ("status", ["deployment", "status"]),
            ("started", ["deployment", "started"]), ("ended", ["deployment", "ended"]),
            ("duration_ms", ["deployment", "duration_ms"]),
            ("attempt", ["deployment", "attempt"]), ("group", ["deployment", "group"]),
            ("exit_code", ["deployment", "exit_code"]), ("trigger", ["trigger", "kind"]),
            ("trigger_tool", ["trigger", "tool"]), ("run", ["trigger", "run"]),
            ("repository", ["git", "repository"]), ("commit", ["git", "commit"]),
            ("path", ["git", "path"]), ("override", ["override", "reasons"]),
        ]

    private static let privateNames = [
        "actor", "author", "requestor", "executed_as", "title", "message", "reason", "error",
        "command", "host",
    ]
}

extension FoldedRow {
    /// `{"fold":{…},"row":{…}}`, for a table that is drawn elsewhere.
    public func appendJSON(to buffer: inout [UInt8]) {
        CanonicalJSON.append(verbatim: "{", to: &buffer)
        if let fold {
            CanonicalJSON.append(verbatim: "\"fold\":", to: &buffer)
            CanonicalJSON.append(.object(fold.json), to: &buffer)
            CanonicalJSON.append(verbatim: ",", to: &buffer)
        }
        CanonicalJSON.append(verbatim: "\"row\":", to: &buffer)
        QueryRow.definition.appendJSON(of: row, to: &buffer)
        CanonicalJSON.append(verbatim: "}", to: &buffer)
    }

    public init?(json: JSONObject) {
        guard let row = (json["row"]?.object).flatMap(HistoryRow.init(queryRow:)) else {
            return nil
        }
        self.init(row: row, fold: (json["fold"]?.object).map(Fold.init(json:)))
    }
}

extension FoldedRow.Fold {
    fileprivate var json: JSONObject {
        var names = JSONObject()
        for (status, targets) in others {
            names[status.rawValue] = .array(targets.map(JSON.string))
        }
        return JSONObject([
            "longest_ms": (durationsMilliseconds?.upperBound).map(JSON.integer),
            "other_actors": .integer(Int64(otherActorCount)), "others": .object(names),
            "retried": .integer(Int64(retriedCount)),
            "shortest_ms": (durationsMilliseconds?.lowerBound).map(JSON.integer),
            "succeeded": .integer(Int64(succeededCount)),
            "targets": targetCount.map { .integer(Int64($0)) },
        ])
    }

    fileprivate init(json: JSONObject) {
        func count(_ name: String) -> Int { Int(json[name]?.integer ?? 0) }
        self.init()
        targetCount = json["targets"]?.integer.map { Int($0) }
        for member in json["others"]?.object?.members ?? [] {
            guard let status = DeploymentStatus(rawValue: member.name) else { continue }
            others[status] = member.value.array?.compactMap(\.string)
        }
        succeededCount = count("succeeded")
        retriedCount = count("retried")
        otherActorCount = count("other_actors")
        if let shortest = json["shortest_ms"]?.integer, let longest = json["longest_ms"]?.integer,
            shortest <= longest
        {
            durationsMilliseconds = shortest...longest
        }
    }
}
