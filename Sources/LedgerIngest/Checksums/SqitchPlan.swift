import LedgerCrypto

// Sqitch's id of a change: the SHA-1 of `change`, a space, the number of bytes, a zero byte, and
// these lines in UTF-8, joined by line feeds (App::Sqitch 1.3.1, Plan/Change.pm; seen to agree with
// it):
//
//    project NAME
//    uri URI                        if the plan has one
//    change NAME
//    parent ID                      of the change before it in the plan, if there is one
//    planner NAME <E-MAIL>
//    date 2026-01-02T03:04:05Z
//    requires                       if it requires any
//      + NAME
//    conflicts                      if it conflicts with any
//      - NAME
//                                   if it has a note: an empty line, and
//    NOTE
//
// The plan's lines are
//
//    %NAME=VALUE
//    [+] NAME [DEPENDENCY … !CONFLICT …] 2026-01-02T03:04:05Z PLANNER <E-MAIL> # NOTE
//    @TAG 2026-01-02T03:04:05Z PLANNER <E-MAIL> # NOTE

/// The changes of a file `sqitch.plan`, in its order.
public struct SqitchPlan: Sendable, Equatable {
    public struct Change: Sendable, Equatable {
        public let name: String
        /// 40 lower-case hexadecimal digits, as in the columns `change_id`.
        public let id: String
    }

    public let project: String
    public private(set) var changes: [Change] = []

    /// Nil for what is no plan, or where OpenSSL allows no SHA-1.
    public init?(_ plan: [UInt8]) {
        let lines = String(decoding: plan, as: UTF8.self).utf8
            .split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { $0.last == 0x0D ? $0.dropLast() : $0 }
        var pragmas: [String: String] = [:]
        var rows: [Row] = []
        for line in lines {
            let (text, note) = Self.cut(line)
            guard let first = text.first, first != UInt8(ascii: "@") else { continue }
            if first == UInt8(ascii: "%") {
                let parts = String(Substring(text.dropFirst())).split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let name = String(parts[0].trimmed)
                pragmas[name] = parts.count > 1 ? String(parts[1].drop { isBlank($0) }) : "1"
            } else if let row = Row(String(Substring(text)), note: note) {
                rows.append(row)
            } else {
                return nil
            }
        }
        guard let project = pragmas["project"] else { return nil }
        self.project = project
        let uri = pragmas["uri"].map(Self.canonical)
        for row in rows {
            let text = Array(row.text(project, uri: uri, parent: changes.last?.id).utf8)
            guard let id = ToolDigest.sha1(Array("change \(text.count)\0".utf8) + text) else {
                return nil
            }
            changes.append(Change(name: row.name, id: hexText(id)))
        }
    }

    // The line without its note and blanks at both ends; and the note.
    private static func cut(
        _ line: Substring.UTF8View
    ) -> (text: Substring.UTF8View, note: Substring?) {
        let mark = line.firstIndex(of: UInt8(ascii: "#"))
        let text = Substring(line[..<(mark ?? line.endIndex)]).trimmed
        return (text.utf8, mark.map { Substring(line[line.index(after: $0)...]).trimmed })
    }

    // As URI.pm writes it: scheme and host in small letters, no port that is the scheme's own, and
    // a path. Other forms of the same are left as they are.
    private static func canonical(_ uri: String) -> String {
        guard let place = uri[...].utf8.firstRange(of: "://") else { return uri }
        let scheme = uri[..<place].lowercased()
        let rest = uri[uri.utf8.index(place, offsetBy: 3)...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        var host = rest[..<end].lowercased()
        for port in ["http": ":80", "https": ":443"] where scheme == port.key {
            if host.hasSuffix(port.value) { host.removeLast(port.value.count) }
        }
        let path = rest[end...]
        let isBare = path.first != "/" && ["http", "https"].contains(scheme)
        return "\(scheme)://\(host)\(isBare ? "/" : "")\(path)"
    }
}

private func isBlank(_ character: Character) -> Bool {
    character == " " || character == "\t"
}

// What one line of the plan says of a change.
private struct Row {
    let name: String
    private let date: String
    private let planner: String
    private let note: String
    private var requires: [String] = []
    private var conflicts: [String] = []

    init?(_ line: String, note: Substring?) {
        var rest = line[...]
        if let sign = rest.first, sign == "+" || sign == "-" {
            rest = rest.dropFirst().drop(while: isBlank)
        }
        name = String(rest.prefix { !isBlank($0) })
        rest = rest.dropFirst(name.count).drop(while: isBlank)
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            for word in rest[..<end].dropFirst().split(whereSeparator: isBlank) {
                if word.first == "!" {
                    conflicts.append(String(word.dropFirst()))
                } else {
                    requires.append(String(word))
                }
            }
            rest = rest[rest.index(after: end)...].drop(while: isBlank)
        }
        date = String(rest.prefix(20))
        rest = rest.dropFirst(20).drop(while: isBlank)
        guard date.utf8.count == 20, date.hasSuffix("Z"), rest.last == ">",
            let open = rest.firstIndex(of: "<"), open > rest.startIndex,
            isBlank(rest[rest.index(before: open)])
        else { return nil }
        planner = rest[..<rest.index(before: open)] + " " + rest[open...]
        self.note = Self.unescaped(note ?? "")
    }

    func text(_ project: String, uri: String?, parent: String?) -> String {
        var lines = ["project \(project)"]
        if let uri { lines.append("uri \(uri)") }
        lines.append("change \(name)")
        if let parent { lines.append("parent \(parent)") }
        lines += ["planner \(planner)", "date \(date)"]
        for (word, sign, names) in [("requires", "+", requires), ("conflicts", "-", conflicts)]
        where !names.isEmpty {
            lines.append(word)
            lines += names.map {
                "  \(sign) "
                    + ($0.hasPrefix(project + ":") ? $0.dropFirst(project.count + 1) : $0[...])
            }
        }
        // Perl takes the text 0 for nothing.
        if !note.isEmpty, note != "0" { lines += ["", note] }
        return lines.joined(separator: "\n")
    }

    private static func unescaped(_ note: Substring) -> String {
        var text: [UInt8] = []
        var isEscaped = false
        for byte in note.utf8 {
            if isEscaped {
                switch byte {
                case UInt8(ascii: "n"): text.append(0x0A)
                case UInt8(ascii: "r"): text.append(0x0D)
                case UInt8(ascii: "\\"): text.append(byte)
                default: text += [UInt8(ascii: "\\"), byte]
                }
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                text.append(byte)
            }
        }
        if isEscaped { text.append(UInt8(ascii: "\\")) }
        return String(decoding: text, as: UTF8.self)
    }
}
