import LedgerCore
import LedgerCorrelation

/// Where a ledger knows of a person: `ledger forget` before it forgets.
public enum PersonReport {
    public static func write(_ traces: PersonTraces, to output: BufferedOutput) throws {
        try line("\(traces.ids.first ?? "")", to: output)
        if traces.ids.count > 1 {
            try line("  also \(traces.ids.dropFirst().joined(separator: ", "))", to: output)
        }
        if !traces.names.isEmpty {
            try line("  by name \(traces.names.joined(separator: ", "))", to: output)
        }
        try write(traces.traces(.value), "values that say who it is", to: output)
        try write(traces.traces(.mention), "texts and attachments that name it", to: output)
        try write(
            traces.traces(.public), "public members, which can't be erased", to: output)
        if !traces.copies.isEmpty {
            try line("what left the ledger, and may hold copies", to: output)
            for copy in traces.copies {
                try line("  #\(copy.index)  \(copy.type) \(copy.what)", to: output)
            }
        }
        if !traces.alike.isEmpty {
            try line("others of the same name, perhaps the same person", to: output)
            for id in traces.alike { try line("  \(id)", to: output) }
        }
        try output.flush()
    }

    private static func write(
        _ traces: [PersonTraces.Trace], _ title: String, to output: BufferedOutput
    ) throws {
        if traces.isEmpty { return }
        try line(title, to: output)
        // An entry's members stand together.
        var place = traces.startIndex
        while place < traces.endIndex {
            let first = traces[place]
            let members = traces[place...].prefix { $0.index == first.index }
            let held = first.held.map { "  held for \($0)" } ?? ""
            let names = members.map(\.member).joined(separator: ", ")
            try line("  #\(first.index)  \(names)  \(first.what)\(held)", to: output)
            place += members.count
        }
    }

    private static func line(_ text: String, to output: BufferedOutput) throws {
        try output.write(VisibleText.line(text) + "\n")
    }
}
