extension StringProtocol where SubSequence == Substring {
    /// Without spaces, tabs and line breaks at both ends.
    var trimmed: Substring {
        let isBlank = { (byte: UInt8) in byte == 0x20 || 0x09...0x0D ~= byte }
        guard let start = utf8.firstIndex(where: { !isBlank($0) }) else { return "" }
        var end = endIndex
        for index in utf8[start...].indices where !isBlank(utf8[index]) {
            end = utf8.index(after: index)
        }
        return self[start..<end]
    }
}

extension StringProtocol {
    /// Begins with `words`, in capital or small ASCII letters.
    func begins(with words: String) -> Bool {
        var rest = utf8.makeIterator()
        for byte in words.utf8 {
            guard let other = rest.next() else { return false }
            let isLetter = 0x61...0x7A ~= (byte | 0x20)
            if byte != other, !isLetter || byte | 0x20 != other | 0x20 { return false }
        }
        return true
    }

    /// The last place of `needle`, compared as bytes.
    func range(ofLast needle: String) -> Range<String.Index>? {
        var last: Range<String.Index>?
        var start = startIndex
        while start < endIndex {
            if utf8[start...].starts(with: needle.utf8) {
                last = start..<utf8.index(start, offsetBy: needle.utf8.count)
            }
            start = utf8.index(after: start)
        }
        return last
    }
}

extension Substring.UTF8View {
    /// Where `needle` begins.
    func firstRange(of needle: String) -> String.Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].starts(with: needle.utf8) { return start }
            start = index(after: start)
        }
        return nil
    }
}
