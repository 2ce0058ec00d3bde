#!/usr/bin/env python3
"""Writes the ledgers of test_verify_ledger.py as they lie there when it looks at them.

    python3 write_tampered_ledgers.py FOLDER

Into FOLDER go the ledgers and `cases`, a JSON array of {ledger, name, expect, findings}: `expect` is
INDEX:HASH or "", `findings` are what a verifier must find, as INDEX:CODE.
"""
import json, os, shutil, sys, unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_verify_ledger

FOLDER = sys.argv[1]
CASES = []


class Writing(test_verify_ledger.Tampering):
    def expect(self, *findings, head=None):
        super().expect(*findings, head=head)
        name = f"{len(CASES)}.db"
        for suffix in ("", "-wal"):
            if os.path.exists(self.path + suffix):
                shutil.copy(self.path + suffix, os.path.join(FOLDER, name + suffix))
        CASES.append({
            "ledger": name, "name": self.id().rsplit(".", 1)[1],
            "expect": f"{head[0]}:{head[1]}" if head else "",
            "findings": [f"{'-' if index is None else index}:{code}" for index, code in findings
                         if code != "clock-set-back"]})

    # These have no findings of their own.
    test_command = test_flipped_bytes = None


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Writing)
    result = unittest.TextTestRunner().run(suite)
    with open(os.path.join(FOLDER, "cases"), "w", encoding="utf-8") as file:
        json.dump(CASES, file)
    sys.exit(0 if result.wasSuccessful() else 1)
