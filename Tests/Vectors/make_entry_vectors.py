#!/usr/bin/env python3
"""Makes schema/entry/vectors.json: one small ledger, from events as taken in to the last hash.

An encoder apart from the Swift one, so that a mistake must be made twice to stay unseen.

    make_entry_vectors.py                 writes schema/entry/vectors.json
    make_entry_vectors.py --check         exits 1 if that file is not what this would write
    make_entry_vectors.py --ledger FILE   writes the same entries as an SQLite ledger
"""
import base64, datetime, hashlib, json, os, re, sqlite3, sys

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(PACKAGE, "Tests"))
sys.dont_write_bytecode = True
from verify_ledger import COLUMNS, base64url, canonical, private_digest, read, sha, stream_id, utf16

VECTORS = os.path.join(PACKAGE, "schema", "entry", "vectors.json")
PRIVATE = [column for column in COLUMNS if column != "principal_name"]
PEOPLE = ["actor", "author", "requestor", "tester"]
TIMES = ["time", "until", "started", "ended", "restore_point_expires", "effective_from", "from", "expires"]
LOG = "ledger.example.com/changes"

ALL_PRIVATE = {
    "actor": {"id": "deploy-bot", "kind": "service", "name": "Deploy Bot", "on_behalf_of": "jana@example.com"},
    "author": "jana@example.com",
    "requestor": {"id": "li@example.com", "kind": "human", "name": "\u674e\u56db \U00020BB7"},
    "tester": {"id": "qa-agent", "kind": "agent"},
    "executed_as": "orders_owner",
    "title": "Add an index on orders(customer) \U0001F680",
    "message": "Tab\there, \"quotes\", back\\slash, slash / and\r\nnew lines\u0001\u001f\u007f\u2028",
    "reason": "Slow search: A\u030a is not \u00c5",
    "error": "\b\f\u000b\u001b[31mNOTICE\u001b[0m",
    "command": "psql -f V42__add_index.sql",
    "host": "runner-7.example.com",
}
SCRIPT = "CREATE INDEX CONCURRENTLY orders_customer ON orders (customer);\n"
COMMIT = "5f0c1e2d3b4a59687766554433221100ffeeddcc"

# Each: principal, event as taken in, and the private members that the redaction erased.
ENTRIES = [
    (("local", "1000", "Jana N\u00e1dv\u011b"), {
        "type": "policy", "time": "2026-01-01T00:00:00Z",
        "policy": {"digest": "sha256:" + "ab" * 32, "effective_from": "2026-02-01T00:00:00+01:00"}}, []),
    (("token", "tok_7f3a", None), {
        "type": "path", "service": "orders",
        "path": {"steps": ["dev", ["test", "test-eu"], "stage", "prod"]}}, []),
    (("oidc", "9a3e" * 16, "Li \U00020BB7"), {
        "type": "target", "service": "orders", "environment": "prod", "database": "orders",
        "target": {"action": "add", "address": "db1.example.com/orders"}}, []),
    (("hook", "hook_gh", None), {
        "type": "merge", "service": "orders", "time": "2026-01-02T09:30:00.5+02:00",
        "change": {"id": "42", "name": "V42__add_index", "tool": "flyway", "ticket": "INC-9", "kind": "schema"},
        "git": {"repository": "https://bot:hunter2@git.example.com/shop/orders.git?access_token=x&depth=1",
                "commit": COMMIT, "head_commit": "0" * 39 + "1", "ref": "refs/heads/main",
                "path": "migrations/V42__add_index.sql", "blob": "ab" * 32, "signed": True},
        "author": "jana@example.com", "actor": {"id": "li@example.com"}, "title": "Add an index (#17)",
        "attachments": {"script": {"text": SCRIPT}, "webhook": {
            "base64": "eyJhY3Rpb24iOiJjbG9zZWQifQ==", "media_type": "application/json"}}}, []),
    (("hook", "hook_gh", "GitHub"), {
        "type": "review", "service": "orders", "change": {"id": "42"},
        "review": {"decision": "approved", "kind": "approval", "role": "dba", "check": "four-eyes"},
        "about": [{"entry": 3}], "actor": "dba@example.com"}, []),
    (("token", "tok_7f3a", "CI of orders"), {
        "type": "rollback_plan", "service": "orders", "change": {"id": "42"},
        "rollback": {"strategy": "reversible", "tested_in": ["dev", "test"],
                     "restore_point": "snap-1", "restore_point_expires": "2026-03-01T12:00:00.1239Z"},
        "attachments": {"rollback_script": {"text": "DROP INDEX orders_customer;\n"}}}, []),
    (("token", "tok_7f3a", "CI of orders"), {
        "type": "deployment", "service": "orders", "environment": "prod", "tenant": "acme",
        "time": "2026-01-03T03:10:00+01:00", "change": {"id": "42", "class": "normal", "repeatable": False},
        "deployment": {"id": "d-1", "status": "started", "operation": "apply", "attempt": 1,
                       "started": "2026-01-03T03:10:00+01:00"}} | ALL_PRIVATE, []),
    (("token", "tok_7f3a", "CI of orders"), {
        "type": "deployment", "service": "orders", "environment": "prod", "tenant": "acme",
        "time": "2026-01-03T02:24:00Z", "change": {"id": "42", "digest": "sha256:" + sha(SCRIPT.encode())},
        "deployment": {"id": "d-1", "status": "succeeded", "duration_ms": 840000, "exit_code": 0,
                       "rows": 9007199254740991, "statements": 1, "statements_done": 1},
        "trigger": {"kind": "cli", "run": "https://ci.example.com/jobs/7?sig=abc#L1", "tool": "psql"},
        "labels": {"\ufb33": "sorts after the surrogate pair in UTF-16, before it in UTF-8",
                   "\U0001F602": "beyond the basic plane", "\u20ac": "euro",
                   "A\u030a": "not normalized", "\u00c5": "nor this", "a/b": "~", "\"": "\\"},
        "attachments": {"script": {"text": SCRIPT}, "output": {"text": "CREATE INDEX\n"}}}, []),
    (("local", "0", None), {
        "type": "deployment", "service": "orders", "environment": "prod", "tenant": "globex", "region": "eu-1",
        "change": {"id": "42"}, "deployment": {"id": "d-2", "status": "failed", "exit_code": -1},
        "error": "ERROR:  deadlock detected", "message": "Call Ada Lovelace, +44 20 7946 0000",
        "attachments": {"script": {"text": "-- of Ada\n"}, "output": {"text": "Ada Lovelace\n"}}},
     ["message", "attachment:output", "attachment:script"]),
    (("local", "0", "root"), {
        "type": "deployment", "service": "orders", "environment": "prod", "tenant": "globex", "region": "eu-1",
        "cluster": "c2 \U0001F40B", "database": "orders", "change": {"id": "manual-1"},
        "deployment": {"status": "unknown"}, "trigger": {"kind": "manual"}}, []),
    (("oidc", "9a3e" * 16, None), {
        "type": "correction", "about": [{"entry": 9}], "reason": "it was the other cluster",
        "correction": {"cluster": "c1", "time": "2026-01-03T06:00:00-05:30", "change": {"kind": "data"}}}, []),
    (("oidc", "9a3e" * 16, None), {
        "type": "acknowledgement", "about": [{"finding": "edited:orders:42"}], "until": "2026-02-01T00:00:00Z",
        "reason": "known"}, []),
    (("local", "1000", None), {
        "type": "note", "service": "orders", "message": "Never run V43 at night"}, []),
    (("local", "1000", None), {
        "type": "incident", "service": "orders", "environment": "prod", "title": "Search is down",
        "links": {"page": "https://status.example.com/i/1"}, "about": [{"change": "orders:42"}]}, []),
    (("local", "1000", None), {
        "type": "correlation", "about": [{"change": "orders:42"}, {"change": "billing:7"}],
        "correlation": {"action": "assert"}}, []),
    (("local", "1000", None), {
        "type": "freeze", "environment": "prod",
        "freeze": {"action": "add", "from": "2026-12-20T00:00:00Z", "until": "2027-01-02T00:00:00Z"}}, []),
    (("token", "tok_snap", None), {
        "type": "snapshot", "service": "orders", "environment": "stage", "region": "eu-1",
        "snapshot": {"digest": "sha256:" + "cd" * 32}}, []),
    (("local", "1000", "Jana"), {
        "type": "token", "token": {"action": "create", "id": "tok_9", "role": "recorder",
                                   "expires": "2027-01-01T00:00:00Z"}}, []),
    (("oidc", "77" * 32, "Auditor"), {
        "type": "export", "export": {"report": "changes", "digest": "sha256:" + "ef" * 32, "rows": 0}}, []),
    (("local", "1000", "Jana"), {
        "type": "redaction", "about": [{"entry": 8}], "reason": "erasure request 12",
        "redaction": {"members": ["message", "attachment:output", "attachment:script"]}}, []),
    (("local", "1000", None), {
        "type": "archive", "archive": {"first": 0, "last": 3, "digest": "sha256:" + "12" * 32}}, []),
    (("local", "1000", None), {"type": "restore", "about": [{"entry": 20}]}, []),
    (("local", "1000", "Jana"), {
        "type": "override", "service": "orders", "environment": "prod", "title": "Past the freeze"}, []),
    (("token", "tok_7f3a", None), {
        "type": "deployment", "service": "orders", "environment": "prod", "tenant": "acme",
        "time": "0001-01-01T00:00:00Z", "change": {"id": "43"},
        "deployment": {"id": "d-3", "status": "skipped", "ended": "9999-12-31T23:59:59.999Z"}}, []),
]

# What is read, and its canonical form or why it is refused.
CANONICAL = [
    ('{"b":1,"a":[true,false,"x"]}', None), (' [ 1 ,\n2\t,\r3 ] ', None), ("{}", None), ("[]", None),
    ('""', None), ("0", None), ("-1", None), ("9007199254740991", None), ("-9007199254740991", None),
    ('"\\u0041\\/\\u00e9\\ud83d\\ude00"', None), ('"\\u0001\\u001F\\u007f\\u0008\\t\\n\\f\\r\\"\\\\"', None),
    ('"\\u2028\\uffff"', None), ('{"\\ufb33":1,"\\ud83d\\ude02":2,"\\u20ac":3}', None),
    ('{"a":1,"A":2,"aa":3,"10":4,"1":5}', None), ('{"\\u00e9":1,"e\\u0301":2}', None),
    ("[" * 16 + "]" * 16, None), ('{"a":' * 15 + "{}" + "}" * 15, None),
    ("null", "null"), ('{"a":null}', "null"), ("1.0", "fraction"), ("1e2", "fraction"), ("-0.5", "fraction"),
    ("-0", "negative-zero"), ("01", "syntax"), ("-", "syntax"), ("9007199254740992", "range"),
    ("-9007199254740992", "range"), ("99999999999999999999999999", "range"), ('{"a":1,"a":1}', "duplicate-name"),
    ('{"a":1,"b":2,"\\u0061":3}', "duplicate-name"), ('{"":1}', "empty-name"), ('"\\ud800"', "lone-surrogate"),
    ('"\\ude00\\ud83d"', "lone-surrogate"), ('"\\ud83dx"', "lone-surrogate"), ('"\\u0000"', "nul"),
    ('{"\\u0000":1}', "nul"), ("[" * 17 + "]" * 17, "depth"), ('{"a":' * 16 + "{}" + "}" * 16, "depth"),
    ("", "syntax"), ("[1,]", "syntax"), ('{"a":1,}', "syntax"), ("{a:1}", "syntax"), ("[1 2]", "syntax"),
    ("1 1", "syntax"), ("'a'", "syntax"), ("tru", "syntax"), ("NaN", "syntax"), ("-Infinity", "syntax"),
    ('"\\x"', "syntax"), ('"\\u12"', "syntax"), ('"a', "syntax"), ("+1", "syntax"), ("[1]]", "syntax"),
    ('"\t"', "syntax"), ('"\n"', "syntax"), ("\ufeff{}", "syntax"), ("/**/1", "syntax"), ("\u00a01", "syntax"),
    (b'"\xff"', "utf-8"), (b'"\xc0\x80"', "utf-8"), (b'"\xed\xa0\x80"', "utf-8"), (b'"\xf4\x90\x80\x80"', "utf-8"),
]


def utc(text):
    text = re.sub(r"\.(\d+)", lambda found: "." + (found[1] + "00")[:3], text).replace("Z", "+00:00")
    moment = datetime.datetime.fromisoformat(text).astimezone(datetime.timezone.utc)
    return f"{moment.year:04}" + moment.strftime("-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def without_secrets(url):
    url = re.sub(r"^([a-z]+://)[^/?#]*@", r"\1", url)
    return re.sub(r"\?(?=#|$)", "", re.sub(r"(?<=[?&])(access_token|sig)=[^&#]*&?", "", url))


def stored(value, name=None):
    """An event's public members as they are hashed."""
    if isinstance(value, dict):
        return {inner: stored(part, None if name == "labels" else inner) for inner, part in value.items()}
    if name in TIMES:
        return utc(value)
    if name in ("repository", "run", "page"):
        return without_secrets(value)
    return value


def taken_in(event):
    """Public members, private members, and attachments by digest."""
    event = json.loads(json.dumps(event))
    attachments = {}
    private = {}
    for name, given in event.pop("attachments", {}).items():
        data = given["text"].encode() if "text" in given else base64.b64decode(given["base64"])
        digest = "sha256:" + sha(data)
        attachments[name] = data
        if name == "script":
            event.setdefault("change", {}).update(digest=digest, size=len(data))
        elif name == "rollback_script":
            event.setdefault("rollback", {}).update(script_digest=digest, script_size=len(data))
        else:
            kind = given.get("media_type", "text/plain")
            private["attachment:" + name] = {"digest": digest, "media_type": kind, "size": len(data)}
    for name in PRIVATE:
        if name in event:
            value = event.pop(name)
            private[name] = {"id": value} if name in PEOPLE and isinstance(value, str) else value
    return stored(event), private, attachments


def random_bytes(*seed):
    """16 bytes that look random and are always the same."""
    return hashlib.sha256(repr(seed).encode()).digest()[:16]


def entries():
    prev, streams = "0" * 64, {}
    for index, ((kind, identity, name), event, erased) in enumerate(ENTRIES):
        event = {"id": f"evt-{index}", "source": "vectors"} | event
        members, private, attachments = taken_in(event)
        if name is not None:
            private["principal_name"] = name
        salts = {name: random_bytes("salt", index, name) for name in sorted(private, key=utf16)}
        disclosures = {n: canonical([base64url(salts[n]), n, private[n]]) for n in salts}
        body = canonical({
            "event": members, "nonce": base64url(random_bytes("nonce", index)),
            "principal": {"kind": kind, "id": identity},
            "private": {n: private_digest(disclosure) for n, disclosure in disclosures.items()}})
        stream = stream_id(LOG, members)
        place = streams.get(stream, (0, "0" * 64))
        time = 1767225600123 + index * 1000
        leaf = canonical({
            "body": sha(body), "index": index, "log": LOG, "prev": prev, "time": time, "v": 1,
            "stream": {"id": stream, "index": place[0], "prev": place[1]}})
        prev = sha(b"\0", leaf)
        streams[stream] = (place[0] + 1, prev)
        yield {
            "event": event,
            "principal": {"kind": kind, "id": identity} | ({} if name is None else {"name": name}),
            "nonce": random_bytes("nonce", index).hex(), "salts": {n: salts[n].hex() for n in salts},
            "time": time, "body": body.decode(), "body_digest": sha(body),
            "disclosures": {n: d.decode() for n, d in disclosures.items()}, "redacted": erased,
            "stream_id": stream, "leaf": leaf.decode(), "hash": prev}, attachments


def canonical_vectors():
    for given, reason in CANONICAL:
        data = given if isinstance(given, bytes) else given.encode()
        vector = {"input_hex": data.hex()} if isinstance(given, bytes) else {"input": given}
        try:
            yield vector | {"output": canonical(read(data)).decode()}
            assert reason is None, given
        except ValueError as error:
            assert str(error) == reason, (given, error)
            yield vector | {"refused": reason}


def text():
    vectors = {"log": LOG, "canonical": list(canonical_vectors()), "entries": [entry for entry, _ in entries()]}
    return json.dumps(vectors, indent=1) + "\n"


def write_ledger(path):
    if os.path.exists(path):
        sys.exit(f"{path} exists")
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA page_size = 8192")
    database.execute(f"PRAGMA application_id = {0x4C454447}")
    database.execute("PRAGMA user_version = 1")
    with open(os.path.join(PACKAGE, "schema", "sqlite", "entries.sql"), encoding="utf-8") as file:
        database.executescript(file.read())
    database.execute("BEGIN")
    database.execute("INSERT INTO meta VALUES ('log', ?)", [LOG])
    stored_digests = set()
    for index, (entry, attachments) in enumerate(entries()):
        database.execute("INSERT INTO entry VALUES (?, ?, ?)", [index, entry["leaf"], bytes.fromhex(entry["hash"])])
        database.execute("INSERT INTO body VALUES (?, ?)", [index, entry["body"]])
        there = {n: d for n, d in entry["disclosures"].items() if n not in entry["redacted"]}
        other = [d for n, d in there.items() if n not in COLUMNS]
        values = [there.get(n) for n in COLUMNS] + ["[" + ",".join(other) + "]" if other else None]
        if there:
            database.execute(f"INSERT INTO private VALUES ({','.join('?' * 14)})", [index] + values)
        for name, data in attachments.items():
            if "attachment:" + name not in entry["redacted"] and sha(data) not in stored_digests:
                stored_digests.add(sha(data))
                database.execute("INSERT INTO attachment (digest, bytes) VALUES (?, ?)",
                                 [bytes.fromhex(sha(data)), data])
    database.execute("COMMIT")
    database.close()


def main(arguments):
    if arguments == ["--check"]:
        with open(VECTORS, encoding="utf-8") as file:
            return 0 if file.read() == text() else 1
    if len(arguments) == 2 and arguments[0] == "--ledger":
        write_ledger(arguments[1])
    elif arguments:
        sys.exit(__doc__)
    else:
        with open(VECTORS, "w", encoding="utf-8") as file:
            file.write(text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
