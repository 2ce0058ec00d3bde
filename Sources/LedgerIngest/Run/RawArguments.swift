import Glibc
import LedgerCore

/// Our own arguments as the bytes that they are: a file's name need not be UTF-8, and a `String`
/// made of it would name no file.
enum RawArguments {
    /// Copies of the last arguments, to be freed by the caller, if they read as `arguments`.
    static func tail(_ arguments: [String]) -> [UnsafeMutablePointer<CChar>?]? {
        let first = Int(CommandLine.argc) - arguments.count
        guard first > 0 else { return nil }
        var copies: [UnsafeMutablePointer<CChar>?] = []
        for (offset, argument) in arguments.enumerated() {
            guard let raw = CommandLine.unsafeArgv[first + offset],
                String(cString: raw).hasSameBytes(as: argument)
            else {
                for copy in copies { free(copy) }
                return nil
            }
            copies.append(strdup(raw))
        }
        return copies
    }
}
