import Dispatch
import Foundation
import LedgerCore

/// Makes values on a thread of its own, a few ahead of the one who takes them.
final class Pipeline<Value: Sendable>: @unchecked Sendable {
    // Everything below is guarded by `condition`.
    private let condition = NSCondition()
    private var made: [Result<Value?, LedgerError>] = []
    private var isStopped = false
    private let depth: Int

    /// - Parameter make: gives the next value, and nil at the end; not called again after that or
    ///   after an error.
    init(depth: Int, _ make: @escaping @Sendable () throws(LedgerError) -> Value?) {
        self.depth = depth
        let thread = Thread { [self] in
            while hand(Result { () throws(LedgerError) in try make() }) {}
        }
        thread.stackSize = 1 << 23
        thread.start()
    }

    /// Waits for the next value; nil at the end.
    func next() throws(LedgerError) -> Value? {
        condition.lock()
        while made.isEmpty { condition.wait() }
        let first = made.removeFirst()
        condition.signal()
        condition.unlock()
        return try first.get()
    }

    /// Lets the thread end when nobody takes values any more.
    func stop() {
        condition.lock()
        isStopped = true
        condition.signal()
        condition.unlock()
    }

    // Waits for room. False when there is nothing more to make.
    private func hand(_ result: Result<Value?, LedgerError>) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while made.count >= depth, !isStopped { condition.wait() }
        made.append(result)
        condition.signal()
        if case .success(.some) = result { return !isStopped }
        return false
    }
}
