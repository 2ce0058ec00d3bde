import ArgumentParser
import Glibc
import LedgerCore

@main
enum Main {
    static func main() async {
        // A full disk or a closed pipe is an error to report, not a reason to die half-way.
        survive(SIGXFSZ)
        survive(SIGPIPE)
        keepStandardStreams()
        do {
            var command = try LedgerCommand.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            await Servers.close()
        } catch let error as LedgerError where error.cause is Output.Closed {
            exit(0)
        } catch let error as LedgerError {
            Failure.report(error)
            exit(Failure.status(of: error.code))
        } catch Output.Closed.closed {
            // Who reads our output has seen enough, as `head` does.
            exit(0)
        } catch {
            LedgerCommand.exit(withError: error)
        }
    }
}

extension Main {
    /// A stream that was closed must not become the ledger's file: what is written to it fails.
    private static func keepStandardStreams() {
        for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 {
            _ = open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// A handler rather than SIG_IGN, which a command that we run would inherit. What was ignored
    /// when we started stays ignored.
    private static func survive(_ number: Int32) {
        let before = signal(number, SIG_IGN)
        if unsafeBitCast(before, to: Int.self) != 1 { signal(number) { _ in } }
    }
}

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "What changed in which database, when, and by whom.",
        discussion: """
            Keeps every deployment of a database change in an append-only, hash-chained file, and \
            answers from it.

              ledger init                              make a ledger, ./ledger.db
              ledger run --service orders --env prod -- \\
                sqlite3 -bail app.db '.read V42.sql'   run a change and record it
              ledger query --env prod --since 7d       what changed in Prod this week
              ledger status                            where every change stands
              ledger show orders:V42                   the story of one change
              ledger why --env prod                    what changed before an incident
              ledger verify                            prove that nothing was altered

            The ledger is named by --ledger, $LEDGER or ledger.yaml; else it is ./ledger.db. \
            Exits with 0 if done, 1 if it failed, 4 if not allowed, 5 if the ledger does not \
            verify, and 64 for wrong flags; ledger run exits as its command did.
            """,
        version: Program.version, subcommands: verbs(named: CommandLine.arguments.dropFirst().first)
    )

    /// The verb of this name alone, since preparing all of them takes longer than most answers; all,
    /// if there is none: for help, completions and "did you mean".
    private static func verbs(named name: String?) -> [any ParsableCommand.Type] {
        if name == "--version" { return [] }
        let all: [any ParsableCommand.Type] = [
            Init.self, Record.self, Run.self, Import.self, Reconcile.self, Rollback.self,
            Correct.self,
            PathVerb.self, LinkVerb.self, PersonVerb.self, HookVerb.self,
            TargetVerb.self, ConfigVerb.self, Query.self, StatusVerb.self, Diff.self, Check.self,
            Acknowledge.self, GateVerb.self, FreezeVerb.self, Why.self, Log.self, Show.self,
            Verify.self,
            ExportVerb.self, SampleVerb.self, HeadVerb.self, Info.self, SpoolVerb.self,
            Reindex.self, Backup.self, Redact.self, Forget.self, HoldVerb.self, SubjectVerb.self,
            ArchiveVerb.self, Serve.self,
            Token.self,
        ]
        let named = all.first { $0.configuration.commandName == name && name != nil }
        return named.map { [$0] } ?? all
    }
}
