import ArgumentParser
import LedgerCore
import LedgerIngest
import LedgerOperations

struct ImportGitHub: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "github",
        abstract: "Take in pull requests of the past with their reviews.",
        discussion: """
            From what gh prints, or the API's lists of pulls and of reviews. An approval or merge \
            that a webhook told before is not recorded again.

              gh pr list --state merged --limit 1000 --json number,title,\\
            author,mergedAt,mergedBy,mergeCommit,url,reviews,files,\\
            headRefOid,headRefName,baseRefName,body > pulls.json
              ledger import github pulls.json --service orders
            """)

    @OptionGroup var report: ReportOptions
    @OptionGroup var requests: RequestFlags
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        try await requests.take(.github, report, ledger)
    }
}

struct ImportGitLab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gitlab",
        abstract: "Take in merge requests of the past with their approvals.",
        discussion: """
            From what the API gives: merge requests, and answers about approvals among them. An \
            approval or merge that a webhook told before is not recorded again.

              glab api 'projects/3/merge_requests?state=merged' > requests.json
              glab api projects/3/merge_requests/12/approvals >> requests.json
              ledger import gitlab requests.json --service orders
            """)

    @OptionGroup var report: ReportOptions
    @OptionGroup var requests: RequestFlags
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        try await requests.take(.gitlab, report, ledger)
    }
}

/// What pull and merge requests have in common.
struct RequestFlags: ParsableArguments {
    @Option(help: ArgumentHelp("The repository, if the file doesn't say it.", valueName: "url"))
    var repository: String?

    @Option(help: ArgumentHelp("How a title or branch gives a ticket.", valueName: "regex"))
    var ticketPattern: String?

    func take(
        _ forge: HookKind, _ report: ReportOptions, _ ledger: LedgerOptions
    ) async throws {
        let scripts = try report.scripts(try Configuration.current())
        let bytes = try report.bytes()
        let repository = try Setting.value(repository, "--repository")
        let made = try report.reading { () throws(LedgerError) in
            try RequestImport(
                from: forge, bytes, scripts: scripts, repository: repository,
                ticketPattern: ticketPattern)
        }
        try await TakenReport.record(
            made.events, source: "import " + forge.rawValue, made.remarks, in: ledger)
    }
}

struct ImportTicket: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ticket",
        abstract: "Take in tickets: who asked, who approved, and why.",
        discussion: """
            From what Jira's search, gh, or the APIs of GitHub and GitLab give. Each becomes a \
            note, which ledger query --type note --ticket KEY finds. A ticket that has changed \
            becomes another.

              curl -u me "$JIRA/rest/api/2/search?jql=...&expand=changelog" | \\
                ledger import ticket -
              gh issue list --json number,title,author,body,url,labels,state,\\
            createdAt,updatedAt | ledger import ticket -
              ledger import ticket tickets.json --service orders
            """)

    @OptionGroup var report: ReportOptions
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let scripts = try report.scripts(try Configuration.current())
        let bytes = try report.bytes()
        let made = try report.reading { () throws(LedgerError) in
            try TicketImport(bytes, scripts: scripts)
        }
        try await TakenReport.record(made.events, source: "import ticket", made.remarks, in: ledger)
    }
}
