"""Asks a running ledger everything that schema/openapi.yaml describes, and holds its answers to it.

    check_answers.py URL ADMIN_TOKEN READER_TOKEN WRITER_TOKEN [OPERATION...]

The operations at the end are described, but not served. Prints what is wrong; exits with 1 if
anything is.
"""

import http.client
import json
import re
import sys
import urllib.parse

import jsonschema
import referencing
import referencing.jsonschema
import yaml

URL = urllib.parse.urlsplit(sys.argv[1])
TOKENS = dict(zip(("admin", "reader", "writer"), sys.argv[2:5]))
NOT_SERVED = set(sys.argv[5:])
LINES = {
    "listEvents": ["Row"],
    "listEntries": ["Entry", "StoredEntry"],
}
problems = []
seen = {}


def fail(text):
    problems.append(text)


def pointer(*parts):
    return "#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)


def fetch(method, path, headers, body=None):
    connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        if answer.headers.get_content_type() == "text/event-stream":
            return answer, answer.read1(4096)
        return answer, answer.read()
    finally:
        connection.close()


document = yaml.safe_load(fetch("GET", "/openapi.yaml", {})[1])
registry = referencing.Registry().with_resource(
    "urn:api", referencing.jsonschema.DRAFT202012.create_resource(document)
)


def validator(reference):
    return jsonschema.Draft202012Validator(
        {"$ref": "urn:api" + reference},
        registry=registry,
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


def check(where, reference, value):
    for error in validator(reference).iter_errors(value):
        fail(f"{where}: {error.json_path}: {error.message[:300]}")


def resolved(parts):
    """The place of a response, behind a reference if there is one."""
    value = document
    for part in parts:
        value = value[part]
    return value["$ref"][2:].split("/") if "$ref" in value else list(parts)


def ask(expected, method, template, path=None, token="admin", body=None, type=None, accept=None):
    """Asks, and returns what was answered as JSON or text."""
    path = path or template
    where = f"{method} {path} as {token}"
    operation = document["paths"][template][method.lower()]
    headers = {}
    if token:
        headers["Authorization"] = "Bearer " + TOKENS.get(token, token)
    if accept:
        headers["Accept"] = accept
    if body is not None:
        headers["Content-Type"] = type or "application/json"
        body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        body = body.encode() if isinstance(body, str) else body
    answer, content = fetch(method, path, headers, body)
    seen.setdefault(operation["operationId"], set()).add(answer.status)
    if answer.status != expected:
        fail(f"{where}: {answer.status} instead of {expected}: {content[:300]}")
    status = str(answer.status)
    if status not in operation["responses"]:
        fail(f"{where}: {status} is not described")
        return None
    parts = resolved(["paths", template, method.lower(), "responses", status])
    response = document
    for part in parts:
        response = response[part]
    media = answer.headers.get_content_type()
    if media not in response["content"]:
        fail(f"{where}: {media} is not described for {status}")
        return None
    for name, header in response.get("headers", {}).items():
        if name not in answer.headers:
            fail(f"{where}: {status} has no {name}")
    if not answer.headers["X-Request-ID"]:
        fail(f"{where}: no X-Request-ID")
    if media.endswith("json") and media != "application/x-ndjson":
        value = json.loads(content)
        check(where, pointer(*parts, "content", media, "schema"), value)
        return value
    text = content.decode("utf-8", "replace")
    if media == "application/x-ndjson" and operation["operationId"] in LINES:
        for line in text.splitlines():
            value = json.loads(line)
            kinds = LINES[operation["operationId"]]
            if not any(validator(pointer("components", "schemas", k)).is_valid(value) for k in kinds):
                fail(f"{where}: {line[:200]} is none of {kinds}")
    return text


def deployment(change, **more):
    return {
        "service": "orders", "environment": "prod", "change": {"id": change},
        "deployment": {"status": "succeeded"}, "source": "ci", "id": change, **more,
    }


def record():
    path = "/v1/events"
    receipts = ask(201, "POST", path, body=deployment("1", tenant="acme"))["receipts"]
    again = ask(200, "POST", path, body=deployment("1", tenant="acme"))["receipts"]
    if again != [dict(receipts[0], repeated=True)]:
        fail(f"the second receipt is {again}")
    ask(201, "POST", path, body=[deployment("2", tenant="globex"), deployment("3")], token="writer")
    ask(409, "POST", path, body=deployment("1"))
    ask(422, "POST", path, body={"service": "orders"})
    ask(422, "POST", path, body="[1")
    ask(415, "POST", path, body="x", type="text/plain")
    ask(400, "POST", path, "/v1/events?partially=true", body=deployment("4"))
    ask(403, "POST", path, body=deployment("4"), token="reader")
    ask(401, "POST", path, body=deployment("4"), token=None)
    ask(401, "POST", path, body=deployment("4"), token="ledger_nonsense")
    ask(413, "POST", path, body=b" " * (17 << 20))
    lines = json.dumps(deployment("5")) + "\n{}\n"
    text = ask(200, "POST", path, "/v1/events?partial=true", body=lines, type="application/x-ndjson")
    if [next(iter(json.loads(line))) for line in text.splitlines()] != ["receipt", "error"]:
        fail(f"partial: {text}")
    content = document["paths"][path]["post"]["requestBody"]["content"]
    for example in content["application/json"]["examples"].values():
        ask(201, "POST", path, body=example["value"])
    ask(201, "POST", path, body=content["application/x-ndjson"]["example"], type="application/x-ndjson")
    event = {"specversion": "1.0", "id": "1", "source": "/x", "type": "com.example.x", "data": {"a": 1}}
    ask(201, "POST", path, body=event, type="application/cloudevents+json")
    ask(200, "POST", path, body=[event], type="application/cloudevents-batch+json")
    note = {"type": "note", "title": "hello", "message": "n", "error": "e", "about": [{"entry": 1}],
            "attachments": {"log": {"text": "attached"}}}
    return receipts[0], ask(201, "POST", path, body=note)["receipts"][0]


def history():
    path = "/v1/events"
    pages, cursor = [], ""
    while True:
        page = ask(200, "GET", path, f"/v1/events?limit=2{cursor}", token="reader")
        pages += page["rows"]
        if "next" not in page:
            break
        cursor = "&cursor=" + page["next"]
    whole = ask(200, "GET", path, "/v1/events?limit=1000")["rows"]
    if [row["index"] for row in whole] != [row["index"] for row in pages]:
        fail("the pages are not the whole")
    for accept in ("application/x-ndjson", "text/csv"):
        ask(200, "GET", path, accept=accept)
    ask(406, "GET", path, accept="image/png")
    ask(200, "GET", path, "/v1/events?folded=true&env=prod&service=orders")
    ask(200, "GET", path, "/v1/events?type=note&type=token&recorded=true&reverse=true")
    ask(400, "GET", path, "/v1/events?limit=0")
    ask(400, "GET", path, "/v1/events?folded=maybe")
    ask(400, "GET", path, "/v1/events?since=never")
    ask(400, "GET", path, "/v1/events?service=%ff")
    ask(404, "GET", path, "/v1/events?env=prd")
    ask(403, "GET", path, "/v1/events?text=x", token="reader")
    ask(403, "GET", path, token="writer")
    ask(200, "GET", "/v1/targets", "/v1/targets?service=orders", token="reader")
    ask(403, "GET", "/v1/targets", token="writer")
    for query in (
        "", "?service=orders", "?env=prod", "?env=prod&by=tenant", "?tenants=true",
        "?at=2026-11-01T00:00:00Z&as-known-at=2026-11-01T00:00:00Z",
    ):
        ask(200, "GET", "/v1/status", "/v1/status" + query, token="reader")
    ask(400, "GET", "/v1/status", "/v1/status?by=tenant")
    ask(400, "GET", "/v1/status", "/v1/status?at=soon")
    ask(403, "GET", "/v1/status", token="writer")
    ask(404, "GET", "/v1/status", "/v1/status?service=nobody")
    gate = "/v1/gate?change=orders:V42&env=prod"
    for role in ("reader", "writer"):
        ask(200, "GET", "/v1/gate", gate + "&tenant=acme&digest=sha256:00", token=role)
    ask(400, "GET", "/v1/gate", "/v1/gate?change=orders:V42")
    ask(404, "GET", "/v1/gate", "/v1/gate?change=orders:V42&env=nowhere")
    question = {"env": "prod", "changes": [{"service": "orders", "change": "42"}]}
    new = {"service": "orders", "change": "9", "name": "V9__new", "digest": "sha256:" + "0" * 64}
    for role in ("reader", "writer"):
        ask(200, "POST", "/v1/gate", body=question, token=role)
    answer = ask(200, "POST", "/v1/gate", body=dict(question, changes=[new], pending=True))
    if answer["open"] or [row["change"] for row in answer["rows"]] != ["9"]:
        fail(f"the gate says {answer}")
    passed = ask(200, "POST", "/v1/gate", body=dict(
        question, changes=[new], override={"reason": "it burns", "actor": "ann"}), token="writer")
    if len(passed["receipts"]) != 1:
        fail(f"the override is {passed}")
    ask(400, "POST", "/v1/gate", body=dict(question, override={"reason": " "}))
    ask(400, "POST", "/v1/gate", body=dict(question, changes=[]))
    ask(403, "POST", "/v1/gate", body=dict(question, override={"reason": "x"}), token="reader")
    ask(404, "POST", "/v1/gate", body=dict(question, env="nowhere"))
    ask(404, "POST", "/v1/gate", body=dict(question, tenant="nobody"))
    ask(413, "POST", "/v1/gate", body=b" " * (9 << 20))
    ask(422, "POST", "/v1/gate", body=dict(
        question, changes=[dict(new, digest="sha256:0")], override={"reason": "x"}))
    ask(200, "GET", "/v1/rollback-coverage", "/v1/rollback-coverage?env=prod", token="reader")
    ask(400, "GET", "/v1/rollback-coverage", "/v1/rollback-coverage?x=1")
    ask(403, "GET", "/v1/rollback-coverage", token="writer")
    ask(404, "GET", "/v1/rollback-coverage", "/v1/rollback-coverage?env=nowhere")
    ask(200, "GET", "/v1/archives", token="reader")
    ask(400, "GET", "/v1/archives", "/v1/archives?x=1")
    ask(403, "GET", "/v1/archives", token="writer")
    for query in ("", "?service=orders", "?service=orders&change=42"):
        ask(200, "GET", "/v1/links", "/v1/links" + query, token="reader")
    ask(400, "GET", "/v1/links", "/v1/links?change=42")
    ask(403, "GET", "/v1/links", token="writer")
    ask(404, "GET", "/v1/links", "/v1/links?service=nobody")
    plan = "/v1/rollback-plan"
    ask(200, "GET", plan, plan + "?change=orders:V42", token="reader")
    ask(200, "GET", plan, plan + "?change=V42&service=orders&env=prod&tenant=acme")
    ask(400, "GET", plan, plan + "?change=orders:V42&tenant=acme")
    ask(403, "GET", plan, plan + "?change=orders:V42", token="writer")
    ask(404, "GET", plan, plan + "?change=orders:nothing")
    steps = "/v1/rollback-steps"
    ask(200, "GET", steps, steps + "?env=prod&undo=orders:1&tenant=acme", token="reader")
    ask(200, "GET", steps, steps + "?env=prod&back-to=2020-01-01T00:00:00Z")
    ask(400, "GET", steps, steps + "?env=prod")
    ask(403, "GET", steps, steps + "?env=prod&undo=orders:1", token="writer")
    ask(404, "GET", steps, steps + "?env=nowhere&undo=orders:1")
    reports = ask(200, "GET", "/v1/reports")
    ask(403, "GET", "/v1/reports", token="reader")
    ask(400, "GET", "/v1/reports", "/v1/reports?x=1")
    for report in reports["rows"]:
        path = "/v1/reports/" + report["report"]
        rows = ask(200, "POST", "/v1/reports/{report}", path, accept="application/json")["rows"]
        names = {column["name"] for column in report["columns"]} | {"v"}
        for row in rows:
            if not set(row) <= names:
                fail(f"{path} has a row with {set(row) - names}")
    path = "/v1/reports/{report}"
    deployments = "/v1/reports/deployments?env=prod&entries=true"
    for accept in (None, "text/csv", "application/x-ndjson"):
        ask(200, "POST", path, deployments, accept=accept)
    ask(200, "POST", path, deployments + "&sample=2&seed=7&stratify=tenant")
    ask(400, "POST", path, deployments + "&sample=2")
    ask(400, "POST", path, deployments + "&sample=2&seed=7&stratify=nothing")
    ask(400, "POST", path, deployments + "&sample=2&seed=7", accept="text/csv")
    ask(400, "POST", path, "/v1/reports/integrity?env=prod")
    ask(401, "POST", path, deployments, token=None)
    ask(403, "POST", path, deployments, token="reader")
    ask(404, "POST", path, "/v1/reports/deploiments")
    ask(406, "POST", path, deployments, accept="image/png")
    own = "report: own\ntitle: T\nanswers: A?\nserves: S\nrows: state\ncolumns: [service: S]\n"
    ask(200, "POST", "/v1/reports", body=own, type="application/yaml", accept="application/json")
    ask(400, "POST", "/v1/reports", body=own + "x: 1\n", type="application/yaml")
    ask(403, "POST", "/v1/reports", body=own, type="application/yaml", token="writer")
    ask(404, "POST", "/v1/reports", "/v1/reports?env=nowhere", body=own, type="application/yaml")
    ask(406, "POST", "/v1/reports", body=own, type="application/yaml", accept="image/png")
    ask(413, "POST", "/v1/reports", body=b" " * (2 << 20), type="application/yaml")
    why = "/v1/why?env=prod"
    answer = ask(200, "GET", "/v1/why", why + "&window=30d&service=orders&tenant=acme&object=x",
                 token="reader")
    if not answer["rows"] or not answer["notes"]:
        fail(f"why says {answer}")
    answer = ask(200, "GET", "/v1/why", why + "&at=2020-01-01T00:00:00Z")
    if answer["rows"]:
        fail(f"why says {answer}")
    ask(400, "GET", "/v1/why")
    ask(400, "GET", "/v1/why", why + "&window=soon")
    ask(403, "GET", "/v1/why", why, token="writer")
    ask(404, "GET", "/v1/why", "/v1/why?env=nowhere")
    ask(200, "GET", "/v1/freezes", token="reader")
    ask(200, "GET", "/v1/freezes", token="writer")
    ask(200, "GET", "/v1/declarations", token="reader")
    ask(400, "GET", "/v1/declarations", "/v1/declarations?x=1")
    ask(200, "GET", "/v1/declarations", token="writer")
    ask(200, "GET", "/v1/findings", token="reader")
    ask(200, "GET", "/v1/findings", "/v1/findings?env=prod&severity=error&rule=tenant-missed")
    ask(400, "GET", "/v1/findings", "/v1/findings?rule=nothing")
    ask(403, "GET", "/v1/findings", token="writer")
    ask(404, "GET", "/v1/findings", "/v1/findings?env=nowhere")
    ask(200, "GET", "/v1/diff", "/v1/diff?left=qa&right=prod", token="reader")
    ask(400, "GET", "/v1/diff", "/v1/diff?left=qa")
    ask(403, "GET", "/v1/diff", "/v1/diff?left=qa&right=prod", token="writer")
    ask(404, "GET", "/v1/diff", "/v1/diff?left=qa&right=nowhere")
    ask(404, "GET", "/v1/targets", "/v1/targets?tenant=nobody")
    ask(200, "GET", "/v1/changes", token="writer")
    ask(200, "GET", "/v1/changes", "/v1/changes?name=4&service=orders")
    ask(400, "GET", "/v1/changes", "/v1/changes?limit=5001")
    story = "/v1/changes/{service}/{change}"
    ask(200, "GET", story, "/v1/changes/orders/42", token="reader")
    ask(404, "GET", story, "/v1/changes/orders/nothing")
    ask(403, "GET", story, "/v1/changes/orders/42", token="writer")
    text = ask(200, "GET", "/v1/stream", "/v1/stream?after=-1")
    if not text.startswith(":\nid: -1\n\n"):
        fail(f"the stream begins with {text[:80]}")
    ask(400, "GET", "/v1/stream", "/v1/stream?after=1000000")
    ask(400, "GET", "/v1/stream", "/v1/stream?reverse=true")
    ask(403, "GET", "/v1/stream", token="writer")
    ask(404, "GET", "/v1/stream", "/v1/stream?env=prd")


def erasure():
    path = "/v1/redactions"
    event = deployment("erase", actor="zoe@example.com", message="zoe@example.com was here",
                       attachments={"log": {"text": "by zoe@example.com"}})
    index = ask(201, "POST", "/v1/events", body=event)["receipts"][0]["index"]
    traces = ask(200, "GET", "/v1/person", "/v1/person?person=zoe@example.com")
    if [t["member"] for t in traces["traces"]] != ["actor", "message", "attachment:log"]:
        fail(f"the traces are {traces}")
    subject = ask(200, "GET", "/v1/subject", "/v1/subject?person=zoe@example.com")
    if [entry["index"] for entry in subject["entries"]] != [index]:
        fail(f"the subject is {subject}")
    for template in ("/v1/person", "/v1/subject"):
        ask(400, "GET", template)
        ask(404, "GET", template, template + "?person=nobody@example.com")
        for role in ("reader", "writer"):
            ask(403, "GET", template, template + "?person=zoe@example.com", token=role)
    hold = {"action": "add", "matter": "case-1", "person": "zoe@example.com", "reason": "claim"}
    ask(201, "POST", "/v1/holds", body=hold)
    ask(409, "POST", "/v1/holds", body=hold)
    ask(400, "POST", "/v1/holds", body=dict(hold, action="end"))
    ask(403, "POST", "/v1/holds", body=hold, token="reader")
    ask(404, "POST", "/v1/holds", body=dict(hold, action="lift", matter="case-2"))
    ask(200, "GET", "/v1/holds")
    ask(400, "GET", "/v1/holds", "/v1/holds?x=1")
    ask(403, "GET", "/v1/holds", token="reader")
    wanted = {"entries": [index], "members": ["actor"], "reason": "request 1"}
    ask(403, "POST", path, body=wanted)
    ask(201, "POST", "/v1/holds", body=dict(hold, action="lift"))
    ask(403, "POST", path, body=wanted, token="reader")
    ask(400, "POST", path, body=dict(wanted, reason=" "))
    ask(400, "POST", path, body=dict(wanted, members=["service"]))
    ask(404, "POST", path, body=dict(wanted, entries=[999999]))
    ask(413, "POST", path, body=b" " * (1 << 20))
    ask(201, "POST", path, body=wanted)
    ask(409, "POST", path, body=wanted)
    entry = ask(200, "GET", "/v1/entries/{entry}", f"/v1/entries/{index}")
    if entry["erased"] != ["actor"] or entry["erasures"][0]["member"] != "actor":
        fail(f"the entry is {entry}")
    wanted = {"person": "zoe@example.com", "reason": "request 1", "keep": ["attachment:log"]}
    ask(403, "POST", "/v1/forget", body=wanted, token="reader")
    ask(400, "POST", "/v1/forget", body=dict(wanted, reason="as zoe@example.com asked"))
    ask(201, "POST", "/v1/forget", body=wanted)
    ask(404, "POST", "/v1/forget", body=wanted)


def entries(receipt, note):
    head = ask(200, "GET", "/v1/head", token="writer")
    ask(401, "GET", "/v1/head", token=None)
    ask(200, "GET", "/v1/summary", token="writer")
    path = "/v1/entries/{entry}"
    for entry in (receipt["index"], receipt["hash"]):
        ask(200, "GET", path, f"/v1/entries/{entry}", token="writer")
        stored = ask(200, "GET", path, f"/v1/entries/{entry}?stored=true")
        if stored["hash"] != receipt["hash"]:
            fail(f"entry {entry} has another hash")
    ask(200, "GET", path, f"/v1/entries/{head['index']}", token="reader")
    ask(400, "GET", path, "/v1/entries/first")
    ask(404, "GET", path, "/v1/entries/1000000")
    ask(200, "GET", "/v1/entries")
    ask(200, "GET", "/v1/entries", "/v1/entries?from=1&to=2&reverse=true&stored=true", token="reader")
    ask(200, "GET", "/v1/entries", "/v1/entries?event=1", token="writer")
    ask(200, "GET", "/v1/entries", "/v1/entries?event=1&stored=true", token="writer")
    ask(400, "GET", "/v1/entries", "/v1/entries?stored=1")
    ask(400, "GET", "/v1/entries", "/v1/entries?event=1&limit=1")
    ask(403, "GET", "/v1/entries", token="writer")
    ask(200, "GET", "/v1/names/{member}", "/v1/names/tenant", token="writer")
    ask(404, "GET", "/v1/names/{member}", "/v1/names/planet")
    ask(200, "GET", "/v1/merges/last", "/v1/merges/last?source=git:x&ref=main", token="writer")
    ask(400, "GET", "/v1/merges/last")
    path = "/v1/attachments/{digest}"
    digest = "sha256:0b4fc1b11c4e0c9a5c2d0a6b3e0c5b0f6c6a4d9a6e8c3cf8a1cf0e4b7a9a64a0"
    ask(404, "GET", path, f"/v1/attachments/{digest}")
    found = re.search(r"sha256:[0-9a-f]{64}", json.dumps(
        ask(200, "GET", "/v1/entries/{entry}", f"/v1/entries/{note['index']}")))
    if ask(200, "GET", path, f"/v1/attachments/{found[0]}") != "attached":
        fail("the attachment is another one")
    ask(403, "GET", path, f"/v1/attachments/{digest}", token="reader")
    ask(400, "GET", path, "/v1/attachments/x")
    ask(200, "GET", "/v1/verify", token="reader")
    ask(200, "POST", "/v1/verify", body={"expected": [f"{receipt['index']}:{receipt['hash']}"]})
    ask(422, "POST", "/v1/verify", body={"expected": ["x"]})
    ask(413, "POST", "/v1/verify", body=b" " * (9 << 20))
    ask(403, "GET", "/v1/verify", token="writer")


def tokens():
    if "GET /v1/tokens" in NOT_SERVED:
        return
    new = ask(201, "POST", "/v1/tokens", body={"role": "writer", "services": ["orders"], "name": "x"})
    ask(400, "POST", "/v1/tokens", body={"role": "king"})
    ask(403, "POST", "/v1/tokens", body={"role": "writer"}, token="writer")
    ask(200, "GET", "/v1/tokens")
    ask(403, "GET", "/v1/tokens", token="reader")
    ask(200, "DELETE", "/v1/tokens/{id}", f"/v1/tokens/{new['id']}")
    ask(404, "DELETE", "/v1/tokens/{id}", "/v1/tokens/tok_000000000000")


def hooks():
    for template, path in (("/v1/hooks/{kind}", "/v1/hooks/github"),
                           ("/v1/hooks/{kind}/{name}", "/v1/hooks/github/none")):
        if "POST " + template not in NOT_SERVED:
            ask(404, "POST", template, path, token=None, body={})


def operation():
    ask(200, "POST", "/healthz", token=None, body={})
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.yaml", "/ledger-run.sh"):
        if "GET " + path not in NOT_SERVED:
            ask(200, "GET", path, token=None)


def examples(value, parts=()):
    """Every example is what its own schema takes."""
    if isinstance(value, dict):
        if "schema" in value:
            given = [value["example"]] if "example" in value else []
            given += [item["value"] for item in value.get("examples", {}).values()]
            for example in given:
                check("example at " + pointer(*parts), pointer(*parts, "schema"), example)
        for name, inner in value.items():
            examples(inner, parts + (str(name),))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            examples(inner, parts + (str(number),))


examples(document)
receipt, note = record()
history()
entries(receipt, note)
erasure()
tokens()
hooks()
operation()
for path, item in document["paths"].items():
    for method, described in item.items():
        if f"{method.upper()} {path}" in NOT_SERVED:
            continue
        if described["operationId"] not in seen:
            fail(f"{method.upper()} {path} was never asked")
print("\n".join(problems) or f"{sum(map(len, seen.values()))} kinds of answers are as described")
sys.exit(1 if problems else 0)
