import Foundation
import LedgerSQL
import TestSupport
import Testing

/// Our reading beside PostgreSQL's own parser, which `pglast` brings.
@Suite struct PostgresParserTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let python = folder.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent(".build/python/bin/python").path
    private static let isThere = FileManager.default.isExecutableFile(atPath: python)

    @Test(.enabled(if: isThere, "make setup puts the tools into .build/python"))
    func objectsAreThoseThatPostgreSQLSees() throws {
        let result = try Shell.execute(
            Self.python,
            [
                Self.folder.appendingPathComponent("pglast_objects.py").path,
                Self.folder.appendingPathComponent("postgres.sql").path,
            ])
        #expect(result.status == 0, "\(result.standardError)")
        var (count, agreeing) = (0, 0)
        for line in result.standardOutput.split(separator: "\n") {
            let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
            let objects = Set(SQLScript(Array(row.statement.utf8)).objects.map(\.description))
            count += 1
            agreeing += objects == Set(row.objects) ? 1 : 0
            #expect(objects == Set(row.objects), "\(row.statement)")
        }
        let all = try String(
            contentsOf: Self.folder.appendingPathComponent("postgres.sql"), encoding: .utf8)
        #expect(count > 240 && SQLScript(Array(all.utf8)).statements.count == count)
        print(
            "objects of \(agreeing) of \(count) statements are those that PostgreSQL's parser sees")
    }

    private struct Row: Decodable {
        let statement: String
        let objects: [String]

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            statement = try values.decode(String.self)
            objects = try values.decode([String].self)
        }
    }
}

extension TouchedObject {
    /// `create table shop.orders`.
    var description: String { "\(action) \(kind) \(qualifiedName)" }
}
