import LedgerCore
import LedgerCrypto

extension IssuedToken: Answer {
    /// `{"created":"…","environments":["prod"],"expires":"…","id":"tok_…","name":"…","revoked":"…",
    /// "role":"writer","services":["orders"],"sources":["ci/"]}`, without the secret's digest.
    public var json: JSONObject {
        func list(_ values: [String]) -> JSON? {
            values.isEmpty ? nil : .array(values.map(JSON.string))
        }
        return JSONObject([
            "created": .string(created.utc), "environments": list(scope.environments),
            "expires": expires.map { .string($0.utc) }, "id": .string(id),
            "name": name.map(JSON.string), "revoked": revoked.map { .string($0.utc) },
            "role": .string(role.rawValue), "services": list(scope.services),
            "sources": list(scope.sources),
        ])
    }

    public init?(json: JSONObject) {
        guard let id = json["id"]?.string, let role = (json["role"]?.string).flatMap(Role.init),
            let created = (json["created"]?.string).flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        func list(_ name: String) -> [String] { json[name]?.array?.compactMap(\.string) ?? [] }
        func time(_ name: String) -> Timestamp? {
            (json[name]?.string).flatMap(Timestamp.init(rfc3339:))
        }
        self.init(
            id: id, digest: .zero, role: role,
            scope: WriteScope(
                services: list("services"), environments: list("environments"),
                sources: list("sources")),
            name: json["name"]?.string, created: created, expires: time("expires"),
            revoked: time("revoked"))
    }
}
