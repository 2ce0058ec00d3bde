import Foundation
import LedgerCore
import LedgerStore

/// A folder that nobody else may look into, for tables of other programs' databases and what else is
/// needed for a moment; it goes with this object.
public final class PrivateFolder: Sendable {
    public let path: String

    public init() throws(LedgerError) { path = try TemporaryPath.makeFolder() }

    deinit { DraftFolder.remove(path) }

    /// Reads a table of a SQLite file into a file of rows.
    ///
    /// - Parameters:
    ///   - tables: the names that it may have; the first that is there is read.
    ///   - ordering: columns to sort by, as far as they are there.
    /// - Returns: the file's path.
    public func rows(
        of tables: [String], inSQLite database: String, orderedBy ordering: [String]
    ) throws(LedgerError) -> String {
        let file = "\(path)/rows"
        try OtherDatabase.dump(tables, in: database, orderedBy: ordering, to: file)
        return file
    }
}

/// Zones by their names.
public enum NamedZone {
    /// How far a zone's clocks are ahead of UTC, in seconds, when they show what is taken as if it were
    /// UTC; of a time that is there twice the first is meant.
    ///
    /// - Parameter name: `UTC`, `+02:00`, or one of the tz database, `Europe/Berlin`.
    /// - Throws: `usage` for a name that is not known.
    public static func secondsAhead(
        _ name: String
    ) throws(LedgerError) -> @Sendable (Timestamp) -> Int {
        if name == "UTC" { return { _ in 0 } }
        if let epoch = Timestamp(rfc3339: "1970-01-01T00:00:00\(name)") {
            let ahead = Int(-epoch.milliseconds / 1000)
            return { _ in ahead }
        }
        guard let zone = TimeZone(identifier: name) else {
            throw LedgerError(
                .usage, "the time zone \(VisibleName.of(name)) is not known",
                advice: "write UTC, +02:00 or a name such as Europe/Berlin")
        }
        return { clock in
            func ahead(_ milliseconds: Int64) -> Int {
                zone.secondsFromGMT(
                    for: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
            }
            let before = ahead(clock.milliseconds - 86_400_000)
            let time = clock.milliseconds - Int64(before) * 1000
            return ahead(time) == before ? before : ahead(clock.milliseconds)
        }
    }
}
