import LedgerCore

/// The token that each request carries: the one that was given, else the identity token of the CI
/// job, got when it is first needed and again when the server takes it no more.
actor IdentityTokens {
    /// What a job's variables may hold.
    static let variables = [
        IdentityTokenSource.variable, "ACTIONS_ID_TOKEN_REQUEST_URL",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    ]

    private let given: String?
    private let environment: [String: String]
    private let audience: String
    private var current: String?
    private var isKnown = false

    init(given: String?, environment: [String: String], audience: String) {
        self.given = given
        self.environment = environment
        self.audience = audience
    }

    /// Nil if there is none: what is public can be read all the same.
    ///
    /// - Parameter refused: the token that the server does not take any more.
    func token(insteadOf refused: String? = nil) async throws(LedgerError) -> String? {
        if let given { return given }
        if isKnown, refused == nil || current != refused { return current }
        current = try await IdentityTokenSource.token(
            environment: environment, audience: audience)
        isKnown = true
        return current
    }
}
