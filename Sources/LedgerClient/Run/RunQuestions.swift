import Glibc
import LedgerCore
import LedgerIngest

/// Asks the person at the terminal for what a session by hand still lacks. Enter skips a question;
/// Ctrl-C, Ctrl-D and five minutes without an answer skip all that are left.
struct RunQuestions {
    private static let milliseconds: Int64 = 300_000
    private static let tries = 3

    private var isOver = false

    /// Whether somebody sits there who can answer.
    static var canAsk: Bool {
        isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
            && tcgetpgrp(STDIN_FILENO) == getpgrp()
    }

    /// - Parameter hasReason: the reason is not asked for.
    static func ask(hasReason: Bool) -> RunAnswers {
        var questions = RunQuestions()
        var answers = RunAnswers()
        // What was typed ahead was typed for somebody else.
        tcflush(STDIN_FILENO, TCIFLUSH)
        if !hasReason {
            questions.answer("Why was this done? (Enter skips) ").map { answers.setReason($0) }
        }
        for _ in 0..<tries {
            guard
                let text = questions.answer(
                    "How can it be undone? SQL, @FILE, forward_fix or irreversible (Enter skips) ")
            else { break }
            do throws(LedgerError) {
                try answers.setRollback(text)
                break
            } catch {
                questions.say(error.message + "\n")
            }
        }
        return answers
    }

    /// The next line without spaces around it; nil if it is empty, or nothing more is answered.
    private mutating func answer(_ question: String) -> String? {
        if isOver { return nil }
        say("ledger: " + question)
        let deadline = RunClock.monotonicMilliseconds() + Self.milliseconds
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while line.last != UInt8(ascii: "\n") {
            var place = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            // A signal may come just before it waits.
            let found = poll(&place, 1, 200)
            if ChildProcess.heldSignal != nil || RunClock.monotonicMilliseconds() > deadline {
                return end()
            }
            if found <= 0 { continue }
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return end() }
            line += buffer[..<count]
        }
        var text = String(decoding: line, as: UTF8.self).drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.isEmpty ? nil : String(text)
    }

    private mutating func end() -> String? {
        isOver = true
        say("\n")
        return nil
    }

    private func say(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
