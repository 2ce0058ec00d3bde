import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// `ledger serve`: a ledger's file over HTTP.
///
/// It ends by SIGTERM or SIGINT: what was accepted is made durable and answered, new requests to
/// record get 503, and then the connections are closed. SIGHUP has the certificate read again.
public struct LedgerServer: Sendable {
    private static let gitThreadCount = 4
    private static let interruptionLimit = Duration.seconds(5)

    private let settings: ServiceSettings
    private let ledger: LocalLedger
    private let certificates: Certificates?
    private let logger: Logger

    /// - Parameter principal: who serves, for what the service records on its own.
    public init(_ settings: ServiceSettings, principal: Principal) throws(LedgerError) {
        self.settings = settings
        ledger = try LocalLedger(
            path: settings.ledger, principal: principal, waitingLimit: settings.limits.waiting)
        switch (settings.certificate, settings.key) {
        case (let certificate?, let key?):
            certificates = try Certificates(certificate: certificate, key: key)
        case (nil, nil): certificates = nil
        default:
            throw LedgerError(
                .usage, "a certificate and its key belong together",
                advice: "give both --tls-cert and --tls-key, or none")
        }
        logger = Logger(label: "ledger") { _ in JSONLogHandler() }
    }

    /// Serves until the process is told to end.
    ///
    /// - Parameter onRunning: gets the URL once connections are accepted.
    public func run(onRunning: @escaping @Sendable (String) -> Void) async throws(LedgerError) {
        OpenFiles.raiseLimit()
        let workers = Workers(threadCount: max(4, System.coreCount))
        let drain = Drain()
        // Those who wait for Git must not keep those from reading who don't.
        let gitWorkers = Workers(threadCount: Self.gitThreadCount)
        let responder = router(workers, gitWorkers, drain).buildResponder()
        let scheme = certificates == nil ? "http" : "https"
        let (host, serverLogger) = (settings.host, quiet)
        let application = Application(
            responder: responder, server: serverBuilder,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), backlog: 1024,
                availableConnectionsDelegate: .maximum(
                    settings.limits.connections, logger: serverLogger)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                let name = host.contains(":") ? "[\(host)]" : host
                onRunning("\(scheme)://\(name):\(port)")
            }, logger: serverLogger)
        let watch = SignalWatch(
            drain: drain, heads: ledger.heads, certificates: certificates, limits: settings.limits,
            logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: application),
                    .init(service: watch, successTerminationBehavior: .gracefullyShutdownGroup),
                ], logger: serverLogger))
        do {
            try await group.run()
        } catch {
            throw Self.failure(error, settings)
        }
        // What waits for Git was answered, and its merge is recorded.
        gitWorkers.interrupt()
        await drain.wait(Self.interruptionLimit)
        await workers.stop()
        await gitWorkers.stop()
        try ledger.close()
    }

    private static func failure(_ error: any Error, _ settings: ServiceSettings) -> LedgerError {
        if let error = error as? IOError {
            return LedgerError(
                .io, "can't listen on \(settings.host):\(settings.port): \(error)",
                advice: "another process may have the port: --listen HOST:PORT", cause: error)
        }
        return LedgerError(wrapping: error)
    }

    // What the library has to say is of interest only when something is wrong.
    private var quiet: Logger {
        var logger = logger
        logger.logLevel = .warning
        return logger
    }

    private var serverBuilder: HTTPServerBuilder {
        let idle = TimeAmount.seconds(Int64(settings.limits.idleSeconds))
        let body = TimeAmount.seconds(Int64(settings.limits.bodySeconds))
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionDeadlines(body: body, stall: idle)],
            idleTimeout: idle)
        guard let certificates else { return .http1(configuration: configuration) }
        return HTTPServerBuilder { responder in
            SecureChannel(
                base: HTTP1Channel(responder: responder, configuration: configuration),
                certificates: certificates)
        }
    }

    private var identities: TrustedIssuers? {
        settings.issuers.isEmpty ? nil : TrustedIssuers(settings.issuers, logger: logger)
    }

    func router(
        _ workers: Workers, _ gitWorkers: Workers, _ drain: Drain
    ) -> Router<LedgerContext> {
        let metrics = ServiceMetrics()
        let views = Views(path: settings.ledger, clock: .system)
        let doorkeeper = Doorkeeper(
            tokens: TokenBook(path: settings.ledger), identities: identities,
            isReadingPublic: settings.isReadingPublic, attempts: FailedAttempts(),
            rates: RequestRates(limit: settings.limits.requestsPerMinute), workers: workers,
            metrics: metrics)
        let router = Router(context: LedgerContext.self)
        router.add(middleware: RequestGate(metrics: metrics, logger: logger))
        Operations(
            ledger: ledger, views: views, workers: workers, metrics: metrics, drain: drain
        ).add(to: router)
        let routes = router.group("v1")
        PostEvents(ledger: ledger, doorkeeper: doorkeeper, limits: settings.limits, drain: drain)
            .add(to: routes)
        HookRoutes(
            ledger: ledger, views: views, settings: settings, attempts: doorkeeper.attempts,
            workers: gitWorkers, metrics: metrics, drain: drain, logger: logger
        ).add(to: routes)
        ReadEvents(views: views, doorkeeper: doorkeeper, workers: workers).add(to: routes)
        ReadEntries(views: views, doorkeeper: doorkeeper, workers: workers).add(to: routes)
        ReadChanges(views: views, doorkeeper: doorkeeper, workers: workers).add(to: routes)
        ReadInquiries(views: views, doorkeeper: doorkeeper, workers: workers).add(to: routes)
        GateRoute(
            ledger: ledger, views: views, doorkeeper: doorkeeper, workers: workers, drain: drain
        ).add(to: routes)
        VerifyLedger(views: views, doorkeeper: doorkeeper, workers: workers).add(to: routes)
        TokenRoutes(
            ledger: ledger, views: views, doorkeeper: doorkeeper, workers: workers, drain: drain
        ).add(to: routes)
        ReportRoutes(
            ledger: ledger, views: views, doorkeeper: doorkeeper, workers: workers, drain: drain
        ).add(to: routes)
        ErasureRoutes(ledger: ledger, doorkeeper: doorkeeper, workers: workers, drain: drain)
            .add(to: routes)
        StreamEvents(
            views: views, doorkeeper: doorkeeper, workers: workers, heads: ledger.heads,
            limits: settings.limits
        ).add(to: routes)
        return router
    }
}

/// Waits for the signals that end the service or have it read its certificate again.
private struct SignalWatch: Service {
    let drain: Drain
    let heads: HeadWatch
    let certificates: Certificates?
    let limits: ServiceLimits
    let logger: Logger

    /// Long enough for those who send to learn that they should go elsewhere.
    private static let notice = Duration.milliseconds(500)

    func run() async throws {
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup) {
            if signal != .sighup { break }
            reload()
        }
        drain.begin()
        await heads.end()
        logger.info("ending: what was accepted is done first")
        try? await Task.sleep(for: Self.notice)
        await drain.wait(.seconds(limits.drainSeconds))
    }

    private func reload() {
        guard let certificates else { return }
        do throws(LedgerError) {
            try certificates.reload()
            logger.notice("the certificate was read again")
        } catch {
            logger.error("the certificate stays as it was", metadata: ["error": "\(error.message)"])
        }
    }
}
