// A changelog in Liquibase's formatted SQL:
//
//    --liquibase formatted sql [logicalFilePath:PATH]
//    --changeset AUTHOR:ID [attributes]
//    …SQL of the change…
//    --rollback …SQL that undoes it…
//
// A change is named by path, id and author together, as in the table DATABASECHANGELOG; its bytes
// are those from its `--changeset` line to the next.

/// Reads the changes of a formatted SQL changelog.
enum LiquibaseSQL {
    /// Nil if the content is no formatted SQL changelog.
    static func names(path: String, _ content: [UInt8]?) -> [ChangeName]? {
        guard let content, let header = header(of: content) else { return nil }
        let logicalPath = attribute("logicalFilePath", of: header) ?? classPath(path)
        var starts: [(offset: Int, id: String, author: String, path: String)] = []
        for line in lines(of: content) {
            guard
                let changeSet = LiquibaseChangelog.ChangeSet(
                    line: LiquibaseLine(Array(line.text.utf8)[...]))
            else { continue }
            starts.append(
                (
                    line.offset, changeSet.id, changeSet.author,
                    attribute("logicalFilePath", of: line.text) ?? logicalPath
                ))
        }
        return starts.indices.map { index in
            let start = starts[index]
            let end = index + 1 < starts.count ? starts[index + 1].offset : content.count
            return ChangeName(
                id: "\(start.path)::\(start.id)::\(start.author)", name: start.id, tool: .liquibase,
                range: start.offset..<end)
        }
    }

    /// The SQL of the `--rollback` lines among the bytes of one change; nil if there is none.
    static func rollback(in script: ArraySlice<UInt8>) -> [UInt8]? {
        let sql = lines(of: Array(script)).compactMap { line -> Substring? in
            guard let words = comment(line.text), words.begins(with: "rollback ") else {
                return nil
            }
            return words.dropFirst("rollback ".count).drop(while: \.isWhitespace)
        }.filter { !["empty", "not required", ""].contains($0.lowercased()) }
        return sql.isEmpty ? nil : Array((sql.joined(separator: "\n") + "\n").utf8)
    }

    // The first line that is not blank. Every SQL script without a known tool is asked for it, so
    // that nothing is read behind it.
    private static func header(of content: [UInt8]) -> Substring? {
        let text = content.drop { $0 <= 0x20 || [0xEF, 0xBB, 0xBF].contains($0) }
        let line = String(decoding: text.prefix(1000).prefix { $0 != 0x0A }, as: UTF8.self)
        return LiquibaseLine(Array(line.utf8)[...]).isTitle ? line.trimmed : nil
    }

    private static func lines(of content: [UInt8]) -> [(offset: Int, text: Substring)] {
        content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            (line.startIndex, String(decoding: line, as: UTF8.self).trimmed)
        }
    }

    private static func comment(_ line: Substring) -> Substring? {
        line.hasPrefix("--") ? line.dropFirst(2).trimmed : nil
    }

    private static func attribute(_ name: String, of line: Substring) -> String? {
        let word = line.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix(name + ":") }
        guard let value = word?.dropFirst(name.count + 1), !value.isEmpty else { return nil }
        return String(value)
    }

    // Liquibase finds changelogs on the class path, which begins below this folder.
    private static func classPath(_ path: String) -> String {
        let marker = "src/main/resources/"
        if path.hasPrefix(marker) { return String(path.dropFirst(marker.count)) }
        guard let place = path.range(ofLast: "/" + marker) else { return path }
        return String(path[place.upperBound...])
    }
}
