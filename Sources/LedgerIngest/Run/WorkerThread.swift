import Glibc

/// A thread of the operating system's, for work that blocks: it must take no thread away from the
/// tasks that record, of which a machine with one core has one.
public final class WorkerThread: Sendable {
    private let thread: pthread_t

    /// Begins `body`. All signals are blocked in it, so that handlers run elsewhere.
    public init(_ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(body))
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, Self.entry, box.toOpaque())
        precondition(status == 0, "no thread can be started")
        self.thread = thread
    }

    private static let entry:
        @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
            guard let pointer = $0 else { return nil }
            Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
            return nil
        }

    /// Waits for its end. To be called once, or `detach` instead.
    public func join() {
        pthread_join(thread, nil)
    }

    public func detach() {
        pthread_detach(thread)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }
}
