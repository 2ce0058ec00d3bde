import Foundation

/// The files of this repository, as text.
enum SourceTree {
    struct File: Sendable {
        /// Seen from the repository's root, such as `Sources/LedgerCore/JSON/JSON.swift`.
        let path: String
        let text: String
        let tokens: SwiftTokens

        init(path: String, text: String) {
            self.path = path
            self.text = text
            tokens = SwiftTokens(text)
        }

        var lines: [(number: Int, text: String)] {
            text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
                ($0.offset + 1, String($0.element))
            }
        }

        /// The modules whose names stand in `import` lines.
        var imports: [String] {
            let words = ["import", "public", "internal", "package", "private", "fileprivate"]
            let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            return lines.compactMap { line in
                var parts = line.text.split(separator: " ").map(String.init)
                parts.removeAll { $0.hasPrefix("@") }
                guard let first = parts.first, words.contains(first), parts.contains("import")
                else { return nil }
                parts.removeSubrange(...(parts.firstIndex(of: "import") ?? 0))
                if let kind = parts.first, kinds.contains(kind) { parts.removeFirst() }
                return parts.first.map { String($0.prefix { $0 != "." }) }
            }
        }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let all = Result {
        let sources = root.appendingPathComponent("Sources")
        let names = FileManager.default.enumerator(atPath: sources.path)
        var files: [File] = []
        while let name = names?.nextObject() as? String {
            guard name.hasSuffix(".swift") else { continue }
            let text = try String(
                contentsOf: sources.appendingPathComponent(name), encoding: .utf8)
            files.append(File(path: "Sources/\(name)", text: text))
        }
        return files.sorted { $0.path < $1.path }
    }

    /// The Swift files under `Sources`, or those of one module.
    static func swiftFiles(_ module: String? = nil) throws -> [File] {
        let files = try all.get()
        guard let module else { return files }
        return files.filter { $0.path.hasPrefix("Sources/\(module)/") }
    }

    static func modules() throws -> [String] {
        let sources = root.appendingPathComponent("Sources").path
        return try FileManager.default.contentsOfDirectory(atPath: sources).sorted()
    }
}
