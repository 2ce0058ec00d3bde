#!/bin/sh
# Installs what building and the demo need, and the packages that are named, where Debian or Ubuntu
# can; else says what.
set -eu

packages="libsqlite3-dev libgit2-dev libssl-dev git sqlite3 $*"

if ! command -v swift >/dev/null 2>&1; then
    echo 'ledger: a Swift 6.1 toolchain or later is needed: https://www.swift.org/install' >&2
    exit 1
fi

missing=''
if command -v dpkg-query >/dev/null 2>&1; then
    for package in $packages; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        # What is a command may come from elsewhere.
        [ "$status" = installed ] || command -v "$package" >/dev/null 2>&1 ||
            missing="$missing $package"
    done
else
    for package in $packages; do
        case $package in
            libssl-dev) library=libcrypto ;;
            libsqlite3-dev) library=sqlite3 ;;
            libgit2-dev) library=libgit2 ;;
            python3-venv) continue ;; # Debian's name for a part of Python
            *) command -v "$package" >/dev/null 2>&1 || missing="$missing $package"; continue ;;
        esac
        pkg-config --exists "$library" 2>/dev/null || missing="$missing $library"
    done
fi
[ -z "$missing" ] && exit 0

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
