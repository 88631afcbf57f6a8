# SPDX-License-Identifier: Apache-2.0
"""Node programs of tests/: their packages, in the versions of their lock.

    where = npm.ready("browser")        # a folder with node_modules
    passed, failed = npm.node(where, "main.mjs", facts)

What is installed lies below BUILD/npm and stays there for the next run.
"""

import glob
import json
import os
import shutil
import subprocess

import testsite

LEAST = 18      # Debian 12's


class Missing(Exception):
    """What a suite needs and this machine has not."""


def ready(name):
    """tests/NAME copied beside its packages; ECMAScript finds them there."""
    src = os.path.join(testsite.SRC, "tests", name)
    out = os.path.join(testsite.BUILD, "npm", name)
    version()
    os.makedirs(out, exist_ok=True)
    for path in glob.glob(src + "/*.mjs"):
        shutil.copy(path, out)
    lock = os.path.join(src, "package-lock.json")
    stamp = os.path.join(out, "installed")
    if not same(lock, stamp):
        for path in (lock, os.path.join(src, "package.json")):
            shutil.copy(path, out)
        install(out)
        shutil.copy(lock, stamp)
    return out


def version():
    for program in ("node", "npm"):
        if not shutil.which(program):
            raise Missing(f"{program} is not installed")
    said = subprocess.run(["node", "--version"], capture_output=True,
                          text=True, check=True).stdout
    if int(said.lstrip("v").split(".")[0]) < LEAST:
        raise Missing(f"node {said.strip()} is older than {LEAST}")


def same(a, b):
    try:
        with open(a, "rb") as f, open(b, "rb") as g:
            return f.read() == g.read()
    except FileNotFoundError:
        return False


def install(where):
    """No script of a package runs; its optional ones are for telephones."""
    p = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--omit=optional",
         "--legacy-peer-deps", "--no-audit", "--no-fund"],
        cwd=where, capture_output=True, text=True, check=False)
    if p.returncode:
        raise Missing("npm ci: " + p.stderr[-500:])


def node(where, script, facts, seconds=600):
    """Runs it with facts.json; what it counted, (passed, failed).

    Its output goes through; a script that ends without a count is a failure.
    """
    path = os.path.join(where, "facts.json")
    counts = os.path.join(where, "counts.json")
    for old in (path, counts):
        if os.path.exists(old):
            os.unlink(old)
    # passwords of a site that lives as long as this test
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600),
              "w", encoding="utf-8") as f:
        json.dump({**facts, "counts": counts}, f)
    try:
        status = subprocess.run(["node", script, path], cwd=where,
                                timeout=seconds, check=False).returncode
        if status == 0 and os.path.exists(counts):
            with open(counts, encoding="utf-8") as f:
                n = json.load(f)
            return n["passed"], n["failed"]
        print(f"FAIL {script} ended with {status}")
        return 0, 1
    finally:
        os.unlink(path)


def skip(why):
    """The whole suite, and why; its status."""
    print(f"skipped: {why}")
    print("0 passed, 0 failed, 1 skipped")
    return 0
