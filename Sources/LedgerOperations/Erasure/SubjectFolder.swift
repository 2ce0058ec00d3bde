import LedgerCore
import LedgerCrypto
import LedgerStore

/// The answer to a person who asks what is known of them, as a folder that appears whole or not at
/// all: `subject.json` (Subject.swift), `summary.txt` for eyes, and `attachments/` by SHA-256.
public enum SubjectFolder {
    /// - Parameters:
    ///   - path: where nothing may be yet.
    ///   - attachment: gives the bytes of one.
    public static func write(
        _ subject: Subject, to path: String, made: Timestamp,
        attachment: (Digest) async throws(LedgerError) -> [UInt8]?
    ) async throws(LedgerError) {
        let draft = try DraftFolder(at: path)
        defer { draft.discard() }
        func write(_ name: String, _ bytes: [UInt8]) throws(LedgerError) {
            let file = try draft.open(name)
            try file.write(bytes)
            _ = try file.finish()
        }
        try write("subject.json", CanonicalJSON.bytes(.object(subject.json)) + [0x0A])
        try write("summary.txt", Array(summary(subject, made: made).utf8))
        for digest in subject.digests {
            if let bytes = try await attachment(digest) {
                try write("attachments/\(digest.hex)", bytes)
            }
        }
        try draft.publish()
    }

    static func summary(_ subject: Subject, made: Timestamp) -> String {
        func list(_ name: String) -> String {
            (subject.json[name]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        }
        var lines = [
            "What the ledger \(subject.json["log"]?.string ?? "") knows of \(list("ids"))",
            "",
            "names         \(list("names"))", "made          \(made.utc)",
            "last entry    #\(subject.json[["head", "index"]]?.integer ?? -1)",
            "entries       \(subject.entries.count)", "",
            "Values say who the person is; mentions are texts, and attachments in attachments/,",
            "that name the person, and may name others: read them before they are handed out.",
            "Everything stands in subject.json.", "",
        ]
        for entry in subject.entries {
            let index = entry["index"]?.integer ?? -1
            lines.append(
                "#\(index)  \(entry["recorded"]?.string ?? "")  \(entry["what"]?.string ?? "")")
            for (name, title) in [
                ("values", "as"), ("mentions", "named in"), ("public", "named in public in"),
            ] {
                let members = (entry[name]?.array ?? []).compactMap(\.string)
                if !members.isEmpty {
                    lines.append("    \(title) \(members.joined(separator: ", "))")
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
