import LedgerCore

/// The words of a shell's commands, each with its place in their text.
///
/// Quotes and `\\` are read as a POSIX shell reads them. Nothing is expanded; a `$(…)` outside
/// quotes holds words like any others, and keywords are words.
struct ShellWords {
    struct Word {
        let place: Range<Int>
        /// Without its quotes.
        let text: String
    }

    private let bytes: [UInt8]
    private var place = 0
    private var commands: [[Word]] = []
    private var words: [Word] = []

    /// The simple commands in order, none of them without words.
    static func commands(in bytes: [UInt8]) -> [[Word]] {
        var reader = ShellWords(bytes)
        reader.read()
        return reader.commands
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func read() {
        while place < bytes.count {
            if Self.endsCommand(bytes[place]) {
                endCommand()
                place += 1
            } else if Self.endsWord(bytes[place]) {
                place += 1
            } else {
                readWord()
            }
        }
        endCommand()
    }

    private mutating func endCommand() {
        if !words.isEmpty { commands.append(words) }
        words = []
    }

    private mutating func readWord() {
        let start = place
        var text: [UInt8] = []
        while place < bytes.count, !Self.endsWord(bytes[place]) {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\""): readQuoted(byte, to: &text)
            case UInt8(ascii: "\\") where place < bytes.count:
                text.append(bytes[place])
                place += 1
            default: text.append(byte)
            }
        }
        words.append(Word(place: start..<place, text: String(decoding: text, as: UTF8.self)))
    }

    private mutating func readQuoted(_ quote: UInt8, to text: inout [UInt8]) {
        while place < bytes.count, bytes[place] != quote {
            let isEscape = quote == UInt8(ascii: "\"") && bytes[place] == UInt8(ascii: "\\")
            if isEscape, place + 1 < bytes.count { place += 1 }
            text.append(bytes[place])
            place += 1
        }
        place = min(place + 1, bytes.count)
    }

    private static func endsCommand(_ byte: UInt8) -> Bool {
        ";&|()`\n".utf8.contains(byte)
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        byte <= 0x20 || "<>".utf8.contains(byte) || endsCommand(byte)
    }
}
