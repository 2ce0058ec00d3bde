"""Clients that post until the service is killed.

    writers.py post URL TOKEN STATE ROUND CLIENTS   posts until the service is away
    writers.py settle URL TOKEN STATE               sends again what has no clear answer
    writers.py check LEDGER STATE                   compares receipts with the ledger's file

STATE gets a line for each event, `{"id":…,"receipt":…}`; without a receipt, its answer is unclear.
"""

import json
import random
import sqlite3
import sys
import threading
import time

from wire import Connection, Gone, note

SOURCE = "storm"


def event(name):
    # Some large enough that a kill falls between their pages.
    return note(SOURCE, name, 40_000 if hash_of(name) % 16 == 0 else 0)


def hash_of(name):
    return sum(ord(letter) * (place + 7) for place, letter in enumerate(name))


class State:
    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.receipts, self.unclear = [], []
        try:
            with open(path) as file:
                lines = [json.loads(line) for line in file]
        except FileNotFoundError:
            lines = []
        for line in lines:
            self.add(line["id"], line.get("receipt"))

    def add(self, name, receipt):
        with self.lock:
            if receipt is None:
                self.unclear.append(name)
            else:
                self.receipts.append((name, receipt))

    def save(self):
        settled = {name for name, _ in self.receipts}
        self.unclear = [name for name in self.unclear if name not in settled]
        with open(self.path, "w") as file:
            for name, receipt in self.receipts:
                file.write(json.dumps({"id": name, "receipt": receipt}) + "\n")
            for name in self.unclear:
                file.write(json.dumps({"id": name}) + "\n")


def post(connection, names, state):
    """Posts these; False if there is no clear answer."""
    body = [event(name) for name in names]
    try:
        answer = connection.ask("POST", "/v1/events", body if len(body) > 1 else body[0])
    except Gone:
        for name in names:
            state.add(name, None)
        return False
    if answer.status == 503:
        for name in names:
            state.add(name, None)
        time.sleep(0.05)
        return True
    assert answer.status in (200, 201), (answer, names)
    receipts = json.loads(answer.body)["receipts"]
    assert len(receipts) == len(names), answer
    for name, receipt in zip(names, receipts):
        state.add(name, [receipt["index"], receipt["hash"]])
    return True


def client(url, token, state, prefix, names, errors):
    try:
        connection = Connection(url, token)
        # What was unclear comes first, as a pipeline's spool would send it.
        for name in names:
            if not post(connection, [name], state):
                return
        chance = random.Random(prefix)
        for number in range(1_000_000):
            count = 1 if chance.random() < 0.9 else chance.randint(2, 20)
            if not post(connection, [f"{prefix}-{number}-{n}" for n in range(count)], state):
                return
    except Gone:
        for name in names:
            state.add(name, None)
    except BaseException as error:
        errors.append(error)


def storm(url, token, path, round_number, count):
    state = State(path)
    unclear, state.unclear = state.unclear, []
    errors = []
    threads = [
        threading.Thread(
            target=client,
            args=(url, token, state, f"{round_number}-{number}", unclear[number::count], errors))
        for number in range(count)
    ]
    # The test kills the service some time after this.
    print("posting", flush=True)
    before = len(state.receipts)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Those that a client did not come to are unclear still.
    seen = {name for name, _ in state.receipts} | set(state.unclear)
    state.unclear += [name for name in unclear if name not in seen]
    state.save()
    if errors:
        raise errors[0]
    print(f"{len(state.receipts) - before} receipts, {len(state.unclear)} unclear")


def settle(url, token, path):
    state = State(path)
    names, state.unclear = sorted(set(state.unclear)), []
    connection = Connection(url, token)
    for name in names:
        assert post(connection, [name], state), name
        # And once more: the same receipt.
        assert post(connection, [name], state), name
    state.save()
    assert not state.unclear, state.unclear
    print(f"{len(names)} sent again")


def check(ledger, path):
    state = State(path)
    connection = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
    found = {}
    rows = connection.execute(
        "SELECT e.idx, lower(hex(e.hash)), json_extract(b.bytes, '$.event.id'), p.title, p.message"
        " FROM entry e JOIN body b ON b.idx = e.idx LEFT JOIN private p ON p.idx = e.idx"
        " WHERE json_extract(b.bytes, '$.event.source') = ?", [SOURCE])
    for index, digest, name, title, message in rows:
        assert name not in found, f"{name} is there twice: #{found[name][0]} and #{index}"
        found[name] = (index, digest)
        whole = event(name)
        for member, stored in (("title", title), ("message", message)):
            # A private member is kept as [salt, name, value].
            value = json.loads(stored)[2] if stored else None
            assert value == whole.get(member), f"{name} is cut off"
    for name, (index, digest) in state.receipts:
        assert found.get(name) == (index, digest), (
            f"{name}: receipt #{index} {digest}, in the ledger {found.get(name)}")
    unknown = found.keys() - {name for name, _ in state.receipts} - set(state.unclear)
    assert not unknown, f"nobody sent {sorted(unknown)[:5]}"
    print(f"{len(state.receipts)} receipts for {len(found)} events,"
          f" {len(set(state.unclear))} unclear")


if __name__ == "__main__":
    action, *arguments = sys.argv[1:]
    if action == "post":
        url, token, path, round_number, count = arguments
        storm(url, token, path, round_number, int(count))
    else:
        {"settle": settle, "check": check}[action](*arguments)
