import Testing

@testable import LedgerCore

/// One line for every member that a schema allows, such as `change.kind: schema|data` or
/// `tenant: name`, from the reader's table and from the JSON Schema. Attachments, which the reader
/// decodes apart from its table, are left out.
struct SchemaOutline {
    let definitions: JSONObject

    static func members(_ members: [EventMember], in place: String = "") -> [String] {
        members.flatMap { lines($0.shape, place + $0.name) }
    }

    private static func lines(_ shape: EventMember.Shape, _ place: String) -> [String] {
        switch shape {
        case .name: ["\(place): name"]
        case .identifier(let limit): ["\(place): identifier \(limit)"]
        case .line(let limit): ["\(place): line \(limit)"]
        case .text(let limit): ["\(place): text \(limit)"]
        case .url: ["\(place): url"]
        case .oneOf(let words): ["\(place): \(words.filter(isRecordable).joined(separator: "|"))"]
        case .integer(let bounds): ["\(place): \(bounds.lowerBound)...\(bounds.upperBound)"]
        case .boolean: ["\(place): boolean"]
        case .time: ["\(place): time"]
        case .digest: ["\(place): digest"]
        case .objectID: ["\(place): objectID"]
        case .person:
            ["\(place): line 320"] + members(EventSchema.person, in: place + ".")
        case .members(let inner): members(inner, in: place + ".")
        case .list(let shape, let limit): ["\(place): 1...\(limit)"] + lines(shape, place + "[]")
        case .either(let first, let second): lines(first, place) + lines(second, place)
        case .map(let shape): ["\(place): map"] + lines(shape, place + "{}")
        }
    }

    private static func isRecordable(_ word: String) -> Bool {
        EventType(rawValue: word).map { !EventType.own.contains($0) } ?? true
    }

    func members(_ schema: JSONObject, in place: String = "") throws -> [String] {
        #expect(schema["additionalProperties"] == false, "\(place) takes unknown members")
        return try #require(schema["properties"]?.object).members.flatMap { member -> [String] in
            if place + member.name == "attachments" { return [] }
            return try lines(try #require(member.value.object), place + member.name)
        }
    }

    private func lines(_ schema: JSONObject, _ place: String) throws -> [String] {
        if let reference = schema["$ref"]?.string {
            let name = try #require(reference.split(separator: "/").last.map(String.init))
            if ["name", "time", "digest", "objectID", "url"].contains(name) {
                return ["\(place): \(name)"]
            }
            return try lines(try #require(definitions[name]?.object), place)
        }
        if let words = schema["enum"]?.array {
            return ["\(place): \(words.compactMap(\.string).joined(separator: "|"))"]
        }
        if let choices = schema["oneOf"]?.array {
            return try choices.flatMap { try lines(try #require($0.object), place) }
        }
        switch schema["type"]?.string {
        case "boolean": return ["\(place): boolean"]
        case "integer":
            let (least, most) = (schema["minimum"]?.integer, schema["maximum"]?.integer)
            return ["\(place): \(try #require(least))...\(try #require(most))"]
        case "string":
            #expect(schema["minLength"] == 1, "\(place) may be empty")
            let limit = try #require(schema["maxLength"]?.integer)
            let isText = schema[["not", "pattern"]] == "\\u0000"
            let line = schema["pattern"] == nil ? "line" : "identifier"
            return ["\(place): \(isText ? "text" : line) \(limit)"]
        case "array":
            let (least, most) = (schema["minItems"]?.integer, schema["maxItems"]?.integer)
            let items = try #require(schema["items"]?.object)
            return ["\(place): \(try #require(least))...\(try #require(most))"]
                + (try lines(items, place + "[]"))
        default:
            if let values = schema["additionalProperties"]?.object, schema["properties"] == nil {
                return ["\(place): map"] + (try lines(values, place + "{}"))
            }
            return try members(schema, in: place + ".")
        }
    }
}
