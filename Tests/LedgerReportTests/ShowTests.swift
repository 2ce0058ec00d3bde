import LedgerCore
import LedgerCrypto
import Testing

@testable import LedgerReport

struct ShowTests {
    private static let event = """
        {"id":"e1","source":"ci","time":"2026-11-17T08:00:00Z","service":"orders",
         "environment":"prod","tenant":"acme","change":{"id":"42","name":"V42__add_index"},
         "deployment":{"status":"failed","duration_ms":200},"labels":{"team":"core"},
         "about":[{"entry":12},{"change":"orders:41"}],
         "actor":{"id":"alice","kind":"human"},"host":"db1",
         "error":"ERROR: deadlock\\n\\u001b[2J  detail"}
        """

    private static let attachments = [
        LedgerCore.Attachment(name: "script", bytes: Array("SELECT 1;\n".utf8)),
        LedgerCore.Attachment(name: "output", bytes: Array("done".utf8)),
    ]

    private func text(_ entry: StoredEntry, width: Int? = nil) throws -> String {
        try Samples.output {
            try EntryReport.writeText(ShownEntry(entry), Samples.appearance(width: width), to: $0)
        }
    }

    @Test func showsAnEntryWithEverythingInIt() throws {
        let entry = try Samples.entry(
            1234, Self.event, attachments: Self.attachments, principalName: "deploy bot",
            without: ["host"])
        let shown = try text(entry)
        let leaf = try #require(Leaf(entry.leaf))
        let zeros = String(repeating: "0", count: 64)
        let digests = Self.attachments.map(\.digest.hex)
        #expect(
            shown == """
                entry      #1234
                hash       \(entry.hash.hex)
                recorded   2026-11-17 09:01:00.123 +01:00
                log        local/test
                prev       \(zeros)
                stream     \(leaf.stream.id.hex)
                in stream  entry 0, after \(zeros)
                body       \(leaf.body.hex)
                principal  token tok_7f3a (deploy bot)

                event
                  about                   [{"entry":12},{"change":"orders:41"}]
                  change.digest           sha256:\(digests[0])
                  change.id               42
                  change.name             V42__add_index
                  change.size             10
                  deployment.duration_ms  200
                  deployment.status       failed
                  environment             prod
                  id                      e1
                  labels.team             core
                  service                 orders
                  source                  ci
                  tenant                  acme
                  time                    2026-11-17 09:00:00.000 +01:00

                private
                  actor.id        alice
                  actor.kind      human
                  error           ERROR: deadlock
                                  ␛[2J  detail
                  principal_name  deploy bot
                  host            erased

                attachments
                  script  sha256:\(digests[0]), 10 bytes
                  output  sha256:\(digests[1]), 4 bytes, text/plain

                """, "\(shown)")
    }

    @Test func wrapsLongTextsBesideTheirNames() throws {
        let entry = try Samples.entry(
            1, #"{"type":"note","message":"the quick brown fox jumps over the lazy dog\n\nend"}"#)
        let shown = try text(entry, width: 40)
        // A hash stays in one piece, so that it can be copied.
        #expect(shown.contains("\nhash       \(entry.hash.hex)\n"))
        #expect(
            shown.hasSuffix(
                """
                private
                  message  the quick brown fox jumps
                           over the lazy dog

                           end

                """), "\(shown)")
    }

    @Test func anArchivedEntryAndADamagedOneStillShowTheirPlace() throws {
        let archived = try Samples.entry(7, Self.event, isArchived: true)
        #expect(try text(archived).contains("event      archived\n"))
        let damaged = StoredEntry(
            index: 7, leaf: [1], hash: archived.hash, body: [2], disclosures: [])
        #expect(
            try text(damaged) == """
                entry  #7
                hash   \(archived.hash.hex)
                leaf   can't be read: ledger verify says more
                event  can't be read: ledger verify says more

                """)
    }

    @Test func theRecordOfAnEntryHasItsPlaceItsEventAndWhatWasErased() throws {
        let entry = try Samples.entry(
            1234, Self.event, attachments: Self.attachments, principalName: "deploy bot",
            without: ["host"])
        let json = try Samples.output { try EntryReport.writeJSON(ShownEntry(entry), to: $0) }
        let record = try #require(try JSONReader.read(Array(json.utf8)).object)
        let leaf = try #require(Leaf(entry.leaf))
        let body = try #require(entry.body.flatMap { StoredBody($0) })
        #expect(record["v"] == 1)
        #expect(record["index"] == 1234)
        #expect(record["hash"] == .string(entry.hash.hex))
        #expect(record["body"] == .string(leaf.body.hex))
        #expect(record["recorded"] == "2026-11-17T08:01:00.123Z")
        #expect(record[["stream", "id"]] == .string(leaf.stream.id.hex))
        #expect(record["event"] == .object(body.event))
        #expect(record[["private", "actor", "id"]] == "alice")
        #expect(record[["private", "principal_name"]] == "deploy bot")
        #expect(record["erased"] == ["host"])
        #expect(record["is_archived"] == false)
        let archived = try Samples.entry(7, Self.event, isArchived: true)
        let rest = try Samples.output { try EntryReport.writeJSON(ShownEntry(archived), to: $0) }
        let object = try #require(try JSONReader.read(Array(rest.utf8)).object)
        #expect(object["is_archived"] == true)
        #expect(object["event"] == nil)
    }

    @Test func theLogHasOneLineForEachEntry() throws {
        let entries = [
            try Samples.entry(12, Self.event),
            try Samples.entry(
                11,
                #"{"service":"orders","environment":"dev","deployment":{"status":"started"}}"#,
                principalName: "deploy bot"),
            try Samples.entry(
                10,
                #"{"type":"correction","about":[{"entry":3}],"correction":{"environment":"dev"}}"#),
            try Samples.entry(9, #"{"type":"note","message":"first\nsecond"}"#),
            try Samples.entry(8, Self.event, isArchived: true),
        ]
        let text = try Samples.output { output in
            var table = EntryTable(Samples.appearance(), to: output)
            for entry in entries { try table.add(entry) }
            try table.finish()
        }
        let hashes = entries.map { String($0.hash.hex.prefix(12)) }
        #expect(
            text == """
                INDEX  HASH          RECORDED             TYPE        WHERE             \
                WHAT            OUTCOME  WHO
                  #12  \(hashes[0])  2026-11-17 09:01+01  deployment  orders/prod/acme  \
                V42__add_index  failed   alice
                  #11  \(hashes[1])  2026-11-17 09:01+01  deployment  orders/dev        \
                                started  (deploy bot)
                  #10  \(hashes[2])  2026-11-17 09:01+01  correction                    \
                #3                       (token tok_7f3a)
                   #9  \(hashes[3])  2026-11-17 09:01+01  note                          \
                first                    (token tok_7f3a)
                   #8  \(hashes[4])  2026-11-17 09:01+01  archived

                """, "\(text)")
        let csv = try Samples.output { output in
            var writer = RecordWriter(.csv, of: EntryReport.definition, to: output)
            for entry in entries { try writer.write(ShownEntry(entry)) }
            try writer.finish()
        }
        #expect(csv.hasPrefix("index,hash,recorded,log,prev,stream_id,stream_index,stream_prev,"))
        #expect(csv.split(separator: "\r\n").count == 6)
    }
}

struct ChangeStoryTests {
    private static let commit = String(repeating: "c", count: 40)
    private static let digest = String(repeating: "ab", count: 32)

    private func rows() throws -> [HistoryRow] {
        let change =
            #""change":{"id":"42","name":"V42__add_index","ticket":"INC-9","tool":"flyway","#
            + #""digest":"sha256:\#(Self.digest)"}"#
        return [
            try Samples.row(
                1,
                """
                {"type":"merge","service":"orders",\(change),"title":"Add the index",
                 "git":{"commit":"\(Self.commit)","path":"migrations/V42__add_index.sql"},
                 "actor":"alice","author":{"id":"bob","name":"Bob"},"trigger":{"kind":"git"}}
                """, at: "2026-11-10T08:00:00Z"),
            try Samples.row(
                2,
                """
                {"type":"review","service":"orders",\(change),"actor":"carol",
                 "review":{"decision":"approved"}}
                """, at: "2026-11-10T09:00:00Z"),
            try Samples.row(
                3,
                """
                {"type":"rollback_plan","service":"orders",\(change),"actor":"dba",
                 "rollback":{"strategy":"restore_point","restore_point":"snap-1",
                  "restore_point_expires":"2026-12-01T00:00:00Z","tested_in":["dev","stage"]}}
                """, at: "2026-11-10T10:00:00Z"),
            try Samples.row(
                5,
                """
                {"service":"orders","environment":"prod","tenant":"acme",\(change),
                 "deployment":{"status":"failed","duration_ms":843000},"actor":"alice",
                 "reason":"why not","error":"\(Array(repeating: "line", count: 12)
                    .joined(separator: "\\n"))"}
                """, firstIndex: 4, strategy: "restore_point"),
            try Samples.deployment(6, tenant: "acme", operation: "revert"),
        ]
    }

    private func story(strategy: String? = "restore_point", _ rows: [HistoryRow]) -> ChangeStory {
        ChangeStory(
            of: KnownChange(
                service: "orders", id: "42", name: "V42__add_index", strategy: strategy),
            rows: rows)
    }

    @Test func tellsWhatHappenedToAChangeInOrderAndHowToGetBack() throws {
        let story = story(try rows())
        let text = try Samples.output { try story.writeText(Samples.appearance(), to: $0) }
        #expect(
            text == """
                change                          orders:42
                name                            V42__add_index
                ticket                          INC-9
                tool                            flyway
                path                            migrations/V42__add_index.sql
                rollback                        restore_point, planned in #3
                rollback restore point          snap-1
                rollback restore point expires  2026-12-01 01:00:00.000 +01:00
                rollback tested in              dev, stage

                WHEN                 EVENT          WHERE             OUTCOME              \
                TOOK  WHO    HOW               SCRIPT    INDEX
                2026-11-10 09:00+01  merged         orders            cccccccccccc         \
                      alice  git flyway INC-9  abababab     #1
                    written by Bob
                    Add the index
                2026-11-10 10:00+01  reviewed       orders            approved             \
                      carol  flyway INC-9      abababab     #2
                2026-11-10 11:00+01  rollback plan  orders            restore_point        \
                      dba    flyway INC-9      abababab     #3
                2026-11-17 09:00+01  run            orders/prod/acme  failed         14 min 3 s  \
                alice  flyway INC-9      abababab     #5
                    reason: why not
                    error: line
                    line
                    line
                    line
                    line
                    line
                    line
                    line
                    line
                    line
                    … 2 more lines: ledger show 5
                2026-11-17 09:00+01  revert         orders/prod/acme  succeeded           0.2 s  \
                alice  cli flyway                     #6

                """, "\(text)")
    }

    @Test func fitsTheTerminal() throws {
        let story = story(try rows())
        let text = try Samples.output { try story.writeText(Samples.appearance(width: 80), to: $0) }
        let tooWide = text.split(separator: "\n").filter { DisplayWidth.of(String($0)) > 80 }
        #expect(tooWide.isEmpty)
        for word in ["WHEN", "EVENT", "WHERE", "OUTCOME", "WHO", "INDEX", "merged", "revert"] {
            #expect(text.contains(word))
        }
    }

    @Test func aRevertIsLinkedToWhatItUndid() throws {
        let rows = [
            try Samples.deployment(1, tenant: "acme"), try Samples.deployment(2, tenant: "globex"),
            try Samples.deployment(3, tenant: "acme", operation: "revert"),
            try Samples.deployment(4, tenant: "initech", operation: "revert"),
        ]
        let text = try Samples.output {
            try story(rows).writeText(Samples.appearance(), to: $0)
        }
        #expect(text.ranges(of: "it undid").count == 1)
        #expect(text.contains("#3\n    it undid #1\n"))
    }

    @Test func saysThatThereIsNoPlan() throws {
        let story = story(strategy: nil, [try Samples.deployment(1)])
        let text = try Samples.output { try story.writeText(Samples.appearance(), to: $0) }
        #expect(text.contains("rollback  no plan\n"))
    }

    @Test func theDocumentHasTheChangeAndItsEventsAsRowsOfAQuery() throws {
        let rows = try rows()
        let json = try Samples.output { try story(rows).writeJSON(to: $0) }
        let value = try JSONReader.read(Array(json.utf8.dropLast()))
        #expect(CanonicalJSON.bytes(value) == Array(json.utf8.dropLast()))
        let object = try #require(value.object)
        #expect(object["v"] == 1)
        #expect(object[["change", "strategy"]] == "restore_point")
        let events = try #require(object["events"]?.array)
        #expect(events.map { $0.object?["index"]?.integer } == [1, 2, 3, 5, 6])
        var first: [UInt8] = []
        QueryRow.definition.appendJSON(of: rows[0], to: &first)
        #expect(CanonicalJSON.bytes(events[0]) == first)
    }
}

struct SummaryReportTests {
    private func summary() throws -> LedgerSummary {
        LedgerSummary(
            log: "local/test", head: Head(index: 1233, hash: .zero), streamCount: 17,
            firstRecorded: try Samples.time("2026-07-01T08:00:00Z"),
            lastRecorded: try Samples.time("2026-11-17T08:00:00Z"), byteCount: 2_468_000,
            attachmentCount: 3, attachmentByteCount: 12_345)
    }

    @Test func saysWhatALedgerHolds() throws {
        let text = try Samples.output {
            try SummaryReport.writeText(try summary(), Samples.appearance(), to: $0)
        }
        let zeros = String(repeating: "0", count: 64)
        #expect(
            text == """
                log          local/test
                entries      1234
                head         #1233 \(zeros)
                streams      17
                recorded     2026-07-01 10:00:00 +02:00 to 2026-11-17 09:00:00 +01:00
                on disk      2.4 MB, 2000 bytes per entry
                attachments  3, 12.3 kB

                """)
        let json = try Samples.output { try SummaryReport.writeJSON(try summary(), to: $0) }
        #expect(
            json == """
                {"attachment_bytes":12345,"attachments":3,"bytes":2468000,"bytes_per_entry":2000,\
                "entries":1234,"first_recorded":"2026-07-01T08:00:00.000Z","head":"\(zeros)",\
                "last_recorded":"2026-11-17T08:00:00.000Z","log":"local/test","streams":17,"v":1}

                """)
    }

    @Test func anEmptyLedgerHasNoHeadAndNoTimes() throws {
        let empty = LedgerSummary(
            log: "local/test", head: .empty, streamCount: 0, firstRecorded: nil, lastRecorded: nil,
            byteCount: 40_960, attachmentCount: 0, attachmentByteCount: 0)
        let text = try Samples.output {
            try SummaryReport.writeText(empty, Samples.appearance(), to: $0)
        }
        #expect(
            text == """
                log          local/test
                entries      0
                streams      0
                on disk      40.9 kB
                attachments  none

                """)
        let json = try Samples.output { try SummaryReport.writeJSON(empty, to: $0) }
        #expect(
            json == """
                {"attachment_bytes":0,"attachments":0,"bytes":40960,"entries":0,\
                "log":"local/test","streams":0,"v":1}

                """)
    }
}
