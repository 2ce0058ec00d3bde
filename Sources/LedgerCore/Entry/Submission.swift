import LedgerCrypto

/// An event made ready for the ledger: everything that can be computed before its place is known.
public struct Submission: Sendable {
    public let event: Event
    public let body: Body
    public let bodyDigest: Digest
    public let streamID: Digest
    /// Stands for source and id.
    public let identity: Digest

    /// `event` must have its defaults.
    public init(
        event: Event, principal: Principal, log: String, random: inout SecureRandom, hasher: SHA256
    ) {
        let nonce = random.bytes(16)
        var generator = random
        let body = Body(event: event, principal: principal, nonce: nonce, hasher: hasher) {
            generator.bytes(16)
        }
        random = generator
        self.init(event: event, body: body, log: log, hasher: hasher)
    }

    public init(event: Event, body: Body, log: String, hasher: SHA256) {
        self.event = event
        self.body = body
        bodyDigest = hasher.hash(body.bytes)
        streamID = event.target.streamID(log: log, hasher: hasher)
        identity = Self.identity(source: event.source ?? "", id: event.id ?? "", hasher: hasher)
    }

    /// SHA-256 of the JSON array of source and id.
    public static func identity(source: String, id: String, hasher: SHA256) -> Digest {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(source.utf8.count + id.utf8.count + 8)
        buffer.append(UInt8(ascii: "["))
        CanonicalJSON.append(source, to: &buffer)
        buffer.append(UInt8(ascii: ","))
        CanonicalJSON.append(id, to: &buffer)
        buffer.append(UInt8(ascii: "]"))
        return hasher.hash(buffer)
    }
}
