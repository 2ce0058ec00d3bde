import Foundation

/// The README, cut into what a reader types and what a reader should see.
///
/// - A fenced block marked `console` is a session. `$ ` begins a command, and `> ` goes on with it;
///   the lines after it are what it prints on both streams. All sessions are one shell, from an
///   empty folder on.
/// - A fenced block with a second word after its language is a file of that name, written where the
///   block stands.
/// - Printed lines are compared after `Printed.normal` has made hashes, times, durations, ids and
///   sizes alike. A line `…` stands for any lines, and `…` within a line for any text.
/// - A command that fails must be followed by `$ echo $?`, so that the reader sees it.
struct Readme {
    enum Step {
        case file(name: String, lines: [String])
        case command(Command)
    }

    struct Command {
        let text: String
        /// Where its output stands among the README's lines.
        let output: Range<Int>
        let printed: [String]
        /// As the README numbers its lines.
        var line: Int { output.lowerBound }
    }

    struct Block {
        let language: String
        let name: String?
        /// The lines between its fences.
        let range: Range<Int>
    }

    static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let url = package.appendingPathComponent("README.md")

    var lines: [String]

    init() throws {
        let text = try String(contentsOf: Self.url, encoding: .utf8)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    var text: String { lines.joined(separator: "\n") }

    func write() throws {
        try Data(text.utf8).write(to: Self.url)
    }

    var blocks: [Block] {
        var blocks: [Block] = []
        var start: Int?
        for (number, line) in lines.enumerated() where line.hasPrefix("```") {
            guard let opening = start else {
                start = number
                continue
            }
            let words = lines[opening].dropFirst(3).split(separator: " ").map(String.init)
            blocks.append(
                Block(
                    language: words.first ?? "", name: words.dropFirst().first,
                    range: opening + 1..<number))
            start = nil
        }
        return blocks
    }

    var steps: [Step] {
        blocks.flatMap { block -> [Step] in
            if block.language == "console" { return commands(in: block.range).map(Step.command) }
            return block.name.map { [.file(name: $0, lines: Array(lines[block.range]))] } ?? []
        }
    }

    private func commands(in range: Range<Int>) -> [Command] {
        var commands: [Command] = []
        var place = range.lowerBound
        while place < range.upperBound {
            var text = [String(lines[place].dropFirst(2))]
            place += 1
            while place < range.upperBound, lines[place].hasPrefix("> ") {
                text.append(String(lines[place].dropFirst(2)))
                place += 1
            }
            let start = place
            while place < range.upperBound, !lines[place].hasPrefix("$ ") { place += 1 }
            commands.append(
                Command(
                    text: text.joined(separator: "\n"), output: start..<place,
                    printed: Array(lines[start..<place])))
        }
        return commands
    }
}
