import LedgerCore

/// Makes text for events of what Git holds as bytes.
enum GitText {
    /// UTF-8 as it is; anything else is taken for Latin-1, which can hold every byte.
    static func decoded(_ text: UnsafePointer<CChar>?) -> String {
        guard let text else { return "" }
        if let valid = String(validatingCString: text) { return valid }
        var scalars = String.UnicodeScalarView()
        var place = text
        while place.pointee != 0 {
            scalars.append(Unicode.Scalar(UInt8(bitPattern: place.pointee)))
            place += 1
        }
        return String(scalars)
    }

    /// A path as `git` shows it: as it is where it is printable UTF-8, else in quotes with escapes
    /// (`core.quotePath=false`), so that no two paths have one text.
    static func path(_ bytes: [UInt8]) -> String {
        let plain = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x22 && $0 != 0x5C }
        if plain, let text = String(validating: bytes, as: UTF8.self) { return text }
        let isUTF8 = String(validating: bytes, as: UTF8.self) != nil
        var quoted: [UInt8] = [0x22]
        for byte in bytes {
            switch byte {
            case 0x22, 0x5C: quoted += [0x5C, byte]
            case 0x09: quoted += Array("\\t".utf8)
            case 0x0A: quoted += Array("\\n".utf8)
            case 0x0D: quoted += Array("\\r".utf8)
            case 0x20..<0x7F: quoted.append(byte)
            case 0x80... where isUTF8: quoted.append(byte)
            default:
                quoted += [0x5C, 0x30 + (byte >> 6), 0x30 + (byte >> 3 & 7), 0x30 + (byte & 7)]
            }
        }
        return String(decoding: quoted + [0x22], as: UTF8.self)
    }

    /// One line of at most so many bytes; nil if nothing is left.
    static func line(_ text: some StringProtocol, limit: Int) -> String? {
        clipped(text, limit: limit) { $0.value < 0x20 || $0.value == 0x7F }
    }

    /// A change's id or name, as far as it can be one.
    static func name(_ text: String) -> String {
        clipped(text, limit: 396, isReplaced: EventMember.isInvisible) ?? text
    }

    /// Text of at most so many bytes; nil if nothing is left.
    static func text(_ text: some StringProtocol, limit: Int) -> String? {
        clipped(text, limit: limit) { $0.value == 0 }
    }

    private static func clipped(
        _ text: some StringProtocol, limit: Int, isReplaced: (Unicode.Scalar) -> Bool
    ) -> String? {
        let ellipsis = "…"
        var clipped = String.UnicodeScalarView()
        var size = 0
        var fitting = clipped.endIndex
        for scalar in text.unicodeScalars {
            let scalar = isReplaced(scalar) ? "\u{FFFD}" : scalar
            size += UTF8.width(scalar)
            if size > limit {
                return String(String.UnicodeScalarView(clipped[..<fitting])) + ellipsis
            }
            clipped.append(scalar)
            if size <= limit - ellipsis.utf8.count { fitting = clipped.endIndex }
        }
        return clipped.isEmpty ? nil : String(clipped)
    }
}

extension String? {
    /// As a member of one line of at most so many bytes; nil if nothing is left.
    func line(_ limit: Int) -> String? {
        flatMap { GitText.line($0, limit: limit) }
    }
}
