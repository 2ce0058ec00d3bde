"""Realistic deployment events as NDJSON, about 600 bytes each.

usage: make_events.py COUNT STREAMS [FIRST_MILLISECOND] [MILLISECONDS_BETWEEN]
"""

import json
import random
import sys
from datetime import datetime, timezone

SERVICES = ["orders", "billing", "catalog", "users", "search"]
ENVIRONMENTS = ["dev", "test", "stage", "prod"]
PEOPLE = ["ann", "bob", "cy", "dee", "eve"]


def event(number: int, streams: int, time: int) -> dict:
    stream = number % streams
    service = SERVICES[stream % 5]
    change = number // streams if streams < 10_000 else number % 997
    stamp = datetime.fromtimestamp(time / 1000, timezone.utc)
    return {
        "type": "deployment",
        "id": f"dep-{number:08d}",
        "source": "gitlab.example.com/platform/deploy",
        "time": stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time % 1000:03d}Z",
        "service": service,
        "environment": ENVIRONMENTS[stream // 5 % 4],
        "tenant": f"t{stream // 20:05d}",
        "database": service + "_db",
        "change": {
            "id": f"V{change}",
            "name": f"V{change}__change_number_{change}",
            "digest": f"sha256:{random.getrandbits(256):064x}",
            "kind": "schema",
            "ticket": f"INC-{change % 500}",
        },
        "deployment": {
            "id": f"run-{number}",
            "status": "failed" if number % 50 == 0 else "succeeded",
            "duration_ms": random.randint(20, 90_000),
        },
        "git": {"commit": f"{random.getrandbits(160):040x}"},
        "trigger": {"kind": "cli", "tool": "flyway"},
        "actor": {"id": random.choice(PEOPLE) + "@example.com", "kind": "human"},
        "reason": f"scheduled change {change} for {service}",
    }


def main() -> None:
    count, streams = int(sys.argv[1]), int(sys.argv[2])
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 1_764_547_200_000
    step = int(sys.argv[4]) if len(sys.argv) > 4 else 3000
    random.seed(7)
    write = sys.stdout.write
    for number in range(count):
        write(json.dumps(event(number, streams, first + number * step), separators=(",", ":")))
        write("\n")


if __name__ == "__main__":
    main()
