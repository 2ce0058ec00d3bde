import LedgerCore

// TarArchive.swift
//
// Files one after the other, as POSIX ustar (IEEE 1003.1, pax): for each a header of 512 bytes, its
// bytes, and zeros up to a multiple of 512; two blocks of zeros at the end. Only plain files with
// plain names are written and taken.
//
//    offset  bytes  field
//         0    100  name
//       100      8  mode, octal digits and NUL, as all numbers
//       108     16  owner and group, 0
//       124     12  size
//       136     12  time of the last change, 0
//       148      8  sum of the header's bytes, with eight spaces in its own place
//       156      1  type, '0'
//       257      8  "ustar", NUL, "00"

enum TarArchive {
    static let blockSize = 512
    static let end = [UInt8](repeating: 0, count: 2 * blockSize)

    /// - Parameter name: of at most 100 bytes.
    static func header(_ name: String, byteCount: Int64) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: blockSize)
        func put(_ text: String, at offset: Int) {
            for (place, byte) in text.utf8.enumerated() { header[offset + place] = byte }
        }
        put(name, at: 0)
        put("0000600", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(octal(byteCount, 11), at: 124)
        put("00000000000", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar\u{0}00", at: 257)
        let sum = header.reduce(Int64(0)) { $0 + Int64($1) }
        put(octal(sum, 6) + "\u{0} ", at: 148)
        return header
    }

    static func padding(after byteCount: Int64) -> [UInt8] {
        let rest = Int(byteCount % Int64(blockSize))
        return [UInt8](repeating: 0, count: rest == 0 ? 0 : blockSize - rest)
    }

    private static func octal(_ number: Int64, _ digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

/// Takes an archive apart as its bytes come.
struct TarReader {
    /// A file begins, with its size; more of its bytes; it ends.
    enum Event {
        case begins(name: String, byteCount: Int64)
        case bytes([UInt8])
        case ends
    }

    private var pending: [UInt8] = []
    // Of the file that is being read; nil between files.
    private var left: Int64?
    private var paddingLeft = 0
    private(set) var isAtEnd = false

    /// - Throws: `invalidEvent` for what is no archive of plain files.
    mutating func take(
        _ bytes: some Sequence<UInt8>, _ body: (Event) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        pending += bytes
        var start = 0
        defer { pending.removeFirst(start) }
        while !isAtEnd {
            if let count = left {
                let piece = Int(min(count, Int64(pending.count - start)))
                if piece > 0 { try body(.bytes(Array(pending[start..<start + piece]))) }
                start += piece
                left = count - Int64(piece)
                if left != 0 { return }
                try body(.ends)
                left = nil
            }
            let skipped = min(paddingLeft, pending.count - start)
            start += skipped
            paddingLeft -= skipped
            guard paddingLeft == 0, pending.count - start >= TarArchive.blockSize else { return }
            let header = Array(pending[start..<start + TarArchive.blockSize])
            start += TarArchive.blockSize
            if header.allSatisfy({ $0 == 0 }) {
                isAtEnd = true
                return
            }
            let (name, byteCount) = try Self.file(header)
            try body(.begins(name: name, byteCount: byteCount))
            left = byteCount
            paddingLeft = TarArchive.padding(after: byteCount).count
        }
    }

    private static func file(_ header: [UInt8]) throws(LedgerError) -> (String, Int64) {
        let name = String(decoding: header[..<100].prefix { $0 != 0 }, as: UTF8.self)
        let digits = String(decoding: header[124..<136].prefix { $0 != 0 }, as: UTF8.self)
        guard ExportFileName.isPlain(name),
            let byteCount = Int64(digits, radix: 8), byteCount >= 0,
            header == TarArchive.header(name, byteCount: byteCount)
        else {
            throw LedgerError(.invalidEvent, "this is no archive of an export")
        }
        return (name, byteCount)
    }
}

/// The names that files of an export have.
enum ExportFileName {
    /// `cover.json`, or in a folder `sample-01/story.html`; nothing that leads anywhere else.
    static func isPlain(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count <= 2 && name.utf8.count <= 100
            && parts.allSatisfy { part in
                !part.isEmpty && !part.hasPrefix(".")
                    && part.utf8.allSatisfy { byte in
                        switch byte {
                        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                        default: false
                        }
                    }
            }
    }
}
