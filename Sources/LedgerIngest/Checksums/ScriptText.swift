/// A script's bytes as tools written in Java read them.
enum ScriptText {
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Without a byte order mark at the beginning.
    static func withoutMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.starts(with: byteOrderMark) ? bytes[3...] : bytes[...]
    }

    static func isUTF8(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
    }

    /// What stands between line ends (LF, CR or both), as Java's `BufferedReader.readLine` gives
    /// it: what follows the last line end is a line only if there is something.
    static func lines(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.endIndex
            lines.append(bytes[start..<end])
            guard end < bytes.endIndex else { break }
            let isPair = bytes[end] == 0x0D && end + 1 < bytes.endIndex && bytes[end + 1] == 0x0A
            start = end + (isPair ? 2 : 1)
        }
        return lines
    }

    /// Without what Java's `String.trim` takes away: control characters and spaces at both ends.
    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let text = bytes.drop { $0 <= 0x20 }
        guard let last = text.lastIndex(where: { $0 > 0x20 }) else { return text.suffix(0) }
        return text[...last]
    }

    /// Whether `${` stands there: a tool that puts values in may have hashed another text.
    static func hasPlaceholder(_ bytes: some Collection<UInt8>) -> Bool {
        var before: UInt8 = 0
        for byte in bytes {
            if before == UInt8(ascii: "$"), byte == UInt8(ascii: "{") { return true }
            before = byte
        }
        return false
    }
}
