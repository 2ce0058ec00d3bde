import ArgumentParser
import LedgerCore

struct Correct: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set right what an entry says; the entry itself stays as it is.",
        discussion: """
            Answers use the corrected values from then on, and show that they were corrected.

              ledger correct 1234 --env stage --reason 'the job had the wrong variable'
            """)

    @Argument(help: "The entry's index.") var index: Int64

    @OptionGroup(title: "The right values") var target: TargetFlags

    @Option(help: "The right change.") var change: String?
    @Option(help: "The right ticket.") var ticket: String?
    @Option(help: "The right outcome.") var status: String?
    @Option(help: "The right operation.") var operation: String?
    @Option(help: "When it really happened.") var time: String?
    @Option(name: [.customLong("reason"), .customShort("m")], help: "Why.") var reason: String
    @Option(help: "Who corrects it, if it isn't you. [LEDGER_ACTOR]") var actor: String?

    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func run() async throws {
        guard let stored = try ledger.openToRead().entry(at: index), let bytes = stored.body,
            let body = StoredBody(bytes)
        else {
            throw LedgerError(
                .notFound, "there is no entry #\(index)", advice: "the last one: ledger head")
        }
        if body.event["type"]?.string == EventType.correction.rawValue {
            throw LedgerError(
                .usage, "entry #\(index) is a correction itself",
                advice: "correct the entry that it is about once more")
        }
        let configuration = try Configuration.current()
        var right = JSONObject()
        try target.fillGivenFlags(&right, configuration)
        if let change {
            let service = right["service"]?.string ?? body.event["service"]?.string
            right.setChange(
                try ChangeNames(configuration, service: service).change(named: change))
        }
        right.set(ticket, at: "change", "ticket")
        right.set(status, at: "deployment", "status")
        right.set(operation, at: "deployment", "operation")
        right.set(time, at: "time")
        if right.isEmpty {
            throw LedgerError(.usage, "nothing to correct is given", advice: "see ledger correct --help")
        }
        var event = JSONObject()
        event.set("correction", at: "type")
        event.set([["entry": .integer(index)]], at: "about")
        event.set(.object(right), at: "correction")
        event.set(reason, at: "reason")
        event.set(Now.timestamp.utc, at: "time")
        event.set(
            try Setting.value(actor, "--actor", "LEDGER_ACTOR") ?? LocalUser.name, at: "actor")
        try await receipt.record([try EventReader.event(from: event)], in: ledger)
    }
}
