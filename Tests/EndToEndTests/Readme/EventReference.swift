@testable import LedgerCore

/// The README's table of an event's members, made from what the reader checks.
enum EventReference {
    static let begin = "<!-- events:"
    static let end = "<!-- /events -->"

    // Of events that only the ledger itself records.
    private static let own: Set = ["archive", "export", "hold", "override", "redaction", "token"]

    static var lines: [String] {
        let members = EventSchema.members.filter { !own.contains($0.name) }.flatMap(rows(for:))
        return ["<details><summary>Every member of an event</summary>", ""]
            + ["| member | shape | meaning |", "| --- | --- | --- |"] + members
            + [
                "",
                "*private*: kept apart, so that it can be erased. *person*: an object of "
                    + EventSchema.person.map { "`\($0.name)`" }.joined(separator: ", ")
                    + ", or a string that stands for its `id`. `attachments` takes files, such as "
                    + #"`{"script": {"text": "ALTER TABLE …"}}`, in `text` or `base64`."#,
                "", "| type | needs |", "| --- | --- |",
            ] + EventType.recordable.map(type(_:)) + ["", "</details>"]
    }

    private static func type(_ type: EventType) -> String {
        var needs = EventRules.required(for: type).map { "`\($0.joined(separator: "."))`" }
        if type == .note || type == .incident { needs.append("`title` or `message`") }
        if type == .merge {
            needs += [
                "`git.commit` or `git.repository`", "`change.id` or `links.pull_request`",
            ]
        }
        if type == .freeze { needs.append("to lift, `about`") }
        if type == .review { needs.append("`change.id`, `links.pull_request` or `about`") }
        return "| `\(type.rawValue)` | \(needs.joined(separator: " ")) |"
    }

    private static func rows(for member: EventMember) -> [String] {
        switch member.name {
        case "correction":
            ["| `correction` | object | what is right of the corrected entry's members |"]
        case "type": ["| `type` | one of those below | `deployment`, if left out |"]
        default: rows(member, in: "")
        }
    }

    private static func rows(_ member: EventMember, in place: String) -> [String] {
        let path = place + member.name
        switch member.shape {
        case .members(let members): return members.flatMap { rows($0, in: path + ".") }
        case .list(.members(let members), _):
            return members.flatMap { rows($0, in: path + "[].") }
        default:
            let shape = words(member.shape) + (member.isPrivate ? ", *private*" : "")
            return ["| `\(path)` | \(shape) | \(member.meaning) |"]
        }
    }

    private static func words(_ shape: EventMember.Shape) -> String {
        switch shape {
        case .name: "a name without `/`"
        case .identifier(let limit): "a name, \(limit) bytes"
        case .line(let limit): "a line, \(limit) bytes"
        case .text(let limit): "text, \(limit) bytes"
        case .url: "URL"
        case .oneOf(let words): words.map { "`\($0)`" }.joined(separator: " ")
        case .integer(let range):
            range.upperBound == JSON.integerBounds.upperBound
                ? "integer from \(range.lowerBound)"
                : "integer, \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "true or false"
        case .time: "time"
        case .digest: "`sha256:` and 64 digits"
        case .objectID: "Git object id"
        case .person: "person"
        case .members: "object"
        case .list(let shape, let limit): "list of at most \(limit), each \(words(shape))"
        case .either(let first, let second): "\(words(first)) or \(words(second))"
        case .map(let shape): "object, each value \(words(shape))"
        }
    }
}
