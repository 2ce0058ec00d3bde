import Testing

@testable import LedgerCore
@testable import LedgerCrypto

/// `schema/entry/vectors.json` was made by another implementation; both must come to the same bytes.
@Suite struct GoldenVectorTests {
    private let vectors: JSONObject
    private let log: String
    private let entries: [JSONObject]

    init() throws {
        vectors = try PackageFiles.object("schema/entry/vectors.json")
        log = try vectors.text("log")
        entries = try #require(vectors["entries"]?.array).map { try #require($0.object) }
    }

    private func event(_ vector: JSONObject) throws -> Event {
        let object = try #require(vector["event"]?.object)
        return try EventReader.event(from: object, mayBeOwn: true)
    }

    private func principal(_ vector: JSONObject) throws -> Principal {
        let object = try #require(vector["principal"]?.object)
        let kind = try #require(Principal.Kind(rawValue: object.text("kind")))
        return Principal(kind: kind, id: try object.text("id"), name: object["name"]?.string)
    }

    @Test func encodesEveryEntryToTheSameBytes() throws {
        let hasher = SHA256()
        var previous = Digest.zero
        var streams: [Digest: Leaf.StreamPlace] = [:]
        for (index, vector) in entries.enumerated() {
            let event = try event(vector)
            var salts = try #require(vector["salts"]?.object).members
                .map { try bytes(hex: try #require($0.value.string))[...] }[...]
            let body = Body(
                event: event, principal: try principal(vector),
                nonce: try bytes(hex: vector.text("nonce")), hasher: hasher
            ) { salts.removeFirst() }
            #expect(salts.isEmpty)
            #expect(String(decoding: body.bytes, as: UTF8.self) == (try vector.text("body")))
            #expect(hasher.hash(body.bytes).hex == (try vector.text("body_digest")))
            let disclosures = try #require(vector["disclosures"]?.object).members
            #expect(body.disclosures.map(\.name) == disclosures.map(\.name))
            #expect(
                body.disclosures.map { String(decoding: $0.bytes, as: UTF8.self) }
                    == disclosures.map(\.value.string))

            let stream = event.target.streamID(log: log, hasher: hasher)
            #expect(stream.hex == (try vector.text("stream_id")))
            let place = streams[stream] ?? .init(id: stream, index: 0, prev: .zero)
            let leaf = Leaf(
                body: hasher.hash(body.bytes), index: Int64(index), log: log, prev: previous,
                stream: place, time: try #require(vector["time"]?.integer))
            previous = Leaf.hash(leaf.bytes, with: hasher)
            streams[stream] = .init(id: stream, index: place.index + 1, prev: previous)
            #expect(String(decoding: leaf.bytes, as: UTF8.self) == (try vector.text("leaf")))
            #expect(previous.hex == (try vector.text("hash")))
            #expect(Leaf(leaf.bytes) == leaf)
        }
    }

    @Test func readsWhatIsStoredBackToTheSame() throws {
        let hasher = SHA256()
        for vector in entries {
            let event = try event(vector)
            let stored = try #require(StoredBody(Array(vector.text("body").utf8)))
            #expect(stored.event == event.members)
            let named = try #require(vector["disclosures"]?.object).members
            var disclosures: [Disclosure] = []
            for member in named {
                let text = try #require(member.value.string)
                let disclosure = try #require(Disclosure(stored: Array(text.utf8)))
                #expect(disclosure.name == member.name)
                #expect(
                    stored.privateDigests[member.name]
                        == .string(disclosure.digest(hasher: hasher)))
                disclosures.append(disclosure)
            }
            #expect(stored.privateDigests.members.map(\.name) == named.map(\.name))
            #expect(stored.hasSameContent(as: event, disclosures: disclosures))
            #expect(stored.hasSameContent(as: event, disclosures: []))
        }
    }

    @Test func coverEveryTypeOfEventAndEveryKindOfPrincipalAndStream() throws {
        let events = try entries.map(event)
        #expect(entries.count >= 16)
        // Types that came after the vectors were frozen have the same form.
        #expect(Set(events.map(\.type)).union([.hold]) == Set(EventType.allCases))
        let targets = events.map(\.target)
        for count in 0...5 {
            #expect(
                targets.contains { target in
                    [target.service, target.environment, target.tenant, target.region]
                        .prefix(count).allSatisfy { $0 != nil }
                        && [
                            target.service, target.environment, target.tenant, target.region,
                            target.cluster,
                        ].dropFirst(count).allSatisfy { $0 == nil }
                }, "no stream with \(count) members")
        }
        let principals = try entries.map(principal)
        for kind in Principal.Kind.allCases {
            #expect(principals.contains { $0.kind == kind && $0.name != nil })
            #expect(principals.contains { $0.kind == kind && $0.name == nil })
        }
        let names = events.map { $0.privateMembers.members.map(\.name) }
        #expect(names.contains([]))
        #expect(names.contains { Set($0).isSuperset(of: EventSchema.privateNames) })
        #expect(entries.contains { $0["redacted"]?.array?.isEmpty == false })
    }

    @Test func aLeafIsReadOnlyIfItIsWrittenTheSame() throws {
        let leaf = Array(try entries[3].text("leaf").utf8)
        var accepted = 0
        for place in leaf.indices {
            for byte in Array("0a\" ,:{}\\-".utf8) + [0, 0x80] {
                var changed = leaf
                changed[place] = byte
                var longer = leaf
                longer.insert(byte, at: place)
                for bytes in [changed, longer] {
                    guard let read = Leaf(bytes) else { continue }
                    accepted += 1
                    #expect(read.bytes == bytes)
                }
            }
            var shorter = leaf
            shorter.remove(at: place)
            if let read = Leaf(shorter) { #expect(read.bytes == shorter) }
            #expect(Leaf(Array(leaf[..<place])) == nil)
        }
        #expect(accepted > leaf.count)
    }

    @Test func canonicalFormsAndRefusalsAreThose() throws {
        for vector in try #require(vectors["canonical"]?.array).map({ try #require($0.object) }) {
            let input =
                try vector["input"]?.string.map { Array($0.utf8) }
                ?? bytes(hex: vector.text("input_hex"))
            let shown = String(decoding: input, as: UTF8.self)
            guard let code = vector["refused"]?.string else {
                let output = Array(try vector.text("output").utf8)
                #expect(CanonicalJSON.bytes(try JSONReader.read(input)) == output, "\(shown)")
                continue
            }
            let error = #expect(throws: JSONError.self, "\(shown)") {
                try JSONReader.read(input)
            }
            let words = try #require(Self.words[code])
            #expect(
                words.contains { error?.reason.contains($0) == true },
                "\(shown) is refused by \(error?.reason ?? "nothing") and not for \(code)")
        }
    }

    private static let words = [
        "null": ["null"], "fraction": ["fraction"], "negative-zero": ["-0"], "range": ["beyond"],
        "duplicate-name": ["twice"], "empty-name": ["empty name"],
        "lone-surrogate": ["half of a surrogate pair"], "nul": ["U+0000"], "depth": ["deep"],
        "utf-8": ["UTF-8"],
        "syntax": [
            "start of a JSON value", "too early", "leading zero", "needs", "more after", "escape",
            "not closed",
        ],
    ]

    @Test(.enabled(if: PackageFiles.hasPython, "python3 is not installed"))
    func areWhatThePythonEncoderWrites() throws {
        let run = try PackageFiles.python("Tests/Vectors/make_entry_vectors.py", "--check")
        #expect(run.status == 0, "schema/entry/vectors.json is not what the encoder writes")
    }

    @Test(
        .enabled(if: PackageFiles.hasJSONSchema, "the Python package jsonschema is not installed"))
    func fitTheSchemaOfEntriesAndOthersDoNot() throws {
        let script = """
            import json
            from jsonschema import Draft202012Validator
            def load(name):
                with open("schema/entry/" + name, encoding="utf-8") as file:
                    return json.load(file)
            schema, vectors = load("entry.schema.json"), load("vectors.json")
            Draft202012Validator.check_schema(schema)
            def judge(part, text):
                part = {"$ref": "#/$defs/" + part, "$defs": schema["$defs"]}
                return Draft202012Validator(part).is_valid(json.loads(text))
            for number, entry in enumerate(vectors["entries"]):
                texts = [("leaf", entry["leaf"]), ("body", entry["body"])]
                texts += [("disclosure", text) for text in entry["disclosures"].values()]
                for part, text in texts:
                    if not judge(part, text):
                        print("refuses", part, number)
                    for other in ["leaf", "body", "disclosure"]:
                        if other != part and judge(other, text):
                            print("takes", part, "as", other, number)
                for part, old, new in [("leaf", '"v":1', '"v":2'), ("body", '"nonce":"', '"nonce":"A')]:
                    if judge(part, entry[part].replace(old, new)):
                        print("takes", new, number)
            """
        let run = try PackageFiles.python("-c", script)
        #expect(run.status == 0)
        #expect(run.output.isEmpty, "\(run.output)")
    }
}
