import ArgumentParser
import LedgerCore
import LedgerIngest
import LedgerOperations
import LedgerReport
import LedgerService

struct ImportGit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "git",
        abstract: "Take in the scripts that merges brought to a branch.",
        discussion: """
            Goes on where the last import stopped. Services and their paths come from the flags or \
            from ledger.yaml.

              ledger import git
              ledger import git ../orders --service orders --paths 'migrations/**'
              ledger import git --branch release --since 90d --direct

            Changes are named as their tool names them (\(MigrationTool.allCases
                .map(\.rawValue).joined(separator: ", "))), or by --change-pattern, a regular \
            expression whose first group is the id: '([0-9]+)_.*\\.sql'.
            """)

    @Argument(help: "The repository's folder, or one in it.") var repository = "."

    @Option(help: "The service whose scripts these are. [$LEDGER_SERVICE]") var service: String?

    @Option(
        help: ArgumentHelp(
            "Where they lie, from the repository's root; repeatable.", valueName: "glob"))
    var paths: [String] = []

    @Option(help: "The tool that runs them.") var tool: String?

    @Option(help: ArgumentHelp("How a path gives a change's id.", valueName: "regex"))
    var changePattern: String?

    @Option(help: ArgumentHelp("How a subject or branch gives a ticket.", valueName: "regex"))
    var ticketPattern: String?

    @Option(help: "The branch; the current one if left out.") var branch: String?

    @Option(help: "Leave out merges before: 90d, 2026-01-01.") var since: String?

    @Flag(help: "Count commits straight on the branch as well as merges.") var direct = false

    @Flag(help: "Read the whole branch again, not only from where the last import stopped.")
    var all = false

    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let configuration = try Configuration.current()
        let git = try GitImport(try options(configuration))
        let view = try ledger.view()
        let known = all ? [] : try await view.lastMerges(source: git.source, ref: git.ref)
        var tally = Tally()
        let progress = ProgressBox("commits read")
        let reading = GitReading(git, known: all ? nil : known) { progress.show(Int64($0.commits)) }
        defer {
            reading.end()
            progress.end()
        }
        try await ledger.withWriter { ledger in
            while let batch = try reading.batches.next() {
                for result in try await ledger.recordEach(batch, source: git.source) {
                    tally.add(try result.get())
                }
            }
        }
        reading.end()
        progress.end()
        for remark in reading.report?.remarks ?? [] { Terminal.note(remark) }
        try tally.report()
    }

    private func options(_ configuration: Configuration) throws(LedgerError) -> GitImportOptions {
        let repository = repository == "." ? configuration.folder ?? "." : repository
        let since = try TimeBounds.read(
            since: since, until: nil, period: nil, now: Now.timestamp,
            local: Terminal.local
        ).since
        return GitImportOptions(
            repository: repository, services: try services(configuration), branch: branch,
            since: since, isDirectIncluded: direct, ticketPattern: ticketPattern)
    }

    private func services(
        _ configuration: Configuration
    ) throws(LedgerError) -> [GitImportOptions.Service] {
        let name = try Setting.value(service, "--service", "LEDGER_SERVICE")
        var known = configuration.services.filter { name == nil || $0.name == name }
        if !paths.isEmpty {
            guard let name = name ?? (known.count == 1 ? known[0].name : nil) else {
                throw LedgerError(
                    .usage, "--paths are given without the service that they belong to",
                    advice: "add --service NAME")
            }
            known = [.init(name: name, paths: paths, tool: tool ?? known.first?.tool)]
        }
        if known.allSatisfy(\.paths.isEmpty) {
            throw LedgerError(
                .usage, "it is not known where the scripts of \(name ?? "any service") lie",
                advice:
                    "give --service orders --paths 'migrations/**', or write them into ledger.yaml")
        }
        var services: [GitImportOptions.Service] = []
        for service in known where !service.paths.isEmpty {
            let tool = try (tool ?? service.tool).map { (name) throws(LedgerError) in
                try MigrationTool(named: name)
            }
            services.append(
                GitImportOptions.Service(
                    name: service.name, paths: service.paths,
                    naming: try ChangeNaming(tool: tool, pattern: changePattern)))
        }
        return services
    }
}
