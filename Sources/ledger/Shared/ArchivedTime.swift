import LedgerCore
import LedgerOperations
import LedgerReport

/// Says of an answer that it reaches into archived time.
enum ArchivedTime {
    static func note(
        _ view: any LedgerView, since: Timestamp?, _ local: LocalTime
    ) async {
        note(await parts(view), since: since, local)
    }

    static func note(
        _ view: any LedgerView, in range: Range<Int64>, _ local: LocalTime
    ) async {
        note(await parts(view).filter { range.overlaps($0.first..<$0.last + 1) }, local)
    }

    /// - Parameter archive: the archive's entry.
    static func note(_ view: any LedgerView, archive: Int64, _ local: LocalTime) async {
        note(await parts(view).filter { $0.index == archive }, local)
    }

    private static func note(
        _ parts: [ArchivedPart], since: Timestamp? = nil, _ local: LocalTime
    ) {
        if let note = ArchiveReport.note(parts, since: since, local: local) { Terminal.note(note) }
    }

    // The answer itself stands, also where a server knows nothing of archives.
    private static func parts(_ view: any LedgerView) async -> [ArchivedPart] {
        (try? await view.reply(to: ArchivesInquiry()).rows) ?? []
    }
}
