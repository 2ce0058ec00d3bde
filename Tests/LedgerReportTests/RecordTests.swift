import Foundation
import LedgerCore
import TestSupport
import Testing

@testable import LedgerReport

struct RecordTests {
    private func written(_ format: RecordFormat, _ rows: [HistoryRow]) throws -> String {
        try Samples.output { output in
            var writer = RecordWriter(format, of: QueryRow.definition, to: output)
            for row in rows { try writer.write(row) }
            try writer.finish()
        }
    }

    @Test func writesARowWithAllThatIsKnownOfIt() throws {
        let text = try written(.ndjson, [try Samples.full()])
        let digest = String(repeating: "ab", count: 32)
        let commit = String(repeating: "c", count: 40)
        #expect(
            text == """
                {"about":[{"entry":12}],"actor":{"id":"alice@example.com","kind":"human",\
                "name":"Alice"},"archived_by":1310,"at":"2026-11-17T08:00:00.000Z",\
                "attempt":2,"author":{"id":"bob","kind":"agent","on_behalf_of":"carol"},\
                "change":"42","class":"emergency","cluster":"c1","command":"flyway migrate",\
                "commit":"\(commit)","corrected_by":1300,"database":"shop","deployment":"d1",\
                "digest":"sha256:\(digest)","duration_ms":843000,"ended":"2026-11-17T08:14:03.000Z",\
                "environment":"prod","error":"ERROR: deadlock","executed_as":"postgres",\
                "exit_code":-1,\
                "export":{"digest":"sha256:\(digest)","report":"deployments","rows":3},\
                "first_index":1234,"group":"g1",\
                "hash":"310ced37200b1a0dae25edb263fe52c491f6e467268acab0ffec06666e2ed959",\
                "host":"db1","id":"e1","index":1235,"kind":"schema","labels":{"team":"a,b"},\
                "links":{"ticket":"https://example.com/INC-9"},"message":"one\\ntwo",\
                "name":"V42__add_index","operation":"apply","override":["no-review"],\
                "path":"migrations/V42__add_index.sql",\
                "principal":{"id":"tok_7f3a","kind":"token","name":"deploy bot"},\
                "reason":"=1+1","recorded":"2026-11-17T08:01:00.000Z","region":"eu",\
                "repository":"https://example.com/orders.git","requestor":{"id":"dave"},\
                "review":{"check":"four eyes","decision":"approved","kind":"approval","role":"dba"},\
                "rollback":{"restore_point":"snap-1",\
                "restore_point_expires":"2026-12-01T00:00:00.000Z","strategy":"restore_point",\
                "tested_in":["dev","stage"]},"run":"https://ci.example.com/1","service":"orders",\
                "source":"ci","started":"2026-11-17T08:00:00.000Z","status":"failed",\
                "strategy":"restore_point","tenant":"acme","ticket":"INC-9","time_known":true,\
                "title":"Add \\"the\\" index","tool":"flyway","trigger":"cli",\
                "trigger_tool":"ledger","type":"deployment","v":1}

                """)
    }

    @Test func eachLineOfNDJSONAndEachRowOfTheDocumentIsCanonicalAndTheSame() throws {
        let rows = [try Samples.full(), try Samples.deployment(7), try Samples.deployment(8)]
        let lines = try written(.ndjson, rows).split(separator: "\n")
        #expect(lines.count == 3)
        for line in lines {
            let value = try JSONReader.read(Array(line.utf8))
            #expect(CanonicalJSON.bytes(value) == Array(line.utf8))
        }
        let document = try JSONReader.read(Array(try written(.json, rows).utf8)).object
        #expect(document?["v"] == 1)
        let parsed = try lines.map { try JSONReader.read(Array($0.utf8)) }
        #expect(document?["rows"] == .array(parsed))
        #expect(try written(.json, []) == "{\"v\":1,\"rows\":[]}\n")
        #expect(try written(.ndjson, []).isEmpty)
    }

    @Test func csvHasAHeaderAndEmptyFieldsForWhatIsAbsent() throws {
        let text = try written(.csv, [try Samples.deployment(7, tenant: "acme", at: nil)])
        let lines = text.components(separatedBy: "\r\n")
        #expect(lines.count == 3)
        #expect(lines[2].isEmpty)
        let header = lines[0].components(separatedBy: ",")
        let fields = lines[1].components(separatedBy: ",")
        #expect(header.count == fields.count)
        #expect(Set(header).count == header.count)
        let row = Dictionary(uniqueKeysWithValues: zip(header, fields))
        #expect(row["index"] == "7")
        #expect(row["first_index"] == "")
        #expect(row["time_known"] == "false")
        #expect(row["at"] == "2026-11-17T08:01:00.000Z")
        #expect(row["actor_id"] == "alice")
        #expect(row["actor_name"] == "")
        #expect(row["principal_kind"] == "token")
        #expect(row["duration_ms"] == "200")
        #expect(row["labels"] == "")
        #expect(try written(.csv, []) == lines[0] + "\r\n")
    }

    @Test func csvDefusesFormulasButNotNumbers() throws {
        let text = try written(.csv, [try Samples.full()])
        #expect(text.contains(",-1,"))
        #expect(text.contains(",'=1+1,"))
        for (field, expected) in [
            ("=1", "'=1"), ("'=1", "''=1"), ("'quoted'", "'quoted'"), ("@x", "'@x"), ("a=1", "a=1"),
            ("\t", "'\t"), ("\r", "\"'\r\""), ("＋1", "'＋1"), ("''", "''"), ("-", "'-"),
            ("a\"b", "\"a\"\"b\""), ("a,b", "\"a,b\""), ("", ""),
        ] {
            var buffer: [UInt8] = []
            CSVWriter.append(text: field, to: &buffer)
            #expect(String(decoding: buffer, as: UTF8.self) == expected)
        }
    }

    @Test(.enabled(if: Python.isThere, "python3 is not installed"))
    func pythonReadsBackTheSameCellsFromCSV() throws {
        var random = SeededGenerator()
        let width = 7
        let records = (0..<300).map { _ in
            (0..<width).map { _ in Hostile.text(using: &random) }
        }
        var bytes: [UInt8] = []
        for record in records { CSVWriter.append(record: record, to: &bytes) }
        let folder = try TemporaryFolder()
        let file = try folder.write(String(decoding: bytes, as: UTF8.self), to: "cells.csv")
        let json = try Python.run(
            #"""
            import csv, json, re, sys
            rows = csv.reader(open(sys.argv[1], newline="", encoding="utf-8"), strict=True)
            plain = lambda cell: re.sub(r"^'(?='*[=+\-@＝＋－＠\t\r\n])", "", cell)
            print(json.dumps([[plain(cell) for cell in row] for row in rows]))
            """#, file)
        let read = try JSONDecoder().decode([[String]].self, from: Data(json.utf8))
        #expect(read.count == records.count, "seed \(random.seed)")
        for (cells, expected) in zip(read, records) {
            #expect(
                cells.map { Array($0.utf8) } == expected.map { Array($0.utf8) },
                "seed \(random.seed)")
        }
    }

    @Test func memoryStaysTheSameHoweverManyRowsAreWritten() throws {
        var largest = 0
        var total = 0
        let output = BufferedOutput(blockSize: 4096) {
            largest = max(largest, $0.count)
            total += $0.count
        }
        var writer = RecordWriter(.json, of: QueryRow.definition, to: output)
        let row = try Samples.full()
        for _ in 0..<2000 { try writer.write(row) }
        try writer.finish()
        #expect(total > 2_000_000)
        #expect(largest < 4096 + 2048)
    }

    @Test func whatTheSinkThrowsReachesTheWriterOnceAndNothingIsSentTwice() throws {
        struct Broken: Error {}
        var blocks = 0
        let output = BufferedOutput(blockSize: 10) { _ in
            blocks += 1
            throw Broken()
        }
        #expect(throws: Broken.self) { try output.write("more than ten bytes") }
        try output.flush()
        #expect(blocks == 1)
    }
}

struct QueryRowSchemaTests {
    private static let path = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("exports/query-row.schema.json").path

    /// `LEDGER_WRITE_EXPORTS=1 swift test --filter QueryRowSchemaTests` writes the file anew.
    @Test func theSchemaFileSaysWhatTheDefinitionSays() throws {
        if ProcessInfo.processInfo.environment["LEDGER_WRITE_EXPORTS"] != nil {
            let json = String(decoding: CanonicalJSON.bytes(QueryRow.schema), as: UTF8.self)
            try Python.run(
                """
                import json, sys
                text = json.dumps(json.loads(sys.argv[1]), indent=2, ensure_ascii=False)
                open(sys.argv[2], "w", encoding="utf-8").write(text + "\\n")
                """, json, Self.path)
        }
        let file = try Data(contentsOf: URL(fileURLWithPath: Self.path))
        #expect(try JSONReader.read(Array(file)) == QueryRow.schema)
    }

    @Test(.enabled(if: Python.hasJSONSchema, "python3 has no module jsonschema"))
    func anotherValidatorTakesOurRowsAndRefusesWrongOnes() throws {
        let rows = [
            try Samples.full(), try Samples.deployment(1, at: nil),
            try Samples.row(2, #"{"type":"note","title":"hello"}"#),
            try Samples.row(
                3, #"{"type":"review","about":[{"change":"a:1"}],"review":{"decision":"passed"}}"#),
        ]
        let folder = try TemporaryFolder()
        for format in [RecordFormat.json, .ndjson] {
            let text = try Samples.output { output in
                var writer = RecordWriter(format, of: QueryRow.definition, to: output)
                for row in rows { try writer.write(row) }
                try writer.finish()
            }
            try folder.write(text, to: format.rawValue)
        }
        let output = try Python.run(
            """
            import json, sys
            from jsonschema import Draft202012Validator
            schema = json.load(open(sys.argv[1]))
            Draft202012Validator.check_schema(schema)
            row = Draft202012Validator(schema)
            document = Draft202012Validator(
                {"$defs": schema["$defs"], "$ref": "#/$defs/document"})
            rows = [json.loads(line) for line in open(sys.argv[3])]
            for value in rows: row.validate(value)
            whole = json.load(open(sys.argv[2]))
            document.validate(whole)
            wrong = [("index", "1"), ("hash", "AB"), ("at", "2026-11-17"), ("type", "deploy"),
                ("actor", "alice"), ("actor", {"id": 1}), ("labels", {"a": 1}), ("about", {}),
                ("time_known", "yes"), ("duration_ms", 1.5), ("status", "done"), ("v", "1")]
            for name, value in wrong:
                if row.is_valid({**rows[0], name: value}): print("took", name, value)
            for name in ["index", "hash", "recorded", "at", "time_known", "type", "principal", "v"]:
                if row.is_valid({k: v for k, v in rows[0].items() if k != name}):
                    print("took a row without", name)
            if document.is_valid({"v": 2, "rows": []}): print("took version 2")
            print(len(rows), "rows")
            """, Self.path, folder.file("json"), folder.file("ndjson"))
        #expect(output == "4 rows\n")
    }

    @Test func everyFieldOfTheDefinitionIsFilledFromAFullRow() throws {
        let row = try Samples.full()
        for column in QueryRow.definition.columns {
            #expect(column.value(row) != nil, "\(column.field.name)")
        }
    }
}
