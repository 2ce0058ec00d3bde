import LedgerCore
import LedgerCrypto

/// Whether a script is the one that a tool's table has a checksum of.
public enum ChecksumMatch: Sendable, Equatable {
    case same
    case different
    /// More than the script goes into the checksum, or it is of a kind that is not known.
    case unknown
}

/// A script as it lies in its folder.
public struct ToolScript: Sendable, Equatable {
    /// With the folder in which the tool looks for scripts, or from there.
    public let path: String
    public let bytes: [UInt8]

    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

/// Computes from a script the checksums that its tool keeps, so that script, table and ledger can
/// be compared.
public enum ToolChecksum {
    static let rules: [any ChecksumRule.Type] = [
        FlywayChecksum.self, LiquibaseChecksum.self, AtlasChecksum.self, SqitchChecksum.self,
        PrismaChecksum.self,
    ]

    /// Every checksum that the tool could show for this script; none if it keeps none.
    ///
    /// - Parameters:
    ///   - change: what the tool's table calls the change, where a file holds several.
    ///   - folder: all scripts of the script's folder; Atlas hashes those before it too.
    public static func of(
        _ script: ToolScript, tool: MigrationTool, change: String? = nil,
        folder: [ToolScript] = []
    ) -> [String] {
        let subject = ChecksumSubject(script: script, change: change, folder: folder)
        return rule(of: tool)?.checksums(of: subject) ?? []
    }

    /// Whether this is the script whose checksum the tool's table has.
    public static func match(
        _ checksum: String?, _ script: ToolScript, tool: MigrationTool, change: String? = nil,
        folder: [ToolScript] = []
    ) -> ChecksumMatch {
        guard let checksum, !checksum.isEmpty, let rule = rule(of: tool) else { return .unknown }
        let subject = ChecksumSubject(script: script, change: change, folder: folder)
        let checksums = rule.checksums(of: subject)
        if checksums.contains(checksum) { return .same }
        return !checksums.isEmpty && rule.decides(checksum, subject) ? .different : .unknown
    }

    private static func rule(of tool: MigrationTool) -> (any ChecksumRule.Type)? {
        rules.first { $0.tool == tool }
    }
}

/// What a checksum is computed from.
struct ChecksumSubject {
    let script: ToolScript
    let change: String?
    let folder: [ToolScript]
}

/// How one tool computes checksums; each is one file, with examples.
protocol ChecksumRule: Sendable {
    static var tool: MigrationTool { get }
    static var examples: [ChecksumExample] { get }
    /// Every checksum that the tool could show.
    static func checksums(of subject: ChecksumSubject) -> [String]
    /// Whether a checksum that is none of these is another script's.
    static func decides(_ checksum: String, _ subject: ChecksumSubject) -> Bool
}

/// A script, its checksums, and one that it has not.
struct ChecksumExample: Sendable {
    let script: ToolScript
    let change: String?
    let folder: [ToolScript]
    let checksums: [String]
    let other: (checksum: String, match: ChecksumMatch)

    init(
        _ path: String, _ text: String, change: String? = nil, folder: [ToolScript] = [],
        checksums: [String], other: String, is match: ChecksumMatch
    ) {
        script = ToolScript(path: path, bytes: Array(text.utf8))
        self.change = change
        self.folder = folder
        self.checksums = checksums
        self.other = (other, match)
    }
}

/// Lower-case hexadecimal digits.
func hexText(_ bytes: [UInt8]) -> String {
    var digits: [UInt8] = []
    Hexadecimal.append(bytes, to: &digits)
    return String(decoding: digits, as: UTF8.self)
}
