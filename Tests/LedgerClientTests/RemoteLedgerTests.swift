import Foundation
import LedgerCore
import LedgerCrypto
import LedgerOperations
import LedgerReport
import TestSupport
import Testing

@testable import LedgerClient

/// What a server does wrong becomes one clear error.
@Suite struct RemoteLedgerTests {
    private static let secret = "ledger_0123456789ab_secret"

    private func ledger(
        _ server: FaultyServer, milliseconds: Int64? = nil
    ) throws -> RemoteLedger {
        var settings = try RemoteSettings(
            url: server.url, variables: ["LEDGER_TOKEN": Self.secret])
        if let milliseconds {
            settings.limits.answerMilliseconds = milliseconds
            settings.limits.idleMilliseconds = milliseconds
        }
        return RemoteLedger(settings)
    }

    private func error(
        _ behaviour: FaultyServer.Behaviour, milliseconds: Int64? = nil,
        of ask: (RemoteLedger) async throws -> Void
    ) async throws -> LedgerError {
        let server = try FaultyServer(behaviour)
        let ledger = try ledger(server, milliseconds: milliseconds)
        do {
            try await ask(ledger)
        } catch {
            await ledger.close()
            let error = try #require(error as? LedgerError)
            #expect(!error.description.contains(Self.secret))
            return error
        }
        throw LedgerError(.internal, "there was no error")
    }

    private func rows(_ format: RecordFormat) -> (RemoteLedger) async throws -> Void {
        { ledger in
            try await ledger.writeRows(
                matching: EntryQuery(), as: format, to: BufferedOutput { _ in })
        }
    }

    @Test func silenceHasItsTime() async throws {
        for behaviour in [
            FaultyServer.Behaviour.hangs,
            .drips(FaultyServer.response("200 OK", "application/json", "{}"), milliseconds: 50),
        ] {
            let error = try await error(behaviour, milliseconds: 400) { _ = try await $0.head() }
            #expect(error.code == .io)
            #expect(error.message.contains("did not answer in 0.4 s"))
            #expect(error.message.contains("http://127.0.0.1:"))
        }
    }

    @Test func aStreamThatStopsHasItsTimeToo() async throws {
        // Whole and good as far as it goes, and then nothing.
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 100\r\n\r\n"
        let error = try await error(
            .stalls(head + "index\r\n"), milliseconds: 400, of: rows(.csv))
        #expect(error.code == .io)
        #expect(error.message.contains("did not answer in 0.4 s"), "\(error)")
    }

    @Test func nonsenseIsToldApart() async throws {
        let answers: [(String, String)] = [
            (FaultyServer.response("200 OK", "text/html", "<html>"), "text/html"),
            (FaultyServer.response("200 OK", "application/json", "[]"), "no JSON object"),
            (FaultyServer.response("200 OK", "application/json", "{"), "no JSON object"),
            (FaultyServer.response("200 OK", "application/json", "{\"v\":1}"), "members"),
            (FaultyServer.response("200 OK", "application/json", "{}", length: 9), "closed"),
            (FaultyServer.response("404 No", "text/html", "<html>"), "HTTP status 404"),
            (FaultyServer.response("302 Found", "text/html", ""), "sends us elsewhere"),
            (FaultyServer.response("500 No", "application/problem+json", "{}"), "HTTP status 500"),
            ("SSH-2.0-OpenSSH\r\n", "does not answer as a ledger"),
        ]
        for (answer, words) in answers {
            let error = try await error(.answers(answer)) { _ = try await $0.head() }
            #expect(error.code == .io, "\(answer)")
            #expect(error.message.contains(words), "\(answer): \(error)")
        }
    }

    @Test func aListThatIsCutOffIsNoList() async throws {
        let row = "{\"at\":\"2026-11-01T00:00:00.000Z\""
        for (format, type, body) in [
            (RecordFormat.ndjson, "application/x-ndjson", row),
            (.json, "application/x-ndjson", row), (.csv, "text/csv", "index,first"),
            (.csv, "text/csv", ""), (.csv, "application/x-ndjson", "index\r\n"),
        ] {
            let answer = FaultyServer.response("200 OK", type, body)
            let error = try await error(.answers(answer), of: rows(format))
            #expect(error.code == .io)
            #expect(error.message.contains("does not answer as a ledger"), "\(error)")
        }
        let chunked =
            "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "7\r\nindex\r\n\r\n"
        #expect(try await error(.answers(chunked), of: rows(.csv)).message.contains("closed"))
    }

    @Test func aProblemKeepsItsCodeAndItsWords() async throws {
        for code in LedgerError.Code.allCases {
            let answer = FaultyServer.problem(400, code.rawValue, "so it is")
            let error = try await error(.answers(answer)) { _ = try await $0.head() }
            #expect(error.code == code)
            #expect(error.message == "so it is")
            #expect(error.advice == "do better")
        }
    }

    @Test func aServerThatIsAwayOrUnknownIsNamed() async throws {
        let away = try FaultyServer(isAway: true)
        let ledger = try ledger(away)
        await #expect { _ = try await ledger.head() } throws: { error in
            "\(error)".contains("can't reach \(away.url): Connection refused")
        }
        let unknown = RemoteLedger(
            try RemoteSettings(url: "http://no-such-host.invalid", variables: [:]))
        await #expect { _ = try await unknown.head() } throws: { error in
            "\(error)".contains("http://no-such-host.invalid")
                && (error as? LedgerError)?.code == .io
        }
        for ledger in [ledger, unknown] { await ledger.close() }
    }

    @Test func whatIsSafeIsAskedOnceMoreAndNothingElse() async throws {
        let server = try FaultyServer(.closes)
        let ledger = try ledger(server)
        await #expect(throws: LedgerError.self) { _ = try await ledger.head() }
        #expect(server.requests.count == 2)
        let event = try EventReader.read(
            Array(#"{"type":"note","title":"hello","id":"e1","source":"s"}"#.utf8))
        await #expect(throws: LedgerError.self) {
            _ = try await ledger.record([event], source: "cli")
        }
        #expect(server.requests.count == 4)
        #expect(server.requests[2].hasPrefix("POST /v1/events HTTP/1.1\r\n"))
        await #expect(throws: LedgerError.self) {
            _ = try await ledger.createToken(TokenRequest(role: .admin))
        }
        await #expect(throws: LedgerError.self) { _ = try await ledger.revokeToken("tok_/..") }
        #expect(server.requests.count == 6)
        #expect(server.requests[5].hasPrefix("DELETE /v1/tokens/tok_%2F%2E%2E HTTP/1.1\r\n"))
        await ledger.close()
    }

    @Test func anAttachmentWithOtherBytesIsRefused() async throws {
        let answer = FaultyServer.response("200 OK", "application/octet-stream", "SELECT 2;")
        let digest = SHA256.hash(Array("SELECT 1;".utf8))
        let error = try await error(.answers(answer)) { _ = try await $0.attachment(digest) }
        #expect(error.message.contains("another digest"))
    }

    @Test func urlsAndTokensAreCheckedBeforeAnythingIsSent() throws {
        let token = ["LEDGER_TOKEN": "abc"]
        for url in [
            "http://", "http:///x", "http://:80", "http://a:b", "http://a:0", "http://a:70000",
            "https://ex ample.com", "http://[::1", "http://[::1]x",
        ] {
            #expect(throws: LedgerError.self, "\(url)") {
                try RemoteSettings(url: url, variables: [:])
            }
        }
        for url in [
            "http://localhost:1", "http://127.0.0.1", "http://127.9.9.9:80/x", "http://[::1]:80",
            "https://ledger.example.com", "https://10.0.0.1/ledger",
        ] {
            #expect(throws: Never.self, "\(url)") { try RemoteSettings(url: url, variables: token) }
        }
        for url in ["http://a.example.com", "http://127.0.0.1.example.com", "http://127.1"] {
            #expect(throws: LedgerError.self, "\(url)") {
                try RemoteSettings(url: url, variables: token)
            }
            #expect(throws: Never.self) { try RemoteSettings(url: url, variables: [:]) }
            #expect(throws: Never.self) {
                try RemoteSettings(
                    url: url, variables: ["LEDGER_TOKEN": "a", "LEDGER_INSECURE": "1"])
            }
        }
        for bad in ["a b", "a\nb", "a\u{0}", "é"] {
            #expect {
                try RemoteSettings(url: "https://a", variables: ["LEDGER_TOKEN": bad])
            } throws: { error in !"\(error)".contains(bad) }
        }
        let settings = try RemoteSettings(url: "https://a", variables: ["LEDGER_TOKEN": "abc\n"])
        #expect(settings.token == "abc")
        for url in ["https://u:p@a", "https://a?x=1", "https://a/#b", "ftp://a"] {
            #expect(throws: LedgerError.self) { try LedgerAddress(url) }
        }
        #expect(try LedgerAddress("https://a/b//") == .server("https://a/b"))
    }
}
