import LedgerCore
import LedgerCrypto

/// Checks entries one by one, and hands on what can only be judged in their order.
///
/// Belongs to one thread.
final class EntryCheck {
    /// What the check of an entry leaves for the one who sees all entries in order.
    struct Mark {
        let index: Int64
        let hash: Digest
        let prev: Digest
        let stream: Leaf.StreamPlace
        let time: Int64
    }

    /// A private value or attachment that is not there: fine if a redaction names it.
    struct Absence: Hashable {
        let index: Int64
        let name: String
        let isAttachment: Bool
        /// Of the attachment, if its descriptor is known.
        let digest: Digest?
    }

    struct Result {
        var problems = Problems()
        var marks: [Mark] = []
        var absences: [Absence] = []
        /// Names that redaction entries erase, by the entry that they are about.
        var redactions: [(entry: Int64, name: String)] = []
        /// Attachments that must be there, and those that may be.
        var attached: [(digest: Digest, index: Int64, name: String)] = []
        var mentioned: [Digest] = []
        var disclosureCount: Int64 = 0
        var byteCount: Int64 = 0
    }

    private let log: [UInt8]
    private let hasher = SHA256()
    private var buffer: [UInt8] = []
    private var scratch: [UInt8] = []
    private var result = Result()

    init(log: String) {
        var bytes: [UInt8] = []
        CanonicalJSON.append(log, to: &bytes)
        self.log = bytes
    }

    /// Everything about the entries checked since the last call.
    func takeResult() -> Result {
        defer { result = Result() }
        return result
    }

    private func report(_ index: Int64, _ code: Problem.Code, _ detail: @autoclosure () -> String) {
        result.problems.add(Problem(index: index, code: code, detail: detail()))
    }

    func check(_ stored: StoredBytes) {
        let index = stored.index
        guard let leafBytes = stored.leaf else {
            report(index, .bodyExtra, "something is stored for an entry that is not there")
            return
        }
        result.byteCount += Int64(leafBytes.count + (stored.body?.count ?? 0))
        let hash = Leaf.hash(leafBytes, with: hasher)
        if Digest(optional: stored.hash) != hash {
            report(index, .hashWrong, "the stored hash is not that of the leaf")
        }
        var logBytes = UnsafeRawBufferPointer(start: nil, count: 0)
        guard let leaf = Leaf(leafBytes, log: &logBytes) else {
            report(index, .leafInvalid, "the leaf is not in its canonical form")
            return
        }
        if leaf.index != index {
            report(index, .indexWrong, "the leaf says that its index is \(leaf.index)")
        }
        if !log.withUnsafeBytes({ $0.equals(logBytes) }) {
            report(index, .logWrong, "the leaf belongs to another log")
        }
        result.marks.append(
            Mark(index: index, hash: hash, prev: leaf.prev, stream: leaf.stream, time: leaf.time))
        checkBody(stored, leaf)
    }

    private func checkBody(_ stored: StoredBytes, _ leaf: Leaf) {
        let index = stored.index
        guard let bytes = stored.body else {
            report(index, .bodyMissing, "the entry has no body")
            if stored.disclosures.contains(where: { $0 != nil }) || stored.otherDisclosures != nil {
                report(index, .privateExtra, "private values are stored without a body")
            }
            return
        }
        if hasher.hash(bytes) != leaf.body {
            report(index, .bodyWrong, "the body is not the one that the leaf names")
        }
        guard let scan = BodyScan(bytes) else {
            report(index, .bodyInvalid, "the body is not in its canonical form")
            return
        }
        scan.appendStream(log: log, to: &buffer)
        if buffer.withUnsafeBytes({ hasher.hash($0) }) != leaf.stream.id {
            report(index, .streamIDWrong, "the stream is not that of the event's target")
        }
        if scan.isRedaction { noteRedaction(Array(bytes)) }
        noteScript(scan.script, index, Attachment.script)
        noteScript(scan.rollbackScript, index, Attachment.rollbackScript)
        checkPrivate(stored, scan)
    }

    private func noteScript(_ script: BodyScan.ScriptReference?, _ index: Int64, _ name: String) {
        guard let script else { return }
        if script.isAttached {
            result.attached.append((script.digest, index, name))
        } else {
            result.mentioned.append(script.digest)
        }
    }

    private func noteRedaction(_ bytes: [UInt8]) {
        guard let event = StoredBody(bytes)?.event,
            let entry = event["about"]?.array?.first?.object?["entry"]?.integer,
            let names = event[["redaction", "members"]]?.array
        else { return }
        for name in names.compactMap(\.string) { result.redactions.append((entry, name)) }
    }

    // Every digest has its disclosure, and every disclosure its digest.
    private func checkPrivate(_ stored: StoredBytes, _ scan: BodyScan) {
        var others = readOthers(stored)
        var unnamed = stored.disclosures.indices.filter { stored.disclosures[$0] != nil }
        for item in scan.privateDigests {
            let disclosure: UnsafeRawBufferPointer?
            if let place = Self.place(of: item.name) {
                disclosure = stored.disclosures[place]
                unnamed.removeAll { $0 == place }
            } else {
                let place = others.firstIndex { $0.name.equals(item.name) }
                disclosure = place.map { others.remove(at: $0).bytes }
            }
            guard let disclosure else {
                result.absences.append(
                    Absence(
                        index: stored.index, name: Self.text(item.name), isAttachment: false,
                        digest: nil))
                continue
            }
            result.disclosureCount += 1
            checkDisclosure(disclosure, item, stored.index)
        }
        for place in unnamed {
            report(
                stored.index, .privateExtra,
                "the body doesn't name the private value \(StoredBytes.names[place])")
        }
        for other in others {
            report(
                stored.index, .privateExtra,
                "the body doesn't name the private value \(Self.text(other.name))")
        }
    }

    private func checkDisclosure(
        _ bytes: UnsafeRawBufferPointer, _ item: BodyScan.PrivateDigest, _ index: Int64
    ) {
        result.byteCount += Int64(bytes.count)
        buffer.removeAll(keepingCapacity: true)
        Disclosure.appendDigest(of: bytes, hasher: hasher, scratch: &scratch, to: &buffer)
        if !buffer.withUnsafeBytes({ $0.equals(item.digest) }) {
            report(
                index, .privateWrong,
                "the private value \(Self.text(item.name)) is not the one that was recorded")
        }
        guard let name = Self.name(inDisclosure: bytes), name.equals(item.name) else {
            report(
                index, .privateInvalid,
                "the private value \(Self.text(item.name)) is not in its canonical form")
            return
        }
        if item.name.starts(with: EventSchema.attachmentPrefix.utf8),
            let text = Disclosure(stored: Array(bytes))?.value?.object?["digest"]?.string,
            let digest = Digest(hex: text.utf8.dropFirst(7))
        {
            result.attached.append((digest, index, Self.text(item.name)))
        }
    }

    private struct Other {
        let name: UnsafeRawBufferPointer
        let bytes: UnsafeRawBufferPointer
    }

    private func readOthers(_ stored: StoredBytes) -> [Other] {
        guard let bytes = stored.otherDisclosures else { return [] }
        var cursor = CanonicalCursor(bytes)
        var others: [Other] = []
        var isValid = cursor.take("[")
        repeat {
            let start = cursor.offset
            isValid = isValid && cursor.skipValue()
            guard isValid, case let slice = cursor.slice(start..<cursor.offset),
                let name = Self.name(inDisclosure: slice)
            else {
                isValid = false
                break
            }
            if let last = others.last, !last.name.lexicographicallyPrecedes(name) { isValid = false }
            others.append(Other(name: name, bytes: slice))
        } while cursor.take(",")
        isValid = isValid && cursor.take("]") && cursor.isAtEnd
        if !isValid {
            report(stored.index, .privateInvalid, "the other private values can't be read")
        }
        return others
    }

    /// The name, between its quotes, in the bytes of a disclosure; nil unless they are canonical.
    static func name(inDisclosure bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var cursor = CanonicalCursor(bytes)
        guard cursor.take("["), cursor.stringContent()?.count == 22, cursor.take(","),
            let name = cursor.stringContent(), cursor.take(","),
            cursor.skipValue(depth: JSON.depthLimit - 1), cursor.take("]"), cursor.isAtEnd
        else { return nil }
        return name
    }

    private static let names = StoredBytes.names.map { Array($0.utf8) }

    private static func place(of name: UnsafeRawBufferPointer) -> Int? {
        names.firstIndex { $0.count == name.count && name.elementsEqual($0) }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

extension Digest {
    fileprivate init?(optional bytes: UnsafeRawBufferPointer?) {
        guard let bytes else { return nil }
        self.init(bytes)
    }
}
