#!/usr/bin/env python3
"""Tampers with the ledger of the golden vectors in many ways; each must be found and named."""
import json, os, random, shutil, sqlite3, subprocess, sys, tempfile, unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from make_entry_vectors import PACKAGE, entries, write_ledger
from verify_ledger import CODES, base64url, canonical, private_digest, sha, verify

SCRIPT = os.path.join(PACKAGE, "Tests", "verify_ledger.py")
VECTORS = [entry for entry, _ in entries()]
LAST = len(VECTORS) - 1


class Tampering(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.original = os.path.join(cls.folder, "original.db")
        write_ledger(cls.original)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.path = os.path.join(self.folder, self.id() + ".db")
        shutil.copy(self.original, self.path)
        self.database = sqlite3.connect(self.path, isolation_level=None)
        self.database.execute("PRAGMA synchronous = OFF")
        for (name,) in self.database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            self.database.execute(f"DROP TRIGGER {name}")

    def tearDown(self):
        self.database.close()

    def run_sql(self, sql, *values):
        self.assertGreater(self.database.execute(sql, values).rowcount, 0, "nothing was tampered with")

    def expect(self, *findings, head=None):
        self.assertEqual(verify(self.path, head).findings, list(findings))

    def value(self, sql):
        return self.database.execute(sql).fetchone()[0]

    def forge(self, index, change_leaf=None, change_body=None, follow=True):
        """Writes an entry anew with a right hash, and by `follow` those after it with right chains."""
        leaf = json.loads(self.value(f"SELECT leaf FROM entry WHERE idx = {index}"))
        body = json.loads(self.value(f"SELECT bytes FROM body WHERE idx = {index}"))
        if change_body:
            change_body(body)
        data = canonical(body)
        leaf["body"] = sha(data)
        if change_leaf:
            change_leaf(leaf)
        self.run_sql("UPDATE body SET bytes = ? WHERE idx = ?", data.decode(), index)
        self.store(index, canonical(leaf))
        if follow:
            self.chain(index)

    def chain(self, first=0):
        rows = self.database.execute("SELECT idx, leaf FROM entry ORDER BY idx").fetchall()
        prev, streams = "0" * 64, {}
        for index, text in rows:
            leaf = json.loads(text)
            if index > first:
                place = streams.get(leaf["stream"]["id"], (0, "0" * 64))
                leaf["prev"], leaf["stream"]["index"], leaf["stream"]["prev"] = prev, *place
            prev = self.store(index, canonical(leaf))
            streams[leaf["stream"]["id"]] = (leaf["stream"]["index"] + 1, prev)

    def store(self, index, data):
        self.run_sql("UPDATE entry SET leaf = ?, hash = ? WHERE idx = ?", data.decode(),
                     bytes.fromhex(sha(b"\0", data)), index)
        return sha(b"\0", data)

    def test_nothing(self):
        self.expect()
        self.expect(head=(LAST, VECTORS[LAST]["hash"]))
        self.expect(head=(3, VECTORS[3]["hash"]))

    def test_hash(self):
        self.run_sql("UPDATE entry SET hash = zeroblob(32) WHERE idx = 5")
        self.expect((5, "hash-wrong"))

    def test_leaf_time(self):
        self.run_sql("UPDATE entry SET leaf = replace(leaf, '\"time\":176722', '\"time\":176723') WHERE idx = 2")
        self.expect((2, "hash-wrong"), (3, "chain-broken"), (3, "clock-set-back"), (13, "stream-broken"))

    def test_leaf_with_a_space(self):
        self.run_sql("UPDATE entry SET leaf = leaf || ' ' WHERE idx = ?", LAST)
        self.expect((LAST, "hash-wrong"), (LAST, "leaf-invalid"))

    def test_leaf_that_is_not_canonical_with_a_right_hash(self):
        self.store(LAST, b" " + VECTORS[LAST]["leaf"].encode())
        self.expect((LAST, "leaf-invalid"))

    def test_leaf_with_another_member(self):
        self.store(LAST, canonical(json.loads(VECTORS[LAST]["leaf"]) | {"x": 1}))
        self.expect((LAST, "leaf-invalid"))

    def test_leaf_of_another_version(self):
        self.forge(LAST, lambda leaf: leaf.update(v=2))
        self.expect((LAST, "leaf-invalid"))

    def test_leaf_whose_version_is_true(self):
        self.forge(LAST, lambda leaf: leaf.update(v=True))
        self.expect((LAST, "leaf-invalid"))

    def test_index_in_the_leaf(self):
        self.forge(LAST, lambda leaf: leaf.update(index=LAST + 1))
        self.expect((LAST, "index-wrong"))

    def test_moved_entry(self):
        for table in ("entry", "body"):
            self.run_sql(f"UPDATE {table} SET idx = 99 WHERE idx = {LAST}")
        self.expect((LAST, "leaf-missing"), (99, "index-wrong"))

    def test_deleted_entry(self):
        self.run_sql("DELETE FROM entry WHERE idx = 12")
        self.expect((12, "leaf-missing"), (12, "body-extra"), (12, "private-extra"), (13, "chain-broken"))

    def test_deleted_entry_with_body(self):
        self.run_sql("DELETE FROM entry WHERE idx = 16")
        self.run_sql("DELETE FROM body WHERE idx = 16")
        self.expect((16, "leaf-missing"), (17, "chain-broken"))

    def test_swapped_entries(self):
        for table in ("entry", "body", "private"):
            for old, new in [(13, 98), (14, 13), (98, 14)]:
                self.database.execute(f"UPDATE {table} SET idx = {new} WHERE idx = {old}")
        self.expect((13, "index-wrong"), (13, "chain-broken"), (14, "index-wrong"), (14, "chain-broken"),
                    (14, "clock-set-back"), (15, "chain-broken"))

    def test_truncated(self):
        self.run_sql("DELETE FROM entry WHERE idx = ?", LAST)
        self.run_sql("DELETE FROM body WHERE idx = ?", LAST)
        self.expect()
        self.expect((LAST, "head-wrong"), head=(LAST, VECTORS[LAST]["hash"]))

    def test_rewritten(self):
        self.forge(14, change_body=lambda body: body["event"].update(about=[{"entry": 1}, {"entry": 2}]))
        self.expect()
        self.expect((LAST, "head-wrong"), head=(LAST, VECTORS[LAST]["hash"]))
        self.expect(head=(13, VECTORS[13]["hash"]))

    def test_prev(self):
        self.forge(LAST, lambda leaf: leaf.update(prev="0" * 64))
        self.expect((LAST, "chain-broken"))

    def test_prev_of_the_first(self):
        self.forge(0, lambda leaf: leaf.update(prev="1" * 64))
        self.expect((0, "chain-broken"))

    def test_log_of_one_entry(self):
        self.forge(LAST, lambda leaf: leaf.update(log="elsewhere"))
        self.expect((LAST, "log-wrong"), (LAST, "stream-id-wrong"))

    def test_log_of_the_ledger(self):
        self.run_sql("UPDATE meta SET value = 'elsewhere' WHERE name = 'log'")
        self.expect(*[(index, "log-wrong") for index in range(LAST + 1)])

    def test_no_log(self):
        self.run_sql("DELETE FROM meta WHERE name = 'log'")
        self.expect(*[(index, "log-wrong") for index in range(LAST + 1)])

    def test_stream_index(self):
        self.forge(LAST, lambda leaf: leaf["stream"].update(index=7))
        self.expect((LAST, "stream-broken"))

    def test_stream_prev(self):
        self.forge(LAST, lambda leaf: leaf["stream"].update(prev="0" * 64))
        self.expect((LAST, "stream-broken"))

    def test_stream_id(self):
        self.forge(9, lambda leaf: leaf["stream"].update(id="0" * 64))
        self.expect((9, "stream-id-wrong"))

    def test_target_in_the_body(self):
        self.forge(9, change_body=lambda body: body["event"].update(cluster="c3"))
        self.expect((9, "stream-id-wrong"))

    def test_clock(self):
        self.forge(LAST, lambda leaf: leaf.update(time=5))
        self.expect((LAST, "clock-set-back"))
        self.assertEqual(self.command(self.path)[:2], (0, f"verified: {LAST + 1} entries, 8 streams, head "
                         f"{LAST}:{verify(self.path).head}\n"))

    def test_body(self):
        self.run_sql("UPDATE body SET bytes = replace(bytes, 'evt-14', 'evt-15') WHERE idx = 14")
        self.expect((14, "body-wrong"))

    def test_no_body(self):
        self.run_sql("DELETE FROM body WHERE idx = 14")
        self.expect((14, "body-missing"))

    def test_extra_body(self):
        self.run_sql("INSERT INTO body SELECT 77, bytes FROM body WHERE idx = 1")
        self.expect((77, "body-extra"))

    def invalid_body(self, change):
        self.forge(15, change_body=change)
        self.expect((15, "body-invalid"))

    def test_body_with_another_member(self):
        self.invalid_body(lambda body: body.update(x=1))

    def test_body_without_nonce(self):
        self.invalid_body(lambda body: body.pop("nonce"))

    def test_body_with_a_long_nonce(self):
        self.invalid_body(lambda body: body.update(nonce=base64url(bytes(17))))

    def test_body_with_bits_left_over_in_its_nonce(self):
        self.invalid_body(lambda body: body.update(nonce="A" * 21 + "B"))

    def test_body_with_a_strange_principal(self):
        self.invalid_body(lambda body: body["principal"].update(kind="root"))

    def test_body_with_a_name_in_its_principal(self):
        self.invalid_body(lambda body: body["principal"].update(name="Jana"))

    def test_body_with_a_short_digest(self):
        self.invalid_body(lambda body: body["private"].update(title="AAAA"))

    def test_body_that_is_not_canonical(self):
        data = VECTORS[15]["body"].replace(":", ": ", 1).encode()
        leaf = json.loads(VECTORS[15]["leaf"]) | {"body": sha(data)}
        self.run_sql("UPDATE body SET bytes = ? WHERE idx = 15", data.decode())
        self.store(15, canonical(leaf))
        self.chain(15)
        self.expect((15, "body-invalid"))

    def test_private_value(self):
        self.run_sql("UPDATE private SET title = replace(title, 'index', 'indez') WHERE idx = 6")
        self.expect((6, "private-wrong"))

    def test_private_value_with_another_salt(self):
        value = json.loads(self.value("SELECT title FROM private WHERE idx = 6"))
        self.run_sql("UPDATE private SET title = ? WHERE idx = 6",
                     canonical([base64url(bytes(16)), *value[1:]]).decode())
        self.expect((6, "private-wrong"))

    def test_body_of_another_entry(self):
        self.run_sql("UPDATE body SET bytes = (SELECT bytes FROM body WHERE idx = 5) WHERE idx = 14")
        self.expect((14, "body-wrong"))

    def test_entry_below_the_first(self):
        self.run_sql("INSERT INTO entry SELECT -5, leaf, hash FROM entry WHERE idx = ?", LAST)
        self.expect((-5, "index-wrong"), (-5, "chain-broken"), (-5, "stream-broken"), (-5, "body-missing"),
                    (0, "chain-broken"), (0, "clock-set-back"), (6, "stream-broken"))

    def test_entries_far_beyond_the_last(self):
        far = [2**62, 2**63 - 1]
        for index in far:
            self.run_sql("INSERT INTO entry SELECT ?, leaf, hash FROM entry WHERE idx = ?", index, LAST)
        self.expect((LAST + 1, "leaf-missing"),
                    *[(far[0], code) for code in ("index-wrong", "chain-broken", "stream-broken", "body-missing")],
                    (far[0] + 1, "leaf-missing"),
                    *[(far[1], code) for code in ("index-wrong", "chain-broken", "stream-broken", "body-missing")])

    def test_private_value_that_is_not_canonical(self):
        self.run_sql("UPDATE private SET title = title || ' ' WHERE idx = 6")
        self.expect((6, "private-invalid"))

    def test_private_value_in_another_column(self):
        self.run_sql("UPDATE private SET reason = title, title = NULL WHERE idx = 6")
        self.expect((6, "private-invalid"), (6, "private-missing"))

    def test_private_value_with_a_short_salt(self):
        self.run_sql("UPDATE private SET title = '[\"AAAA\",\"title\",\"x\"]' WHERE idx = 6")
        self.expect((6, "private-invalid"))

    def test_erased_without_a_redaction(self):
        self.run_sql("UPDATE private SET actor = NULL, title = NULL WHERE idx = 6")
        self.expect((6, "private-missing"), (6, "private-missing"))

    def test_erased_row(self):
        self.run_sql("DELETE FROM private WHERE idx = 12")
        self.expect((12, "private-missing"))

    def test_redaction_that_names_less(self):
        self.forge(19, change_body=lambda body: body["event"].update(redaction={"members": ["message"]}))
        self.expect((8, "private-missing"), (8, "attachment-missing"))

    def test_redaction_of_another_entry(self):
        self.forge(19, change_body=lambda body: body["event"].update(about=[{"entry": 7}]))
        self.expect((7, "redaction-undone"), (7, "redaction-undone"), (8, "private-missing"), (8, "private-missing"), (8, "attachment-missing"))

    def test_redaction_of_several_entries(self):
        self.forge(19, change_body=lambda body: body["event"].update(about=[{"entry": 5}, {"entry": 8}]))
        self.expect()

    def test_redaction_of_what_is_there(self):
        self.forge(19, change_body=lambda body: body["event"].update(
            about=[{"entry": 8}, {"entry": 6}], redaction={"members": [
                "title", "message", "attachment:output", "attachment:script"]}))
        self.expect((6, "redaction-undone"), (6, "redaction-undone"))

    def test_redaction_by_another_type(self):
        self.forge(19, change_body=lambda body: body["event"].update(type="note"))
        self.expect((8, "private-missing"), (8, "private-missing"), (8, "attachment-missing"))

    def test_redaction_in_advance(self):
        self.forge(4, change_body=lambda body: body["event"].update(
            type="redaction", about=[{"entry": 6}], redaction={"members": ["actor"]}))
        self.run_sql("UPDATE private SET actor = NULL WHERE idx = 6")
        self.expect((6, "private-missing"))

    def test_private_value_that_no_body_names(self):
        self.run_sql("UPDATE private SET host = ? WHERE idx = 12",
                     canonical([base64url(bytes(16)), "host", "h"]).decode())
        self.expect((12, "private-extra"))

    def test_private_row_without_an_entry(self):
        self.run_sql("INSERT INTO private (idx) VALUES (77)")
        self.expect((77, "private-extra"))

    def other(self, value, *findings):
        self.run_sql("UPDATE private SET other = ? WHERE idx = 7", value)
        self.expect(*findings)

    def test_other_empty(self):
        self.other("[]", (7, "private-invalid"), (None, "attachment-extra"))

    def test_other_spaced(self):
        self.other(self.value("SELECT other FROM private WHERE idx = 7") + " ", (7, "private-invalid"), (None, "attachment-extra"))

    def test_other_of_a_name_with_a_column(self):
        self.other(canonical([[base64url(bytes(16)), "host", "h"]]).decode(), (7, "private-invalid"), (None, "attachment-extra"))

    def test_other_twice(self):
        values = json.loads(self.value("SELECT other FROM private WHERE idx = 7"))
        self.other(canonical(values * 2).decode(), (7, "private-invalid"), (None, "attachment-extra"))

    def test_other_with_one_more(self):
        values = json.loads(self.value("SELECT other FROM private WHERE idx = 7"))
        self.other(canonical(values + [[base64url(bytes(16)), "zzz", 1]]).decode(), (7, "private-extra"))

    def test_descriptor_without_a_digest(self):
        disclosure = [base64url(bytes(16)), "attachment:output", {"digest": [], "size": 1}]
        self.forge(7, change_body=lambda body: body["private"].update(
            {"attachment:output": private_digest(canonical(disclosure))}))
        self.other(canonical([disclosure]).decode(), (7, "attachment-missing"), (None, "attachment-extra"))

    def test_attachment(self):
        self.run_sql("UPDATE attachment SET bytes = CAST(bytes || 'x' AS BLOB) WHERE number = 1")
        self.expect((3, "attachment-wrong"))

    def test_attachment_digest(self):
        self.run_sql("UPDATE attachment SET digest = zeroblob(32) WHERE number = 1")
        self.expect((3, "attachment-missing"), (7, "attachment-missing"), (None, "attachment-wrong"))

    def test_no_attachment(self):
        self.run_sql("DELETE FROM attachment WHERE number = 2")
        self.expect((3, "attachment-missing"))

    def test_extra_attachment(self):
        self.run_sql("INSERT INTO attachment (digest, bytes) VALUES (?, x'78')", bytes.fromhex(sha(b"x")))
        self.expect((None, "attachment-extra"))

    def test_attachment_twice(self):
        self.run_sql("INSERT INTO attachment (digest, bytes) SELECT digest, bytes FROM attachment WHERE number = 1")
        self.expect((None, "attachment-extra"))

    def test_another_application(self):
        self.database.execute("PRAGMA application_id = 7")
        self.expect((None, "not-a-ledger"))

    def test_version_zero(self):
        self.database.execute("PRAGMA user_version = 0")
        self.expect((None, "not-a-ledger"))

    def test_newer_format(self):
        self.database.execute("PRAGMA user_version = 2")
        self.expect((None, "newer-format"))

    def test_text_file(self):
        self.path = self.path + ".txt"
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("not a database")
        self.expect((None, "not-a-ledger"))

    def test_dropped_table(self):
        self.database.execute("DROP TABLE private")
        self.expect((None, "damaged"))

    def test_cut_file(self):
        self.database.close()
        os.truncate(self.path, 20000)
        self.expect((None, "damaged"))

    def test_ledger_with_a_write_ahead_log(self):
        self.database.execute("PRAGMA journal_mode = WAL")
        self.run_sql("UPDATE entry SET hash = zeroblob(32) WHERE idx = 5")
        self.assertGreater(os.path.getsize(self.path + "-wal"), 0)
        self.expect((5, "hash-wrong"))

    def command(self, *arguments):
        done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def test_command(self):
        self.assertEqual(self.command(self.path, "--expect", f"{LAST}:{VECTORS[LAST]['hash']}")[0], 0)
        self.assertEqual(self.command("--expect", f"{LAST}:{'0' * 64}", self.path),
                         (5, f"entry {LAST}: head-wrong; 0 more\n", ""))
        self.run_sql("UPDATE entry SET hash = zeroblob(32) WHERE idx IN (5, 6, 7)")
        self.assertEqual(self.command(self.path), (5, "entry 5: hash-wrong; 2 more\n", ""))
        self.assertEqual(self.command(self.path, "--all"),
                         (5, "5 hash-wrong\n6 hash-wrong\n7 hash-wrong\nentry 5: hash-wrong; 2 more\n", ""))
        for wrong in [[], ["--help"], [self.path, self.path], [self.path, "--expect"],
                      [self.path, "--expect", "5"], [self.path + "x"], [self.path, "--expect", "05:" + "0" * 64]]:
            self.assertEqual(self.command(*wrong)[0], 64, wrong)

    def test_flipped_bytes(self):
        """No flip of a byte makes a traceback; what is read differently is found."""
        self.database.close()
        with open(self.original, "rb") as file:
            data = bytearray(file.read())
        contents = self.contents(self.original)
        seed = int(os.environ.get("LEDGER_TEST_SEED", random.randrange(2**32)))
        generator = random.Random(seed)
        rounds = range(len(data)) if os.environ.get("LEDGER_TORTURE") == "1" else generator.sample(range(len(data)), 200)
        for offset in rounds:
            flip = generator.randrange(1, 256)
            data[offset] ^= flip
            with open(self.path, "wb") as file:
                file.write(data)
            data[offset] ^= flip
            findings = verify(self.path).findings
            place = f"offset {offset} flipped by {flip}, seed {seed}"
            self.assertTrue(all(code in CODES for _, code in findings), place)
            if not findings:
                self.assertEqual(self.contents(self.path), contents, place)

    @staticmethod
    def contents(path):
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        database.text_factory = bytes
        sql = ["SELECT * FROM entry", "SELECT * FROM body",
               "SELECT * FROM private", "SELECT digest, bytes FROM attachment"]
        with database:
            rows = [dict(database.execute("SELECT * FROM meta"))[b"log"]]
            rows += [database.execute(statement).fetchall() for statement in sql]
        database.close()
        return rows


if __name__ == "__main__":
    unittest.main()
