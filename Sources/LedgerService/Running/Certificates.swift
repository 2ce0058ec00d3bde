import Hummingbird
import HummingbirdCore
import LedgerCore
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// A certificate and its key, as they lie in their files now; read again when told to.
final class Certificates: Sendable {
    private let certificate: String
    private let key: String
    private let current: Mutex<NIOSSLContext>

    init(certificate: String, key: String) throws(LedgerError) {
        self.certificate = certificate
        self.key = key
        current = Mutex(try Self.context(certificate, key))
    }

    var context: NIOSSLContext { current.withLock(\.self) }

    /// New connections get what is read now.
    ///
    /// - Throws: if it can't be used; connections get the one before then.
    func reload() throws(LedgerError) {
        let context = try Self.context(certificate, key)
        current.withLock { $0 = context }
    }

    private static func context(
        _ certificate: String, _ key: String
    ) throws(LedgerError) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate)
            let configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw LedgerError(
                .usage, "\(certificate) and \(key) are no certificate and its key: \(error)",
                advice: "give PEM files: the chain, and the key without a pass phrase",
                cause: error)
        }
    }
}
