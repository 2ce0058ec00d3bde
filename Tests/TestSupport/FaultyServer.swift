import Foundation

/// A server on loopback that misbehaves as it is told, or stands in front of a real one.
public final class FaultyServer: @unchecked Sendable {
    public enum Behaviour: Sendable {
        /// Accepts, reads, and says nothing.
        case hangs
        /// Closes each connection once it has read something.
        case closes
        /// Sends these bytes once it has read a request's head, and closes.
        case answers(String)
        /// The same, one byte every so many milliseconds.
        case drips(String, milliseconds: UInt32)
        /// Sends these bytes, and then nothing more.
        case stalls(String)
        /// Hands everything on to this port of loopback.
        case forwards(UInt16)
        /// Hands everything on, and each answer after a while.
        case delays(UInt16, milliseconds: UInt32)
        /// Hands requests on, waits for the answer, and closes instead of giving it.
        case losesAnswers(UInt16)
    }

    public let port: UInt16
    public var url: String { "http://127.0.0.1:\(port)" }

    private let listener: Int32
    private let lock = NSLock()
    // Guarded by `lock`.
    private var current: Behaviour
    private var heads: [String] = []
    private var isAccepting = false

    /// - Parameter isAway: nobody listens at the port until a behaviour is set.
    public init(_ behaviour: Behaviour = .hangs, isAway: Bool = false) throws {
        current = behaviour
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = Self.loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, size) == 0 && getsockname(listener, pointer, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        port = UInt16(bigEndian: address.sin_port)
        if !isAway { accept() }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// What the next connection meets.
    public var behaviour: Behaviour {
        get { lock.withLock { current } }
        set {
            lock.withLock { current = newValue }
            accept()
        }
    }

    /// What was read of each connection first.
    public var requests: [String] { lock.withLock { heads } }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private func accept() {
        let isFirst = lock.withLock {
            defer { isAccepting = true }
            return !isAccepting
        }
        guard isFirst, listen(listener, 64) == 0 else { return }
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = Glibc.accept(listener, nil, nil)
                guard connection >= 0, let server = self else { return }
                let behaviour = server.behaviour
                Thread.detachNewThread { server.serve(connection, behaviour) }
            }
        }
    }

    private func serve(_ connection: Int32, _ behaviour: Behaviour) {
        defer { close(connection) }
        switch behaviour {
        case .forwards(let port): Self.relay(connection, to: port) { _ in true }
        case .delays(let port, let milliseconds):
            Self.relay(connection, to: port) { _ in
                usleep(milliseconds * 1000)
                return true
            }
        case .losesAnswers(let port): Self.relay(connection, to: port) { _ in false }
        case .hangs, .closes, .answers, .drips, .stalls:
            let head = Self.readHead(connection)
            if head.isEmpty { return }
            lock.withLock { heads.append(head) }
            Self.answer(connection, behaviour)
        }
    }

    private static func answer(_ connection: Int32, _ behaviour: Behaviour) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        switch behaviour {
        case .answers(let text): write(Array(text.utf8), to: connection)
        case .drips(let text, let milliseconds):
            for byte in text.utf8 {
                if !write([byte], to: connection) { return }
                usleep(milliseconds * 1000)
            }
        case .stalls(let text):
            write(Array(text.utf8), to: connection)
            while recv(connection, &buffer, buffer.count, 0) > 0 {}
        case .hangs: while recv(connection, &buffer, buffer.count, 0) > 0 {}
        case .closes, .forwards, .delays, .losesAnswers: return
        }
        // What is unread when a socket is closed would have the answer thrown away.
        shutdown(connection, Int32(SHUT_WR))
        while recv(connection, &buffer, buffer.count, 0) > 0 {}
    }

    private static func readHead(_ connection: Int32) -> String {
        var head = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !head.contains("\r\n\r\n") {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count <= 0 { break }
            head += String(decoding: buffer[..<count], as: UTF8.self)
        }
        return head
    }

    /// Copies both ways until either side closes, or `mayAnswer` is false for what comes back.
    private static func relay(
        _ connection: Int32, to port: UInt16, _ mayAnswer: ([UInt8]) -> Bool
    ) {
        let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(other) }
        var address = loopback(port)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(other, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return }
        let isDone = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            copy(connection, to: other) { _ in true }
            isDone.signal()
        }
        copy(other, to: connection, mayAnswer)
        for descriptor in [connection, other] { shutdown(descriptor, Int32(SHUT_RDWR)) }
        isDone.wait()
    }

    private static func copy(
        _ source: Int32, to sink: Int32, _ mayPass: ([UInt8]) -> Bool
    ) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0, mayPass(Array(buffer[..<count])),
                write(Array(buffer[..<count]), to: sink)
            else { break }
        }
        shutdown(sink, Int32(SHUT_WR))
    }

    @discardableResult
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

extension FaultyServer {
    /// A whole HTTP answer.
    public static func response(
        _ status: String, _ type: String, _ body: String, length: Int? = nil
    ) -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: "
            + "\(length ?? body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    }

    /// A problem document as `ledger serve` answers with.
    public static func problem(_ status: Int, _ code: String, _ detail: String) -> String {
        response(
            "\(status) Refused", "application/problem+json",
            "{\"advice\":\"do better\",\"code\":\"\(code)\",\"detail\":\"\(detail)\","
                + "\"status\":\(status),\"title\":\"Refused\","
                + "\"type\":\"urn:ledger:problem:\(code)\"}")
    }
}
