import Glibc
import LedgerCore
import LedgerCrypto
import LedgerReport

/// A folder that appears whole or not at all, and never over another.
public final class DraftFolder {
    let path: String
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
        guard mkdir(draft, 0o700) == 0 else { throw failure(plain, errno) }
    }

    /// A file of it while it is written.
    public final class File {
        private let name: String
        private let place: String
        private let descriptor: Int32
        private let hasher = SHA256()
        private var byteCount: Int64 = 0
        public private(set) lazy var output = BufferedOutput { [unowned self] bytes in
            bytes.withUnsafeBytes { hasher.update($0) }
            byteCount += Int64(bytes.count)
            try DraftFolder.write(bytes, descriptor, place)
        }

        fileprivate init(_ name: String, _ place: String, _ descriptor: Int32) {
            self.name = name
            self.place = place
            self.descriptor = descriptor
            hasher.start()
        }

        deinit { close(descriptor) }

        /// Makes it durable. Nothing may be written afterwards.
        public func finish() throws(LedgerError) -> Cover.File {
            do {
                try output.flush()
            } catch {
                throw LedgerError(wrapping: error)
            }
            guard fsync(descriptor) == 0 else { throw failure(place, errno) }
            return Cover.File(name: name, digest: hasher.finish(), byteCount: byteCount)
        }
    }

    /// - Parameter name: not there yet; also one in a folder, `sample-01/story.html`.
    public func open(_ name: String) throws(LedgerError) -> File {
        if let slash = name.lastIndex(of: "/") {
            let folder = "\(draft)/\(name[..<slash])"
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                throw failure(path + "/" + name, errno)
            }
        }
        let descriptor = Glibc.open(
            "\(draft)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path + "/" + name, errno) }
        return File(name, path + "/" + name, descriptor)
    }

    /// Writes a file of it.
    func write(
        _ name: String, _ body: (BufferedOutput) throws -> Void
    ) throws(LedgerError) -> Cover.File {
        let file = try open(name)
        do {
            try body(file.output)
        } catch {
            throw LedgerError(wrapping: error)
        }
        return try file.finish()
    }

    func write(_ name: String, _ bytes: [UInt8]) throws(LedgerError) -> Cover.File {
        try write(name) { output in try output.append { $0 += bytes } }
    }

    /// Lets the folder appear, durably.
    public func publish() throws(LedgerError) {
        try Self.sync(draft)
        guard rename(draft, path) == 0 else {
            let code = errno
            throw [EEXIST, ENOTEMPTY, ENOTDIR].contains(code)
                ? LedgerError(.exists, "\(path) exists already") : failure(path, code)
        }
        let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        try Self.sync(parent)
    }

    /// What was not published goes.
    public func discard() { Self.remove(draft) }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32, _ name: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(name, errno)
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func sync(_ folder: String) throws(LedgerError) {
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw failure(folder, errno) }
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

    // It holds files, and folders of files.
    private static func remove(_ folder: String) {
        for name in entries(folder) ?? [] {
            let path = "\(folder)/\(name)"
            if unlink(path) == 0 { continue }
            for inner in entries(path) ?? [] { unlink("\(path)/\(inner)") }
            rmdir(path)
        }
        rmdir(folder)
    }

    /// Where a file of it lies as long as it is not published.
    func place(of name: String) -> String { "\(draft)/\(name)" }

    /// The files of a folder, by name, those of its folders too: `sample-01/story.html`. Nil if it
    /// can't be read.
    static func files(in folder: String) -> [String]? {
        entries(folder)?.sorted().flatMap { name -> [String] in
            entries("\(folder)/\(name)").map { $0.sorted().map { "\(name)/\($0)" } } ?? [name]
        }
    }

    /// Removes a folder that was published.
    static func removePublished(_ folder: String) { remove(folder) }
}

private func failure(_ path: String, _ code: Int32) -> LedgerError {
    LedgerError(
        [ENOSPC, EDQUOT, EFBIG].contains(code) ? .diskFull : .io,
        "\(path): \(String(cString: strerror(code)))")
}
