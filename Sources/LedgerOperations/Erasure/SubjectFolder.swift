import Foundation
import Glibc
import LedgerCore
import LedgerCrypto

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
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        if access(path, F_OK) == 0 {
            throw LedgerError(.exists, "\(path) exists already", advice: "name a new folder")
        }
        let draft = "\(path).new-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: draft) }
        try makeFolder(draft, calledFor: path)
        try write(CanonicalJSON.bytes(.object(subject.json)) + [0x0A], to: draft + "/subject.json")
        try write(Array(summary(subject, made: made).utf8), to: draft + "/summary.txt")
        let digests = subject.digests
        if !digests.isEmpty { try makeFolder(draft + "/attachments", calledFor: path) }
        for digest in digests {
            if let bytes = try await attachment(digest) {
                try write(bytes, to: "\(draft)/attachments/\(digest.hex)")
            }
        }
        guard rename(draft, path) == 0 else { throw failure(path) }
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

    private static func makeFolder(
        _ path: String, calledFor name: String
    ) throws(LedgerError) {
        guard mkdir(path, 0o700) == 0 else { throw failure(name) }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(LedgerError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> LedgerError {
        let code = errno
        return LedgerError(
            code == ENOSPC ? .diskFull : .io, "\(path): \(String(cString: strerror(code)))")
    }
}
