import Glibc

/// What the C library says of an error number.
public enum ErrnoText {
    public static func text(of code: Int32 = errno) -> String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text)
    }
}
