import Foundation
import LedgerCore
import LedgerCrypto

/// Reads from a body's bytes what verification needs, without building values.
///
/// Kept from one body to the next, so that its array is. Slices point into the body read last.
struct BodyScan {
    struct PrivateDigest {
        /// Between its quotes.
        let name: UnsafeRawBufferPointer
        let digest: UnsafeRawBufferPointer
    }

    struct ScriptReference {
        /// Nil if what stands there is no digest.
        let digest: Digest?
        /// Its bytes are attached.
        let isAttached: Bool
    }

    /// What an event says; the JSON strings, quotes and all, of the members that name the target.
    struct Event {
        var cluster: UnsafeRawBufferPointer?
        var environment: UnsafeRawBufferPointer?
        var region: UnsafeRawBufferPointer?
        var service: UnsafeRawBufferPointer?
        var tenant: UnsafeRawBufferPointer?
        var isRedaction = false
        var isArchive = false
        var script: ScriptReference?
        var rollbackScript: ScriptReference?
    }

    private(set) var event = Event()
    private(set) var privateDigests: [PrivateDigest] = []

    /// False, and nothing is to be believed, unless the bytes are the canonical form of a body, see
    /// Body.swift, or of what is left of one, see Remainder.swift.
    mutating func read(_ bytes: UnsafeRawBufferPointer, isRemainder: Bool = false) -> Bool {
        event = Event()
        privateDigests.removeAll(keepingCapacity: true)
        var cursor = CanonicalCursor(bytes)
        guard cursor.take("{\"event\":"), scanEvent(&cursor),
            isRemainder || Self.scanNonce(&cursor),
            cursor.take(",\"principal\":{\"id\":"), cursor.stringContent() != nil,
            cursor.take(",\"kind\":"), let kind = cursor.stringContent(),
            kind.equals("local") || kind.equals("token") || kind.equals("hook")
                || kind.equals("oidc"),
            cursor.take("},\"private\":"), scanPrivate(&cursor),
            cursor.take("}"), cursor.isAtEnd
        else { return false }
        return true
    }

    @inline(__always)
    private static func scanNonce(_ cursor: inout CanonicalCursor) -> Bool {
        guard cursor.take(",\"nonce\":"), let nonce = cursor.stringContent() else { return false }
        return Base64URL.isEncoding(nonce, ofByteCount: 16)
    }

    private mutating func scanEvent(_ cursor: inout CanonicalCursor) -> Bool {
        var event = Event()
        let isValid = cursor.members(depth: JSON.depthLimit - 1) { cursor, name in
            Self.scanMember(name, &cursor, &event)
        }
        self.event = event
        return isValid
    }

    @inline(__always)
    private static func scanMember(
        _ name: UnsafeRawBufferPointer, _ cursor: inout CanonicalCursor, _ event: inout Event
    ) -> Bool {
        let start = cursor.offset
        // The length tells most names apart before their letters are compared.
        switch name.count {
        case 6 where name.equals("change"):
            return scanScript(&cursor, "digest", "size", &event.script)
        case 8 where name.equals("rollback"):
            return scanScript(&cursor, "script_digest", "script_size", &event.rollbackScript)
        default: break
        }
        guard cursor.skipValue(depth: JSON.depthLimit - 2) else { return false }
        let value = cursor.slice(start..<cursor.offset)
        guard value.first == UInt8(ascii: "\"") else { return true }
        switch name.count {
        case 4 where name.equals("type"):
            event.isRedaction = value.equals("\"redaction\"")
            event.isArchive = value.equals("\"archive\"")
        case 6 where name.equals("region"): event.region = value
        case 6 where name.equals("tenant"): event.tenant = value
        case 7 where name.equals("cluster"): event.cluster = value
        case 7 where name.equals("service"): event.service = value
        case 11 where name.equals("environment"): event.environment = value
        default: break
        }
        return true
    }

    private static func scanScript(
        _ cursor: inout CanonicalCursor, _ digestName: StaticString, _ sizeName: StaticString,
        _ script: inout ScriptReference?
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
            script = ScriptReference(digest: Digest(quotedText: text), isAttached: isAttached)
        }
        return isValid
    }

    private mutating func scanPrivate(_ cursor: inout CanonicalCursor) -> Bool {
        cursor.members(depth: JSON.depthLimit - 1) { cursor, name in
            guard let digest = cursor.stringContent(),
                Base64URL.isEncoding(digest, ofByteCount: Digest.byteCount)
            else { return false }
            privateDigests.append(PrivateDigest(name: name, digest: digest))
            return true
        }
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
        if let cluster = event.cluster { append("\"cluster\":", cluster) }
        if let environment = event.environment { append("\"environment\":", environment) }
        append("\"log\":", log)
        if let region = event.region { append("\"region\":", region) }
        if let service = event.service { append("\"service\":", service) }
        if let tenant = event.tenant { append("\"tenant\":", tenant) }
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
