"""A server that takes POST /v1/events as the service does, and ways to be at fault.

recorder.py FOLDER: writes its port to FOLDER/port, and each request to FOLDER/requests.ndjson. What
it answers stands in FOLDER/mode, one word, read at each request:

    record     201 and a receipt; 200 and the first receipt for the same source and id again
    refuse     422 and a problem
    forbid     403 and a problem
    once-busy  503 for the first request, then record
    busy       503
    hang       no answer
    nonsense   200 and a page
    half       record, with an answer that ends too early
    drop       no answer: the connection is closed
    once       record the first request, then busy
    slow       record, after a second
"""
import hashlib
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]
lock = threading.Lock()
receipts = {}
seen = 0


def mode():
    with open(os.path.join(folder, "mode"), encoding="ascii") as file:
        return file.read().strip()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global seen
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with lock:
            seen += 1
            number = seen
            with open(os.path.join(folder, "requests.ndjson"), "a", encoding="ascii") as file:
                headers = {name.lower(): value for name, value in self.headers.items()}
                row = {"path": self.path, "headers": headers, "body": body.decode("utf-8")}
                file.write(json.dumps(row) + "\n")
        word = mode()
        if word == "hang":
            time.sleep(60)
        elif word == "refuse":
            self.problem(422, 'environment must not contain \\"/\\"', "invalid-event")
        elif word == "forbid":
            self.problem(403, "this token may not write", "not-allowed")
        elif word == "busy" or word == "once-busy" and number == 1 or word == "once" and number > 1:
            self.problem(503, "too many wait", "busy")
        elif word == "nonsense":
            self.answer(200, "text/html", b"<html>\x1b[31m\"index\": 1</html>")
        elif word == "half":
            self.store(body)
            self.send_response(201)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"receipts":[{"index":7,')
            self.close_connection = True
        elif word == "drop":
            self.close_connection = True
        else:
            if word == "slow":
                time.sleep(1)
            self.record(body)

    def store(self, body):
        event = json.loads(body)
        key = (event["source"], event["id"])
        with lock:
            is_new = key not in receipts
            if is_new:
                digest = hashlib.sha256(b"\0" + body).hexdigest()
                receipts[key] = {"hash": digest, "index": len(receipts), "time": 0}
                with open(os.path.join(folder, "events.ndjson"), "ab") as file:
                    file.write(body.strip() + b"\n")
            return is_new, dict(receipts[key], status="recorded" if is_new else "repeated")

    def record(self, body):
        is_new, receipt = self.store(body)
        text = json.dumps({"receipts": [receipt]}).encode("ascii")
        self.answer(201 if is_new else 200, "application/json", text)

    def problem(self, status, detail, code):
        text = '{"type":"about:blank","title":"%s","status":%d,"detail":"%s"}'
        self.answer(
            status, "application/problem+json", (text % (code, status, detail)).encode("ascii"))

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        # Whoever asked has gone.
        pass


server = Server(("127.0.0.1", 0), Handler)
with open(os.path.join(folder, "port.new"), "w", encoding="ascii") as file:
    file.write(str(server.server_port))
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
server.serve_forever()
