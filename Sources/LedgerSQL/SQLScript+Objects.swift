// SQLScript+Objects.swift
//
//   CREATE TABLE shop.orders (…)             create table shop.orders
//   CREATE INDEX i ON orders (at)            create index i, alter table orders
//   ALTER TABLE orders RENAME TO sales       rename table orders, rename table sales
//   WITH old AS (DELETE FROM a …) INSERT …   delete table a, insert …
//   GRANT SELECT ON ALL TABLES IN SCHEMA s   grant schema s
//   DO $$ BEGIN DELETE FROM a; … END $$      delete table a
//
// What a routine would do when it is called is not what the script does: bodies of functions,
// procedures and triggers are passed over. So is what is only read.

extension SQLScript {
    /// What the script touches, each once, in the order in which it comes first.
    public var objects: [TouchedObject] {
        var seen: Set<TouchedObject> = []
        return statements.flatMap { StatementObjects.of($0, in: bytes) }.filter {
            seen.insert($0).inserted
        }
    }
}
