import Glibc
import LedgerCore
import LedgerCrypto
import Synchronization

/// Passes a pipe on to a command as its standard input, and keeps what went through.
final class StandardInputTee: Sendable {
    private let source: Int32
    private let pipe: Descriptor.Pipe
    private let stop: Descriptor.Pipe
    private let script = Mutex<RunScript?>(nil)
    private let thread = Mutex<WorkerThread?>(nil)

    /// The end that the command reads from.
    var commandEnd: Int32 { pipe.reading }

    init?(from source: Int32 = STDIN_FILENO) {
        guard let pipe = Descriptor.pipe() else { return nil }
        guard let stop = Descriptor.pipe() else {
            close(pipe.reading)
            close(pipe.writing)
            return nil
        }
        self.source = source
        self.pipe = pipe
        self.stop = stop
        // So that a command that reads nothing can't hold us up.
        Descriptor.setNonBlocking(pipe.writing)
    }

    /// Whether this is a pipe or a socket: what is read from it is gone for others.
    static func canTake(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT)
    }

    func start() {
        close(pipe.reading)
        thread.withLock { $0 = WorkerThread { [self] in copy() } }
    }

    /// What went through; nil if nothing did.
    func finish() -> RunScript? {
        close(stop.writing)
        thread.withLock { $0 }?.join()
        close(stop.reading)
        return script.withLock { $0 }
    }

    private func copy() {
        defer { close(pipe.writing) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var kept: [UInt8] = []
        var byteCount = 0
        let hasher = SHA256()
        hasher.start()
        while true {
            // An error on the writing end is the command's having closed its input.
            let found = Descriptor.wait(
                for: [(source, POLLIN), (stop.reading, POLLIN), (pipe.writing, 0)])
            if found[1] != 0 || found[2] != 0 { break }
            guard case .bytes(let count) = Descriptor.read(source, into: &buffer) else { break }
            buffer[..<count].withUnsafeBytes { hasher.update($0) }
            byteCount += count
            if byteCount <= EventSchema.attachmentByteLimit { kept += buffer[..<count] }
            let bytes = buffer[..<count]
            guard Descriptor.write(bytes, to: pipe.writing, unless: stop.reading) else { break }
        }
        guard byteCount > 0 else { return }
        let isWhole = byteCount <= EventSchema.attachmentByteLimit
        let seen = RunScript(
            path: nil, digest: hasher.finish(), bytes: isWhole ? kept : nil)
        script.withLock { $0 = seen }
    }
}
