import LedgerCore
import Testing

// ExampleEvents.swift
//
// Reads the lines of a RuleExample. A line begins with what it is; words follow in any order:
//
//    path dev eu,us prod
//    target prod/acme
//    freeze PLACE from N until N
//    lift INDEX
//    alias NAME NAME
//    link ID ID [retract]
//    acknowledge FINDING
//    merge ID   [day N] [by NAME] [script X] [ticket T] [strategy S] [undo X] [emergency]
//    review ID DECISION [lint|test] [day N] [by NAME]
//    plan ID STRATEGY   [day N] [tested ENV] [expires N] [point P] [at PLACE] [undo X] [inferred]
//    run ID PLACE [STATUS|revert|baseline|mark] [day N] [by NAME] [script X] [took MS] [ticket T]
//        [statements A/B] [repeatable] [emergency]
//
// Any may have `hour N`. Lines end with a line's end or with `; `. Everything is of the service orders; day 0 is
// 2026-01-01, and on a day every event comes a minute after the one before.

struct ExampleEvents {
    static let dayZero: Int64 = 1_767_225_600_000

    let events: [Event]

    init(_ text: String, service: String = "orders") throws {
        let lines = text.replacing("; ", with: "\n").split(separator: "\n")
        events = try lines.enumerated().map { number, line in
            let words = line.split(separator: " ").map(String.init)
            var object = try Self.read(words, minute: number)
            object.set(service, at: "service")
            return try EventReader.event(from: object)
        }
    }

    private static func time(day: Int, minute: Int = 0) -> String {
        let milliseconds = dayZero + Int64(day) * 86_400_000 + Int64(minute) * 60_000
        return Timestamp(milliseconds: milliseconds).utc
    }

    private static func read(_ words: [String], minute: Int) throws -> JSONObject {
        var object = JSONObject()
        var rest = words.dropFirst()
        func next() throws -> String {
            let word = rest.popFirst()
            return try #require(word)
        }
        let kind = words.first ?? ""
        var day = 0
        var hour = 0
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
        default: Issue.record("\(kind) is not known")
        }
        while let word = rest.popFirst() {
            switch word {
            case "day": day = try #require(Int(try next()))
            case "hour": hour = try #require(Int(try next()))
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
        return object
    }

    private static func setPlace(_ text: String, in object: inout JSONObject) {
        let names = text.split(separator: "/").map(String.init)
        object.set(names[0], at: "environment")
        if names.count > 1 { object.set(names[1], at: "tenant") }
        if names.count > 2 { object.set(names[2], at: "region") }
    }
}
