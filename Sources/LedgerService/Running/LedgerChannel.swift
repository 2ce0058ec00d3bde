import Hummingbird
import HummingbirdCore
import LedgerCore
import Logging
import NIOCore
import NIOSSL

/// One connection: HTTP, over TLS with the certificate that is current when it begins.
///
/// Everything that a request needs runs on the thread that reads its connection, unless it is sent
/// to the workers: to hand each step to another thread would cost more than the steps.
struct LedgerChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    let certificates: Certificates?
    let executors: LoopExecutors

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        guard let certificates else { return base.setup(channel: channel, logger: logger) }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
                NIOSSLServerHandler(context: certificates.context))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(executors[value.channel.eventLoop]) {
            await base.handle(value: value, logger: logger)
        }
    }
}

/// An executor for each of the threads that read connections.
struct LoopExecutors: Sendable {
    private let executors: [ObjectIdentifier: LoopExecutor]

    init(_ group: any EventLoopGroup) {
        executors = Dictionary(
            uniqueKeysWithValues: group.makeIterator().map {
                (ObjectIdentifier($0), LoopExecutor($0))
            })
    }

    /// Nil, and so the usual threads, for a loop of another group.
    subscript(loop: any EventLoop) -> (any TaskExecutor)? {
        executors[ObjectIdentifier(loop)]
    }
}

/// Runs tasks on an event loop.
private final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
