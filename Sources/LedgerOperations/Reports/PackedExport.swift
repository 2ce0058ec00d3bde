import Glibc
import LedgerCore
import LedgerReport
import LedgerStore
import Synchronization

/// An export in files of its own, for as long as somebody reads it: as an archive, or the rows
/// alone.
public final class PackedExport: Sendable {
    private enum Part {
        case bytes([UInt8])
        case file(String)
    }

    private struct State {
        var parts: [Part]
        // The file that is being read.
        var descriptor: Int32 = -1
    }

    /// What recording it gave.
    public let receipt: Receipt?
    private let folder: TemporaryPlace
    private let state: Mutex<State>

    private init(_ folder: TemporaryPlace, _ receipt: Receipt?, _ parts: [Part]) {
        self.folder = folder
        self.receipt = receipt
        state = Mutex(State(parts: parts))
    }

    deinit {
        state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } }
        folder.remove()
    }

    /// The whole folder, as an archive.
    public static func archive(
        _ export: Export, _ view: LocalView, record: Export.Recording
    ) async throws(LedgerError) -> PackedExport {
        let place = try TemporaryPlace()
        do throws(LedgerError) {
            let made = try await export.write(view, to: place.path + "/export", record: record)
            var parts: [Part] = []
            for name in made.cover.files.map(\.name) + ["cover.json"] {
                let path = place.path + "/export/" + name
                var status = stat()
                guard stat(path, &status) == 0 else {
                    throw LedgerError(.io, "\(path): \(String(cString: strerror(errno)))")
                }
                let byteCount = Int64(status.st_size)
                parts += [
                    .bytes(TarArchive.header(name, byteCount: byteCount)), .file(path),
                    .bytes(TarArchive.padding(after: byteCount)),
                ]
            }
            return PackedExport(place, made.receipt, parts + [.bytes(TarArchive.end)])
        } catch {
            place.remove()
            throw error
        }
    }

    /// The rows alone.
    public static func rows(
        _ export: Export, _ view: LocalView, record: Export.Recording
    ) async throws(LedgerError) -> PackedExport {
        let place = try TemporaryPlace()
        do throws(LedgerError) {
            let draft = try DraftFolder(at: place.path + "/export")
            let file = try draft.open("rows")
            let output = BufferedOutput { try file.write($0) }
            let made = try await export.write(view, to: output, record: record)
            _ = try file.finish()
            try draft.publish()
            return PackedExport(place, made.receipt, [.file(place.path + "/export/rows")])
        } catch {
            place.remove()
            throw error
        }
    }

    /// The next bytes; nil at the end. Used by one task at a time.
    public func next() throws(LedgerError) -> [UInt8]? {
        try state.withLock { (state) throws(LedgerError) -> [UInt8]? in
            while let part = state.parts.first {
                switch part {
                case .bytes(let bytes):
                    state.parts.removeFirst()
                    if !bytes.isEmpty { return bytes }
                case .file(let path):
                    if state.descriptor < 0 {
                        state.descriptor = open(path, O_RDONLY | O_CLOEXEC)
                    }
                    if let block = try Self.block(state.descriptor, path) { return block }
                    close(state.descriptor)
                    state.descriptor = -1
                    state.parts.removeFirst()
                }
            }
            return nil
        }
    }

    private static func block(_ descriptor: Int32, _ path: String) throws(LedgerError) -> [UInt8]? {
        var block = [UInt8](repeating: 0, count: 262_144)
        var count = -1
        repeat { count = read(descriptor, &block, block.count) } while count < 0 && errno == EINTR
        guard count >= 0 else {
            throw LedgerError(.io, "\(path): \(String(cString: strerror(errno)))")
        }
        return count == 0 ? nil : Array(block[..<count])
    }
}
