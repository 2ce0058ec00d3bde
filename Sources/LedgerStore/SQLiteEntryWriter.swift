import GRDB
import LedgerCore
import LedgerCrypto

/// Appends entries within one transaction. Belongs to the store's queue.
final class SQLiteEntryWriter: EntryWriter {
    let db: Database
    private let log: String
    private let hasher = SHA256()
    private let dataVersion: RawStatement
    private let selectHead: RawStatement
    private let insertEntry: RawStatement
    private let insertBody: RawStatement
    private let insertPrivate: RawStatement
    private let selectAttachment: RawStatement
    private let insertAttachment: RawStatement
    let projector: Projector
    private var lastVersion: Int64?
    private var currentHead: Head?
    private var currentTime: Int64?

    init(_ db: Database, log: String) throws {
        self.db = db
        self.log = log
        dataVersion = try RawStatement(db, "PRAGMA data_version")
        selectHead = try RawStatement(
            db, "SELECT idx, hash, leaf FROM entry ORDER BY idx DESC LIMIT 1")
        insertEntry = try RawStatement(db, "INSERT INTO entry (idx, leaf, hash) VALUES (?, ?, ?)")
        insertBody = try RawStatement(db, "INSERT INTO body (idx, bytes) VALUES (?, ?)")
        insertPrivate = try RawStatement(
            db,
            """
            INSERT INTO private (idx, \(PrivateColumns.names.joined(separator: ", ")), other)
            VALUES (?\(String(repeating: ", ?", count: PrivateColumns.names.count + 1)))
            """)
        selectAttachment = try RawStatement(db, "SELECT 1 FROM attachment WHERE digest = ?")
        insertAttachment = try RawStatement(
            db, "INSERT INTO attachment (digest, bytes) VALUES (?, ?)")
        projector = try Projector(db)
    }

    /// Begins a transaction: what another connection may have written since the last one makes
    /// everything remembered doubtful.
    func begin() throws {
        defer { dataVersion.reset() }
        let version = try dataVersion.step() ? dataVersion.integer(0) : nil
        if version == lastVersion { return }
        lastVersion = version
        currentHead = nil
        currentTime = nil
        projector.forget()
    }

    func flush() throws {
        try projector.flush()
    }

    func head() throws -> Head {
        if let currentHead { return currentHead }
        defer { selectHead.reset() }
        guard try selectHead.step() else {
            currentHead = .empty
            return .empty
        }
        guard let hash = selectHead.digest(1), let leaf = selectHead.bytes(2).flatMap({ Leaf($0) })
        else {
            throw LedgerError(
                .damaged, "the last entry, #\(selectHead.integer(0)), can't be read",
                advice: "ledger verify")
        }
        let head = Head(index: selectHead.integer(0), hash: hash)
        currentHead = head
        currentTime = leaf.time
        return head
    }

    func lastTime() throws -> Int64? {
        _ = try head()
        return currentTime
    }

    func entries(withIdentity identity: Digest) throws -> [StoredEntry] {
        try projector.indexes(of: identity).compactMap { try EntryRow.fetch(db, index: $0) }
    }

    func streamHead(_ id: Digest) throws -> Head? {
        try projector.streamHead(id)
    }

    func append(
        _ submission: Submission, leaf: Leaf, leafBytes: [UInt8], hash: Digest
    ) throws {
        insertEntry.bind(leaf.index, at: 1)
        insertEntry.bindText(leafBytes, at: 2)
        insertEntry.bind(hash, at: 3)
        try insertEntry.run()
        insertBody.bind(leaf.index, at: 1)
        insertBody.bindText(submission.body.bytes, at: 2)
        try insertBody.run()
        if !submission.body.disclosures.isEmpty {
            PrivateColumns.bind(submission.body.disclosures, index: leaf.index, to: insertPrivate)
            try insertPrivate.run()
        }
        for attachment in submission.event.attachments { try keep(attachment) }
        try projector.project(
            leaf: leaf, hash: hash, members: submission.event.members,
            identity: submission.identity)
        currentHead = Head(index: leaf.index, hash: hash)
        currentTime = leaf.time
    }

    private func keep(_ attachment: Attachment) throws {
        selectAttachment.bind(attachment.digest, at: 1)
        let isThere = try selectAttachment.step()
        selectAttachment.reset()
        if isThere { return }
        insertAttachment.bind(attachment.digest, at: 1)
        insertAttachment.bindBlob(attachment.bytes, at: 2)
        try insertAttachment.run()
    }
}
