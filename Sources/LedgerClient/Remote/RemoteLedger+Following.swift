import LedgerCore
import LedgerOperations

extension RemoteLedger {
    /// Between a connection that was lost and the next one.
    private static let pause = Duration.seconds(1)

    /// Reads `GET /v1/stream`, and goes on where it was when the connection is lost.
    public func follow(
        matching query: EntryQuery, after index: Int64, _ body: (HistoryRow) throws -> Bool
    ) async throws(LedgerError) {
        let parameters = query.parameters.filter { !["limit", "reverse"].contains($0.name) }
        var last = index
        var hasBegun = false
        while !Task.isCancelled {
            var request = ServerRequest(["stream"], parameters + [("after", String(last))])
            request.accept = "text/event-stream"
            var message = StreamMessage()
            do throws(LedgerError) {
                var wantsMore = true
                try await forEachLine(request, mayBeCutOff: true) { line in
                    hasBegun = true
                    guard let whole = message.take(line) else { return true }
                    if let data = whole.data {
                        guard let object = (try? JSONReader.read(data))?.object,
                            let row = HistoryRow(queryRow: object)
                        else { throw wrongRow }
                        wantsMore = try body(row)
                    }
                    last = whole.id ?? last
                    return wantsMore
                }
                if !wantsMore { return }
            } catch {
                // What never worked is told at once; what did, comes back.
                guard hasBegun, error.code == .busy || error.code == .io else { throw error }
            }
            try? await Task.sleep(for: Self.pause)
        }
    }
}

/// A message of server-sent events, line by line.
private struct StreamMessage {
    private var id: Int64?
    private var data: [UInt8]?

    /// Takes a line without its end; gives the message that an empty line ends.
    mutating func take(_ line: [UInt8]) -> (id: Int64?, data: [UInt8]?)? {
        if line.isEmpty {
            defer { self = StreamMessage() }
            return (id, data)
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let value = line[(colon + 1)...].drop { $0 == 0x20 }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "id": id = Int64(String(decoding: value, as: UTF8.self))
        case "data": data = (data.map { $0 + [0x0A] } ?? []) + value
        default: break
        }
        return nil
    }
}
