import Foundation
import LedgerCore
import Testing

@testable import LedgerIngest

/// Dumps of tables, as databases write them.
@Suite struct ToolDumpTests {
    private func rows(_ text: String) throws -> (columns: [String]?, rows: [[String: String]]) {
        let path = NSTemporaryDirectory() + "dump-\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let dump = try ToolDump(path: path)
        var rows: [[String: String]] = []
        while let row = try dump.next() {
            rows.append(
                Dictionary(
                    uniqueKeysWithValues: row.columns.map { name, value in
                        switch value {
                        case .text(let text): (name, text)
                        case .integer(let number): (name, "\(number)")
                        }
                    }))
        }
        return (dump.columns, rows)
    }

    private func refusal(_ text: String) -> String {
        do {
            _ = try rows(text)
            return ""
        } catch {
            return (error as? LedgerError)?.message ?? "\(error)"
        }
    }

    @Test func csvJSONAndLinesSayTheSame() throws {
        let expected = [["id": "1", "name": "a,\"b\"\n\nc"], ["id": "2"]]
        #expect(try rows("id,name\r\n1,\"a,\"\"b\"\"\n\nc\"\r\n2,\r\n").rows == expected)
        #expect(
            try rows(#"[{"id":1,"name":"a,\"b\"\n\nc"}, {"id":2,"name":null}]"#).rows == expected)
        #expect(
            try rows("{\"id\":1,\"name\":\"a,\\\"b\\\"\\n\\nc\"}\n{\"id\":2,\"name\":null}\n").rows
                == expected)
    }

    @Test func anEmptyTextIsNoNull() throws {
        #expect(try rows("id,name\n1,\"\"\n").rows == [["id": "1", "name": ""]])
    }

    @Test func tablesWithoutRowsAreTables() throws {
        #expect(try rows("id,name\n").rows.isEmpty)
        #expect(try rows("[]").columns == nil)
    }

    @Test func whatIsCutOffIsRefused() {
        #expect(refusal("").contains("there is nothing"))
        #expect(refusal("id,name\n1,\"a\n2,b\n").contains("not closed"))
        #expect(refusal("id,name\n1,a\n2").contains("row 2 has 1 fields"))
        #expect(refusal(#"[{"id":1},{"id":2"#).contains("ends before its array"))
        #expect(refusal("{\"id\":1}\n{\"id\":").contains("row 2, line 2"))
        #expect(refusal("[1, 2]").contains("no JSON object"))
    }
}
