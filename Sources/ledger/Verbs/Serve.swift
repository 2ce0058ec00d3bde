import ArgumentParser
import Glibc
import LedgerCore
import LedgerOperations
import LedgerService

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve a ledger over HTTP, for pipelines, forges and people.",
        discussion: """
            Listens on this machine alone unless told otherwise. Whoever records needs a token \
            (ledger token create); whoever reads too, unless --public-read is given.

              ledger serve --init
              ledger serve --listen 0.0.0.0:8437 --tls-cert chain.pem --tls-key key.pem
              ledger serve --trust-oidc https://token.actions.githubusercontent.com \\
                --oidc-allow 'writer:orders repository=shop/orders ref=refs/heads/main'
              LEDGER_LISTEN=127.0.0.1:9000 ledger serve --ledger /var/lib/ledger/ledger.db
              ledger serve --config /etc/ledger/serve.yaml

            Limits and the webhooks of forges stand in the file that --config names; the README \
            lists its keys.

            SIGTERM ends it once everything that was accepted is recorded and answered; SIGHUP has \
            the certificate read again.
            """)

    @OptionGroup var ledger: LedgerOptions

    @Option(help: ArgumentHelp("Settings in YAML. [$LEDGER_CONFIG]", valueName: "path"))
    var config: String?

    @Flag(name: .customLong("init"), help: "Make the ledger if it isn't there.")
    var makesLedger = false

    @Option(
        help: ArgumentHelp(
            "Where to listen; 127.0.0.1:8437 if left out. [$LEDGER_LISTEN]", valueName: "host:port")
    )
    var listen: String?

    @Option(
        help: ArgumentHelp("The certificate's chain, PEM. [$LEDGER_TLS_CERT]", valueName: "path"))
    var tlsCert: String?
    @Option(help: ArgumentHelp("Its key, PEM. [$LEDGER_TLS_KEY]", valueName: "path"))
    var tlsKey: String?

    @Flag(help: "Whoever reaches it may read what a reader may. [$LEDGER_PUBLIC_READ]")
    var publicRead = false

    @OptionGroup(title: "Identity tokens") var identities: IssuerOptions

    func run() async throws {
        // Before anything is made: the most likely mistake is a rule.
        let issuers = try identities.issuers()
        let file = try Setting.value(config, "--config", "LEDGER_CONFIG").map {
            (path) throws(LedgerError) in try SettingsFile(path) { Environment[$0] }
        }
        for warning in file?.warnings ?? [] { Terminal.note("ledger: \(warning)") }
        var settings = file?.settings ?? ServiceSettings(ledger: "")
        let path = try ledger.path(
            configured: settings.ledger.isEmpty ? nil : settings.ledger)
        let isNew = makesLedger && access(path, F_OK) != 0
        if isNew { try LocalLedger.create(at: path, log: Init.newLogName()) }
        settings.ledger = path
        if let listen = try Setting.value(listen, "--listen", "LEDGER_LISTEN") {
            try settings.setListen(listen)
        }
        if let path = try Setting.value(tlsCert, "--tls-cert", "LEDGER_TLS_CERT") {
            settings.certificate = path
        }
        if let path = try Setting.value(tlsKey, "--tls-key", "LEDGER_TLS_KEY") {
            settings.key = path
        }
        if publicRead {
            settings.isReadingPublic = true
        } else if let value = try Setting.value(nil, "", "LEDGER_PUBLIC_READ") {
            settings.isReadingPublic = try Question.truth("LEDGER_PUBLIC_READ", value)
        }
        settings.issuers += issuers
        try IssuerSettings.check(settings.issuers)
        let hasTokens = try !TokenBook.tokens(at: path).isEmpty
        let server = try LedgerServer(settings, principal: LocalUser.principal)
        try await server.run { url in
            Terminal.note("ledger: serving \(path) at \(url)")
            if !hasTokens { Terminal.note(Self.firstEvent(url, path)) }
        }
    }

    /// How to post a first event, word for word.
    private static func firstEvent(_ url: String, _ path: String) -> String {
        """
        Nobody has a token yet. In another terminal:

          TOKEN=$(ledger token create --role writer --name 'first pipeline' --ledger \(ShellText.quoted(path)))
          curl -s \(url)/v1/events -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
            -d '{"service":"orders","environment":"dev","change":{"id":"1"},"deployment":{"status":"succeeded"}}'

        and see it with: ledger query --ledger \(ShellText.quoted(path))
        """
    }
}
