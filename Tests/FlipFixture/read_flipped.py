#!/usr/bin/env python3
"""Reads a ledger again and again, each time with another of its bytes flipped.

    python3 read_flipped.py LEDGER < flips

A flip is a line `OFFSET XOR`; the byte is set right after it. The answer is a line `OFFSET XOR`,
then `same`, `other` or `unreadable`: what the sqlite3 library alone reads in the tables that hold
the ledger, types and all, compared with what stood there before; then what verify_ledger.py finds:
`verified`, or a word `INDEX:CODE` for each finding. What hangs is ended by SIGALRM.
"""
import os, signal, sqlite3, sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import verify_ledger

TABLES = {"meta": "name = 'log'", "entry": "1 ORDER BY idx", "body": "1 ORDER BY idx",
          "private": "1 ORDER BY idx", "attachment": "1 ORDER BY number"}


def contents(path):
    """Every value of the tables with its type; None if they can't be read.

    Of meta only the log's name: what it says of the projections is derived, like them.
    """
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        database.text_factory = bytes
        rows = []
        for table, which in TABLES.items():
            columns = [row[1].decode() for row in database.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(f"typeof({name}), {name}" for name in columns)
            rows.append(database.execute(f"SELECT {values} FROM {table} WHERE {which}").fetchall())
        database.close()
        return rows
    except (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError):
        return None


def main(path):
    original = contents(path)
    with open(path, "r+b", buffering=0) as file:
        for line in sys.stdin:
            offset, flip = map(int, line.split())
            byte = os.pread(file.fileno(), 1, offset)
            signal.alarm(60)
            os.pwrite(file.fileno(), bytes([byte[0] ^ flip]), offset)
            now = contents(path)
            findings = verify_ledger.verify(path).findings
            os.pwrite(file.fileno(), byte, offset)
            content = "unreadable" if now is None else "same" if now == original else "other"
            words = [f"{'-' if index is None else index}:{code}" for index, code in findings
                     if code != "clock-set-back"]
            print(offset, flip, content, *(words or ["verified"]), flush=True)


main(sys.argv[1])
