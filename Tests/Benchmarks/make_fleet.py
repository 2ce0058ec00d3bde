"""The history of a fleet as NDJSON: 200 services, 4 environments, 500 tenants in Prod.

usage: make_fleet.py [SERVICES] [CHANGES] [TENANTS] [MINUTES]

Every change is merged, approved, and runs in dev, test, stage and for every tenant in prod. In one
service of twenty a change fails for a tenant, or a tenant is forgotten. MINUTES pass between two
targets; with 10, the rollout of a change goes on when the next one begins.
"""

import json
import random
import sys
from datetime import datetime, timedelta, timezone

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
number = 0


def write(service: str, minute: int, **members) -> None:
    global number
    number += 1
    time = (START + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")
    event = {"source": "fleet", "id": f"e{number}", "service": service, "time": time, **members}
    sys.stdout.write(json.dumps(event, separators=(",", ":")) + "\n")


def change(service: str, place: int, tenants: int, fault: str, pace: int) -> None:
    name = f"V{place}__change_number_{place}"
    digest = f"sha256:{random.getrandbits(256):064x}"
    what = {"id": str(place), "name": name, "digest": digest, "kind": "schema"}
    minute = place * 4000
    write(
        service, minute, type="merge", change={**what, "ticket": f"INC-{place}"},
        git={"commit": f"{random.getrandbits(160):040x}"}, author={"id": "ann@example.com"},
        rollback={"strategy": "reversible", "tested_in": ["stage"]})
    write(
        service, minute + 1, type="review", change={"id": str(place)},
        review={"decision": "approved"}, actor={"id": "bob@example.com"})
    unlucky = random.randrange(tenants) if fault else None
    targets = [("dev", None), ("test", None), ("stage", None)]
    targets += [("prod", f"t{tenant:04d}") for tenant in range(tenants)]
    for step, (environment, tenant) in enumerate(targets):
        isUnlucky = unlucky is not None and tenant == f"t{unlucky:04d}"
        if isUnlucky and fault == "missed":
            continue
        members = {"tenant": tenant} if tenant else {}
        write(
            service, minute + pace * (step + 1), type="deployment", environment=environment,
            change=what,
            deployment={
                "status": "failed" if isUnlucky else "succeeded",
                "duration_ms": random.randint(20, 9000),
            },
            trigger={"kind": "cli", "tool": "flyway"},
            actor={"id": "ci@example.com", "kind": "service"}, **members)


def main() -> None:
    services, changes, tenants, pace = (
        int(value) for value in (sys.argv[1:] + ["200", "10", "500", "1"][len(sys.argv) - 1:]))
    random.seed(7)
    for place in range(1, changes + 1):
        for service in range(services):
            isFaulty = service % 20 == 0 and place == changes // 2
            fault = random.choice(["failed", "missed"]) if isFaulty else ""
            change(f"service{service:03d}", place, tenants, fault, pace)


if __name__ == "__main__":
    main()
