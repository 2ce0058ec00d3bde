import LedgerCore

/// What tools print of each change as they begin it, where their tables don't tell which one failed.
enum ToolOutput {
    struct Begun: Equatable {
        /// A change's id, or its script's name.
        let name: String
        var isReverted = false
        /// It is printed when it is done.
        var isOver = false
    }

    /// The changes that were begun, in order.
    static func begun(_ tool: MigrationTool, _ text: String) -> [Begun] {
        text.split(whereSeparator: \.isNewline).compactMap { begun(tool, line: $0.trimmed) }
    }

    private static func begun(_ tool: MigrationTool, line: Substring) -> Begun? {
        func word(after words: String, upTo end: Set<Character> = []) -> String? {
            guard let place = line.range(ofText: words) else { return nil }
            let rest = line[place.upperBound...].trimmed.prefix {
                !$0.isWhitespace && !end.contains($0)
            }
            return rest.isEmpty ? nil : String(rest)
        }
        switch tool {
        case .alembic:
            // `Running upgrade a -> b, words`, and from the base `Running upgrade  -> a`.
            if line.range(ofText: "Running upgrade") != nil {
                return word(after: "->", upTo: [","]).map { Begun(name: $0) }
            }
            guard line.range(ofText: "Running downgrade") != nil else { return nil }
            return word(after: "downgrade").map { Begun(name: $0, isReverted: true) }
        case .flyway:
            // `Migrating schema "main" to version "42 - add index"`.
            if line.range(ofText: "Undoing migration") != nil {
                return word(after: "to version \"").map { Begun(name: $0, isReverted: true) }
            }
            return word(after: "to version \"", upTo: ["\""]).map { Begun(name: $0) }
        case .sqitch:
            // `+ add_index .. ok`.
            guard line.hasPrefix("+ ") || line.hasPrefix("- ") else { return nil }
            return word(after: line.hasPrefix("+") ? "+" : "-").map {
                Begun(name: $0, isReverted: line.hasPrefix("-"))
            }
        case .dbmate:
            if line.hasPrefix("Applying:") {
                return word(after: "Applying:").map { Begun(name: $0) }
            }
            guard line.hasPrefix("Rolling back:") else { return nil }
            return word(after: "back:").map { Begun(name: $0, isReverted: true) }
        case .django:
            if line.hasPrefix("Applying ") {
                return word(after: "Applying ").map { Begun(name: $0.withoutDots) }
            }
            guard line.hasPrefix("Unapplying ") else { return nil }
            return word(after: "Unapplying ").map { Begun(name: $0.withoutDots, isReverted: true) }
        case .rails:
            guard line.hasPrefix("== "), line.range(ofText: ": migrating ") != nil else {
                return nil
            }
            return word(after: "==").map { Begun(name: $0) }
        case .liquibase:
            if let name = word(after: "Rolling Back Changeset: ") {
                return Begun(name: name, isReverted: true)
            }
            return word(after: "Running Changeset: ").map { Begun(name: $0) }
                ?? word(after: "Migration failed for changeset ").map {
                    Begun(name: $0.hasSuffix(":") ? String($0.dropLast()) : $0)
                }
        case .atlas: return word(after: "-- migrating version ").map { Begun(name: $0) }
        case .prisma:
            return word(after: "Applying migration `", upTo: ["`"]).map { Begun(name: $0) }
        case .goose:
            // `OK   00001_create_a.sql (1.2ms)`.
            for words in ["OK ", "OK\t"] where line.begins(with: words) {
                return word(after: words).map { Begun(name: $0, isOver: true) }
            }
            return word(after: "failed to run SQL migration \"", upTo: ["\""]).map {
                Begun(name: $0)
            }
        case .golangMigrate:
            // `1/u create_a (12.3ms)`.
            let parts = line.split(separator: " ")
            guard parts.count > 2, parts[parts.count - 1].hasPrefix("("),
                let slash = parts[0].lastIndex(of: "/"),
                parts[0][..<slash].allSatisfy(\.isNumber), slash > parts[0].startIndex
            else { return nil }
            let direction = parts[0][parts[0].index(after: slash)...]
            guard direction == "u" || direction == "d" else { return nil }
            return Begun(
                name: String(parts[0][..<slash]), isReverted: direction == "d", isOver: true)
        case .knex, .yoyo, .none: return nil
        }
    }
}

extension String {
    fileprivate var withoutDots: String {
        var text = self[...]
        while text.hasSuffix(".") { text = text.dropLast() }
        return String(text)
    }
}
