import LedgerCore
import LedgerCorrelation
import LedgerCrypto

/// Finds out, while nobody else writes, what can be erased and what goes with it.
struct Eraser {
    /// A redaction entry's worth: it names the same members of each of its entries.
    struct Group {
        var indexes: [Int64]
        let members: [String]
        let stand: Erasure.Stand?
        var bytes: [Digest] = []
    }

    /// As many as an event may be about.
    private static let groupLimit = 100

    private let writer: any EntryWriter
    private let holds: Holds
    private(set) var groups: [Group] = []
    private(set) var kept: [Redaction.KeptBytes] = []
    private(set) var siblings: [MemberReference] = []

    /// - Throws: `notFound` if there is no such entry or member, `exists` if it was erased before,
    ///   `notAllowed` if it is held.
    init(_ erasures: [Erasure], in writer: any EntryWriter, persons: PersonNames) throws {
        self.writer = writer
        holds = Holds(try writer.entries(of: .hold), persons: persons)
        var bytes: [Digest: Set<MemberReference>] = [:]
        let all = Set(erasures.map(\.index))
        for erasure in erasures {
            let entry = try checked(erasure)
            for index in try writer.siblings(of: entry.index) where !all.contains(index) {
                for disclosure in try writer.entry(at: index)?.disclosures ?? []
                where erasure.names(disclosure.name) && disclosure.name != EventSchema.principalName
                {
                    siblings.append(MemberReference(index: index, member: disclosure.name))
                }
            }
            for (member, digest) in entry.attachments where erasure.names(member) {
                bytes[digest, default: []].insert(
                    MemberReference(index: entry.index, member: member))
            }
        }
        group(erasures)
        try take(bytes)
    }

    private func checked(_ erasure: Erasure) throws -> StoredEntry {
        guard let entry = try writer.entry(at: erasure.index) else {
            throw LedgerError(
                .notFound, "there is no entry #\(erasure.index)",
                advice: "the last one is #\(try writer.head().index)")
        }
        try holds.check(entry)
        guard let body = entry.body.flatMap({ StoredBody($0) }) else {
            throw LedgerError(
                .notFound, "entry #\(erasure.index) is archived, or can't be read",
                advice: "put it back first: ledger archive restore FOLDER")
        }
        let erased = try writer.erasures(of: entry.index)
        let there = entry.disclosures.map(\.name) + entry.attachments.map(\.member)
        for name in erasure.members {
            if let before = erased.first(where: { $0.name.hasSameBytes(as: name) }) {
                throw LedgerError(
                    .exists,
                    "\(VisibleName.of(name)) of entry #\(entry.index) was erased at "
                        + "\(before.at.utc) by #\(before.by)")
            }
            if there.contains(where: { $0.hasSameBytes(as: name) }) { continue }
            if body.event[name] != nil {
                throw LedgerError(
                    .usage,
                    "\(name) of entry #\(entry.index) is public: it stands in what is hashed, and "
                        + "can't be erased")
            }
            throw Self.absent(name, entry.index, there)
        }
        return entry
    }

    private static func absent(
        _ name: String, _ index: Int64, _ there: [String]
    ) -> LedgerError {
        var names: [String] = []
        for name in there where !names.contains(name) { names.append(name) }
        return LedgerError(
            .notFound, "entry #\(index) has no \(VisibleName.of(name)) to erase",
            advice: names.isEmpty
                ? "it has nothing that can be erased"
                : "it has " + names.map { VisibleName.of($0) }.joined(separator: ", "))
    }

    private mutating func group(_ erasures: [Erasure]) {
        for erasure in erasures {
            let members = erasure.members.map(ExactText.init).sorted().map(\.text)
            let place = groups.lastIndex { group in
                group.stand == erasure.stand
                    && group.members.elementsEqual(members) { $0.hasSameBytes(as: $1) }
            }
            if let place, groups[place].indexes.count < Self.groupLimit {
                groups[place].indexes.append(erasure.index)
            } else {
                groups.append(
                    Group(indexes: [erasure.index], members: members, stand: erasure.stand))
            }
        }
    }

    /// Bytes go when every reference to them is erased, with the last group that names them.
    private mutating func take(_ bytes: [Digest: Set<MemberReference>]) throws {
        let references = try writer.references(to: Set(bytes.keys))
        for (digest, erasing) in bytes.sorted(by: { $0.key.hex < $1.key.hex }) {
            let others = try (references[digest] ?? []).filter { reference in
                if erasing.contains(reference) { return false }
                return try !writer.erasures(of: reference.index).contains {
                    $0.name.hasSameBytes(as: reference.member)
                }
            }
            guard others.isEmpty else {
                kept.append(.init(digest: Attachment.text(of: digest), references: others))
                continue
            }
            let place = groups.lastIndex { group in
                erasing.contains { reference in
                    group.indexes.contains(reference.index)
                        && group.members.contains { $0.hasSameBytes(as: reference.member) }
                }
            }
            if let place { groups[place].bytes.append(digest) }
        }
    }
}

extension Erasure {
    func names(_ member: String) -> Bool {
        members.contains { $0.hasSameBytes(as: member) }
    }
}

extension Eraser.Group {
    func event(_ why: ErasureReason, at now: Timestamp) throws(LedgerError) -> Event {
        var object = JSONObject()
        object.set("redaction", at: "type")
        object.set(now.utc, at: "time")
        object.set(.array(indexes.map { ["entry": .integer($0)] }), at: "about")
        object.set(.array(members.map(JSON.string)), at: "redaction", "members")
        object.set(stand?.id, at: "redaction", "person")
        object.set(stand?.name, at: "redaction", "name")
        why.fill(&object)
        return try EventReader.event(from: object, mayBeOwn: true)
    }
}
