#!/usr/bin/env python3
"""Verifies a ledger from its SQLite file alone, with Python's standard library and nothing of ours.

    python3 Tests/verify_ledger.py LEDGER [--expect INDEX:HASH] [--archive FOLDER]… [--all]

Prints the first bad index, what is wrong there and how many more findings there are; `--all` prints
every finding as `INDEX CODE` (`-` where no entry has it). Exit 0: it verifies. 5: it does not.
64: usage. Every finding has one of these codes; of one index they come in this order:

not-a-ledger        no SQLite file, or one whose application_id is not 0x4C454447 ("LEDG"), or whose
                    user_version (the version of the entry format) is below 1. Nothing else is read
newer-format        user_version is above 1. Nothing else is read
damaged             SQLite cannot read the file, and nothing else is reported; or its integrity
                    check finds the file's structure or a value's type wrong
leaf-missing        of the index, or the several, from here to the next entry there is no entry
index-wrong         the leaf says another index than entry.idx, or that is below the one before it
hash-wrong          entry.hash is not SHA-256(0x00 || leaf)
leaf-invalid        the leaf is not the canonical form of exactly {body,index,log,prev,stream:
                    {id,index,prev},time,v:1}, naturals and 64 hexadecimal digits where they belong.
                    Nothing more of such an entry is checked, and its body is not believed
chain-broken        prev is not the computed hash of the leaf before it (64 zeros for the first)
log-wrong           log is not the value of `log` in the table meta
stream-broken       stream.index or stream.prev do not continue the entries of the same stream.id
clock-set-back      a warning: time is below that of the valid leaf before it
body-missing        there is no body, and nothing was carried over of it
body-wrong          the body's SHA-256 is not the leaf's `body`. Of such a body nothing is believed
body-invalid        it is not the canonical form of exactly {event:{},nonce,principal:{id,kind},
                    private:{name: digest}}: the nonce 16 bytes and each digest 32 in base64url
                    without padding, id a string, kind local, token, hook or oidc
body-extra          a body without an entry
carried-wrong       what stands in the table `carried` for an entry whose body is archived is not the
                    canonical form of a body without its nonce, or stands beside a body or without an
                    entry; or, at the archive's entry: the lines {"carried":…,"index":…} of all that
                    names it are not those of its archive.carried, archive.entries, first and last
stream-id-wrong     stream.id is not SHA-256 of the canonical form of log and those of service,
                    environment, tenant, region and cluster that the event has
private-invalid     a stored value is not the canonical form of [salt, name, value] with a salt of
                    16 bytes; or has another name than its column; or `other` is not the canonical
                    form of a list of such, sorted by name, of names that have no column. Once for
                    an entry; what could not be read is not reported as missing too
private-wrong       its digest is not the one in the body
private-extra       the body does not name it, or there is no entry. Values beside a body that is
                    missing, wrong or invalid are not looked at
private-missing     the body names it, it is not there, and no later redaction names it
attachment-missing  the event says its size (change.size, rollback.script_size, or a descriptor
                    attachment:NAME), the bytes are not there, and no later redaction names it
                    (attachment:script, attachment:rollback_script, attachment:NAME)
attachment-wrong    attachment.digest is not the SHA-256 of the bytes; at the first entry that names
                    this digest, if there is one
attachment-extra    bytes that no valid body or descriptor names, or that are there twice
redaction-undone    a private value that a redaction names is there; or an attachment's bytes are, and
                    every event that says their size is redacted: at the first entry that names them
head-wrong          with --expect: there is no such entry, or its computed hash is another; at
                    the index that was expected

Of an archived entry the target, private values and scripts are checked by what was carried over. With
--archive its body and private values are those in the folder's entries.ndjson, and its attachments
may be those in attachments.ndjson; a folder that no archive entry names by the digest of its
archive.json, or whose files are not those that this names, is damaged.

A redaction is an entry with a valid body whose event has type redaction, about[].entry earlier
indexes and redaction.members the names. Canonical is RFC 8785 without null, fractions, integers
beyond 2^53-1, duplicate or empty names, lone surrogates, U+0000, or more than 16 levels.
"""
import base64, hashlib, heapq, itertools, json, os, re, sqlite3, sys
from urllib.parse import quote

CODES = ["not-a-ledger", "newer-format", "damaged", "leaf-missing", "index-wrong", "hash-wrong", "leaf-invalid",
         "chain-broken", "log-wrong", "stream-broken", "clock-set-back", "body-missing",
         "body-wrong", "body-invalid", "body-extra", "carried-wrong", "stream-id-wrong", "private-invalid", "private-wrong",
         "private-extra", "private-missing", "attachment-missing", "attachment-wrong",
         "attachment-extra", "redaction-undone", "head-wrong"]
COLUMNS = ["actor", "author", "requestor", "tester", "executed_as", "title", "message", "reason",
           "error", "command", "host", "principal_name"]
TARGET = ["service", "environment", "tenant", "region", "cluster"]
SCRIPTS = [("change", "digest", "size", "attachment:script"),
           ("rollback", "script_digest", "script_size", "attachment:rollback_script")]
ESCAPES = {code: f"\\u{code:04x}" for code in range(0x20)} | {
    0x22: '\\"', 0x5C: "\\\\", 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"}


def utf16(name):
    return name.encode("utf-16-be", "surrogatepass")


def canonical(value):
    """The bytes of RFC 8785."""
    if isinstance(value, dict):
        members = [canonical(name) + b":" + canonical(value[name]) for name in sorted(value, key=utf16)]
        return b"{" + b",".join(members) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(canonical, value)) + b"]"
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, int):
        return str(value).encode()
    return b'"' + value.translate(ESCAPES).encode() + b'"'


def read(data):
    """The value of JSON as the ledger takes it; ValueError says why not."""
    def integer(text):
        if text == "-0":
            raise ValueError("negative-zero")
        if len(text) > 17 or abs(int(text)) > 2**53 - 1:
            raise ValueError("range")
        return int(text)

    def refuse(reason):
        def parse(_):
            raise ValueError(reason)
        return parse

    def members(pairs):
        names = [name for name, _ in pairs]
        if "" in names or len(set(names)) < len(names):
            raise ValueError("empty-name" if "" in names else "duplicate-name")
        return dict(pairs)

    def check(value, depth):
        if value is None:
            raise ValueError("null")
        if isinstance(value, str):
            if "\0" in value or re.search("[\ud800-\udfff]", value):
                raise ValueError("nul" if "\0" in value else "lone-surrogate")
        elif isinstance(value, (dict, list)):
            if depth == 16:
                raise ValueError("depth")
            for part in [*value, *value.values()] if isinstance(value, dict) else value:
                check(part, depth + 1)
        return value

    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise ValueError("utf-8") from None
    try:
        return check(json.loads(text, object_pairs_hook=members, parse_int=integer,
                                parse_float=refuse("fraction"), parse_constant=refuse("syntax")), 0)
    except json.JSONDecodeError:
        raise ValueError("syntax") from None
    except RecursionError:
        raise ValueError("depth") from None


def read_canonical(data):
    """The value, or None if the bytes are not their own canonical form."""
    try:
        value = read(data)
        return value if canonical(value) == data else None
    except ValueError:
        return None


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).hexdigest()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def is_base64url(text, count):
    """Whether this is the one way to write `count` bytes."""
    if not isinstance(text, str) or not re.fullmatch("[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        return False
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return len(data) == count and base64url(data) == text


def is_hex(text):
    return isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text) is not None


def is_natural(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def private_digest(disclosure):
    return base64url(bytes.fromhex(sha(base64url(disclosure).encode())))


def stream_id(log, event):
    return sha(canonical({"log": log} | {n: event[n] for n in TARGET if isinstance(event.get(n), str)}))


def is_leaf(leaf):
    return (isinstance(leaf, dict)
            and set(leaf) == {"body", "index", "log", "prev", "stream", "time", "v"}
            and isinstance(leaf["stream"], dict) and set(leaf["stream"]) == {"id", "index", "prev"}
            and all(map(is_hex, [leaf["body"], leaf["prev"], leaf["stream"]["id"], leaf["stream"]["prev"]]))
            and all(map(is_natural, [leaf["index"], leaf["time"], leaf["stream"]["index"]]))
            and isinstance(leaf["log"], str) and leaf["v"] is not True and leaf["v"] == 1)


def is_body(body, is_remainder=False):
    return (isinstance(body, dict)
            and set(body) == {"event", "principal", "private"} | (set() if is_remainder else {"nonce"})
            and all(isinstance(body[name], dict) for name in ("event", "principal", "private"))
            and (is_remainder or is_base64url(body["nonce"], 16)) and set(body["principal"]) == {"id", "kind"}
            and isinstance(body["principal"]["id"], str)
            and body["principal"]["kind"] in ["local", "token", "hook", "oidc"]
            and all(is_base64url(digest, 32) for digest in body["private"].values()))


def is_disclosure(value):
    return (isinstance(value, list) and len(value) == 3 and is_base64url(value[0], 16)
            and isinstance(value[1], str))


def blob(value):
    """A column as bytes."""
    return b"" if value is None else value if isinstance(value, bytes) else str(value).encode()


class Verifier:
    def __init__(self, expect=None, folders=()):
        self.expect, self.findings = expect, []    # (index or None, code)
        self.folders, self.brought, self.stored = folders, {}, []    # (index): body and private values
        self.archives, self.carried = {}, {}       # by the archive's entry: what it says, what is left
        self.count, self.head, self.streams, self.time = 0, "0" * 64, {}, 0
        self.missing = {}    # (index, name) of private values, until a later redaction names them
        self.needed = {}     # (index, name): digest of attachments that must be there, likewise
        self.redacted = {}   # (index, name) that a redaction names: the digest of an attachment, or None
        self.named = {}      # digest of an attachment: the first index that names it

    def find(self, index, code):
        self.findings.append((index, code))

    def verify(self, database):
        def rows(number, columns, table):
            for row in database.execute(f"SELECT idx, {columns} FROM {table} ORDER BY idx"):
                yield row[0], number, row[1:]

        database.execute("BEGIN")
        log = dict(database.execute("SELECT name, value FROM meta")).get(b"log")
        has_carried = database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'carried'").fetchone()
        for folder in self.folders:
            self.read_archive(database, folder)
        tables = heapq.merge(rows(0, "leaf, hash", "entry"), rows(1, "bytes", "body"),
                             rows(2, ", ".join(COLUMNS) + ", other", "private"),
                             rows(3, "archive, bytes", "carried") if has_carried else (),
                             key=lambda row: row[:2])
        expected = None
        for index, group in itertools.groupby(tables, key=lambda row: row[0]):
            entries, bodies, values, carried = [], [], [], []
            for _, number, row in group:
                (entries, bodies, values, carried)[number].append(row)
            if carried and index in self.brought:
                bodies, values = self.brought[index]
                carried = []
            for leaf, stored in entries:
                self.check_entry(index, blob(leaf), blob(stored), log, bodies, values, carried)
                expected = self.head if self.expect and self.expect[0] == index else expected
            if not entries:
                self.findings += [(index, code) for rows, code in [(bodies, "body-extra"), (carried, "carried-wrong"),
                                                                      (values, "private-extra")] if rows]
        self.check_carried()
        self.check_attachments(database.execute("SELECT digest, bytes FROM attachment ORDER BY number"))
        self.check_redactions(database)
        self.findings += [(index, "private-missing") for index, _ in self.missing]
        if self.expect and expected != self.expect[1]:
            self.find(self.expect[0], "head-wrong")
        self.findings.sort(key=lambda found: (found[0] is None, found[0] or 0, CODES.index(found[1])))

    def read_archive(self, database, folder):
        """What a folder holds, if the ledger names it."""
        def lines(name, part):
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read()
            if manifest[part] != {"digest": "sha256:" + sha(data), "lines": data.count(b"\n")}:
                raise ValueError(name)
            return map(json.loads, data.splitlines())

        try:
            with open(os.path.join(folder, "archive.json"), "rb") as file:
                data = file.read()
            manifest, named = json.loads(data), ("sha256:" + sha(data)).encode()
            digests = database.execute("SELECT json_extract(bytes, '$.event.archive.digest') FROM body "
                                       "WHERE json_extract(bytes, '$.event.type') = 'archive'")
            if named not in [row[0] for row in digests]:
                raise ValueError("not of this ledger")
            for entry in lines("entries.ndjson", "entries"):
                values = {json.loads(text)[1]: text.encode() for text in entry["disclosures"]}
                other = [text for name, text in values.items() if name not in COLUMNS]
                row = [values.get(name) for name in COLUMNS] + [b"[" + b",".join(other) + b"]" if other else None]
                self.brought[entry["index"]] = [(entry["body"].encode(),)], [row]
            for attachment in lines("attachments.ndjson", "attachments"):
                self.stored.append((bytes.fromhex(attachment["digest"][7:]),
                                    base64.b64decode(attachment["bytes"])))
            list(lines("carried.ndjson", "carried"))
        except (OSError, ValueError, KeyError, TypeError):
            self.find(None, "damaged")

    def check_carried(self):
        for index, rows in self.carried.items():
            said, hashed = self.archives.get(index, {}), hashlib.sha256()
            for place, data in rows:
                hashed.update(b'{"carried":%s,"index":%d}\n' % (data, place))
            first, last = said.get("first"), said.get("last")
            if not (is_natural(first) and is_natural(last) and last < index
                    and first <= rows[0][0] and rows[-1][0] <= last and said.get("entries") == len(rows)
                    and said.get("carried") == "sha256:" + hashed.hexdigest()):
                self.find(index, "carried-wrong")

    def check_remainder(self, index, leaf, archive, data, values):
        self.carried.setdefault(archive, []).append((index, data))
        body = read_canonical(data)
        if not is_body(body, True):
            return self.find(index, "carried-wrong")
        self.check_content(index, leaf, body, values)

    def check_entry(self, index, data, stored, log, bodies, values, carried):
        prev, self.head = self.head, sha(b"\0", data)
        leaf = read_canonical(data)
        leaf = leaf if is_leaf(leaf) else None
        if index > self.count:
            self.find(self.count, "leaf-missing")
        if index < self.count or leaf and leaf["index"] != index:
            self.find(index, "index-wrong")
        self.count = max(self.count, index + 1)
        if self.head != stored.hex():
            self.find(index, "hash-wrong")
        if leaf is None:
            return self.find(index, "leaf-invalid")
        if leaf["prev"] != prev:
            self.find(index, "chain-broken")
        if log is None or leaf["log"].encode() != blob(log):
            self.find(index, "log-wrong")
        stream = leaf["stream"]
        if (stream["index"], stream["prev"]) != self.streams.get(stream["id"], (0, "0" * 64)):
            self.find(index, "stream-broken")
        self.streams[stream["id"]] = (stream["index"] + 1, self.head)
        if leaf["time"] < self.time:
            self.find(index, "clock-set-back")
        self.time = leaf["time"]
        if bodies and carried:
            self.find(index, "carried-wrong")
        if not bodies and carried:
            return self.check_remainder(index, leaf, carried[0][0], blob(carried[0][1]), values)
        if not bodies:
            return self.find(index, "body-missing")
        data = blob(bodies[0][0])
        if sha(data) != leaf["body"]:
            return self.find(index, "body-wrong")
        body = read_canonical(data)
        if not is_body(body):
            return self.find(index, "body-invalid")
        self.redact(index, body["event"])
        if body["event"].get("type") == "archive" and isinstance(body["event"].get("archive"), dict):
            self.archives[index] = body["event"]["archive"]
        self.check_content(index, leaf, body, values)

    def check_content(self, index, leaf, body, values):
        event = body["event"]
        if stream_id(leaf["log"], event) != leaf["stream"]["id"]:
            self.find(index, "stream-id-wrong")
        self.check_private(index, body["private"], values[0] if values else [None] * 13)
        for part, digest, size, name in SCRIPTS:
            part = event.get(part)
            if isinstance(part, dict) and isinstance(part.get(digest), str):
                self.named.setdefault(part[digest], index)
                if size in part:
                    self.needed[index, name] = part[digest]

    def redact(self, index, event):
        try:
            about, names = event["about"], event["redaction"]["members"]
        except (KeyError, TypeError):
            return
        if event.get("type") != "redaction" or not isinstance(about, list) or not isinstance(names, list):
            return
        for entry in [item.get("entry") for item in about if isinstance(item, dict)]:
            if is_natural(entry) and entry < index:
                for name in filter(lambda name: isinstance(name, str), names):
                    self.missing.pop((entry, name), None)
                    self.redacted[entry, name] = self.needed.pop((entry, name), self.redacted.get((entry, name)))

    def check_redactions(self, database):
        for index, name in self.redacted:
            for row in database.execute(f"SELECT {', '.join(COLUMNS)}, other FROM private WHERE idx = ?", (index,)):
                other = json.loads(blob(row[12])) if row[12] is not None else []
                if row[COLUMNS.index(name)] is not None if name in COLUMNS else any(value[1] == name for value in other):
                    self.find(index, "redaction-undone")

    def check_private(self, index, digests, values):
        there = {}           # name: value, of the disclosures that are valid in form
        unread = set()       # names whose disclosures cannot be read
        for column, data in zip(COLUMNS, values):
            value = None if data is None else read_canonical(blob(data))
            if is_disclosure(value) and value[1] == column:
                there[column] = value
            elif data is not None:
                unread.add(column)
        if values[12] is not None:
            other = read_canonical(blob(values[12]))
            if (isinstance(other, list) and other and all(map(is_disclosure, other))
                    and not any(value[1] in COLUMNS for value in other)
                    and all(utf16(a[1]) < utf16(b[1]) for a, b in zip(other, other[1:]))):
                there |= {value[1]: value for value in other}
            else:
                unread |= {name for name in digests if name not in COLUMNS} | {"other"}
        if unread:
            self.find(index, "private-invalid")
        for name, value in there.items():
            if name not in digests:
                self.find(index, "private-extra")
            elif private_digest(canonical(value)) != digests[name]:
                self.find(index, "private-wrong")
            elif name.startswith("attachment:") and isinstance(value[2], dict):
                self.needed[index, name] = digest = str(value[2].get("digest"))
                self.named.setdefault(digest, index)
        for name in digests:
            if name not in there and name not in unread:
                self.missing[index, name] = True

    def check_attachments(self, rows):
        brought = {"sha256:" + digest.hex() for digest, data in self.stored if sha(data) == digest.hex()}
        if len(brought) < len({digest for digest, _ in self.stored}):
            self.find(None, "damaged")
        there = set()
        gone = set(self.redacted.values()) - set(self.needed.values())
        for digest, data in rows:
            digest = "sha256:" + blob(digest).hex()
            if digest != "sha256:" + sha(blob(data)):
                self.find(self.named.get(digest), "attachment-wrong")
            elif digest not in self.named or digest in there and digest not in gone:
                self.find(None, "attachment-extra")
            elif digest in gone:
                self.find(self.named[digest], "redaction-undone")
            there.add(digest)
        self.findings += [(index, "attachment-missing") for (index, _), digest in self.needed.items()
                          if digest not in there | brought]


def connect(path):
    """A read-only connection; where even that must not write beside the file, without its WAL."""
    for mode in ("mode=ro", "immutable=1"):
        database = sqlite3.connect(f"file:{quote(path)}?{mode}", uri=True, isolation_level=None)
        database.text_factory = bytes
        try:
            database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            return database
        except sqlite3.OperationalError:
            if mode != "mode=ro":
                raise
    return None


def verify(path, expect=None, folders=()):
    """The verifier when it is done; its findings begin with the first bad index."""
    verifier = Verifier(expect, folders)
    try:
        with open(path, "rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                verifier.find(None, "not-a-ledger")
                return verifier
        database = connect(path)
        application, version = (database.execute(f"PRAGMA {name}").fetchone()[0]
                                for name in ("application_id", "user_version"))
        if application != 0x4C454447 or version < 1:
            verifier.find(None, "not-a-ledger")
        elif version > 1:
            verifier.find(None, "newer-format")
        else:
            verifier.verify(database)
            if database.execute("PRAGMA integrity_check(1)").fetchone()[0] != b"ok":
                verifier.find(None, "damaged")
    except (sqlite3.Error, MemoryError, OverflowError, UnicodeDecodeError):  # the last from its messages
        verifier.findings = [(None, "damaged")]
    return verifier


def main(arguments):
    shows_all = "--all" in arguments
    arguments = [argument for argument in arguments if argument != "--all"]
    expect, folders = None, []
    while "--archive" in arguments[:-1]:
        place = arguments.index("--archive")
        folders.append(arguments[place + 1])
        del arguments[place:place + 2]
    if len(arguments) == 3 and "--expect" in arguments[:2]:
        place = arguments.index("--expect")
        match = re.fullmatch(r"(0|[1-9][0-9]{0,15}):([0-9a-f]{64})", arguments[place + 1])
        expect = match and (int(match[1]), match[2])
        del arguments[place:place + 2]
        arguments = arguments if match else []
    if len(arguments) != 1 or arguments[0].startswith("-") or not os.path.isfile(arguments[0]):
        print("usage: verify_ledger.py LEDGER [--expect INDEX:HASH] [--archive FOLDER]… [--all]", file=sys.stderr)
        return 64
    verifier = verify(arguments[0], expect, folders)
    bad = [found for found in verifier.findings if found[1] != "clock-set-back"]
    for index, code in verifier.findings:
        if shows_all:
            print("-" if index is None else index, code)
        elif code == "clock-set-back":
            print(f"warning: entry {index}: {code}", file=sys.stderr)
    if bad:
        place = "the ledger" if bad[0][0] is None else f"entry {bad[0][0]}"
        print(f"{place}: {bad[0][1]}; {len(bad) - 1} more")
        return 5
    print(f"verified: {verifier.count} entries, {len(verifier.streams)} streams, "
          f"head {verifier.count - 1}:{verifier.head}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
