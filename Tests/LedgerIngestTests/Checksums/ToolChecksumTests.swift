import Foundation
import TestSupport
import Testing

@testable import LedgerIngest

/// Checksums that tools keep, computed from scripts.
@Suite struct ToolChecksumTests {
    @Test(arguments: ToolChecksum.rules.map { $0.tool })
    func examplesHaveTheirChecksums(_ tool: MigrationTool) throws {
        let rule = try #require(ToolChecksum.rules.first { $0.tool == tool })
        #expect(!rule.examples.isEmpty)
        for example in rule.examples {
            let checksums = ToolChecksum.of(
                example.script, tool: tool, change: example.change, folder: example.folder)
            #expect(checksums == example.checksums)
            for checksum in checksums + [example.other.checksum] {
                let match = ToolChecksum.match(
                    checksum, example.script, tool: tool, change: example.change,
                    folder: example.folder)
                let isOwn = checksum != example.other.checksum
                #expect(match == (isOwn ? .same : example.other.match), "\(checksum)")
            }
            #expect(ToolChecksum.match(nil, example.script, tool: tool) == .unknown)
        }
    }

    @Test func aToolWithoutChecksumsTellsNothing() {
        let script = ToolScript(path: "db/1_a.up.sql", bytes: [])
        #expect(ToolChecksum.of(script, tool: .golangMigrate).isEmpty)
        #expect(ToolChecksum.match("1", script, tool: .golangMigrate) == .unknown)
    }

    /// flyway/flyway, ChecksumCalculator.java: "encoding and line-ending independent".
    @Test func flywayTakesNoNoteOfLineEnds() {
        let texts = ["a\nb\n", "a\r\nb\r\n", "a\rb", "\u{FEFF}a\nb", "\na\n\n\nb\n"]
        let checksums = texts.map { flyway("V1__a.sql", Array($0.utf8)) }
        #expect(Set(checksums).count == 1)
        #expect(checksums[0] != flyway("V1__a.sql", Array("a b".utf8)))
        let latin1 = ToolScript(path: "V1__a.sql", bytes: [0x27, 0xFC, 0x27])
        #expect(ToolChecksum.match("5", latin1, tool: .flyway) == .unknown)
    }

    private func flyway(_ path: String, _ bytes: [UInt8]) -> [String] {
        ToolChecksum.of(ToolScript(path: path, bytes: bytes), tool: .flyway)
    }

    /// From Prisma's own tests: scripts whose line ends alone are others are the same.
    @Test func prismaTakesLineEndsForTheSame() throws {
        let (unix, windows) = ("ab\ncd\ngh\rab\n", "ab\r\ncd\r\ngh\rab\r\n")
        for (text, other) in [(unix, windows), (windows, unix)] {
            let script = ToolScript(path: "m/1_a/migration.sql", bytes: Array(text.utf8))
            let checksum = try #require(
                ToolChecksum.of(
                    ToolScript(path: "m/1_a/migration.sql", bytes: Array(other.utf8)),
                    tool: .prisma
                ).first)
            #expect(ToolChecksum.match(checksum, script, tool: .prisma) == .same)
        }
    }

    @Test func gitBlobsHaveTheirNames() throws {
        for example in GitBlobID.examples {
            #expect(GitBlobID.sha1(Array(example.text.utf8)) == example.id)
        }
        // `git hash-object` in a repository of SHA-256.
        #expect(
            GitBlobID.sha256([])
                == "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813")
        var generator = SeededGenerator()
        let bytes = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let git = try Shell.execute("git", ["hash-object", "--stdin"], input: Data(bytes))
        #expect(git.standardOutput == (GitBlobID.sha1(bytes) ?? "") + "\n", "\(generator.seed)")
    }

    /// Whatever a file holds, it has checksums or has none; nothing traps.
    @Test func garbageHasChecksumsOrNone() {
        var generator = SeededGenerator()
        let words = [
            "--liquibase formatted sql", "--changeset ", "ann:1", "\"", ":", "\n", "\r", "\r\n",
            " ",
            "--ignoreLines:", "9", "start", "/* liquibase rollback", "*/", "%project=x", "[", "]",
            "2026-01-02T03:04:05Z", "<a@b.c>", "#", "\\", "h1:", "atlas:sum ignore", "é", "$", "{",
            "\u{2028}", "%uri=http://A:80", "@", "+", "!", "endDelimiter:", "splitStatements:",
        ]
        for _ in 0..<3000 {
            var bytes: [UInt8] = Bool.random(using: &generator) ? ScriptText.byteOrderMark : []
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                bytes += (words.randomElement(using: &generator) ?? "").utf8
            }
            if Int.random(in: 0...5, using: &generator) == 0 {
                bytes.append(UInt8.random(in: 0x80...0xFF, using: &generator))
            }
            let script = ToolScript(path: "deploy/1_a.sql", bytes: bytes)
            for tool in MigrationTool.allCases {
                let checksums = ToolChecksum.of(script, tool: tool, folder: [script])
                #expect(
                    checksums.allSatisfy {
                        ToolChecksum.match($0, script, tool: tool, folder: [script]) == .same
                    }, "\(tool) \(generator.seed)")
            }
            if let sum = AtlasSum(file: bytes) { #expect(AtlasSum(file: sum.file) == sum) }
            let plan = SqitchPlan(bytes)
            #expect(plan?.changes.allSatisfy { $0.id.utf8.count == 40 } ?? true)
        }
    }
}
