import Foundation
import TestSupport
import Testing

@testable import LedgerCore

/// `schema/event/examples.json`: what the reader and the JSON Schema must judge alike.
@Suite struct EventExampleTests {
    private let examples: JSONObject

    init() throws {
        examples = try PackageFiles.object("schema/event/examples.json")
    }

    private func list(_ name: String) throws -> [JSONObject] {
        try #require(examples[name]?.array).map { try #require($0.object) }
    }

    private func input(_ example: JSONObject) throws -> [UInt8] {
        if let event = example["event"] { return CanonicalJSON.bytes(event) }
        return Array(try example.text("text").utf8)
    }

    @Test func everyGoodOneIsTaken() throws {
        let good = try list("good")
        #expect(good.count >= 40)
        for example in good {
            let input = try input(example)
            let name = try example.text("name")
            #expect(throws: Never.self, "\(name)") {
                try EventReader.read(input)
            }
        }
        let types = Set(try good.map { try EventReader.read(input($0)).type })
        #expect(types == Set(EventType.recordable))
    }

    @Test func everyBadOneIsRefusedWithTheMemberNamed() throws {
        let bad = try list("bad")
        #expect(bad.count >= 60)
        for example in bad {
            let input = try input(example)
            let shown = "\(try example.text("member")): \(try example.text("reason"))"
            let error = #expect(throws: LedgerError.self, "\(shown)") {
                try EventReader.read(input)
            }
            #expect(error?.code == .invalidEvent)
            let member = try example.text("member")
            #expect(
                error?.message.contains(member) == true,
                "\(shown), but the error is: \(error?.message ?? "none")")
        }
    }

    @Test(
        .enabled(if: PackageFiles.hasJSONSchema, "the Python package jsonschema is not installed"))
    func theSchemaJudgesThemAlike() throws {
        let script = """
            import json
            from jsonschema import Draft202012Validator
            def load(name):
                with open("schema/event/" + name, encoding="utf-8") as file:
                    return json.load(file)
            schema, examples = load("event.schema.json"), load("examples.json")
            Draft202012Validator.check_schema(schema)
            validator = Draft202012Validator(schema)
            for example in examples["good"]:
                for error in validator.iter_errors(example["event"]):
                    print("refuses", example["name"], error.message)
            for example in examples["bad"]:
                event = json.loads(example["text"]) if "text" in example else example["event"]
                if validator.is_valid(event) != (example.get("schema") == "cannot say"):
                    print("misjudges", example["member"], example["reason"])
            """
        let run = try PackageFiles.python("-c", script)
        #expect(run.status == 0)
        #expect(run.output.isEmpty, "\(run.output)")
    }

    @Test func theSchemaHasEveryMemberOfTheReaderInTheSameShape() throws {
        let schema = try PackageFiles.object("schema/event/event.schema.json")
        let outline = SchemaOutline(definitions: try #require(schema["$defs"]?.object))
        let inSchema = try outline.members(schema)
        let inReader = SchemaOutline.members(EventSchema.members)
        #expect(Set(inSchema).subtracting(inReader).isEmpty)
        #expect(Set(inReader).subtracting(inSchema).isEmpty)
    }
}
