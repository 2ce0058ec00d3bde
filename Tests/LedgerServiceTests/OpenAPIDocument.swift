import Foundation
import LedgerCore
import LedgerCorrelation
import Testing
import Yams

@testable import LedgerReport

/// `schema/openapi.yaml`, and the part of it that is made of other schemas.
enum OpenAPIDocument {
    private static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let path = package.appendingPathComponent("schema/openapi.yaml").path
    /// The last line that is written by hand.
    static let mark =
        "    #   LEDGER_WRITE_OPENAPI=1 swift test --skip-build --filter OpenAPIDocumentTests\n"

    static func text() throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    static func content() throws -> [String: Any] {
        try #require(try Yams.load(yaml: try text()) as? [String: Any])
    }

    /// The operations, such as `GET /v1/entries/{entry}`.
    static func operations() throws -> Set<String> {
        let paths = try #require(try content()["paths"] as? [String: [String: Any]])
        return Set(paths.flatMap { path, item in item.keys.map { "\($0.uppercased()) \(path)" } })
    }

    // MARK: What is made

    static func schemas() throws -> [(name: String, schema: JSONObject)] {
        let rows = try #require(QueryRow.schema.object?["$defs"]?.object?["row"]?.object)
        return [
            ("ArchiveRow", object(ArchivedPart.definition.fields)),
            ("BoardRow", object(BoardRow.definition.fields)),
            ("ChangeRow", object(ChangeRow.definition.fields)),
            ("CoverageRow", object(CoverageRow.definition.fields)),
            ("DiffRow", object(DiffRow.definition.fields)),
            ("Entry", object(EntryReport.definition.fields + [version, correctedBy])),
            ("Event", try event()), ("FindingRow", object(Finding.definition.fields)),
            ("FreezeRow", object(Freeze.definition.fields)),
            ("HoldRow", object(Hold.definition.fields)),
            ("LinkRow", object(Link.definition.fields)),
            ("PlaceRow", object(PlaceRow.definition.fields)),
            ("RollbackPlanRow", object(RollbackPlan.definition.fields)),
            ("RollbackStepRow", object(RollbackStep.definition.fields)),
            ("Row", rows), ("Summary", object(SummaryReport.definition.fields + [version])),
            ("SuspectRow", object(SuspectRow.definition.fields)),
            ("TargetRow", object(TargetRow.definition.fields)),
            ("Token", object(TokenTable.definition.fields)),
        ]
    }

    private static let version = RecordField("v", .integer, isRequired: true)
    private static let correctedBy = RecordField(
        "corrected_by", .integer, "the last correction of what it says")

    private static func object(_ fields: [RecordField]) -> JSONObject {
        RecordField.schema(ofObjectWith: fields)
    }

    private static func event() throws -> JSONObject {
        let file = package.appendingPathComponent("schema/event/event.schema.json")
        let schema = try JSONReader.read(Array(try Data(contentsOf: file)))
        var event = try #require(moved(schema).object)
        event["$schema"] = nil
        event["$id"] = nil
        return event
    }

    /// The same schema as a part of the document.
    private static func moved(_ value: JSON) -> JSON {
        switch value {
        case .string(let text) where text.hasPrefix("#/$defs/"):
            return .string("#/components/schemas/Event/" + text.dropFirst(2))
        case .array(let items): return .array(items.map(moved))
        case .object(let object):
            var copy = JSONObject()
            for member in object.members { copy[member.name] = moved(member.value) }
            return .object(copy)
        default: return value
        }
    }

    static func made() throws -> String {
        var text = ""
        for (name, schema) in try schemas() {
            text += "    \(name):\n"
            append(schema, indent: 6, to: &text)
        }
        return text
    }

    /// In YAML, of which JSON is a part: what is short stands on one line.
    private static func append(_ object: JSONObject, indent: Int, to text: inout String) {
        let spaces = String(repeating: " ", count: indent)
        for member in object.members {
            let name = CanonicalJSON.bytes(.string(member.name))
            let start = "\(spaces)\(String(decoding: name, as: UTF8.self)):"
            let json = String(decoding: CanonicalJSON.bytes(member.value), as: UTF8.self)
            guard start.utf8.count + json.utf8.count >= 99 else {
                text += "\(start) \(json)\n"
                continue
            }
            switch member.value {
            case .object(let inner):
                text += "\(start)\n"
                append(inner, indent: indent + 2, to: &text)
            case .array(let items):
                text += "\(start)\n"
                for item in items {
                    let bytes = CanonicalJSON.bytes(item)
                    text += "\(spaces)  - \(String(decoding: bytes, as: UTF8.self))\n"
                }
            default: text += "\(start)\n\(spaces)  \(json)\n"
            }
        }
    }
}
