import Foundation
import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

/// What the command sees and how the run exits, in real processes.
struct RunProcessTests {
    let fixture: Fixture

    init() throws {
        fixture = try Fixture()
    }

    @Test(arguments: [0, 1, 3, 125, 255])
    func exitsAsTheCommandDid(code: Int32) throws {
        let result = try fixture.run(["sh", "-c", "exit \(code)"])
        #expect(result.exitCode == code)
        #expect(result.signal == nil)
        let events = try fixture.recorded()
        #expect(events.count == 2)
        #expect(events[0][["deployment", "status"]] == "started")
        #expect(events[1][["deployment", "status"]] == (code == 0 ? "succeeded" : "failed"))
        #expect(events[1][["deployment", "exit_code"]] == .integer(Int64(code)))
        #expect(events[0][["deployment", "id"]] == events[1][["deployment", "id"]])
        #expect(events[0]["id"] != events[1]["id"])
        #expect(result.errors.hasPrefix("ledger: #7 "))
    }

    @Test(arguments: [SIGTERM, SIGKILL, SIGSEGV, SIGINT])
    func diesOfTheSignalThatTheCommandDiedOf(signal: Int32) throws {
        let result = try fixture.run(["sh", "-c", "kill -\(signal) $$"])
        #expect(result.signal == signal)
        let end = try fixture.recorded()[1]
        #expect(end[["deployment", "status"]] == "failed")
        #expect(end[["deployment", "exit_code"]] == .integer(Int64(128 + signal)))
        #expect(end["error"] == .string("ended by signal \(signal)"))
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGUSR1, SIGINT])
    func handsASignalFromAProcessOnOnce(signal: Int32) throws {
        let script = """
            count=0
            trap 'count=$((count + 1))' \(signal)
            touch ready
            while [ $count -eq 0 ]; do sleep 0.01; done
            sleep 0.1
            exit $((40 + count))
            """
        let result = try fixture.run(["bash", "-c", script]) { process in
            fixture.waitForFile("ready")
            process.send(signal)
        }
        #expect(result.exitCode == 41)
        #expect(try fixture.statuses() == ["started", "failed"])
    }

    @Test func aCommandThatIgnoresSignalsIsWaitedFor() throws {
        let result = try fixture.run(["bash", "-c", "trap '' TERM; touch ready; sleep 0.2; exit 9"])
        {
            fixture.waitForFile("ready")
            $0.send(SIGTERM)
        }
        #expect(result.exitCode == 9)
    }

    @Test func theCommandStartsWithDefaultSignals() throws {
        let result = try fixture.run(["cat", "/proc/self/status"])
        for name in ["SigBlk", "SigIgn", "SigCgt"] {
            let line = try #require(
                result.output.split(separator: "\n").first { $0.hasPrefix(name) })
            let mask = try #require(UInt64(line.split(separator: "\t")[1], radix: 16))
            // Signals 32 and 33 are the C library's own.
            #expect(mask & 0x7FFF_FFFF == 0, "\(line)")
        }
    }

    @Test func theCommandInheritsNoDescriptorOfOurs() throws {
        let result = try fixture.run(["sh", "-c", "ls -1 /proc/$$/fd"])
        #expect(result.output == "0\n1\n2\n")
    }

    @Test func aCommandThatIsNotThereIs127() throws {
        let result = try fixture.run(["no-such-command-here"])
        #expect(result.exitCode == 127)
        #expect(result.errors.hasPrefix("ledger: no-such-command-here: command not found\n"))
        #expect(try fixture.recorded()[1]["error"] == "no-such-command-here: command not found")
        #expect(try fixture.run(["./absent"]).exitCode == 127)
    }

    @Test func aCommandThatCannotBeExecutedIs126() throws {
        try fixture.folder.write("no program", to: "plain")
        let result = try fixture.run(["./plain"])
        #expect(result.exitCode == 126)
        #expect(result.errors.hasPrefix("ledger: ./plain: Permission denied\n"))
        #expect(try fixture.run(["/tmp"]).exitCode == 126)
    }

    @Test func aScriptWithoutAFirstLineRunsInAShell() throws {
        try fixture.folder.writeProgram("echo \"$1\"; exit 5\n", to: "plain")
        let result = try fixture.run(["./plain", "it works"])
        #expect(result.exitCode == 5)
        #expect(result.output == "it works\n")
    }

    @Test func theCommandDoesNotSeeTheToken() throws {
        let result = try fixture.run(
            ["env"],
            variables: [
                "LEDGER_ID_TOKEN": "lt_secret", "LEDGER_TOKEN": "lt_secret", "OTHER": "a=b\nc",
            ])
        #expect(!result.output.contains("LEDGER_TOKEN"))
        #expect(!result.output.contains("LEDGER_ID_TOKEN"))
        #expect(!result.output.contains("lt_secret"))
        #expect(result.output.contains("OTHER=a=b\nc\n"))
        #expect(!fixture.text(of: fixture.ledger).contains("lt_secret"))
    }

    @Test func argumentsAndVariablesThatAreNoTextStayAsTheyAre() throws {
        // A shell makes the bytes: no String can hold them.
        let script = #"""
            V=$(printf 'a\377b')
            export V
            "$0" "$1" ok -- printf '%s' "$(printf 'x\376y')" | od -An -tx1
            "$0" "$1" ok -- printenv V | head -c 3 | od -An -tx1
            """#
        let output = fixture.folder.file("output")
        let process = try TestProcess(
            ["/bin/bash", "-c", script, Fixture.program, fixture.ledger],
            folder: fixture.folder.path, variables: fixture.variables(),
            streams: [.file("/dev/null"), .file(output), .file("/dev/null")])
        process.wait()
        #expect(fixture.text(of: output) == " 78 fe 79\n 61 ff 62\n")
    }

    @Test func standardErrorPassesThroughAndItsEndIsKept() throws {
        let script = "for i in $(seq 1 5000); do echo \"line $i\" >&2; done; exit 1"
        let result = try fixture.run(["bash", "-c", script])
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 5001)
        #expect(lines.prefix(5000).enumerated().allSatisfy { $1 == "line \($0 + 1)" })
        let error = try #require(try fixture.recorded()[1]["error"]?.string)
        #expect(error.utf8.count <= 8192)
        #expect(error.utf8.count > 8000)
        #expect(error.hasPrefix("line "))
        #expect(error.hasSuffix("line 5000"))
        #expect(try fixture.recorded()[0]["error"] == nil)
    }

    @Test func bytesThatAreNoTextPassThroughUnchanged() throws {
        let bytes = Data((0...255).map { UInt8($0) })
        try bytes.write(to: URL(fileURLWithPath: fixture.folder.file("bytes")))
        _ = try fixture.run(["bash", "-c", "cat bytes >&2; echo PASSWORD=hidden >&2; exit 2"])
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
                .first { $0.hasPrefix("errors-") })
        let passed = try #require(FileManager.default.contents(atPath: fixture.folder.file(name)))
        #expect(passed.starts(with: bytes))
        let error = try #require(try fixture.recorded()[1]["error"]?.string)
        #expect(error.hasSuffix("PASSWORD=***"))
    }

    @Test func standardErrorIsPassedOnAtOnce() throws {
        // The command goes on only when somebody has read what it wrote.
        let script = "echo first >&2; while [ ! -e seen ]; do sleep 0.01; done; exit 0"
        let pipe = Pipe()
        let process = try TestProcess(
            fixture.arguments(["bash", "-c", script]), folder: fixture.folder.path,
            variables: fixture.variables(),
            streams: [
                .file("/dev/null"), .file("/dev/null"),
                .descriptor(pipe.fileHandleForWriting.fileDescriptor),
            ])
        #expect(pipe.fileHandleForReading.availableData == Data("first\n".utf8))
        try fixture.folder.write("", to: "seen")
        #expect(process.wait().exitCode == 0)
    }

    @Test func aProcessLeftBehindDoesNotHoldTheRunUp() throws {
        let script = "(sleep 30 >/dev/null & echo $! > left); echo done >&2; exit 4"
        let before = Date()
        let result = try fixture.run(["bash", "-c", script])
        #expect(Date().timeIntervalSince(before) < 10)
        #expect(result.exitCode == 4)
        #expect(result.errors.hasPrefix("done\n"))
        let left = try #require(fixture.number(in: "left"))
        #expect(kill(left, SIGTERM) == 0)
    }

    @Test func aKilledRunLeavesItsStart() throws {
        let script = "echo $$ > new; mv new child; exec sleep 30"
        let result = try fixture.run(["bash", "-c", script]) { process in
            fixture.waitForFile("child")
            while (try? fixture.statuses()) != ["started"] { usleep(2000) }
            process.send(SIGKILL)
        }
        #expect(result.signal == SIGKILL)
        #expect(try fixture.statuses() == ["started"])
        let child = try #require(fixture.number(in: "child"))
        #expect(kill(child, SIGTERM) == 0)
    }
}
