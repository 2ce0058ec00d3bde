import ArgumentParser
import LedgerCore
import LedgerCrypto
import LedgerOperations

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a new ledger.",
        discussion: """
              ledger init
              ledger init --ledger changes.db --log ledger.example.com/changes
            """)

    @OptionGroup var ledger: LedgerOptions

    @Option(help: "The log's name, which never changes; local/ and 16 random digits if left out.")
    var log: String?

    func run() throws {
        let path = try ledger.path()
        let log = log ?? Self.newLogName()
        try LocalLedger.create(at: path, log: log)
        try Output.line("\(path): a new ledger, \(log)")
    }

    /// `local/` and 16 random digits.
    static func newLogName() -> String {
        var random = SecureRandom()
        var digits: [UInt8] = []
        Hexadecimal.append(random.bytes(8), to: &digits)
        return "local/" + String(decoding: digits, as: UTF8.self)
    }
}
