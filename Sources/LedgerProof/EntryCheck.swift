import LedgerCore
import LedgerCrypto

/// Checks entries one by one, and hands on what can only be judged in their order.
///
/// Belongs to one thread. A structure, since a class would have every use of its members checked
/// for exclusive access.
struct EntryCheck {
    /// What the check of an entry leaves for the one who sees all entries in order.
    struct Mark {
        let index: Int64
        let hash: Digest
        /// Nil if the leaf is not valid: nothing that it says is believed.
        let place: Place?
    }

    /// What a leaf says of its entry's place.
    struct Place {
        let index: Int64
        let prev: Digest
        let stream: Leaf.StreamPlace
        let time: Int64
    }

    /// A private value or attachment that is not there: fine if a redaction names it.
    struct Absence {
        let index: Int64
        let name: String
        /// Its descriptor is there, but names no bytes.
        let isAttachment: Bool
    }

    /// What an archive's entry says of it.
    struct Archive {
        let index: Int64
        let range: ClosedRange<Int64>
        let entryCount: Int64
        /// Of the lines of all that was carried over.
        let carried: Digest
    }

    struct Result {
        var problems = Problems()
        var marks: [Mark] = []
        var absences: [Absence] = []
        /// Names that redaction entries erase, by the entry that they are about.
        var redactions: [(entry: Int64, name: String)] = []
        var archives: [Archive] = []
        /// What is left of archived entries, as lines, with the entry that names the archive.
        var carried: [(archive: Int64, index: Int64, line: [UInt8])] = []
        /// Attachments that must be there, and those that may be.
        var attached: [(digest: Digest, index: Int64, name: String)] = []
        var mentioned: [(digest: Digest, index: Int64)] = []
        var disclosureCount: Int64 = 0
        var byteCount: Int64 = 0

        fileprivate mutating func clear() {
            var marks: [Mark] = []
            swap(&marks, &self.marks)
            marks.removeAll(keepingCapacity: true)
            self = Result()
            self.marks = marks
        }
    }

    private let storedAttachments: Set<Digest>
    // The JSON string of the log's name; nil if the ledger has lost it.
    private let log: [UInt8]?
    private let hasher = SHA256()
    private var buffer: [UInt8] = []
    private var scratch: [UInt8] = []
    private var scan = BodyScan()
    private(set) var result = Result()

    /// - Parameter attachments: the digests of those that are stored.
    init(log: String?, attachments: Set<Digest>) {
        storedAttachments = attachments
        self.log = log.map { log in
            var bytes: [UInt8] = []
            CanonicalJSON.append(log, to: &bytes)
            return bytes
        }
    }

    /// Forgets everything about the entries checked so far.
    mutating func clear() {
        result.clear()
    }

    private mutating func report(
        _ index: Int64, _ code: Problem.Code, _ detail: @autoclosure () -> String
    ) {
        result.problems.add(Problem(index: index, code: code, detail: detail()))
    }

    mutating func check(_ stored: StoredBytes) {
        let index = stored.index
        guard let leafBytes = stored.leaf else {
            if stored.body != nil {
                report(index, .bodyExtra, "the body belongs to an entry that is not there")
            }
            if stored.carried != nil {
                report(index, .carriedWrong, "what was carried over belongs to no entry")
            }
            if stored.body == nil && stored.carried == nil || stored.hasDisclosures {
                report(index, .privateExtra, "the private values belong to no entry")
            }
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
            result.marks.append(Mark(index: index, hash: hash, place: nil))
            return
        }
        if log?.withUnsafeBytes({ $0.equals(logBytes) }) != true {
            report(index, .logWrong, "the leaf belongs to another log")
        }
        let place = Place(
            index: leaf.index, prev: leaf.prev, stream: leaf.stream, time: leaf.time)
        result.marks.append(Mark(index: index, hash: hash, place: place))
        checkBody(stored, leaf, log: logBytes)
    }

    // Values beside a body that is missing, wrong or invalid are not looked at.
    private mutating func checkBody(
        _ stored: StoredBytes, _ leaf: Leaf, log: UnsafeRawBufferPointer
    ) {
        let index = stored.index
        guard let bytes = stored.body else {
            if let carried = stored.carried { return checkRemainder(carried, stored, leaf, log) }
            report(index, .bodyMissing, "the entry has no body")
            return
        }
        if stored.carried != nil {
            report(index, .carriedWrong, "the body is there, and so is what was left of it")
        }
        guard hasher.hash(bytes) == leaf.body else {
            report(index, .bodyWrong, "the body is not the one that the leaf names")
            return
        }
        guard scan.read(bytes) else {
            report(index, .bodyInvalid, "the body is not in its canonical form")
            return
        }
        checkContent(stored, leaf, log)
        if scan.event.isRedaction { noteRedaction(Array(bytes), at: index) }
        if scan.event.isArchive { noteArchive(Array(bytes), at: index) }
    }

    /// What is left of an archived entry: only the archive's entry vouches for it.
    private mutating func checkRemainder(
        _ carried: (bytes: UnsafeRawBufferPointer, archive: Int64), _ stored: StoredBytes,
        _ leaf: Leaf, _ log: UnsafeRawBufferPointer
    ) {
        let index = stored.index
        result.carried.append(
            (carried.archive, index, Remainder.line(carried.bytes, index: index)))
        guard scan.read(carried.bytes, isRemainder: true) else {
            report(index, .carriedWrong, "what was carried over is not in its canonical form")
            return
        }
        checkContent(stored, leaf, log)
    }

    private mutating func checkContent(
        _ stored: StoredBytes, _ leaf: Leaf, _ log: UnsafeRawBufferPointer
    ) {
        scan.appendStream(log: log, to: &buffer)
        if buffer.withUnsafeBytes({ hasher.hash($0) }) != leaf.stream.id {
            report(stored.index, .streamIDWrong, "the stream is not that of the event's target")
        }
        checkPrivate(stored)
        noteScript(scan.event.script, stored.index, Self.scriptName)
        noteScript(scan.event.rollbackScript, stored.index, Self.rollbackScriptName)
    }

    private static let prefix = Array(EventSchema.attachmentPrefix.utf8)
    private static let scriptName = EventSchema.attachmentPrefix + Attachment.script
    private static let rollbackScriptName =
        EventSchema.attachmentPrefix + Attachment.rollbackScript

    private mutating func noteScript(
        _ script: BodyScan.ScriptReference?, _ index: Int64, _ name: String
    ) {
        guard let script else { return }
        switch (script.digest, script.isAttached) {
        case (let digest?, true): result.attached.append((digest, index, name))
        case (let digest?, false):
            if storedAttachments.contains(digest) { result.mentioned.append((digest, index)) }
        case (nil, true):
            result.absences.append(Absence(index: index, name: name, isAttachment: true))
        case (nil, false): break
        }
    }

    private mutating func noteRedaction(_ bytes: [UInt8], at index: Int64) {
        guard let event = StoredBody(bytes)?.event,
            let names = event[["redaction", "members"]]?.array
        else { return }
        let entries = (event["about"]?.array ?? []).compactMap { $0.object?["entry"]?.integer }
        // What comes later can't be redacted yet.
        for entry in entries where 0..<index ~= entry {
            for name in names.compactMap(\.string) { result.redactions.append((entry, name)) }
        }
    }

    private mutating func noteArchive(_ bytes: [UInt8], at index: Int64) {
        guard let archive = StoredBody(bytes)?.event["archive"]?.object,
            let first = archive["first"]?.integer, let last = archive["last"]?.integer,
            let count = archive["entries"]?.integer, first <= last, last < index,
            let text = archive["carried"]?.string, text.hasPrefix("sha256:"),
            let carried = Digest(hex: text.utf8.dropFirst("sha256:".utf8.count))
        else { return }
        result.archives.append(
            Archive(index: index, range: first...last, entryCount: count, carried: carried))
    }

    // Every digest has its disclosure, and every disclosure its digest.
    private mutating func checkPrivate(_ stored: StoredBytes) {
        var others = readOthers(stored)
        var hasUnreadable = others == nil
        // A bit for each column whose value the body has named.
        var named: UInt32 = 0
        for item in scan.privateDigests {
            let disclosure: UnsafeRawBufferPointer?
            if let place = Self.place(of: item.name) {
                disclosure = stored.disclosures[place]
                named |= 1 << UInt32(place)
            } else if let place = others?.firstIndex(where: { $0.name.equals(item.name) }) {
                disclosure = others?.remove(at: place).bytes
            } else {
                // Among others that can't be read it may be there.
                if others == nil { continue }
                disclosure = nil
            }
            guard let disclosure else {
                result.absences.append(
                    Absence(index: stored.index, name: Self.text(item.name), isAttachment: false))
                continue
            }
            result.disclosureCount += 1
            if Self.name(inDisclosure: disclosure)?.equals(item.name) == true {
                checkDisclosure(disclosure, item, stored.index)
            } else {
                hasUnreadable = true
            }
        }
        for place in stored.disclosures.indices where named & 1 << UInt32(place) == 0 {
            guard let bytes = stored.disclosures[place] else { continue }
            if Self.name(inDisclosure: bytes)?.equals(Self.names[place]) == true {
                reportExtra(stored.index, StoredBytes.names[place])
            } else {
                hasUnreadable = true
            }
        }
        for other in others ?? [] { reportExtra(stored.index, Self.text(other.name)) }
        if hasUnreadable {
            report(stored.index, .privateInvalid, "a private value is not in its canonical form")
        }
    }

    private mutating func reportExtra(_ index: Int64, _ name: String) {
        report(index, .privateExtra, "the body doesn't name the private value \(name)")
    }

    // Its form is valid.
    private mutating func checkDisclosure(
        _ bytes: UnsafeRawBufferPointer, _ item: BodyScan.PrivateDigest, _ index: Int64
    ) {
        result.byteCount += Int64(bytes.count)
        buffer.removeAll(keepingCapacity: true)
        Disclosure.appendDigest(of: bytes, hasher: hasher, scratch: &scratch, to: &buffer)
        guard buffer.withUnsafeBytes({ $0.equals(item.digest) }) else {
            report(
                index, .privateWrong,
                "the private value \(Self.text(item.name)) is not the one that was recorded")
            return
        }
        if item.name.count > Self.prefix.count,
            UnsafeRawBufferPointer(rebasing: item.name[..<Self.prefix.count]).equals(Self.prefix)
        {
            noteDescriptor(bytes, index, Self.text(item.name))
        }
    }

    private mutating func noteDescriptor(
        _ bytes: UnsafeRawBufferPointer, _ index: Int64, _ name: String
    ) {
        guard let descriptor = Disclosure(stored: Array(bytes))?.value?.object else { return }
        let prefix = "sha256:"
        if let text = descriptor["digest"]?.string, text.hasPrefix(prefix),
            let digest = Digest(hex: text.utf8.dropFirst(prefix.utf8.count))
        {
            result.attached.append((digest, index, name))
        } else {
            result.absences.append(Absence(index: index, name: name, isAttachment: true))
        }
    }

    /// Which of these private values are there.
    static func names(_ names: Set<String>, in stored: StoredBytes) -> [String] {
        var found = StoredBytes.names.indices.filter { stored.disclosures[$0] != nil }
            .map { StoredBytes.names[$0] }
        let others = stored.otherDisclosures.flatMap { try? JSONReader.read(Array($0)) }?.array
        found += (others ?? []).compactMap { $0.array?.dropFirst().first?.string }
        return found.filter(names.contains)
    }

    private struct Other {
        let name: UnsafeRawBufferPointer
        let bytes: UnsafeRawBufferPointer
    }

    // Nil if they are not a canonical list, sorted by name, of disclosures without a column.
    private func readOthers(_ stored: StoredBytes) -> [Other]? {
        guard let bytes = stored.otherDisclosures else { return [] }
        var cursor = CanonicalCursor(bytes)
        guard cursor.take("[") else { return nil }
        var others: [Other] = []
        repeat {
            let start = cursor.offset
            guard cursor.skipValue(depth: JSON.depthLimit - 1),
                case let slice = cursor.slice(start..<cursor.offset),
                let name = Self.name(inDisclosure: slice), Self.place(of: name) == nil
            else { return nil }
            if let last = others.last, !CanonicalCursor.isOrdered(last.name, name) { return nil }
            others.append(Other(name: name, bytes: slice))
        } while cursor.take(",")
        return cursor.take("]") && cursor.isAtEnd ? others : nil
    }

    /// The name, between its quotes, in the bytes of a disclosure; nil unless they are valid.
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
        names.firstIndex { name.equals($0) }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

extension StoredBytes {
    fileprivate var hasDisclosures: Bool {
        otherDisclosures != nil || disclosures.contains { $0 != nil }
    }
}

extension Digest {
    fileprivate init?(optional bytes: UnsafeRawBufferPointer?) {
        guard let bytes else { return nil }
        self.init(bytes)
    }
}
