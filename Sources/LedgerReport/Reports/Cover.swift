import LedgerCore
import LedgerCrypto

// Cover.swift
//
// What stands with an export, as cover.json: canonical JSON (RFC 8785) and a line feed. It says how
// the rows were chosen, and what an auditor should know before trusting that they are all.
//
//    v            1
//    report, title, answers, serves      of the definition, whose file is definition.yaml
//    log, head    the ledger, and its head when the rows were read: {"hash":"…","index":41}
//    made         when, in UTC; every time in the files is UTC
//    by           whom the ledger authenticated: {"kind":"local","id":"0","name":"ann"}
//    program      `ledger 0.1.0`
//    filter       as parameters of GET /v1/events: {"env":["prod"],"since":["2026-07-01T…Z"],…}
//    period       {"since":"…","until":"…","means":"happened"}: from inclusive, until exclusive;
//                 `recorded` if the times mean when it was recorded
//    format       csv, json or ndjson
//    rows         how many
//    first, last  the lowest and the highest index of an entry that a row is made from
//    entries      {"leaves":42,"bodies":42,"expected":42}: what the ledger holds up to its head
//    gaps         true if a leaf is not there
//    left_out     rows that the definition's own filters left out
//    corrections  the entries of corrections that are applied in the rows
//    silent       targets within the filter from which nothing was heard in the period
//    reconciled   the last time that a tool's own table was held against each of these targets:
//                 {"extra":0,"index":7,"missing":0,"rows":12,"table":"…","target":{…},"time":"…"}
//    recorded_after   how many rows have entries that were recorded after the period's end
//    sample       {"seed":"7","size":25,"stratify":"class"}: rows were drawn (SamplePlan.swift)
//    is_recorded  whether the export itself is an entry, which follows this head
//    files        {"name","digest","bytes"} of every other file

/// The cover sheet of an export.
public struct Cover: Sendable {
    public struct File: Sendable, Equatable {
        public let name: String
        public let digest: Digest
        public let byteCount: Int64

        public init(name: String, digest: Digest, byteCount: Int64) {
            self.name = name
            self.digest = digest
            self.byteCount = byteCount
        }
    }

    /// That a tool's own table was held against the ledger.
    public struct Reconciled: Sendable, Equatable {
        public let target: Target
        public let table: String
        public let index: Int64
        public let time: Timestamp
        public let rows: Int64
        /// Changes that are there by the table and not by the ledger.
        public let missing: Int64
        /// Changes that are there by the ledger and not by the table.
        public let extra: Int64

        /// Nil for a row that tells of something else.
        public init?(_ row: HistoryRow) {
            guard row.type == .snapshot, let table = row.string("snapshot", "table"),
                let missing = row.integer("snapshot", "missing"),
                let extra = row.integer("snapshot", "extra")
            else { return nil }
            self.table = table
            (target, index, time) = (row.target, row.index, row.at)
            (self.missing, self.extra) = (missing, extra)
            rows = row.integer("snapshot", "rows") ?? 0
        }
    }

    public var report: String
    public var title: String
    public var answers: String
    public var serves: [String]
    public var log: String
    public var head: Head
    public var made: Timestamp
    public var by: Principal
    public var program: String
    /// By the names of parameters.
    public var filter: [(name: String, value: String)]
    public var since: Timestamp?
    public var until: Timestamp?
    public var timeBasis: EntryQuery.TimeBasis
    public var format: RecordFormat
    public var rowCount = 0
    public var first: Int64?
    public var last: Int64?
    public var leafCount: Int64 = 0
    public var bodyCount: Int64 = 0
    public var leftOutCount = 0
    public var corrections: [Int64] = []
    public var silent: [Target] = []
    public var reconciled: [Reconciled] = []
    public var recordedAfterCount = 0
    public var isRecorded = true
    public var sample: SamplePlan?
    public var files: [File] = []

    public init(
        _ definition: ReportDefinition, log: String, head: Head, made: Timestamp, by: Principal,
        program: String, query: EntryQuery, filter: [(name: String, value: String)],
        format: RecordFormat
    ) {
        report = definition.name
        title = definition.title
        answers = definition.answers
        serves = definition.serves
        self.log = log
        self.head = head
        self.made = made
        self.by = by
        self.program = program
        self.filter = filter
        since = query.since
        until = query.until
        timeBasis = query.timeBasis
        self.format = format
    }

    public var hasGaps: Bool { leafCount != head.entryCount }

    /// The file of rows.
    public var rowsName: String { "\(report).\(format.rawValue)" }

    /// Takes in what is to be said of a row.
    public mutating func add(_ row: ReportRow) {
        rowCount += 1
        if let lowest = row.entries.first { first = min(first ?? lowest, lowest) }
        if let highest = row.entries.last { last = max(last ?? highest, highest) }
        corrections += row.corrections
        if let until, let recorded = row.recorded, recorded >= until { recordedAfterCount += 1 }
    }

    /// To be called when all rows are in.
    public mutating func finish() {
        corrections = Set(corrections).sorted()
    }
}

extension Cover {
    public var json: JSONObject {
        var filters = JSONObject()
        for name in Set(filter.map(\.name)) {
            filters[name] = .array(filter.filter { $0.name == name }.map { .string($0.value) })
        }
        return JSONObject([
            "answers": .string(answers),
            "by": .object(
                JSONObject([
                    "id": .string(by.id), "kind": .string(by.kind.rawValue),
                    "name": by.name.map(JSON.string),
                ])),
            "corrections": .array(corrections.map(JSON.integer)),
            "entries": .object(
                JSONObject([
                    "bodies": .integer(bodyCount), "expected": .integer(head.entryCount),
                    "leaves": .integer(leafCount),
                ])),
            "files": .array(
                files.map { file in
                    .object(
                        JSONObject([
                            "bytes": .integer(file.byteCount),
                            "digest": .string("sha256:" + file.digest.hex),
                            "name": .string(file.name),
                        ]))
                }),
            "filter": .object(filters), "first": first.map(JSON.integer),
            "format": .string(format.rawValue), "gaps": .bool(hasGaps),
            "head": .object(
                JSONObject(["hash": .string(head.hash.hex), "index": .integer(head.index)])),
            "is_recorded": .bool(isRecorded), "last": last.map(JSON.integer),
            "left_out": .integer(Int64(leftOutCount)), "log": .string(log),
            "made": .string(made.utc),
            "period": .object(
                JSONObject([
                    "means": .string(timeBasis.rawValue), "since": since.map { .string($0.utc) },
                    "until": until.map { .string($0.utc) },
                ])),
            "program": .string(program), "recorded_after": .integer(Int64(recordedAfterCount)),
            "reconciled": .array(reconciled.map { .object($0.json) }),
            "report": .string(report), "rows": .integer(Int64(rowCount)),
            "sample": sample.map { .object($0.json) },
            "serves": .array(serves.map(JSON.string)),
            "silent": .array(silent.map { .object($0.json) }), "title": .string(title), "v": 1,
        ])
    }

    public var bytes: [UInt8] { CanonicalJSON.bytes(.object(json)) + [0x0A] }

    /// Nil unless it is the JSON of a cover.
    public init?(json: JSONObject) {
        func time(_ name: String) -> Timestamp? {
            (json[["period", name]]?.string).flatMap(Timestamp.init(rfc3339:))
        }
        guard json["v"]?.integer == 1, let report = json["report"]?.string,
            let title = json["title"]?.string, let answers = json["answers"]?.string,
            let log = json["log"]?.string, let program = json["program"]?.string,
            let made = (json["made"]?.string).flatMap(Timestamp.init(rfc3339:)),
            let kind = (json[["by", "kind"]]?.string).flatMap(Principal.Kind.init(rawValue:)),
            let id = json[["by", "id"]]?.string,
            let index = json[["head", "index"]]?.integer,
            let hash = (json[["head", "hash"]]?.string).flatMap({ Digest(hex: $0.utf8) }),
            let format = (json["format"]?.string).flatMap(RecordFormat.init(rawValue:)),
            let basis = (json[["period", "means"]]?.string)
                .flatMap(EntryQuery.TimeBasis.init(rawValue:)),
            let rows = json["rows"]?.integer, let files = json["files"]?.array,
            let filters = json["filter"]?.object
        else { return nil }
        self.report = report
        self.title = title
        self.answers = answers
        serves = json["serves"]?.array?.compactMap(\.string) ?? []
        self.log = log
        head = Head(index: index, hash: hash)
        self.made = made
        by = Principal(kind: kind, id: id, name: json[["by", "name"]]?.string)
        self.program = program
        filter = filters.members.flatMap { member in
            (member.value.array ?? []).compactMap(\.string).map { (member.name, $0) }
        }
        since = time("since")
        until = time("until")
        timeBasis = basis
        self.format = format
        rowCount = Int(rows)
        first = json["first"]?.integer
        last = json["last"]?.integer
        leafCount = json[["entries", "leaves"]]?.integer ?? 0
        bodyCount = json[["entries", "bodies"]]?.integer ?? 0
        leftOutCount = Int(json["left_out"]?.integer ?? 0)
        corrections = json["corrections"]?.array?.compactMap(\.integer) ?? []
        silent = (json["silent"]?.array ?? []).compactMap { $0.object.map(Target.init(of:)) }
        reconciled = (json["reconciled"]?.array ?? []).compactMap {
            $0.object.flatMap(Reconciled.init(json:))
        }
        recordedAfterCount = Int(json["recorded_after"]?.integer ?? 0)
        isRecorded = json["is_recorded"]?.bool ?? false
        sample = json["sample"]?.object.flatMap(SamplePlan.init(json:))
        let read = files.compactMap { $0.object.flatMap(File.init(json:)) }
        guard read.count == files.count else { return nil }
        self.files = read
    }
}

extension Cover.File {
    init?(json: JSONObject) {
        guard let name = json["name"]?.string, let bytes = json["bytes"]?.integer,
            let digest = (json["digest"]?.string).flatMap({
                $0.hasPrefix("sha256:") ? Digest(hex: $0.utf8.dropFirst(7)) : nil
            })
        else { return nil }
        self.init(name: name, digest: digest, byteCount: bytes)
    }
}

extension Cover.Reconciled {
    fileprivate var json: JSONObject {
        JSONObject([
            "extra": .integer(extra), "index": .integer(index), "missing": .integer(missing),
            "rows": .integer(rows), "table": .string(table), "target": .object(target.json),
            "time": .string(time.utc),
        ])
    }

    fileprivate init?(json: JSONObject) {
        guard let extra = json["extra"]?.integer, let index = json["index"]?.integer,
            let missing = json["missing"]?.integer, let rows = json["rows"]?.integer,
            let table = json["table"]?.string, let target = json["target"]?.object,
            let time = (json["time"]?.string).flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        (self.extra, self.index, self.missing, self.rows) = (extra, index, missing, rows)
        (self.table, self.target, self.time) = (table, Target(of: target), time)
    }
}
