import COpenSSL

/// SHA-256 through OpenSSL's EVP interface.
///
/// An instance keeps its context between messages; it belongs to one thread at a time. The digest
/// is fetched once for the process: fetching it for each message costs more than hashing one.
public final class SHA256 {
    private static let algorithm = Algorithm()
    private let context: OpaquePointer

    public init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// The digest of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> Digest {
        SHA256().hash(bytes)
    }

    public func hash(_ bytes: [UInt8]) -> Digest {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// The digest of `prefix`, if given, followed by `bytes`.
    public func hash(prefix: UInt8? = nil, _ bytes: UnsafeRawBufferPointer) -> Digest {
        start()
        if var prefix { require(EVP_DigestUpdate(context, &prefix, 1)) }
        update(bytes)
        return finish()
    }

    /// Begins a message that arrives in pieces: `start`, any number of `update`, `finish`.
    public func start() {
        require(EVP_DigestInit_ex2(context, Self.algorithm.pointer, nil))
    }

    public func update(_ bytes: UnsafeRawBufferPointer) {
        require(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
    }

    /// The digest of what came since `start`; more may follow.
    public func digestSoFar() -> Digest {
        let copy = SHA256()
        require(EVP_MD_CTX_copy_ex(copy.context, context))
        return copy.finish()
    }

    public func finish() -> Digest {
        Digest { bytes in
            require(
                EVP_DigestFinal_ex(
                    context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil))
        }
    }

    // EVP reports a failure only when memory or the provider is gone: nothing can be hashed then,
    // and a wrong hash must not be written.
    @inline(__always)
    private func require(_ status: Int32) {
        precondition(status == 1, "OpenSSL could not compute SHA-256")
    }
}

private struct Algorithm: @unchecked Sendable {
    // Written once, before the first use; OpenSSL reads it from any thread.
    let pointer: OpaquePointer

    init() {
        guard let pointer = EVP_MD_fetch(nil, "SHA256", nil) else {
            preconditionFailure("this OpenSSL has no SHA-256")
        }
        self.pointer = pointer
    }
}
