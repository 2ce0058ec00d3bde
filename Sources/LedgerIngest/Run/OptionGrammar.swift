/// What `getopt_long` makes of a command's arguments, as far as we must know it to tell options
/// from operands.
struct OptionGrammar {
    enum Piece: Equatable {
        /// By its letter, or by its whole long name.
        case option(String, value: String?)
        case operand(String)
    }

    private enum Value {
        case none, required, optional
    }

    private let letters: [Character: Value]
    private let names: [(name: String, value: Value)]
    private let stopsAtFirstOperand: Bool

    /// - Parameters:
    ///   - short: as for getopt: `ab:c::`.
    ///   - long: words with `=` for those that take a value and `=?` for those that may.
    ///   - stopsAtFirstOperand: everything from the first operand on is the rest.
    init(_ short: String, _ long: String = "", stopsAtFirstOperand: Bool = false) {
        var letters: [Character: Value] = [:]
        var last: Character = ":"
        for character in short {
            if character == ":" {
                letters[last] = letters[last] == .required ? .optional : .required
            } else {
                letters[character] = Value.none
                last = character
            }
        }
        self.letters = letters
        names = long.split(separator: " ").map { word in
            if word.hasSuffix("=?") { return (String(word.dropLast(2)), .optional) }
            if word.hasSuffix("=") { return (String(word.dropLast()), .required) }
            return (String(word), .none)
        }
        self.stopsAtFirstOperand = stopsAtFirstOperand
    }

    /// The pieces, and what follows the first operand if the grammar stops there (that operand
    /// included). Unknown options are skipped as if they had no value.
    func parse(_ arguments: ArraySlice<String>) -> (pieces: [Piece], rest: ArraySlice<String>) {
        var pieces: [Piece] = []
        var rest = arguments
        while let argument = rest.first {
            if argument == "--" {
                rest = rest.dropFirst()
                if stopsAtFirstOperand { return (pieces, rest) }
                return (pieces + rest.map { .operand($0) }, [])
            }
            if argument.hasPrefix("--") {
                rest = rest.dropFirst()
                appendLong(argument.dropFirst(2), &rest, to: &pieces)
            } else if argument.hasPrefix("-"), argument != "-" {
                rest = rest.dropFirst()
                appendShort(argument.dropFirst(), &rest, to: &pieces)
            } else if stopsAtFirstOperand {
                return (pieces, rest)
            } else {
                pieces.append(.operand(argument))
                rest = rest.dropFirst()
            }
        }
        return (pieces, rest)
    }

    private func appendLong(
        _ text: Substring, _ rest: inout ArraySlice<String>, to pieces: inout [Piece]
    ) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let given = String(parts[0])
        let exact = names.first { $0.name == given }
        let fitting = names.filter { $0.name.hasPrefix(given) }
        let known = exact ?? (fitting.count == 1 ? fitting[0] : nil)
        var value = parts.count > 1 ? String(parts[1]) : nil
        if value == nil, known?.value == .required { value = rest.popFirst() }
        pieces.append(.option(known?.name ?? given, value: value))
    }

    private func appendShort(
        _ cluster: Substring, _ rest: inout ArraySlice<String>, to pieces: inout [Piece]
    ) {
        var cluster = cluster
        while let letter = cluster.popFirst() {
            switch letters[letter] ?? .none {
            case .none: pieces.append(.option(String(letter), value: nil))
            case .optional:
                pieces.append(
                    .option(String(letter), value: cluster.isEmpty ? nil : String(cluster)))
                return
            case .required:
                let value = cluster.isEmpty ? rest.popFirst() : String(cluster)
                pieces.append(.option(String(letter), value: value))
                return
            }
        }
    }
}
