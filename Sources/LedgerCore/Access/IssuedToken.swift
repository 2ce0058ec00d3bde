import LedgerCrypto

/// A token as the ledger's entries tell of it.
public struct IssuedToken: Sendable {
    public let id: String
    public let digest: Digest
    public let role: Role
    public let scope: WriteScope
    /// What it is for, as who made it says.
    public let name: String?
    public let created: Timestamp
    public let expires: Timestamp?
    public private(set) var revoked: Timestamp?

    /// By the id of each token that was ever created.
    public static func all(in entries: [StoredEntry]) -> [String: IssuedToken] {
        var tokens: [String: IssuedToken] = [:]
        for entry in entries {
            // What can't be read opens no door.
            guard let leaf = Leaf(entry.leaf), let body = entry.body.flatMap({ StoredBody($0) }),
                body.event["type"]?.string == EventType.token.rawValue,
                let token = body.event["token"]?.object, let id = token["id"]?.string
            else { continue }
            let time = Timestamp(milliseconds: leaf.time)
            switch token["action"]?.string {
            case "create" where tokens[id] == nil:
                tokens[id] = IssuedToken(id, token, entry.disclosures, time)
            case "revoke" where tokens[id]?.revoked == nil: tokens[id]?.revoked = time
            default: break
            }
        }
        return tokens
    }

    public init(
        id: String, digest: Digest, role: Role, scope: WriteScope, name: String?,
        created: Timestamp, expires: Timestamp?, revoked: Timestamp?
    ) {
        self.id = id
        self.digest = digest
        self.role = role
        self.scope = scope
        self.name = name
        self.created = created
        self.expires = expires
        self.revoked = revoked
    }

    private init?(
        _ id: String, _ token: JSONObject, _ disclosures: [Disclosure], _ created: Timestamp
    ) {
        guard let role = (token["role"]?.string).flatMap(Role.init(rawValue:)),
            let digest = (token["digest"]?.string).flatMap({ Digest(hex: $0.utf8.dropFirst(7)) })
        else { return nil }
        func list(_ name: String) -> [String] { token[name]?.array?.compactMap(\.string) ?? [] }
        self.id = id
        self.digest = digest
        self.role = role
        scope = WriteScope(
            services: list("services"), environments: list("environments"),
            sources: list("sources"))
        name = disclosures.first { $0.name == "title" }?.value?.string
        self.created = created
        expires = (token["expires"]?.string).flatMap(Timestamp.init(rfc3339:))
    }

    public func isValid(at now: Timestamp) -> Bool {
        revoked == nil && (expires.map { now < $0 } ?? true)
    }

    public var access: Access {
        Access(
            principal: Principal(kind: .token, id: id, name: name), role: role, scope: scope)
    }
}
