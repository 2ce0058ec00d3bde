import Foundation
import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

@testable import LedgerIngest

struct RunScriptTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func readsAFile() throws {
        let path = try folder.write("SELECT 1;", to: "V1__a.sql")
        let script = try RunScript.file(path)
        #expect(script.bytes == Array("SELECT 1;".utf8))
        #expect(script.digest == SHA256.hash(Array("SELECT 1;".utf8)))
        #expect(script.path == path)
    }

    @Test(arguments: [(0, true), (1, false)])
    func keepsTheBytesUpToTheLimit(more: Int, isKept: Bool) throws {
        let text = String(repeating: "x", count: EventSchema.attachmentByteLimit + more)
        let script = try RunScript.file(try folder.write(text, to: "big.sql"))
        #expect((script.bytes != nil) == isKept)
        #expect(script.digest == SHA256.hash(Array(text.utf8)))
    }

    @Test func leavesAPipeAlone() throws {
        let path = folder.file("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        #expect(throws: LedgerError.self) { try RunScript.file(path) }
        #expect(throws: LedgerError.self) { try RunScript.file(folder.file("absent")) }
        #expect(throws: LedgerError.self) { try RunScript.file(folder.path) }
    }

    @Test func readsARedirectedFileFromWhereItStandsWithoutMovingIt() throws {
        let path = try folder.write("skipped\nSELECT 1;", to: "V1__a.sql")
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        lseek(descriptor, 8, SEEK_SET)
        let script = try #require(try RunScript.redirected(descriptor))
        #expect(script.bytes == Array("SELECT 1;".utf8))
        #expect(script.path == path)
        #expect(lseek(descriptor, 0, SEEK_CUR) == 8)
        unlink(path)
        #expect(try RunScript.redirected(descriptor)?.path == nil)
        #expect(try RunScript.redirected(open("/dev/null", O_RDONLY)) == nil)
    }

    @Test func findsAPathInItsRepository() throws {
        let path = try folder.write("x", to: "repository/migrations/V1.sql")
        #expect(RepositoryPath.find(path) == nil)
        try folder.write("", to: "repository/.git/HEAD")
        #expect(RepositoryPath.find(path) == "migrations/V1.sql")
        #expect(RepositoryPath.find(folder.file("absent")) == nil)
    }

    @Test(arguments: [
        ("\u{1B}[31mERROR\u{1B}[0m: x\r\n\n", "ERROR: x"), ("\n\n", ""), ("", ""),
        ("a\u{0}b\tc\nd", "ab\tc\nd"), ("\u{1B}", ""), ("\u{1B}[", ""),
    ])
    func makesPlainTextOfATerminals(text: String, expected: String) {
        #expect(TerminalText.plain(Array(text.utf8)) == expected)
    }

    @Test func encodesBase64AsItIsRead() {
        var generator = SeededGenerator()
        for count in 0..<70 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text = Base64.encode(bytes)
            #expect(text == Data(bytes).base64EncodedString(), "seed \(generator.seed)")
            #expect(Base64.decode(text) == bytes)
        }
    }

    @Test func idsSortInTheOrderInWhichTheyAreMade() {
        let ids = (0..<2000).map { _ in IDMint.shared.next() }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
    }
}
