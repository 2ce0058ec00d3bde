import ArgumentParser
import LedgerCore
import LedgerOperations
import LedgerReport

struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Who may use the ledger over HTTP.",
        discussion: """
            A token is shown once; the ledger keeps its digest. Creating and revoking are entries.

              ledger token create --role writer --service orders --env prod
              ledger token list
              ledger token revoke tok_0c4b8e55a1d2
            """,
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a token, and print it.",
        discussion: """
              writer   records events, and reads what recording needs
              reader   reads; of private values sees who, and titles and messages
              auditor  reads everything
              admin    everything, tokens too

              ledger token create --role auditor --name 'audit of 2026' --expires 90d
              TOKEN=$(ledger token create --role writer --service orders)
            """)

    @Option(help: "writer, reader, auditor or admin.") var role: String
    @Option(
        name: .customLong("service"),
        help: "The services that it may write for; repeatable; all if left out.")
    var services: [String] = []
    @Option(
        name: [.customLong("env"), .customLong("environment")],
        help: "The environments that it may write for; repeatable; all if left out.")
    var environments: [String] = []
    @Option(
        name: .customLong("source"),
        help: ArgumentHelp(
            "How the sources that it may name begin, in whole words; repeatable; all if left out.",
            valueName: "prefix"))
    var sources: [String] = []
    @Option(help: "Until when it is valid: 90d from now, or a time; for ever if left out.")
    var expires: String?
    @Option(help: "What it is for.") var name: String?
    @Flag(name: .customLong("json"), help: "Print the token, its id and the receipt as JSON.")
    var isJSON = false
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let configuration = try Configuration.current()
        guard let role = Role(rawValue: role) else {
            throw LedgerError(
                .usage, "--role \(role) is not known",
                advice: Suggestion.advice(for: role, among: Role.allCases.map(\.rawValue)))
        }
        let scope = WriteScope(
            services: services, environments: environments.map(configuration.environment),
            sources: sources)
        let request = TokenRequest(
            role: role, scope: scope, name: try Setting.value(name, "--name"),
            expires: try Setting.value(expires, "--expires").map { text throws(LedgerError) in
                try TimeBounds.future(
                    text, option: "--expires", now: Now.timestamp,
                    local: Terminal.local)
            })
        let (secret, id, receipt) = try await ledger.withWriter {
            try await $0.createToken(request)
        }
        if isJSON {
            try Output.json([
                "id": .string(id), "receipt": .object(receipt.json), "token": .string(secret),
                "v": 1,
            ])
        } else {
            try Output.line(secret)
        }
        Terminal.note(
            "\(id), \(role): this is the one time that it is shown; revoke it with "
                + "ledger token revoke \(id)")
        Terminal.note(receipt.text)
    }
}

struct TokenList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the tokens that were ever created.",
        discussion: """
              ledger token list
              ledger token list -o csv
            """)

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let tokens = try await ledger.view().tokens()
        if let format = output.recordFormat {
            var writer = RecordWriter(format, of: TokenTable.definition, to: output.output)
            for token in tokens { try writer.write(token) }
            return try writer.finish()
        }
        if tokens.isEmpty {
            return Terminal.note("there are no tokens yet: ledger token create --help")
        }
        try TokenTable.write(tokens, output.appearance, now: Now.timestamp, to: output.output)
    }
}

struct TokenRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke a token: a second later every server refuses it.",
        discussion: """
              ledger token revoke tok_0c4b8e55a1d2
            """)

    @Argument(help: "The id that token list shows.") var id: String
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let receipt = try await ledger.withWriter { try await $0.revokeToken(id) }
        try Output.line(receipt.text)
    }
}
