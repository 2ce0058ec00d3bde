import ArgumentParser
import LedgerCore
import LedgerOperations
import LedgerReport

struct Why: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "In an incident: what changed there before, the most suspect first.",
        discussion: """
              ledger why --env prod                      it is happening now
              ledger why --env prod --at 03:10           it began then
              ledger why --env prod --object orders      it is about this table
              ledger why --env prod --tenant acme --window 2d

            Each change has points, which are added up, and the reasons for them: \
            how close it came before (up to 40; 70 if it was under way at that moment), its script \
            touches the object (50), it failed or no end was heard of (30), another script ran \
            than upstream (25), it took many times as long as upstream (20), it is in no merge \
            (20), nobody knows how it ended, it ran in a freeze or was let through a closed gate \
            (15), it failed at first, was taken as applied without being run, or changes \
            permissions or configuration (10). Of as many points, the newest comes first.

            One change on several targets is one row. Without --service all services count: what \
            runs beside may be the cause. With --tenant, so does what ran for no tenant.
            """)

    @Option(
        name: [.customLong("env"), .customLong("environment")],
        help: "Where it happened. [$LEDGER_ENV]")
    var environment: String?

    @Option(help: "When it began: 03:10, 20m (ago), 2026-11-01T03:10; now, if left out.")
    var at: String?

    @Option(help: "How long before that to look: 30m, 6h, 14d.")
    var window = WhyInquiry.usualWindow

    @Option(help: "Only this service; repeatable.") var service: [String] = []
    @Option(help: "Only this tenant, and what ran for no tenant.") var tenant: String?
    @Option(help: "The table, view or other object that it is about: orders, shop.orders.")
    var object: String?

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let configuration = try Configuration.current()
        guard let name = try Setting.value(environment, "--env", "LEDGER_ENV") else {
            throw LedgerError(
                .usage, "it is not said where it happened", advice: "give --env, such as prod")
        }
        var inquiry = WhyInquiry(environment: configuration.environment(name))
        let now = Now.timestamp
        inquiry.at = try at.map { text throws(LedgerError) in
            try TimeBounds.past(text, option: "--at", now: now, local: output.local)
        }
        inquiry.window = window
        inquiry.services = try Setting.values(service, "--service")
        inquiry.tenant = try Setting.value(tenant, "--tenant")
        inquiry.object = try Setting.value(object, "--object")
        let reply = try await ledger.view().reply(to: inquiry)
        let bounds = TimeBounds(since: reply.since, until: reply.until)
        let until = inquiry.at == nil ? reply.until : now
        Terminal.note(
            "\(inquiry.environment) \(bounds.words(local: output.local, now: until))")
        for note in reply.notes { Terminal.note("note: \(note)") }
        if let format = output.recordFormat {
            try SuspectRow.write(reply.rows, as: format, to: output.output)
        } else {
            try SuspectTable.write(reply.rows, output.appearance, to: output.output)
        }
        if reply.rows.isEmpty {
            Terminal.note(nothing(reply, in: inquiry))
        } else if output.recordFormat == nil {
            Terminal.note(SuspectTable.closingLine(reply.rows))
        }
    }

    /// That nothing changed, what was the last before, and how to see it.
    private func nothing(_ reply: WhyReply, in inquiry: WhyInquiry) -> String {
        let place = ([inquiry.environment] + inquiry.services + [inquiry.tenant].compactMap(\.self))
            .joined(separator: ", ")
        guard let last = reply.last else {
            return "nothing changed in \(place), then or before, as far as the ledger knows"
        }
        let what = [last.service, last.name].compactMap(\.self).joined(separator: ":")
        let hours = (reply.until.milliseconds - last.at.milliseconds) / 3_600_000 + 1
        let window = hours < 48 ? "\(hours)h" : "\(hours / 24 + 1)d"
        let flags =
            [("--at", at), ("--tenant", tenant)].compactMap { flag, value in
                value.map { " \(flag) \(ShellText.quoted($0))" }
            } + inquiry.services.map { " --service \(ShellText.quoted($0))" }
        return """
            nothing changed in \(place) in these \(self.window); the last before was \(what) at \
            \(output.local.text(of: last.at, to: .minutes)) (#\(last.index))
            ledger why --env \(inquiry.environment)\(flags.joined()) --window \(window)
            """
    }
}
