#!/bin/sh
# make-archive.sh BINARY FOLDER: packs the command with the C libraries that it needs into
# FOLDER/ledger-VERSION-ARCHITECTURE.tar.gz, which runs on Debian 12, Ubuntu 22.04 and later with
# nothing installed. Left out is what every such system has: the C and C++ libraries.
set -eu

binary=$1
folder=$2
newest=2.35 # of the C library, on the oldest of these systems

version=$("$binary" --version)
name="ledger-$version-$(uname -m)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/lib" "$folder"
cp "$binary" "$work/$name/ledger"
ldd "$binary" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | while read -r library; do
    case $(basename "$library") in
    libc.so.* | libm.so.* | libpthread.so.* | libdl.so.* | librt.so.* | libresolv.so.* | \
        libgcc_s.so.* | libstdc++.so.*) ;;
    *) cp -L "$library" "$work/$name/lib/" ;;
    esac
done
for file in "$work/$name/ledger" "$work/$name/lib/"*; do
    needs=$(objdump -T "$file" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1)
    if [ "$(printf '%s\n' "GLIBC_$newest" "$needs" | sort -V | tail -1)" != "GLIBC_$newest" ]; then
        echo "$file needs $needs, and Ubuntu 22.04 has GLIBC_$newest" >&2
        exit 1
    fi
done
mkdir -p "$work/$name/share"
cp Sources/LedgerService/LedgerService.docc/Resources/* "$work/$name/share/"
tar -C "$work" --owner=0 --group=0 -czf "$folder/$name.tar.gz" "$name"
# What runs is what is in the archive, away from the libraries of this machine.
mkdir "$work/out"
tar -C "$work/out" -xzf "$folder/$name.tar.gz"
missing=$(ldd "$work/out/$name/ledger" | grep -v "$work/out" | grep -E '=> /' |
    grep -vE 'lib(c|m|pthread|dl|rt|resolv|gcc_s|stdc\+\+)\.so' || true)
if [ -n "$missing" ]; then
    echo "not taken from the archive: $missing" >&2
    exit 1
fi
"$work/out/$name/ledger" --version >/dev/null
echo "$folder/$name.tar.gz"
