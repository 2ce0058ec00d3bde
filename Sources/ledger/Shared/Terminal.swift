import Glibc
import LedgerCore
import LedgerReport

/// What the command knows of the terminal that it runs in.
enum Terminal {
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1

    /// The width of the terminal that the output goes to; nil if it goes elsewhere.
    static var outputWidth: Int? {
        guard outputIsTerminal else { return nil }
        var size = winsize()
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            return Int(size.ws_col)
        }
        return Environment["COLUMNS"].flatMap { Int($0) } ?? 80
    }

    /// Writes a line to standard error. What could steer the terminal is made visible.
    static func note(_ text: String) {
        write(VisibleText.lines(text).joined(separator: "\n") + "\n", to: STDERR_FILENO)
    }

    static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return
            }
            bytes = bytes.dropFirst(count)
        }
    }

    /// The time of this machine's clock.
    static let local = LocalTime { offsetMinutes(at: $0) }

    /// Minutes east of UTC that the local clock shows at a moment.
    static func offsetMinutes(at time: Timestamp) -> Int {
        var seconds = time_t(time.milliseconds / 1000)
        var local = tm()
        localtime_r(&seconds, &local)
        return local.tm_gmtoff / 60
    }
}

/// A line on standard error that tells how far long work is; silent where nobody looks.
final class Progress {
    private let what: String
    private var last = ContinuousClock.now - .seconds(1)
    private var isShown = false

    init(_ what: String) {
        self.what = what
    }

    func show(_ count: Int64) {
        guard Terminal.errorIsTerminal, ContinuousClock.now - last > .milliseconds(100) else {
            return
        }
        last = .now
        isShown = true
        Terminal.write("\r\(Number.grouped(count)) \(what)\u{1B}[K", to: STDERR_FILENO)
    }

    func end() {
        if isShown { Terminal.write("\r\u{1B}[K", to: STDERR_FILENO) }
        isShown = false
    }
}

enum Number {
    /// With commas between thousands, for people.
    static func grouped(_ number: Int64) -> String {
        let digits = Array(String(number.magnitude).utf8)
        var text = number < 0 ? "-" : ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text += "," }
            text.unicodeScalars.append(Unicode.Scalar(digit))
        }
        return text
    }
}

enum Environment {
    static subscript(name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// All variables.
    static var all: [String: String] {
        var variables: [String: String] = [:]
        var place = environ
        while let entry = place.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            place += 1
        }
        return variables
    }
}
