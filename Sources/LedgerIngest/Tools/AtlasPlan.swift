import LedgerCore
import LedgerCrypto

// AtlasPlan.swift
//
// What `atlas schema apply` prints (atlasgo.io, "Declarative schema migrations"; since v0.29):
//
//    Planning migration statements (2 in total):
//
//      -- create "a" table:
//        -> CREATE TABLE "a" (
//             "id" integer NOT NULL
//           );
//      -- drop "b" table:
//        -> DROP TABLE "b";
//
//    -------------------------------------------
//
//    Applying approved migration (2 statements in total):
//
//      -- create "a" table
//        -> CREATE TABLE "a" (
//             "id" integer NOT NULL
//           );
//      -- ok (1.2ms)
//
//      -- drop "b" table
//        -> DROP TABLE "b";
//        pq: must be owner of table b
//
// Before that, statements on lines of their own after `-- Planned Changes:`, and nothing of how it went.
// With `--format '{{ json . }}'`: `{"Changes": {"Applied": ["…"], "Pending": ["…"], "Error":
// {"Stmt": "…", "Text": "…"}}}`.

/// A plan that Atlas made of a schema, and how far it was carried out.
struct AtlasPlan {
    private(set) var statements: [String] = []
    /// How many were done; nil if that is not told.
    private(set) var doneCount: Int?
    private(set) var error: String?
    private var isBegun = true

    /// Those of a run, in order: it may plan for one database after the other.
    static func all(in output: String) -> [AtlasPlan] {
        var parts: [String] = [""]
        for line in output.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = line.trimmed
            if text.hasPrefix(planning) || text == oldHeading { parts.append("") }
            parts[parts.count - 1] += line + "\n"
        }
        return parts.compactMap { AtlasPlan($0) }
    }

    private static let planning = "Planning migration statements"
    private static let oldHeading = "-- Planned Changes:"

    /// Nil if there is no plan in it, or nothing to do.
    init?(_ output: String) {
        if output.trimmed.hasPrefix("{") {
            read(json: output)
        } else {
            read(text: output)
        }
        if statements.isEmpty { return nil }
    }

    /// The same plan is the same change, wherever it runs.
    var change: ChangeName {
        let digest = SHA256.hash(Array(script.utf8)).hex.prefix(16)
        return ChangeName(id: "plan-\(digest)", name: "plan-\(digest)", tool: .atlas)
    }

    /// Without its secrets.
    var script: String {
        SecretFreeText.text(
            of: statements.map { $0.hasSuffix(";") ? "\($0)\n" : "\($0);\n" }.joined())
    }

    func status(hasFailed: Bool) -> DeploymentStatus {
        // Nobody approved it.
        if !isBegun { return .skipped }
        if hasFailed || error != nil { return doneCount == nil ? .unknown : .failed }
        return doneCount == 0 ? .skipped : .succeeded
    }

    private mutating func read(json output: String) {
        // Other words of a pipeline may stand after it.
        let text = output.trimmed
        guard let end = text.lastIndex(of: "}"),
            let object = (try? JSONReader.read(Array(text[...end].utf8)))?.object
        else { return }
        let applied = object[["Changes", "Applied"]]?.array?.compactMap(\.string) ?? []
        let pending = object[["Changes", "Pending"]]?.array?.compactMap(\.string) ?? []
        statements = applied + pending
        doneCount = applied.count
        let words = ["Text", "Stmt"].compactMap { object[["Changes", "Error", $0]]?.string }
        error = words.isEmpty ? object["Error"]?.string : words.joined(separator: "\n")
    }

    private enum Section { case none, planned, applied, old }

    private mutating func read(text output: String) {
        var section = Section.none
        var planned: [String] = []
        // Where the arrow of the last statement stands.
        var column: Int?
        for line in output.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = line.trimmed
            let indent = line.prefix { $0 == " " }.count
            if text.hasPrefix(Self.planning) {
                (section, column, doneCount, isBegun) = (.planned, nil, 0, false)
            } else if text.hasPrefix("Applying approved migration") {
                (section, column, doneCount, isBegun) = (.applied, nil, 0, true)
                (planned, statements) = (statements, [])
            } else if text == Self.oldHeading {
                section = .old
            } else if section == .none || text.isEmpty {
                if section == .old { section = .none }
            } else if section == .old {
                if text.hasPrefix("Error:") { section = .none }
                if section == .old, !text.hasPrefix("--") { addOld(text) }
            } else if text.hasPrefix("-> ") {
                column = indent
                statements.append(String(text.dropFirst(3)))
            } else if let start = column, indent >= start + 3 {
                statements[statements.count - 1] += "\n" + line.dropFirst(start + 3)
            } else if section == .applied, text.hasPrefix("-- ok") {
                (column, doneCount) = (nil, (doneCount ?? 0) + 1)
            } else if section == .applied, column == indent {
                error = String(text)
            } else {
                // What comes after a line across is no plan, until a heading says so.
                if text.hasPrefix("---") { section = .none }
                column = nil
            }
        }
        // Of a plan that failed, all of it; with an approved plan of the registry none is made here.
        if !planned.isEmpty { statements = planned }
    }

    // A statement ends with the line's last character.
    private mutating func addOld(_ text: Substring) {
        if let last = statements.last, !last.hasSuffix(";") {
            statements[statements.count - 1] = last + "\n" + text
        } else {
            statements.append(String(text))
        }
    }
}
