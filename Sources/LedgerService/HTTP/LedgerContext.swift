import Hummingbird
import LedgerCore
import LedgerOperations
import NIOCore

/// What is known of one request while it is answered.
struct LedgerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address that the request comes from, without its port.
    let peer: String
    /// Told apart in logs and answers.
    var requestID = ""

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }

    /// A parameter of the path, decoded.
    func parameter(_ name: String) throws -> String {
        try Percent.decode(try parameters.require(name).utf8)
    }
}
