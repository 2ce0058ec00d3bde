import GRDB
import LedgerCore
import LedgerCrypto

/// Makes an answer of an event's row, its stored body and private values, those of the event that
/// started the same deployment, and the corrections about either.
struct HistoryRowReader {
    // `start` is the private row, and `start_body` the body, of the event that started it. Of what is
    // archived, the remainder stands for the body.
    static let columns = """
        event.idx, event.at, event.time_known, event.recorded, event.first, event.corrected_by, \
        coalesce(event.strategy, change.strategy), event.service, event.change, entry.hash, \
        coalesce(body.bytes, carried.bytes), coalesce(start_body.bytes, start_carried.bytes), \
        carried.archive, \(list("private")), \(list("start"))
        """
    static let source = source(from: "event")

    static func source(from table: String) -> String {
        """
        FROM \(table)
        JOIN entry ON entry.idx = event.idx
        LEFT JOIN body ON body.idx = event.idx
        LEFT JOIN carried ON carried.idx = event.idx
        LEFT JOIN private ON private.idx = event.idx
        LEFT JOIN body AS start_body ON start_body.idx = event.first
        LEFT JOIN carried AS start_carried ON start_carried.idx = event.first
        LEFT JOIN private AS start ON start.idx = event.first
        LEFT JOIN change ON change.service = event.service AND change.id = event.change
        """
    }

    private static let privateCount = Int32(PrivateColumns.names.count + 1)
    private static let firstPrivate: Int32 = 13

    private static func list(_ table: String) -> String {
        (PrivateColumns.names + ["other"]).map { "\(table).\($0)" }.joined(separator: ", ")
    }

    private let db: Database

    init(_ db: Database) {
        self.db = db
    }

    func row(in statement: RawStatement) throws -> HistoryRow {
        let index = statement.integer(0)
        guard let hash = statement.digest(9) else {
            throw LedgerError(.damaged, "entry #\(index) has no hash", advice: "ledger verify")
        }
        let body = statement.bytes(10).flatMap { StoredBody(Array($0)) }
        let start = statement.bytes(11).flatMap { StoredBody(Array($0)) }
        var members = body?.event ?? JSONObject()
        if let start { members = start.event.merging(members) }
        let firstIndex = statement.isNull(4) ? nil : statement.integer(4)
        let correctedBy = statement.isNull(5) ? nil : statement.integer(5)
        if correctedBy != nil {
            for correction in try corrections(of: index, firstIndex) {
                members = members.merging(correction)
            }
        }
        var privateMembers = privateMembers(
            in: statement, from: Self.firstPrivate + Self.privateCount)
        for member in self.privateMembers(in: statement, from: Self.firstPrivate).members {
            privateMembers[member.name] = member.value
        }
        return HistoryRow(
            index: index, firstIndex: firstIndex, hash: hash,
            recorded: Timestamp(milliseconds: statement.integer(3)),
            at: Timestamp(milliseconds: statement.integer(1)),
            isTimeKnown: statement.integer(2) != 0, members: members,
            privateMembers: privateMembers, principal: body?.principal ?? JSONObject(),
            correctedBy: correctedBy, strategy: statement.text(6),
            archivedBy: statement.isNull(12) ? nil : statement.integer(12))
    }

    private func privateMembers(in statement: RawStatement, from first: Int32) -> JSONObject {
        var members = JSONObject()
        for disclosure in PrivateColumns.disclosures(in: statement, from: first) {
            members[disclosure.name] = disclosure.value
        }
        return members
    }

    // Those about the start first, as in `EventProjection`: they say nothing of the outcome.
    private func corrections(of index: Int64, _ first: Int64?) throws -> [JSONObject] {
        let corrections = try RawStatement(
            db,
            """
            SELECT about.entry, body.bytes FROM about JOIN body ON body.idx = about.idx
            WHERE about.entry IN (?, ?) ORDER BY about.idx
            """, isCached: true)
        corrections.bind(index, at: 1)
        corrections.bind(first, at: 2)
        defer { corrections.reset() }
        var found: [JSONObject] = []
        while try corrections.step() {
            guard let body = corrections.bytes(1).flatMap({ StoredBody(Array($0)) }),
                body.event["type"]?.string == EventType.correction.rawValue,
                var correction = body.event["correction"]?.object
            else { continue }
            if corrections.integer(0) != index {
                correction["time"] = nil
                correction["deployment"] = nil
            }
            found.append(correction)
        }
        return found
    }
}
