"""Everything at once, for long, and then the end.

    mixed.py mixed URL WRITER READER PID STATE SECONDS   reads, writes, exports and streams
    mixed.py crowd URL WRITER STATE CLIENTS COUNT        more clients than may wait
    mixed.py fill URL WRITER STATE FILLER                a disk that fills, until FILLER is removed
    mixed.py often URL READER COUNT                      more requests than a token has

`mixed` ends the service by SIGTERM while clients go on posting. STATE is that of writers.py.
"""

import json
import os
import random
import signal
import sys
import threading
import time

from wire import Connection, Gone, Process, deployment, fill, wait_for
from writers import SOURCE, State, event

PATHS = [
    ("/v1/events?limit=50", None), ("/v1/events?env=prod&limit=10", None),
    ("/v1/events?folded=true", None), ("/v1/entries?limit=20", None), ("/v1/entries/1", None),
    ("/v1/changes?service=orders&limit=5", None), ("/v1/changes/orders/row-1", None),
    ("/v1/head", None), ("/v1/summary?service=orders", None), ("/v1/targets", None),
    ("/healthz", None), ("/readyz", None), ("/metrics", None), ("/openapi.yaml", None),
    ("/v1/events", "text/csv"), ("/v1/events", "application/x-ndjson"),
    ("/nothing", None), ("/v1/events?service=nobody-knows", None),
]


class Load:
    def __init__(self, url, writer, reader, state):
        self.url, self.writer, self.reader, self.state = url, writer, reader, state
        self.over = threading.Event()
        self.is_ending = False
        self.errors, self.counts, self.lock = [], {}, threading.Lock()

    def count(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def start(self, body, *arguments):
        def run():
            try:
                body(*arguments)
            except BaseException as error:
                self.errors.append(error)
                self.over.set()
        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def read(self, number):
        chance = random.Random(number)
        connection = Connection(self.url, self.reader)
        while not self.over.is_set():
            path, accept = chance.choice(PATHS)
            try:
                answer = connection.ask("GET", path, fields=[("Accept", accept or "*/*")])
            except Gone:
                if self.is_ending:
                    return
                raise
            expected = (200, 400, 404) if not self.is_ending else (200, 400, 404, 503)
            assert answer.status in expected, (path, answer)
            self.count("reads" if accept is None else "exports")

    def follow(self, number):
        """Each for a while; then the next one."""
        chance = random.Random(number)
        while not self.over.is_set():
            try:
                connection = Connection(self.url, self.reader, timeout=0.5)
                connection.send(connection.head("GET", "/v1/stream"))
                end = time.monotonic() + chance.random() * 2
                while time.monotonic() < end and not self.over.is_set():
                    try:
                        connection.more()
                        connection.rest = b""
                    except Gone as gone:
                        if "timed out" not in str(gone):
                            raise
                self.count("streams")
            except Gone:
                if self.is_ending:
                    return
                raise
            finally:
                connection.close()

    def write(self, number):
        """Until the service refuses connections; each event until it has a receipt."""
        done = 0
        connection = None
        while not self.over.is_set() or self.is_ending:
            name = f"mixed-{number}-{done}"
            done += 1
            body = event(name)
            if done % 3 == 0:
                body = {**deployment(name, f"t{number}"), "source": SOURCE,
                        **{key: body[key] for key in ("title", "message") if key in body}}
            while True:
                try:
                    connection = connection or Connection(self.url, self.writer)
                    answer = connection.ask("POST", "/v1/events", body)
                except Gone:
                    connection = None
                    if not self.is_ending:
                        raise
                    self.state.add(name, None)
                    self.count("posts without an answer at the end")
                    try:
                        Connection(self.url).close()
                    except Gone:
                        return
                    break
                if answer.status == 503:
                    assert "retry-after" in answer.fields, answer
                    self.count("posts refused at the end" if self.is_ending else "posts refused")
                    assert self.is_ending or self.over.is_set(), answer
                    time.sleep(0.01)
                    if self.is_ending:
                        break
                    continue
                assert answer.status in (200, 201), answer
                receipt = json.loads(answer.body)["receipts"][0]
                self.state.add(name, [receipt["index"], receipt["hash"]])
                self.count("writes")
                break
            # So that reads have their part of two processors.
            time.sleep(0.02)


def mixed(url, writer, reader, pid, path, seconds):
    process, seconds, state = Process(int(pid)), float(seconds), State(path)
    load = Load(url, writer, reader, state)
    fill(url, writer, 2000)
    threads = [load.start(load.read, number) for number in range(8)]
    threads += [load.start(load.follow, number) for number in range(8)]
    writers = [load.start(load.write, number) for number in range(8)]
    start, samples = time.monotonic(), []
    while time.monotonic() - start < seconds and not load.over.is_set():
        time.sleep(min(1, seconds / 20))
        samples.append((process.memory, process.descriptors))
    # The first part warms it up.
    warm = samples[: max(1, min(len(samples) // 3, 120))]
    base, late = max(m for m, _ in warm), sorted(m for m, _ in samples[len(warm):])
    memory = late[len(late) // 2] if late else base
    descriptors = (max(d for _, d in warm), max([d for _, d in samples[len(warm):]] or [0]))
    assert not load.errors, load.errors[0]
    assert memory <= base * 1.3 + (16 << 20), f"memory grew from {base} to {memory}"
    assert descriptors[1] <= descriptors[0] + 24, f"descriptors grew: {descriptors}"
    # Now it is told to end, and clients do not know.
    load.is_ending = True
    os.kill(int(pid), signal.SIGTERM)
    for thread in writers:
        thread.join(60)
        assert not thread.is_alive(), "the service does not end"
    load.over.set()
    for thread in threads:
        thread.join(60)
    state.save()
    assert not load.errors, load.errors[0]
    figures = ", ".join(f"{count} {what}" for what, count in sorted(load.counts.items()))
    print(f"{seconds:.0f} s: {figures}; memory {base >> 20} MiB warm, {memory >> 20} MiB later,"
          f" {late[-1] >> 20 if late else 0} MiB at most; descriptors {descriptors[0]} warm,"
          f" {descriptors[1]} later at most")


def crowd(url, writer, path, clients, count):
    """All are recorded in the end; some are told to come again."""
    state, refused, errors = State(path), [], []
    barrier = threading.Barrier(int(clients))

    def client(number):
        try:
            connection = Connection(url, writer)
            barrier.wait()
            for step in range(int(count)):
                name = f"crowd-{number}-{step}"
                while True:
                    answer = connection.ask("POST", "/v1/events", event(name))
                    if answer.status != 503:
                        break
                    problem = json.loads(answer.body)
                    assert answer.fields.get("retry-after") == "1", answer
                    assert problem["code"] == "busy", answer
                    refused.append(name)
                    time.sleep(0.002)
                assert answer.status == 201, answer
                receipt = json.loads(answer.body)["receipts"][0]
                state.add(name, [receipt["index"], receipt["hash"]])
        except BaseException as error:
            errors.append(error)
            barrier.abort()
    threads = [threading.Thread(target=client, args=(n,)) for n in range(int(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    state.save()
    assert refused, "nobody had to wait"
    print(f"{len(state.receipts)} recorded after {len(refused)} times 503")


def fill_disk(url, writer, path, filler):
    """Clients post until the disk is full; then there is room, and all is recorded."""
    state, errors, full = State(path), [], []
    end = time.monotonic() + 60

    def client(number):
        try:
            connection = Connection(url, writer)
            for step in range(8):
                name = f"fill-{number}-{step}"
                body = event(name)
                while True:
                    answer = connection.ask("POST", "/v1/events", body)
                    if answer.status != 507:
                        break
                    assert json.loads(answer.body)["code"] == "disk-full", answer
                    full.append(name)
                    assert time.monotonic() < end, "there is room, and nothing is recorded"
                    time.sleep(0.05)
                assert answer.status == 201, answer
                receipt = json.loads(answer.body)["receipts"][0]
                state.add(name, [receipt["index"], receipt["hash"]])
        except BaseException as error:
            errors.append(error)
    threads = [threading.Thread(target=client, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    wait_for("a full disk", lambda: len(full) >= 32 or errors)
    recorded = len(state.receipts)
    os.remove(filler)
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    state.save()
    print(f"{recorded} recorded, {len(full)} times 507, and {len(state.receipts) - recorded} more"
          " once there was room")


def often(url, reader, count):
    connection = Connection(url, reader)
    statuses = []
    for _ in range(int(count) + 10):
        answer = connection.ask("GET", "/v1/head")
        statuses.append(answer.status)
        if answer.status == 429:
            assert answer.fields.get("retry-after"), answer
            assert json.loads(answer.body)["code"] == "too-many", answer
    assert statuses == [200] * int(count) + [429] * 10, statuses
    print(f"{count} requests of a token were answered, and 10 more were 429")


if __name__ == "__main__":
    action, *arguments = sys.argv[1:]
    {"mixed": mixed, "crowd": crowd, "fill": fill_disk, "often": often}[action](*arguments)
