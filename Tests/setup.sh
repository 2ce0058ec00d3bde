#!/bin/sh
# Installs what building, testing and the demo need, and the packages that are named, where Debian
# or Ubuntu can; else says what.
set -eu

packages="libsqlite3-dev libgit2-dev libssl-dev git sqlite3 python3 python3-venv curl dash busybox $*"

if ! command -v swift >/dev/null 2>&1; then
    echo 'ledger: a Swift 6.1 toolchain or later is needed: https://www.swift.org/install' >&2
    exit 1
fi

# What holds the service against its OpenAPI document, and our reading of SQL against PostgreSQL's,
# in an environment of its own. Without it those tests are skipped.
install_contract_tools() {
    requirements=$(dirname "$0")/Contract/requirements.txt
    tools=$(dirname "$0")/../.build/python
    cmp -s "$requirements" "$tools/requirements.txt" && return
    echo 'installing what tests the HTTP contract and the reading of SQL' >&2
    if python3 -m venv --clear "$tools" &&
        "$tools/bin/python" -m pip install -q --disable-pip-version-check -r "$requirements"; then
        cp "$requirements" "$tools/requirements.txt"
    else
        rm -rf "$tools"
        echo 'ledger: without PyPI the tests of the HTTP contract and of SQL are skipped' >&2
    fi
}

missing=''
if command -v dpkg-query >/dev/null 2>&1; then
    for package in $packages; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        # What is a command may come from elsewhere.
        [ "$status" = installed ] || command -v "$package" >/dev/null 2>&1 ||
            missing="$missing $package"
    done
else
    for command in git sqlite3 python3 curl dash busybox; do
        command -v "$command" >/dev/null 2>&1 || missing="$missing $command"
    done
    for library in sqlite3 libgit2 libcrypto; do
        pkg-config --exists "$library" 2>/dev/null || missing="$missing $library"
    done
fi
if [ -z "$missing" ]; then
    install_contract_tools
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "ledger: please install, with their headers:$missing" >&2
    exit 1
fi
sudo=''
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "ledger: please install as root: apt-get install$missing" >&2
        exit 1
    fi
    sudo=sudo
fi
echo "installing$missing" >&2
$sudo apt-get update -qq
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
install_contract_tools
