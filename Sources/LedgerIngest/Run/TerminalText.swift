/// Text that was meant for a terminal, as plain text.
enum TerminalText {
    /// Without escape sequences (ECMA-48 §5.4) and control characters but line ends and tabs, and
    /// without blank lines at its ends.
    static func plain(_ bytes: [UInt8]) -> String {
        var kept: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == 0x1B {
                guard rest.first == UInt8(ascii: "[") else { continue }
                rest = rest.dropFirst().drop { !(0x40...0x7E ~= $0) }.dropFirst()
            } else if byte >= 0x20 && byte != 0x7F || byte == 0x0A || byte == 0x09 {
                kept.append(byte)
            }
        }
        guard let first = kept.firstIndex(where: { $0 > 0x20 }),
            let last = kept.lastIndex(where: { $0 > 0x20 })
        else { return "" }
        return String(decoding: kept[first...last], as: UTF8.self)
    }
}
