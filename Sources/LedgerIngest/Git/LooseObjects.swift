import CLibgit2
import Glibc
import LedgerCore

/// The objects that lie in files of their own, each looked at once before libgit2 reads it.
///
/// libgit2 1.5 never comes back from a loose object whose file ends too early, which is what a full
/// disk or a lost power supply leaves behind.
final class LooseObjects {
    private let folders: [String]
    // The folder's place by object; an object leaves when it was found whole.
    private var unchecked: [ObjectID: Int] = [:]

    /// Lists the loose objects below `folder`, such as `.git/objects/`, and below those that it
    /// borrows from.
    init(in folder: String) {
        var folders = [folder]
        var place = 0
        // A clone can borrow from a clone that borrows; Git stops after five.
        while place < folders.count, place < 32 {
            for other in Self.alternates(of: folders[place]) where !folders.contains(other) {
                folders.append(other)
            }
            place += 1
        }
        self.folders = folders
        for (index, folder) in folders.enumerated() {
            for first in 0...255 { list(folder, prefix: UInt8(first), index) }
        }
    }

    private func list(_ folder: String, prefix: UInt8, _ index: Int) {
        let digits = Array("0123456789abcdef".utf8)
        let prefix = String(
            decoding: [digits[Int(prefix >> 4)], digits[Int(prefix & 15)]], as: UTF8.self)
        guard let stream = opendir(folder + prefix) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let id = ObjectID(hex: prefix + name) { unchecked[id] = index }
        }
    }

    private static func alternates(of folder: String) -> [String] {
        guard let file = fopen(folder + "info/alternates", "r") else { return [] }
        defer { fclose(file) }
        var lines: [String] = []
        var line = [CChar](repeating: 0, count: 4200)
        while fgets(&line, Int32(line.count), file) != nil {
            let bytes = line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:))
            let text = String(decoding: bytes, as: UTF8.self)
            if text.isEmpty || text.hasPrefix("#") { continue }
            lines.append((text.hasPrefix("/") ? "" : folder) + text + "/")
        }
        return lines
    }

    /// - Throws: `LedgerError` `io` if the object's file is damaged.
    func check(_ id: ObjectID) throws(LedgerError) {
        guard let index = unchecked[id] else { return }
        let hex = id.hex
        let path = folders[index] + hex.prefix(2) + "/" + hex.dropFirst(2)
        switch ledger_git_loose_object_is_whole(path) {
        case 1: unchecked[id] = nil
        case 0:
            throw LedgerError(
                .io, "the object \(hex) of the repository is damaged: \(path) is not whole",
                advice: "`git fsck` tells what else is damaged; clone the repository anew")
        default:
            throw LedgerError(.io, "\(path) can't be read: \(String(cString: strerror(errno)))")
        }
    }
}
