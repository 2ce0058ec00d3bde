import LedgerCore

/// An entry with everything in it: `ledger show 1234`, and `ledger log` for many.
public enum EntryReport {
    /// The record of an entry for programs: its place, and its event as it was recorded. With
    /// `RecordWriter` it makes `ledger log -o json|ndjson|csv`.
    public static let definition = RecordDefinition<ShownEntry>(
        version: 1,
        columns: [
            Column("index", .integer, isRequired: true) { .integer($0.entry.index) },
            Column("hash", .hash, isRequired: true) { .string($0.entry.hash.hex) },
            Column("recorded", .time) {
                $0.leaf.map { .string(Timestamp(milliseconds: $0.time).utc) }
            },
            Column("log", .string) { $0.leaf.map { .string($0.log) } },
            Column("prev", .hash, "the hash of the entry before") {
                $0.leaf.map { .string($0.prev.hex) }
            },
            Column("stream", .object(stream), "the entry's place in its stream") {
                $0.leaf.map { leaf in
                    [
                        "id": .string(leaf.stream.id.hex), "index": .integer(leaf.stream.index),
                        "prev": .string(leaf.stream.prev.hex),
                    ]
                }
            },
            Column("body", .hash, "the digest of the body") {
                $0.leaf.map { .string($0.body.hex) }
            },
            Column("is_archived", .boolean, "the body is not here", isRequired: true) {
                .bool($0.entry.body == nil)
            },
            Column("event", .anything, "the public members") {
                $0.body.map { .object($0.event) }
            },
            Column("private", .anything, "the private members that are still there") {
                $0.privateMembers.isEmpty ? nil : .object($0.privateMembers)
            },
            Column("erased", .list(.string), "the names of private members that are not") {
                $0.erased.isEmpty ? nil : .array($0.erased.map(JSON.string))
            },
            Column(
                "erasures", .list(.object(erasure)),
                "what redactions erased, and when; of one entry alone"
            ) {
                $0.erasures.isEmpty ? nil : .array($0.erasures.map { .object($0.json) })
            },
            Column("hidden", .list(.string), "the names of those that the reader may not see") {
                $0.hidden.isEmpty ? nil : .array($0.hidden.map(JSON.string))
            },
            Column("principal", .anything, "whom the ledger authenticated") {
                $0.body.map { .object($0.principal) }
            },
        ])

    private typealias Column = RecordColumn<ShownEntry>

    private static let stream = [
        RecordField("id", .hash), RecordField("index", .integer), RecordField("prev", .hash),
    ]

    private static let erasure = [
        RecordField("at", .time), RecordField("by", .integer), RecordField("member", .string),
    ]

    /// Writes one entry as a JSON document.
    public static func writeJSON(_ shown: ShownEntry, to output: BufferedOutput) throws {
        try output.append { buffer in
            definition.appendJSON(of: shown, to: &buffer)
            buffer.append(UInt8(ascii: "\n"))
        }
        try output.flush()
    }

    /// Writes one entry for eyes. `correctedBy` is the entry that set it right, if there is one.
    public static func writeText(
        _ shown: ShownEntry, correctedBy: Int64? = nil, _ appearance: Appearance,
        to output: BufferedOutput
    ) throws {
        var list = FieldList()
        addPlace(of: shown, correctedBy: correctedBy, appearance.local, to: &list)
        if let body = shown.body {
            list.section("event")
            for member in body.event.members {
                list.add(member.name, member.value, local: appearance.local)
            }
        }
        list.section("private")
        let prefix = EventSchema.attachmentPrefix.utf8
        for member in shown.privateMembers.members where !member.name.utf8.starts(with: prefix) {
            list.add(member.name, member.value, local: appearance.local)
        }
        for name in shown.hidden { list.add(name, "not for your role to see", .doubtful) }
        for name in shown.erased {
            list.add(name, words(shown.erasure(of: name), appearance.local), .doubtful)
        }
        list.section("attachments")
        for attachment in shown.attachments {
            let size = attachment.size.map { Words.size(bytes: $0) }
            let parts = [
                attachment.digest, size, attachment.mediaType,
                attachment.isStored ? nil : "bytes not attached",
                attachment.erased.map { words($0, appearance.local) },
            ]
            list.add(attachment.name, parts.compactMap(\.self).joined(separator: ", "))
        }
        try list.write(to: output, appearance)
        try output.flush()
    }

    private static func words(_ erased: ErasedMember?, _ local: LocalTime) -> String {
        guard let erased else { return "erased" }
        return "erased \(local.text(of: erased.at, to: .seconds)) by #\(erased.by)"
    }

    private static func addPlace(
        of shown: ShownEntry, correctedBy: Int64?, _ local: LocalTime, to list: inout FieldList
    ) {
        list.add("entry", "#\(shown.entry.index)")
        list.add("hash", shown.entry.hash.hex)
        if let leaf = shown.leaf {
            let recorded = Timestamp(milliseconds: leaf.time)
            list.add("recorded", local.text(of: recorded, to: .milliseconds))
            list.add("log", leaf.log)
            list.add("prev", leaf.prev.hex)
            list.add("stream", leaf.stream.id.hex)
            list.add("in stream", "entry \(leaf.stream.index), after \(leaf.stream.prev.hex)")
            list.add("body", leaf.body.hex)
        } else {
            list.add("leaf", "can't be read: ledger verify says more", .bad)
        }
        if shown.entry.body == nil {
            list.add("event", "archived", .doubtful)
        } else if shown.body == nil {
            list.add("event", "can't be read: ledger verify says more", .bad)
        }
        if let principal = shown.body?.principal {
            let parts = [
                principal["kind"]?.string, principal["id"]?.string,
                shown.privateMembers[EventSchema.principalName]?.string.map { "(\($0))" },
            ]
            list.add("principal", parts.compactMap(\.self).joined(separator: " "))
        }
        list.add("corrected", correctedBy.map { "by #\($0)" }, .doubtful)
    }
}

extension ErasedMember {
    public var json: JSONObject {
        JSONObject(["at": .string(at.utc), "by": .integer(by), "member": .string(name)])
    }

    public init?(json: JSONObject) {
        guard let name = json["member"]?.string, let by = json["by"]?.integer,
            let at = (json["at"]?.string).flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        self.init(name: name, by: by, at: at)
    }
}
