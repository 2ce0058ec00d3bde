import Foundation
import LedgerCore
import LedgerCrypto

/// Reads from a body's bytes what verification needs, without building values.
///
/// Nil unless the bytes are the canonical form of a body, see Body.swift. Slices point into them.
struct BodyScan {
    struct PrivateDigest {
        /// Between its quotes.
        let name: UnsafeRawBufferPointer
        let digest: UnsafeRawBufferPointer
    }

    /// The JSON strings, quotes and all, of the members that name the target.
    private(set) var cluster: UnsafeRawBufferPointer?
    private(set) var environment: UnsafeRawBufferPointer?
    private(set) var region: UnsafeRawBufferPointer?
    private(set) var service: UnsafeRawBufferPointer?
    private(set) var tenant: UnsafeRawBufferPointer?
    private(set) var isRedaction = false
    private(set) var privateDigests: [PrivateDigest] = []
    private(set) var script: ScriptReference?
    private(set) var rollbackScript: ScriptReference?

    struct ScriptReference {
        /// Nil if what stands there is no digest.
        let digest: Digest?
        /// Its bytes are attached.
        let isAttached: Bool
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        var cursor = CanonicalCursor(bytes)
        guard cursor.take("{\"event\":"), scanEvent(&cursor),
            cursor.take(",\"nonce\":"), let nonce = cursor.stringContent(),
            Base64URL.isEncoding(nonce, ofByteCount: 16),
            cursor.take(",\"principal\":{\"id\":"), cursor.stringContent() != nil,
            cursor.take(",\"kind\":"), let kind = cursor.stringContent(),
            kind.equals("local") || kind.equals("token") || kind.equals("hook")
                || kind.equals("oidc"),
            cursor.take("},\"private\":"), scanPrivate(&cursor),
            cursor.take("}"), cursor.isAtEnd
        else { return nil }
    }

    private mutating func scanEvent(_ cursor: inout CanonicalCursor) -> Bool {
        var scan = self
        let isValid = cursor.members(depth: JSON.depthLimit - 1) { cursor, name in
            scan.scanMember(name, &cursor)
        }
        self = scan
        return isValid
    }

    private mutating func scanMember(
        _ name: UnsafeRawBufferPointer, _ cursor: inout CanonicalCursor
    ) -> Bool {
        let start = cursor.offset
        // The length tells most names apart before their letters are compared.
        switch name.count {
        case 6 where name.equals("change"):
            return scanScript(&cursor, "digest", "size", into: \.script)
        case 8 where name.equals("rollback"):
            return scanScript(&cursor, "script_digest", "script_size", into: \.rollbackScript)
        default: break
        }
        guard cursor.skipValue(depth: JSON.depthLimit - 2) else { return false }
        let value = cursor.slice(start..<cursor.offset)
        guard value.first == UInt8(ascii: "\"") else { return true }
        switch name.count {
        case 4 where name.equals("type"): isRedaction = value.equals("\"redaction\"")
        case 6 where name.equals("region"): region = value
        case 6 where name.equals("tenant"): tenant = value
        case 7 where name.equals("cluster"): cluster = value
        case 7 where name.equals("service"): service = value
        case 11 where name.equals("environment"): environment = value
        default: break
        }
        return true
    }

    private mutating func scanScript(
        _ cursor: inout CanonicalCursor, _ digestName: StaticString, _ sizeName: StaticString,
        into path: WritableKeyPath<BodyScan, ScriptReference?>
    ) -> Bool {
        guard cursor.next == UInt8(ascii: "{") else {
            return cursor.skipValue(depth: JSON.depthLimit - 2)
        }
        var text: UnsafeRawBufferPointer?
        var isAttached = false
        let isValid = cursor.members(depth: JSON.depthLimit - 2) { cursor, name in
            let start = cursor.offset
            guard cursor.skipValue(depth: JSON.depthLimit - 3) else { return false }
            if name.equals(digestName) {
                text = cursor.slice(start..<cursor.offset)
            } else if name.equals(sizeName) {
                isAttached = true
            }
            return true
        }
        if let text, text.first == UInt8(ascii: "\"") {
            self[keyPath: path] = ScriptReference(
                digest: Digest(quotedText: text), isAttached: isAttached)
        }
        return isValid
    }

    private mutating func scanPrivate(_ cursor: inout CanonicalCursor) -> Bool {
        var digests: [PrivateDigest] = []
        digests.reserveCapacity(6)
        let isValid = cursor.members(depth: JSON.depthLimit - 1) { cursor, name in
            guard let digest = cursor.stringContent(),
                Base64URL.isEncoding(digest, ofByteCount: Digest.byteCount)
            else { return false }
            digests.append(PrivateDigest(name: name, digest: digest))
            return true
        }
        privateDigests = digests
        return isValid
    }

    /// Appends the bytes whose hash is the stream's id: see `Target.streamID`.
    ///
    /// - Parameter log: its JSON string.
    func appendStream(log: UnsafeRawBufferPointer, to buffer: inout [UInt8]) {
        buffer.removeAll(keepingCapacity: true)
        func append(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
            buffer.append(buffer.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            CanonicalJSON.append(verbatim: name, to: &buffer)
            buffer.append(contentsOf: value)
        }
        if let cluster { append("\"cluster\":", cluster) }
        if let environment { append("\"environment\":", environment) }
        append("\"log\":", log)
        if let region { append("\"region\":", region) }
        if let service { append("\"service\":", service) }
        if let tenant { append("\"tenant\":", tenant) }
        buffer.append(UInt8(ascii: "}"))
    }
}

extension UnsafeRawBufferPointer {
    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index] != text.utf8Start[index] { return false }
        return true
    }

    func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let left = baseAddress, let right = other.baseAddress else { return true }
        return memcmp(left, right, count) == 0
    }

    func equals(_ other: [UInt8]) -> Bool {
        other.withUnsafeBytes { equals($0) }
    }
}

extension Digest {
    /// Reads `"sha256:<hex>"` with its quotes.
    init?(quotedText text: UnsafeRawBufferPointer) {
        guard text.count == 73,
            UnsafeRawBufferPointer(rebasing: text[0..<8]).equals("\"sha256:")
        else { return nil }
        self.init(
            hexDigits: UnsafeRawBufferPointer(rebasing: text[8..<72])
                .assumingMemoryBound(to: UInt8.self))
    }
}
