# SPDX-License-Identifier: Apache-2.0
"""A store of its own for each test, and the tool to work on it."""

import glob
import json
import os
import re
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.environ.get("SRC") or os.path.realpath(HERE + "/../..")
TIPHYS = os.path.join(os.environ.get("BUILD") or SRC + "/build", "tiphys")
PATIENTS = os.path.join(SRC, "examples/patients")
CORPUS = os.environ.get("TIPHYS_CORPUS", "")
BASE = "http://127.0.0.1:8080/fhir"
ISSUER = "http://127.0.0.1:8080/auth"
ROOT = os.geteuid() == 0

sys.path.insert(0, HERE)


def as_self(options=()):
    """Who runs the tests keeps what init makes, root as well."""
    return ("--user", "root") if ROOT and "--user" not in options else ()


class Tool:
    """A data directory, and tiphys -c its configuration."""

    def __init__(self, folder, *options):
        self.dir = str(folder)
        self.conf = self.dir + "/tiphys.conf"
        p = run("init", "--dir", self.dir, "--base-url", BASE,
                *as_self(options), *options)
        assert p.returncode == 0, p.stderr

    def __call__(self, *args, **kw):
        return run("-c", self.conf, *args, **kw)

    def popen(self, *args, **kw):
        return subprocess.Popen([TIPHYS, "-c", self.conf, *args],
                                stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, **kw)

    def export(self, *args):
        p = self("export", *args)
        assert p.returncode == 0, p.stderr
        return p.stdout.splitlines()

    def whole(self):
        p = self("check")
        return (p.returncode, p.stdout) == (0, "The store is whole.\n")


def run(*args, status=None, text=True, **kw):
    if "input" not in kw and "stdin" not in kw:
        kw["stdin"] = subprocess.DEVNULL
    p = subprocess.run([TIPHYS, *map(str, args)], text=text, timeout=120,
                       capture_output=True, **kw)
    if status is not None:
        assert p.returncode == status, (p.returncode, p.stdout, p.stderr)
    return p


class Desk(Tool):
    """With guard/, for the commands on users and clients."""

    def __init__(self, folder):
        super().__init__(folder, "--issuer", ISSUER)
        with open(self.conf, "r+") as f:    # the least that is allowed
            text = re.sub(r"(password-memory = )\d+", r"\g<1>19922944",
                          f.read())
            text = re.sub(r"(password-passes = )\d+", r"\g<1>1", text)
            f.seek(0)
            f.truncate()
            f.write(text)

    def json(self, *args, **kw):
        """Its answer, one object or nothing."""
        rows = self.rows(*args, **kw)
        assert len(rows) <= 1, rows
        return rows[0] if rows else None

    def rows(self, *args, **kw):
        p = self(*args, "--json", status=0, **kw)
        assert p.stderr == "", "with --json no notes"
        return [json.loads(line) for line in p.stdout.splitlines()]

    def fault(self, *args, status, **kw):
        p = self(*args, status=status, **kw)
        assert p.stdout == ""
        assert p.stderr.startswith("tiphys: ")
        return p.stderr


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    d = Desk(tmp_path_factory.mktemp("desk") / "data")
    who = {"patient": {"reference": "Patient/p1"}}
    d("load", "-", status=0, input=lines(
        patient("p1"), patient("p2"),
        {"resourceType": "Practitioner", "id": "d1"},
        dict(who, resourceType="RelatedPerson", id="r1"),
        dict(who, resourceType="RelatedPerson", id="r")))
    return d


@pytest.fixture
def tool(tmp_path):
    return Tool(tmp_path / "data")


@pytest.fixture
def make(tmp_path):
    """make("name", *options): further stores."""
    return lambda name, *options: Tool(tmp_path / name, *options)


def patient(pid="p1", **more):
    return dict({"resourceType": "Patient", "id": pid}, **more)


def observation(oid, subject="p1", **more):
    return dict({"resourceType": "Observation", "id": oid, "status": "final",
                 "code": {"text": "x"},
                 "subject": {"reference": f"Patient/{subject}"}}, **more)


def bundle(*resources, kind="transaction"):
    return {"resourceType": "Bundle", "type": kind,
            "entry": [{"resource": r} for r in resources]}


def lines(*values):
    return "".join(json.dumps(v) + "\n" for v in values)


def bare(line):
    """A stored resource without what the server sets."""
    return re.sub(r'"versionId":"\d+","lastUpdated":"[^"]*",?', "", line, 1)


def samples():
    return sorted(glob.glob(PATIENTS + "/*.ndjson"))
