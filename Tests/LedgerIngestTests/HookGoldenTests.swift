import Foundation
import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

/// What each hook of the shared vectors becomes, one line for each in `HookGolden/`.
///
/// `LEDGER_WRITE_GOLDEN=1 swift test --filter HookGoldenTests` writes the files anew.
@Suite(.enabled(if: SharedVectors.isThere, "../shared/vectors is not there"))
struct HookGoldenTests {
    private static let writes = ProcessInfo.processInfo.environment["LEDGER_WRITE_GOLDEN"] == "1"
    private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("HookGolden")

    private func files(_ folder: String) throws -> [(name: String, bytes: [UInt8])] {
        let root = URL(fileURLWithPath: try #require(SharedVectors.folder))
            .appendingPathComponent("webhooks/\(folder)")
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        return try names.filter { $0.hasSuffix(".json") }.sorted().map { name in
            (name, [UInt8](try Data(contentsOf: root.appendingPathComponent(name))))
        }
    }

    private func headers(_ kind: HookKind, _ name: String) -> [(name: String, value: String)] {
        guard kind == .github else { return [] }
        return [("X-GitHub-Event", String(name.prefix { $0 != "/" }))]
    }

    private func outcome(
        _ kind: HookKind, _ name: String, _ bytes: [UInt8]
    ) throws -> HookOutcome {
        let context = try HookContext(
            services: [("Codertocat/Hello-World", "hello")], isRepositoryAService: true,
            environments: ["production": Target(environment: "prod")])
        let request = HookRequest(headers: headers(kind, name), body: bytes)
        return try Hook(kind).outcome(of: request, context)
    }

    @Test(arguments: [HookKind.github, .gitlab])
    func everyHookBecomesWhatTheGoldenFileSays(kind: HookKind) throws {
        var lines: [String] = []
        for (name, bytes) in try files(kind.rawValue) {
            let outcome = HookSamples.json(try outcome(kind, name, bytes))
            let line: JSON = ["file": .string(name), "outcome": outcome]
            lines.append(String(decoding: CanonicalJSON.bytes(line), as: UTF8.self))
        }
        let path = Self.golden.appendingPathComponent("\(kind.rawValue).ndjson")
        if Self.writes {
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: path)
        }
        let expected = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == expected.count)
        for (line, expected) in zip(lines, expected) { #expect(line == expected) }
    }

    @Test func everyFileOfTheVectorsIsTried() throws {
        let count = try ["github", "gitlab"].reduce(0) { try $0 + files($1).count }
        let all = URL(fileURLWithPath: try #require(SharedVectors.folder))
            .appendingPathComponent("webhooks")
        let names = try FileManager.default.subpathsOfDirectory(atPath: all.path)
        #expect(count == names.count { $0.hasSuffix(".json") })
        #expect(count >= 65)
    }

    @Test func noPushAndNoClosedRequestOfGitHubBecomesAMerge() throws {
        for (name, bytes) in try files("github")
        where name.hasPrefix("push/") || name.hasPrefix("pull_request/") {
            guard case .ignored = try outcome(.github, name, bytes) else {
                Issue.record("\(name) is not ignored")
                continue
            }
        }
    }

    @Test func mutatedHooksOfTheVectorsAreRefusedOrRead() throws {
        var random = RandomJSON(generator: SeededGenerator())
        let seed = random.generator.seed
        for kind in [HookKind.github, .gitlab] {
            for (name, bytes) in try files(kind.rawValue) {
                for _ in 0..<5 {
                    do throws(any Error) {
                        _ = try outcome(kind, name, random.mutated(bytes))
                    } catch {
                        let code = (error as? LedgerError)?.code
                        #expect(code == .invalidEvent, "seed \(seed), \(name): \(error)")
                    }
                }
            }
        }
    }
}
