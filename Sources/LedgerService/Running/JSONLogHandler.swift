import Glibc
import LedgerCore
import Logging
import Synchronization

/// Writes each message as one line of JSON on standard error.
struct JSONLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    // One line at a time.
    private static let turn = Mutex(())

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var object = JSONObject()
        for (name, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            object[name] = .string(Self.visible("\(value)"))
        }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let milliseconds = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        object["time"] = .string(Timestamp(milliseconds: milliseconds).utc)
        object["level"] = .string(event.level.rawValue)
        object["message"] = .string(Self.visible("\(event.message)"))
        var bytes: [UInt8] = []
        CanonicalJSON.append(object, to: &bytes)
        bytes.append(0x0A)
        Self.turn.withLock { _ in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                // Nobody reads the log: the service goes on.
                if count <= 0 { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    // JSON of the ledger has no U+0000.
    private static func visible(_ text: String) -> String {
        text.utf8.contains(0) ? text.filter { $0 != "\0" } : text
    }
}
