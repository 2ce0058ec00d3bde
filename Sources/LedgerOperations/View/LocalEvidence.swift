import LedgerCore
import LedgerCorrelation
import LedgerCrypto
import LedgerSQL
import LedgerStore

/// What rules ask of a ledger's file.
final class LocalEvidence: Evidence {
    private let reader: SQLiteEntryReader
    private let role: Role
    let persons: PersonNames
    // Of all services, looked for once.
    private var stray: [ExactText: [StrayConnection]]?

    /// - Parameter role: what it may not see is not there.
    init(_ view: LocalView, as role: Role) throws(LedgerError) {
        reader = view.reader
        self.role = role
        persons = try view.persons(as: role)
    }

    func row(at index: Int64) throws(LedgerError) -> HistoryRow? {
        try reader.row(at: index).map(role.seen).map(persons.applied)
    }

    func script(_ digest: String) throws(LedgerError) -> [UInt8]? {
        guard role.seesEverything,
            let key = Digest(hex: Array(digest.utf8.dropFirst("sha256:".utf8.count)))
        else { return nil }
        return try reader.attachment(key)
    }

    func touchedObjects(
        by digests: Set<String>
    ) throws(LedgerError) -> [String: [TouchedObject]] {
        try reader.touchedObjects(by: digests)
    }

    func untimely(
        _ kind: Untimely.Kind, service: String, environment: String?, beyond: Duration,
        since: Timestamp?
    ) throws(LedgerError) -> [Untimely] {
        try reader.untimely(
            kind, service: service, environment: environment,
            beyond: beyond.components.seconds * 1000, since: since?.milliseconds ?? .min)
    }

    func loneAttempts(
        service: String, environment: String
    ) throws(LedgerError) -> [LoneAttempt] {
        try reader.loneAttempts(service: service, environment: environment)
    }

    func strayConnections(of service: String) throws(LedgerError) -> [StrayConnection] {
        if stray == nil { stray = try readStray() }
        return stray?[ExactText(service)] ?? []
    }

    func rewrites(of service: String) throws(LedgerError) -> [HistoryRewrite] {
        var rewrites: [HistoryRewrite] = []
        try reader.forEachFact([.snapshot], of: [service], asOf: .now) {
            rewrites += HistoryRewrite.all(in: $0)
        }
        return rewrites
    }

    private func readStray() throws(LedgerError) -> [ExactText: [StrayConnection]] {
        guard try reader.hasConnections else { return [:] }
        var declared: [Target: DatabaseAddress] = [:]
        try reader.forEachTargetDeclaration(of: [], asOf: .now) { declaration in
            let address = declaration.isAdded ? declaration.address : nil
            declared[declaration.target] = address.flatMap { DatabaseAddress($0) }
        }
        var stray: [ExactText: [StrayConnection]] = [:]
        let owned = Dictionary(grouping: declared) { ExactText($0.value.text) }
        for (text, places) in owned {
            let targets = places.map(\.key)
            guard let address = places.first?.value,
                let owner = targets.min(by: { $0.isBefore($1) })
            else { continue }
            // Environments may share a database, if it is declared so.
            let owners = Set(targets.compactMap { $0.environment.map(ExactText.init) })
            for connection in try reader.connections(to: address, exceptFrom: owners) {
                // One that is declared with its port is not meant by one without.
                let exact = ExactText(connection.address.text)
                guard exact == text || owned[exact] == nil,
                    let service = connection.target.service,
                    let environment = connection.target.environment
                else { continue }
                stray[ExactText(service), default: []].append(
                    StrayConnection(
                        index: connection.index, at: connection.at, environment: environment,
                        owner: owner))
            }
        }
        return stray
    }
}
