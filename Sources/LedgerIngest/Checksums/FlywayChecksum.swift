// Flyway's column `checksum`:
//
//    CRC-32 (IEEE 802.3) of the script's lines in UTF-8, one after the other without their line
//    ends and without a byte order mark, as a signed number of 32 bits.
//
// That is so since Flyway 4 (flyway/flyway, ChecksumCalculator.java). It could not be checked
// against the tool, only against a checksum that it is known to show. The script of a repeatable
// migration is hashed with its placeholders replaced, or as it is (SqlMigrationResolver.java); that
// of a versioned one as it is.

/// Flyway's CRC-32 of a script.
enum FlywayChecksum: ChecksumRule {
    static let tool = MigrationTool.flyway

    static let examples = [
        ChecksumExample(
            "V7__valid_until.sql",
            "alter table location_history add column valid_until timestamp with time zone;",
            checksums: ["-1039259818"], other: "-1039259817", is: .different),
        ChecksumExample(
            "V8__lines.sql", "\u{FEFF}1234\r\n56\r789\n", checksums: ["-873187034"],
            other: "3421780262", is: .unknown),
        ChecksumExample("V9__.sql", "", checksums: ["0"], other: "1", is: .different),
        ChecksumExample(
            "R__view.sql", "1${six}9", checksums: ["293140682"], other: "-873187034",
            is: .unknown),
        ChecksumExample(
            "V10__Code.java", "class", checksums: [], other: "-873187034", is: .unknown),
    ]

    static func checksums(of subject: ChecksumSubject) -> [String] {
        // Classes say themselves which checksum they have.
        guard ScriptPath(subject.script.path).isSQL else { return [] }
        let text = ScriptText.withoutMark(subject.script.bytes)
        let sum = CRC32.of(text.lazy.filter { $0 != 0x0A && $0 != 0x0D })
        return [String(Int32(bitPattern: sum))]
    }

    static func decides(_ checksum: String, _ subject: ChecksumSubject) -> Bool {
        let script = subject.script
        let isRepeatable = ScriptPath(script.path).fileName.hasPrefix("R__")
        // A script in another encoding is hashed as UTF-8.
        return Int32(checksum) != nil && ScriptText.isUTF8(script.bytes)
            && !(isRepeatable && ScriptText.hasPlaceholder(script.bytes))
    }
}

/// The CRC-32 of Ethernet, gzip and PNG (ISO 3309): reflected polynomial 0xEDB88320.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { sum, _ in
            sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0xEDB8_8320
        }
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)]
        }
    }
}
