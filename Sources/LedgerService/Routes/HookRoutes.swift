import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerCrypto
import LedgerIngest
import LedgerOperations
import Logging

// HookRoutes.swift
//
// POST /v1/hooks/KIND and /v1/hooks/KIND/NAME take what forges send, for the hooks of the settings.
// The forge's signature or token is the credential; no other is asked for. Answers:
//
//    201  {"receipts":[{…},…],"status":"recorded","v":1}
//    200  the same, if all of it was recorded before, and for a delivery that came before: what it
//         was answered then
//    202  {"reason":"…","status":"ignored","v":1}           understood, and nothing to keep
//    202  {"reason":"…","status":"not-understood","v":1}    counted and logged
//    202  {"receipts":[{…}],"status":"accepted","v":1}      the merge is recorded, and its scripts
//                                                           follow: Git takes longer than a forge
//                                                           waits
//    401  no signature, or one that fits none of the secrets
//    404  no such hook
//    422  the body is no JSON
//
// A merge is resolved to its scripts where the repository has a clone (MergeResolver.swift). Where
// it has none, or Git fails, the merge itself is recorded, without them.

/// Takes webhooks in.
struct HookRoutes: Sendable {
    let ledger: LocalLedger
    let views: Views
    let settings: ServiceSettings
    let attempts: FailedAttempts
    let resolver: MergeResolver
    let metrics: ServiceMetrics
    let drain: Drain
    let logger: Logger
    private let deliveries = RecentDeliveries()

    init(
        ledger: LocalLedger, views: Views, settings: ServiceSettings, attempts: FailedAttempts,
        workers: Workers, metrics: ServiceMetrics, drain: Drain, logger: Logger
    ) {
        self.ledger = ledger
        self.views = views
        self.settings = settings
        self.attempts = attempts
        resolver = MergeResolver(
            ledger: ledger, views: views, workers: workers, settings: settings)
        self.metrics = metrics
        self.drain = drain
        self.logger = logger
    }

    func add(to router: RouterGroup<LedgerContext>) {
        router.post("hooks/:kind") { request, context -> Response in
            try await post(request, context, try context.parameter("kind"))
        }
        router.post("hooks/:kind/:name") { request, context -> Response in
            let id = try context.parameter("kind") + "/" + context.parameter("name")
            return try await post(request, context, id)
        }
    }

    /// A delivery that is genuine.
    private struct Delivery: Sendable {
        let hook: HookSettings
        let request: HookRequest
        /// Nil if the forge names it in no way.
        let key: RecentDeliveries.Key?
        let metadata: Logger.Metadata

        var principal: Principal { Principal(kind: .hook, id: hook.id) }
    }

    private func post(
        _ request: Request, _ context: LedgerContext, _ id: String
    ) async throws -> Response {
        guard let hook = settings.hooks.first(where: { $0.id.hasSameBytes(as: id) }) else {
            throw LedgerError(
                .notFound, "there is no such hook here",
                advice: "hooks stand in the file that ledger serve --config names")
        }
        let delivery = try await genuine(
            HookRequest(
                headers: request.headers.map { ($0.name.rawName, $0.value) },
                body: try await request.wholeBody(upTo: settings.limits.bodyBytes)), hook, context)
        return try await drain.during {
            // Of its own: what becomes of it must not depend on whether the forge still listens.
            let start = { @Sendable in Task { try await take(delivery) } }
            let (work, isRepeated) =
                if let key = delivery.key { await deliveries.begin(key, start) } else {
                    (start(), false)
                }
            if isRepeated { count(delivery, "repeated") }
            let limit = Duration.seconds(settings.limits.hookSeconds)
            if let result = await Self.result(of: work, within: limit) {
                return try result.get().response(isRepeated: isRepeated)
            }
            return try await accepted(delivery)
        }
    }

    private func genuine(
        _ request: HookRequest, _ hook: HookSettings, _ context: LedgerContext
    ) async throws(LedgerError) -> Delivery {
        do throws(LedgerError) {
            _ = try Hook.authenticate(request, hook.secrets, now: views.now)
        } catch {
            metrics.countFailedAuthentication()
            metrics.countDelivery(forge: hook.kind.rawValue, outcome: "refused")
            try await attempts.failed(context.peer)
            throw LedgerError(.notAuthenticated, error.message, advice: error.advice)
        }
        let delivery = Hook(hook.kind).deliveryID(of: request)
        return Delivery(
            hook: hook, request: request,
            key: delivery.map {
                RecentDeliveries.Key(
                    hook: hook.id, delivery: $0, body: SHA256().hash(request.body))
            },
            metadata: [
                "hook": "\(hook.id)", "delivery": "\(delivery ?? "unknown")",
                "request_id": "\(context.requestID)",
            ])
    }

    /// Nil if it takes longer. It goes on then.
    private static func result(
        of work: Task<HookAnswer, any Error>, within limit: Duration
    ) async -> Result<HookAnswer, any Error>? {
        let (results, next) = AsyncStream.makeStream(
            of: Result<HookAnswer, any Error>?.self, bufferingPolicy: .bufferingOldest(1))
        let timer = Task {
            try? await Task.sleep(for: limit)
            next.yield(nil)
        }
        Task {
            next.yield(await work.result)
            timer.cancel()
        }
        for await result in results { return result }
        return nil
    }

    /// What is answered 202 is in the ledger, whatever happens to us before Git is done.
    private func accepted(_ delivery: Delivery) async throws -> Response {
        let outcome = try Hook(delivery.hook.kind).outcome(
            of: delivery.request, delivery.hook.context)
        let events: [Event]
        switch outcome {
        case .merge(let merge): events = [merge.event]
        // These wait for nothing but the ledger itself.
        case .events(let reviews): events = reviews
        case .ignored, .notUnderstood: events = []
        }
        let receipts = try await record(events, delivery)
        count(delivery, "accepted")
        return HookAnswer(receipts, outcome: .accepted).response()
    }

    private func take(_ delivery: Delivery) async throws -> HookAnswer {
        do {
            let answer = try await drain.during { try await outcome(of: delivery) }
            if let key = delivery.key { await deliveries.end(key, answer) }
            count(delivery, answer.outcome.rawValue)
            return answer
        } catch {
            // The forge, or somebody there, sends it again.
            if let key = delivery.key { await deliveries.forget(key) }
            count(delivery, "failed")
            var metadata = delivery.metadata
            metadata["error"] = "\(LedgerError(wrapping: error).message)"
            logger.warning("a webhook was not taken", metadata: metadata)
            throw error
        }
    }

    private func count(_ delivery: Delivery, _ outcome: String) {
        metrics.countDelivery(forge: delivery.hook.kind.rawValue, outcome: outcome)
    }

    private func outcome(of delivery: Delivery) async throws -> HookAnswer {
        switch try Hook(delivery.hook.kind).outcome(of: delivery.request, delivery.hook.context) {
        case .events(let events):
            return HookAnswer(try await record(events, delivery))
        case .merge(let merge):
            return try await outcome(of: merge, delivery)
        case .ignored(let reason):
            return HookAnswer(.ignored, reason: reason)
        case .notUnderstood(let reason):
            var metadata = delivery.metadata
            metadata["reason"] = "\(reason)"
            logger.notice("a webhook was not understood", metadata: metadata)
            return HookAnswer(.notUnderstood, reason: reason)
        }
    }

    private func outcome(of merge: HookMerge, _ delivery: Delivery) async throws -> HookAnswer {
        guard let clone = delivery.hook.clone(of: merge) else {
            return HookAnswer(try await record([merge.event], delivery))
        }
        do {
            let found = try await resolver.resolve(
                MergeResolver.Job(
                    merge: merge, clone: clone, ticketPattern: delivery.hook.ticketPattern,
                    principal: delivery.principal))
            for remark in found.remarks {
                logger.notice("\(remark)", metadata: delivery.metadata)
            }
            if !found.isWhole {
                return HookAnswer(found.receipts + (try await record([merge.event], delivery)))
            }
            if found.receipts.isEmpty {
                return HookAnswer(.ignored, reason: "the merge brings no script")
            }
            return HookAnswer(found.receipts)
        } catch {
            // Nothing is lost: the next import brings the scripts.
            var metadata = delivery.metadata
            metadata["error"] = "\(LedgerError(wrapping: error).message)"
            logger.warning("a merge was recorded without its scripts", metadata: metadata)
            return HookAnswer(try await record([merge.event], delivery))
        }
    }

    private func record(_ events: [Event], _ delivery: Delivery) async throws -> [Receipt] {
        try await ledger.record(
            events, source: delivery.hook.kind.rawValue, as: delivery.principal)
    }
}
