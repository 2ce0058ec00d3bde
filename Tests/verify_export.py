#!/usr/bin/env python3
"""Checks a folder that `ledger export` or `ledger sample` made, without the ledger and without any
code of it: the standard library alone.

    verify_export.py FOLDER

Files must be those of cover.json; leaves.ndjson and entries.ndjson, where they came along, must be a
chain up to the head of the cover, without a gap in any stream, with bodies and private values that
are those of the leaves; every row's entry must be among them; a sample must be the one that its seed
draws. That the cover itself is the one that was handed out shows the ledger alone. Prints what is
wrong and exits with 1.
"""

import base64
import csv
import hashlib
import json
import os
import sys

problems = []


def wrong(text):
    problems.append(text)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def lines(path):
    with open(path, "rb") as file:
        for line in file:
            yield line.rstrip(b"\n")


def check_files(folder, cover):
    known = {entry["name"]: entry for entry in cover["files"]}
    present = {
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, names in os.walk(folder) for name in names
    }
    for name in sorted(present - set(known) - {"cover.json"}):
        wrong(f"{name}: the cover knows no such file")
    for name, entry in known.items():
        if name not in present:
            wrong(f"{name}: it is not there")
            continue
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        if len(data) != entry["bytes"] or "sha256:" + sha256(data) != entry["digest"]:
            wrong(f"{name}: its bytes are not those of the cover")


def check_leaves(folder, cover):
    """The leaves by index, each with its hash."""
    leaves, streams, before = {}, {}, None
    for line in lines(os.path.join(folder, "leaves.ndjson")):
        leaf = json.loads(line)
        index, stream = leaf["index"], leaf["stream"]
        if before and (index != before[0] + 1 or leaf["prev"] != before[1]):
            wrong(f"leaves.ndjson: #{index} does not follow the leaf before it")
        if leaf["log"] != cover["log"]:
            wrong(f"leaves.ndjson: #{index} is of {leaf['log']}")
        last = streams.get(stream["id"])
        if last and (stream["index"] != last[0] + 1 or stream["prev"] != last[1]):
            wrong(f"leaves.ndjson: #{index} does not follow its stream's entry before it")
        digest = sha256(b"\0" + line)
        streams[stream["id"]] = (stream["index"], digest)
        before = (index, digest)
        leaves[index] = (digest, leaf["body"])
    head = cover["head"]
    if head["index"] >= 0 and before != (head["index"], head["hash"]):
        wrong("leaves.ndjson: it does not end with the cover's head")
    return leaves


def check_entries(folder, leaves):
    held = set()
    for line in lines(os.path.join(folder, "entries.ndjson")):
        entry = json.loads(line)
        index, body = entry["index"], entry.get("body", "")
        if index in leaves and not body and "archived_by" in entry:
            held.add(index)
            continue
        if index not in leaves or sha256(body.encode()) != leaves[index][1]:
            wrong(f"entries.ndjson: the body of #{index} is not that of its leaf")
            continue
        private = json.loads(body)["private"]
        for text in entry["disclosures"]:
            encoded = base64.urlsafe_b64encode(text.encode()).rstrip(b"=")
            digest = base64.urlsafe_b64encode(hashlib.sha256(encoded).digest()).rstrip(b"=")
            if private.get(json.loads(text)[1]) != digest.decode():
                wrong(f"entries.ndjson: a private value of #{index} is not that of its body")
        held.add(index)
    return held


def rows(folder, cover):
    path = os.path.join(folder, f"{cover['report']}.{cover['format']}")
    if cover["format"] == "csv":
        with open(path, newline="", encoding="utf-8") as file:
            try:
                yield from csv.DictReader(file, strict=True)
            except csv.Error as error:
                wrong(f"{os.path.basename(path)}: it is no CSV any more: {error}")
    elif cover["format"] == "ndjson":
        yield from map(json.loads, lines(path))
    else:
        with open(path, encoding="utf-8") as file:
            yield from json.load(file)["rows"]


def check_sample(folder, cover, population):
    plan = cover["sample"]
    strata = {}
    for number, row in enumerate(rows(folder, cover), 1):
        value = row.get(plan["stratify"], "") if "stratify" in plan else ""
        text = value if isinstance(value, str) else json.dumps(value)
        key = sha256(f"{plan['seed']}:{population}:{number}".encode())
        strata.setdefault(text, []).append((key, number))
    for drawn in strata.values():
        drawn.sort()
    names = sorted(strata, key=lambda name: name.encode())
    taken = dict.fromkeys(names, 0)
    expected = []

    def take(name):
        expected.append(strata[name][taken[name]])
        taken[name] += 1

    for name in sorted(names, key=lambda name: (-len(strata[name]), name.encode()))[: plan["size"]]:
        take(name)
    while len(expected) < min(plan["size"], sum(map(len, strata.values()))):
        left = [name for name in names if taken[name] < len(strata[name])]
        take(max(left, key=lambda name: len(strata[name]) / (2 * taken[name] + 1)))
    with open(os.path.join(folder, "sample.csv"), newline="", encoding="utf-8") as file:
        found = [(row["key"], row["row"]) for row in csv.DictReader(file)]
    if found != [(key, str(number)) for key, number in expected]:
        wrong("sample.csv: these are not the rows that the seed draws")


def main(folder):
    with open(os.path.join(folder, "cover.json"), encoding="utf-8") as file:
        cover = json.load(file)
    check_files(folder, cover)
    names = {entry["name"]: entry for entry in cover["files"]}
    if "leaves.ndjson" in names:
        leaves = check_leaves(folder, cover)
        held = check_entries(folder, leaves)
        for number, row in enumerate(rows(folder, cover), 1):
            if not row.get("index") and row.get("index") != 0:
                continue
            index = int(row["index"])
            if index not in held:
                wrong(f"row {number}: #{index} did not come along")
            elif "hash" in row and row["hash"] != leaves[index][0]:
                wrong(f"row {number}: its hash is not that of #{index}")
    if "sample" in cover:
        rows_name = f"{cover['report']}.{cover['format']}"
        check_sample(folder, cover, names[rows_name]["digest"].removeprefix("sha256:"))
    for problem in problems:
        print("wrong:", problem)
    if not problems:
        print(f"as it was made: {len(names)} files, {cover['rows']} rows, "
              f"head {cover['head']['index']}:{cover['head']['hash']}")
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
