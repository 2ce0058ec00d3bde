"""Clients that leave before their answer, or in the middle of it.

    leavers.py write URL WRITER READER SEED COUNT    leaves while posting
    leavers.py read URL WRITER READER PID COUNT      leaves while reading
"""

import json
import random
import sys
import threading
import time

from wire import Connection, Gone, Process, ask, fill, note, wait_for

SOURCE = "leaver"


def moment(chance, connection, name):
    """Sends a part of a request and leaves; whether the service got all of it."""
    body = json.dumps(note(SOURCE, name, chance.choice([0, 0, 30_000]))).encode()
    fields = [("Content-Type", "application/json")]
    kind = chance.choice(["in the head", "after the head", "in the body", "after the body",
                          "in a chunk", "in the answer"])
    if kind == "in a chunk":
        head = connection.head("POST", "/v1/events", [*fields, ("Transfer-Encoding", "chunked")])
        cut = chance.randrange(1, len(body))
        connection.send(head + b"%x\r\n" % len(body) + body[:cut])
        # Sometimes a whole chunk, and never the last one.
        if chance.random() < 0.5:
            connection.send(body[cut:] + b"\r\n")
        return False
    head = connection.head("POST", "/v1/events", fields, len(body))
    if kind == "in the head":
        connection.send(head[: chance.randrange(1, len(head) - 4)])
        return False
    connection.send(head)
    if kind == "after the head":
        return False
    if kind == "in the body":
        connection.send(body[: chance.randrange(1, len(body))])
        return False
    connection.send(body)
    if kind == "in the answer":
        connection.socket.recv(chance.randrange(1, 20))
    return True


def leave(url, writer, seed, names, whole, errors):
    try:
        chance = random.Random(seed)
        for name in names:
            connection = Connection(url, writer)
            try:
                if moment(chance, connection, name):
                    whole.append(name)
            except Gone:
                whole.append(name)
            (connection.reset if chance.random() < 0.5 else connection.close)()
    except BaseException as error:
        errors.append(error)


def head_index(url, token):
    return json.loads(ask(url, token, "GET", "/v1/head").body)["index"]


def write(url, writer, reader, seed, count):
    seed, count = int(seed), int(count)
    before = head_index(url, reader)
    names = [f"{seed}-{number}" for number in range(count)]
    whole, errors = [], []
    threads = [
        threading.Thread(
            target=leave, args=(url, writer, f"{seed}.{n}", names[n::16], whole, errors))
        for n in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    # What arrived is still being recorded; a request that was cut off never is.
    steady(lambda: head_index(url, reader))
    found = head_index(url, reader) - before
    assert found <= len(whole), f"{found} recorded, and only {len(whole)} were sent whole"
    connection = Connection(url, writer)
    new = 0
    for name in names:
        answers = []
        # Its size was drawn: one of the two is what was sent.
        for size in (0, 30_000):
            answer = connection.ask("POST", "/v1/events", note(SOURCE, name, size))
            answers.append(answer.status)
            assert answer.status in (200, 201, 409), answer
            if answer.status != 409:
                break
        assert answers[-1] != 409, f"{name} is in with other content"
        if answers[-1] == 201:
            new += 1
        elif name not in whole:
            raise AssertionError(f"{name} was not sent whole, and is in")
    index = head_index(url, reader)
    assert index - before == count, f"{index - before} entries for {count} events"
    assert new == count - found, f"{new} were new, {found} of {count} were in"
    print(f"{count} clients left, {found} of their events were in and {new} out")


def steady(look, count=10):
    """Waits until the value stays."""
    import time
    last, same = look(), 0
    while same < count:
        time.sleep(0.02)
        value = look()
        same = same + 1 if value == last else 0
        last = value


def read(url, writer, reader, pid, count):
    process, count = Process(int(pid)), int(count)
    fill(url, writer, 20_000)
    ask(url, reader, "GET", "/v1/events", fields=[("Accept", "text/csv")])
    alone, base, peak = process.descriptors, None, 0
    for round_number in range(4):
        connections = []
        for number in range(count):
            path, accept = [
                ("/v1/events", "text/csv"), ("/v1/events", "application/x-ndjson"),
                ("/v1/stream?after=-1", "text/event-stream"), ("/v1/stream", "text/event-stream"),
            ][number % 4]
            # A small window: the answer does not fit into what the system keeps for it.
            connection = Connection(url, reader, receive_bytes=4096)
            connection.send(connection.head("GET", path, [("Accept", accept)]))
            connections.append(connection)
        for connection in connections:
            while len(connection.rest) < 2:
                connection.more()
            assert connection.rest.startswith(b"HTTP/1.1 200"[: len(connection.rest)])
        peak = max(peak, process.descriptors)
        for number, connection in enumerate(connections):
            (connection.reset if number % 3 else connection.close)()
        # SQLite keeps a descriptor for each view that was open at once, and uses it again.
        most = base[0] + 2 if base else alone + count + 16
        wait_for(f"the end of what was being read, and at most {most} descriptors",
                 lambda: process.descriptors <= most)
        base = base or (process.descriptors, process.threads, process.memory)
    used = process.ticks
    steady(lambda: process.ticks // 10, 25)
    used = process.ticks - used
    after = (process.descriptors, process.threads, process.memory)
    assert after[1] <= base[1] + 4, f"threads: {base[1]} and then {after[1]}"
    assert after[2] <= base[2] * 1.3 + (16 << 20), f"memory: {base[2]} and then {after[2]}"
    rows = ask(url, reader, "GET", "/v1/events", fields=[("Accept", "application/x-ndjson")])
    assert rows.body.count(b"\n") >= 20_000, rows.body[-200:]
    print(f"{4 * count} readers left; descriptors {base[0]}, at most {peak}, then {after[0]};"
          f" memory {base[2] >> 20} MiB, then {after[2] >> 20} MiB; {used / 100} s more work")


if __name__ == "__main__":
    action, *arguments = sys.argv[1:]
    {"write": write, "read": read}[action](*arguments)
