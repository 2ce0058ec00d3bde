import LedgerCore
import LedgerCrypto

/// Finds receipts in any text: `ledger: #1234 <hash>`, or an object with `"hash"` and `"index"` as
/// `--json` prints it.
enum ReceiptText {
    private static let objectByteLimit = 1000

    static func receipts(in text: [UInt8]) -> [Head] {
        let (line, member) = (Array("ledger: #".utf8), Array("\"hash\"".utf8))
        var heads: [Head] = []
        for place in text.indices {
            switch text[place] {
            case line[0] where text[place...].starts(with: line):
                if let head = self.line(text[(place + line.count)...]) { heads.append(head) }
            case member[0] where text[place...].starts(with: member):
                if let head = object(text, around: place) { heads.append(head) }
            default: break
            }
        }
        return heads
    }

    private static func line(_ text: ArraySlice<UInt8>) -> Head? {
        let digits = text.prefix { 0x30...0x39 ~= $0 }
        let rest = text[digits.endIndex...]
        guard rest.first == 0x20, let digest = Digest(hex: rest.dropFirst().prefix(64)),
            let index = Int64(String(decoding: digits, as: UTF8.self))
        else { return nil }
        return Head(index: index, hash: digest)
    }

    /// What stands between the nearest braces.
    private static func object(_ text: [UInt8], around place: Int) -> Head? {
        let before = text[max(0, place - objectByteLimit)..<place]
        guard let start = before.lastIndex(of: UInt8(ascii: "{")),
            let end = text[place...].prefix(objectByteLimit).firstIndex(of: UInt8(ascii: "}")),
            let object = try? JSONReader.read(Array(text[start...end])).object,
            let index = object["index"]?.integer, index >= 0,
            let hash = object["hash"]?.string, let digest = Digest(hex: Array(hash.utf8)[...])
        else { return nil }
        return Head(index: index, hash: digest)
    }
}
