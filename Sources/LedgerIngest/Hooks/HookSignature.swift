import LedgerCore
import LedgerCrypto

// HookSignature.swift
//
// What each forge sends with a body, and what it must be:
//    github      X-Hub-Signature-256: sha256=HEX        HMAC-SHA256(secret, body)
//    bitbucket   X-Hub-Signature: sha256=HEX            the same
//    gitea       X-Gitea-Signature: HEX                 the same, or as GitHub
//    forgejo     X-Forgejo-Signature: HEX               the same, or as Gitea
//    gitlab      X-Gitlab-Token: SECRET                 the secret itself; or, with a signing token
//                webhook-signature: v1,BASE64 …         HMAC-SHA256(key, id "." timestamp "." body)
//                webhook-id, webhook-timestamp          within 5 minutes of now
//    azure       Authorization: Basic BASE64            user:password
//    bytebase    the same: https://USER:PASSWORD@… as the hook's URL
// Hexadecimal digits are small. All secrets are compared, in constant time, whichever fits; a
// request without the header is refused before that.

/// Checks that a request comes from somebody who has one of the secrets.
struct HookSignature {
    static let toleranceMilliseconds: Int64 = 5 * 60 * 1000

    let request: HookRequest
    let secrets: HookSecrets

    /// The place of the secret that fits, from 0.
    func check(now: Timestamp) throws(LedgerError) -> Int {
        switch secrets.kind {
        case .github: try checkCode(in: ["X-Hub-Signature-256"])
        case .bitbucket: try checkCode(in: ["X-Hub-Signature"])
        case .gitea: try checkCode(in: ["X-Gitea-Signature", "X-Hub-Signature-256"])
        case .forgejo:
            try checkCode(in: ["X-Forgejo-Signature", "X-Gitea-Signature", "X-Hub-Signature-256"])
        case .gitlab: try checkGitLab(now: now)
        case .azure, .bytebase: try checkBasic()
        }
    }

    /// The first header that is there decides.
    private func checkCode(in headers: [String]) throws(LedgerError) -> Int {
        guard let name = headers.first(where: { request[$0] != nil }), let value = request[name]
        else { throw absent(headers) }
        let hasPrefix = name.hasPrefix("X-Hub-")
        let prefix = hasPrefix ? "sha256=" : ""
        guard value.hasPrefix(prefix),
            let given = Digest(hex: value.utf8.dropFirst(prefix.utf8.count))
        else {
            throw LedgerError(
                .notAllowed, "\(name) is no SHA-256 signature: \(prefix) and 64 digits are expected"
            )
        }
        return try place(name) { secret in
            guard case .plain(let key) = secret else { return false }
            return ConstantTime.isEqual(HMACSHA256.code(of: request.body, key: key), given)
        }
    }

    private func checkGitLab(now: Timestamp) throws(LedgerError) -> Int {
        if request["webhook-signature"] != nil, hasSigningToken {
            return try checkStandardWebhook(now: now)
        }
        let name = "X-Gitlab-Token"
        guard let token = request[name] else {
            throw absent(hasSigningToken ? [name, "webhook-signature"] : [name])
        }
        return try place(name) { secret in
            guard case .plain(let expected) = secret else { return false }
            return ConstantTime.isEqual(Array(token.utf8), expected)
        }
    }

    private var hasSigningToken: Bool {
        secrets.secrets.contains { if case .signing = $0 { true } else { false } }
    }

    // Standard Webhooks 1.0, "Verifying webhook authenticity".
    private func checkStandardWebhook(now: Timestamp) throws(LedgerError) -> Int {
        guard let id = request["webhook-id"], let timestamp = request["webhook-timestamp"],
            let signatures = request["webhook-signature"]
        else { throw absent(["webhook-id", "webhook-timestamp", "webhook-signature"]) }
        // While a token is changed a sender signs with both.
        let given = signatures.split(separator: " ").prefix(HookSecrets.limit).compactMap { part in
            part.hasPrefix("v1,")
                ? Base64.decode(String(part.dropFirst(3))).flatMap(Digest.init(_:)) : nil
        }
        let signed = Array("\(id).\(timestamp).".utf8) + request.body
        let place = try place("webhook-signature") { secret in
            guard case .signing(let key) = secret else { return false }
            let code = HMACSHA256.code(of: signed, key: key)
            return given.reduce(false) { ConstantTime.isEqual(code, $1) || $0 }
        }
        guard let seconds = Int64(timestamp), 0...Timestamp.bounds.upperBound / 1000 ~= seconds,
            (seconds * 1000 - now.milliseconds).magnitude <= Self.toleranceMilliseconds.magnitude
        else {
            throw LedgerError(
                .notAllowed, "webhook-timestamp is more than 5 minutes away from this clock",
                advice: "an old delivery is not taken again; if it is new, set the clocks")
        }
        return place
    }

    private func checkBasic() throws(LedgerError) -> Int {
        let name = "Authorization"
        guard let value = request[name] else { throw absent([name]) }
        let words = value.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "basic",
            let given = Base64.decode(String(words[1]))
        else { throw LedgerError(.notAllowed, "\(name) holds no basic authentication") }
        return try place(name) { secret in
            guard case .plain(let expected) = secret else { return false }
            return ConstantTime.isEqual(given, expected)
        }
    }

    // Every secret is tried, so that the time does not say which of them fits.
    private func place(
        _ name: String, _ fits: (HookSecrets.Secret) -> Bool
    ) throws(LedgerError) -> Int {
        var place: Int?
        for (index, secret) in secrets.secrets.enumerated() where fits(secret) {
            place = place ?? index
        }
        guard let place else {
            throw LedgerError(
                .notAllowed, "\(name) fits none of the hook's secrets",
                advice: "give the forge and the ledger the same secret; the body is signed as sent")
        }
        return place
    }

    private func absent(_ headers: [String]) -> LedgerError {
        LedgerError(
            .notAllowed, "the request has no \(headers.joined(separator: " and no "))",
            advice: "give the hook a secret in the forge's settings")
    }
}
