import Glibc
import LedgerCore
import LedgerIngest

/// Runs a command as a deployment: records that it started, runs it, records how it ended.
///
/// Nothing that is wrong with the ledger, the spool, the flags or the event keeps the command from
/// running, or changes how the run exits; each is told in one line. Only `requiresRecord` is strict.
public struct DeploymentRun: Sendable {
    static let defaultTimeoutMilliseconds: Int64 = 5000

    let request: RunRequest
    let surroundings: RunSurroundings
    let ledger: String
    let changeFromPath: ChangeFromPath
    let record: Record

    /// - Parameters:
    ///   - ledger: the address under which the spool keeps the events: a file's whole path, or a
    ///     URL.
    ///   - changeFromPath: what a script's path says of its change.
    ///   - record: the way into the ledger. It is called on a thread of its own and may block;
    ///     opening the ledger belongs in it, because that may block too.
    public init(
        request: RunRequest, surroundings: RunSurroundings = .current(), ledger: String,
        changeFromPath: @escaping ChangeFromPath, record: @escaping Record
    ) {
        self.request = request
        self.surroundings = surroundings
        self.ledger = ledger
        self.changeFromPath = changeFromPath
        self.record = record
    }

    /// Runs the command. Takes no thread of the shared pool while it does.
    public func run() async -> RunOutcome {
        await withCheckedContinuation { continuation in
            WorkerThread { continuation.resume(returning: runBlocking()) }.detach()
        }
    }

    /// Runs the command, prints what there is to say, and ends this process as the command ended,
    /// even if everything else in it hangs.
    public func runAndExit() async -> Never {
        WorkerThread {
            let outcome = runBlocking()
            outcome.printLines()
            outcome.exitProcess()
        }.detach()
        while true { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
    }

    /// Runs the command on the calling thread.
    public func runBlocking() -> RunOutcome {
        ChildProcess.holdSignals()
        defer { ChildProcess.releaseSignals() }
        var session = RunSession(self)
        session.recordStart()
        if request.requiresRecord, let outcome = session.refusalToStart() { return outcome }
        session.runCommand()
        return session.outcome()
    }
}
