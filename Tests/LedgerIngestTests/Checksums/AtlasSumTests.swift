import Testing

@testable import LedgerIngest

/// `atlas.sum` against the one of Atlas's own tests (ariga/atlas, sql/migrate/testdata).
@Suite struct AtlasSumTests {
    private static let files = [
        ("1_first.sql", "create table `tbl_1` (`col` int);\n"),
        ("2_second.sql", "create table `tbl_2` (`col` int);\n"),
        (
            "3_checkpoint.sql",
            "-- atlas:checkpoint\n\nCREATE TABLE `tbl_1` (`col` int);\n"
                + "CREATE TABLE `tbl_2` (`col` int);\n"
        ),
    ].map { ToolScript(path: "migrations/\($0.0)", bytes: Array($0.1.utf8)) }

    private static let hashes = [
        "1_first.sql": "uJ2MyyeTqXx4rCqtRMQAvRrfsvdwmvsZ3LcadVvCdOc=",
        "2_second.sql": "TLO00GtsqSi8o0ySoaofBqxemrElL8fHOs3IRnqYvB8=",
        "3_checkpoint.sql": "LR4UjDYVtrRuHLN5GQwLAYnXrSf/iO70psY8hTmLmjw=",
    ]

    // The lines after the third are those of files whose content is not needed here.
    private static let sum = """
        h1:POfbsH2G2GIXAZQ2CdPa5ufTxcLpcnperz/gX0Vw6Uk=
        1_first.sql h1:uJ2MyyeTqXx4rCqtRMQAvRrfsvdwmvsZ3LcadVvCdOc=
        2_second.sql h1:TLO00GtsqSi8o0ySoaofBqxemrElL8fHOs3IRnqYvB8=
        3_checkpoint.sql h1:LR4UjDYVtrRuHLN5GQwLAYnXrSf/iO70psY8hTmLmjw=
        4_fourth.sql h1:QvaneqKxg+3R+zNzCP/wW43XkECdHkUwEpxJKPICEP8=
        5_checkpoint.sql h1:syyuaJb/hoMRO7MJlv4AMhYqMCoSb8ZgcHENO8RqN3I=
        6_sixth.sql h1:JNhpyBtH7XKqGBNRHQ+AvM9IDpO08C3G/swWPHfLkfw=

        """

    @Test func filesHaveTheHashesThatAtlasGives() {
        let sum = AtlasSum(Self.files.reversed())
        for line in sum.lines { #expect(line.hash == Self.hashes[line.name]) }
        #expect(sum.lines.count == 3)
    }

    @Test func aSumFileIsReadAndWrittenByteForByte() throws {
        let bytes = Array(Self.sum.utf8)
        let sum = try #require(AtlasSum(file: bytes))
        #expect(sum.file == bytes)
        #expect(sum.total == "POfbsH2G2GIXAZQ2CdPa5ufTxcLpcnperz/gX0Vw6Uk=")
        for place in [4, 60, 80] {
            var other = bytes
            other[place] ^= 1
            #expect(AtlasSum(file: other) == nil)
        }
        #expect(AtlasSum(file: []) == nil)
    }

    @Test func anIgnoredFileCountsWithItsNameAlone() {
        func hashes(_ first: String) -> [String] {
            AtlasSum([
                ToolScript(path: "a.sql", bytes: Array(first.utf8)),
                ToolScript(path: "b.sql", bytes: [0x3B]),
                ToolScript(path: "atlas.sum", bytes: [0x3B]),
            ]).lines.map(\.hash)
        }
        let ignored = hashes("-- atlas:sum ignore\nx")
        #expect(ignored.count == 1)
        #expect(ignored == hashes("//atlas:sum  ignore\ny"))
        #expect(ignored != hashes("\n-- atlas:sum ignore\nx"))
        #expect(hashes("//atlas:sum\nfoo").count == 2)
        #expect(hashes("-- atlas:sum ignore \nfoo").count == 2)
    }

    @Test func theFirstFileThatIsAnotherIsFound() {
        let sum = AtlasSum(Self.files)
        #expect(sum.suspects { Self.hashes[$0] } == [])
        #expect(sum.suspects { "h1:" + (Self.hashes[$0] ?? "") } == [])
        #expect(sum.suspects { _ in nil } == [])
        var files = Self.files
        files[1] = ToolScript(path: files[1].path, bytes: [0x3B])
        #expect(AtlasSum(files).suspects { Self.hashes[$0] } == ["2_second.sql"])
        // One that the table does not know, between two that it does.
        files = Self.files + [ToolScript(path: "migrations/2_a.sql", bytes: [0x3B])]
        #expect(AtlasSum(files).suspects { Self.hashes[$0] } == ["2_a.sql", "2_second.sql"])
    }
}
