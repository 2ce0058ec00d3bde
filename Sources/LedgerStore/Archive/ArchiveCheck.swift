import GRDB
import LedgerCore
import LedgerCrypto

/// Reads an archive and compares it with the leaves of its ledger.
struct ArchiveCheck {
    private let db: Database
    private let folder: String
    private let manifest: ArchiveManifest
    private let hasher = SHA256()
    private let leaf: RawStatement

    init(_ db: Database, log: String, folder: String, manifest: ArchiveManifest) throws {
        self.db = db
        self.folder = folder
        self.manifest = manifest
        leaf = try RawStatement(db, "SELECT leaf, hash FROM entry WHERE idx = ?")
        guard manifest.log.hasSameBytes(as: log) else {
            throw LedgerError(
                .usage, "\(folder) is an archive of another ledger, \(VisibleName.of(manifest.log))"
            )
        }
    }

    /// - Throws: `damaged` if anything is not as it was archived.
    func run(progress: (Int64) -> Void) throws {
        var remainders = try remainders()
        var count: Int64 = 0
        let entriesPath = "\(folder)/\(ArchiveManifest.entriesName)"
        let entries = try LineFile.read(entriesPath) { line in
            let entry = try ArchivedEntry(line: line, of: entriesPath)
            guard manifest.first...manifest.last ~= entry.index else {
                throw wrong("#\(entry.index) is not in its range")
            }
            try check(entry, remainders.next())
            count += 1
            if count & 0xFFF == 0 { progress(count) }
        }
        guard entries == manifest.entries, remainders.isAtEnd else {
            throw wrong("\(ArchiveManifest.entriesName) is not the file that was written")
        }
        let path = "\(folder)/\(ArchiveManifest.attachmentsName)"
        let attachments = try LineFile.read(path) { line in
            let attachment = try Self.attachment(line, of: path)
            guard hasher.hash(attachment.bytes) == attachment.digest else {
                throw wrong("an attachment's bytes are not those of its digest")
            }
        }
        guard attachments == manifest.attachments else {
            throw wrong("\(ArchiveManifest.attachmentsName) is not the file that was written")
        }
    }

    private func wrong(_ what: String) -> LedgerError {
        LedgerError(.damaged, "the archive \(folder) is damaged: \(what)")
    }

    // MARK: Entries

    /// The lines of carried.ndjson, each but its last byte.
    private struct Remainders {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        var place = 0

        var isAtEnd: Bool { place == ends.count }

        mutating func next() -> ArraySlice<UInt8>? {
            guard place < ends.count else { return nil }
            defer { place += 1 }
            return bytes[(place == 0 ? 0 : ends[place - 1])..<ends[place]]
        }
    }

    private func remainders() throws -> Remainders {
        var remainders = Remainders()
        let count = try LineFile.read("\(folder)/\(ArchiveManifest.carriedName)") { line in
            remainders.bytes += line
            remainders.ends.append(remainders.bytes.count)
        }
        guard count == manifest.carried else {
            throw wrong("\(ArchiveManifest.carriedName) is not the file that was written")
        }
        return remainders
    }

    private func check(_ entry: ArchivedEntry, _ remainder: ArraySlice<UInt8>?) throws {
        leaf.bind(entry.index, at: 1)
        defer { leaf.reset() }
        guard try leaf.step(), let bytes = leaf.bytes(0), let leaf = Leaf(bytes),
            self.leaf.digest(1) == Leaf.hash(bytes, with: hasher)
        else {
            throw LedgerError(
                .damaged, "the leaf of entry #\(entry.index) is not as it was recorded",
                advice: "ledger verify")
        }
        guard hasher.hash(entry.body) == leaf.body else {
            throw wrong("the body of #\(entry.index) is not the one that its leaf names")
        }
        guard let digests = StoredBody(entry.body)?.privateDigests else {
            throw wrong("the body of #\(entry.index) can't be read")
        }
        for disclosure in entry.disclosures {
            let digest = digests[disclosure.name]?.string
            guard digest.hasSameBytes(as: disclosure.digest(hasher: hasher)) else {
                throw wrong("a private value of #\(entry.index) is not the one that was recorded")
            }
        }
        let kept = remainder.flatMap { try? JSONReader.read(Array($0)) }?.object?["carried"]
        let names = Set(
            (kept?.object?["private"]?.object?.members ?? []).map { ExactText($0.name) })
        let expected = Remainder.bytes(ofBody: entry.body) { names.contains(ExactText($0)) }
            .map { bytes in
                bytes.withUnsafeBytes { Remainder.line($0, index: entry.index).dropLast() }
            }
        guard let remainder, let expected, remainder.elementsEqual(expected) else {
            throw wrong("what was carried over of #\(entry.index) is not in its body")
        }
    }

    // MARK: Attachments

    static func attachment(
        _ line: ArraySlice<UInt8>, of path: String
    ) throws -> (digest: Digest, bytes: [UInt8]) {
        guard let object = (try? JSONReader.read(Array(line)))?.object,
            let digest = object["digest"]?.string.flatMap(Digest.init(text:)),
            let bytes = object["bytes"]?.string.flatMap(Base64.decode)
        else { throw LedgerError(.damaged, "\(path) is damaged: a line can't be read") }
        return (digest, bytes)
    }
}
