import Glibc
import Synchronization

/// Reads and writes on file descriptors that come back only when something happened.
enum Descriptor {
    struct Pipe {
        let reading: Int32
        let writing: Int32
    }

    /// A pipe whose ends the command does not inherit; nil if there are no more descriptors.
    static func pipe() -> Pipe? {
        withInheritanceLocked {
            var ends: [Int32] = [0, 0]
            guard Glibc.pipe(&ends) == 0 else { return nil }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return Pipe(reading: ends[0], writing: ends[1])
        }
    }

    // Held while a process starts, and while a descriptor is there that it must not inherit.
    private static let inheritance = Mutex(())

    static func withInheritanceLocked<Result>(_ body: () -> Result) -> Result {
        inheritance.withLock { _ in body() }
    }

    static func setNonBlocking(_ descriptor: Int32) {
        let flags = fcntl(descriptor, F_GETFL)
        if flags >= 0 { _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
    }

    /// Waits until one of these has something, and says for each what.
    ///
    /// - Parameter milliseconds: -1 for ever.
    static func wait(
        for interests: [(descriptor: Int32, events: Int32)], milliseconds: Int32 = -1
    ) -> [Int32] {
        var polls = interests.map {
            pollfd(fd: $0.descriptor, events: Int16($0.events), revents: 0)
        }
        while poll(&polls, nfds_t(polls.count), milliseconds) < 0, errno == EINTR {}
        return polls.map { Int32($0.revents) }
    }

    /// Whether two lead to the same file, pipe or socket.
    static func areSame(_ first: Int32, _ second: Int32) -> Bool {
        var (one, other) = (stat(), stat())
        return fstat(first, &one) == 0 && fstat(second, &other) == 0
            && one.st_dev == other.st_dev && one.st_ino == other.st_ino
    }

    enum Reading {
        case bytes(Int)
        case nothingNow
        case end
    }

    static func read(_ descriptor: Int32, into buffer: inout [UInt8]) -> Reading {
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            if errno == EAGAIN { return .nothingNow }
            if errno != EINTR { return .end }
        }
    }

    /// Writes everything, waiting for room as long as `stop` has nothing to read.
    ///
    /// - Returns: false if the reader is gone or `stop` spoke.
    static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32, unless stop: Int32) -> Bool
    {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                let found = wait(for: [(descriptor, POLLOUT), (stop, POLLIN)])
                if found[1] != 0 { return false }
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
