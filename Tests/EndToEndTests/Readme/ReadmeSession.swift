import Foundation
import TestSupport

/// Runs all of the README's commands in one shell.
struct ReadmeSession {
    struct Result {
        let command: Readme.Command
        let status: Int
        let printed: [String]
    }

    // Who reads the README is Anna, on her own machine.
    private static let user = "anna"
    private let home: TemporaryFolder

    init() throws {
        home = try TemporaryFolder()
        // There is no server here. What counts is what `ledger run` makes of the command line.
        try home.writeProgram("#!/bin/sh\necho CREATE\n", to: "bin/psql")
        try FileManager.default.createSymbolicLink(
            atPath: home.file("ledger"), withDestinationPath: Readme.package.path)
        try FileManager.default.createDirectory(
            atPath: home.file("out"), withIntermediateDirectories: true)
    }

    func run(_ steps: [Readme.Step], variables: [String: String] = [:]) throws -> [Result] {
        var script = "cd \"$HOME\"\n"
        var commands: [Readme.Command] = []
        for step in steps {
            switch step {
            case .file(let name, let lines):
                script += "cat > '\(name)' <<'END_OF_FILE'\n"
                script += lines.map { $0 + "\n" }.joined() + "END_OF_FILE\n"
            case .command(let command):
                let output = home.file("out/\(commands.count)")
                script += """
                    { \(command.text)
                    } > '\(output)' 2>&1
                    status_=$?; echo $status_ > '\(output).status'; (exit $status_)

                    """
                commands.append(command)
            }
        }
        _ = try Shell.execute(
            "bash", [try home.write(script, to: "session.sh")], environment: environment(variables))
        return try commands.enumerated().map { number, command in
            let output = home.file("out/\(number)")
            let status = Int(try text(output + ".status").prefix { $0.isNumber }) ?? -1
            var printed = asAnna(try text(output))
                .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            if printed.last == "" { printed.removeLast() }
            return Result(command: command, status: status, printed: printed)
        }
    }

    private func environment(_ variables: [String: String]) -> [String: String] {
        let built = URL(fileURLWithPath: BuiltLedger.executable()).deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let git = [
            "GIT_AUTHOR_NAME": "Anna", "GIT_AUTHOR_EMAIL": "anna@example.com",
            "GIT_COMMITTER_NAME": "Anna", "GIT_COMMITTER_EMAIL": "anna@example.com",
            "GIT_CONFIG_NOSYSTEM": "1",
        ]
        return git.merging(variables) { $1 }.merging(
            ["HOME": home.path, "PATH": "\(home.file("bin")):\(built):\(path)"]) { $1 }
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    private func asAnna(_ text: String) -> String {
        let real = URL(fileURLWithPath: home.path).resolvingSymlinksInPath().path
        var text = text
        for path in [home.path, real] {
            text = text.replacingOccurrences(of: path, with: "/home/\(Self.user)")
        }
        return text.replacingOccurrences(
            of: "\\b\(NSRegularExpression.escapedPattern(for: NSUserName()))\\b", with: Self.user,
            options: .regularExpression)
    }
}
