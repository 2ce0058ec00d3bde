import HummingbirdCore
import LedgerCore
import NIOCore

extension Request {
    /// The whole body.
    ///
    /// - Throws: `tooLarge` beyond `limit`, which is in bytes; `usage` if it ends too early or is
    ///   not framed as HTTP says, which is the sender's fault and none of ours.
    func wholeBody(upTo limit: Int) async throws(LedgerError) -> [UInt8] {
        do {
            return Array(try await body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw LedgerError(
                .tooLarge, "the body has more than \(limit) bytes",
                advice: "send less in one request")
        } catch {
            throw LedgerError(
                .usage,
                "the body can't be read to its end: it was cut off, or is not framed as "
                    + "HTTP says", cause: error)
        }
    }
}
