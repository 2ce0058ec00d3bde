import LedgerCore

// ChangeNaming.swift
//
// The id of a change is what its tool's own history table can give, so that a merge, a row of that
// table and `psql -f` of the same file meet. The name is the file's stem.
//
//    tool                          file                               id             role
//    flyway                        V42__add_index.sql, V1_1__x.sql    42, 1.1        apply
//                                  U42__add_index.sql                 42             revert
//                                  R__add_view.sql                    R__add_view    repeatable
//    atlas, dbmate                 20260102_add.sql                   20260102       apply
//    golang-migrate, goose, rails  000042_add.up.sql                  42             apply
//                                  000042_add.down.sql                42             revert
//                                  (their tables hold numbers: leading zeros are not there)
//    alembic                       ab12cd_add.py                      ab12cd         apply
//                                  (or what its line `revision = '…'` says)
//    liquibase                     --changeset ann:7 in db/a.sql      db/a.sql::7::ann
//    sqitch                        deploy/add.sql, revert/add.sql     add            apply, revert
//    prisma                        migrations/2026_add/migration.sql  2026_add       apply
//    knex, yoyo                    20260102_add.js                    20260102_add   apply
//    django                        shop/migrations/0001_initial.py    shop.0001_initial
//    none                          001_init.sql                       001_init       apply
//
// A tool that is not given is guessed only from what no other tool does: the line `--liquibase
// formatted sql`, Prisma's `migration.sql`, Flyway's `V…__`, `U…__` and `R__`, a leading version of
// 8 to 14 digits (a date or time), a number with `.up` or `.down`. Everything else is its stem:
// `001_init.sql` is `001_init`, whether it was merged or run.

/// Finds the change that a script belongs to, from its path and, for some tools, its content.
public struct ChangeNaming: Sendable {
    public let tool: MigrationTool?
    /// A regular expression that is searched in the path; its group `id`, else its first, is the
    /// change's id, and its group `name`, else its second, the name. A path that it does not match
    /// is no change.
    public let pattern: String?

    /// - Throws: `LedgerError` `usage` if the pattern is not valid or has no group.
    public init(tool: MigrationTool? = nil, pattern: String? = nil) throws(LedgerError) {
        self.tool = tool
        self.pattern = pattern
        guard let pattern else { return }
        // An alternative that matches nothing shows the groups of the expression before it.
        guard (try? Regex(pattern)) != nil, let any = try? Regex("(?:\(pattern))|") else {
            throw LedgerError(
                .usage, "the change pattern \"\(pattern)\" is not a valid regular expression")
        }
        guard let match = "".firstMatch(of: any), match.output.count > 1 else {
            throw LedgerError(
                .usage, "the change pattern \"\(pattern)\" has no group for the id",
                advice: "put the part that is the id in parentheses: ([0-9]+)_.*\\.sql")
        }
    }

    /// Whether `names` finds more with the script's content than without.
    public func readsContent(ofPath path: String) -> Bool {
        if pattern != nil { return false }
        let path = ScriptPath(path)
        switch tool {
        case .alembic: return path.fileExtension == "py"
        case .liquibase, nil: return path.fileExtension == "sql"
        default: return false
        }
    }

    /// The changes of a script: one, or several where a file holds several, or none where it is no
    /// change.
    public func names(forPath path: String, content: [UInt8]? = nil) -> [ChangeName] {
        names(forPath: path, content: content, regex: compiledPattern())
    }

    /// The pattern ready for use. It is not kept, since a `Regex` can't go from thread to thread;
    /// who names many scripts keeps it, for compiling it costs more than reading a commit.
    func compiledPattern() -> Regex<AnyRegexOutput>? {
        pattern.flatMap { try? Regex($0) }
    }

    func names(
        forPath path: String, content: [UInt8]?, regex: Regex<AnyRegexOutput>?
    ) -> [ChangeName] {
        if pattern != nil { return names(forPath: path, matching: regex) }
        let script = ScriptPath(path)
        switch tool {
        case .flyway: return [flyway(script) ?? unnamed(script)]
        case .atlas: return [atlas(script)]
        case .dbmate: return [versioned(script, 1...40) ?? unnamed(script)]
        case .golangMigrate, .goose, .rails:
            return [versioned(script, 1...40, isNumber: true) ?? unnamed(script)]
        case .alembic: return [alembic(script, content)]
        case .liquibase: return LiquibaseSQL.names(path: path, content) ?? [stem(script)]
        case .sqitch: return [sqitch(script)]
        case .prisma: return [prisma(script) ?? unnamed(script)]
        case .django: return [django(script)]
        case .knex, .yoyo, .some(.none): return [stem(script)]
        case nil: return guess(script, content)
        }
    }

    private func guess(_ script: ScriptPath, _ content: [UInt8]?) -> [ChangeName] {
        if let names = LiquibaseSQL.names(path: script.path, content) { return names }
        if let name = prisma(script) { return [name] }
        if script.stem.contains("__"), let name = flyway(script) { return [name] }
        if let name = versioned(script, 8...14) { return [name] }
        if script.direction != nil, let name = versioned(script, 1...40, isNumber: true) {
            return [name]
        }
        return [stem(script)]
    }

    private func names(
        forPath path: String, matching regex: Regex<AnyRegexOutput>?
    ) -> [ChangeName] {
        guard let regex, let match = path.firstMatch(of: regex) else { return [] }
        func group(_ name: String, _ index: Int) -> String? {
            let named = match.output.first { $0.name == name }
            let place = named ?? (index < match.output.count ? match.output[index] : nil)
            return place?.substring.map(String.init)
        }
        guard let id = group("id", 1), !id.isEmpty else { return [] }
        let script = ScriptPath(path)
        let name = group("name", 2).flatMap { $0.isEmpty ? nil : $0 } ?? script.stem
        return [ChangeName(id: id, name: name, role: script.direction ?? .apply, tool: tool)]
    }

    private func stem(_ script: ScriptPath) -> ChangeName {
        ChangeName(
            id: script.stem, name: script.stem, role: script.direction ?? .apply, tool: tool)
    }

    private func unnamed(_ script: ScriptPath) -> ChangeName {
        ChangeName(id: script.stem, name: script.stem, role: .none, tool: tool)
    }

    // `V` version `__` description; the version's parts are separated by dots or underscores, and
    // Flyway's table shows dots.
    private func flyway(_ script: ScriptPath) -> ChangeName? {
        let stem = script.fullStem
        if stem.hasPrefix("R__"), stem.count > 3 {
            return ChangeName(id: stem, name: stem, isRepeatable: true, tool: .flyway)
        }
        guard let kind = stem.first, kind == "V" || kind == "U" else { return nil }
        let rest = stem.dropFirst()
        let version = rest.utf8.firstRange(of: "__").map { rest[..<$0] } ?? rest
        let parts = version.split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == "." || $0 == "_" })
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else { return nil }
        return ChangeName(
            id: parts.joined(separator: "."), name: "V" + rest,
            role: kind == "U" ? .revert : .apply, tool: .flyway)
    }

    private func versioned(
        _ script: ScriptPath, _ lengths: ClosedRange<Int>, isNumber: Bool = false
    ) -> ChangeName? {
        let digits = script.stem.prefix { $0.utf8.allSatisfy(isDigit) }
        let next = script.stem.dropFirst(digits.count).first
        guard lengths.contains(digits.count), next == nil || "_-.".contains(next ?? "_") else {
            return nil
        }
        let number = isNumber ? digits.drop { $0 == "0" } : digits
        return ChangeName(
            id: number.isEmpty ? "0" : String(number), name: script.stem,
            role: script.direction ?? .apply, tool: tool)
    }

    private func atlas(_ script: ScriptPath) -> ChangeName {
        ChangeName(
            id: String(script.stem.prefix { $0 != "_" }), name: script.stem,
            role: script.direction ?? .apply, tool: tool)
    }

    private func alembic(_ script: ScriptPath, _ content: [UInt8]?) -> ChangeName {
        guard let content else {
            let revision = String(script.stem.prefix { $0 != "_" })
            return revision.isEmpty
                ? unnamed(script) : ChangeName(id: revision, name: script.stem, tool: tool)
        }
        for line in content.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            guard text.hasPrefix("revision"), let equals = text.firstIndex(of: "="),
                let open = text[equals...].firstIndex(where: { $0 == "'" || $0 == "\"" })
            else { continue }
            let word = text[text.index(after: open)...]
            let name = text.dropFirst("revision".count).prefix { $0 != "=" && $0 != ":" }
            guard let close = word.firstIndex(of: text[open]), close > word.startIndex,
                name.allSatisfy(\.isWhitespace)
            else { continue }
            return ChangeName(id: String(word[..<close]), name: script.stem, tool: tool)
        }
        return unnamed(script)
    }

    private func sqitch(_ script: ScriptPath) -> ChangeName {
        let roles: [String: ChangeName.Role] = [
            "deploy": .apply, "revert": .revert, "verify": .none,
        ]
        guard let place = script.folders.lastIndex(where: { roles[$0] != nil }),
            let role = roles[script.folders[place]]
        else { return unnamed(script) }
        let below = script.folders[(place + 1)...] + [script.fullStem]
        let name = below.joined(separator: "/")
        return ChangeName(id: name, name: name, role: role, tool: tool)
    }

    private func prisma(_ script: ScriptPath) -> ChangeName? {
        guard let folder = script.folders.last else { return nil }
        switch script.fileName {
        case "migration.sql": return ChangeName(id: folder, name: folder, tool: .prisma)
        case "down.sql" where tool == .prisma || isPrismaName(folder):
            return ChangeName(id: folder, name: folder, role: .revert, tool: .prisma)
        default: return nil
        }
    }

    // A time to the second, and a name.
    private func isPrismaName(_ folder: String) -> Bool {
        folder.utf8.count > 15 && folder.utf8.prefix(14).allSatisfy(isDigit)
            && folder.utf8.dropFirst(14).first == UInt8(ascii: "_")
    }

    private func django(_ script: ScriptPath) -> ChangeName {
        guard let place = script.folders.lastIndex(of: "migrations"), place > 0,
            !script.stem.hasPrefix("__")
        else { return unnamed(script) }
        let name = script.folders[place - 1] + "." + script.fullStem
        return ChangeName(id: name, name: name, tool: tool)
    }
}

private func isDigit(_ byte: UInt8) -> Bool {
    0x30...0x39 ~= byte
}
