import LedgerCore
import LedgerCrypto

/// What an archive has of an entry: a line of entries.ndjson.
struct ArchivedEntry {
    let index: Int64
    let body: [UInt8]
    let disclosures: [Disclosure]

    init(index: Int64, body: [UInt8], disclosures: [Disclosure]) {
        self.index = index
        self.body = body
        self.disclosures = disclosures
    }

    var line: [UInt8] {
        func text(_ bytes: [UInt8]) -> JSON { .string(String(decoding: bytes, as: UTF8.self)) }
        return CanonicalJSON.bytes([
            "body": text(body), "disclosures": .array(disclosures.map { text($0.bytes) }),
            "index": .integer(index),
        ]) + [0x0A]
    }

    init(line: ArraySlice<UInt8>, of path: String) throws {
        guard let object = (try? JSONReader.read(Array(line)))?.object,
            let index = object["index"]?.integer, let body = object["body"]?.string,
            let texts = object["disclosures"]?.array
        else { throw LedgerError(.damaged, "\(path) is damaged: a line can't be read") }
        let disclosures = texts.compactMap {
            ($0.string).flatMap { Disclosure(stored: Array($0.utf8)) }
        }
        guard disclosures.count == texts.count else {
            throw LedgerError(.damaged, "\(path) is damaged: a private value can't be read")
        }
        self.init(index: index, body: Array(body.utf8), disclosures: disclosures)
    }

    /// The attachments that it names: scripts and others, whose descriptors are private.
    struct Attachments {
        var scripts: [(name: String, digest: Digest)] = []
        var others: [(name: String, digest: Digest)] = []
    }

    var attachments: Attachments {
        var found = Attachments()
        let event = StoredBody(body)?.event
        for (part, digest, size, name) in [
            ("change", "digest", "size", Attachment.script),
            ("rollback", "script_digest", "script_size", Attachment.rollbackScript),
        ] where event?[[part, size]] != nil {
            guard let digest = event?[[part, digest]]?.string.flatMap(Digest.init(text:)) else {
                continue
            }
            found.scripts.append((EventSchema.attachmentPrefix + name, digest))
        }
        for disclosure in disclosures
        where disclosure.name.utf8.starts(with: EventSchema.attachmentPrefix.utf8) {
            guard
                let digest = disclosure.value?.object?["digest"]?.string
                    .flatMap(Digest.init(text:))
            else { continue }
            found.others.append((disclosure.name, digest))
        }
        return found
    }
}

extension Digest {
    /// Reads `sha256:<hex>`.
    init?(text: String) {
        guard text.utf8.starts(with: "sha256:".utf8) else { return nil }
        self.init(hex: text.utf8.dropFirst("sha256:".utf8.count))
    }
}
