import LedgerCrypto

// Atlas's `atlas.sum`, and the column `hash` of its revisions (ariga/atlas, sql/migrate/dir.go, on
// which this and its test vectors rest; the tool itself can't be run here):
//
//    h1:TOTAL
//    NAME h1:HASH
//    …
//
// for the files `*.sql` of one folder in the order of their names' bytes. HASH is the SHA-256 in
// Base64 of all names and contents up to and with this file, one after the other: it changes with
// every file before it. TOTAL is that of all NAME and HASH. A file whose first line has the
// directive `atlas:sum ignore` counts with its name alone, and has no line. The column `hash` is
// HASH without `h1:`.

/// Atlas's hash of a script and of those before it.
enum AtlasChecksum: ChecksumRule {
    static let tool = MigrationTool.atlas

    private static let first = ToolScript(
        path: "migrations/1_first.sql", bytes: Array("create table `tbl_1` (`col` int);\n".utf8))

    static let examples = [
        ChecksumExample(
            "migrations/1_first.sql", "create table `tbl_1` (`col` int);\n",
            checksums: [
                "uJ2MyyeTqXx4rCqtRMQAvRrfsvdwmvsZ3LcadVvCdOc=",
                "h1:uJ2MyyeTqXx4rCqtRMQAvRrfsvdwmvsZ3LcadVvCdOc=",
            ],
            other: "TLO00GtsqSi8o0ySoaofBqxemrElL8fHOs3IRnqYvB8=", is: .unknown),
        ChecksumExample(
            "migrations/2_second.sql", "create table `tbl_2` (`col` int);\n", folder: [first],
            checksums: [
                "TLO00GtsqSi8o0ySoaofBqxemrElL8fHOs3IRnqYvB8=",
                "h1:TLO00GtsqSi8o0ySoaofBqxemrElL8fHOs3IRnqYvB8=",
            ],
            other: "uJ2MyyeTqXx4rCqtRMQAvRrfsvdwmvsZ3LcadVvCdOc=", is: .unknown),
    ]

    static func checksums(of subject: ChecksumSubject) -> [String] {
        let path = ScriptPath(subject.script.path)
        let others = subject.folder.filter {
            let other = ScriptPath($0.path)
            return other.folders == path.folders && other.fileName != path.fileName
        }
        guard let hash = AtlasSum(others + [subject.script]).hash(of: path.fileName) else {
            return []
        }
        return [hash, "h1:" + hash]
    }

    /// One hash alone does not tell which of the files before it is another: see
    /// `AtlasSum.suspects`.
    static func decides(_ checksum: String, _ subject: ChecksumSubject) -> Bool { false }
}

/// What `atlas.sum` says of a folder.
public struct AtlasSum: Sendable, Equatable {
    public struct Line: Sendable, Equatable {
        public let name: String
        /// In Base64, without `h1:`.
        public let hash: String
    }

    public let lines: [Line]

    /// Computed from the folder's files; those that are no SQL are passed over.
    public init(_ files: [ToolScript]) {
        let scripts = files.map { (name: ScriptPath($0.path).fileName, bytes: $0.bytes) }
            .filter { $0.name.hasSuffix(".sql") }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let hasher = SHA256()
        hasher.start()
        lines = scripts.compactMap { script in
            Array(script.name.utf8).withUnsafeBytes { hasher.update($0) }
            if Self.isIgnored(script.bytes) { return nil }
            script.bytes.withUnsafeBytes { hasher.update($0) }
            return Line(name: script.name, hash: Base64.encode(hasher.digestSoFar().bytes))
        }
    }

    /// Read from the file `atlas.sum`; nil if it is none, or its total does not fit its lines.
    public init?(file: [UInt8]) {
        let rows = ScriptText.lines(file[...]).map { String(decoding: $0, as: UTF8.self) }
        guard let total = rows.first, total.hasPrefix("h1:") else { return nil }
        var lines: [Line] = []
        for row in rows.dropFirst() {
            guard let place = row.range(ofLast: " h1:") else { return nil }
            lines.append(
                Line(name: String(row[..<place.lowerBound]), hash: String(row[place.upperBound...]))
            )
        }
        self.lines = lines
        if total != "h1:" + self.total { return nil }
    }

    /// The first line's hash, without `h1:`.
    public var total: String {
        Base64.encode(SHA256.hash(lines.flatMap { Array(($0.name + $0.hash).utf8) }).bytes)
    }

    /// The file `atlas.sum`.
    public var file: [UInt8] {
        Array(
            (["h1:" + total] + lines.map { "\($0.name) h1:\($0.hash)" }).joined(separator: "\n")
                .utf8)
            + [0x0A]
    }

    public func hash(of name: String) -> String? {
        lines.first { $0.name == name }?.hash
    }

    /// The files among which is the first that is not as it was when the hashes were made: the
    /// first whose hash is another, and those since the last whose hash fits. Empty if all fit.
    ///
    /// - Parameter hash: what the table of revisions, or another `atlas.sum`, has for a file's
    ///   name, with or without `h1:`.
    public func suspects(_ hash: (String) -> String?) -> [String] {
        var names: [String] = []
        for line in lines {
            names.append(line.name)
            guard let other = hash(line.name) else { continue }
            if other != line.hash, other != "h1:" + line.hash { return names }
            names = []
        }
        return []
    }

    // `^([ -~]*)atlas:(\w+)(?: +([ -~]*))*`, in which the word is `sum` and the rest `ignore`.
    private static func isIgnored(_ script: [UInt8]) -> Bool {
        let line = String(decoding: script.prefix { 0x20...0x7E ~= $0 }, as: UTF8.self)
        guard let place = line.range(ofLast: "atlas:") else { return false }
        let rest = line[place.upperBound...]
        return rest.hasPrefix("sum ") && rest.dropFirst(4).drop { $0 == " " } == "ignore"
    }
}
