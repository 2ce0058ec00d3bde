import Glibc
import HTTPTypes
import Hummingbird
import LedgerCore
import LedgerOperations
import LedgerSchema

// Operations.swift
//
//    GET /healthz         200 while the process answers; POST too, for probes that can't help it
//    GET /readyz          200 if the ledger can be written; 503 with the reason if not
//    GET /metrics         ServiceMetrics.swift
//    GET /openapi.yaml    schema/openapi.yaml
//
// Nobody needs a token for these: they tell nothing that is recorded.

struct Operations: Sendable {
    let ledger: LocalLedger
    let views: Views
    let workers: Workers
    let metrics: ServiceMetrics
    let drain: Drain

    func add(to router: Router<LedgerContext>) {
        for method in [HTTPRequest.Method.get, .post] {
            router.on("healthz", method: method) { _, _ -> Response in
                .json(JSONObject(["status": "ok"]))
            }
        }
        router.get("readyz") { _, _ -> Response in
            if drain.isDraining {
                throw LedgerError(.busy, "the service is about to end", advice: "try again")
            }
            do {
                try await workers.run { try ledger.checkWritable() }
            } catch {
                // Whatever the reason: a probe understands 503, and the document says the rest.
                return Problem(error).response(as: .serviceUnavailable)
            }
            return .json(JSONObject(["status": "ready"]))
        }
        router.get("openapi.yaml") { _, _ -> Response in
            .bytesResponse(LedgerSchema.openAPI, "application/yaml")
        }
        router.get("ledger-run.sh") { _, _ -> Response in
            .bytesResponse(LedgerSchema.runScript, "text/x-shellscript")
        }
        router.get("metrics") { _, _ -> Response in
            let counts = ledger.counts
            let text = try await workers.run {
                metrics.text(counts, try? standing(), now: views.clock.now())
            }
            return .bytesResponse(Array(text.utf8), "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    private func standing() throws -> ServiceMetrics.Standing {
        let view = try views.open(.admin)
        let head = try view.head()
        let leaf = try view.entry(at: head.index).flatMap { Leaf($0.stored.leaf) }
        var byteCount: Int64 = 0
        for suffix in ["", "-wal"] {
            var status = stat()
            if stat(views.path + suffix, &status) == 0 { byteCount += Int64(status.st_size) }
        }
        return ServiceMetrics.Standing(
            head: head.index, lastRecorded: leaf?.time, byteCount: byteCount)
    }
}
