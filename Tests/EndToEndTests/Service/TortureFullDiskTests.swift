import Foundation
import TestSupport
import Testing

/// The service's disk is full for a while.
@Suite(.serialized) struct TortureFullDiskTests {
    private let disk: SmallDisk
    private let service: RunningService
    private let writer: String
    private let reader: String

    init() throws {
        disk = try SmallDisk(bytes: 32 << 20)
        let ledger = try BuiltLedger(path: disk.path + "/ledger.db")
        service = try RunningService(ledger)
        (writer, reader) = (try service.token("writer"), try service.token("reader"))
    }

    private func post(_ id: String, bytes: Int = 0) throws -> RunningService.Answer {
        let text = String(repeating: "-- nothing\n", count: bytes / 11)
        let event: [String: Any] = [
            "service": "orders", "environment": "prod", "source": "disk", "id": id,
            "change": ["id": id], "deployment": ["status": "succeeded"],
            "attachments": ["log": ["text": "log of \(id)\n" + text]],
        ]
        return try service.request(
            "POST", "/v1/events",
            headers: ["Authorization: Bearer \(writer)", "Content-Type: application/json"],
            body: JSONSerialization.data(withJSONObject: event))
    }

    private func read(_ path: String) throws -> RunningService.Answer {
        try service.request("GET", path, headers: ["Authorization: Bearer \(reader)"])
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "needs root"))
    func aFullDiskIsSaidAndWritingResumesByItself() throws {
        var generator = SeededGenerator()
        let seed = generator.seed
        #expect(try post("before").status == 201)
        #expect(try read("/readyz").status == 200)
        let rounds = Torture.isWhole ? 100 : 4
        var recordedCount = 1
        var refusedIDs: [String] = []
        for round in 0..<rounds {
            try disk.fill(
                leaving: round % 4 == 0 ? 0 : Int.random(in: 0...200_000, using: &generator))
            let answer = try post("large-\(round)", bytes: 900_000)
            // The write-ahead log may have room of its own, from before the disk was full.
            let isRecorded = answer.status == 201
            if isRecorded {
                recordedCount += 1
            } else {
                #expect(answer.status == 507, "\(answer), seed \(seed)")
                #expect(answer.body.contains("\"code\":\"disk-full\""), "\(answer)")
                #expect(!answer.body.contains(disk.path), "\(answer)")
                refusedIDs.append("large-\(round)")
            }
            // Reads go on, also those of what was recorded last.
            let rows = try read("/v1/events?limit=1000")
            #expect(rows.status == 200, "\(rows), seed \(seed)")
            #expect(rows.body.contains("\"before\""), "seed \(seed)")
            #expect(rows.body.contains("\"large-\(round)\"") == isRecorded, "seed \(seed)")
            #expect(try read("/v1/verify").status == 200)
            if round % 4 == 0 {
                let ready = try read("/readyz")
                #expect(ready.status == 503, "\(ready), seed \(seed)")
                #expect(try read("/healthz").status == 200)
            }
            try disk.makeRoom()
            let ready = try read("/readyz")
            #expect(ready.status == 200, "\(ready), seed \(seed)")
            let after = try post("after-\(round)")
            #expect(after.status == 201, "\(after), seed \(seed)")
            recordedCount += 1
        }
        let again = try post(#require(refusedIDs.first, "the disk was never full, seed \(seed)"))
        #expect(again.status == 201, "\(again), seed \(seed)")
        service.endWell()
        let count = try service.ledger.sqlite3(
            "SELECT count(*) FROM body WHERE json_extract(bytes, '$.event.source') = 'disk'")
        #expect(count.output == "\(recordedCount + 1)\n", "seed \(seed)")
        try expectVerified(service.ledger.path, "seed \(seed)")
        Torture.say(
            "a full disk refused \(refusedIDs.count) posts with 507, seed \(seed); reads went on, "
                + "and each next post was recorded once there was room")
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "needs root"))
    func manyPostsOnADiskThatFillsAreEachRecordedOrRefused() throws {
        try disk.fill(leaving: 200_000)
        let state = service.ledger.folder.file("state")
        let figures = try Storm.run(
            "mixed.py", ["fill", service.url, writer, state, disk.path + "/filler"])
        service.endWell()
        try Storm.run("writers.py", ["check", service.ledger.path, state])
        try expectVerified(service.ledger.path)
        Torture.say(figures)
    }
}
