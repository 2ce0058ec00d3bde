import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

@Suite struct TypedStatementsTests {
    private func typed(_ before: String, _ after: String) -> TypedStatements {
        TypedStatements(before: Array(before.utf8), after: Array(after.utf8))
    }

    @Test(
        arguments: [
            ("", "SELECT 1;\n", "SELECT 1;\n"),
            ("a;\nb;\n", "a;\nb;\nc;\n", "c;\n"),
            ("a;\nb;\n", "a;\nb;\n", ""),
            // The oldest went to make room.
            ("a;\nb;\nc;\n", "c;\nd;\ne;\n", "d;\ne;\n"),
            ("a;\na;\n", "a;\na;\na;\n", "a;\n"),
            ("a;\n", "b;\n", "b;\n"),
            ("a;\n", "", ""),
            ("", "SELECT\u{1}  1;\n", "SELECT\n  1;\n"),
            ("#1700000000\na;\n", "#1700000000\na;\n#1700000009\nb;\n", "b;\n"),
            (
                "_HiStOrY_V2_\na\\040b;\n", "_HiStOrY_V2_\na\\040b;\nc\\012\\134q\\0;\n",
                "c\n\\q\\0;\n"
            ),
            ("", "_HiStOrY_V2_\nSELECT\\0401;\n", "SELECT 1;\n"),
            ("", "ALTER ROLE a PASSWORD 'x y';\n", "ALTER ROLE a PASSWORD ***;\n"),
        ])
    func onlyWhatCameIsTyped(_ before: String, _ after: String, _ script: String) {
        #expect(typed(before, after).script == script)
    }

    @Test func bytesThatAreNoTextDoNoHarm() {
        var random = SeededGenerator()
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
                [0x0A, 0x5C, 0x31, 0x23, 0x01, 0xFF, 0x00].randomElement(using: &random)! as UInt8
            }
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let typed = TypedStatements(before: Array(bytes[..<cut]), after: bytes)
            _ = typed.script
            #expect(typed.lines.count <= bytes.count, "seed \(random.seed)")
        }
    }
}
