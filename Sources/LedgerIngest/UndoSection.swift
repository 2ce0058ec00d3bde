// UndoSection.swift
//
// Some tools keep what undoes a change in its own script, behind a line that begins with `--`:
//
//    dbmate        -- migrate:down [transaction:false]
//    goose         -- +goose Down
//    sql-migrate   -- +migrate Down [notransaction]
//    MyBatis       -- //@UNDO
//
// The section is what follows that line, until the end or until a line that says `Up` likewise, byte
// for byte. One of comments and blank lines alone is the tool's template, and undoes nothing.

/// Finds the part of a script that undoes the rest.
enum UndoSection {
    private enum Marker {
        case up, down
    }

    /// The section's bytes; nil if there is none.
    static func bytes(in script: [UInt8]) -> [UInt8]? {
        var section: [UInt8] = []
        var isInside = false
        var undoes = false
        var start = 0
        while start < script.count {
            let end = script[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? script.count
            let line = script[start..<end]
            start = end
            if let marker = marker(line) {
                isInside = marker == .down
            } else if isInside {
                section += line
                undoes = undoes || isStatement(line)
            }
        }
        return undoes ? section : nil
    }

    /// Whether a script of its own says anything: a file of comments alone undoes nothing.
    static func undoes(_ script: [UInt8]) -> Bool {
        script.split(separator: 0x0A).contains(where: isStatement)
    }

    private static func isStatement(_ line: ArraySlice<UInt8>) -> Bool {
        let text = line.drop { $0 <= 0x20 }
        return !text.isEmpty && !text.starts(with: "--".utf8)
    }

    private static func marker(_ line: ArraySlice<UInt8>) -> Marker? {
        guard line.starts(with: "--".utf8), line.count < 200 else { return nil }
        let words = String(decoding: line.dropFirst(2), as: UTF8.self)
            .split(whereSeparator: \.isWhitespace)
        switch words.prefix(2).joined(separator: " ") {
        case "+goose Up", "+migrate Up": return .up
        case "+goose Down", "+migrate Down": return .down
        case "//@UNDO", "// @UNDO": return .down
        default: break
        }
        switch words.first {
        case "migrate:up": return .up
        case "migrate:down": return .down
        default: return nil
        }
    }
}
