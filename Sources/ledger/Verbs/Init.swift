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
        var random = SecureRandom()
        let log = log ?? "local/" + Self.hex(random.bytes(8))
        try LocalLedger.create(at: path, log: log)
        try Output.line("\(path): a new ledger, \(log)")
    }

    private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
        var digits: [UInt8] = []
        Hexadecimal.append(bytes, to: &digits)
        return String(decoding: digits, as: UTF8.self)
    }
}
