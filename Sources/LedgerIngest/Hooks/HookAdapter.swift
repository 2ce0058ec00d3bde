/// Understands the webhooks of one forge. Pure: no clock, no network, no store.
protocol HookAdapter {
    /// Hooks and what becomes of them; the tests run them all.
    static var examples: [HookExample] { get }

    /// What names the delivery, the same when it is sent again.
    static func deliveryID(of request: HookRequest) -> String?

    static func fact(of body: HookValue, in request: HookRequest) -> HookFact
}

extension HookAdapter {
    /// For what a hook must have to be understood.
    static func lacks(_ what: String, _ event: String) -> HookFact {
        .notUnderstood("\(event) without \(what)")
    }
}

/// A webhook by hand, with only what is read of it.
struct HookExample: Sendable {
    let name: String
    let headers: [(name: String, value: String)]
    let body: String
    /// Members of the one event, or of the event that stands for a merge, by path; or `ignored` or
    /// `notUnderstood` and the reason.
    let expected: [(path: String, value: String)]

    init(
        _ name: String, _ headers: [(name: String, value: String)], _ body: String,
        _ expected: KeyValuePairs<String, String>
    ) {
        self.name = name
        self.headers = headers
        self.body = body
        self.expected = expected.map { ($0.key, $0.value) }
    }
}
