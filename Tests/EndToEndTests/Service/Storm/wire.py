"""A small HTTP client over a bare socket, so that what is sent can be wrong, late or cut off."""

import json
import os
import socket
import struct
import time
from collections import namedtuple
from urllib.parse import urlsplit

Answer = namedtuple("Answer", "status fields body")


class Gone(Exception):
    """The connection ended before an answer was whole."""


class Connection:
    def __init__(self, url, token=None, timeout=30, receive_bytes=None):
        place = urlsplit(url)
        self.host = place.netloc
        self.token = token
        self.rest = b""
        self.socket = socket.socket()
        self.socket.settimeout(timeout)
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        try:
            self.socket.connect((place.hostname, place.port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise Gone(str(error)) from error

    def head(self, method, path, fields=(), length=None):
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}"]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        lines += [f"{name}: {value}" for name, value in fields]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Gone(str(error)) from error

    def more(self):
        try:
            data = self.socket.recv(65536)
        except OSError as error:
            raise Gone(str(error)) from error
        if not data:
            raise Gone("closed")
        self.rest += data

    def answer(self, method="GET"):
        """The next answer that is final."""
        while True:
            while b"\r\n\r\n" not in self.rest:
                self.more()
            head, self.rest = self.rest.split(b"\r\n\r\n", 1)
            lines = head.decode("latin-1").split("\r\n")
            status = int(lines[0].split(" ")[1])
            if status >= 200:
                break
        fields = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            fields[name.lower()] = value.strip()
        if method == "HEAD" or status == 204:
            return Answer(status, fields, b"")
        if fields.get("transfer-encoding") == "chunked":
            return Answer(status, fields, b"".join(self.chunks()))
        length = int(fields.get("content-length", 0))
        while len(self.rest) < length:
            self.more()
        body, self.rest = self.rest[:length], self.rest[length:]
        return Answer(status, fields, body)

    def chunks(self):
        while True:
            while b"\r\n" not in self.rest:
                self.more()
            size, self.rest = self.rest.split(b"\r\n", 1)
            size = int(size, 16)
            while len(self.rest) < size + 2:
                self.more()
            yield self.rest[:size]
            self.rest = self.rest[size + 2 :]
            if size == 0:
                return

    def ask(self, method, path, body=None, fields=()):
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields = [*fields, ("Content-Type", "application/json")]
        length = None if body is None else len(body)
        self.send(self.head(method, path, fields, length) + (body or b""))
        return self.answer(method)

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends it so that the other side's next write fails."""
        try:
            linger = struct.pack("ii", 1, 0)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        finally:
            self.socket.close()

    def is_closed_within(self, seconds):
        """Whether the other side ends it."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True


def ask(url, token, method, path, body=None, fields=()):
    connection = Connection(url, token)
    try:
        return connection.ask(method, path, body, fields)
    finally:
        connection.close()


def note(source, name, size=0):
    """An event whose content follows from its name."""
    return {"type": "note", "source": source, "id": name, "title": f"note {name}",
            **({"message": (name + " ") * (size // (len(name) + 1))} if size else {})}


def deployment(name, tenant="t1"):
    """One that is a row of the history, and a long one."""
    return {"source": "filler", "id": name, "service": "orders", "environment": "prod",
            "tenant": tenant, "change": {"id": name, "name": f"V{name}__" + "x" * 150},
            "deployment": {"status": "succeeded"}, "reason": f"{name} " * 20}


def fill(url, writer, count):
    for start in range(0, count, 2000):
        events = [deployment(f"row-{n}") for n in range(start, min(start + 2000, count))]
        answer = ask(url, writer, "POST", "/v1/events", events)
        assert answer.status in (200, 201), answer


class Process:
    """What the system says of the server."""

    def __init__(self, number):
        self.folder = f"/proc/{number}"

    @property
    def memory(self):
        """Bytes that are resident."""
        return self.status("VmRSS") * 1024

    @property
    def threads(self):
        return self.status("Threads")

    @property
    def descriptors(self):
        return len(os.listdir(self.folder + "/fd"))

    @property
    def ticks(self):
        """Processor time used so far, in hundredths of a second."""
        with open(self.folder + "/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def status(self, name):
        with open(self.folder + "/status") as file:
            for line in file:
                if line.startswith(name + ":"):
                    return int(line.split()[1])
        raise KeyError(name)


def wait_for(what, look, seconds=60):
    end = time.monotonic() + seconds
    while True:
        value = look()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {seconds} s")
        time.sleep(0.02)
