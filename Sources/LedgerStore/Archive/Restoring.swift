import GRDB
import LedgerCore
import LedgerCrypto

/// Puts what an archive holds back into the tables.
struct Restoring {
    private let db: Database
    private let folder: String
    private let archive: Int64
    // What was erased, by entry.
    private let erased: [Int64: Set<ExactText>]

    init(_ db: Database, folder: String, archive: Int64) throws {
        self.db = db
        self.folder = folder
        self.archive = archive
        erased = try Self.erased(db)
    }

    func run() throws {
        let isCarried = try RawStatement(
            db, "SELECT 1 FROM carried WHERE idx = ? AND archive = \(archive)")
        let insert = try RawStatement(db, "INSERT INTO body (idx, bytes) VALUES (?, ?)")
        let values = try PrivateRow(db)
        let delete = try RawStatement(db, "DELETE FROM carried WHERE idx = ?")
        var needed: Set<Digest> = []
        let path = "\(folder)/\(ArchiveManifest.entriesName)"
        try LineFile.read(path) { line in
            let entry = try ArchivedEntry(line: line, of: path)
            isCarried.bind(entry.index, at: 1)
            defer { isCarried.reset() }
            guard try isCarried.step() else {
                throw LedgerError(
                    .exists, "entry #\(entry.index) is not archived by #\(archive) any more")
            }
            isCarried.reset()
            insert.bind(entry.index, at: 1)
            insert.bindText(entry.body, at: 2)
            try insert.run()
            let names = erased[entry.index] ?? []
            func isThere(_ name: String) -> Bool { !names.contains(ExactText(name)) }
            try values.replace(
                with: entry.disclosures.filter { isThere($0.name) }, of: entry.index)
            let attachments = entry.attachments
            for attachment in attachments.scripts + attachments.others
            where isThere(attachment.name) {
                needed.insert(attachment.digest)
            }
            delete.bind(entry.index, at: 1)
            try delete.run()
        }
        try restoreAttachments(needed)
    }

    private func restoreAttachments(_ needed: Set<Digest>) throws {
        let select = try RawStatement(db, "SELECT 1 FROM attachment WHERE digest = ?")
        let insert = try RawStatement(db, "INSERT INTO attachment (digest, bytes) VALUES (?, ?)")
        let path = "\(folder)/\(ArchiveManifest.attachmentsName)"
        try LineFile.read(path) { line in
            let attachment = try ArchiveCheck.attachment(line, of: path)
            guard needed.contains(attachment.digest) else { return }
            select.bind(attachment.digest, at: 1)
            let isThere = try select.step()
            select.reset()
            if isThere { return }
            insert.bind(attachment.digest, at: 1)
            insert.bindBlob(attachment.bytes, at: 2)
            try insert.run()
        }
    }

    private static func erased(_ db: Database) throws -> [Int64: Set<ExactText>] {
        let redactions = try RawStatement(
            db,
            """
            SELECT bytes FROM body WHERE idx IN
                (SELECT idx FROM event WHERE type <> 'deployment' AND type = 'redaction')
            """)
        var erased: [Int64: Set<ExactText>] = [:]
        while try redactions.step() {
            guard let event = redactions.bytes(0).flatMap({ StoredBody(Array($0)) })?.event
            else { continue }
            let names = (event[["redaction", "members"]]?.array ?? []).compactMap(\.string)
            for item in event["about"]?.array ?? [] {
                guard let entry = item.object?["entry"]?.integer else { continue }
                erased[entry, default: []].formUnion(names.map(ExactText.init))
            }
        }
        return erased
    }
}
