import LedgerCore
import TestSupport
import Testing

@testable import LedgerCorrelation
@testable import LedgerOperations

@Suite struct LinkTests {
    private func merged(_ id: String, digest: String? = "sha256:aa") -> ServiceChange {
        ServiceChange(
            service: "orders", id: id, name: nil, strategy: nil, isRepeatable: false,
            merge: .init(firstAt: 1, last: 1, digest: digest, lastAt: 5))
    }

    private func ran(_ id: String) -> ServiceChange {
        ServiceChange(
            service: "orders", id: id, name: nil, strategy: nil, isRepeatable: false, merge: nil)
    }

    private func match(
        _ change: String, _ merged: String, _ likeness: ScriptMatch.Likeness = .script,
        mergedAt: Int64 = 5
    ) -> ScriptMatch {
        ScriptMatch(
            change: change, merged: merged, likeness: likeness, entries: [9, 3], mergedAt: mergedAt)
    }

    private func links(
        _ changes: [ServiceChange], _ matches: [ScriptMatch], _ words: [LinkWord] = []
    ) -> ServiceLinks {
        ServiceLinks(of: "orders", changes: changes, matches: matches, words: words)
    }

    private func word(_ action: String, _ left: String, _ right: String, at index: Int64) throws
        -> LinkWord
    {
        let members: JSONObject = JSONObject([
            "type": "correlation", "correlation": ["action": .string(action)],
            "about": [
                ["change": .string("orders:" + left)], ["change": .string("orders:" + right)],
            ],
        ])
        return try #require(
            LinkWord(
                HistoryRow(
                    index: index, firstIndex: nil, hash: .zero, recorded: .init(milliseconds: 0),
                    at: .init(milliseconds: 0), isTimeKnown: true, members: members,
                    privateMembers: JSONObject(), principal: JSONObject(), correctedBy: nil,
                    strategy: nil)))
    }

    @Test func onlyWhatIsInNoMergeOrHasLeftGitIsCompared() {
        let changes = [merged("42"), merged("41", digest: nil), ran("40"), ran("fix")]
        #expect(ServiceLinks.candidates(among: changes).map(\.id) == ["41", "fix"])
        #expect(ServiceLinks.candidates(among: [ran("fix")]).isEmpty, "there is nothing to find")
    }

    @Test func aHandRunScriptIsTheMergeThatBroughtIt() {
        let links = links([merged("42"), ran("fix")], [match("fix", "42")])
        #expect(links.name(of: "fix") == "42")
        #expect(links.name(of: "42") == "42")
        #expect(links.links.map(\.reason) == [.sameScript])
        #expect(links.links.first?.entries == [3, 9])
        #expect(links.otherNames(of: "42") == ["fix"])
        let joined = links.joined([merged("42"), ran("fix")])
        #expect(joined.map(\.id) == ["42"])
        #expect(joined.first?.otherIDs == ["fix"])
    }

    @Test func whatFitsSeveralChangesIsLeftAlone() {
        let changes = [merged("42"), merged("43"), ran("fix")]
        #expect(links(changes, [match("fix", "42"), match("fix", "43")]).isEmpty)
        // Equal bytes say more than equal text.
        let both = links(changes, [match("fix", "42"), match("fix", "43", .text)])
        #expect(both.name(of: "fix") == "42")
    }

    @Test func aFileThatLeftGitAndCameBackIsRenamed() {
        let changes = [merged("41", digest: nil), merged("44")]
        let links = links(changes, [match("41", "44")])
        #expect(links.links.map(\.reason) == [.renamed])
        #expect(links.joined(changes).map(\.id) == ["44"])
        // A copy that was there before the other one went is no new name of it.
        #expect(self.links(changes, [match("41", "44", mergedAt: 4)]).isEmpty)
    }

    @Test func somebodysWordCountsMostAndTheLastOfAll() throws {
        let changes = [merged("42"), merged("43"), ran("fix")]
        let retract = try word("retract", "42", "fix", at: 20)
        let retracted = links(changes, [match("fix", "42")], [retract])
        #expect(retracted.isEmpty)
        #expect(retracted.links.map(\.retractedBy) == [20])
        #expect(retracted.joined(changes) == changes)

        let again = try word("assert", "42", "fix", at: 21)
        let asserted = links(changes, [match("fix", "42")], [retract, again])
        // What is merged is what the other one is, whichever was named first.
        #expect(asserted.name(of: "fix") == "42")
        #expect(asserted.links.map(\.reason) == [.asserted])

        let elsewhere = try word("assert", "fix", "43", at: 22)
        #expect(links(changes, [match("fix", "42")], [elsewhere]).name(of: "fix") == "43")
        let both = try word("assert", "42", "43", at: 24)
        #expect(links(changes, [], [both]).isEmpty, "two scripts in Git are two changes")
        let unknown = try word("assert", "fix", "99", at: 23)
        #expect(links(changes, [], [unknown]).isEmpty, "what nobody knows takes nothing away")
    }

    @Test func circlesEndSomewhereAndNoChangeIsLost() throws {
        var generator = SeededGenerator()
        let ids = (0..<6).map { "c\($0)" }
        for _ in 0..<200 {
            let changes = ids.map { ran($0) } + [merged("42")]
            let words = try (0..<Int.random(in: 1...9, using: &generator)).map { index in
                let all = ids + ["42"]
                let left = all.randomElement(using: &generator) ?? "c0"
                let right = all.filter { $0 != left }.randomElement(using: &generator) ?? "c1"
                let action = Bool.random(using: &generator) ? "assert" : "retract"
                return try word(action, left, right, at: Int64(index))
            }
            let links = links(changes, [match("c1", "42")], words)
            let joined = links.joined(changes)
            let named = joined.flatMap { [$0.id] + $0.otherIDs }
            #expect(named.sorted() == (ids + ["42"]).sorted(), "seed \(generator.seed)")
            for id in named { #expect(links.name(of: links.name(of: id)) == links.name(of: id)) }
        }
    }

    @Test func twoSourcesThatTellOfOneTimeTellOfOneExecution() async throws {
        let lines = """
            {"source":"ci","id":"1","service":"orders","environment":"prod","change":{"id":"42"},            "deployment":{"status":"succeeded"},"time":"2026-01-01T10:00:00Z"}
            {"source":"flyway","id":"1","service":"orders","environment":"prod","change":{"id":"42"},            "deployment":{"status":"succeeded"},"time":"2026-01-01T10:00:04Z"}
            {"source":"flyway","id":"2","service":"orders","environment":"prod","change":{"id":"42"},            "deployment":{"status":"succeeded"},"time":"2026-01-01T12:00:00Z"}
            {"source":"ci","id":"2","service":"orders","environment":"prod","change":{"id":"42"},            "deployment":{"status":"failed"},"time":"2026-01-01T12:00:01Z"}
            """
        let view = try await RecordedLedger(lines).view()
        let links = try await view.reply(to: LinksInquiry(ofChange: "42", service: "orders")).rows
        #expect(links.map(\.entries) == [[0, 1]])
        #expect(links.map(\.reason) == [.sameExecution])
        #expect(links.map(\.confidence) == [.high])

        let retracted = try await RecordedLedger(
            lines + "\n"
                + #"{"type":"correlation","about":[{"entry":1},{"entry":0}],"#
                + #""correlation":{"action":"retract"}}"#)
        let rest = try await retracted.view().reply(
            to: LinksInquiry(ofChange: "42", service: "orders")
        ).rows
        #expect(rest.map(\.retractedBy) == [4])
    }

    @Test func aBlobStandsForAScriptThatNobodySent() async throws {
        let blob = String(repeating: "b", count: 40)
        let commit = String(repeating: "c", count: 40)
        let view = try await RecordedLedger(
            """
            {"type":"merge","service":"orders","change":{"id":"42",\
            "digest":"sha256:\(String(repeating: "a", count: 64))"},\
            "git":{"commit":"\(commit)","blob":"\(blob)"}}
            {"service":"orders","environment":"prod","change":{"id":"fix"},"git":{"blob":"\(blob)"},\
            "deployment":{"status":"succeeded"}}
            """
        ).view()
        let links = try await view.reply(to: LinksInquiry()).rows
        #expect(links.map(\.reason) == [.sameBlob])
        #expect(links.map(\.same) == ["42"])
    }
}

@Suite struct PersonNamesTests {
    private func row(_ action: String, _ person: String, _ alias: String) -> HistoryRow {
        HistoryRow(
            index: 0, firstIndex: nil, hash: .zero, recorded: .init(milliseconds: 0),
            at: .init(milliseconds: 0), isTimeKnown: true,
            members: JSONObject(["type": "correlation", "correlation": ["action": .string(action)]]
            ),
            privateMembers: JSONObject([
                "person": ["id": .string(person)], "alias": ["id": .string(alias)],
            ]),
            principal: JSONObject(), correctedBy: nil, strategy: nil)
    }

    @Test func aPersonIsOneUnderEveryName() {
        let names = PersonNames([
            row("assert", "ann@example.com", "ann-gh"), row("assert", "ann-gh", "ann"),
            // Turned round it would lead in a circle.
            row("assert", "ann", "ann@example.com"), row("assert", "bob", "bobby"),
            row("retract", "bob", "bobby"),
        ])
        #expect(names.name(of: "ann") == "ann@example.com")
        #expect(names.ids(of: "ann-gh") == ["ann@example.com", "ann", "ann-gh"])
        #expect(names.name(of: "bobby") == "bobby")
    }
}
