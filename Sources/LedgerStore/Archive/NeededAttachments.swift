import GRDB
import LedgerCore
import LedgerCrypto

/// Which attachments entries name.
enum NeededAttachments {
    /// Those of `digests` that are some entry's script, or that an entry that stays names otherwise.
    ///
    /// - Parameter first: from which entry on.
    static func all(
        _ db: Database, among digests: Set<Digest>, from first: Int64 = 0,
        stays: (Int64) -> Bool = { _ in true }
    ) throws -> Set<Digest> {
        var needed: Set<Digest> = []
        if digests.isEmpty { return needed }
        let scripts = try RawStatement(
            db,
            """
            SELECT json_extract(bytes, '$.event.change.digest'),
                json_extract(bytes, '$.event.rollback.script_digest')
            FROM (SELECT idx, bytes FROM body UNION ALL SELECT idx, bytes FROM carried)
            WHERE idx >= \(first)
            """)
        while try scripts.step() {
            for column: Int32 in [0, 1] {
                guard let digest = scripts.text(column).flatMap(Digest.init(text:)),
                    digests.contains(digest)
                else { continue }
                needed.insert(digest)
            }
        }
        let others = try RawStatement(
            db, "SELECT idx, other FROM private WHERE other IS NOT NULL AND idx >= \(first)")
        while try others.step() {
            guard stays(others.integer(0)), let bytes = others.bytes(1),
                let list = (try? JSONReader.read(Array(bytes)))?.array
            else { continue }
            for item in list {
                guard let value = item.array?.last?.object,
                    let digest = value["digest"]?.string.flatMap(Digest.init(text:)),
                    digests.contains(digest)
                else { continue }
                needed.insert(digest)
            }
        }
        return needed
    }
}
