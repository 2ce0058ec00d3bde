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
        /// Nil if the leaf is not valid.
        let place: Place?

        struct Place {
            let index: Int64
            let prev: Digest
            let stream: Leaf.StreamPlace
            let time: Int64
        }
    }

    /// A private value that is not there: fine if a redaction names it.
    struct Absence {
        let index: Int64
        let name: String
    }

    /// An attachment that an entry has.
    struct AttachmentUse {
        let index: Int64
        /// `attachment:NAME`, as a redaction names it.
        let name: String
        let digest: Digest
    }

    struct Result {
        var problems = Problems()
        var marks: [Mark] = []
        var absences: [Absence] = []
        /// Names that redaction entries erase, by the entry that they are about.
        var redactions: [(entry: Int64, name: String)] = []
        /// Attachments that must be there.
        var attached: [AttachmentUse] = []
        /// Those that may be, with the entry that names them.
        var mentioned: [(digest: Digest, index: Int64)] = []
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
            if stored.body != nil { report(index, .bodyExtra, "a body without an entry") }
            if stored.hasPrivateRow {
                report(index, .privateExtra, "private values without an entry")
            }
            return
        }
        result.byteCount += Int64(leafBytes.count + (stored.body?.count ?? 0))
        let hash = Leaf.hash(leafBytes, with: hasher)
        if Digest(optional: stored.hash) != hash {
            report(index, .hashWrong, "the stored hash is not that of the leaf")
        }
        var logBytes = UnsafeRawBufferPointer(start: nil, count: 0)
        let leaf = Leaf(leafBytes, log: &logBytes)
        result.marks.append(
            Mark(
                index: index, hash: hash,
                place: leaf.map {
                    .init(index: $0.index, prev: $0.prev, stream: $0.stream, time: $0.time)
                }))
        guard let leaf else {
            report(index, .leafInvalid, "the leaf is not in its canonical form")
            return
        }
        if !log.withUnsafeBytes({ $0.equals(logBytes) }) {
            report(index, .logWrong, "the leaf belongs to another log")
        }
        checkBody(stored, leaf)
    }

    // Nothing is believed of a body that is not the recorded one.
    private func checkBody(_ stored: StoredBytes, _ leaf: Leaf) {
        let index = stored.index
        guard let bytes = stored.body else {
            report(index, .bodyMissing, "the entry has no body")
            return
        }
        guard hasher.hash(bytes) == leaf.body else {
            report(index, .bodyWrong, "the body is not the one that the leaf names")
            return
        }
        guard let scan = BodyScan(bytes) else {
            report(index, .bodyInvalid, "the body is not in its canonical form")
            return
        }
        scan.appendStream(log: log, to: &buffer)
        if buffer.withUnsafeBytes({ hasher.hash($0) }) != leaf.stream.id {
            report(index, .streamIDWrong, "the stream is not that of the event's target")
        }
        if scan.isRedaction { noteRedaction(Array(bytes), index) }
        noteScript(scan.script, index, Attachment.script)
        noteScript(scan.rollbackScript, index, Attachment.rollbackScript)
        checkPrivate(stored, scan)
    }

    private func noteScript(_ script: BodyScan.ScriptReference?, _ index: Int64, _ name: String) {
        guard let script else { return }
        if script.isAttached {
            result.attached.append(
                AttachmentUse(
                    index: index, name: EventSchema.attachmentPrefix + name, digest: script.digest))
        } else {
            result.mentioned.append((script.digest, index))
        }
    }

    private func noteRedaction(_ bytes: [UInt8], _ index: Int64) {
        guard let event = StoredBody(bytes)?.event,
            let entry = event["about"]?.array?.first?.object?["entry"]?.integer,
            0..<index ~= entry, let names = event[["redaction", "members"]]?.array
        else { return }
        for name in names.compactMap(\.string) { result.redactions.append((entry, name)) }
    }

    // Every digest has its disclosure, and every disclosure its digest. What can't be read is
    // reported once, and not as missing too.
    private func checkPrivate(_ stored: StoredBytes, _ scan: BodyScan) {
        var unread = Set<Int>()
        var unnamed: [Int] = []
        for place in stored.disclosures.indices {
            guard let bytes = stored.disclosures[place] else { continue }
            let name = Self.name(inDisclosure: bytes)
            if let name, name.elementsEqual(Self.names[place]) {
                unnamed.append(place)
            } else {
                unread.insert(place)
            }
        }
        var others = readOthers(stored)
        if !unread.isEmpty || others == nil {
            report(stored.index, .privateInvalid, "a private value is not in its canonical form")
        }
        for item in scan.privateDigests {
            if let place = Self.place(of: item.name) {
                if unread.contains(place) { continue }
                unnamed.removeAll { $0 == place }
                check(stored.disclosures[place], item, stored.index)
            } else if let place = others?.firstIndex(where: { $0.name.equals(item.name) }) {
                check(others?.remove(at: place).bytes, item, stored.index)
            } else if others != nil {
                check(nil, item, stored.index)
            }
        }
        let extra =
            unnamed.map { StoredBytes.names[$0] } + (others ?? []).map { Self.text($0.name) }
        for name in extra {
            report(stored.index, .privateExtra, "the body doesn't name the private value \(name)")
        }
    }

    private func check(
        _ bytes: UnsafeRawBufferPointer?, _ item: BodyScan.PrivateDigest, _ index: Int64
    ) {
        guard let bytes else {
            result.absences.append(Absence(index: index, name: Self.text(item.name)))
            return
        }
        result.disclosureCount += 1
        result.byteCount += Int64(bytes.count)
        buffer.removeAll(keepingCapacity: true)
        Disclosure.appendDigest(of: bytes, hasher: hasher, scratch: &scratch, to: &buffer)
        guard buffer.withUnsafeBytes({ $0.equals(item.digest) }) else {
            report(
                index, .privateWrong,
                "the private value \(Self.text(item.name)) is not the one that was recorded")
            return
        }
        if item.name.starts(with: EventSchema.attachmentPrefix.utf8),
            let text = Disclosure(stored: Array(bytes))?.value?.object?["digest"]?.string,
            let digest = Digest(hex: text.utf8.dropFirst(7))
        {
            result.attached.append(
                AttachmentUse(index: index, name: Self.text(item.name), digest: digest))
        }
    }

    private struct Other {
        let name: UnsafeRawBufferPointer
        let bytes: UnsafeRawBufferPointer
    }

    /// Nil unless they are a list of disclosures, sorted by name, of which none has a column.
    private func readOthers(_ stored: StoredBytes) -> [Other]? {
        guard let bytes = stored.otherDisclosures else { return [] }
        var cursor = CanonicalCursor(bytes)
        var others: [Other] = []
        guard cursor.take("[") else { return nil }
        repeat {
            let start = cursor.offset
            guard cursor.skipValue(depth: JSON.depthLimit - 1),
                case let slice = cursor.slice(start..<cursor.offset),
                let name = Self.name(inDisclosure: slice), Self.place(of: name) == nil,
                others.last.map({ CanonicalCursor.isOrdered($0.name, name) }) ?? true
            else { return nil }
            others.append(Other(name: name, bytes: slice))
        } while cursor.take(",")
        return cursor.take("]") && cursor.isAtEnd ? others : nil
    }

    /// The name, between its quotes, in the bytes of a disclosure; nil unless they are canonical.
    static func name(inDisclosure bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var cursor = CanonicalCursor(bytes)
        guard cursor.take("["), let salt = cursor.stringContent(),
            Base64URL.isEncoding(salt, ofByteCount: 16), cursor.take(","),
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
