"""The service under load from wrk, beside a POST that does nothing, and beside PostgreSQL.

usage: serve.py FOLDER_OF_BINARIES [--quick]

Everything happens on loopback, on free ports, in a temporary folder, and ends by itself.
"""

import glob
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import bench

BINARIES = os.path.abspath(sys.argv[1])
LEDGER = os.path.join(BINARIES, "ledger")
QUICK = "--quick" in sys.argv
SECONDS = 2 if QUICK else 10
DEV_NULL = subprocess.DEVNULL

EVENT = {
    "service": "orders", "environment": "prod", "tenant": "acme-42", "source": "ci/shop/orders",
    "time": "2026-11-17T09:00:00+01:00", "actor": "anna@example.com",
    "change": {"id": "42", "name": "V42__add_index", "ticket": "INC-9", "tool": "flyway",
               "digest": "sha256:" + "ab" * 32},
    "deployment": {"operation": "apply", "status": "succeeded", "duration_ms": 4210},
    "git": {"repository": "https://git.example.com/shop/orders", "commit": "9f" * 20},
    "trigger": {"kind": "cli", "run": "https://ci.example.com/shop/orders/runs/1"},
}

# Each request has events of its own: an id is never used twice.
SCRIPT = """
local thread_count = 0
function setup(thread) thread:set("number", thread_count); thread_count = thread_count + 1 end
function init(arguments)
  count = 0
  batch = tonumber(arguments[1])
  path = arguments[2]
  token = arguments[3]
  run = arguments[4]
  file = io.open(arguments[5])
  template = file:read("*a")
  file:close()
end
function request()
  local events = {}
  for index = 1, batch do
    count = count + 1
    events[index] = (template:gsub("@ID@", run .. "-" .. number .. "-" .. count))
  end
  local body = batch == 1 and events[1] or "[" .. table.concat(events, ",") .. "]"
  return wrk.format("POST", path, {
    ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. token}, body)
end
function response(status) if status >= 300 then refused = (refused or 0) + 1 end end
function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), summary.errors.status))
end
"""


row = bench.row


class Server:
    def __init__(self, ledger, *flags):
        self.errors = open(ledger + ".log", "w+")
        self.process = subprocess.Popen(
            [LEDGER, "serve", "--init", "--ledger", ledger, "--listen", "127.0.0.1:0", *flags],
            stdout=DEV_NULL, stderr=self.errors)
        self.ledger = ledger
        deadline = time.time() + 20
        while True:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", open(ledger + ".log").read())
            if found:
                self.port = int(found.group(1))
                break
            if time.time() > deadline:
                sys.exit("the server did not start: " + open(ledger + ".log").read())
            time.sleep(0.02)

    def token(self, role):
        result = subprocess.run(
            [LEDGER, "token", "create", "--role", role, "--ledger", self.ledger],
            stdout=subprocess.PIPE, stderr=DEV_NULL, check=True, text=True)
        return result.stdout.strip()

    def memory(self):
        """Resident now, in MiB."""
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024

    def peak(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        if status != 0:
            sys.exit(f"the server ended with {status}")


def load(folder, server, token, connections, path="/v1/events", batch=1):
    """Requests a second, and p50 and p99 in milliseconds."""
    script = os.path.join(folder, "post.lua")
    template = os.path.join(folder, "event.json")
    with open(script, "w") as file:
        file.write(SCRIPT)
    with open(template, "w") as file:
        file.write(json.dumps({**EVENT, "id": "@ID@"}, separators=(",", ":")))
    run = f"{os.getpid()}-{time.time_ns()}"
    result = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "-s", script,
         f"http://127.0.0.1:{server.port}", "--", str(batch), path, token, run, template],
        stdout=subprocess.PIPE, text=True, check=True)
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", result.stdout)
    requests, duration, half, most, refused = map(int, found.groups())
    if refused:
        sys.exit(f"{refused} requests were refused: {result.stdout}")
    return requests / (duration / 1e6), half / 1000, most / 1000


class Postgres:
    """PostgreSQL 15 as it comes, in the temporary folder."""

    def __init__(self, folder):
        self.programs = max(glob.glob("/usr/lib/postgresql/*/bin"))
        self.data = os.path.join(folder, "postgres")
        self.user = "postgres" if os.getuid() == 0 else None
        os.makedirs(self.data)
        if self.user:
            shutil.chown(self.data, self.user)
            os.chmod(folder, 0o755)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", "bench")
        self.run("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.data, "log"), "-o",
                 f"-p {self.port} -k {self.data} -c listen_addresses=127.0.0.1"
                 " -c max_connections=200", "start")
        self.client("psql", "-c", """
            CREATE TABLE event (idx bigserial PRIMARY KEY, id text UNIQUE, at timestamptz,
                service text, environment text, body jsonb);
            CREATE INDEX ON event (environment, at); CREATE INDEX ON event (service, at)""")

    def run(self, program, *arguments):
        command = [os.path.join(self.programs, program), *arguments]
        subprocess.run(command, check=True, stdout=DEV_NULL, stderr=DEV_NULL, user=self.user,
                       cwd="/")

    def client(self, program, *arguments):
        result = subprocess.run(
            [os.path.join(self.programs, program), "-h", "127.0.0.1", "-p", str(self.port), "-U",
             "bench", *arguments, "postgres"], check=True, stdout=subprocess.PIPE, stderr=DEV_NULL,
            text=True)
        return result.stdout

    def rate(self, folder, connections):
        script = os.path.join(folder, "insert.sql")
        # :name would be a variable of pgbench.
        body = re.sub(":(?=[a-z])", "-", json.dumps(EVENT))
        with open(script, "w") as file:
            file.write(
                "INSERT INTO event (id, at, service, environment, body) VALUES "
                "(gen_random_uuid()::text, '2026-11-17 09:00', 'orders', 'prod', "
                f"'{body}');\n")
        output = self.client(
            "pgbench", "-n", "-M", "prepared", "-c", str(connections), "-j", "1", "-T",
            str(SECONDS), "-f", script)
        rate = float(re.search(r"tps = ([\d.]+)", output).group(1))
        latency = float(re.search(r"latency average = ([\d.]+)", output).group(1))
        return rate, latency

    def end(self):
        self.run("pg_ctl", "-D", self.data, "-m", "fast", "stop")


def bench_posts(folder):
    server = Server(os.path.join(folder, "posts.db"))
    postgres = None
    try:
        token = server.token("writer")
        try:
            postgres = Postgres(folder)
        except (ValueError, OSError, subprocess.CalledProcessError) as error:
            print(f"without PostgreSQL: {error}")
        for connections in [1, 16, 128]:
            nothing, _, _ = load(folder, server, token, connections, path="/healthz")
            rate, half, most = load(folder, server, token, connections)
            row(f"durable posts, {connections} connections", f"{rate:,.0f}/s",
                f"a POST of nothing {nothing:,.0f}/s", f"{rate / nothing:.2f}",
                "at 128: 8,000/s and 0.35" if connections == 128 else "")
            row("  p50 and p99", f"{half:.1f}, {most:.1f} ms", "", "",
                "at 128: p99 under 60 ms" if connections == 128 else "")
            if postgres:
                theirs, latency = postgres.rate(folder, connections)
                row("  INSERT and COMMIT into PostgreSQL", f"{rate:,.0f}/s",
                    f"{theirs:,.0f}/s, {latency:.1f} ms", f"{rate / theirs:.2f}",
                    "at 128: ahead" if connections == 128 else "")
        rate, half, most = load(folder, server, token, 8, batch=100)
        row("events in batches of 100, 8 connections", f"{rate * 100:,.0f}/s",
            f"p99 {most:.0f} ms", "", "at least 25,000/s")
    finally:
        if postgres:
            postgres.end()
        server.end()
    subprocess.run([LEDGER, "verify", "--ledger", server.ledger], check=True, stdout=DEV_NULL)


def bench_export(folder, ledger, count):
    """One export of all rows as CSV: what the server needs for it."""
    server = Server(ledger)
    try:
        token = server.token("auditor")
        before = server.memory()
        start = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
        connection.request("GET", "/v1/events", headers={
            "Accept": "text/csv", "Authorization": "Bearer " + token})
        answer = connection.getresponse()
        lines = 0
        while block := answer.read(1 << 20):
            # No value of these has a line break of its own.
            lines += block.count(b"\n")
        seconds = time.perf_counter() - start
        if lines != count + 1:
            sys.exit(f"{lines} lines instead of {count + 1}")
        row(f"export of {count:,} rows as CSV, memory", f"{server.peak():.0f} MiB",
            f"before {before:.0f} MiB", "", "at most 64 MiB")
        row("  time", f"{seconds:.1f} s", f"{count / seconds:,.0f} rows/s", "", "")
    finally:
        server.end()


if __name__ == "__main__":
    folder = tempfile.mkdtemp(prefix="ledger-serve-")
    try:
        row("WHAT", "FIGURE", "YARDSTICK", "RATIO", "ASKED")
        bench_posts(folder)
        count = 50_000 if QUICK else 1_000_000
        ledger, _, _ = bench.imported(folder, bench.events(folder, count, 400))
        bench_export(folder, ledger, count)
    finally:
        shutil.rmtree(folder)
