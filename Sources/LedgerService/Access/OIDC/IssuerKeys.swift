import LedgerCore
import Logging

/// The keys of one issuer, as it published them last.
///
/// They are read when the first token comes, again when they are an hour old, and when a token
/// names a key that is not among them, but at most once in 10 s: whatever is sent here can't be
/// used to flood an issuer. While it is away, those that it had go on, for a day.
actor IssuerKeys {
    typealias Instant = ContinuousClock.Instant

    static let freshness = Duration.seconds(3600)
    static let maximumAge = Duration.seconds(86_400)
    static let pause = Duration.seconds(10)
    /// So many keys are tried where a token doesn't name its own.
    private static let trialLimit = 8

    private let documents: IssuerDocuments
    private let uptime: @Sendable () -> Instant
    private let logger: Logger
    // Changed only by `read()`; empty once they are too old.
    private var keys: [IssuerKey] = []
    private var readAt: Instant?
    private var triedAt: Instant?
    // The reading that is under way; only one is.
    private var reading: Task<Void, Never>?

    init(
        _ documents: IssuerDocuments, uptime: @escaping @Sendable () -> Instant = { .now },
        logger: Logger
    ) {
        self.documents = documents
        self.uptime = uptime
        self.logger = logger
    }

    /// The keys that may have signed a token; none if the issuer has no such key.
    ///
    /// - Throws: `busy` if it can't be known, because the issuer is away.
    func candidates(for token: IdentityToken) async throws(LedgerError) -> [IssuerKey] {
        await refresh()
        var found = keys.filter { $0.isFor(token) }
        if found.isEmpty {
            await read()
            found = keys.filter { $0.isFor(token) }
        }
        if keys.isEmpty {
            throw LedgerError(
                .busy, "the keys of \(documents.issuer) can't be read at the moment",
                advice: "try again; the service's log says why")
        }
        return Array(found.prefix(Self.trialLimit))
    }

    private func refresh() async {
        guard let readAt else { return await read() }
        let age = uptime() - readAt
        if age >= Self.maximumAge {
            keys = []
            await read()
        } else if age >= Self.freshness, reading == nil {
            // Only one waits for it; the others go on with what is there.
            await read()
        }
    }

    /// Reads them, unless that was tried just now; waits for a reading that is under way.
    private func read() async {
        if let reading { return await reading.value }
        let now = uptime()
        if let triedAt, now - triedAt < Self.pause { return }
        triedAt = now
        // Not part of the request that wants it: others wait for it too.
        let task = Task { await self.replace() }
        reading = task
        await task.value
    }

    private func replace() async {
        do throws(LedgerError) {
            keys = try await documents.keys()
            readAt = uptime()
        } catch {
            logger.warning(
                "the keys of an issuer can't be read",
                metadata: ["issuer": "\(documents.issuer)", "error": "\(error.message)"])
        }
        reading = nil
    }
}
