#!/usr/bin/env python3
"""Makes a Git repository with a long history of merges, for `make bench`.

    make-git-repository.py FOLDER [--commits 10000] [--every 5] [--side 1] [--files 400]
                           [--line merges|direct]

The history is written with `git fast-import`, so that 10,000 commits take a second. With `merges`
the branch `main` is a line of merges, each of a branch of `--side` commits; every so many of those
branches bring a script in `migrations/`, and all change the application beside it. With `direct`
all commits are straight on `main`. The content follows from the arguments alone.
"""
import argparse
import pathlib
import subprocess
import sys

PEOPLE = ["Ann", "Bob", "Cem", "Dana", "Eve"]


class Stream:
    def __init__(self, pipe):
        self.pipe = pipe
        self.time = 1_700_000_000
        self.count = 0

    def commit(self, branch, message, parents, files, person):
        self.count += 1
        self.time += 600
        text = message.encode()
        who = f"{person} <{person.lower()}@example.com> {self.time} +0100".encode()
        lines = [b"commit " + branch, b"mark :%d" % self.count, b"author " + who,
                 b"committer " + who, b"data %d" % len(text), text]
        if parents:
            lines.append(b"from :%d" % parents[0])
        lines += [b"merge :%d" % parent for parent in parents[1:]]
        for path, content in files:
            data = content.encode()
            lines += [b"M 100644 inline " + path.encode(), b"data %d" % len(data), data]
        self.pipe.write(b"\n".join(lines) + b"\n")
        return self.count


def script(number):
    columns = "".join(f"    column_{index} integer NOT NULL DEFAULT {index},\n"
                      for index in range(number % 7 + 3))
    return f"CREATE TABLE table_{number} (\n{columns}    id integer PRIMARY KEY\n);\n"


def application(number, files):
    name = number * 7919 % files
    return (f"src/module_{name % 20:02}/part_{name % 5}/file_{name:04}.txt",
            f"line {number}\n" * 20)


def write(stream, arguments):
    main = b"refs/heads/main"
    start = [application(number, arguments.files) for number in range(arguments.files)]
    start += [("README.md", "A shop.\n"), ("migrations/V0__begin.sql", script(0))]
    tip = stream.commit(main, "Begin", [], start, PEOPLE[0])
    branches = 0
    while stream.count < arguments.commits:
        branches += 1
        author = PEOPLE[branches % len(PEOPLE)]
        brings = branches % arguments.every == 0
        path = f"migrations/V{branches}__table_{branches}.sql"
        files = [application(stream.count, arguments.files)]
        if brings:
            files.append((path, script(branches)))
        if arguments.line == "direct":
            tip = stream.commit(main, f"Change {branches} (#{branches})", [tip], files, author)
            continue
        side = tip
        brought = []
        for step in range(arguments.side):
            step_files = files if step == 0 else [application(stream.count, arguments.files)]
            brought += step_files
            side = stream.commit(
                b"refs/heads/side", f"Step {step} of {branches}\n\nRefs: SHOP-{branches}", [side],
                step_files, author)
        merger = PEOPLE[(branches + 1) % len(PEOPLE)]
        tip = stream.commit(
            main, f"Merge pull request #{branches} from shop/SHOP-{branches}\n\nTable {branches}",
            [tip, side], brought, merger)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=5)
    parser.add_argument("--files", type=int, default=400)
    parser.add_argument("--side", type=int, default=1)
    parser.add_argument("--line", choices=["merges", "direct"], default="merges")
    arguments = parser.parse_args()
    git = ["git", "-c", "gc.auto=0", "-C", str(arguments.folder)]
    arguments.folder.mkdir(parents=True)
    subprocess.run(git + ["init", "-q", "-b", "main"], check=True)
    importer = subprocess.Popen(git + ["fast-import", "--quiet"], stdin=subprocess.PIPE)
    write(Stream(importer.stdin), arguments)
    importer.stdin.close()
    if importer.wait() != 0:
        sys.exit("git fast-import failed")
    subprocess.run(git + ["branch", "-q", "-D", "side"], check=False,
                   stderr=subprocess.DEVNULL)
    # As a clone would be: one pack, with deltas.
    subprocess.run(git + ["repack", "-q", "-a", "-d"], check=True)


if __name__ == "__main__":
    main()
