// Remainder.swift
//
// What a ledger keeps of the body of an entry that it has archived, since answers about now read it:
// the RFC 8785 form of
//
//    {"event":{…},"principal":{"id":"…","kind":"…"},"private":{"actor":"<digest>",…}}
//
// It is the body without
//    its nonce;
//    of the event, `labels`, `links`, `git` but for `blob`, and `trigger` but for `kind` and `run`;
//    the digests of the private values that went with it.
//
// No leaf names it: the archive's entry has, in `archive.carried`, the SHA-256 of one line for each
// entry of the archive, in order,
//
//    {"carried":{…},"index":12}\n

/// Makes what stays of a body.
public enum Remainder {
    private static let dropped: Set = ["labels", "links"]
    private static let kept: [String: Set<String>] = ["git": ["blob"], "trigger": ["kind", "run"]]

    /// Nil unless the bytes have the form of a body.
    ///
    /// - Parameter isKept: whether a private value stays.
    public static func bytes(ofBody bytes: [UInt8], keeping isKept: (String) -> Bool) -> [UInt8]? {
        guard let body = StoredBody(bytes) else { return nil }
        var event = JSONObject()
        for member in body.event.members where !dropped.contains(member.name) {
            guard let names = kept[member.name], let object = member.value.object else {
                event[member.name] = member.value
                continue
            }
            var part = JSONObject()
            for inner in object.members where names.contains(inner.name) {
                part[inner.name] = inner.value
            }
            if !part.members.isEmpty { event[member.name] = .object(part) }
        }
        var digests = JSONObject()
        for member in body.privateDigests.members where isKept(member.name) {
            digests[member.name] = member.value
        }
        return CanonicalJSON.bytes([
            "event": .object(event), "principal": .object(body.principal),
            "private": .object(digests),
        ])
    }

    /// The line of an entry's remainder: what `archive.carried` is the digest of.
    public static func line(_ bytes: UnsafeRawBufferPointer, index: Int64) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(bytes.count + 40)
        CanonicalJSON.append(verbatim: "{\"carried\":", to: &line)
        line.append(contentsOf: bytes)
        CanonicalJSON.append(verbatim: ",\"index\":", to: &line)
        CanonicalJSON.append(index, to: &line)
        CanonicalJSON.append(verbatim: "}\n", to: &line)
        return line
    }
}
