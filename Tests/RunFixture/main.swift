// Runs a command as `ledger run` does, with a ledger made of one line of text per event: for tests
// that need a process of its own, to be signalled, suspended and killed.
//
//    RunFixture LEDGER MODE name=value … -- COMMAND …
//
// MODE: ok, hang (never answers), block (never answers and takes its thread with it), io, busy,
// refuse.

import Glibc
import LedgerClient
import LedgerCore
import LedgerCrypto
import LedgerIngest

let arguments = Array(CommandLine.arguments.dropFirst())
let separator = arguments.firstIndex(of: "--") ?? arguments.endIndex
let ledger = arguments[0]
let mode = arguments[1]
var request = RunRequest(command: Array(arguments[min(separator + 1, arguments.endIndex)...]))
request.service = "orders"
request.environment = "test"
for argument in arguments[2..<separator] {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    switch parts[0] {
    case "change": request.change = parts[1]
    case "environment": request.environment = parts[1]
    case "strict": request.requiresRecord = true
    case "timeout": request.recordTimeout = parts[1]
    default:
        print("unknown option \(argument)")
        exit(64)
    }
}

@Sendable func append(_ event: Event) -> Receipt {
    var object = event.members.merging(event.privateMembers)
    let digests = event.attachments.map { ($0.name, JSON.string($0.digest.hex)) }
    for (name, digest) in digests { object["attached:" + name] = digest }
    var line = CanonicalJSON.bytes(.object(object))
    line.append(0x0A)
    let descriptor = open(ledger, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    _ = write(descriptor, line, line.count)
    close(descriptor)
    return Receipt(index: 7, hash: SHA256.hash(line), time: Timestamp(milliseconds: 0))
}

let record: Record = { events async throws(LedgerError) -> [Receipt] in
    switch mode {
    case "hang": await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    case "block": while true { sleep(1000) }
    case "io": throw LedgerError(.io, "nobody answers")
    case "busy": throw LedgerError(.busy, "come again")
    case "refuse": throw LedgerError(.notAllowed, "this token may not write")
    default: break
    }
    return events.map(append)
}

let run = DeploymentRun(
    request: request, ledger: ledger,
    changeFromPath: { _, _ in nil }, record: record)
await run.runAndExit()
