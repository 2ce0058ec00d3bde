import Foundation
import TestSupport
import Testing

/// A ledger that the built command serves on a port of its own.
final class RunningService {
    let ledger: BuiltLedger
    private(set) var url = ""
    private let process: Process

    init(_ arguments: String...) throws {
        ledger = try BuiltLedger()
        process = try ledger.start(
            ["serve", "--listen", "127.0.0.1:0"] + arguments,
            output: ledger.folder.file("serve.log"))
        url = try waitFor("the service says where it listens") { [ledger] in
            let log = try String(contentsOfFile: ledger.folder.file("serve.log"), encoding: .utf8)
            return log.firstMatch(of: /ledger: serving .* at (http\S+)\n/).map { String($0.1) }
        }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    func token(_ role: String) throws -> String {
        let output = try ledger.output("token", "create", "--role", role)
        return output.trimmingCharacters(in: .newlines)
    }

    /// Ends it as an operator would, and expects that it ends well.
    func end() throws {
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 0)
    }
}

/// Looks again until there is something, for at most a minute.
@discardableResult
func waitFor<Value>(_ what: String, _ look: () throws -> Value?) throws -> Value {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if let value = try look() { return value }
        usleep(10_000)
    }
    throw NeverCame(what: what)
}

private struct NeverCame: Error {
    let what: String
}
