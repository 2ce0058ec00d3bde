import LedgerCrypto

// Prisma's column `checksum`: the SHA-256 of `migration.sql` in 64 lower-case hexadecimal digits.
//
// Prisma itself takes a script for the same whose line ends alone are others, and knows digits that
// an early version wrote: each byte without a leading zero (prisma/prisma-engines, checksum.rs, on
// which this rests; the tool itself can't be run here).

/// Prisma's SHA-256 of a script.
enum PrismaChecksum: ChecksumRule {
    static let tool = MigrationTool.prisma

    static let examples = [
        ChecksumExample(
            "migrations/20260102_add/migration.sql", "hello",
            checksums: [
                "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                "2cf24dba5fb0a3e26e83b2ac5b9e29e1b161e5c1fa7425e7343362938b9824",
            ],
            other: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9825",
            is: .different)
    ]

    static func checksums(of subject: ChecksumSubject) -> [String] {
        let script = subject.script.bytes
        var texts = [script]
        for other in [withLineFeeds(script), withPairs(script)] where !texts.contains(other) {
            texts.append(other)
        }
        return texts.flatMap { text in
            let digest = SHA256.hash(text)
            let short = digest.bytes.map { String($0, radix: 16) }.joined()
            return digest.hex == short ? [short] : [digest.hex, short]
        }
    }

    static func decides(_ checksum: String, _ subject: ChecksumSubject) -> Bool {
        32...64 ~= checksum.utf8.count
            && checksum.utf8.allSatisfy { Hexadecimal.value(of: $0) != nil }
    }

    private static func withLineFeeds(_ script: [UInt8]) -> [UInt8] {
        script.indices.filter {
            script[$0] != 0x0D || $0 + 1 == script.count || script[$0 + 1] != 0x0A
        }.map { script[$0] }
    }

    private static func withPairs(_ script: [UInt8]) -> [UInt8] {
        script.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
    }
}
