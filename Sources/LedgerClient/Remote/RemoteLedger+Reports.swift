import LedgerCore
import LedgerOperations
import LedgerReport
import NIOCore

/// Reports, made and recorded by the server.
extension RemoteLedger {
    /// - Returns: the receipt of the entry that says that it was handed out.
    public func export(
        _ written: WrittenDefinition, isOwn: Bool, _ query: EntryQuery, as format: RecordFormat,
        hasEntries: Bool, sample: SamplePlan?, to folder: String
    ) async throws(LedgerError) -> Head? {
        var parameters = query.parameters + [("format", format.rawValue)]
        if hasEntries { parameters.append(("entries", "true")) }
        if let sample {
            parameters += [("sample", String(sample.size)), ("seed", sample.seed)]
            if let column = sample.stratify { parameters.append(("stratify", column)) }
        }
        let request = request(written, isOwn, parameters, accept: "application/x-tar")
        let export = try UnpackedExport(to: folder)
        let connection = patientConnection
        do throws(LedgerError) {
            var receipt: Head?
            try await connection.stream(request, head: { receipt = Self.receipt($0) }) { bytes in
                try export.take(bytes)
                return true
            }
            guard export.isAtEnd else {
                throw connection.failures.nonsense("its answer is cut off")
            }
            await connection.close()
            try export.publish()
            return receipt
        } catch {
            await connection.close()
            export.discard()
            throw error
        }
    }

    /// The rows alone.
    public func export(
        _ written: WrittenDefinition, isOwn: Bool, _ query: EntryQuery, as format: RecordFormat,
        to output: BufferedOutput
    ) async throws(LedgerError) -> Head? {
        let accept =
            switch format {
            case .csv: "text/csv"
            case .json: "application/json"
            case .ndjson: "application/x-ndjson"
            }
        var receipt: Head?
        let connection = patientConnection
        do throws(LedgerError) {
            try await connection.stream(
                request(written, isOwn, query.parameters, accept: accept),
                head: { receipt = Self.receipt($0) }
            ) { bytes in
                try output.append { $0 += bytes }
                return true
            }
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
        do {
            try output.flush()
        } catch {
            throw LedgerError(wrapping: error)
        }
        return receipt
    }

    /// Not to be sent again by itself: each is an entry.
    private func request(
        _ written: WrittenDefinition, _ isOwn: Bool, _ parameters: [Question.Parameter],
        accept: String
    ) -> ServerRequest {
        var request =
            isOwn
            ? ServerRequest(
                .post, ["reports"], parameters, body: Array(written.text.utf8))
            : ServerRequest(.post, ["reports", written.definition.name], parameters)
        request.contentType = "application/yaml"
        request.accept = accept
        return request
    }

    private static func receipt(_ field: (String) -> String?) -> Head? {
        field("Ledger-Receipt").flatMap { Head($0) }
    }
}
