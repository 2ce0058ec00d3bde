import LedgerCore

extension TokenRequest {
    /// `{"environments":["prod"],"expires":"…","name":"…","role":"writer","services":["orders"],
    /// "sources":["ci/"]}`; all but the role may be absent.
    public var json: JSONObject {
        func list(_ values: [String]) -> JSON? {
            values.isEmpty ? nil : .array(values.map(JSON.string))
        }
        return JSONObject([
            "environments": list(scope.environments), "expires": expires.map { .string($0.utc) },
            "name": name.map(JSON.string), "role": .string(role.rawValue),
            "services": list(scope.services), "sources": list(scope.sources),
        ])
    }

    /// - Throws: `usage` that names the member which can't be taken.
    public init(json: JSONObject) throws(LedgerError) {
        let known = ["environments", "expires", "name", "role", "services", "sources"]
        for member in json.members where !known.contains(member.name) {
            throw LedgerError(
                .usage, "there is no member \(VisibleName.of(member.name))",
                advice: Suggestion.advice(for: member.name, among: known))
        }
        guard let word = json["role"]?.string, let role = Role(rawValue: word) else {
            let roles = Role.allCases.map(\.rawValue)
            throw LedgerError(.usage, "role must be one of \(roles.joined(separator: ", "))")
        }
        self.init(
            role: role,
            scope: WriteScope(
                services: try Self.list("services", json),
                environments: try Self.list("environments", json),
                sources: try Self.list("sources", json)),
            name: try Self.text("name", json),
            expires: try Self.text("expires", json).map { (text) throws(LedgerError) in
                guard let time = Timestamp(rfc3339: text) else {
                    throw LedgerError(
                        .usage, "expires is no time with an offset",
                        advice: "write it as 2026-11-01T03:10:00Z")
                }
                return time
            })
    }

    private static func text(
        _ name: String, _ json: JSONObject
    ) throws(LedgerError) -> String? {
        guard let value = json[name] else { return nil }
        guard let text = value.string, !text.isEmpty else {
            throw LedgerError(.usage, "\(name) must be a string that is not empty")
        }
        return text
    }

    private static func list(
        _ name: String, _ json: JSONObject
    ) throws(LedgerError) -> [String] {
        guard let value = json[name] else { return [] }
        let texts = value.array?.compactMap(\.string).filter { !$0.isEmpty } ?? []
        // An empty list would mean everything.
        guard let array = value.array, !array.isEmpty, texts.count == array.count else {
            throw LedgerError(.usage, "\(name) must be a list of strings that are not empty")
        }
        return texts
    }
}
