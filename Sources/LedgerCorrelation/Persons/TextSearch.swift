/// Finds whole words in text of any kind, in upper and lower case.
public struct TextSearch: Sendable {
    private let words: [[UInt8]]

    public init(_ words: [String]) {
        self.words = words.map { $0.utf8.map(Self.lower) }.filter { !$0.isEmpty }
    }

    public func finds(in text: [UInt8]) -> Bool {
        let text = text.map(Self.lower)
        return words.contains { word in
            guard let first = word.first, text.count >= word.count else { return false }
            var place = 0
            while place <= text.count - word.count {
                guard let start = text[place...].firstIndex(of: first),
                    start <= text.count - word.count
                else { return false }
                let end = start + word.count
                if text[start..<end].elementsEqual(word),
                    start == 0 || !Self.isLetter(text[start - 1]),
                    end == text.count || !Self.isLetter(text[end])
                {
                    return true
                }
                place = start + 1
            }
            return false
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        0x41...0x5A ~= byte ? byte + 0x20 : byte
    }

    // Every byte of a letter beyond ASCII is one.
    private static func isLetter(_ byte: UInt8) -> Bool {
        0x61...0x7A ~= byte || 0x30...0x39 ~= byte || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
