import LedgerCore
import Testing

// ExampleEvents.swift
//
// Reads the lines of a RuleExample. A line begins with what it is; words follow in any order:
//
//    path dev eu,us prod
//    target prod/acme [at ADDRESS] [day N]
//    freeze PLACE from N until N
//    lift INDEX
//    alias NAME NAME
//    link ID ID [retract]
//    acknowledge FINDING
//    merge ID   [day N] [by NAME] [script X] [ticket T] [strategy S] [undo X] [emergency]
//    review ID DECISION [lint|test] [day N] [by NAME]
//    plan ID STRATEGY   [day N] [tested ENV] [expires N] [point P] [at PLACE] [undo X] [inferred]
//    run ID PLACE [STATUS|revert|baseline|mark] [day N] [by NAME] [script X] [took MS] [ticket T]
//        [statements A/B] [repeatable] [emergency] [attempt N] [on HOST/DATABASE] [imported]
//        [in URL]
//    rewrite ID PLACE checksum BEFORE AFTER|row [day N]
//
// Any may have `hour N`, and at its end what its script does: `alters TABLE`, creates, drops, fills
// or indexes it, or `sql STATEMENT`. Lines end with a line's end or with `; `. Everything is of the service orders; day 0 is 2026-01-01, and on a day every event comes
// a minute after the one before. It is recorded when it happened, or on the day of `recorded N`.

struct ExampleEvents {
    static let dayZero: Int64 = 1_767_225_600_000

    let events: [Event]
    /// When each is recorded.
    private(set) var recorded: [Int64] = []

    init(_ text: String, service: String = "orders") throws {
        let lines = text.replacing("; ", with: "\n").split(separator: "\n")
        var events: [Event] = []
        for (number, line) in lines.enumerated() {
            let words = line.split(separator: " ").map(String.init)
            let sql = words.firstIndex { $0 == "sql" || Self.scripts[$0] != nil } ?? words.endIndex
            let read = try Self.read(Array(words[..<sql]), minute: number)
            var object = read.object
            object.set(service, at: "service")
            let text = words[sql...].dropFirst().joined(separator: " ")
            let pattern = words[sql...].first.flatMap { Self.scripts[$0] }
            let script = pattern?.replacing("T", with: text) ?? text
            let attachments =
                script.isEmpty
                ? [] : [Attachment(name: Attachment.script, bytes: Array(script.utf8))]
            events.append(try EventReader.event(from: object, attachments: attachments))
            recorded.append(read.recorded)
        }
        self.events = events
    }

    private static let scripts = [
        "alters": "alter table T add a int", "creates": "create table T (a int)",
        "drops": "drop table T", "fills": "insert into T values (1)",
        "indexes": "create index i on T (a)",
    ]

    private static func milliseconds(day: Int, minute: Int = 0) -> Int64 {
        dayZero + Int64(day) * 86_400_000 + Int64(minute) * 60_000
    }

    private static func time(day: Int, minute: Int = 0) -> String {
        Timestamp(milliseconds: milliseconds(day: day, minute: minute)).utc
    }

    private static func read(
        _ words: [String], minute: Int
    ) throws -> (object: JSONObject, recorded: Int64) {
        var object = JSONObject()
        var rest = words.dropFirst()
        func next() throws -> String {
            let word = rest.popFirst()
            return try #require(word)
        }
        let kind = words.first ?? ""
        var day = 0
        var hour = 0
        var recorded: Int?
        switch kind {
        case "path":
            object.set("path", at: "type")
            let steps = rest.map { step -> JSON in
                let names = step.split(separator: ",").map { JSON.string(String($0)) }
                return names.count == 1 ? names[0] : .array(names)
            }
            object.set(.array(steps), at: "path", "steps")
            rest = []
        case "target":
            object.set("target", at: "type")
            object.set("add", at: "target", "action")
            setPlace(try next(), in: &object)
        case "freeze":
            object.set("freeze", at: "type")
            object.set("add", at: "freeze", "action")
            setPlace(try next(), in: &object)
        case "acknowledge":
            object.set("acknowledgement", at: "type")
            object.set(.array([["finding": .string(try next())]]), at: "about")
        case "lift":
            object.set("freeze", at: "type")
            object.set("lift", at: "freeze", "action")
            let index = try #require(Int64(try next()))
            object.set(.array([["entry": .integer(index)]]), at: "about")
        case "alias":
            object.set("correlation", at: "type")
            object.set("assert", at: "correlation", "action")
            object.set(try next(), at: "person", "id")
            object.set(try next(), at: "alias", "id")
        case "link":
            object.set("correlation", at: "type")
            object.set("assert", at: "correlation", "action")
            let ids = [try next(), try next()]
            object.set(
                .array(ids.map { ["change": .string("orders:\($0)")] }), at: "about")
        case "merge":
            object.set("merge", at: "type")
            object.set(try next(), at: "change", "id")
            object.set(String(repeating: "a", count: 40), at: "git", "commit")
        case "review":
            object.set("review", at: "type")
            object.set(try next(), at: "change", "id")
            object.set(try next(), at: "review", "decision")
        case "plan":
            object.set("rollback_plan", at: "type")
            object.set(try next(), at: "change", "id")
            object.set(try next(), at: "rollback", "strategy")
        case "run":
            object.set(try next(), at: "change", "id")
            setPlace(try next(), in: &object)
            object.set("succeeded", at: "deployment", "status")
        case "rewrite":
            object.set("snapshot", at: "type")
            let change = try next()
            setPlace(try next(), in: &object)
            object.set("sha256:" + String(repeating: "0", count: 64), at: "snapshot", "digest")
            var item = JSONObject(["change": .string(change), "row": "history/1"])
            if rest.contains("row") {
                item.set("row", at: "member")
            } else {
                rest.removeAll { $0 == "checksum" }
                item.set("checksum", at: "member")
                let day = rest.firstIndex(of: "day") ?? rest.endIndex
                let texts = Array(rest[day...].dropFirst(2))
                item.set(texts[0], at: "before")
                item.set(texts[1], at: "after")
                rest = rest[day...].prefix(2)
            }
            rest.removeAll { $0 == "row" }
            object.set(.array([.object(item)]), at: "snapshot", "rewritten")
        default: Issue.record("\(kind) is not known")
        }
        while let word = rest.popFirst() {
            switch word {
            case "day": day = try #require(Int(try next()))
            case "hour": hour = try #require(Int(try next()))
            case "recorded":
                let day = try #require(Int(try next()))
                recorded = day
            case "imported": object.set("import", at: "trigger", "kind")
            case "attempt":
                let number = try #require(Int64(try next()))
                object.set(.integer(number), at: "deployment", "attempt")
            case "in": object.set(try next(), at: "trigger", "run")
            case "at" where kind == "target": object.set(try next(), at: "target", "address")
            case "on":
                let names = try next().split(separator: "/").map(String.init)
                object.set(names[0], at: "host")
                object.set(names[1], at: "database")
            case "by": object.set(try next(), at: "actor", "id")
            case "script":
                let digit = try next()
                object.set(
                    "sha256:" + String(repeating: digit, count: 64), at: "change", "digest")
            case "at": setPlace(try next(), in: &object)
            case "undo":
                let digit = try next()
                object.set(
                    "sha256:" + String(repeating: digit, count: 64), at: "rollback",
                    "script_digest")
            case "point": object.set(try next(), at: "rollback", "restore_point")
            case "inferred": object.set(.bool(true), at: "rollback", "inferred")
            case "ticket": object.set(try next(), at: "change", "ticket")
            case "strategy": object.set(try next(), at: "rollback", "strategy")
            case "tested": object.set(.array([.string(try next())]), at: "rollback", "tested_in")
            case "expires":
                let day = try #require(Int(try next()))
                object.set(time(day: day), at: "rollback", "restore_point_expires")
            case "from", "until":
                let day = try #require(Int(try next()))
                object.set(time(day: day), at: "freeze", word)
            case "took":
                let milliseconds = try #require(Int64(try next()))
                object.set(.integer(milliseconds), at: "deployment", "duration_ms")
            case "statements":
                let parts = try next().split(separator: "/").compactMap { Int64($0) }
                object.set(.integer(parts[0]), at: "deployment", "statements_done")
                object.set(.integer(parts[1]), at: "deployment", "statements")
            case "retract": object.set(word, at: "correlation", "action")
            case "lint", "test": object.set(word, at: "review", "kind")
            case "repeatable": object.set(.bool(true), at: "change", "repeatable")
            case "emergency": object.set(word, at: "change", "class")
            case "revert", "baseline", "mark": object.set(word, at: "deployment", "operation")
            case "started", "failed", "skipped", "unknown":
                object.set(word, at: "deployment", "status")
            default: Issue.record("\(word) is not known")
            }
        }
        if !["path", "target", "freeze", "lift", "alias", "link"].contains(kind) {
            object.set(time(day: day, minute: 60 * hour + minute), at: "time")
        }
        let known = recorded.map { milliseconds(day: $0) }
        return (object, known ?? milliseconds(day: day, minute: 60 * hour + minute))
    }

    private static func setPlace(_ text: String, in object: inout JSONObject) {
        let names = text.split(separator: "/").map(String.init)
        object.set(names[0], at: "environment")
        if names.count > 1 { object.set(names[1], at: "tenant") }
        if names.count > 2 { object.set(names[2], at: "region") }
    }
}
