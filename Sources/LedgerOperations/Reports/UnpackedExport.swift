import LedgerCore
import LedgerStore

/// Makes an export's folder of the archive that a server sends (PackedExport).
public final class UnpackedExport {
    private let draft: DraftFolder
    private var archive = TarReader()
    private var file: DraftFile?

    public init(to folder: String) throws(LedgerError) {
        draft = try DraftFolder(at: folder)
    }

    /// Takes the next bytes.
    public func take(_ bytes: some Sequence<UInt8>) throws(LedgerError) {
        try archive.take(bytes) { (event) throws(LedgerError) in
            switch event {
            case .begins(let name, _): file = try draft.open(name)
            case .bytes(let bytes): try file?.write(bytes)
            case .ends:
                _ = try file?.finish()
                file = nil
            }
        }
    }

    /// Whether all of it was there.
    public var isAtEnd: Bool { archive.isAtEnd }

    /// Lets the folder appear, durably.
    public func publish() throws(LedgerError) { try draft.publish() }

    /// What was not published goes.
    public func discard() { draft.discard() }
}
