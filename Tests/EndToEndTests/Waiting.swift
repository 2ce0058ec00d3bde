import Foundation
import TestSupport
import Testing

/// Looks again until there is something, for at most a minute.
@discardableResult
func waitFor<Value>(_ what: String, _ look: () throws -> Value?) throws -> Value {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if let value = try look() { return value }
        usleep(10_000)
    }
    throw NeverCame(what: what)
}

private struct NeverCame: Error {
    let what: String
}
