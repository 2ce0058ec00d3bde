"""Prints one table: each figure beside its yardstick from the same run.

usage: bench.py FOLDER_OF_BINARIES [--quick]

Times on a busy machine are noisy; ratios are less so. Everything happens in a temporary folder.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BINARIES = os.path.abspath(sys.argv[1])
LEDGER = os.path.join(BINARIES, "ledger")
BENCH = os.path.join(BINARIES, "ledger-bench")
QUICK = "--quick" in sys.argv
DEV_NULL = open(os.devnull, "w")


def run(command, statuses=(0,), stdout=subprocess.PIPE):
    """Runs a command; gives seconds, peak memory in MiB, and what it printed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=stdout, stderr=DEV_NULL)
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in statuses:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return seconds, usage.ru_maxrss / 1024, output.decode(errors="replace")


def unread(command):
    """Seconds and peak memory of a command whose output goes nowhere: a child's peak begins with the
    memory of its parent, which must not hold that output."""
    return run(command, stdout=DEV_NULL)[:2]


def row(what, figure, yardstick, ratio, asked):
    print(f"{what:<46} {figure:>16}  {yardstick:>30}  {ratio:>8}  {asked}", flush=True)


def events(folder, count, streams, *more):
    path = os.path.join(folder, f"events-{count}-{streams}.ndjson")
    with open(path, "w") as file:
        maker = os.path.join(HERE, "make_events.py")
        arguments = [sys.executable, maker, str(count), str(streams), *map(str, more)]
        subprocess.run(arguments, stdout=file, check=True)
    return path


def imported(folder, path):
    """A new ledger with the events of a file; gives its path, seconds and peak memory."""
    ledger = path.replace(".ndjson", ".db")
    for suffix in ["", "-wal", "-shm", ".lock"]:
        if os.path.exists(ledger + suffix):
            os.remove(ledger + suffix)
    run([LEDGER, "init", "--ledger", ledger, "--log", "bench"])
    seconds, memory, _ = run([LEDGER, "import", "events", path, "--ledger", ledger])
    return ledger, seconds, memory


def median(command, rounds=15, statuses=(0,)):
    return statistics.median(run(command, statuses)[0] for _ in range(rounds)) * 1000


def bench_import(folder):
    count = 20_000 if QUICK else 200_000
    ledgers = []
    for streams in [50, count // 2]:
        path = events(folder, count, streams)
        ledger, seconds, _ = imported(folder, path)
        target = os.path.join(folder, "insert.db")
        _, _, output = run([BENCH, "insert", ledger, target])
        os.remove(target)
        alone = float(output.split()[1])
        row(
            f"import of {count:,} events, {streams:,} streams",
            f"{count / seconds:,.0f}/s",
            f"SQLite alone {count / alone:,.0f}/s",
            f"{alone / seconds:.2f}",
            "at least 0.5; aim 35,000/s",
        )
        size = os.path.getsize(ledger) / count
        row("  bytes on disk per event", f"{size:,.0f}", "", "", "at most 2,000")
        ledgers.append(ledger)
    return ledgers


def bench_verify(folder, ledger):
    # In turns, since the machine is not equally fast at all times.
    chains, alones = [], []
    for _ in range(3):
        _, _, output = run([LEDGER, "verify", "--timings", "--ledger", ledger])
        stages = dict(line.split(": ") for line in output.splitlines() if line.endswith(" s"))
        chains.append(float(stages["entries"].split()[0]))
        entries, _, alone = run([BENCH, "sha256", ledger])[2].split()
        alones.append(float(alone))
    entries, chain, alone = int(entries), statistics.median(chains), statistics.median(alones)
    row(
        f"verify of {entries:,} entries",
        f"{entries / chain:,.0f}/s",
        f"SHA-256 alone {entries / alone:,.0f}/s",
        f"{alone / chain:.2f}",
        "at least 300,000/s and 0.3",
    )
    for stage in ["attachments", "projections"]:
        row(f"  {stage}, apart", stages[stage], "", "", "")


SAME_SQL = """
SELECT event.idx, event.at, event.time_known, event.recorded, event.first, event.corrected_by,
    coalesce(event.strategy, change.strategy), event.service, event.change, entry.hash, body.bytes,
    start_body.bytes, private.*, start.*
FROM event
JOIN entry ON entry.idx = event.idx
LEFT JOIN body ON body.idx = event.idx
LEFT JOIN private ON private.idx = event.idx
LEFT JOIN body AS start_body ON start_body.idx = event.first
LEFT JOIN private AS start ON start.idx = event.first
LEFT JOIN change ON change.service = event.service AND change.id = event.change
WHERE event.latest AND event.type = 'deployment' AND event.environment = 'prod'
    AND event.at >= {since}
ORDER BY event.at DESC, event.idx DESC LIMIT {limit}
"""


def bench_query(folder):
    count = 50_000 if QUICK else 1_000_000
    now = int(time.time() * 1000)
    step = 60 * 86_400_000 // count
    path = events(folder, count, 400, now - count * step, step)
    ledger, _, _ = imported(folder, path)
    since = now - 7 * 86_400_000
    # A folded table answers with 50 rows of 20 targets each.
    for name, flags, limit in [
            ("-o json", ["-o", "json"], 50), ("table --tenants", ["--tenants"], 50),
            ("folded table", [], 1000)]:
        sql = median(["sqlite3", ledger, SAME_SQL.format(since=since, limit=limit)])
        ours = median(
            [LEDGER, "query", "--env", "prod", "--since", "7d", "--limit", "50", *flags,
             "--ledger", ledger])
        row(
            f"query of {count:,} entries, {name}", f"{ours:.1f} ms",
            f"sqlite3, {limit:,} rows {sql:.1f} ms",
            f"+{ours - sql:.1f} ms", "at most +15 ms")
    row("ledger --version", f"{median([LEDGER, '--version']):.1f} ms",
        f"sqlite3 --version {median(['sqlite3', '--version']):.1f} ms", "", "10 ms")
    return ledger


def bench_memory(folder, large):
    few, many = (20_000, 80_000) if QUICK else (100_000, 400_000)
    small, _, small_import = imported(folder, events(folder, few, 50))
    _, _, large_import = imported(folder, events(folder, many, 50))
    row(f"memory: import of {many:,} and of {few:,}", f"{large_import:.0f} MiB",
        f"{small_import:.0f} MiB", f"{large_import / small_import:.2f}", "flat")
    for format in ["csv", "ndjson"]:
        few, many = (
            unread([LEDGER, "query", "-o", format, "--ledger", ledger])[1] for ledger in [small, large])
        row(f"memory: query -o {format}, all rows of both", f"{many:.0f} MiB", f"{few:.0f} MiB",
            f"{many / few:.2f}", "flat")


def bench_git(folder):
    commits = 1_000 if QUICK else 10_000
    maker = os.path.join(HERE, "make-git-repository.py")
    for line, flags in [("merges", []), ("direct", ["--direct"])]:
        repository = os.path.join(folder, f"repository-{line}")
        subprocess.run(
            [sys.executable, maker, repository, "--commits", str(commits), "--line", line],
            check=True, stdout=DEV_NULL, stderr=DEV_NULL)
        log = ["git", "-C", repository, "log", "--first-parent", "--name-only", "--", "migrations"]
        yardstick = median(log, 5)
        times = []
        for number in range(5):
            ledger = os.path.join(folder, f"git-{line}-{number}.db")
            run([LEDGER, "init", "--ledger", ledger, "--log", "bench"])
            seconds, _, output = run(
                [LEDGER, "import", "git", repository, "--service", "orders", "--paths",
                 "migrations/**", "--ledger", ledger, *flags])
            times.append(seconds * 1000)
        events = int(output.split("#")[1].split()[0]) + 1
        ours = statistics.median(times)
        row(
            f"import git, {commits:,} commits, {events:,} events, {line}", f"{ours:.0f} ms",
            f"git log {yardstick:.0f} ms", f"{ours / yardstick:.2f}", "at most 1.5")


# The rows of the report `deployments`: what a deployment's end says, else its start.
EXPORT_SQL = "SELECT event.idx, event.first, entry.hash, event.corrected_by, event.time_known, " + (
    "coalesce(event.strategy, change.strategy), event.recorded, event.at, " + ", ".join(
        f"coalesce(json_extract(body.bytes, '$.{member}'), json_extract(start.bytes, '$.{member}'))"
        for member in """event.id event.source event.service event.environment event.tenant
        event.region event.cluster event.database event.change.id event.change.name
        event.change.kind event.change.class event.change.ticket event.change.digest
        event.deployment.operation event.deployment.status event.deployment.started
        event.deployment.ended event.deployment.duration_ms event.deployment.attempt
        event.deployment.exit_code event.deployment.id event.deployment.group event.trigger.kind
        event.trigger.tool event.trigger.run event.git.repository event.git.commit event.git.path
        principal.kind principal.id""".split()
    ) + """, private.actor, private.executed_as, private.reason, private.error, private.command,
    private.host FROM event JOIN entry ON entry.idx = event.idx
    JOIN body ON body.idx = event.idx LEFT JOIN private ON private.idx = event.idx
    LEFT JOIN body AS start ON start.idx = event.first
    LEFT JOIN private AS start_private ON start_private.idx = event.first
    LEFT JOIN change ON change.service = event.service AND change.id = event.change
    WHERE event.latest AND event.type = 'deployment' ORDER BY event.idx""")


def bench_exports(folder, ledger):
    out = os.path.join(folder, "export")
    report = ["export", "make", "deployments", "--format", "csv", "--no-record"]
    seconds, memory = unread([LEDGER, *report, "--out", "-", "--ledger", ledger])
    alone, _ = unread(["sqlite3", "-readonly", "-csv", "-header", ledger, EXPORT_SQL])
    row("export of deployments as CSV", f"{seconds:.1f} s", f"sqlite3 -csv {alone:.1f} s",
        f"{seconds / alone:.2f}", "at most 2")
    row("  memory", f"{memory:.0f} MiB", "", "", "at most 64 MiB")
    unread([LEDGER, *report, "--out", out, "--ledger", ledger])
    seconds, memory = unread([LEDGER, "export", "verify", out, "--ledger", ledger])
    row("  export verify, against the ledger", f"{seconds:.1f} s", "", "", "")
    row("  memory", f"{memory:.0f} MiB", "", "", "")
    shutil.rmtree(out)
    report[2] = "change-population"
    seconds, memory = unread([LEDGER, *report, "--out", out, "--ledger", ledger])
    row("export of change-population", f"{seconds:.1f} s", "", "", "")
    row("  memory", f"{memory:.0f} MiB", "", "", "")
    shutil.rmtree(out)


FLEET = [
    ("board of 200 services", ["status"], 0.150, """
        SELECT service, environment, max(at), count(DISTINCT tenant), sum(status = 'failed')
        FROM event WHERE type = 'deployment' AND latest GROUP BY service, environment"""),
    ("check of Prod", ["check", "--env", "prod"], 1.0, """
        SELECT service, change, count(*) FROM event
        WHERE environment = 'prod' AND latest AND status = 'succeeded'
        GROUP BY service, change HAVING count(*) < 500"""),
    ("gate of one change", ["gate", "service100:V10", "--env", "prod"], 0.020, """
        SELECT environment, status, count(*) FROM event
        WHERE change = '10' AND service = 'service100' GROUP BY environment, status"""),
]


def bench_fleet(folder):
    """Where changes stand, of 200 services with 500 tenants each: 1,000,000 entries."""
    path = os.path.join(folder, "fleet.ndjson")
    size = ["20", "10", "50"] if QUICK else ["200", "10", "500"]
    with open(path, "w") as file:
        subprocess.run(
            [sys.executable, os.path.join(HERE, "make_fleet.py"), *size], stdout=file, check=True)
    ledger, _, _ = imported(folder, path)
    for what, verb, asked, sql in FLEET:
        if QUICK:
            verb = [word.replace("100", "010") for word in verb]
        # 3: there are findings.
        ours = median([LEDGER, *verb, "--ledger", ledger], 7, statuses=(0, 3))
        plain = median(["sqlite3", "-readonly", ledger, sql], 3)
        row(
            what, f"{ours:.0f} ms", f"sqlite3 {plain:.0f} ms", f"{ours / plain:.2f}",
            f"at most {asked * 1000:.0f} ms")


def main():
    folder = tempfile.mkdtemp(prefix="ledger-bench-")
    try:
        row("WHAT", "FIGURE", "YARDSTICK", "RATIO", "ASKED")
        few, many = bench_import(folder)
        bench_verify(folder, few)
        bench_verify(folder, many)
        large = bench_query(folder)
        bench_memory(folder, large)
        bench_exports(folder, large)
        bench_git(folder)
        bench_fleet(folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
