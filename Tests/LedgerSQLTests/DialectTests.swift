import LedgerSQL
import Testing

@Suite struct DialectTests {
    private static let mysql: [String: String] = [
        "CREATE TABLE `shop`.`order items` (id INT) ENGINE=InnoDB COMMENT 'it\\'s; DROP TABLE x'":
            "create table shop.order items",
        "INSERT IGNORE INTO `a` VALUES ('\\\\'), (\"x\\\"; DELETE FROM b\")": "insert table a",
        "REPLACE INTO a VALUES (1)": "insert table a",
        "UPDATE LOW_PRIORITY a JOIN b ON a.id = b.id SET a.x = 1": "update table a, update table b",
        "DELETE a, b FROM a INNER JOIN b USING (id)": "delete table a, delete table b",
        "RENAME TABLE old TO new, s.x TO s.y":
            "rename table old, rename table new, rename table s.x, rename table s.y",
        "ALTER TABLE a RENAME AS b": "rename table a, rename table b",
        "CREATE DEFINER = `root`@`localhost` SQL SECURITY INVOKER VIEW v AS SELECT 1":
            "create view v",
        "CREATE ALGORITHM=MERGE DEFINER='root'@'%' VIEW v2 AS SELECT 1": "create view v2",
        "DROP INDEX i ON a": "drop index i, alter table a",
        "/*!40101 CREATE TABLE old_mysql (a INT) */": "create table old_mysql",
        "GRANT SELECT ON shop.* TO 'ann'@'%'": "grant database shop",
        "DROP USER 'ann'@'localhost', 'bob'@'%'": "drop role ann, drop role bob",
        "# it's a comment\nDELETE FROM a": "delete table a",
    ]
    private static let sqlite: [String: String] = [
        "INSERT OR REPLACE INTO a VALUES (1)": "insert table a",
        "UPDATE OR IGNORE a SET x = 1": "update table a",
        "CREATE VIRTUAL TABLE docs USING fts5(body)": "create table docs",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET x = 1; DELETE FROM c; END":
            "create trigger t, alter table a",
        "CREATE TABLE IF NOT EXISTS 'quoted' (a)": "create table quoted",
    ]
    private static let sqlServer: [String: String] = [
        "CREATE TABLE [dbo].[Order Items] ([Id] INT)": "create table dbo.Order Items",
        "CREATE NONCLUSTERED INDEX ix ON dbo.Orders (At) INCLUDE (Total)":
            "create index ix, alter table dbo.orders",
        "UPDATE o SET o.T = 0 FROM dbo.Orders AS o JOIN dbo.Lines l ON l.O = o.Id":
            "update table dbo.orders",
        "DELETE o FROM dbo.Orders o WHERE o.Old = 1": "delete table dbo.orders",
        "DELETE TOP (10) FROM dbo.Orders": "delete table dbo.orders",
        "EXEC sp_rename 'dbo.Orders', 'Sales'": "rename table dbo.Orders, rename table dbo.Sales",
        "EXEC sp_rename 'dbo.Orders.Total', 'Sum', 'COLUMN'": "alter table dbo.Orders",
        "IF EXISTS (SELECT 1 FROM sys.tables) DROP TABLE dbo.Orders": "drop table dbo.orders",
        "IF NOT EXISTS (SELECT 1) BEGIN CREATE TABLE dbo.x (a int) END": "create table dbo.x",
        "GRANT SELECT ON OBJECT::dbo.Orders TO reader": "grant table dbo.orders",
        "GRANT SELECT ON SCHEMA::dbo TO reader": "grant schema dbo",
        "MERGE TOP (5) INTO dbo.Orders AS t USING s ON 1=1 WHEN MATCHED THEN DELETE":
            "merge table dbo.orders",
        "SELECT a INTO @x FROM b": "",
        "INSERT INTO srv.db..t VALUES (1)": "insert table db.t",
        "CREATE PROCEDURE dbo.clean AS DELETE FROM x;\nDELETE FROM y;\nGO\nDELETE FROM z":
            "create procedure dbo.clean, delete table z",
        "CREATE OR ALTER PROCEDURE c AS BEGIN DELETE FROM x; BEGIN TRAN; COMMIT; END; DROP TABLE z":
            "create procedure c, drop table z",
    ]

    @Test func readsEachDialect() {
        for (sql, objects) in Self.mysql.merging(Self.sqlite, uniquingKeysWith: { $1 })
            .merging(Self.sqlServer, uniquingKeysWith: { $1 })
        {
            let found = SQLScript(Array(sql.utf8)).objects.map(\.description)
            #expect(found.joined(separator: ", ") == objects, "\(sql)")
        }
    }

    @Test func executesABlockOfPostgreSQLAtOnce() {
        let sql = "DO $$ BEGIN IF true THEN ALTER TABLE a ADD b int; END IF; DELETE FROM c; END $$;"
        let found = SQLScript(Array(sql.utf8)).objects.map(\.description)
        #expect(found == ["alter table a", "delete table c"])
    }

    @Test func endsAStatementWhereTheClientDoes() {
        let sql = """
            \\set ON_ERROR_STOP on
            DELIMITER //
            CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW
            BEGIN IF NEW.x THEN SET NEW.y = 1; END IF; CASE 1 WHEN 1 THEN SET @a = 1; END CASE; END//
            DELIMITER ;
            COPY orders (id, note) FROM stdin;
            1\tit's; DROP TABLE orders
            \\.
            DROP TABLE b;
            """
        let script = SQLScript(Array(sql.utf8))
        #expect(
            script.objects.map(\.description) == [
                "create trigger t", "alter table a", "drop table b",
            ])
        #expect(script.statements.count == 7)
    }
}
