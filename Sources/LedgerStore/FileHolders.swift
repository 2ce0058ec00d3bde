import Glibc

/// The processes of this machine that have a ledger's file open, as far as this user may see it.
enum FileHolders {
    /// Every process but this one, as `process 4711 (sqlite3)`.
    static func names(of path: String) -> [String] {
        let files = [path, path + "-wal", path + "-shm"].compactMap(identity)
        return names(in: "/proc").compactMap(Int32.init).sorted().compactMap { process in
            let folder = "/proc/\(process)/fd"
            guard process != getpid(),
                names(in: folder).contains(where: { name in
                    identity("\(folder)/\(name)").map(files.contains) ?? false
                })
            else { return nil }
            return "process \(process)" + (command(of: process).map { " (\($0))" } ?? "")
        }
    }

    private struct Identity: Equatable {
        let device: dev_t
        let file: ino_t
    }

    // The file is not opened: closing it would let go of SQLite's locks on it.
    private static func identity(_ path: String) -> Identity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Identity(device: status.st_dev, file: status.st_ino)
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    /// As `ps` shows it.
    private static func command(of process: pid_t) -> String? {
        let descriptor = open("/proc/\(process)/comm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &buffer, buffer.count)
        return count > 1 ? String(decoding: buffer[..<(count - 1)], as: UTF8.self) : nil
    }
}
