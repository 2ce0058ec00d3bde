import Glibc
import LedgerCore
import LedgerIngest

// Spool.swift
//
// Events on their way to a ledger, one file each (SpoolItem.swift):
//
//    <folder>/<time-ordered id>.json           in the order in which they must be recorded
//    <folder>/refused/<time-ordered id>.json   what the ledger will never take as it is
//    <folder>/refused/<time-ordered id>.reason why, one line
//    <folder>/lock                             held by the one process that sends
//
// A file is there whole or not at all: it is written under another name, synchronised and renamed.
// It goes only when the ledger has given a receipt. To send twice does no harm, because the event
// got its id before it was written.

/// The events that this user's deployments have not yet brought to their ledgers.
public struct Spool: Sendable {
    static let suffix = ".json"
    static let reasonSuffix = ".reason"

    public let path: String
    let waiting: SpoolFolder
    let refused: SpoolFolder

    public init(path: String) {
        self.path = path
        waiting = SpoolFolder(path: path)
        refused = SpoolFolder(path: path + "/refused")
    }

    /// `LEDGER_SPOOL`, else `ledger/spool` in the state folder of the XDG base directory
    /// specification.
    public static func path(from variables: [String: String]) throws(LedgerError) -> String {
        func folder(_ name: String) -> String? {
            variables[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        if let given = variables["LEDGER_SPOOL"], !given.isEmpty { return given }
        if let state = folder("XDG_STATE_HOME") { return state + "/ledger/spool" }
        if let home = folder("HOME") { return home + "/.local/state/ledger/spool" }
        throw LedgerError(
            .io, "there is no place for the spool: HOME is not set",
            advice: "set LEDGER_SPOOL to a folder")
    }

    /// Keeps an event. It is durable when this returns.
    ///
    /// - Returns: the file's name.
    public func add(_ item: SpoolItem) throws(LedgerError) -> String {
        try waiting.create()
        let name = IDMint.shared.next() + Self.suffix
        try waiting.write(item.bytes, to: name)
        return name
    }

    /// Keeps an event that is no valid one, for a person to mend.
    public func addRefused(_ item: SpoolItem, reason: String) throws(LedgerError) -> String {
        try waiting.create()
        try refused.create()
        let name = IDMint.shared.next() + Self.suffix
        try refused.write(Array((reason + "\n").utf8), to: Self.reasonName(name))
        try refused.write(item.bytes, to: name)
        return name
    }

    func item(_ name: String) throws(LedgerError) -> SpoolItem {
        try SpoolItem(bytes: waiting.read(name))
    }

    /// Puts a file aside, with the reason beside it.
    func refuse(_ name: String, reason: String) throws(LedgerError) {
        try refused.create()
        let line = reason.split(separator: "\n").joined(separator: " ") + "\n"
        // The reason first: a file without one would be a riddle. A reason from a moment before,
        // when we were killed, is replaced.
        try refused.remove(Self.reasonName(name))
        try refused.write(Array(line.utf8), to: Self.reasonName(name))
        if rename("\(waiting.path)/\(name)", "\(refused.path)/\(name)") != 0, errno != ENOENT {
            throw SpoolFolder.failure("can't move \(waiting.path)/\(name)")
        }
        refused.synchronize()
        waiting.synchronize()
    }

    /// Puts the refused files back among those that wait, to be sent once more.
    public func retryRefused() throws(LedgerError) -> Int {
        let names = try refused.names(suffix: Self.suffix)
        for name in names {
            if rename("\(refused.path)/\(name)", "\(waiting.path)/\(name)") != 0, errno != ENOENT {
                throw SpoolFolder.failure("can't move \(refused.path)/\(name)")
            }
            try refused.remove(Self.reasonName(name))
        }
        return names.count
    }

    /// Puts a refused event back among those that wait, with other values in it.
    ///
    /// - Parameters:
    ///   - name: as for `drop`; nil for all that were refused.
    ///   - change: gives the members that shall replace the event's.
    /// - Returns: how many.
    /// - Throws: `notFound`, `ambiguous`; `invalidEvent` if an event is still no valid one: it and
    ///   those after it stay refused.
    public func mend(
        _ name: String?, _ change: (JSONObject) throws(LedgerError) -> JSONObject
    ) throws(LedgerError) -> Int {
        let all = try refused.names(suffix: Self.suffix)
        let chosen = try name.map { name throws(LedgerError) in
            [try Self.only(name, among: all)]
        }
        for name in chosen ?? all {
            let old = try SpoolItem(bytes: refused.read(name))
            let event = old.event.merging(try change(old.event))
            let item = SpoolItem(ledger: old.ledger, source: old.source, event: event)
            do throws(LedgerError) {
                _ = try item.read()
            } catch {
                throw error.prefixed(name)
            }
            // Twice in the spool, if we are killed here, and once in the ledger: the id is the same.
            try waiting.write(item.bytes, to: name)
            try refused.remove(name)
            try refused.remove(Self.reasonName(name))
        }
        return (chosen ?? all).count
    }

    static func reasonName(_ name: String) -> String {
        name.dropLast(suffix.count) + reasonSuffix
    }
}
