import LedgerCore
import LedgerOperations
import Synchronization

// ServiceMetrics.swift
//
// What GET /metrics tells, in the text form of Prometheus (version 0.0.4):
//
//    ledger_http_requests_total{method,route,status}     requests that were answered
//    ledger_http_request_seconds{route}                  how long they took (histogram)
//    ledger_refusals_total{code}                         answers that were errors, by their code
//    ledger_hook_deliveries_total{forge,outcome}         webhooks, by what became of them
//    ledger_authentication_failures_total                requests with a credential that is not valid
//    ledger_appends_total                                entries recorded by this process
//    ledger_batch_requests                               requests per transaction (histogram)
//    ledger_waiting_requests                             requests that wait to be recorded
//    ledger_head_index                                   the last index
//    ledger_last_entry_age_seconds                       how long ago it was recorded
//    ledger_database_bytes                               the ledger on disk

/// Counts what the service does.
final class ServiceMetrics: Sendable {
    private struct Route: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private struct State {
        var requests: [Route: Int] = [:]
        var durations: [String: Histogram] = [:]
        var refusals: [LedgerError.Code: Int] = [:]
        var deliveries: [String: Int] = [:]
        var failedAuthentications = 0
    }

    // Routes are those of the router, so their number is bounded.
    private let state = Mutex(State())
    private let nextID = Atomic<UInt64>(1)
    private let instance = UInt64.random(in: .min ... .max)

    func newRequestID() -> String {
        let number = nextID.wrappingAdd(1, ordering: .relaxed).oldValue
        return String(instance, radix: 36) + "-" + String(number, radix: 36)
    }

    func count(
        route: String?, method: String, status: Int, duration: Duration, refusal: LedgerError.Code?
    ) {
        let route = route ?? "unknown"
        // Anybody may invent a method.
        let method = ["GET", "HEAD", "POST", "DELETE"].contains(method) ? method : "other"
        let seconds =
            Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        state.withLock { state in
            state.requests[Route(method: method, route: route, status: status), default: 0] += 1
            state.durations[route, default: Histogram(Self.bounds)].add(seconds)
            if let refusal { state.refusals[refusal, default: 0] += 1 }
        }
    }

    func countFailedAuthentication() {
        state.withLock { $0.failedAuthentications += 1 }
    }

    func countDelivery(forge: String, outcome: String) {
        state.withLock {
            $0.deliveries["forge=\"\(forge)\",outcome=\"\(outcome)\"", default: 0] += 1
        }
    }

    private static let bounds = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// How the ledger stands, read without counting anything.
    struct Standing {
        let head: Int64
        /// Milliseconds since 1970.
        let lastRecorded: Int64?
        let byteCount: Int64
    }

    /// - Parameter standing: nil if the ledger can't be read.
    func text(_ sequencer: Sequencer.Counts, _ standing: Standing?, now: Int64) -> String {
        var text = MetricsText()
        state.withLock { state in
            text.family("ledger_http_requests_total", "counter", "Requests that were answered.")
            for (key, count) in state.requests.sorted(by: { "\($0.key)" < "\($1.key)" }) {
                text.sample(
                    "ledger_http_requests_total",
                    "method=\"\(key.method)\",route=\"\(key.route)\",status=\"\(key.status)\"",
                    "\(count)")
            }
            text.family("ledger_http_request_seconds", "histogram", "How long answers took.")
            for (route, histogram) in state.durations.sorted(by: { $0.key < $1.key }) {
                text.histogram("ledger_http_request_seconds", "route=\"\(route)\"", histogram)
            }
            text.family("ledger_refusals_total", "counter", "Answers that were errors.")
            for (code, count) in state.refusals.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                text.sample("ledger_refusals_total", "code=\"\(code.rawValue)\"", "\(count)")
            }
            text.family(
                "ledger_hook_deliveries_total", "counter", "Webhooks by what became of them.")
            for (labels, count) in state.deliveries.sorted(by: { $0.key < $1.key }) {
                text.sample("ledger_hook_deliveries_total", labels, "\(count)")
            }
            text.single(
                "ledger_authentication_failures_total", "counter",
                "Requests with a credential that is not valid.", "\(state.failedAuthentications)")
        }
        text.single(
            "ledger_appends_total", "counter", "Entries recorded by this process.",
            "\(sequencer.entries)")
        text.family("ledger_batch_requests", "histogram", "Requests per transaction.")
        text.histogram("ledger_batch_requests", "", sequencer.batches)
        text.single(
            "ledger_waiting_requests", "gauge", "Requests that wait to be recorded.",
            "\(sequencer.waiting)")
        guard let standing else { return text.text }
        text.single("ledger_head_index", "gauge", "The last index.", "\(standing.head)")
        if let last = standing.lastRecorded {
            let age = max(0, now - last)
            text.single(
                "ledger_last_entry_age_seconds", "gauge", "How long ago the last was recorded.",
                "\(Double(age) / 1000)")
        }
        text.single(
            "ledger_database_bytes", "gauge", "The ledger on disk.", "\(standing.byteCount)")
        return text.text
    }
}

/// Builds the text form.
private struct MetricsText {
    private(set) var text = ""

    mutating func family(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    mutating func sample(_ name: String, _ labels: String, _ value: String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    mutating func single(_ name: String, _ kind: String, _ help: String, _ value: String) {
        family(name, kind, help)
        sample(name, "", value)
    }

    mutating func histogram(_ name: String, _ labels: String, _ histogram: Histogram) {
        let comma = labels.isEmpty ? "" : labels + ","
        var sum = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            sum += count
            sample(name + "_bucket", comma + "le=\"\(bound)\"", "\(sum)")
        }
        sample(name + "_bucket", comma + "le=\"+Inf\"", "\(histogram.count)")
        sample(name + "_sum", labels, "\(histogram.sum)")
        sample(name + "_count", labels, "\(histogram.count)")
    }
}
