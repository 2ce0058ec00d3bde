/// What one statement touches.
struct StatementObjects {
    var objects: [TouchedObject] = []
    var cursor: TokenCursor

    static func of(_ statement: [SQLToken], in bytes: [UInt8]) -> [TouchedObject] {
        if statement.first?.kind == .client { return [] }
        var found = StatementObjects(cursor: TokenCursor(bytes, statement))
        found.read()
        return found.objects
    }

    init(cursor: TokenCursor) {
        self.cursor = cursor
    }

    mutating func add(
        _ action: TouchedObject.Action, _ kind: TouchedObject.Kind, _ name: TokenCursor.Name?
    ) {
        guard let name, !name.name.isEmpty else { return }
        objects.append(TouchedObject(action, kind, schema: name.schema, name: name.name))
    }

    private mutating func read() {
        // SQL Server and procedural blocks: what stands before the statement itself.
        while cursor.take("BEGIN") || cursor.take("THEN") || cursor.take("ELSE")
            || executableComment()
        {}
        if cursor.take("IF") {
            readAfterCondition()
        } else if cursor.take("CREATE") {
            readCreate()
        } else if cursor.take("ALTER") {
            readAlter()
        } else if cursor.take("DROP") {
            readDrop()
        } else if cursor.take("RENAME") {
            readRename()
        } else if cursor.take("TRUNCATE") {
            cursor.skip(["TABLE", "ONLY"])
            readNames(.truncate, .table)
        } else if cursor.isNext("GRANT") || cursor.isNext("REVOKE") {
            readGrant()
        } else if cursor.take("EXEC") || cursor.take("EXECUTE") {
            readProcedureCall()
        } else if cursor.take("DO") {
            readBlock()
        } else if cursor.take("WITH") {
            readWith()
        } else {
            readData()
        }
    }

    /// `/*!40101 …`, which MySQL executes.
    private mutating func executableComment() -> Bool {
        guard cursor.take("/*!") else { return false }
        if cursor.nextIsNumber { cursor.advance() }
        return true
    }

    /// `IF EXISTS (SELECT …) DROP TABLE a` of SQL Server.
    private mutating func readAfterCondition() {
        let verbs: [StaticString] = [
            "CREATE", "ALTER", "DROP", "TRUNCATE", "INSERT", "UPDATE", "DELETE", "MERGE", "GRANT",
            "REVOKE", "EXEC", "BEGIN", "THEN",
        ]
        if cursor.skip(to: verbs) { read() }
    }

    // MARK: CREATE, ALTER, DROP, RENAME

    private mutating func kind() -> TouchedObject.Kind? {
        for (word, kind) in Self.kinds where cursor.take(word) { return kind }
        return nil
    }

    private static let kinds: [(StaticString, TouchedObject.Kind)] = [
        ("TABLE", .table), ("VIEW", .view), ("INDEX", .index), ("SEQUENCE", .sequence),
        ("FUNCTION", .function), ("AGGREGATE", .function), ("ROUTINE", .function),
        ("PROCEDURE", .procedure), ("PROC", .procedure), ("TRIGGER", .trigger),
        ("POLICY", .policy), ("RULE", .rule), ("TYPE", .type), ("DOMAIN", .domain),
        ("SCHEMA", .schema), ("DATABASE", .database), ("ROLE", .role), ("USER", .role),
        ("GROUP", .role), ("LOGIN", .role), ("EXTENSION", .extension),
        ("PUBLICATION", .publication), ("SUBSCRIPTION", .subscription), ("SERVER", .server),
        ("SYNONYM", .synonym), ("EVENT", .event), ("STATISTICS", .statistics),
        ("TABLESPACE", .tablespace),
    ]

    /// `DROP TRIGGER t ON orders`.
    private static let kindsOnTables: Set<TouchedObject.Kind> = [.index, .trigger, .policy, .rule]

    private static let modifiers: [StaticString] = [
        "OR", "REPLACE", "ALTER", "GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "UNIQUE",
        "CLUSTERED", "NONCLUSTERED", "COLUMNSTORE", "FULLTEXT", "SPATIAL", "MATERIALIZED",
        "RECURSIVE", "VIRTUAL", "FOREIGN", "CONSTRAINT", "EXTERNAL", "FORCE", "EDITIONABLE",
        "BITMAP", "PRIMARY", "XML",
    ]

    /// `ALGORITHM = MERGE DEFINER = a@b SQL SECURITY INVOKER` of MySQL.
    private mutating func skipAttributes() {
        while true {
            if cursor.isNext("ALGORITHM") || cursor.isNext("DEFINER") {
                cursor.advance()
                cursor.take("=")
                _ = cursor.name()
                skipHost()
                cursor.skipParentheses()
            } else if cursor.take("SQL", "SECURITY") {
                cursor.advance()
            } else {
                return
            }
        }
    }

    private mutating func readCreate() {
        cursor.skip(Self.modifiers)
        skipAttributes()
        cursor.skip(Self.modifiers)
        if cursor.isNext("USER", "MAPPING") || cursor.isNext("ACCESS", "METHOD") { return }
        if cursor.take("EVENT", "TRIGGER") { return add(.create, .trigger, cursor.name()) }
        guard let kind = kind() else { return }
        cursor.take("CONCURRENTLY")
        cursor.take("IF", "NOT", "EXISTS")
        switch kind {
        case .index:
            let name = cursor.isNext("ON") ? nil : cursor.name()
            add(.create, .index, name)
            readTable(after: "ON")
        case .trigger:
            add(.create, .trigger, cursor.name())
            if cursor.skip(to: ["ON"]) { readTable(after: "ON") }
        case .policy:
            add(.create, .policy, cursor.name())
            if cursor.skip(to: ["ON"]) { readTable(after: "ON") }
        case .statistics:
            // STATISTICS s ON a, b FROM orders; of SQL Server STATISTICS s ON orders (a, b).
            add(.create, .statistics, cursor.isNext("ON") ? nil : cursor.name())
            let start = cursor
            if cursor.skip(to: ["FROM"]) { return readTable(after: "FROM") }
            cursor = start
            if cursor.skip(to: ["ON"]) { readTable(after: "ON") }
        case .rule:
            add(.create, .rule, cursor.name())
            if cursor.skip(to: ["TO"]) { readTable(after: "TO") }
        case .schema where cursor.take("AUTHORIZATION"):
            add(.create, .schema, cursor.name())
        default: add(.create, kind, cursor.name())
        }
    }

    private mutating func readTable(after word: StaticString) {
        guard cursor.take(word) else { return }
        cursor.skip(["ONLY"])
        add(.alter, .table, cursor.name())
    }

    private mutating func readAlter() {
        if cursor.isNext("DEFAULT", "PRIVILEGES") || cursor.isNext("SYSTEM")
            || cursor.isNext("USER", "MAPPING")
        {
            return
        }
        cursor.skip(["FOREIGN", "MATERIALIZED", "ONLINE", "OFFLINE", "IGNORE"])
        skipAttributes()
        if cursor.take("EVENT", "TRIGGER") { return add(.alter, .trigger, cursor.name()) }
        guard let kind = kind() else { return }
        if cursor.take("ALL", "IN", "TABLESPACE") { return }
        cursor.take("IF", "EXISTS")
        cursor.skip(["ONLY"])
        guard let name = cursor.name() else { return }
        if kind == .function || kind == .procedure { cursor.skipParentheses() }
        cursor.take("*")
        let start = cursor
        if kind == .table, cursor.skip(to: ["RENAME"]), cursor.take("RENAME"),
            cursor.take("TO") || cursor.take("AS")
        {
            return addRenamed(kind, name, to: cursor.name())
        }
        cursor = start
        if kind != .table, cursor.take("RENAME", "TO") {
            return addRenamed(kind, name, to: cursor.name())
        }
        add(.alter, kind, name)
        if Self.kindsOnTables.contains(kind) { readTable(after: "ON") }
    }

    private mutating func addRenamed(
        _ kind: TouchedObject.Kind, _ old: TokenCursor.Name, to new: TokenCursor.Name?
    ) {
        add(.rename, kind, old)
        guard var new else { return }
        // It stays where it was unless something else is said.
        if new.parts.count == 1, let schema = old.schema { new.parts.insert(schema, at: 0) }
        add(.rename, kind, new)
    }

    private mutating func readDrop() {
        cursor.skip(["FOREIGN", "MATERIALIZED", "TEMPORARY", "PREPARE"])
        if cursor.isNext("USER", "MAPPING") || cursor.isNext("OWNED") { return }
        if cursor.take("EVENT", "TRIGGER") {
            cursor.take("IF", "EXISTS")
            return add(.drop, .trigger, cursor.name())
        }
        guard let kind = kind() else { return }
        cursor.take("CONCURRENTLY")
        cursor.take("IF", "EXISTS")
        readNames(.drop, kind)
        if Self.kindsOnTables.contains(kind) { readTable(after: "ON") }
    }

    /// `a, s.b, f(int)`.
    private mutating func readNames(_ action: TouchedObject.Action, _ kind: TouchedObject.Kind) {
        repeat {
            cursor.skip(["ONLY"])
            add(action, kind, cursor.name())
            cursor.take("*")
            cursor.skipParentheses()
            skipHost()
        } while cursor.take(",")
    }

    /// `'user'@'host'` of MySQL: the host, and the @ before it.
    private mutating func skipHost() {
        guard cursor.nextBeginsWithAt else { return }
        let isAlone = cursor.isNext("@")
        cursor.advance()
        if isAlone { _ = cursor.name() }
    }

    /// `RENAME TABLE a TO b, c TO d` of MySQL.
    private mutating func readRename() {
        guard let kind = kind() else { return }
        repeat {
            guard let old = cursor.name(), cursor.take("TO") else { return }
            addRenamed(kind, old, to: cursor.name())
        } while cursor.take(",")
    }

    /// `EXEC sp_rename 'dbo.a', 'b'` of SQL Server.
    private mutating func readProcedureCall() {
        guard let procedure = cursor.name(), procedure.name == "sp_rename" else { return }
        guard let quoted = cursor.name() else { return }
        let old = TokenCursor.Name(parts: quoted.name.split(separator: ".").map(String.init))
        guard cursor.take(","), let new = cursor.name() else { return }
        // A third argument says that it is a column or an index of it.
        if cursor.take(",") {
            guard let kind = cursor.name()?.name.lowercased(), kind != "object" else {
                return addRenamed(.table, old, to: new)
            }
            if kind == "column" {
                add(.alter, .table, TokenCursor.Name(parts: old.parts.dropLast()))
            } else if kind == "index" {
                add(.rename, .index, TokenCursor.Name(parts: Array(old.parts.suffix(1))))
                add(.rename, .index, new)
            }
            return
        }
        addRenamed(.table, old, to: new)
    }

    private mutating func readGrant() {
        let action: TouchedObject.Action = cursor.isNext("GRANT") ? .grant : .revoke
        cursor.advance()
        cursor.take("GRANT", "OPTION", "FOR")
        cursor.take("ADMIN", "OPTION", "FOR")
        let start = cursor
        guard cursor.skip(to: ["ON", "TO", "FROM"]) else { return }
        guard cursor.take("ON") else {
            // Of roles to roles.
            cursor = start
            return readNames(action, .role)
        }
        if cursor.take("ALL") {
            // ALL TABLES IN SCHEMA a, b
            if cursor.skip(to: ["SCHEMA"]), cursor.take("SCHEMA") { readNames(action, .schema) }
            return
        }
        cursor.skip(["FOREIGN"])
        if cursor.take("OBJECT", "::") { return readNames(action, .table) }
        if cursor.isNext("DATA", "WRAPPER") || cursor.isNext("LARGE") || cursor.isNext("LANGUAGE") {
            return
        }
        let isNamed =
            Self.kinds.contains { cursor.isNext($0.0) }
            && !cursor.isNext(".", after: 1) && !cursor.isNext("TO", after: 1)
        let kind = isNamed ? self.kind() ?? .table : .table
        cursor.take("::")
        // db.* and *.* of MySQL.
        if cursor.take("*") { return }
        let before = cursor
        if let database = cursor.name(), cursor.isNext(".", "*") || cursor.isNext(".*") {
            return add(action, .database, database)
        }
        cursor = before
        readNames(action, kind)
    }

    /// `DO $$ … $$`: its statements are executed now.
    private mutating func readBlock() {
        if cursor.take("LANGUAGE") { cursor.advance() }
        guard let body = cursor.dollarQuotedBody() else { return }
        objects += SQLScript(body).objects
    }
}
