/// A changelog in SQL and what Liquibase 4.29.0 computes for its changesets (its own parser and
/// `ChangeSet.generateCheckSum`, for both versions); nil where it refuses the file.
struct LiquibaseVector: Sendable, CustomStringConvertible {
    struct Sums: Sendable {
        let id: String
        let author: String
        let version8: String
        let version9: String

        init(_ id: String, _ author: String, _ version8: String, _ version9: String) {
            (self.id, self.author) = (id, author)
            (self.version8, self.version9) = (version8, version9)
        }
    }

    let description: String
    let text: String
    let changeSets: [Sums]?

    init(_ name: String, _ text: String, _ changeSets: [Sums]?) {
        (description, self.text, self.changeSets) = (name, text, changeSets)
    }

    private static let header = "--liquibase formatted sql\n"

    static let all = [
        LiquibaseVector(
            "plainset",
            header + "--changeset ann:1\nALTER TABLE person ADD COLUMN email TEXT;\n",
            [
                Sums(
                    "1", "ann", "8:e0ae3fb1f21c0929405e258d364820f5",
                    "9:c1ab6ed3ed079f56a6ba197fc4c73237")
            ]),
        LiquibaseVector(
            "crlf",
            "--liquibase formatted sql\r\n\r\n--changeset ann:1\r\nCREATE TABLE a (\r\n"
                + "  id INT\r\n);\r\n\r\nCREATE TABLE b (id INT);\r\n",
            [
                Sums(
                    "1", "ann", "8:e1a0ee5603a4c948f8011f065f636eae",
                    "9:c747c4ce3372052f2baa1fda89c17565")
            ]),
        LiquibaseVector(
            "lf",
            header + "\n--changeset ann:1\nCREATE TABLE a (\n  id INT\n);\n\n"
                + "CREATE TABLE b (id INT);\n",
            [
                Sums(
                    "1", "ann", "8:e1a0ee5603a4c948f8011f065f636eae",
                    "9:c747c4ce3372052f2baa1fda89c17565")
            ]),
        LiquibaseVector(
            "nofinal",
            header + "--changeset ann:1\nALTER TABLE person ADD COLUMN email TEXT;",
            [
                Sums(
                    "1", "ann", "8:e0ae3fb1f21c0929405e258d364820f5",
                    "9:c1ab6ed3ed079f56a6ba197fc4c73237")
            ]),
        LiquibaseVector(
            "bom",
            "\u{FEFF}--liquibase formatted sql\n--changeset ann:1\n"
                + "ALTER TABLE person ADD COLUMN email TEXT;\n",
            [
                Sums(
                    "1", "ann", "8:e0ae3fb1f21c0929405e258d364820f5",
                    "9:c1ab6ed3ed079f56a6ba197fc4c73237")
            ]),
        LiquibaseVector(
            "comments",
            header + "--changeset ann:1 labels:x\n--comment: adds mail\n-- an ordinary comment\n"
                + "/* block\n comment */\nALTER TABLE person ADD COLUMN email TEXT; -- tail\n",
            [
                Sums(
                    "1", "ann", "8:87f661bb3a94bdcb210e3011d0dab18f",
                    "9:dc423f1d1b707f789033641148aa7459")
            ]),
        LiquibaseVector(
            "several",
            header
                + "\n--changeset ann:1\nSELECT 1;\n\n--changeset bob:2 context:prod\nSELECT   2 ;\n"
                + "\n\n--changeset ann:3\nSELECT 3;\n",
            [
                Sums(
                    "1", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106"),
                Sums(
                    "2", "bob", "8:f7407f1937e84ab7da7546f40ab81b1c",
                    "9:cd1510052112db30d0cd43ccde792b3e"),
                Sums(
                    "3", "ann", "8:24f7053db5a1bdd08af26ff520ee23b2",
                    "9:25462d80f1add8537ee5f0ff49714fe5"),
            ]),
        LiquibaseVector(
            "rollback",
            header + "--changeset ann:1\nCREATE TABLE t (id INT);\n--rollback DROP TABLE t;\n"
                + "--rollback SELECT 1;\n  -- rollback SELECT 2;\n",
            [
                Sums(
                    "1", "ann", "8:d80823fa5682e20d5a242b0de1bd937e",
                    "9:bea0eed41a87530c602dd2bda1db0ff5")
            ]),
        LiquibaseVector(
            "multirollback",
            header + "--changeset ann:1\nCREATE TABLE t (id INT);\n/* liquibase rollback\n"
                + "DROP TABLE t;\n*/\n--changeset ann:2\nSELECT 5;\n/*liquibase rollback\n"
                + " DROP TABLE x; */\nSELECT 6;\n",
            [
                Sums(
                    "1", "ann", "8:d80823fa5682e20d5a242b0de1bd937e",
                    "9:bea0eed41a87530c602dd2bda1db0ff5"),
                Sums(
                    "2", "ann", "8:aa905223fbd63b0e41b7daa8ec760b4b",
                    "9:46961ce1dc13ed1cb8a041d7a1ce2e6f"),
            ]),
        LiquibaseVector(
            "split",
            header + "--changeset ann:1 splitStatements:false\nSELECT 1; SELECT 2;\n"
                + "--changeset ann:2 splitStatements:FALSE stripComments:false\nSELECT 1;\n"
                + "--changeset ann:3 rollbackSplitStatements:false\nSELECT 1;\n"
                + "--changeset ann:4 splitStatements:true stripComments:true\nSELECT 1;\n"
                + "--changeset ann:5 splitStatements: false\nSELECT 1;\n",
            [
                Sums(
                    "1", "ann", "8:20994f589edecd7b4c6aa873154208cf",
                    "9:ddba5b10260997d1a1a60e1f3a24fc74"),
                Sums(
                    "2", "ann", "8:0eb56079a7675e0b413d2f729ca2a5bf",
                    "9:0a7ed49c904abc7110aa09324b49f106"),
                Sums(
                    "3", "ann", "8:b42b78b1dc430d9f357b5a81fc5af62c",
                    "9:0a7ed49c904abc7110aa09324b49f106"),
                Sums(
                    "4", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106"),
                Sums(
                    "5", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106"),
            ]),
        LiquibaseVector(
            "delim",
            header + "--changeset ann:1 endDelimiter:/\nSELECT 1\n/\n"
                + "--changeset ann:2 endDelimiter:\\n/ rollbackEndDelimiter:;\nSELECT 1\n/\n"
                + "--changeset ann:3 endDelimiter:\nSELECT 4\n--changeset ann:4\nSELECT 1\n/\n",
            [
                Sums(
                    "1", "ann", "8:d674512b8dfcf09dd1257bc849e35cd6",
                    "9:70e74a8e38c6e286aa1cbb54b2c86fae"),
                Sums(
                    "2", "ann", "8:f080fae282c30c26447fb607afb7e12e",
                    "9:70e74a8e38c6e286aa1cbb54b2c86fae"),
                Sums(
                    "3", "ann", "8:c9640ce130124a17b62a9a52b7620697",
                    "9:48df45a9d84ac89f6b6eb09e145745a0"),
                Sums(
                    "4", "ann", "8:77ec98ef1f6a20cbb357314fdd9f71b6",
                    "9:70e74a8e38c6e286aa1cbb54b2c86fae"),
            ]),
        LiquibaseVector(
            "spaces",
            header + "--changeset ann:1\n   SELECT\t 1 ,\u{B} 2   ;   \n   \n\t\n",
            [
                Sums(
                    "1", "ann", "8:ee68e191f8b59c802e11ce20f5f2ec2c",
                    "9:7c766c7379c5ef73c50899860639e0ef")
            ]),
        LiquibaseVector(
            "slashlast",
            header + "--changeset ann:1\nSELECT 1\n/\n--changeset ann:2\nSELECT 1\n/\n",
            [
                Sums(
                    "1", "ann", "8:2336d8dcec2d2304ee90709b0ae2b52b",
                    "9:70e74a8e38c6e286aa1cbb54b2c86fae"),
                Sums(
                    "2", "ann", "8:77ec98ef1f6a20cbb357314fdd9f71b6",
                    "9:70e74a8e38c6e286aa1cbb54b2c86fae"),
            ]),
        LiquibaseVector(
            "pre",
            header + "--changeset ann:1\n--preconditions onFail:MARK_RAN onError:HALT\n"
                + "--precondition-sql-check expectedResult:0 SELECT COUNT(*) FROM t\n"
                + "--validCheckSum: 8:e0ae3fb1f21c0929405e258d364820f5\n"
                + "ALTER TABLE person ADD COLUMN email TEXT;\n",
            [
                Sums(
                    "1", "ann", "8:e0ae3fb1f21c0929405e258d364820f5",
                    "9:c1ab6ed3ed079f56a6ba197fc4c73237")
            ]),
        LiquibaseVector(
            "ignore",
            header
                + "--changeset ann:1\nSELECT 1;\n--ignoreLines:2\nSELECT 2;\nSELECT 3;\nSELECT 4;\n"
                + "--ignoreLines:start\nSELECT 5;\n--ignoreLines:end\nSELECT 6;\n",
            [
                Sums(
                    "1", "ann", "8:2b0ab092a840d6c25a95d8844acd0195",
                    "9:d8dc67942e82736f74f7d1756370c7f9")
            ]),
        LiquibaseVector(
            "lastempty",
            header + "--changeset ann:1\nSELECT 1;\n--changeset ann:2\n",
            [
                Sums(
                    "1", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106"),
                Sums(
                    "2", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106"),
            ]),
        LiquibaseVector(
            "lastblank",
            header + "--changeset ann:1\nSELECT 1;\n--changeset ann:2\n\n",
            [
                Sums(
                    "1", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106"),
                Sums(
                    "2", "ann", "8:c9de7ac546a5ec021c3a8668af731947",
                    "9:f01deb4f054d9620e0ddc9a1cfbdf6c9"),
            ]),
        LiquibaseVector(
            "names",
            header + "--changeset Ann Lee:1-a runOnChange:true\nSELECT 1;\n"
                + "--changeset \"Ann: X\":\"two words\" runAlways:true\nSELECT 2;\n"
                + "  -- changeset   bob:3\nSELECT 3;\n--CHANGESET eve:4\nSELECT 4;\n",
            [
                Sums(
                    "1-a", "Ann Lee", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106"),
                Sums(
                    "two words", "Ann: X", "8:4f85958f524cb6792ec0c8b9052bd947",
                    "9:cd1510052112db30d0cd43ccde792b3e"),
                Sums(
                    "3", "bob", "8:24f7053db5a1bdd08af26ff520ee23b2",
                    "9:25462d80f1add8537ee5f0ff49714fe5"),
                Sums(
                    "4", "eve", "8:e71dcc9e4bc6853ecbf5a94762c6c736",
                    "9:2e79509a25d3059bbd86bca32659c1f5"),
            ]),
        LiquibaseVector(
            "utf8",
            header
                + "--changeset änn:ü\n"
                + "INSERT INTO t VALUES ('Grüße 😀 e\u{301} \u{A0}\u{2003}x');\n",
            [
                Sums(
                    "ü", "änn", "8:eec14c5831bbfbbd2f72391f1777f6b9",
                    "9:293c85eb91374bf1e408acbaaa249853")
            ]),
        LiquibaseVector(
            "raw",
            "-- plain\nCREATE TABLE a (id INT);\n\nCREATE TABLE b (id INT); -- x\n",
            [
                Sums(
                    "raw", "includeAll", "8:e383dfb657607a54b2ece598dde0d215",
                    "9:a92503b5b2f218893a80cee018342f42")
            ]),
        LiquibaseVector(
            "rawslash",
            "CREATE TABLE a (id INT)\n/\n",
            [
                Sums(
                    "raw", "includeAll", "8:cff1d307a151d83b711038043a709332",
                    "9:33386492267b7a2e54f880faf7f44b08")
            ]),
        LiquibaseVector(
            "runwith",
            header + "--changeset ann:1 runWith:psql\nSELECT 1;\n"
                + "--changeset ann:2 runWith:psql splitStatements:true\nSELECT 1;\n",
            [
                Sums(
                    "1", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106"),
                Sums(
                    "2", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106"),
            ]),
        LiquibaseVector(
            "header",
            "\n  -- LIQUIBASE   formatted sql logicalFilePath:x/y.sql\n--changeset ann:1\n"
                + "SELECT 1;\n",
            [
                Sums(
                    "1", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106")
            ]),
        LiquibaseVector(
            "before",
            header + "-- words before\nSELECT 0;\n--changeset ann:1\nSELECT 1;\n",
            [
                Sums(
                    "1", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106")
            ]),
        LiquibaseVector(
            "cr",
            "--liquibase formatted sql\r--changeset ann:1\rSELECT 1,\r2;\r",
            [
                Sums(
                    "1", "ann", "8:97ff89d93b860c781c1a0cb1e34fb1b2",
                    "9:e7595a1d65ef6fa6061ad56461e62d1e")
            ]),
        LiquibaseVector(
            "indented",
            header
                + "--changeset ann:1\n  --comment x\n  --validCheckSum: 1\nSELECT 1;\n--rollback\n"
                + "SELECT 2;\n-- rollbacks are nice\n--comments\n--commentary\n--preconditionsX\n",
            [
                Sums(
                    "1", "ann", "8:fd866788e5192903207574f0181839a9",
                    "9:7b5b35a8795153ca8b4acb43ec2b729c")
            ]),
        LiquibaseVector(
            "ctl",
            header + "--changeset ann:1\n\u{1}\u{C} SELECT 1;\u{C}\u{2}\n",
            [
                Sums(
                    "1", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106")
            ]),
        LiquibaseVector(
            "commentonly",
            header + "--changeset ann:1\n-- nothing\n--changeset ann:2\n;\n",
            [
                Sums(
                    "1", "ann", "8:b00f7ddbf6020b21cdbf704871cc8cd3",
                    "9:12b01e6b2486a73aa2233592ea98bc4a"),
                Sums(
                    "2", "ann", "8:4386e306854eccee63981cc4654b547b",
                    "9:9ca31a2699a7fa6b8be88aca4a9fca63"),
            ]),
        LiquibaseVector(
            "dollar",
            header + "--changeset ann:1 dbms:postgresql splitStatements:false\n"
                + "CREATE FUNCTION f() RETURNS int AS $$\nBEGIN\n  RETURN 1;\nEND;\n"
                + "$$ LANGUAGE plpgsql;\n--rollback DROP FUNCTION f();\n",
            [
                Sums(
                    "1", "ann", "8:f77c3d4728280242ae3629fa9ce2e9d8",
                    "9:343a1e4b4d9aa6d2a56051adc22998d7")
            ]),
        LiquibaseVector(
            "only",
            header + "",
            []),
        LiquibaseVector(
            "tabs",
            header + "--\tchangeset\tann:1\tendDelimiter:#\tsplitStatements:false\nSELECT 1#\n",
            [
                Sums(
                    "1", "ann", "8:04ee95253b5dfabbed7e4f73f89071da",
                    "9:0351aa7e97a21472fa5581f2eb378dcc")
            ]),
        LiquibaseVector(
            "nel",
            header + "--changeset ann:1\nSELECT 1;\n--comment a\u{2028}b\n--rollback x\u{85}y\n"
                + "SELECT 2;\n",
            [
                Sums(
                    "1", "ann", "8:0500f42f689393294a3d068a9dafe996",
                    "9:fe6f5128892189135baf848586c3372b")
            ]),
        LiquibaseVector(
            "dup",
            header + "--changeset ann:1 logicalFilePath:a\nSELECT 1;\n"
                + "--changeset ann:1 logicalFilePath:b\nSELECT 2;\n",
            [
                Sums(
                    "1", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106"),
                Sums(
                    "1", "ann", "8:4f85958f524cb6792ec0c8b9052bd947",
                    "9:cd1510052112db30d0cd43ccde792b3e"),
            ]),
        LiquibaseVector(
            "rawlower",
            "create table a (id int)\n/\n",
            [
                Sums(
                    "raw", "includeAll", "8:908563723e9a4d4e02c6d1698f2a401e",
                    "9:b29c5c002eb2659ba7be51469c90fcdf")
            ]),
        LiquibaseVector(
            "placeholder",
            header + "--changeset ann:1\nSELECT '${x}';\n",
            [
                Sums(
                    "1", "ann", "8:16bfef1c4c3cbe925c294ace812b6fc2",
                    "9:42ed6651c2ed68d1757d85f71022a950")
            ]),
        LiquibaseVector(
            "ignoreend",
            header + "--changeset ann:1\nSELECT 1;\n--ignoreLines:start\nSELECT 2;\n",
            [
                Sums(
                    "1", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106")
            ]),
        LiquibaseVector(
            "ignoremany",
            header + "--changeset ann:1\nSELECT 1;\n--ignoreLines:99\nSELECT 2;\n",
            [
                Sums(
                    "1", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106")
            ]),
        LiquibaseVector(
            "ignorechangeset",
            header
                + "--changeset ann:1\nSELECT 1;\n--ignoreLines:1\n--changeset ann:2\nSELECT 2;\n",
            [
                Sums(
                    "1", "ann", "8:da5dc3ebb81ac6ce8c5268ed6ba17e02",
                    "9:ddba5b10260997d1a1a60e1f3a24fc74")
            ]),
        LiquibaseVector(
            "emptymiddle",
            header + "--changeset ann:1\n--changeset ann:2\nSELECT 2;\n",
            nil),
        LiquibaseVector(
            "rollbackopen",
            header + "--changeset ann:1\nSELECT 1;\n/* liquibase rollback\nSELECT 2;\n",
            nil),
        LiquibaseVector(
            "slashcrlf",
            header + "--changeset ann:1\r\nSELECT 1\r\n/\r\n\r\n",
            [
                Sums(
                    "1", "ann", "8:77ec98ef1f6a20cbb357314fdd9f71b6",
                    "9:70e74a8e38c6e286aa1cbb54b2c86fae")
            ]),
        LiquibaseVector(
            "slashspace",
            header + "--changeset ann:1\nSELECT 1\n /\n",
            [
                Sums(
                    "1", "ann", "8:2336d8dcec2d2304ee90709b0ae2b52b",
                    "9:70e74a8e38c6e286aa1cbb54b2c86fae")
            ]),
        LiquibaseVector(
            "bomin",
            header + "\u{FEFF}--changeset ann:1\nSELECT 1\n",
            []),
        LiquibaseVector(
            "dashes",
            header + "---changeset ann:1\nSELECT 0;\n--changeset ann:1\nSELECT 1;\n",
            [
                Sums(
                    "1", "ann", "8:1299757950f2a4bc6ca7abbec6ca2a01",
                    "9:0a7ed49c904abc7110aa09324b49f106")
            ]),
        LiquibaseVector(
            "xend",
            header
                + "--changeset ann:1 xendDelimiter:# endDelimiter:!! stripComments:no\n"
                + "SELECT 1!!\n",
            [
                Sums(
                    "1", "ann", "8:53f04ac69117eeceb013e766a43f8cfe",
                    "9:8193d99f0cc6370c5208969d7787f7f6")
            ]),
    ]
}
