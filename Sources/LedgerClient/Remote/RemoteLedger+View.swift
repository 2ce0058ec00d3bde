import LedgerCore
import LedgerCrypto
import LedgerOperations
import LedgerReport

/// What is read of a server, as it stands at each question.
extension RemoteLedger: LedgerView {
    private static let pageCount: Int64 = 1000

    public func head() async throws(LedgerError) -> Head {
        try await value(of: ServerRequest(["head"]))
    }

    public func summary() async throws(LedgerError) -> LedgerSummary {
        try await value(of: ServerRequest(["summary"]))
    }

    // MARK: Entries

    public func entry(at index: Int64) async throws(LedgerError) -> SeenEntry? {
        try await entry(named: String(index))
    }

    public func entry(withHash hash: Digest) async throws(LedgerError) -> SeenEntry? {
        try await entry(named: hash.hex)
    }

    private func entry(named name: String) async throws(LedgerError) -> SeenEntry? {
        let request = ServerRequest(["entries", name], [("stored", "true")])
        do throws(LedgerError) {
            let entry: SeenEntry = try await value(of: request)
            return entry
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    public func indexes(ofEvent id: String) async throws(LedgerError) -> [Int64] {
        let rows = try await rows(ServerRequest(["entries"], [("event", id)]))
        return try rows.map { (row) throws(LedgerError) in
            guard let index = row["index"]?.integer else { throw wrongRow }
            return index
        }
    }

    public func forEachEntry(
        in range: Range<Int64>, isReversed: Bool, _ body: (SeenEntry) throws -> Bool
    ) async throws(LedgerError) {
        var rest = range
        var wantsMore = true
        while wantsMore, !rest.isEmpty {
            var request = ServerRequest(
                ["entries"],
                [
                    ("from", String(rest.lowerBound)), ("to", String(rest.upperBound - 1)),
                    ("reverse", String(isReversed)), ("limit", String(Self.pageCount)),
                    ("stored", "true"),
                ])
            request.accept = "application/x-ndjson"
            let before = rest.count
            try await forEachObject(request) { object in
                guard let entry = SeenEntry(json: object) else { throw wrongRow }
                let index = entry.stored.index
                guard rest.contains(index) else { throw wrongRow }
                rest = isReversed ? rest.lowerBound..<index : index + 1..<rest.upperBound
                wantsMore = try body(entry)
                return wantsMore
            }
            // Nothing stands there any more.
            if rest.count == before { return }
        }
    }

    // MARK: Rows

    public func forEachRow(
        matching query: EntryQuery, _ body: (HistoryRow) throws -> Bool
    ) async throws(LedgerError) {
        try await forEachObject(rows(matching: query, as: .ndjson)) { object in
            guard let row = HistoryRow(queryRow: object) else { throw wrongRow }
            return try body(row)
        }
    }

    public func forEachFoldedRow(
        matching query: EntryQuery, _ body: (FoldedRow) throws -> Void
    ) async throws(LedgerError) -> Bool {
        let answer = try await object(
            ServerRequest(["events"], query.parameters + [("folded", "true")]))
        guard let isCut = answer["cut"]?.bool, let rows = answer["rows"]?.array else {
            throw wrongRow
        }
        for row in rows {
            guard let row = row.object.flatMap(FoldedRow.init(json:)) else { throw wrongRow }
            do {
                try body(row)
            } catch {
                throw LedgerError(wrapping: error)
            }
        }
        return isCut
    }

    /// CSV and NDJSON go through as they come; JSON is NDJSON in the frame that `RecordWriter`
    /// gives it.
    public func writeRows(
        matching query: EntryQuery, as format: RecordFormat, to output: BufferedOutput
    ) async throws(LedgerError) {
        let request = rows(matching: query, as: format)
        do {
            if format == .json {
                try await writeDocument(request, to: output)
            } else {
                try await writeThrough(request, format, to: output)
            }
            try output.flush()
        } catch {
            throw LedgerError(wrapping: error)
        }
    }

    private func rows(matching query: EntryQuery, as format: RecordFormat) -> ServerRequest {
        var request = ServerRequest(["events"], query.parameters)
        request.accept = format == .csv ? "text/csv" : "application/x-ndjson"
        return request
    }

    private func writeThrough(
        _ request: ServerRequest, _ format: RecordFormat, to output: BufferedOutput
    ) async throws {
        var last: UInt8?
        try await connection.stream(request) { bytes in
            try output.append { $0.append(contentsOf: bytes) }
            last = bytes.last ?? last
            return true
        }
        // Each line is whole, and CSV has one at least.
        let isWhole = last == 0x0A || last == nil && format == .ndjson
        if !isWhole { throw cutOff }
    }

    private func writeDocument(_ request: ServerRequest, to output: BufferedOutput) async throws {
        let version = QueryRow.definition.version
        var count = 0
        try await forEachLine(request) { line in
            try output.write(count == 0 ? "{\"v\":\(version),\"rows\":[\n" : ",\n")
            try output.append { $0.append(contentsOf: line) }
            count += 1
            return true
        }
        try output.write(count == 0 ? "{\"v\":\(version),\"rows\":[]}\n" : "\n]}\n")
    }

    // MARK: Changes, targets, names

    public func changes(
        named name: String, service: String?, limit: Int
    ) async throws(LedgerError) -> [KnownChange] {
        var parameters = [("name", name), ("limit", String(limit))]
        if let service { parameters.append(("service", service)) }
        return try await values(ServerRequest(["changes"], parameters))
    }

    public func story(of change: KnownChange) async throws(LedgerError) -> [HistoryRow] {
        let answer = try await object(ServerRequest(["changes", change.service, change.id]))
        let rows = answer["events"]?.array?.compactMap {
            $0.object.flatMap(HistoryRow.init(queryRow:))
        }
        guard let rows, rows.count == answer["events"]?.array?.count else { throw wrongRow }
        return rows
    }

    public func lastMerges(
        source: String, ref: String
    ) async throws(LedgerError) -> [(service: String, commit: String)] {
        let request = ServerRequest(["merges", "last"], [("source", source), ("ref", ref)])
        return try await rows(request).map { (row) throws(LedgerError) in
            guard let service = row["service"]?.string, let commit = row["commit"]?.string else {
                throw wrongRow
            }
            return (service, commit)
        }
    }

    public func reply<Asked: Inquiry>(
        to inquiry: Asked
    ) async throws(LedgerError) -> Asked.Reply {
        try await value(of: ServerRequest([Asked.route], inquiry.parameters))
    }

    public func gate(_ question: GateQuestion) async throws(LedgerError) -> GateAnswer {
        var request = ServerRequest(
            .post, ["gate"], body: CanonicalJSON.bytes(.object(question.json())))
        request.isRepeatable = true
        return try await value(of: request)
    }

    public func targets(matching query: EntryQuery) async throws(LedgerError) -> [KnownTarget] {
        try await values(ServerRequest(["targets"], query.parameters))
    }

    public func knownNames(of member: KnownNames) async throws(LedgerError) -> [String] {
        let answer = try await object(ServerRequest(["names", member.rawValue]))
        guard let rows = answer["rows"]?.array else { throw wrongRow }
        return rows.compactMap(\.string)
    }

    public func tokens() async throws(LedgerError) -> [IssuedToken] {
        try await values(ServerRequest(["tokens"]))
    }

    public func attachment(_ digest: Digest) async throws(LedgerError) -> [UInt8]? {
        var request = ServerRequest(["attachments", "sha256:" + digest.hex])
        request.accept = "application/octet-stream"
        let bytes: [UInt8]
        do throws(LedgerError) {
            bytes = try await connection.answer(to: request)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
        guard SHA256.hash(bytes) == digest else {
            throw connection.failures.nonsense("the attachment's bytes have another digest")
        }
        return bytes
    }

    // MARK: Lists and lines

    var wrongRow: LedgerError {
        connection.failures.nonsense("its answer has not the members that it should")
    }

    private var cutOff: LedgerError {
        connection.failures.nonsense("its answer is cut off")
    }

    /// The objects of `{"rows":[…]}`.
    private func rows(_ request: ServerRequest) async throws(LedgerError) -> [JSONObject] {
        let rows = try await object(request)["rows"]?.array
        let objects = rows?.compactMap(\.object)
        guard let objects, objects.count == rows?.count else { throw wrongRow }
        return objects
    }

    private func values<Value: Answer>(
        _ request: ServerRequest
    ) async throws(LedgerError) -> [Value] {
        try await rows(request).map { (row) throws(LedgerError) in
            guard let value = Value(json: row) else { throw wrongRow }
            return value
        }
    }

    private func forEachObject(
        _ request: ServerRequest, _ body: (JSONObject) throws -> Bool
    ) async throws(LedgerError) {
        try await forEachLine(request) { line in
            guard let object = (try? JSONReader.read(line))?.object else { throw wrongRow }
            return try body(object)
        }
    }

    /// Hands over an answer line by line, until `body` returns false.
    ///
    /// - Parameter mayBeCutOff: an answer that has no end is no error.
    func forEachLine(
        _ request: ServerRequest, mayBeCutOff: Bool = false, _ body: ([UInt8]) throws -> Bool
    ) async throws(LedgerError) {
        var lines = LineBuffer()
        var wantsMore = true
        try await connection.stream(request) { bytes in
            lines.append(bytes)
            while wantsMore, let line = lines.next() { wantsMore = try body(line) }
            if lines.isTooLong { throw connection.failures.nonsense("a line of it has no end") }
            return wantsMore
        }
        if wantsMore, !lines.isEmpty, !mayBeCutOff { throw cutOff }
    }
}

/// Bytes as they come, taken out line by line.
private struct LineBuffer {
    private static let byteLimit = 64 << 20

    private var bytes: [UInt8] = []
    // Where the next line begins.
    private var start = 0

    var isEmpty: Bool { start == bytes.count }
    var isTooLong: Bool { bytes.count - start > Self.byteLimit }

    mutating func append(_ more: some Collection<UInt8>) {
        bytes.removeFirst(start)
        start = 0
        bytes.append(contentsOf: more)
    }

    /// The next whole line, without its end.
    mutating func next() -> [UInt8]? {
        guard let end = bytes[start...].firstIndex(of: 0x0A) else { return nil }
        defer { start = end + 1 }
        return Array(bytes[start..<end])
    }
}
