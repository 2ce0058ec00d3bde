import Foundation
import LedgerCore
import TestSupport
import Testing

extension BuiltLedger {
    /// Runs the command and gives what it printed; fails the test if it doesn't end with 0.
    @discardableResult
    func output(
        _ arguments: String..., input: String? = nil, environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let result = try Shell.execute(
            Self.executable(), arguments, input: input.map { Data($0.utf8) },
            environment: variables.merging(environment) { $1 }, folder: folder.path)
        #expect(
            result.status == 0, "ledger \(arguments): \(result.standardError)",
            sourceLocation: sourceLocation)
        return result.standardOutput
    }

    /// The rows of `ledger query -o json` with more flags.
    func rows(_ flags: String...) throws -> [JSONObject] {
        let result = try Shell.execute(
            Self.executable(), ["query", "-o", "json"] + flags, environment: variables,
            folder: folder.path)
        #expect(result.status == 0, "\(result.standardError)")
        let document = try JSONReader.read(Array(result.standardOutput.utf8)).object
        return (document?["rows"]?.array ?? []).compactMap(\.object)
    }

    /// Records a deployment and gives back its index.
    @discardableResult
    func deploy(
        _ change: String, environment: String = "prod", tenant: String? = nil,
        status: String = "succeeded"
    ) throws -> Int64 {
        var arguments = [
            "record", "deployment", "--service", "orders", "--env", environment, "--change", change,
            "--status", status, "--json",
        ]
        if let tenant { arguments += ["--tenant", tenant] }
        let result = try Shell.execute(
            Self.executable(), arguments, environment: variables, folder: folder.path)
        let receipt = try JSONReader.read(Array(result.standardOutput.utf8)).object
        return try #require(receipt?["index"]?.integer, "\(result.standardError)")
    }

    /// How many entries there are.
    func count() throws -> Int {
        let lines = try output("log", "-o", "ndjson").split(separator: "\n")
        return lines.count
    }
}

extension Shell.Result {
    /// That it failed in this way and said so.
    func expect(
        _ status: Int32, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(self.status == status, "\(standardError)", sourceLocation: sourceLocation)
        for word in words {
            #expect(standardError.contains(word), sourceLocation: sourceLocation)
        }
    }
}
