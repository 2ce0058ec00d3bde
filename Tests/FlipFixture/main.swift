import Glibc
import LedgerCore
import LedgerOperations
import LedgerProof

// Verifies a ledger again and again, each time with another of its bytes flipped: for the tests
// that flip every byte, which must live on when this crashes.
//
//    FlipFixture LEDGER < flips
//
// A flip is a line `OFFSET XOR`; the byte is set right after it. The answer is a line `OFFSET XOR`
// and then `verified`, or a word `INDEX:CODE` for each problem (`-` for none), or `error:CODE`.
// What hangs is ended by SIGALRM.

let secondsForOne: UInt32 = 60
guard CommandLine.arguments.count == 2 else { exit(64) }
let path = CommandLine.arguments[1]
let file = open(path, O_RDWR | O_CLOEXEC)
guard file >= 0 else { exit(1) }

func words(_ problems: Problems) -> String {
    if problems.count == 0 { return "verified" }
    return problems.kept.map { problem in
        "\(problem.index.map(String.init) ?? "-"):\(problem.code.rawValue)"
    }.joined(separator: " ")
}

func verdict() -> String {
    do throws(LedgerError) {
        return words(try LocalLedger.verify(at: path).problems)
    } catch {
        return "error:\(error.code.rawValue)"
    }
}

while let line = readLine() {
    let numbers = line.split(separator: " ").compactMap { Int($0) }
    var byte: UInt8 = 0
    guard numbers.count == 2, pread(file, &byte, 1, numbers[0]) == 1 else { exit(64) }
    var flipped = byte ^ UInt8(truncatingIfNeeded: numbers[1])
    alarm(secondsForOne)
    guard pwrite(file, &flipped, 1, numbers[0]) == 1 else { exit(1) }
    print(line, verdict())
    guard pwrite(file, &byte, 1, numbers[0]) == 1 else { exit(1) }
    fflush(nil)
}
