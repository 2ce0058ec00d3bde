import Foundation
import LedgerCore
import TestSupport
import Testing

/// What happens at a terminal: a pseudo-terminal whose session leader plays the shell with job
/// control. Python makes it, because Swift has no `fork`.
@Suite(.enabled(if: Fixture.isInstalled("python3")))
struct RunTerminalTests {
    let fixture: Fixture

    init() throws {
        fixture = try Fixture()
    }

    /// The shell's part, before the test's own lines: `start()` runs the fixture as the foreground
    /// job of a new terminal, `type(b'…')` presses keys, `until(text)` waits for output, `stopped()`
    /// and `ended()` wait for the job.
    private static let shell = """
        import os, pty, signal, sys, time
        master, slave = pty.openpty()
        output = b''
        def start():
            global job
            job = os.fork()
            if job == 0:
                os.setsid()
                os.close(master)
                import fcntl, termios
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
                for fd in (0, 1, 2): os.dup2(slave, fd)
                # A shell of its own between session leader and job, as the group of a leader that
                # has no parent in its session could not be stopped.
                inner = os.fork()
                if inner == 0:
                    os.setpgid(0, 0)
                    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
                    os.tcsetpgrp(0, os.getpid())
                    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
                    os.execv(sys.argv[1], sys.argv[1:])
                while True:
                    _, status = os.waitpid(inner, os.WUNTRACED)
                    if os.WIFSTOPPED(status):
                        open('stopped', 'w').write(str(os.WSTOPSIG(status)))
                        while not os.path.exists('resume'): time.sleep(0.005)
                        os.killpg(inner, signal.SIGCONT)
                    elif os.WIFSIGNALED(status): os._exit(128 + os.WTERMSIG(status))
                    else: os._exit(os.WEXITSTATUS(status))
            os.close(slave)
        def type(keys): os.write(master, keys)
        def until(text):
            global output
            while text not in output:
                try: output += os.read(master, 4096)
                except OSError: break
        def wait_for(path):
            while not os.path.exists(path): time.sleep(0.005)
        def ended():
            global output
            while True:
                try: piece = os.read(master, 4096)
                except OSError: piece = b''
                if not piece: break
                output += piece
            _, status = os.waitpid(job, 0)
            sys.stdout.write(output.decode())
            sys.stdout.flush()
            os._exit(os.WEXITSTATUS(status))
        start()

        """

    private func play(_ lines: String, _ command: [String]) throws -> Fixture.Result {
        let output = fixture.folder.file("seen")
        let errors = fixture.folder.file("errors")
        let script = try fixture.folder.write(Self.shell + lines, to: "shell.py")
        let process = try TestProcess(
            ["python3", script] + fixture.arguments(command), folder: fixture.folder.path,
            variables: fixture.variables(),
            streams: [.file("/dev/null"), .file(output), .file(errors)])
        let ending = process.wait()
        return Fixture.Result(
            exitCode: ending.exitCode, signal: ending.signal, output: fixture.text(of: output),
            errors: fixture.text(of: errors))
    }

    @Test func theCommandHasTheTerminalItself() throws {
        let script = "test -t 0 && test -t 1 && test -t 2 && echo terminal; echo oops >&2; exit 3"
        let result = try play("ended()", ["sh", "-c", script])
        #expect(result.exitCode == 3, "\(result.errors)")
        #expect(result.output.contains("terminal\r\n"))
        let events = try fixture.recorded()
        #expect(events[1]["error"] == nil)
        #expect(events[1][["trigger", "kind"]] == "manual")
    }

    @Test func controlCReachesTheCommandOnce() throws {
        let script = """
            count=0
            trap 'count=$((count + 1))' INT
            echo ready
            while [ $count -eq 0 ]; do sleep 0.01; done
            sleep 0.1
            exit $((40 + count))
            """
        let result = try play("until(b'ready'); type(b'\\x03'); ended()", ["bash", "-c", script])
        #expect(result.exitCode == 41, "\(result.output) \(result.errors)")
        #expect(try fixture.statuses() == ["started", "failed"])
    }

    @Test func controlCEndsAPlainCommandAndTheRunWithIt() throws {
        let result = try play(
            "until(b'ready'); type(b'\\x03'); ended()", ["sh", "-c", "echo ready; exec sleep 30"])
        #expect(result.exitCode == 128 + SIGINT)
        #expect(try fixture.recorded()[1][["deployment", "exit_code"]] == 130)
    }

    @Test func controlZSuspendsTheRunAndFgResumesIt() throws {
        let script = "echo ready; while [ ! -e resume ]; do sleep 0.01; done; exit 6"
        let lines =
            "until(b'ready'); type(b'\\x1a'); wait_for('stopped'); open('resume', 'w'); ended()"
        let result = try play(lines, ["bash", "-c", script])
        #expect(result.exitCode == 6, "\(result.output) \(result.errors)")
        #expect(fixture.number(in: "stopped") == SIGTSTP)
    }

    @Test func aCommandThatSuspendsItselfSuspendsTheRun() throws {
        let script = "echo ready; kill -TSTP $$; exit 7"
        let result = try play(
            "wait_for('stopped'); open('resume', 'w'); ended()", ["bash", "-c", script])
        #expect(result.exitCode == 7, "\(result.output) \(result.errors)")
        #expect(fixture.number(in: "stopped") == SIGTSTP)
    }
}
