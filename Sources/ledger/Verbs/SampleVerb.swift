import ArgumentParser
import LedgerCore
import LedgerOperations
import LedgerReport

struct SampleVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Draw rows of a report, with the evidence for each.",
        discussion: """
            Makes the export of the whole population, draws rows that anybody can draw again from \
            the seed, and adds for each a page with its story, its entries and what is attached to \
            them. The same seed with a larger --n draws the same rows first. With --stratify, every \
            value of a column gets its share, and at least one row.

              ledger sample change-population --period 2026-Q4 --env prod \\
                --n 25 --seed 7 --stratify class --out q4-sample
              ledger export verify q4-sample --ledger ledger.db
            """)

    @Option(help: "How many rows.") var n: Int
    @Option(help: "Any text: agree on it before the population is known.") var seed: String
    @Option(help: "A column.") var stratify: String?
    @OptionGroup var options: ExportOptions

    func validate() throws {
        if !(1...100_000 ~= n) { throw ValidationError("--n must be from 1 to 100,000.") }
        if seed.isEmpty { throw ValidationError("--seed is empty.") }
        if options.out == "-" { throw ValidationError("A sample needs a folder: --out FOLDER.") }
        try options.check()
    }

    func run() async throws {
        try await options.run(sample: SamplePlan(size: n, seed: seed, stratify: stratify))
    }
}
