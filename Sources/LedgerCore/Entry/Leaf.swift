import LedgerCrypto

// Leaf.swift
//
// What proves an entry's place, kept for ever. Its bytes are the RFC 8785 form of
//
//    {"body":"<hex SHA-256 of the body>","index":1234,"log":"ledger.example.com/changes",
//     "prev":"<hex>","stream":{"id":"<hex>","index":17,"prev":"<hex>"},
//     "time":1767225600123,"v":1}
//
// without the line breaks; hexadecimal is lower case. The entry's hash is
// SHA-256(0x00 ‖ leaf), the leaf hash of RFC 6962. A leaf is valid if and only if
//    (1) `index` is one more than that of the entry before it, and 0 for the first,
//    (2) `prev` is the hash of that entry, and 64 zeros for the first,
//    (3) `stream.index` and `stream.prev` are so within the entries of the same `stream.id`,
//    (4) `stream.id` is `Target.streamID` of the body's event,
//    (5) `log` is that of the first entry, and `v` is 1.

/// An entry's place in the ledger.
public struct Leaf: Sendable, Equatable {
    public var body: Digest
    public var index: Int64
    public var log: String
    public var prev: Digest
    public var stream: StreamPlace
    /// When the ledger recorded it, in milliseconds since 1970.
    public var time: Int64

    /// An entry's place in its stream.
    public struct StreamPlace: Sendable, Equatable {
        public var id: Digest
        public var index: Int64
        public var prev: Digest

        public init(id: Digest, index: Int64, prev: Digest) {
            self.id = id
            self.index = index
            self.prev = prev
        }
    }

    public init(
        body: Digest, index: Int64, log: String, prev: Digest, stream: StreamPlace, time: Int64
    ) {
        self.body = body
        self.index = index
        self.log = log
        self.prev = prev
        self.stream = stream
        self.time = time
    }

    // Equal bytes: `String ==` would take two spellings of a log's name for the same.
    public static func == (left: Leaf, right: Leaf) -> Bool {
        left.body == right.body && left.index == right.index
            && left.log.hasSameBytes(as: right.log) && left.prev == right.prev
            && left.stream == right.stream && left.time == right.time
    }

    public static func hash(_ leaf: UnsafeRawBufferPointer, with hasher: SHA256) -> Digest {
        hasher.hash(prefix: 0, leaf)
    }

    public static func hash(_ leaf: [UInt8], with hasher: SHA256) -> Digest {
        leaf.withUnsafeBytes { hash($0, with: hasher) }
    }

    public var bytes: [UInt8] {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(440 + log.utf8.count)
        CanonicalJSON.append(verbatim: "{\"body\":\"", to: &buffer)
        body.appendHex(to: &buffer)
        CanonicalJSON.append(verbatim: "\",\"index\":", to: &buffer)
        CanonicalJSON.append(index, to: &buffer)
        CanonicalJSON.append(verbatim: ",\"log\":", to: &buffer)
        CanonicalJSON.append(log, to: &buffer)
        CanonicalJSON.append(verbatim: ",\"prev\":\"", to: &buffer)
        prev.appendHex(to: &buffer)
        CanonicalJSON.append(verbatim: "\",\"stream\":{\"id\":\"", to: &buffer)
        stream.id.appendHex(to: &buffer)
        CanonicalJSON.append(verbatim: "\",\"index\":", to: &buffer)
        CanonicalJSON.append(stream.index, to: &buffer)
        CanonicalJSON.append(verbatim: ",\"prev\":\"", to: &buffer)
        stream.prev.appendHex(to: &buffer)
        CanonicalJSON.append(verbatim: "\"},\"time\":", to: &buffer)
        CanonicalJSON.append(time, to: &buffer)
        CanonicalJSON.append(verbatim: ",\"v\":1}", to: &buffer)
        return buffer
    }

    /// Reads a leaf. Nil unless the bytes are exactly a leaf's canonical form.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        var log = UnsafeRawBufferPointer(start: nil, count: 0)
        guard let leaf = Leaf(bytes, log: &log) else { return nil }
        self = leaf
        var cursor = CanonicalCursor(log)
        guard let text = cursor.string() else { return nil }
        self.log = text
    }

    /// Reads a leaf whose `log` is left empty; the bytes of its value, quotes and all, come back
    /// in `log`. For those who read millions of leaves of one log.
    public init?(_ bytes: UnsafeRawBufferPointer, log: inout UnsafeRawBufferPointer) {
        var cursor = CanonicalCursor(bytes)
        guard cursor.take("{\"body\":\""), let body = cursor.digest(),
            cursor.take("\",\"index\":"), let index = cursor.natural(),
            cursor.take(",\"log\":"), case let start = cursor.offset,
            cursor.stringContent() != nil, case let end = cursor.offset,
            cursor.take(",\"prev\":\""), let prev = cursor.digest(),
            cursor.take("\",\"stream\":{\"id\":\""), let streamID = cursor.digest(),
            cursor.take("\",\"index\":"), let streamIndex = cursor.natural(),
            cursor.take(",\"prev\":\""), let streamPrev = cursor.digest(),
            cursor.take("\"},\"time\":"), let time = cursor.natural(),
            cursor.take(",\"v\":1}"), cursor.isAtEnd
        else { return nil }
        log = cursor.slice(start..<end)
        self.init(
            body: body, index: index, log: "", prev: prev,
            stream: StreamPlace(id: streamID, index: streamIndex, prev: streamPrev), time: time)
    }

    public init?(_ bytes: [UInt8]) {
        guard let leaf = bytes.withUnsafeBytes({ Leaf($0) }) else { return nil }
        self = leaf
    }
}
