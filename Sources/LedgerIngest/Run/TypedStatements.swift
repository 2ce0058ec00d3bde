import LedgerCore

// TypedStatements.swift
//
// psql's history file (input.c of psql 15): with readline, one entry a line, in which 0x01 stands for
// the end of a line; a line `#` and digits before an entry is its time. With libedit, a first line
// `_HiStOrY_V2_`, and what is not plain written as `\ooo`. psql keeps the newest 500 entries
// (HISTSIZE), so that the oldest may go while new ones come.

/// What was typed in an interactive session, as the client's history file shows it afterwards.
struct TypedStatements {
    /// The lines that came, as they stand in the file.
    let lines: [ArraySlice<UInt8>]
    private let isEscaped: Bool

    private static let lineFeed = UInt8(ascii: "\n")
    private static let libedit = Array("_HiStOrY_V2_".utf8)

    /// - Parameters:
    ///   - before: the file when the session began.
    ///   - after: the file when it had ended.
    init(before: [UInt8], after: [UInt8]) {
        let old = Self.entries(before)
        let new = Self.entries(after)
        isEscaped = after.starts(with: Self.libedit)
        // Of the old ones, as many as are still there.
        var kept = min(old.count, new.count)
        while kept > 0, !old.suffix(kept).elementsEqual(new.prefix(kept)) { kept -= 1 }
        lines = Array(new[kept...])
    }

    private static func entries(_ file: [UInt8]) -> [ArraySlice<UInt8>] {
        let lines = file.split(separator: lineFeed)
        return lines.first?.elementsEqual(libedit) == true ? Array(lines.dropFirst()) : lines
    }

    /// As a script, without the secrets that can be told: an entry may have several lines. Empty if
    /// nothing was typed.
    var script: String {
        lines.filter { !Self.isTime($0) }.map { line in
            let bytes = isEscaped ? Self.unescaped(line) : Array(line)
            let text = String(decoding: bytes.map { $0 == 1 ? Self.lineFeed : $0 }, as: UTF8.self)
            return SecretFreeText.text(of: text) + "\n"
        }.joined()
    }

    private static func isTime(_ line: ArraySlice<UInt8>) -> Bool {
        line.first == UInt8(ascii: "#") && line.count > 1
            && line.dropFirst().allSatisfy { 0x30...0x39 ~= $0 }
    }

    private static func unescaped(_ line: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = line
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                digits.allSatisfy({ 0x30...0x37 ~= $0 })
            {
                bytes.append(digits.reduce(0) { $0 &* 8 &+ ($1 - 0x30) })
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}
