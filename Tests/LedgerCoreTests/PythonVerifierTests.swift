import Testing

/// The verifier that shares no code with ours, against tampered ledgers.
@Suite(.enabled(if: PackageFiles.hasPython, "python3 is not installed"))
struct PythonVerifierTests {
    @Test func namesWhateverWasTamperedWith() throws {
        let run = try PackageFiles.python("Tests/Vectors/test_verify_ledger.py")
        #expect(run.status == 0, "\(run.output)")
        #expect(run.output.contains("\nOK"))
    }
}
