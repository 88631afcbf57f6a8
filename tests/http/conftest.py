# SPDX-License-Identifier: Apache-2.0
"""The site the tests ask: the samples and some odd resources, served.

TIPHYS_MODE=cgi serves them by mod_cgi instead of the pool; the suite cgi
runs what is marked "anywhere" so.
"""

import json
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))

import odd          # noqa: E402
import oracle       # noqa: E402
import testsite     # noqa: E402

MODE = os.environ.get("TIPHYS_MODE", "fastcgi")
CORPUS = os.environ.get("TIPHYS_CORPUS")
SAMPLES = os.path.join(testsite.SRC, "examples/patients")
# Those of examples/patients; odd.PATIENT and the corpus come on top.
SIX = ("ella", "ines", "marcus", "samuel", "tomasz", "yuki")


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "anywhere: holds in CGI mode as well")


class World(testsite.Site):
    """A site with tokens, and the oracle of what it holds."""

    def __init__(self, files, **kw):
        super().__init__(load=files, mode=MODE, **kw)
        self.oracle = oracle.Oracle(self.base)
        for path in files:
            self.oracle.add(oracle.resources(path))

    def token(self, patient=None, scope=None):
        """A patient's token, or the clinician's; minted once."""
        scope = scope or ("patient/*.read" if patient else "user/*.read")
        key = scope, patient
        if key not in self.tokens:
            self.tokens[key] = self.mint(
                scope, patient, None if patient else "dr-lee")
        return self.tokens[key]

    def load(self, *found):
        """More resources, through the tool."""
        text = "".join(json.dumps(r) + "\n" for r in found)
        self.tool("load", "-", stdin=text)
        self.oracle.add(found)

    def load_odd(self):
        path = os.path.join(self.dir, "odd.ndjson")
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(r) + "\n" for r in odd.all(self.base))
        self.tool("load", path)
        self.oracle.add(oracle.resources(path))

    def bundle(self, query, token, status=200, **kw):
        a = self.get(query, token, **kw)
        assert a.status == status, (query, a)
        return a.json()

    def found(self, query, token, **kw):
        """The ids of the matches on all pages, in order."""
        if "_count" not in query:
            query += ("&" if "?" in query else "?") + "_count=1000"
        ids, b = [], self.bundle(query, token, **kw)
        while True:
            ids += [e["resource"]["id"] for e in b.get("entry", [])
                    if e["search"]["mode"] == "match"]
            nxt = [x["url"] for x in b["link"] if x["relation"] == "next"]
            if not nxt:
                assert b["total"] == len(ids), query
                return ids
            assert nxt[0].startswith(self.base + "/")
            b = self.bundle(nxt[0][len(self.base):], token)


def sources():
    files = [SAMPLES]
    if CORPUS and MODE == "fastcgi":
        top = os.path.join(CORPUS, "populations/argonaut")
        files += [top + "/infrastructure.ndjson", top + "/sample"]
    return files


@pytest.fixture(scope="session")
def world():
    """Read only: who changes it takes a site of its own."""
    with World(sources()) as w:
        w.load_odd()
        yield w


@pytest.fixture(scope="session")
def clinician(world):
    return world.token()
