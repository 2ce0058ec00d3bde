import ArgumentParser
import LedgerCore
import LedgerOperations

struct Redact: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redact",
        abstract: "Erase private values of entries for ever.",
        discussion: """
            An entry's private values stand apart from what is hashed: they can go, and the ledger \
            verifies as before. That they were erased, by whom and why, is an entry. What can't go \
            are public members and digests, and what others have copied: backups, exports, \
            receipts.

              ledger redact 1234 --member actor -m 'erasure request 12'
              ledger redact 1234 1240 --member message --member attachment:output \\
                -m 'a password stood in it'

            Members are actor, author, requestor, tester, executed_as, title, message, reason, \
            error, command, host, principal_name, person, alias, attachment:script, \
            attachment:rollback_script and attachment:NAME: ledger show lists those of an entry. \
            An attachment's bytes go when no other entry names them.
            """)

    @Argument(help: "The entries.") var indexes: [Int64]
    @Option(
        name: .customLong("member"),
        help: ArgumentHelp("What of them to erase; repeatable.", valueName: "name"))
    var members: [String]
    @Flag(name: .customLong("json"), help: "Print JSON.") var isJSON = false
    @OptionGroup var why: ErasureFlags
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let request = RedactionRequest(
            indexes: indexes, members: try Setting.values(members, "--member"),
            why: try why.given())
        let redaction = try await ledger.withWriter { try await $0.redact(request) }
        try redaction.report(asJSON: isJSON)
    }
}

extension Redaction {
    /// Prints the receipts, says what stays, and fails if old pages do.
    func report(asJSON isJSON: Bool) throws {
        if isJSON {
            try Output.json(.object(json))
        } else {
            for receipt in receipts { try Output.line(receipt.text) }
        }
        Terminal.note(
            "erased \(memberCount) \(memberCount == 1 ? "value" : "values") of \(entryCount) "
                + "\(entryCount == 1 ? "entry" : "entries")")
        for bytes in kept {
            let references = bytes.references
            let shown = references.prefix(8).map { "#\($0.index) as \($0.member)" }
            let more = references.count > 8 ? " and \(references.count - 8) more" : ""
            Terminal.note(
                "the bytes \(bytes.digest) stay, since they are also of "
                    + shown.joined(separator: ", ") + more)
        }
        for other in siblings {
            Terminal.note(
                "note: \(VisibleName.of(other.member)) stands in #\(other.index) too, which is of "
                    + "the same deployment")
        }
        guard let leftover else { return }
        throw LedgerError(
            leftover.code, leftover.message,
            advice: "the values are erased and that is recorded; when nobody reads the ledger any "
                + "more, run the same command again", cause: leftover)
    }
}
