import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerOperations
import LedgerReport

struct HoldVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Matters for which nothing may be erased or archived.",
        discussion: """
              ledger hold add case-14 --service orders -m 'dispute with a customer'
              ledger hold list
              ledger hold lift case-14 -m 'settled'
            """,
        subcommands: [HoldAdd.self, HoldList.self, HoldLift.self])
}

struct HoldAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Stop erasing and archiving for a matter.",
        discussion: """
            Without flags it holds everything. A matter's name is public, and stays.

              ledger hold add case-14 -m 'dispute with a customer'
              ledger hold add case-15 --service orders --env prod -m 'audit'
              ledger hold add case-16 --person alice@example.com -m 'claim'
            """)

    @Argument(help: "What it is for: a name, such as a case's number.") var matter: String
    @Option(help: "Holds only entries of this service.") var service: String?
    @Option(
        name: [.customLong("env"), .customLong("environment")],
        help: "Holds only entries of this environment.")
    var environment: String?
    @Option(help: "Holds only entries that name this person.") var person: String?
    @OptionGroup var why: ErasureFlags
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let request = HoldRequest(
            matter: matter, service: try Setting.value(service, "--service"),
            environment: try Setting.value(environment, "--env").map(
                Configuration.current().environment),
            person: try Setting.value(person, "--person"), why: try why.given())
        let receipt = try await ledger.withWriter { try await $0.hold(request) }
        Output.receipt(receipt)
    }
}

struct HoldList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The holds that stand.",
        discussion: """
              ledger hold list
            """)

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let holds = try await ledger.view().reply(to: HoldInquiry()).rows
        if let format = output.recordFormat {
            return try Hold.write(holds, as: format, to: output.output)
        }
        try HoldTable.write(holds, output.appearance, to: output.output)
        if holds.isEmpty { Terminal.note("nothing is held") }
    }
}

struct HoldLift: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lift",
        abstract: "End a hold.",
        discussion: """
              ledger hold lift case-14 -m 'settled'
            """)

    @Argument(help: "The matter.") var matter: String
    @OptionGroup var why: ErasureFlags
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let request = HoldRequest(matter: matter, why: try why.given(), isLifted: true)
        let receipt = try await ledger.withWriter { try await $0.hold(request) }
        Output.receipt(receipt)
    }
}

/// Why something is erased or held, and at whose word.
struct ErasureFlags: ParsableArguments {
    @Option(name: [.customLong("reason"), .customShort("m")], help: "Why.") var reason: String?
    @Option(help: "Who does it, if it isn't you. [$LEDGER_ACTOR]") var actor: String?

    func given() throws(LedgerError) -> ErasureReason {
        try ErasureReason(
            reason, actor: Setting.value(actor, "--actor", "LEDGER_ACTOR") ?? LocalUser.name)
    }
}
