import Glibc
import LedgerCore
import LedgerIngest

/// Files on disk as the spool needs them: whole or not there.
struct SpoolFolder: Sendable {
    let path: String

    static let fileByteLimit = 32 << 20

    func create() throws(LedgerError) {
        var folder = ""
        for part in path.split(separator: "/") {
            folder += (folder.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
            if mkdir(folder, 0o700) != 0, errno != EEXIST {
                throw Self.failure("can't make the folder \(folder)")
            }
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw LedgerError(.io, "\(path) is no folder")
        }
    }

    /// Writes a file that is there, whole and durable, when this returns.
    func write(_ bytes: [UInt8], to name: String) throws(LedgerError) {
        let temporary = "\(path)/.\(name).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("can't write \(temporary)") }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { break }
            rest = rest.dropFirst(count)
        }
        let isWritten = rest.isEmpty && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isWritten, rename(temporary, "\(path)/\(name)") == 0 else {
            let error = Self.failure("can't write \(path)/\(name)", isWritten ? errno : code)
            unlink(temporary)
            throw error
        }
        synchronize()
    }

    /// Makes renames and removals durable.
    func synchronize() {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    func read(_ name: String) throws(LedgerError) -> [UInt8] {
        let descriptor = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure("can't read \(path)/\(name)") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw Self.failure("can't read \(path)/\(name)") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            if bytes.count > Self.fileByteLimit {
                throw LedgerError(.invalidEvent, "it has more than \(Self.fileByteLimit) bytes")
            }
        }
    }

    /// The names of its files in order, without those that begin with a dot; none if the folder
    /// isn't there.
    func names(suffix: String) throws(LedgerError) -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw Self.failure("can't read the folder \(path)")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix("."), name.hasSuffix(suffix) { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// - Returns: false if it wasn't there.
    @discardableResult
    func remove(_ name: String) throws(LedgerError) -> Bool {
        if unlink("\(path)/\(name)") == 0 { return true }
        if errno == ENOENT { return false }
        throw Self.failure("can't remove \(path)/\(name)")
    }

    static func failure(_ what: String, _ code: Int32 = errno) -> LedgerError {
        let kind: LedgerError.Code =
            switch code {
            case ENOSPC, EDQUOT, EFBIG: .diskFull
            case EROFS: .readOnly
            default: .io
            }
        return LedgerError(kind, "\(what): \(ErrnoText.text(of: code))")
    }
}
