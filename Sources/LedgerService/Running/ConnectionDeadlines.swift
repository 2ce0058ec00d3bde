import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection whose peer does just enough not to be idle: it sends a body byte by byte, or
/// does not read its answer. Each would hold a connection, and what serves it, for ever.
///
/// It also asks for the body of whoever sends `Expect: 100-continue`, as curl does before a body of
/// more than 1 MiB, and else waits a second for nothing.
final class ConnectionDeadlines: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let body: TimeAmount
    private let stall: TimeAmount
    // Used on the connection's event loop alone.
    private var bodyEnd: Scheduled<Void>?
    private var stallEnd: Scheduled<Void>?

    /// - Parameters:
    ///   - body: from the end of a request's head to its own end.
    ///   - stall: while the peer takes nothing of what waits for it.
    init(body: TimeAmount, stall: TimeAmount) {
        self.body = body
        self.stall = stall
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            bodyEnd?.cancel()
            bodyEnd = closing(context, in: body)
            if head.headerFields[.expect]?.lowercased() == "100-continue" {
                let answer = HTTPResponsePart.head(HTTPResponse(status: .continue))
                context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
            }
        case .body: break
        case .end:
            bodyEnd?.cancel()
            bodyEnd = nil
        }
        context.fireChannelRead(data)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stallEnd?.cancel()
        stallEnd = context.channel.isWritable ? nil : closing(context, in: stall)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        cancel()
    }

    private func cancel() {
        bodyEnd?.cancel()
        stallEnd?.cancel()
        bodyEnd = nil
        stallEnd = nil
    }

    private func closing(_ context: ChannelHandlerContext, in time: TimeAmount) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
