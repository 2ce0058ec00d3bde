import Glibc
import LedgerCore
import LedgerCrypto

/// A script as it was when the command started, or as it went through a pipe.
public struct RunScript: Sendable, Equatable {
    /// Where it lies, if it is a file.
    public let path: String?
    public let digest: Digest
    /// Nil if there are more than an attachment may have.
    public let bytes: [UInt8]?

    public init(path: String?, digest: Digest, bytes: [UInt8]?) {
        self.path = path
        self.digest = digest
        self.bytes = bytes
    }

    public init(inline text: String) {
        let bytes = Array(text.utf8)
        let fits = bytes.count <= EventSchema.attachmentByteLimit
        self.init(path: nil, digest: SHA256.hash(bytes), bytes: fits ? bytes : nil)
    }

    /// Hashing more than this would hold the command up.
    static let hashedByteLimit = 256 << 20

    /// The file's bytes. A pipe such as `<(…)` is left alone: reading would take it away.
    public static func file(_ path: String) throws(LedgerError) -> RunScript {
        var status = stat()
        guard stat(path, &status) == 0 else { throw unreadable(path, ErrnoText.text()) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw unreadable(path, "it is no file") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(path, ErrnoText.text()) }
        defer { close(descriptor) }
        return try read(descriptor, from: 0, path: path)
    }

    /// What the command will read from a descriptor that is a file, whose offset doesn't move; nil
    /// if it is none.
    public static func redirected(_ descriptor: Int32) throws(LedgerError) -> RunScript? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        let offset = lseek(descriptor, 0, SEEK_CUR)
        guard offset >= 0 else { return nil }
        return try read(descriptor, from: offset, path: path(of: descriptor, status))
    }

    private static func read(
        _ descriptor: Int32, from start: off_t, path: String?
    ) throws(LedgerError) -> RunScript {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var kept: [UInt8] = []
        var offset = start
        let hasher = SHA256()
        hasher.start()
        while true {
            let count = pread(descriptor, &buffer, buffer.count, offset)
            if count < 0 {
                if errno == EINTR { continue }
                throw unreadable(path ?? "standard input", ErrnoText.text())
            }
            if count == 0 { break }
            buffer[..<count].withUnsafeBytes { hasher.update($0) }
            offset += off_t(count)
            let isSmall = offset - start <= EventSchema.attachmentByteLimit
            if isSmall { kept += buffer[..<count] }
            if offset - start > hashedByteLimit {
                throw unreadable(path ?? "standard input", "it has more than 256 MiB")
            }
        }
        let fits = offset - start <= EventSchema.attachmentByteLimit
        return RunScript(path: path, digest: hasher.finish(), bytes: fits ? kept : nil)
    }

    /// The name under which a redirected file was opened, if it still leads there.
    private static func path(of descriptor: Int32, _ status: stat) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
        guard count > 0 else { return nil }
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var found = stat()
        guard stat(path, &found) == 0, found.st_dev == status.st_dev, found.st_ino == status.st_ino
        else { return nil }
        return path
    }

    private static func unreadable(_ path: String, _ reason: String) -> LedgerError {
        LedgerError(.io, "the script \(path) is not recorded: \(reason)")
    }
}
