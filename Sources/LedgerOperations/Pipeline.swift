import Dispatch
import Foundation
import LedgerCore

/// Makes values on a thread of its own, a few ahead of the one who takes them.
public final class Pipeline<Value: Sendable>: @unchecked Sendable {
    // Everything below is guarded by `condition`.
    private let condition = NSCondition()
    private var made: [Result<Value?, LedgerError>] = []
    private var isStopped = false
    private let depth: Int

    /// - Parameter make: gives the next value, and nil at the end; not called again after that or
    ///   after an error.
    convenience init(depth: Int, _ make: @escaping @Sendable () throws(LedgerError) -> Value?) {
        self.init(
            depth: depth,
            producing: { give in
                while let value = try make(), give(value) {}
            })
    }

    /// - Parameter produce: hands values to the closure that it gets, which waits for room, and is
    ///   false when nobody takes them any more.
    public init(
        depth: Int, producing produce: @escaping @Sendable ((Value) -> Bool) throws -> Void
    ) {
        self.depth = depth
        let thread = Thread { [self] in
            do {
                try produce { hand(.success($0)) }
                _ = hand(.success(nil))
            } catch {
                _ = hand(.failure(LedgerError(wrapping: error)))
            }
        }
        thread.stackSize = 1 << 23
        thread.start()
    }

    /// Waits for the next value; nil at the end. Not to be called again after that or after an
    /// error.
    public func next() throws(LedgerError) -> Value? {
        condition.lock()
        while made.isEmpty { condition.wait() }
        let first = made.removeFirst()
        condition.signal()
        condition.unlock()
        return try first.get()
    }

    /// Lets the thread end when nobody takes values any more.
    public func stop() {
        condition.lock()
        isStopped = true
        condition.signal()
        condition.unlock()
    }

    // Waits for room. False when nobody takes more.
    private func hand(_ result: Result<Value?, LedgerError>) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while made.count >= depth, !isStopped { condition.wait() }
        made.append(result)
        condition.signal()
        return !isStopped
    }
}
