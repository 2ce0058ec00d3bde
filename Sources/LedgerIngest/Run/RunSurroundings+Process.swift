import Glibc

extension RunSurroundings {
    /// Those of this process.
    public static func current() -> RunSurroundings {
        let variables = Self.environmentVariables()
        let account = userName()
        let caller = geteuid() == 0 ? variables["SUDO_USER"] ?? variables["DOAS_USER"] : nil
        return RunSurroundings(
            variables: variables, userName: caller ?? account, hostName: hostName(),
            isAtTerminal: isatty(STDIN_FILENO) == 1 || isatty(STDERR_FILENO) == 1)
    }

    private static func environmentVariables() -> [String: String] {
        var variables: [String: String] = [:]
        var place = environ
        while let entry = place.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                let name = String(text[..<equals])
                // The first of two with one name is what getenv(3) finds.
                if variables[name] == nil {
                    variables[name] = String(text[text.index(after: equals)...])
                }
            }
            place += 1
        }
        return variables
    }

    private static func userName() -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(geteuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil,
            let name = entry.pw_name
        else { return nil }
        return String(cString: name)
    }

    private static func hostName() -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return nil }
        let name = String(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return name.isEmpty ? nil : name
    }
}
