#!/bin/sh
# What holds the service against its OpenAPI document, and our reading of SQL against PostgreSQL's,
# in an environment of its own. Without it those tests are skipped.
set -eu

requirements=$(dirname "$0")/requirements.txt
tools=$(dirname "$0")/../../.build/python
cmp -s "$requirements" "$tools/requirements.txt" && exit 0
echo 'installing what tests the HTTP contract and the reading of SQL' >&2
if python3 -m venv --clear "$tools" &&
    "$tools/bin/python" -m pip install -q --disable-pip-version-check -r "$requirements"; then
    cp "$requirements" "$tools/requirements.txt"
else
    rm -rf "$tools"
    echo 'ledger: without PyPI the tests of the HTTP contract and of SQL are skipped' >&2
fi
