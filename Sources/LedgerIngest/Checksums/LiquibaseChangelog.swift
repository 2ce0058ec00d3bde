// A changelog in SQL as Liquibase's parser takes it apart (liquibase/liquibase,
// AbstractFormattedChangeLogParser.java; its tests run against 4.29.0). Of each changeset, what its
// checksums are computed from:
//
//    the lines between its line `--changeset AUTHOR:ID …` and the next one, but not
//        --property A:B C:D          --comment: …             --rollback …
//        --ignoreLines:N             --validCheckSum: …       /* liquibase rollback … */
//        --ignoreLines:start … end   --preconditions …        --precondition-NAME …
//    joined by line feeds, without control characters and spaces at both ends;
//    of the line itself, the last of each of
//        splitStatements:WORD  stripComments:WORD  endDelimiter:WORD
//
// The last changeset of a file has two traits: without any line after its own it has the SQL of the
// one before, and if its SQL ends with a line that begins with `/`, then this is its delimiter. A
// file without the line `--liquibase formatted sql` is one changeset, `raw` of `includeAll`.

/// The changesets of one file; or of a part of it that begins with a `--changeset` line.
struct LiquibaseChangelog {
    struct ChangeSet: Equatable {
        let author: String
        let id: String
        /// The attribute `logicalFilePath`, which stands for the file's path.
        let path: String?
        var sql: ArraySlice<UInt8> = []
        /// What separates statements; nil if nothing was said.
        var endDelimiter: [UInt8]?
        var splitsStatements = true
        var stripsComments = true
    }

    private(set) var changeSets: [ChangeSet] = []
    private var lines: [ArraySlice<UInt8>]
    // Of the changeset that is being read, joined by line feeds.
    private var sql: [UInt8] = []

    /// - Parameter isWhole: whether the last changeset is the file's last.
    /// - Returns: nil for a file that Liquibase refuses.
    init?(_ script: [UInt8], isWhole: Bool = true) {
        // What is no UTF-8 becomes U+FFFD, in Java as here.
        let text = Array(String(decoding: ScriptText.withoutMark(script), as: UTF8.self).utf8)
        lines = ScriptText.lines(text[...])
        guard Self.isFormatted(lines) else {
            changeSets = [
                ChangeSet(
                    author: "includeAll", id: "raw", path: nil, sql: ScriptText.trimmed(text[...]),
                    splitsStatements: false, stripsComments: false)
            ]
            return
        }
        guard read(isWhole: isWhole) else { return nil }
    }

    /// Whether this is a changeset that was cut out of its file.
    static func isPart(_ script: [UInt8]) -> Bool {
        firstLine(of: ScriptText.lines(script[...])).flatMap { ChangeSet(line: $0) } != nil
    }

    private static func isFormatted(_ lines: [ArraySlice<UInt8>]) -> Bool {
        guard let line = firstLine(of: lines) else { return false }
        return line.isTitle || ChangeSet(line: line) != nil
    }

    // The first that is not blank.
    private static func firstLine(of lines: [ArraySlice<UInt8>]) -> LiquibaseLine? {
        lines.first { !ScriptText.trimmed($0).isEmpty }.map { LiquibaseLine($0) }
    }

    private mutating func read(isWhole: Bool) -> Bool {
        var next = 0
        while next < lines.count {
            let line = LiquibaseLine(lines[next])
            next += 1
            if line.isProperty { continue }
            if let count = line.ignoredLines {
                guard let end = skip(count, from: next) else { return false }
                next = end
            } else if let changeSet = ChangeSet(line: line) {
                if !changeSets.isEmpty {
                    guard finish() else { return false }
                }
                changeSets.append(changeSet)
                sql = []
            } else if line.beginsRollback, !changeSets.isEmpty {
                guard let end = lines[next...].firstIndex(where: { LiquibaseLine($0).endsComment })
                else { return false }
                next = end + 1
            } else if !changeSets.isEmpty, !line.isAttribute {
                sql += line.bytes
                sql.append(0x0A)
            }
        }
        finishLast(isWhole: isWhole)
        return true
    }

    private func skip(_ count: LiquibaseLine.IgnoredLines, from start: Int) -> Int? {
        switch count {
        case .count(let count): return min(lines.count, start + min(count, lines.count))
        case .toEnd:
            let end = lines[start...].firstIndex { LiquibaseLine($0).ignoredLines == .end }
            return end.map { $0 + 1 } ?? lines.count
        case .end: return nil
        }
    }

    // Liquibase refuses a changeset without SQL that others follow.
    private mutating func finish() -> Bool {
        let last = changeSets.count - 1
        changeSets[last].sql = ScriptText.trimmed(sql[...])
        return !changeSets[last].sql.isEmpty
    }

    private mutating func finishLast(isWhole: Bool) {
        let last = changeSets.count - 1
        guard last >= 0 else { return }
        if sql.isEmpty, last > 0 {
            changeSets[last].sql = changeSets[last - 1].sql
            return
        }
        let text = ScriptText.trimmed(sql[...])
        changeSets[last].sql = text
        if isWhole, changeSets[last].endDelimiter == nil, text.suffix(2).elementsEqual("\n/".utf8) {
            changeSets[last].endDelimiter = Array("\n/$".utf8)
        }
    }
}

extension LiquibaseChangelog.ChangeSet {
    /// The changeset that a line begins; nil if it begins none.
    init?(line: LiquibaseLine) {
        guard var words = line.comment, words.take("changeset", then: .blanks),
            let author = Self.quoted(&words, before: ":")
                ?? Self.name(&words, endsAt: { $0 == UInt8(ascii: ":") }),
            words.take(":"),
            let id = Self.quoted(&words) ?? Self.name(&words, endsAt: isJavaBlank)
        else { return nil }
        (self.author, self.id) = (author, id)
        path = line.value(of: "logicalFilePath", isWord: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        endDelimiter = line.value(of: "endDelimiter", isWord: true)
        splitsStatements = line.truth(of: "splitStatements") ?? true
        stripsComments = line.truth(of: "stripComments") ?? true
    }

    // What stands in quotes, which are not part of it.
    private static func quoted(_ words: inout LiquibaseWords, before next: String = "") -> String? {
        let quote = UInt8(ascii: "\"")
        guard words.rest.first == quote else { return nil }
        let name = words.rest.dropFirst().prefix { $0 != quote }
        let after = words.rest[name.endIndex...].dropFirst()
        guard !name.isEmpty, name.endIndex < words.rest.endIndex, after.starts(with: next.utf8)
        else { return nil }
        words.rest = after
        return String(decoding: name, as: UTF8.self)
    }

    private static func name(
        _ words: inout LiquibaseWords, endsAt isEnd: (UInt8) -> Bool
    ) -> String? {
        let name = words.rest.prefix { !isEnd($0) }
        words.rest = words.rest[name.endIndex...]
        return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
    }
}
