import LedgerCore
import LedgerCrypto
import Testing

@testable import LedgerIngest

enum HookSamples {
    static let now = Timestamp(milliseconds: 1_767_323_045_000)

    /// Knows the repositories of the examples.
    static func context() throws -> HookContext {
        try HookContext(
            services: [
                ("acme/orders", "orders"),
                ("https://dev.azure.com/acme/shop/_git/orders", "orders"),
            ],
            environments: ["production": Target(environment: "prod")])
    }

    static func request(_ body: String, _ headers: (String, String)...) -> HookRequest {
        HookRequest(headers: headers.map { (name: $0.0, value: $0.1) }, body: Array(body.utf8))
    }

    /// The outcome as JSON, private members among the public ones.
    static func json(_ outcome: HookOutcome) -> JSON {
        switch outcome {
        case .ignored(let reason): ["ignored": .string(reason)]
        case .notUnderstood(let reason): ["notUnderstood": .string(reason)]
        case .events(let events): ["events": .array(events.map { .object(members(of: $0)) })]
        case .merge(let merge):
            [
                "merge": .object(
                    JSONObject([
                        "commit": .string(merge.commit), "event": .object(members(of: merge.event)),
                        "fullName": .string(merge.fullName),
                        "importSource": .string(merge.importSource),
                        "ref": merge.ref.map(JSON.string),
                        "repository": merge.repository.map(JSON.string),
                        "services": .array(merge.services.map(JSON.string)),
                    ]))
            ]
        }
    }

    static func members(of event: Event) -> JSONObject {
        event.members.merging(event.privateMembers)
    }

    /// What is said of the one event, or of the event that stands for a merge.
    static func value(_ path: String, in outcome: HookOutcome) -> String? {
        let event: Event
        switch outcome {
        case .ignored(let reason): return path == "ignored" ? reason : nil
        case .notUnderstood(let reason): return path == "notUnderstood" ? reason : nil
        case .merge(let merge): event = merge.event
        case .events(let events):
            guard events.count == 1 else { return nil }
            event = events[0]
        }
        return members(of: event)[path.split(separator: ".").map(String.init)]?.string
    }
}
