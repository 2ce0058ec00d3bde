import LedgerOperations

/// How much the service takes; each bound has its own error.
public struct ServiceLimits: Sendable, Equatable {
    /// Of a request's body. 413 beyond.
    public var bodyBytes = 16 << 20
    /// In one request. 413 beyond.
    public var events = 10_000
    /// Requests of one token in a minute. 429 beyond.
    public var requestsPerMinute = 1_000_000
    /// Connections at the same time; more wait to be accepted.
    public var connections = 4096
    /// How long a connection may lie still, also within a request, before it is closed.
    public var idleSeconds = 60
    /// How long the body of a request may take to come, however alive its sender is.
    public var bodySeconds = 300
    /// Requests that wait to be recorded. 503 beyond.
    public var waiting = Sequencer.waitingLimit
    /// How long a webhook's answer waits for Git before it is 202.
    public var hookSeconds = 8
    /// How long `git fetch` may take.
    public var fetchSeconds = 120
    /// Streams of new entries that are followed at the same time. 503 beyond.
    public var streams = 256
    /// How long what was accepted may take when the service ends.
    public var drainSeconds = 30

    public init() {}
}
