/// A command without the programs in front of it that only change how it runs: `env A=b`,
/// `sudo -u app`, `time`, `nice`, `timeout 60` …
///
/// A shell's `sh -c '…'` is a program of its own: see `ShellCommand`.
struct CommandPrefix: Equatable {
    /// The program and its arguments; empty if only prefixes were given.
    private(set) var command: ArraySlice<String>
    /// Variables that prefixes set for it.
    private(set) var assignments: [String: String] = [:]
    /// Whom `sudo -u` makes it run as.
    private(set) var user: String?

    private static let grammars: [String: OptionGrammar] = [
        "env": OptionGrammar(
            "i0vu:C:S:", "ignore-environment null debug unset= chdir= split-string=",
            stopsAtFirstOperand: true),
        "sudo": OptionGrammar(
            "ABbEeHiKklnPSsVvC:D:g:h:p:R:r:T:t:U:u:",
            "askpass background preserve-env=? edit set-home login remove-timestamp "
                + "reset-timestamp list non-interactive preserve-groups stdin shell validate "
                + "close-from= chdir= group= host= prompt= chroot= role= command-timeout= type= "
                + "other-user= user=",
            stopsAtFirstOperand: true),
        "doas": OptionGrammar("LnsC:u:", stopsAtFirstOperand: true),
        "time": OptionGrammar(
            "apvqVf:o:", "append portability verbose quiet format= output=",
            stopsAtFirstOperand: true),
        "nice": OptionGrammar("0123456789n:", "adjustment=", stopsAtFirstOperand: true),
        "ionice": OptionGrammar("tc:n:", "ignore class= classdata=", stopsAtFirstOperand: true),
        "nohup": OptionGrammar("", stopsAtFirstOperand: true),
        "setsid": OptionGrammar("cfw", "ctty fork wait", stopsAtFirstOperand: true),
        "stdbuf": OptionGrammar("i:o:e:", "input= output= error=", stopsAtFirstOperand: true),
        "timeout": OptionGrammar(
            "fpvk:s:", "foreground preserve-status verbose kill-after= signal=",
            stopsAtFirstOperand: true),
    ]

    init(_ command: [String]) {
        self.command = command[...]
        // Bounded by the number of arguments: each turn takes at least one.
        while let program = self.command.first, let grammar = Self.grammars[program.baseName] {
            take(program.baseName, grammar)
        }
    }

    private mutating func take(_ program: String, _ grammar: OptionGrammar) {
        let (pieces, rest) = grammar.parse(command.dropFirst())
        command = rest
        for case .option(let name, let value?) in pieces where name == "u" || name == "user" {
            if program == "sudo" || program == "doas" { user = value }
        }
        if program == "timeout" { command = command.dropFirst() }
        guard program == "env" || program == "sudo" else { return }
        while let argument = command.first, let assignment = Self.assignment(argument) {
            assignments[assignment.name] = assignment.value
            command = command.dropFirst()
        }
    }

    /// `NAME=VALUE`, as `env` takes it.
    static func assignment(_ argument: String) -> (name: String, value: String)? {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
            return nil
        }
        let name = argument[..<equals]
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
            default: false
            }
        }
        return isName ? (String(name), String(argument[argument.index(after: equals)...])) : nil
    }
}

extension String {
    /// What follows the last slash of a path.
    var baseName: String {
        guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return self }
        return String(self[index(after: slash)...])
    }
}
