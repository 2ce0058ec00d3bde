import Testing

@testable import LedgerIngest

/// The ids of changes against those of Sqitch 1.3.1 (its table `changes`, and `sqitch plan`).
@Suite struct SqitchPlanTests {
    private static let plan = #"""
        %syntax-version=1.0.0
        %project=shop
        %uri=https://Example.com

        # A comment
        first 2026-01-02T03:04:05Z Ann Ünï <ann@example.com> # Adds the first table
          + second [first] 2026-01-02T03:04:06Z   Bob  B.  \#
        <bob@example.com>{TAB}#   Two lines\nof note \\ and # hash  {END}
        @v1.0 2026-01-02T03:04:07Z Ann <ann@example.com> # first release

        app/third [second@v1.0 shop:first !other:gone @v1.0] \#
        2026-01-02T03:04:08Z Ann <ann@example.com>
        second [second@v1.0] 2026-01-02T03:04:09Z Ann <ann@example.com> # 0

        """#

    @Test func changesHaveTheIDsThatSqitchGives() throws {
        let text = Self.plan.replacing("{TAB}", with: "\t").replacing("{END}", with: "")
        let plan = try #require(SqitchPlan(Array(text.utf8)))
        #expect(plan.project == "shop")
        #expect(
            plan.changes.map { "\($0.id) \($0.name)" } == [
                "3c7732a50f2cb78c1e8b54b1361181ebb4281f7d first",
                "d8917655bc41da359175a230ec5a428f18885bb9 second",
                "ec03af40e3ac476c810573bbac8832a8102f8135 app/third",
                "27d55f198a5aba03f1dc95e92ce0b7e88d8abfa4 second",
            ])
    }

    @Test func linesMayEndAsOnWindows() throws {
        let text = "%project=crlf\r\n\r\na 2026-01-02T03:04:05Z Ann <ann@example.com> # n\r\n"
        let plan = try #require(SqitchPlan(Array(text.utf8)))
        #expect(plan.changes.map(\.id) == ["fc03fe49359b4b48c5127eb9aa4e0bb92c4c1886"])
    }

    @Test(arguments: [
        "", "%project=x\n\nfirst\n", "%project=x\n\nfirst [second 2026-01-02T03:04:05Z A <a@b>\n",
        "%project=x\n\nfirst 2026-01-02T03:04:05Z <a@b>\n", "%syntax-version=1\n",
    ])
    func whatIsNoPlanIsNone(_ text: String) {
        #expect(SqitchPlan(Array(text.utf8)) == nil)
    }
}
