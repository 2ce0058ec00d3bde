import Foundation
import Hummingbird
import LedgerCore
import LedgerOperations
import TestSupport
import Testing

@testable import LedgerService

@Suite struct OpenAPIDocumentTests {
    @Test func whatIsMadeOfOtherSchemasSaysWhatTheySay() throws {
        let text = try OpenAPIDocument.text()
        let end = try #require(text.range(of: OpenAPIDocument.mark)).upperBound
        let made = try OpenAPIDocument.made()
        if ProcessInfo.processInfo.environment["LEDGER_WRITE_OPENAPI"] != nil {
            let whole = text[..<end] + made
            try Data(whole.utf8).write(to: URL(fileURLWithPath: OpenAPIDocument.path))
        } else {
            #expect(text[end...] == made)
        }
    }

    @Test func everyRouteIsDescribedAndEveryDescribedRouteIsThere() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("ledger.db")
        try LocalLedger.create(at: path, log: "local/test")
        let server = try LedgerServer(
            ServiceSettings(ledger: path), principal: Principal(kind: .local, id: "0"))
        let workers = Workers(threadCount: 1)
        let routes = server.router(workers, workers, Drain()).routes.map { route in
            let path = route.path.description.split(separator: "/").map { part in
                part.hasPrefix(":") ? "{\(part.dropFirst())}" : String(part)
            }
            return "\(route.method) /\(path.joined(separator: "/"))"
        }
        await workers.stop()
        #expect(Set(routes).subtracting(try OpenAPIDocument.operations()) == [])
        #expect(try OpenAPIDocument.operations().subtracting(routes) == [])
    }

    @Test func everyErrorCodeOfAProblemIsListed() throws {
        let components = try #require(try OpenAPIDocument.content()["components"] as? [String: Any])
        let schemas = try #require(components["schemas"] as? [String: [String: Any]])
        let members = try #require(schemas["Problem"]?["properties"] as? [String: [String: Any]])
        let codes = try #require(members["code"]?["enum"] as? [String])
        #expect(codes == LedgerError.Code.allCases.map(\.rawValue).sorted())
    }
}
