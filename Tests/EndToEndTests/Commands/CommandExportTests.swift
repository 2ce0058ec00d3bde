import Foundation
import LedgerCore
import TestSupport
import Testing

/// Evidence, as an auditor asks for it and as somebody else may alter it.
@Suite struct CommandExportTests: ExportTesting {
    @Test(arguments: ["csv", "json", "ndjson"])
    func anExportIsWholeAndVerifies(format: String) throws {
        let ledger = try ledger()
        let folder = try export(ledger, "out", "--format", format, "--env", "prod")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(
            names == [
                "change-population.\(format)", "cover.html", "cover.json", "definition.yaml",
                "schema.json",
            ])
        let result = try verify(ledger, folder)
        #expect(result.status == 0, "\(result.standardOutput)")
        #expect(result.standardOutput.contains("record: it is entry #24 of the ledger"))
        #expect(result.standardOutput.contains("population: 12 rows"))
        #expect(try ledger.run("verify").status == 0)
        let row = try ledger.rows("--type", "export")
        #expect(row.count == 1)
        // What comes later takes nothing from what was handed out.
        try ledger.deploy("V0", environment: "prod", status: "failed")
        try ledger.output("correct", "3", "--env", "dev", "-m", "a slip")
        #expect(try verify(ledger, folder).status == 0)
        #expect(try verifyInPython(folder).status == 0)
        let again = try ledger.run("export", "change-population", "--out", "out")
        again.expect(1, "exists already")
    }

    @Test func whatWasAlteredIsFoundAndNamed() throws {
        let ledger = try ledger()
        let original = try export(ledger)
        func altered(_ name: String, _ body: (String) throws -> Void) throws -> Shell.Result {
            let copy = ledger.folder.file(name)
            try FileManager.default.copyItem(atPath: original, toPath: copy)
            try body(copy)
            // Without the ledger the files tell already.
            #expect(try verify(ledger, copy, alone: true).status == 5)
            #expect(try verifyInPython(copy).status == 1)
            return try verify(ledger, copy)
        }
        let cell = try altered("cell") { copy in
            try change("\(copy)/change-population.csv") {
                $0.replacing("a,b?", with: "a,c?", maxReplacements: 1)
            }
        }
        #expect(cell.status == 5)
        #expect(
            cell.standardOutput.contains(
                #"reason is "a,c?", and by the ledger "a,b?""#), "\(cell.standardOutput)")

        let removed = try altered("removed") { copy in
            try change("\(copy)/change-population.csv") { text in
                let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
                return (lines[..<3] + lines[4...]).joined(separator: "\r\n")
            }
        }
        #expect(removed.status == 5)
        #expect(removed.standardOutput.contains("a row is missing: index "))
        let said = removed.standardOutput.split(separator: "\n").filter { $0.contains("row") }
        #expect(said.count == 1, "\(removed.standardOutput)")

        let added = try altered("added") { copy in
            try change("\(copy)/change-population.csv") { text in
                let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
                let more = lines[5].replacing("V", with: "W").replacing("orders", with: "sorders")
                return (lines[..<4] + [Substring(more)] + lines[4...]).joined(separator: "\r\n")
            }
        }
        #expect(added.status == 5)
        #expect(added.standardOutput.contains("row 4"), "\(added.standardOutput)")

        let swapped = try altered("swapped") { copy in
            for (from, to) in [
                ("schema.json", "x"), ("definition.yaml", "schema.json"), ("x", "definition.yaml"),
            ] {
                try FileManager.default.moveItem(atPath: "\(copy)/\(from)", toPath: "\(copy)/\(to)")
            }
        }
        #expect(swapped.standardOutput.contains("schema.json: it is definition.yaml of the cover"))

        let more = try altered("more") { copy in
            try Data("x".utf8).write(to: URL(fileURLWithPath: "\(copy)/more.csv"))
        }
        #expect(more.standardOutput.contains("more.csv: the cover knows no such file"))
    }

    @Test func aCoverThatIsMadeToFitIsNotTheOneThatWasRecorded() throws {
        let ledger = try ledger()
        let folder = try export(ledger)
        try change("\(folder)/change-population.csv") {
            $0.replacing("a,b?", with: "a,c?", maxReplacements: 1)
        }
        let file = "\(folder)/change-population.csv"
        let digest = try Shell.execute("sha256sum", [file]).standardOutput.prefix(64)
        try change("\(folder)/cover.json") { text in
            let mark = #""digest":"sha256:"#
            guard let range = text.range(of: mark) else { return text }
            let end = text.index(range.upperBound, offsetBy: 64)
            return text.replacingCharacters(in: range.upperBound..<end, with: digest)
        }
        #expect(try verify(ledger, folder, alone: true).status == 0)
        let result = try verify(ledger, folder)
        #expect(result.status == 5)
        #expect(result.standardOutput.contains("the ledger has no entry of an export with such"))
        #expect(result.standardOutput.contains(#"and by the ledger "a,b?""#))
    }

    @Test func entriesThatComeAlongShowTheChainWithoutTheLedger() throws {
        let ledger = try ledger()
        let folder = try export(ledger, "out", "--with-entries", "--env", "prod")
        let result = try verify(ledger, folder, alone: true)
        #expect(result.status == 0, "\(result.standardOutput)")
        #expect(result.standardOutput.contains("chain: 23 leaves from #1 lead to the head #23"))
        // Nobody else's events are shown.
        let entries = try String(contentsOfFile: "\(folder)/entries.ndjson", encoding: .utf8)
        #expect(entries.split(separator: "\n").count == 12)
        #expect(!entries.contains(#"\"environment\":\"dev\""#))
        #expect(try verifyInPython(folder).status == 0)
        for (file, from, to) in [
            ("leaves.ndjson", "\"index\":7,", "\"index\":8,"),
            ("entries.ndjson", #"\"status\":\"succeeded\""#, #"\"status\":\"failed\""#),
            ("entries.ndjson", "a,b?", "a,c?"),
        ] {
            let copy = ledger.folder.file("altered")
            try? FileManager.default.removeItem(atPath: copy)
            try FileManager.default.copyItem(atPath: folder, toPath: copy)
            try change("\(copy)/\(file)") { $0.replacing(from, with: to, maxReplacements: 1) }
            let result = try verify(ledger, copy, alone: true)
            #expect(result.status == 5)
            let python = try verifyInPython(copy)
            #expect(python.standardOutput.split(separator: "\n").count >= 2, "\(python)")
            let said = result.standardOutput.split(separator: "\n").filter {
                $0.hasPrefix("wrong: \(file)")
            }
            #expect(said.count >= 2, "\(file): \(result.standardOutput)")
        }
    }

    @Test func pythonAndSQLiteReadTheSameCells() throws {
        let ledger = try ledger()
        let folder = try export(ledger)
        let json = try ledger.output(
            "export", "change-population", "--out", "-", "--format", "ndjson", "--no-record")
        let reasons = try json.split(separator: "\n").map {
            try #require(
                try JSONReader.read(Array($0.utf8)).object?["reason"]?.string)
        }
        #expect(Set(reasons) == Set(Self.texts.map { "\($0)?" }))
        let script = """
            import csv, json, sys
            with open(sys.argv[1], newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file, strict=True))
            def exact(text):
                return text[1:] if text.startswith("'") and text.lstrip("'")[:1] in "=+-@\\t\\r\\n" else text
            print(json.dumps([exact(row["reason"]) for row in rows]))
            """
        let python = try Shell.execute(
            "python3", ["-c", script, "\(folder)/change-population.csv"])
        let read = try JSONReader.read(Array(python.standardOutput.utf8)).array ?? []
        #expect(read.compactMap(\.string) == reasons)
        let database = ledger.folder.file("x.db")
        let sqlite = try Shell.execute(
            "sqlite3",
            [
                database, "-cmd", ".import --csv \(folder)/change-population.csv t",
                "select json_group_array(reason) from t",
            ])
        let imported =
            try JSONReader.read(
                Array(sqlite.standardOutput.utf8.prefix { $0 != 0x0A })
            ).array ?? []
        #expect(
            imported.compactMap(\.string).map { text in
                // What keeps a spreadsheet from taking it for a formula.
                let rest = text.drop { $0 == "'" }
                let isFormula = rest.unicodeScalars.first.map {
                    "=+-@\t\r\n".unicodeScalars.contains($0)
                }
                return text.hasPrefix("'") && isFormula ?? false ? String(text.dropFirst()) : text
            } == reasons)
    }

    @Test func formulasAreDefusedInEveryTextColumn() throws {
        let ledger = try BuiltLedger()
        for (number, text) in ["=1+1", "+1", "-1", "@x", "\u{FF1D}1"].enumerated() {
            try ledger.output(
                "record", "deployment", "--service", "orders", "--env", "prod", "--change",
                "c\(number)", "--actor=\(text)", "--ticket=\(text)", "--reason=\(text)",
                "--error=\(text)",
                "--status", "failed")
        }
        for report in ["deployments", "change-population"] {
            let text = try ledger.output("export", report, "--out", "-", "--no-record")
            let expression = try NSRegularExpression(pattern: #"(^|,|\r\n)"?[=+@＝-]"#)
            let range = NSRange(text.startIndex..., in: text)
            #expect(expression.firstMatch(in: text, range: range) == nil, "\(text)")
            #expect(text.contains("'=1+1"))
        }
    }

    @Test func aLedgerThatCantBeWrittenNeedsNoRecord() throws {
        let ledger = try ledger()
        let path = try #require(ledger.variables["LEDGER"])
        let head = try ledger.output("head")
        try ledger.run("export", "deployments", "--out", "x", "--no-record").expect(0)
        #expect(try ledger.output("head") == head)
        let cover = try String(
            contentsOfFile: ledger.folder.file("x/cover.json"), encoding: .utf8)
        #expect(cover.contains(#""is_recorded":false"#))
        let page = try String(
            contentsOfFile: ledger.folder.file("x/cover.html"), encoding: .utf8)
        #expect(page.contains("this export is not an entry of the ledger"))
        let verified = try verify(ledger, ledger.folder.file("x"))
        #expect(verified.status == 0)
        #expect(verified.standardError.contains("nobody recorded this export"))
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func wrongFlagsAreSaidInOneLine() throws {
        let ledger = try ledger()
        try ledger.run("export", "deployments").expect(64, "--out")
        try ledger.run("export", "--out", "x").expect(64, "--list")
        try ledger.run("export", "deploiments", "--out", "x").expect(1, "deployments")
        try ledger.run("export", "deployments", "--out", "x", "--limit", "3").expect(64, "all rows")
        try ledger.run("export", "deployments", "--out", "x", "--env", "nowhere").expect(
            1, "nowhere")
        try ledger.run("export", "integrity", "--out", "x", "--env", "prod").expect(
            64, "integrity can't be narrowed by env")
        try ledger.run("export", "verify", "nothing").expect(1, "nothing/cover.json")
        let list = try ledger.output("export", "--list")
        #expect(list.contains("change-population  Population of changes"))
        #expect(!FileManager.default.fileExists(atPath: ledger.folder.file("x")))
    }

    @Test func aSampleIsDrawnAgainFromASpreadsheet() throws {
        let ledger = try ledger()
        try ledger.folder.write("CREATE TABLE t (a int);\n", to: "V99__t.sql")
        try ledger.output(
            "record", "deployment", "--service", "orders", "--env", "prod", "--file",
            "V99__t.sql", "--class", "emergency")
        func sample(_ name: String, _ n: Int) throws -> String {
            try ledger.output(
                "sample", "change-population", "--n", "\(n)", "--seed", "7", "--stratify", "class",
                "--out", name)
            return ledger.folder.file(name)
        }
        let few = try sample("few", 5)
        #expect(try verify(ledger, few).status == 0)
        let alone = try verifyInPython(few)
        #expect(alone.status == 0, "\(alone.standardOutput)\(alone.standardError)")
        let script = """
            import csv, hashlib, sys
            folder = sys.argv[1]
            with open(folder + "/change-population.csv", "rb") as file:
                population = hashlib.sha256(file.read()).hexdigest()
            with open(folder + "/sample.csv", newline="", encoding="utf-8") as file:
                drawn = list(csv.DictReader(file))
            with open(folder + "/change-population.csv", newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            for row in drawn:
                key = hashlib.sha256(f"7:{population}:{row['row']}".encode()).hexdigest()
                assert key == row["key"], row
                assert all(row[name] == cell for name, cell in rows[int(row["row"]) - 1].items())
                lower = [n for n in range(1, len(rows) + 1) if rows[n - 1]["class"] == row["class"]
                         and hashlib.sha256(f"7:{population}:{n}".encode()).hexdigest() < key]
                drawn_before = [int(other["row"]) for other in drawn[: int(row["rank"]) - 1]]
                assert set(lower) <= set(drawn_before), (lower, drawn_before)
            print(len(drawn), {row["class"] for row in drawn} == {"", "emergency"})
            """
        let python = try Shell.execute("python3", ["-c", script, few])
        #expect(python.standardOutput == "5 True\n", "\(python.standardError)")
        // The page of the emergency, with its script.
        let sampled = try String(contentsOfFile: "\(few)/sample.csv", encoding: .utf8)
        let lines = sampled.split(separator: "\r\n")
        let place = try #require(lines.firstIndex { $0.contains(",emergency,") })
        let page = try String(
            contentsOfFile: "\(few)/sample-0\(place)/story.html", encoding: .utf8)
        #expect(page.contains("orders · V99__t"))
        #expect(page.contains("CREATE TABLE t (a int);"))
        let cover = try String(contentsOfFile: "\(few)/cover.json", encoding: .utf8)
        #expect(cover.contains(#""sample":{"seed":"7","size":5,"stratify":"class"}"#))
        try change("\(few)/sample.csv") { $0.replacing(",normal,", with: ",standard,") + "x" }
        let altered = try verify(ledger, few)
        #expect(altered.status == 5)
        #expect(altered.standardOutput.contains("these are not the rows that the seed draws"))
        #expect(
            try verifyInPython(few).standardOutput.contains("these are not the rows that the seed"))
    }

    @Test func aKilledOrCrampedExportLeavesNothingThatLooksWhole() throws {
        let ledger = try ledger()
        try ledger.folder.write("", to: "file")
        let full = try Shell.execute(
            "sh",
            [
                "-c", "ulimit -f 4; exec \"$0\" export change-population --out full",
                BuiltLedger.executable(),
            ], environment: ledger.variables, folder: ledger.folder.path)
        #expect(full.status == 1, "\(full.standardError)")
        #expect(full.standardError.contains("change-population.csv: File too large"))
        let names = try FileManager.default.contentsOfDirectory(atPath: ledger.folder.path)
        #expect(!names.contains { $0.contains("full") }, "\(names)")
        let inFile = try ledger.run("export", "deployments", "--out", "file/x")
        inFile.expect(1, "file/x")
    }
}
