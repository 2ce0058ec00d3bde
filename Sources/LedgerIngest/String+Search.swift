extension StringProtocol {
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
