import LedgerCore
import LedgerCrypto
import Testing

@testable import LedgerService

@Suite struct RecentDeliveriesTests {
    private let deliveries = RecentDeliveries()

    private func key(_ number: Int, body: String = "") -> RecentDeliveries.Key {
        RecentDeliveries.Key(
            hook: "github", delivery: "d-\(number)", body: SHA256().hash(Array(body.utf8)))
    }

    /// Whether it came before.
    private func come(_ key: RecentDeliveries.Key, _ reason: String = "push") async -> Bool {
        let answer = HookAnswer(.ignored, reason: reason)
        let isRepeated = await deliveries.begin(key) { Task { answer } }.isRepeated
        await deliveries.end(key, answer)
        return isRepeated
    }

    @Test func theLastTenThousandAreKnownAndNoMore() async {
        for number in 0...10_000 { #expect(await !come(key(number))) }
        #expect(await deliveries.begin(key(1)) { Task { throw CancellationError() } }.isRepeated)
        #expect(await come(key(10_000)))
        #expect(await !come(key(0)))
    }

    @Test func longAnswersAreForgottenSooner() async {
        let long = String(repeating: "x", count: 1 << 20)
        for number in 0..<20 { #expect(await !come(key(number), long)) }
        #expect(await come(key(19), long))
        #expect(await !come(key(0), long))
    }

    @Test func otherBytesUnderTheSameNameAreAnotherDelivery() async {
        #expect(await !come(key(1, body: "a")))
        #expect(await !come(key(1, body: "b")))
        #expect(await come(key(1, body: "a")))
    }

    @Test func whatFailedMayComeAgain() async {
        let first = await deliveries.begin(key(1)) { Task { throw CancellationError() } }
        let beside = await deliveries.begin(key(1)) { Task { throw CancellationError() } }
        #expect(!first.isRepeated && beside.isRepeated)
        await deliveries.forget(key(1))
        #expect(await !come(key(1)))
        #expect(await come(key(1)))
    }
}
