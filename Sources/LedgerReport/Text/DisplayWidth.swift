/// How many columns of a terminal text takes (Unicode Standard Annex #11, and emoji as two).
enum DisplayWidth {
    static func of(_ text: String) -> Int {
        if VisibleText.isPlain(text) { return text.utf8.count }
        return text.reduce(0) { $0 + width(of: $1) }
    }

    /// The longest beginning of `text` that fits, with … in place of what is cut.
    static func cut(_ text: String, to width: Int) -> String {
        if of(text) <= width { return text }
        var used = 1
        let kept = text.prefix { character in
            used += self.width(of: character)
            return used <= width
        }
        return width > 0 ? kept + "…" : ""
    }

    /// The longest end of `text` that fits, with … in place of what is cut.
    static func cutStart(of text: String, to width: Int) -> String {
        if of(text) <= width { return text }
        var used = 1
        let kept = text.reversed().prefix { character in
            used += self.width(of: character)
            return used <= width
        }
        return width > 0 ? "…" + String(kept.reversed()) : ""
    }

    /// The longest beginning of `text` that fits, at least one character.
    static func prefix(_ text: Substring, within width: Int) -> Substring {
        var used = 0
        let kept = text.prefix { character in
            used += self.width(of: character)
            return used <= width
        }
        return kept.isEmpty ? text.prefix(1) : kept
    }

    // Terminals add up the widths of a cluster's characters, but for emoji made of several.
    private static func width(of character: Character) -> Int {
        let scalars = character.unicodeScalars
        if let first = scalars.first, scalars.count > 1, first.properties.isEmoji,
            !isEmojiGlue(first.value), scalars.contains(where: { isEmojiGlue($0.value) })
        {
            return 2
        }
        return scalars.reduce(0) { $0 + width(of: $1) }
    }

    static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII { return 1 }
        // The vowels and final consonants of a Hangul syllable stand in its first letter's cell.
        if 0x1160...0x11FF ~= scalar.value { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return isWide(scalar) ? 2 : 1
        }
    }

    // Variation selector 16, the joiner, and the skin tones.
    private static func isEmojiGlue(_ value: UInt32) -> Bool {
        value == 0xFE0F || value == 0x200D || 0x1F3FB...0x1F3FF ~= value
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x1100 { return false }
        if wide.contains(where: { $0 ~= scalar.value }) { return true }
        // The letters of flags are narrow, and come in pairs.
        return scalar.properties.isEmojiPresentation && !(0x1F1E6...0x1F1FF ~= scalar.value)
    }

    // East Asian Width W and F (EastAsianWidth.txt), blocks joined across unassigned characters.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF,
        0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19,
        0xFE30...0xFE6F,
        0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF,
        0x1F200...0x1F2FF, 0x1F300...0x1F320, 0x20000...0x3FFFD,
    ]
}
