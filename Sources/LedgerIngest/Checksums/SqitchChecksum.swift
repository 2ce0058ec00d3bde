import LedgerCrypto

/// Sqitch's `script_hash` in its table `changes`: the SHA-1 of the deploy script's bytes
/// (App::Sqitch 1.3.1, Plan/Change.pm; seen to agree with it). The table `events` has the change's
/// id alone, into which no script goes: see `SqitchPlan`.
enum SqitchChecksum: ChecksumRule {
    static let tool = MigrationTool.sqitch

    static let examples = [
        ChecksumExample(
            "deploy/second.sql", "create view x as select 1 as y;\n",
            checksums: ["c23a1d8125eb0849804c7c97cf330dcc6aa6b55e"],
            other: "3c7732a50f2cb78c1e8b54b1361181ebb4281f7d", is: .unknown)
    ]

    static func checksums(of subject: ChecksumSubject) -> [String] {
        ToolDigest.sha1(subject.script.bytes).map { [hexText($0)] } ?? []
    }

    /// What looks like a hash may be a change's id.
    static func decides(_ checksum: String, _ subject: ChecksumSubject) -> Bool { false }
}
