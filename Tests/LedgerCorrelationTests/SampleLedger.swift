import LedgerCore
import LedgerCrypto
import LedgerStore
import TestSupport

@testable import LedgerOperations

/// A small ledger that is the same, byte for byte, each time that it is made: what the samples in
/// `exports/samples` show.
struct SampleLedger {
    let folder: TemporaryFolder
    let path: String

    private static let text = """
        path dev stage prod
        alias ann@example.com ann-gh
        merge 42 day 0 by ann@example.com script a ticket INC-7 strategy reversible undo c
        review 42 approved day 1 by bob@example.com script a
        review 42 passed test day 1 by ci
        run 42 dev day 1 by ci script a took 200
        run 42 stage day 2 by ci script a took 250 tested stage
        run 42 prod/acme day 3 by ci script a took 900
        run 42 prod/globex day 3 failed by ci script a took 400
        run 42 prod/globex day 4 by ci script a took 950
        merge 43 day 5 by ann@example.com script b ticket INC-9
        review 43 approved day 5 by ann-gh script b
        run 43 dev day 6 by ci script b
        run 43 prod/acme day 7 by ci script b
        run fix prod/globex day 8 by dora@example.com emergency script d
        acknowledge self-approved:orders/prod:43 day 9 by eve@example.com
        run 42 prod/acme day 10 revert by ci script c
        plan fix irreversible day 11
        """

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("ledger.db")
        try SQLiteEntryStore.create(at: path, log: "example.com/changes")
        let store = try SQLiteEntryStore(path: path)
        let hasher = SHA256()
        let example = try ExampleEvents(Self.text)
        var salt: UInt8 = 0
        let principal = Principal(kind: .token, id: "tok_7f3a", name: "pipeline")
        for (number, event) in example.events.enumerated() {
            let named = event.withDefaults(source: "ci", id: "sample\(number)")
            let body = Body(
                event: named, principal: principal, nonce: [UInt8](repeating: 1, count: 16),
                hasher: hasher
            ) {
                salt &+= 1
                return [UInt8](repeating: salt, count: 16)[...]
            }
            let submission = Submission(
                event: named, body: body, log: store.log, hasher: hasher)
            try store.write { writer in
                _ = try Sequencing(log: store.log).place(
                    [submission], in: writer, now: example.recorded[number])
            }
        }
        try store.close()
    }

    /// Two weeks after its first day.
    static let now = Timestamp(milliseconds: ExampleEvents.dayZero + 14 * 86_400_000)

    func view() throws -> LocalView {
        try LocalView(path: path, clock: Clock { Self.now.milliseconds })
    }
}
