import LedgerCore

// GateQuestion+JSON.swift
//
//    {"changes":[{"change":"42","digest":"sha256:…","name":"V42__add_index","repeatable":false,
//                 "service":"orders"}],
//     "env":"prod","override":{"actor":"ann","reason":"…"},"pending":true,"tenant":"acme"}
//
// A change needs service and change, and everything needs changes and env; the rest may be absent.

extension GateQuestion {
    public func json(overriding override: GateOverride? = nil) -> JSONObject {
        JSONObject([
            "changes": .array(changes.map { .object($0.json) }), "env": .string(environment),
            "override": override.map { .object($0.json) }, "pending": isOfPending ? true : nil,
            "tenant": tenant.map(JSON.string),
        ])
    }

    /// - Throws: `usage` that names the member which can't be taken.
    public init(json: JSONObject) throws(LedgerError) {
        let reader = MemberReader(json, "")
        try reader.check(["changes", "env", "override", "pending", "tenant"])
        guard let items = json["changes"]?.array, !items.isEmpty else {
            throw LedgerError(
                .usage, "changes must be a list of changes",
                advice: #"such as [{"service":"orders","change":"42"}]"#)
        }
        guard items.count <= Self.changeLimit else {
            throw LedgerError(.usage, "there are more than \(Self.changeLimit) changes")
        }
        var changes: [Change] = []
        for (place, item) in items.enumerated() {
            guard let object = item.object else {
                throw LedgerError(.usage, "changes[\(place)] must be an object")
            }
            changes.append(try Change(MemberReader(object, "changes[\(place)].")))
        }
        self.init(environment: try reader.needed("env"), changes: changes)
        tenant = try reader.text("tenant")
        isOfPending = try reader.truth("pending")
    }
}

extension GateQuestion.Change {
    fileprivate var json: JSONObject {
        JSONObject([
            "change": .string(change), "digest": digest.map(JSON.string),
            "name": name.map(JSON.string), "repeatable": isRepeatable ? true : nil,
            "service": .string(service),
        ])
    }

    fileprivate init(_ reader: MemberReader) throws(LedgerError) {
        try reader.check(["change", "digest", "name", "repeatable", "service"])
        self.init(service: try reader.needed("service"), change: try reader.needed("change"))
        name = try reader.text("name")
        digest = try reader.text("digest")
        isRepeatable = try reader.truth("repeatable")
    }
}

extension GateOverride {
    fileprivate var json: JSONObject {
        JSONObject(["actor": actor.map(JSON.string), "reason": .string(reason)])
    }

    /// What a question's `override` says; nil if it has none.
    public init?(of question: JSONObject) throws(LedgerError) {
        guard let value = question["override"] else { return nil }
        guard let object = value.object else {
            throw LedgerError(
                .usage, "override must be an object", advice: #"such as {"reason":"…"}"#)
        }
        let reader = MemberReader(object, "override.")
        try reader.check(["actor", "reason"])
        try self.init(reason: reader.text("reason"), actor: reader.text("actor"))
    }
}
