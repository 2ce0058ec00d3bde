#!/usr/bin/env python3
"""Writes a ledger anew from one entry on, as somebody would who wants nobody to see it.

    python3 rewrite_chain.py LEDGER INDEX

The event of INDEX says something else afterwards; hashes, chain and streams are right, and the
triggers are as they were. Only the projections are left to `ledger reindex`.
"""
import json, os, sqlite3, sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from verify_ledger import canonical, sha


def main(path, first):
    database = sqlite3.connect(path, isolation_level=None)
    triggers = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    database.execute("BEGIN IMMEDIATE")
    for name, _ in triggers:
        database.execute(f"DROP TRIGGER {name}")
    body = json.loads(database.execute("SELECT bytes FROM body WHERE idx = ?", [first]).fetchone()[0])
    body["event"]["labels"] = {"nothing": "happened"}
    database.execute("UPDATE body SET bytes = ? WHERE idx = ?", [canonical(body).decode(), first])
    prev, streams = "0" * 64, {}
    for index, text in database.execute("SELECT idx, leaf FROM entry ORDER BY idx").fetchall():
        leaf = json.loads(text)
        stream = leaf["stream"]
        if index == first:
            leaf["body"] = sha(canonical(body))
        if index >= first:
            leaf["prev"] = prev
            stream["index"], stream["prev"] = streams.get(stream["id"], (0, "0" * 64))
        data = canonical(leaf)
        prev = sha(b"\0", data)
        streams[stream["id"]] = (stream["index"] + 1, prev)
        database.execute("UPDATE entry SET leaf = ?, hash = ? WHERE idx = ?",
                         [data.decode(), bytes.fromhex(prev), index])
    for _, sql in triggers:
        database.execute(sql)
    database.execute("COMMIT")


main(sys.argv[1], int(sys.argv[2]))
