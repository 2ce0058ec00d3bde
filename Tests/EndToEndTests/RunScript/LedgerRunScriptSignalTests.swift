import Foundation
import LedgerCore
import TestSupport
import Testing

/// A signal reaches the command once, and the run ends as the command does.
@Suite(.timeLimit(.minutes(3))) struct LedgerRunScriptSignalTests {
    /// Tells that it is there, counts signals, and ends when it is told to, with 40 and how many
    /// it got.
    private static let counting = """
        for name in TERM INT USR1; do trap "echo $name >>log" $name; done
        : >ready
        while [ ! -e go ]; do sleep 0.02; done
        exit $((40 + $(wc -l <log)))
        """

    private func start(_ fixture: ScriptFixture, _ command: String) throws -> TestProcess {
        // In a session of its own: a terminal's keys are another matter.
        let process = try TestProcess(
            ["/usr/bin/setsid"] + fixture.arguments([], ["sh", "-c", command]),
            folder: fixture.folder.path, variables: fixture.variables,
            streams: [
                .file("/dev/null"), .file(fixture.folder.file("out")),
                .file(fixture.folder.file("errors")),
            ])
        fixture.waitForFile("ready")
        return process
    }

    private func hasEnded(_ process: TestProcess) -> Bool {
        let state = try? String(contentsOfFile: "/proc/\(process.id)/stat", encoding: .utf8)
        return state?.contains(") Z ") ?? true
    }

    @Test(arguments: Shells.allCases, [SIGTERM, SIGINT, SIGUSR1])
    func theCommandGetsItOnce(shell: Shells, signal: Int32) throws {
        let fixture = try ScriptFixture(shell)
        let process = try start(fixture, Self.counting)
        process.send(signal)
        fixture.waitForFile("log")
        try fixture.folder.write("", to: "go")
        let ending = process.wait()
        #expect(ending.exitCode == 41)
        // Without an `env` that can undo it, a command beside a shell doesn't hear INT.
        let name = [SIGTERM: "TERM", SIGUSR1: "USR1"][signal] ?? "INT"
        let expected = shell == .busyboxAlone && signal == SIGINT ? "TERM" : name
        let log = try String(contentsOfFile: fixture.folder.file("log"), encoding: .utf8)
        #expect(log == expected + "\n")
        #expect(try fixture.statuses() == ["started", "failed"])
    }

    @Test(arguments: Shells.allCases)
    func whatEndsTheCommandIsToldAndRecorded(shell: Shells) throws {
        let fixture = try ScriptFixture(shell)
        let process = try start(fixture, ": >ready; exec sleep 60")
        process.send(SIGTERM)
        #expect(process.wait().exitCode == 143)
        let event = try #require(try fixture.events().last)
        #expect(event[["deployment", "exit_code"]] == 143)
        #expect(event["error"] == "exit status 143, as after signal 15")
        let errors = try String(contentsOfFile: fixture.folder.file("errors"), encoding: .utf8)
        #expect(errors.hasPrefix("ledger: #1 "))
    }

    @Test(arguments: Shells.allCases)
    func whatWasIgnoredStaysIgnored(shell: Shells) throws {
        let fixture = try ScriptFixture(shell)
        let arguments = fixture.arguments(
            [],
            ["sh", "-c", "kill -HUP $$; kill -INT $$; sed -n 's/^SigIgn:.*//p' /proc/$$/status"])
        let result = try fixture.execute(
            ["/bin/sh", "-c", "trap '' HUP INT; exec \"$@\"", "-"] + arguments)
        #expect(result.status == 0)
        #expect(result.standardOutput == "\n")
    }

    @Test(arguments: Shells.allCases)
    func aSignalAfterTheCommandsEndEndsTheWaiting(shell: Shells) throws {
        let fixture = try ScriptFixture(shell, mode: "hang")
        let before = Date()
        let process = try TestProcess(
            ["/usr/bin/setsid"]
                + fixture.arguments(["--record-timeout", "60"], ["sh", "-c", "exit 3"]),
            folder: fixture.folder.path, variables: fixture.variables,
            streams: [
                .file("/dev/null"), .file(fixture.folder.file("out")),
                .file(fixture.folder.file("errors")),
            ])
        // The end is in the spool once the command is gone.
        while fixture.waiting().count(where: { $0.hasSuffix(".json") && !$0.hasPrefix(".") }) < 2 {
            usleep(2000)
        }
        // Not before the shell has seen the end of its command, which nobody else can see.
        while !hasEnded(process) {
            process.send(SIGINT)
            usleep(20_000)
        }
        #expect(process.wait().exitCode == 3)
        #expect(Date().timeIntervalSince(before) < 30)
    }

    @Test(arguments: Shells.allCases)
    func aKeyOfTheTerminalReachesTheCommandOnce(shell: Shells) throws {
        let fixture = try ScriptFixture(shell)
        let script = """
            import os, pty, select, sys
            child, terminal = pty.fork()
            if child == 0:
                os.execvp(sys.argv[1], sys.argv[1:])
            isPressed = isFreed = False
            while True:
                try:
                    if select.select([terminal], [], [], 0.02)[0] and not os.read(terminal, 4096):
                        break
                except OSError:
                    break
                if not isPressed and os.path.exists("ready"):
                    os.write(terminal, b"\\x03")
                    isPressed = True
                if isPressed and not isFreed and os.path.exists("log"):
                    open("go", "w").close()
                    isFreed = True
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            """
        let python = try Shell.run("python3", ["-c", "import sys; print(sys.executable, end='')"])
        let result = try fixture.execute(
            [python.output, "-c", script] + fixture.arguments([], ["sh", "-c", Self.counting]))
        #expect(result.status == 41, "\(result.standardError)")
        #expect(try fixture.statuses() == ["started", "failed"])
        #expect(try fixture.events().last?[["trigger", "kind"]] == "manual")
    }
}
