import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations
import LedgerReport
import NIOCore

/// Makes a long answer page by page, as fast as its reader takes it: what is in memory is one page,
/// and who goes away stops it.
final class RowStream: @unchecked Sendable {
    private static let pageCount = 500

    // Used by one task at a time, on a worker.
    private let view: LocalView
    private var query: EntryQuery
    private var left: Int
    private var writer: RecordWriter<HistoryRow>
    private let page = Page()
    private var isFinished = false

    private final class Page {
        var bytes: [UInt8] = []
    }

    init(_ view: LocalView, _ query: EntryQuery, _ format: RecordFormat) {
        self.view = view
        self.query = query
        left = query.limit ?? .max
        let page = page
        writer = RecordWriter(
            format, of: QueryRow.definition, to: BufferedOutput { page.bytes += $0 })
    }

    /// The next bytes; nil at the end.
    private func next() throws -> [UInt8]? {
        if isFinished { return nil }
        query.limit = min(left, Self.pageCount)
        var count = 0
        try view.forEachRow(matching: query) { row in
            try writer.write(row)
            query.after = RowPosition(of: row)
            count += 1
            return true
        }
        left -= count
        if count < Self.pageCount || left == 0 {
            try writer.finish()
            isFinished = true
        }
        defer { page.bytes.removeAll(keepingCapacity: true) }
        return page.bytes
    }

    /// The answer; its first page is read before it begins, so that an error has its own status.
    static func response(
        _ workers: Workers, type: String,
        _ make: @Sendable () async throws -> RowStream
    ) async throws -> Response {
        let (stream, first) = try await workers.run {
            let stream = try await make()
            return (stream, try stream.next())
        }
        let body = ResponseBody { writer in
            var block = first
            while let bytes = block {
                if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
                block = try await workers.run { try stream.next() }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: type], body: body)
    }
}
