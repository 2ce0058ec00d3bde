import HTTPTypes
import Hummingbird
import HummingbirdCore
import LedgerCore
import Logging

/// What every request passes: it gets an id, its errors become problems, and it is counted and
/// logged, without its parameters, which may hold names.
struct RequestGate: RouterMiddleware {
    typealias Context = LedgerContext

    let metrics: ServiceMetrics
    let logger: Logger

    private static let idField = HTTPField.Name("X-Request-ID")
    private static let traceField = HTTPField.Name("traceparent")

    func handle(
        _ request: Request, context: LedgerContext,
        next: (Request, LedgerContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = Self.givenID(of: request) ?? metrics.newRequestID()
        var response: Response
        var problem: Problem?
        do {
            response = try await next(request, context)
        } catch {
            let found = Problem(error)
            response = found.response()
            problem = found
        }
        if let name = Self.idField { response.headers[name] = context.requestID }
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
        let duration = ContinuousClock.now - start
        metrics.count(
            route: context.endpointPath, method: request.method.rawValue,
            status: response.status.code, duration: duration, refusal: problem?.error.code)
        log(request, context, response, duration, problem)
        return response
    }

    private func log(
        _ request: Request, _ context: LedgerContext, _ response: Response, _ duration: Duration,
        _ problem: Problem?
    ) {
        let isOurs = problem?.isOurs ?? false
        let level: Logger.Level = isOurs ? .error : .info
        guard logger.logLevel <= level else { return }
        let microseconds = duration.components.attoseconds / 1_000_000_000_000
        var metadata: Logger.Metadata = [
            "request_id": "\(context.requestID)", "method": "\(request.method.rawValue)",
            "path": "\(context.endpointPath ?? "unknown")", "peer": "\(context.peer)",
            "status": "\(response.status.code)",
            "duration_us": "\(duration.components.seconds * 1_000_000 + microseconds)",
        ]
        if let trace = Self.trace(of: request) { metadata["trace_id"] = "\(trace)" }
        if let problem {
            metadata["code"] = "\(problem.error.code.rawValue)"
            if isOurs { metadata["error"] = "\(problem.error.message)" }
        }
        logger.log(level: level, "request", metadata: metadata)
    }

    /// The id that a proxy gave, if it is a short word.
    private static func givenID(of request: Request) -> String? {
        guard let name = idField, let id = request.headers[name], 1...64 ~= id.utf8.count,
            id.utf8.allSatisfy({ isWord($0) })
        else { return nil }
        return id
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    /// The trace's id of W3C Trace Context, `00-<32 digits>-<16 digits>-<2 digits>`.
    private static func trace(of request: Request) -> String? {
        guard let name = traceField, let text = request.headers[name] else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[1].utf8.count == 32,
            parts[1].utf8.allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 })
        else { return nil }
        return String(parts[1])
    }
}
