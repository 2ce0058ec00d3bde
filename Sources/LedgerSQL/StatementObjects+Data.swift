extension StatementObjects {
    mutating func readWith() {
        let verbs: [StaticString] = ["INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "REPLACE"]
        for part in cursor.inParentheses {
            var inner = StatementObjects(cursor: part)
            if inner.cursor.isNext(anyOf: ["INSERT", "UPDATE", "DELETE", "MERGE"]) {
                inner.readData()
                objects += inner.objects
            }
        }
        if cursor.skip(to: verbs) { readData() }
    }

    mutating func readData() {
        if cursor.take("INSERT") || cursor.take("REPLACE") {
            cursor.skip(Self.dataModifiers)
            skipTop()
            cursor.skip(["INTO"])
            add(.insert, .table, cursor.name())
        } else if cursor.take("UPDATE") {
            readUpdate()
        } else if cursor.take("DELETE") {
            readDelete()
        } else if cursor.take("MERGE") {
            skipTop()
            cursor.skip(["INTO", "ONLY"])
            add(.merge, .table, cursor.name())
        } else if cursor.take("SELECT") {
            // SELECT … INTO new FROM …
            if cursor.skip(to: ["INTO", "FROM"]), cursor.take("INTO") {
                cursor.skip(["TEMP", "TEMPORARY", "UNLOGGED", "TABLE", "OUTFILE", "DUMPFILE"])
                add(.create, .table, cursor.nextBeginsWithAt ? nil : cursor.name())
            }
        }
    }

    /// `TOP (10) PERCENT` of SQL Server.
    private mutating func skipTop() {
        guard cursor.take("TOP") else { return }
        if cursor.isNext("(") { cursor.skipParentheses() } else { cursor.advance() }
        cursor.take("PERCENT")
    }

    // Of MySQL and SQLite, between the verb and its table.
    private static let dataModifiers: [StaticString] = [
        "OR", "REPLACE", "IGNORE", "ABORT", "FAIL", "ROLLBACK", "LOW_PRIORITY", "HIGH_PRIORITY",
        "DELAYED", "QUICK", "OVERWRITE", "ONLY",
    ]

    private mutating func readUpdate() {
        cursor.skip(Self.dataModifiers)
        skipTop()
        var tables = readTables(until: ["SET"])
        if cursor.skip(to: ["FROM"]), cursor.take("FROM"), tables.count == 1 {
            // SQL Server updates what the alias stands for.
            let sources = readTables(until: ["WHERE", "OPTION", "RETURNING"])
            if let first = tables.first, first.name.parts.count == 1,
                let real = sources.first(where: { $0.alias == first.name.name })
            {
                tables = [real]
            }
        }
        for table in tables { add(.update, .table, table.name) }
    }

    private mutating func readDelete() {
        cursor.skip(Self.dataModifiers)
        skipTop()
        if cursor.take("FROM") {
            cursor.skip(["ONLY"])
            let name = cursor.name()
            // DELETE FROM a USING a JOIN b of MySQL deletes from a; PostgreSQL too.
            return add(.delete, .table, name)
        }
        var names: [TokenCursor.Name] = []
        repeat {
            guard let name = cursor.name() else { break }
            names.append(name)
        } while cursor.take(",")
        guard cursor.take("FROM") else {
            for name in names { add(.delete, .table, name) }
            return
        }
        let sources = readTables(until: ["WHERE", "OPTION", "ORDER", "LIMIT"])
        for name in names {
            let real = sources.first { $0.alias == name.name }
            add(.delete, .table, real?.name ?? name)
        }
    }

    private struct Table {
        let name: TokenCursor.Name
        let alias: String?
    }

    /// `a, b AS x JOIN c y ON …`.
    private mutating func readTables(until ends: [StaticString]) -> [Table] {
        var tables: [Table] = []
        let joins: [StaticString] = [",", "JOIN"]
        repeat {
            cursor.skip(["ONLY", "LATERAL"])
            if cursor.isNext("(") {
                cursor.skipParentheses()
            } else if let name = cursor.name() {
                cursor.take("*")
                cursor.take("AS")
                let isAlias = !cursor.isNext(anyOf: ends) && !cursor.isNext(anyOf: Self.notAliases)
                tables.append(Table(name: name, alias: isAlias ? cursor.name()?.name : nil))
            }
            guard cursor.skip(to: joins + ends), cursor.isNext(anyOf: joins) else { break }
            cursor.advance()
        } while true
        return tables
    }

    private static let notAliases: [StaticString] = [
        "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "STRAIGHT_JOIN", "ON",
        "USING", "SET", "WHERE", "WITH", ",",
    ]
}
