"""Requests that are wrong in every way, and what the service makes of them.

    misuse.py bad URL WRITER READER    each is refused, and the next good request works
    misuse.py slow URL WRITER READER   to a service with idle-seconds: 1 and body-seconds: 2
    misuse.py locks URL WRITER READER  wrong credentials are slowed, and good ones are not
"""

import json
import sys
import threading
import time

from wire import Connection, Gone, ask, fill, note

SECRET = "sct_" + "Vq7" * 13
# What the HTTP library refuses before anything of ours sees it.
CLOSED = "closed"
LIMIT = 65_536
checked, faults = 0, []


def head_index(url, token):
    return json.loads(ask(url, token, "GET", "/v1/head").body)["index"]


def verify_good(url, reader, what):
    answer = ask(url, reader, "GET", "/v1/head")
    assert answer.status == 200, f"after {what}: {answer}"


def refused(answer, statuses, what):
    assert answer.status in statuses, f"{what}: {answer}"
    if answer.status == 400 and not answer.body:
        # The library's own, which closes.
        assert answer.fields.get("connection") == "close", f"{what}: {answer}"
        return
    kind = answer.fields.get("content-type")
    assert kind == "application/problem+json", f"{what}: {answer}"
    problem = json.loads(answer.body)
    assert problem["status"] == answer.status, f"{what}: {answer}"
    assert problem["detail"] and problem["code"], f"{what}: {answer}"
    assert SECRET.encode() not in answer.body, f"{what}: {answer}"


def bad(url, writer, reader, what, data, statuses, method="POST", may_close=False):
    """Sends these bytes, and expects one of these statuses."""
    global checked
    checked += 1
    try:
        provoke(url, writer, what, data, statuses, method, may_close)
    except AssertionError as fault:
        faults.append(str(fault)[:600])
    verify_good(url, reader, what)


def provoke(url, writer, what, data, statuses, method, may_close):
    connection = Connection(url, writer, timeout=20)
    try:
        try:
            connection.send(data(connection) if callable(data) else data)
        except Gone:
            # It answered, and closed, before it had it all.
            pass
        try:
            answer = connection.answer(method)
        except Gone as end:
            assert may_close and "timed out" not in str(end), f"{what}: {end}"
            answer = None
        if answer:
            refused(answer, statuses, what)
            # Nothing that was smuggled behind it is taken for a request.
            try:
                connection.socket.settimeout(0.05)
                connection.more()
                raise AssertionError(f"{what}: and then {connection.rest[:200]}")
            except Gone:
                pass
    finally:
        connection.close()


def post(body, fields=(), kind="application/json", path="/v1/events", method="POST"):
    def data(connection):
        headers = ([("Content-Type", kind)] if kind else []) + list(fields)
        return connection.head(method, path, headers, len(body)) + body
    return data


def bodies():
    good = json.dumps(note("misuse", "x")).encode()
    yield "nothing", b"", [422], {}
    yield "white space", b" \r\n\t", [422], {}
    yield "a truncated object", good[:-5], [422], {}
    yield "a truncated string", good[:12], [422], {}
    yield "two objects", good + good, [422], {}
    yield "a trailing comma", good[:-1] + b",}", [422], {}
    yield "a number", b"1", [422], {}
    yield "null", b"null", [422], {}
    yield "an empty array", b"[]", [422], {}
    yield "a name twice", good[:-1] + b',"title":"other"}', [422], {}
    yield "an unknown member", good[:-1] + b',"surprise":1}', [422], {}
    yield "a fraction", good[:-1] + b',"v":1.5}', [422], {}
    yield "a large number", good[:-1] + b',"v":1e999}', [422], {}
    yield "half a surrogate", good[:-1] + b',"message":"\\ud800"}', [422], {}
    yield "NUL in a string", good[:-1] + b',"message":"\\u0000"}', [422], {}
    yield "a bare NUL", good[:-1] + b"\0}", [422], {}
    yield "bytes that are no UTF-8", good.replace(b"note x", b"\xff\xfe\xfa"), [422], {}
    yield "an overlong form", good.replace(b"note x", b"\xc0\xaf"), [422], {}
    yield "UTF-16", good.decode().encode("utf-16"), [422], {}
    yield "UTF-16 without a mark", good.decode().encode("utf-16-le"), [422], {}
    yield "UTF-32", good.decode().encode("utf-32"), [422], {}
    yield "a byte order mark", b"\xef\xbb\xbf" + good[:-1], [422], {}
    for open_, close in ((b"[", b"]"), (b'{"a":', b"}")):
        for depth in (200, 12_000):
            nested = open_ * depth + b"1" + close * depth
            yield f"{depth} deep", nested[:LIMIT], [422], {}
            yield f"{depth} deep and no end", (open_ * depth)[:LIMIT], [422], {}
            event = good[:-1] + b',"data":' + nested[: LIMIT - 200] + b"}"
            yield f"{depth} deep in an event", event, [422], {}
            yield f"{depth} deep in a CloudEvent", (
                b'{"specversion":"1.0","id":"1","source":"s","type":"t","data":' + nested[:60_000]
                + b"}")[:LIMIT], [422], {"kind": "application/cloudevents+json"}
    yield "one line of two is bad", good + b"\n{}", [422], {"kind": "application/x-ndjson"}
    yield "form data", b"a=b", [415], {"kind": "application/x-www-form-urlencoded"}
    yield "no type", good, [415], {"kind": None}
    yield "another charset", good, [415], {"kind": "application/json; charset=utf-16"}
    yield "gzip", b"\x1f\x8b\x08\0\0\0", [415], {"fields": [("Content-Encoding", "gzip")]}
    yield "an attachment that is too large", json.dumps(
        {**note("misuse", "x"), "attachments": {"log": {"text": "x" * 50_000}}}
    ).encode()[:-2], [422], {}


def bad_bodies(url, writer, reader):
    for what, body, statuses, options in bodies():
        bad(url, writer, reader, what, post(body, **options), statuses)
    large = b" " * (LIMIT + 1)
    bad(url, writer, reader, "a byte too much", post(large), [413], may_close=True)
    bad(url, writer, reader, "a length of gigabytes",
        lambda c: c.head("POST", "/v1/events", [("Content-Type", "application/json")],
                         99_999_999_999) + b" " * (LIMIT + 1), [413])
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    bad(url, writer, reader, "chunks without end",
        lambda c: c.head("POST", "/v1/events", [("Content-Type", "application/json"),
                                                ("Transfer-Encoding", "chunked")])
        + chunk * 40, [413], may_close=True)
    bad(url, writer, reader, "more events than are taken",
        post(b"[" + b",".join([b"{}"] * 101) + b"]"), [413])
    bad(url, writer, reader, "more lines than are taken",
        post(b"{}\n" * 101, kind="application/x-ndjson"), [413])


def bad_heads(url, writer, reader):
    good = json.dumps(note("misuse", "x")).encode()
    fields = [
        ("a field in X-Request-ID", "X-Request-ID", "a\rSet-Cookie: b"),
        ("NUL in a value", "X-Request-ID", "a\0b"),
    ]
    for what, name, value in fields:
        bad(url, writer, reader, what, post(good, [(name, value)]), [400], may_close=True)
    framing = [
        ("two lengths", [("Content-Length", "5"), ("Content-Length", "6")]),
        ("a length and chunks", [("Content-Length", "5"), ("Transfer-Encoding", "chunked")]),
        ("a negative length", [("Content-Length", "-1")]),
        ("a length with a sign", [("Content-Length", "+5")]),
        ("a length in words", [("Content-Length", "five")]),
        ("an enormous length", [("Content-Length", "9" * 40)]),
        ("another coding", [("Transfer-Encoding", "gzip, chunked, x")]),
    ]
    for what, headers in framing:
        bad(url, writer, reader, what,
            lambda c: c.head("POST", "/v1/events", [("Content-Type", "application/json"),
                                                    *headers]) + b"0\r\n\r\n",
            [400, 413, 422], may_close=True)
    for what, line in [
        ("a chunk of no size", b"zz\r\n"), ("a negative chunk", b"-5\r\n"),
        ("a chunk beyond all sizes", b"f" * 20 + b"\r\n"),
        ("a chunk that is longer than it says", b"1\r\nabc\r\n0\r\n\r\n"),
    ]:
        bad(url, writer, reader, what,
            lambda c: c.head("POST", "/v1/events", [("Content-Type", "application/json"),
                                                    ("Transfer-Encoding", "chunked")]) + line,
            [400, 413], may_close=True)
    for what, data in [
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 500),
        ("HTTP/0.9", b"GET /v1/head\r\n\r\n"),
        ("HTTP/3.0", b"GET /v1/head HTTP/3.0\r\nHost: x\r\n\r\n"),
        ("a preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("a space in the path", b"GET /v1/head x HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a field without a name", b"GET /v1/head HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n"),
        ("a space before the colon", b"GET /v1/head HTTP/1.1\r\nHost : x\r\n\r\n"),
        ("a folded field", b"GET /v1/head HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n"),
        ("an enormous field", b"GET /v1/head HTTP/1.1\r\nA: " + b"a" * 200_000 + b"\r\n\r\n"),
        ("too many fields",
         b"GET /v1/head HTTP/1.1\r\n" + b"".join(b"A%d: b\r\n" % n for n in range(5000)) + b"\r\n"),
        ("an enormous path", b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    ]:
        bad(url, writer, reader, what, data, [400, 401, 404, 414, 431, 505], may_close=True)


def bad_paths(url, writer, reader):
    for path in [
        "//", "/v1/../v1/events", "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd", "/v1/%2e%2e/events", "/v1/events/../head", "/v1/events%00",
        "/v1/events%2f", "/V1/events", "/v1/events;x=y", "/.git/config",
        "/v1/changes/a/..%2f..%2fb", "/v1/changes/%00/x", "/v1/changes/%ff/x",
        "/v1/changes/a%0d%0aSet-Cookie:%20b/x", "/v1/entries/%2e%2e", "/v1/entries/-1",
        "/v1/entries/99999999999999999999", "/v1/entries/1e3", "/v1/entries/0x1",
        "/v1/attachments/../../etc/passwd", "/v1/events?service=%00", "/v1/events?service=%",
        "/v1/events?limit=-1", "/v1/events?limit=9999999999999999999999", "/v1/events?x=y",
        "/v1/events?cursor=%27%3B--", "/v1/events?" + "a=b&" * 2000, "/v1/" + "a/" * 2000,
        "/v1/changes/" + "a" * 20_000 + "/b", "/" + "%41" * 5000,
    ]:
        bad(url, reader, reader, path[:60],
            lambda c: c.head("GET", path), [400, 401, 403, 404], method="GET")
    # Empty parts of a path are none; the same is asked of who comes that way.
    for path in ["//v1/events", "/v1//events", "/v1/events/"]:
        assert ask(url, None, "GET", path).status == 401, path
        assert ask(url, reader, "GET", path).status == 200, path
    for method in ["BREW", "TRACE", "CONNECT", "OPTIONS", "PUT", "PATCH", "DELETE", "get", "PRI",
                   "A" * 5000, "POST/"]:
        bad(url, reader, reader, "method " + method[:20],
            lambda c: c.head(method, "/v1/events", length=0), [400, 404, 405], may_close=True)


def bad_credentials(url, writer, reader):
    body = json.dumps(note("misuse", "x")).encode()
    for what, values in [
        ("none", []), ("two", [f"Bearer {SECRET}", f"Bearer {writer}"]),
        ("a good one and another", [f"Bearer {writer}", f"Bearer {SECRET}"]),
        ("the good one twice", [f"Bearer {writer}", f"Bearer {writer}"]),
        ("one list", [f"Bearer {writer}, Bearer {writer}"]),
        ("another scheme", [f"Basic {SECRET}"]), ("no scheme", [writer]),
        ("a large one", ["Bearer " + "x" * 60_000]), ("an empty one", ["Bearer "]),
        ("three parts", [f"Bearer {SECRET}.{SECRET}.{SECRET}"]),
    ]:
        fields = [("Authorization", value) for value in values]
        bad(url, None, reader, "credentials: " + what, post(body, fields), [400, 401])


def bad_all(url, writer, reader):
    before = head_index(url, reader)
    bad_bodies(url, writer, reader)
    bad_heads(url, writer, reader)
    bad_paths(url, writer, reader)
    bad_credentials(url, writer, reader)
    assert not faults, "\n".join(faults)
    # What is odd, and no fault: control characters of the trace and of the id are not taken over.
    answer = ask(url, reader, "GET", "/v1/head", fields=[
        ("X-Request-ID", "a b\t\u00ff"), ("traceparent", "00-" + SECRET), ("Cookie", SECRET)])
    assert answer.status == 200 and answer.fields["x-request-id"] != "a b", answer
    assert head_index(url, reader) == before, "something of it was recorded"
    large = {**note("misuse", "large"), "attachments": {"log": {"text": "x" * 1000}}}
    assert ask(url, writer, "POST", "/v1/events", note("misuse", "good")).status == 201
    assert ask(url, writer, "POST", "/v1/events", large).status in (201, 422)
    print(f"{checked} bad requests were refused, and each next one was answered")


def dribble(connection, data, pause):
    """Sends byte by byte until the other side ends it; the seconds that took."""
    start = time.monotonic()
    connection.socket.settimeout(pause)
    for place in range(len(data)):
        try:
            connection.send(data[place : place + 1])
            if connection.is_closed_within(pause):
                break
        except Gone:
            break
    else:
        raise AssertionError("it took all of it")
    return time.monotonic() - start


def slow(url, writer, reader):
    body = json.dumps(note("misuse", "slow")).encode()
    # An answer that is longer than what the system keeps for a reader.
    fill(url, writer, 10_000)

    def half_a_head():
        connection = Connection(url, writer)
        connection.send(b"POST /v1/events HTTP/1.1\r\nHost: x\r\n")
        assert connection.is_closed_within(10), "half a head holds its connection"

    def nothing():
        assert Connection(url).is_closed_within(10), "a silent connection is held"

    def head_drop_by_drop(after=None):
        connection = Connection(url, reader)
        if after:
            assert connection.ask("GET", "/v1/head").status == 200
        took = dribble(connection, connection.head("GET", "/v1/head") * 2, 0.3)
        assert took < 5, f"a slow head was taken for {took} s"

    def half_a_body():
        connection = Connection(url, writer)
        head = connection.head("POST", "/v1/events", [("Content-Type", "application/json")], 1000)
        connection.send(head + body)
        assert connection.is_closed_within(10), "half a body holds its connection"

    def body_drop_by_drop():
        connection = Connection(url, writer)
        head = connection.head("POST", "/v1/events", [("Content-Type", "application/json")],
                               len(body))
        connection.send(head)
        took = dribble(connection, body, 0.3)
        assert took < 8, f"a slow body was taken for {took} s"

    def refused_and_drop_by_drop():
        connection = Connection(url)
        connection.send(connection.head("POST", "/v1/events", length=1000))
        answer = connection.answer()
        assert answer.status == 401, answer
        assert dribble(connection, b" " * 1000, 0.3) < 8

    def reads_nothing():
        connection = Connection(url, reader, receive_bytes=4096)
        connection.send(connection.head("GET", "/v1/events", [("Accept", "text/csv")]) * 1)
        time.sleep(6)
        # What the system kept for it is all that comes, and no end.
        try:
            while True:
                connection.more()
        except Gone as end:
            assert "timed out" not in str(end), "an answer that nobody reads holds its connection"
        assert not connection.rest.endswith(b"0\r\n\r\n"), "the answer was too short for this"

    tasks = [half_a_head, nothing, head_drop_by_drop, lambda: head_drop_by_drop(True), half_a_body,
             body_drop_by_drop, refused_and_drop_by_drop, reads_nothing]
    before = head_index(url, reader)
    together(tasks)
    assert head_index(url, reader) == before
    # Slow, and fast enough.
    connection = Connection(url, writer)
    connection.send(connection.head("POST", "/v1/events", [("Content-Type", "application/json")],
                                    len(body)))
    step = len(body) // 4
    for place in range(0, len(body), step):
        connection.send(body[place : place + step])
        time.sleep(0.1)
    assert connection.answer().status == 201
    print(f"{len(tasks)} kinds of slow peers were cut off")


def together(tasks):
    errors = []

    def run(task):
        try:
            task()
        except BaseException as error:
            errors.append(error)
    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def locks(url, writer, reader):
    took, statuses = [], []

    def guess():
        for _ in range(7):
            start = time.monotonic()
            answer = ask(url, "wrong-" + SECRET, "GET", "/v1/head")
            refused(answer, [401, 429], "a wrong credential")
            took.append(time.monotonic() - start)
            statuses.append((answer.status, answer.fields.get("retry-after")))
            if answer.status == 429:
                return

    slowest = []

    def work():
        for number in range(20):
            start = time.monotonic()
            answer = ask(url, writer, "POST", "/v1/events", note("misuse", f"meanwhile-{number}"))
            assert answer.status == 201, answer
            slowest.append(time.monotonic() - start)
    together([guess] * 16 + [work])
    assert (429, "1") in statuses, statuses
    assert max(took) > 1, f"the slowest refusal took {max(took)} s"
    assert max(slowest) < 2, f"a good token waited {max(slowest)} s"
    assert ask(url, writer, "POST", "/v1/events", note("misuse", "then")).status == 201
    print(f"{len(statuses)} wrong credentials, {statuses.count((429, '1'))} of them 429;"
          f" a good one waited at most {max(slowest) * 1000:.0f} ms")


if __name__ == "__main__":
    action, *arguments = sys.argv[1:]
    {"bad": bad_all, "slow": slow, "locks": locks}[action](*arguments)
