import LedgerCore

// HookTime.swift
//
// How forges write a moment:
//    2019-05-15T15:20:33Z, 2021-04-28 21:50:00.123 +02:00   RFC 3339, also with a space
//    2017-12-10 17:08:07 UTC                               GitLab
//    2021-04-28 21:50:00 +0200, 2017-09-19T09:58:11+1000   GitLab, Bitbucket Data Center
//    1505783860, 1505783860548, also as a string           seconds or milliseconds since 1970
// A time without an offset is not known: which it was would be a guess.

/// Reads the times of webhooks.
enum HookTime {
    // As seconds it is the year 5138, as milliseconds 1973.
    private static let leastMilliseconds: Int64 = 100_000_000_000

    static func read(_ value: HookValue) -> Timestamp? {
        guard let text = value.id?.trimmed else { return nil }
        if let number = Int64(text), text.utf8.first != UInt8(ascii: "+") {
            let isMilliseconds = number >= Self.leastMilliseconds
            // Zero stands for no time at all.
            guard number > 0 else { return nil }
            let time = Timestamp(milliseconds: isMilliseconds ? number : number * 1000)
            return Timestamp.bounds.contains(time.milliseconds) ? time : nil
        }
        return Timestamp(rfc3339: normal(text))
    }

    // As RFC 3339 has it: no space before the offset, Z for UTC, a colon in the offset.
    private static func normal(_ text: Substring) -> String {
        if text.hasSuffix("UTC") { return text.dropLast(3).trimmed + "Z" }
        guard let sign = text.utf8.lastIndex(where: { $0 == 0x2B || $0 == 0x2D }) else {
            return String(text)
        }
        var offset = String(text[sign...])
        let isCompact = offset.utf8.count == 5 && !offset.utf8.contains(UInt8(ascii: ":"))
        if isCompact { offset = "\(offset.prefix(3)):\(offset.suffix(2))" }
        return text[..<sign].trimmed + offset
    }
}
