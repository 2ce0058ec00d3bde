import ArgumentParser
import LedgerCore
import LedgerReport

/// How an answer for eyes looks.
struct LookOptions: ParsableArguments {
    enum Colour: String, CaseIterable, ExpressibleByArgument {
        case auto, always, never
    }

    @Flag(help: "Show times in UTC instead of local time.") var utc = false

    @Option(help: "auto, always or never. [$NO_COLOR]") var color = Colour.auto

    var local: LocalTime {
        utc ? .utc : Terminal.local
    }

    var appearance: Appearance {
        Appearance(width: Terminal.outputWidth, isColoured: isColoured, local: local)
    }

    private var isColoured: Bool {
        switch color {
        case .always: true
        case .never: false
        case .auto:
            Terminal.outputIsTerminal && (Environment["NO_COLOR"] ?? "").isEmpty
                && Environment["TERM"] != "dumb"
        }
    }
}

/// How an answer is written.
struct OutputOptions: ParsableArguments {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json, ndjson, csv
    }

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "table for eyes; json, ndjson and csv for programs.")
    var format = Format.table

    @OptionGroup var look: LookOptions

    var utc: Bool { look.utc }
    var local: LocalTime { look.local }
    var appearance: Appearance { look.appearance }

    /// The form of records; nil for the table.
    var recordFormat: RecordFormat? {
        RecordFormat(rawValue: format.rawValue)
    }

    /// Standard output, written in blocks.
    var output: BufferedOutput {
        BufferedOutput { try Output.write($0) }
    }
}
