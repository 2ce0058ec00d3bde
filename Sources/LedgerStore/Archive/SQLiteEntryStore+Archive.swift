import GRDB
import LedgerCore
import LedgerCrypto

extension SQLiteEntryReader {
    /// Writes what was recorded before a moment to a new folder, as `ArchiveManifest` says, and
    /// reads it back. The folder appears whole or not at all; the ledger is only read.
    ///
    /// - Parameter progress: called now and then with the number of entries done.
    /// - Returns: nil, and there is no folder, if there is nothing to archive.
    public func writeArchive(
        before: Timestamp, to folder: String, progress: (Int64) -> Void = { _ in }
    ) throws(LedgerError) -> WrittenArchive? {
        let draft = try DraftFolder(at: folder)
        defer { draft.discard() }
        let head = try head()
        return try readProjections { db in
            let writer = try ArchiveWriter(db, log: log, head: head, before: before)
            guard let written = try writer.write(to: draft, progress: progress) else { return nil }
            let place = draft.place(of: "")
            try ArchiveCheck(
                db, log: log, folder: place, manifest: try ArchiveManifest.read(place)
            ).run(progress: progress)
            try draft.publish()
            return WrittenArchive(
                folder: draft.path, manifest: written.manifest, unneeded: written.unneeded)
        }
    }

    /// Checks an archive against the ledger's leaves.
    ///
    /// - Returns: the entry that names it.
    /// - Throws: `notFound` if none does, `exists` if it was restored.
    public func checkedArchive(
        _ folder: String, progress: (Int64) -> Void = { _ in }
    ) throws(LedgerError) -> Int64 {
        try readProjections { db in
            let manifest = try ArchiveManifest.read(folder)
            let check = try ArchiveCheck(db, log: log, folder: folder, manifest: manifest)
            let archive = try Int64.fetchOne(
                db,
                sql: """
                    SELECT event.idx FROM event JOIN body ON body.idx = event.idx
                    WHERE event.type <> 'deployment' AND event.type = 'archive'
                        AND json_extract(body.bytes, '$.event.archive.digest') = ?
                    """, arguments: ["sha256:" + manifest.digest.hex])
            guard let archive else {
                throw LedgerError(
                    .notFound, "no entry of this ledger names the archive \(folder)",
                    advice: "what it holds was never taken out of this ledger")
            }
            let isOut = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM carried WHERE archive = ?)",
                arguments: [archive])
            guard isOut ?? false else {
                throw LedgerError(.exists, "what #\(archive) archived is in the ledger again")
            }
            try check.run(progress: progress)
            return archive
        }
    }

    public static func manifest(of folder: String) throws(LedgerError) -> ArchiveManifest {
        try SQLiteFailure.translate(path: folder) { try ArchiveManifest.read(folder) }
    }
}

extension WrittenArchive {
    /// Takes the folder away again: what it holds is still in the ledger.
    public func discard() { DraftFolder.remove(folder) }
}

extension SQLiteEntryStore {
    /// Records an archive and takes what is in it out of the ledger, in one transaction.
    ///
    /// - Parameter record: appends the entry that names the archive.
    /// - Throws: `busy` if the ledger has been archived, restored or erased from since the archive
    ///   was written.
    public func archive(
        _ written: WrittenArchive, record: (any EntryWriter) throws -> Receipt
    ) throws(LedgerError) -> Receipt {
        try write(record) { db, receipt in
            let head = written.manifest.head.index
            let isChanged = try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM event
                        WHERE idx > ? AND idx < ? AND type IN ('archive', 'restore', 'redaction'))
                    """, arguments: [head, receipt.index])
            if isChanged ?? true {
                throw LedgerError(
                    .busy, "something was archived, restored or erased in the meantime",
                    advice: "try again")
            }
            try Self.carryOver(written, archive: receipt.index, db)
            let needed = try NeededAttachments.all(
                db, among: Set(written.unneeded), from: head + 1)
            let delete = try RawStatement(db, "DELETE FROM attachment WHERE digest = ?")
            for digest in written.unneeded where !needed.contains(digest) {
                delete.bind(digest, at: 1)
                try delete.run()
            }
            return receipt
        }
    }

    private static func carryOver(
        _ written: WrittenArchive, archive: Int64, _ db: Database
    ) throws {
        let insert = try RawStatement(
            db, "INSERT INTO carried (idx, archive, bytes) VALUES (?, ?, ?)")
        let delete = try RawStatement(db, "DELETE FROM body WHERE idx = ?")
        let values = try PrivateRow(db)
        let path = "\(written.folder)/\(ArchiveManifest.carriedName)"
        try LineFile.read(path) { line in
            guard let object = (try? JSONReader.read(Array(line)))?.object,
                let index = object["index"]?.integer, let remainder = object["carried"]?.object
            else { throw LedgerError(.damaged, "\(path) is damaged: a line can't be read") }
            insert.bind(index, at: 1)
            insert.bind(archive, at: 2)
            insert.bindText(CanonicalJSON.bytes(.object(remainder)), at: 3)
            try insert.run()
            delete.bind(index, at: 1)
            try delete.run()
            let names = Set(
                (remainder["private"]?.object?.members ?? []).map { ExactText($0.name) })
            let disclosures = try values.disclosures(of: index)
            try values.replace(
                with: disclosures.filter { names.contains(ExactText($0.name)) }, of: index)
        }
    }

    /// Puts what an archive holds back into the ledger, in one transaction. What was erased since
    /// stays erased.
    ///
    /// - Parameters:
    ///   - archive: the entry that names it.
    ///   - record: appends the entry that says so.
    public func restore(
        _ folder: String, of archive: Int64, record: (any EntryWriter) throws -> Receipt
    ) throws(LedgerError) -> Receipt {
        try write(record) { db, receipt in
            try Restoring(db, folder: folder, archive: archive).run()
            return receipt
        }
    }
}
