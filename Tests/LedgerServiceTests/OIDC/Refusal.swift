import LedgerCore
import Testing

/// The error with which `body` fails; nil, and the test has failed, if it doesn't.
func refusal(
    _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async -> LedgerError? {
    do {
        try await body()
        Issue.record("nothing was refused: \(what)", sourceLocation: sourceLocation)
        return nil
    } catch {
        return LedgerError(wrapping: error)
    }
}

/// That `body` fails because the token isn't good, with these words.
func expectNotAuthenticated(
    _ what: String, _ words: String = "", sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    let error = await refusal(what, sourceLocation: sourceLocation, body)
    let text = error?.description ?? ""
    #expect(error?.code == .notAuthenticated, "\(what): \(text)", sourceLocation: sourceLocation)
    #expect(
        words.isEmpty || text.contains(words), "\(what): \(text)", sourceLocation: sourceLocation)
}

/// That `body` fails because it can't be known whether the token is good.
func expectBusy(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async {
    let error = await refusal(sourceLocation: sourceLocation, body)
    #expect(error?.code == .busy, "\(error?.message ?? "")", sourceLocation: sourceLocation)
}
