import Glibc
import LedgerCore
import LedgerCorrelation

/// A file of the spool, as a row.
public struct SpoolRow: Sendable {
    /// The file's name, by which `drop` takes it.
    public let name: String
    /// When the event happened.
    public let time: Timestamp?
    public let ledger: String?
    /// What it is, in a few words.
    public let summary: String
    /// Why the ledger will not take it; nil while it waits.
    public let refusal: String?
}

extension Spool {
    /// What waits, in order, and then what was refused. A file that can't be read is a row too.
    public func list() throws(LedgerError) -> [SpoolRow] {
        var rows: [SpoolRow] = []
        for name in try waiting.names(suffix: Self.suffix) {
            rows.append(row(name, in: waiting, refusal: nil))
        }
        for name in try refused.names(suffix: Self.suffix) {
            let bytes = try? refused.read(Self.reasonName(name))
            let reason = bytes.map { String(decoding: $0.prefix { $0 != 0x0A }, as: UTF8.self) }
            rows.append(row(name, in: refused, refusal: reason ?? "no reason is kept"))
        }
        return rows
    }

    /// The files that name one of these people, waiting or refused.
    public func names(of people: [String]) throws(LedgerError) -> [String] {
        let search = TextSearch(people)
        var found: [String] = []
        for folder in [waiting, refused] {
            for name in try folder.names(suffix: Self.suffix) {
                let bytes = try folder.read(name)
                let scripts = (try? SpoolItem(bytes: bytes).read())?.attachments ?? []
                let texts = [bytes] + scripts.map(\.bytes)
                if texts.contains(where: search.finds) { found.append(name) }
            }
        }
        return found
    }

    private func row(_ name: String, in folder: SpoolFolder, refusal: String?) -> SpoolRow {
        do throws(LedgerError) {
            let item = try SpoolItem(bytes: folder.read(name))
            return SpoolRow(
                name: name, time: item.event["time"]?.string.flatMap(Timestamp.init(rfc3339:)),
                ledger: item.ledger, summary: item.summary, refusal: refusal)
        } catch {
            return SpoolRow(
                name: name, time: nil, ledger: nil, summary: "not readable: \(error.message)",
                refusal: refusal)
        }
    }

    /// Throws an event away.
    ///
    /// - Parameter name: as `list` gives it, with or without its ending, or a beginning that fits
    ///   one file alone.
    /// - Throws: `notFound`, `ambiguous`.
    public func drop(_ name: String) throws(LedgerError) {
        let all = try waiting.names(suffix: Self.suffix) + refused.names(suffix: Self.suffix)
        try dropFile(Self.only(name, among: all))
    }

    static func only(_ name: String, among all: [String]) throws(LedgerError) -> String {
        let exact = all.filter { $0 == name || $0 == name + Self.suffix }
        let found = exact.isEmpty && !name.isEmpty ? all.filter { $0.hasPrefix(name) } : exact
        guard let only = found.first else {
            throw LedgerError(
                .notFound, "the spool has no file \(name)", advice: "see: ledger spool list")
        }
        guard found.count == 1 else {
            throw LedgerError(.ambiguous, "\(found.count) files of the spool begin with \(name)")
        }
        return only
    }

    /// Throws everything away that is for one ledger, or, with nil, everything.
    ///
    /// - Returns: how many.
    public func dropAll() throws(LedgerError) -> Int {
        let all = try waiting.names(suffix: Self.suffix) + refused.names(suffix: Self.suffix)
        for name in all { try dropFile(name) }
        return all.count
    }

    private func dropFile(_ name: String) throws(LedgerError) {
        try waiting.remove(name)
        if try refused.remove(name) { try refused.remove(Self.reasonName(name)) }
    }
}
