# SPDX-License-Identifier: Apache-2.0
"""What the checks of tests/lint share.

A check is an executable with a function check(src, build) that yields one
line per fault, and a list PLANTED of small trees, each with a fault the
check must find (a lint that cannot fail is no lint).  It is called as

    CHECK SRC BUILD      print the faults; exit 1 if there are any
    CHECK --self-test    plant each fault; exit 1 if one is not found

A planted tree is a dict of file name to text; None stands for a clean tree.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOMS = ["base", "fhir", "store", "auth", "fcgi", "fcgi/rest", "fcgi/smart",
         "cli"]


def room_files(src, *endings):
    """Paths of the rooms' files, relative to src, sorted."""
    for room in ROOMS:
        for path in sorted(pathlib.Path(src, room).glob("*")):
            if path.suffix in endings:
                yield str(path.relative_to(src))


def room_of(name):
    return os.path.dirname(name)


def text(src, name):
    return pathlib.Path(src, name).read_text(encoding="utf-8")


def code(source):
    """The source without comments and the contents of strings; lines stay."""
    def blank(m):
        s = m.group(0)
        if s[0] in "\"'":
            return s[0] * 2
        return re.sub(r"[^\n]", " ", s)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"'
                  r"|'(?:\\.|[^'\\\n])*'", blank, source, flags=re.S)


def includes(src, name):
    """(line, header) of our own headers; headers of the system are not."""
    for n, line in enumerate(text(src, name).splitlines(), 1):
        m = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if m:
            yield n, m.group(1)


def run(*argv, env=None):
    """(exit status, what it printed on both streams)."""
    p = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, errors="replace", timeout=120, env=env)
    return p.returncode, p.stdout


def plant(tree, folder):
    for name, content in tree.items():
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        if content.startswith("#!"):
            path.chmod(0o755)


def self_test(check, planted, clean):
    bad = 0
    for i, tree in enumerate(planted + clean):
        with tempfile.TemporaryDirectory() as folder:
            plant(tree, folder)
            found = list(check(folder, folder))
        if i < len(planted) and not found:
            print(f"self-test: planted fault {i} was not found")
            bad += 1
        elif i >= len(planted) and found:
            print(f"self-test: clean tree {i - len(planted)}: {found[0]}")
            bad += 1
    return bad


def main(check, planted, clean):
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(1 if self_test(check, planted, clean) else 0)
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} SRC BUILD | --self-test")
    bad = 0
    for fault in check(sys.argv[1], sys.argv[2]):
        print(fault)
        bad += 1
    sys.exit(1 if bad else 0)
