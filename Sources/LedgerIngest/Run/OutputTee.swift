import Glibc
import Synchronization

/// Passes on what a command prints, byte for byte and at once, and keeps its last lines.
final class OutputTee: Sendable {
    /// Of what goes into an entry.
    static let keptByteLimit = 8192
    // After the command's end its own output is in the pipe already; this bounds what a process
    // that it left behind may add.
    private static let drainMilliseconds: Int64 = 200

    private let pipe: Descriptor.Pipe
    private let stop: Descriptor.Pipe
    private let destination: Int32
    private let keptByteLimit: Int
    private let tail = Mutex<[UInt8]>([])
    private let thread = Mutex<WorkerThread?>(nil)

    /// The end that the command writes to.
    var commandEnd: Int32 { pipe.writing }

    /// Nil if there are no more descriptors: the command then gets our own.
    init?(to destination: Int32, keeping keptByteLimit: Int = keptByteLimit) {
        guard let pipe = Descriptor.pipe() else { return nil }
        guard let stop = Descriptor.pipe() else {
            close(pipe.reading)
            close(pipe.writing)
            return nil
        }
        self.pipe = pipe
        self.stop = stop
        self.destination = destination
        self.keptByteLimit = keptByteLimit
        Descriptor.setNonBlocking(pipe.reading)
    }

    /// Begins to copy; the command has its end by now.
    func start() {
        close(pipe.writing)
        thread.withLock { $0 = WorkerThread { [self] in copy() } }
    }

    /// Passes on what is still in the pipe, and gives the last lines.
    func finish() -> [UInt8] {
        close(stop.writing)
        thread.withLock { $0 }?.join()
        close(stop.reading)
        return tail.withLock { Self.wholeLines($0, limit: keptByteLimit) }
    }

    private func copy() {
        // Closed when the reader of our own output has gone: the command must notice.
        defer { close(pipe.reading) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var deadline: Int64?
        while true {
            if deadline == nil {
                let found = Descriptor.wait(for: [(pipe.reading, POLLIN), (stop.reading, POLLIN)])
                if found[1] != 0 {
                    deadline = RunClock.monotonicMilliseconds() + Self.drainMilliseconds
                }
            }
            switch Descriptor.read(pipe.reading, into: &buffer) {
            case .bytes(let count):
                keep(buffer[..<count])
                // Our own output has no other reader to wait for, so nothing stops this.
                guard Descriptor.write(buffer[..<count], to: destination, unless: -1) else {
                    return
                }
            case .nothingNow: if deadline != nil { return }
            case .end: return
            }
            if let deadline, RunClock.monotonicMilliseconds() > deadline { return }
        }
    }

    private func keep(_ bytes: ArraySlice<UInt8>) {
        tail.withLock { tail in
            // One more than is kept tells whether the first line is whole.
            tail += bytes.suffix(keptByteLimit + 1)
            if tail.count > keptByteLimit + 1 {
                tail.removeFirst(tail.count - keptByteLimit - 1)
            }
        }
    }

    /// The last lines that have at most so many bytes.
    static func wholeLines(_ tail: [UInt8], limit: Int = keptByteLimit) -> [UInt8] {
        let tail = Array(tail.suffix(limit + 1))
        guard tail.count > limit else { return tail }
        guard let lineEnd = tail.firstIndex(of: UInt8(ascii: "\n")), lineEnd < tail.count - 1 else {
            return Array(tail.dropFirst())
        }
        return Array(tail[(lineEnd + 1)...])
    }
}
