import Foundation
import TestSupport

/// A disk of its own, in memory, that is unmounted with the value. Needs root.
final class SmallDisk {
    let path: String
    private let folder: TemporaryFolder

    init(bytes: Int) throws {
        folder = try TemporaryFolder()
        path = folder.file("disk")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let run = try Shell.run("mount", ["-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", path])
        if run.status != 0 { throw NotMounted(message: run.output) }
    }

    struct NotMounted: Error {
        let message: String
    }

    /// Root may mount on most machines, but not in every container.
    static let isAvailable = Torture.isRoot && (try? SmallDisk(bytes: 65_536)) != nil

    func remount(_ option: String) throws {
        let run = try Shell.run("mount", ["-o", "remount,\(option)", path])
        if run.status != 0 { throw NotMounted(message: run.output) }
    }

    /// Takes all room but this.
    func fill(leaving bytes: Int = 0) throws {
        let filler = path + "/filler"
        _ = try Shell.run("dd", ["if=/dev/zero", "of=\(filler)", "bs=4096"])
        let size = try FileManager.default.attributesOfItem(atPath: filler)[.size] as? Int ?? 0
        if truncate(filler, max(0, size - bytes)) != 0 { throw NotMounted(message: "truncate") }
    }

    func makeRoom() throws {
        try FileManager.default.removeItem(atPath: path + "/filler")
    }

    deinit {
        _ = try? Shell.run("umount", [path])
    }
}
