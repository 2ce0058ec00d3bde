import Glibc
import LedgerCore
import LedgerCrypto

/// A folder that appears whole or not at all, and never over another.
public final class DraftFolder {
    public let path: String
    // Beside it, so that it can be renamed.
    private let draft: String

    /// - Throws: `exists` if something is there; an empty folder is taken.
    public init(at path: String) throws(LedgerError) {
        var plain = path
        while plain.count > 1, plain.hasSuffix("/") { plain.removeLast() }
        self.path = plain
        let name = plain.split(separator: "/").last.map(String.init) ?? plain
        draft = String(plain.dropLast(name.count)) + ".\(name).new-\(getpid())"
        if access(plain, F_OK) == 0, !Self.isEmptyFolder(plain) {
            throw LedgerError(
                .exists, "\(plain) exists already", advice: "name a folder that is not there yet")
        }
        // Left by a process that was killed and had the same number.
        Self.remove(draft)
        guard mkdir(draft, 0o700) == 0 else { throw DraftFile.failure(plain, errno) }
    }

    /// - Parameter name: not there yet; also one in a folder, `sample-01/story.html`.
    public func open(_ name: String) throws(LedgerError) -> DraftFile {
        if let slash = name.lastIndex(of: "/") {
            let folder = "\(draft)/\(name[..<slash])"
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                throw DraftFile.failure("\(path)/\(name)", errno)
            }
        }
        return try DraftFile(place(of: name), calledFor: "\(path)/\(name)")
    }

    /// Where a file of it lies as long as it is not published.
    public func place(of name: String) -> String { "\(draft)/\(name)" }

    /// Lets the folder appear, durably.
    public func publish() throws(LedgerError) {
        try NewFile.sync(draft)
        guard rename(draft, path) == 0 else {
            let code = errno
            throw [EEXIST, ENOTEMPTY, ENOTDIR].contains(code)
                ? LedgerError(.exists, "\(path) exists already") : DraftFile.failure(path, code)
        }
        try NewFile.syncFolder(of: path)
    }

    /// What was not published goes.
    public func discard() { Self.remove(draft) }

    /// Removes a folder that holds files, and folders of files.
    public static func remove(_ folder: String) {
        for name in entries(folder) ?? [] {
            let path = "\(folder)/\(name)"
            if unlink(path) == 0 { continue }
            for inner in entries(path) ?? [] { unlink("\(path)/\(inner)") }
            rmdir(path)
        }
        rmdir(folder)
    }

    /// The files of a folder, by name, those of its folders too: `sample-01/story.html`. Nil if it
    /// can't be read.
    public static func files(in folder: String) -> [String]? {
        entries(folder)?.sorted().flatMap { name -> [String] in
            entries("\(folder)/\(name)").map { $0.sorted().map { "\(name)/\($0)" } } ?? [name]
        }
    }

    private static func entries(_ folder: String) -> [String]? {
        guard let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func isEmptyFolder(_ path: String) -> Bool { entries(path)?.isEmpty ?? false }
}

/// A file of a folder while it is written.
public final class DraftFile {
    // As users know it.
    private let name: String
    private let descriptor: Int32
    private let hasher = SHA256()
    private var byteCount: Int64 = 0

    init(_ path: String, calledFor name: String) throws(LedgerError) {
        self.name = name
        descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(name, errno) }
        hasher.start()
    }

    deinit { close(descriptor) }

    public func write(_ bytes: [UInt8]) throws(LedgerError) {
        bytes.withUnsafeBytes { hasher.update($0) }
        byteCount += Int64(bytes.count)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(name, errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes it durable. Nothing may be written afterwards.
    ///
    /// - Returns: the SHA-256 of the file, and its size.
    public func finish() throws(LedgerError) -> (digest: Digest, byteCount: Int64) {
        guard fsync(descriptor) == 0 else { throw Self.failure(name, errno) }
        return (hasher.finish(), byteCount)
    }

    static func failure(_ path: String, _ code: Int32) -> LedgerError {
        if [ENOSPC, EDQUOT, EFBIG].contains(code) {
            return LedgerError(
                .diskFull, "there is no room to write \(path): \(FileLock.reason(code))",
                advice: "make room, or name a folder elsewhere")
        }
        return LedgerError(.io, "\(path): \(FileLock.reason(code))")
    }
}
