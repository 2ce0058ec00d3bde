import LedgerCore
import LedgerStore

/// A ledger as it stood at a head, in a file of its own for as long as it is needed.
struct Snapshot {
    let path: String
    private let place: TemporaryPlace

    init(
        of ledger: String, upTo head: Head, progress: @escaping (Int64) -> Void
    ) throws(LedgerError) {
        place = try TemporaryPlace()
        path = place.path + "/ledger.db"
        do throws(LedgerError) {
            try SQLiteSnapshot.make(of: ledger, at: path, upTo: head.index, progress: progress)
        } catch {
            place.remove()
            throw error
        }
    }

    func remove() { place.remove() }
}
