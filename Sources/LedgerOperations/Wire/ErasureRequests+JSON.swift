import LedgerCore

// ErasureRequests+JSON.swift
//
//    {"actor":"ann","entries":[12,13],"members":["actor","attachment:output"],"reason":"…"}
//    {"actor":"ann","keep":["attachment:script"],"person":"alice@example.com","reason":"…"}
//    {"action":"add","actor":"ann","environment":"prod","matter":"case-14",
//     "person":"alice@example.com","reason":"…","service":"orders"}
//
// A redaction, a person to be forgotten, a hold; `action` is add or lift. The actor, `keep` and
// where a hold holds may be absent.

extension RedactionRequest {
    public var json: JSONObject {
        why.json.merging(
            JSONObject([
                "entries": .array(indexes.map(JSON.integer)),
                "members": .array(members.map(JSON.string)),
            ]))
    }

    /// - Throws: `usage` that names the member which can't be taken.
    public init(json: JSONObject) throws(LedgerError) {
        let reader = MemberReader(json, "")
        try reader.check(["actor", "entries", "members", "reason"])
        self.init(
            indexes: try reader.indexes("entries"), members: try reader.texts("members"),
            why: try ErasureReason(reader))
    }
}

extension ForgetRequest {
    public var json: JSONObject {
        why.json.merging(
            JSONObject([
                "keep": kept.isEmpty ? nil : .array(kept.map(JSON.string)),
                "person": .string(person),
            ]))
    }

    /// - Throws: `usage` that names the member which can't be taken.
    public init(json: JSONObject) throws(LedgerError) {
        let reader = MemberReader(json, "")
        try reader.check(["actor", "keep", "person", "reason"])
        self.init(
            person: try reader.needed("person"), kept: try reader.texts("keep"),
            why: try ErasureReason(reader))
    }
}

extension HoldRequest {
    public var json: JSONObject {
        why.json.merging(
            JSONObject([
                "action": .string(isLifted ? "lift" : "add"),
                "environment": environment.map(JSON.string), "matter": .string(matter),
                "person": person.map(JSON.string), "service": service.map(JSON.string),
            ]))
    }

    /// - Throws: `usage` that names the member which can't be taken.
    public init(json: JSONObject) throws(LedgerError) {
        let reader = MemberReader(json, "")
        try reader.check([
            "action", "actor", "environment", "matter", "person", "reason", "service",
        ])
        let action = try reader.needed("action")
        guard action == "add" || action == "lift" else {
            throw LedgerError(.usage, "action must be add or lift")
        }
        self.init(
            matter: try reader.needed("matter"), service: try reader.text("service"),
            environment: try reader.text("environment"), person: try reader.text("person"),
            why: try ErasureReason(reader), isLifted: action == "lift")
    }
}

extension ErasureReason {
    fileprivate var json: JSONObject {
        JSONObject(["actor": actor.map(JSON.string), "reason": .string(reason)])
    }

    fileprivate init(_ reader: MemberReader) throws(LedgerError) {
        try self.init(reader.text("reason"), actor: reader.text("actor"))
    }
}
