# SPDX-License-Identifier: Apache-2.0
"""Searches of every kind at growing stores, to the bare baseline.

A row of KINDS is a kind of search; it is measured at each size of the plan,
with its own baseline, which answers a body of its middle length.  Stores
are those of "tiphys synth": the first patients of a larger one are those of
a smaller one.
"""

import json
import os
import re
import sys
import time
from urllib.parse import quote, urlsplit

import measure
import world
from items import Row, versus
from measure import Failed, interleaved, median, ratio

sys.path.insert(0, os.path.join(world.HERE, "../tests/lib"))

EACH = 148              # resources of a patient, about
ASKED = 8               # searches of a kind, asked in turn
TRIED = 3 * ASKED       # of which they are the middle ones by length
COUNT = "&_count=20"
SLOW = 100              # answers, one by one, that a window has room for...
LONGEST = 20            # ...but no longer than this, s
FAR_COUNT = 5           # entries of a page, where the thousandth is wanted


class Kind:
    """make: what to ask of a Clinic, as paths below the base.

    own: with a patient's own token, else a clinician's.  goal None: shown
    only; what it costs hangs on what it returns.
    """

    def __init__(self, name, make, own=False, goal=None):
        self.name, self.make, self.own, self.goal = name, make, own, goal


def of_patients(text):
    return lambda c: [text.format(p) for p in c.some_patients()]


def each(member, text):
    return lambda c: [text.format(quote(x, safe=""))
                      for x in c.some_values(member)]


KINDS = [
    Kind("patient", of_patients(
        "Observation?patient={}&category=vital-signs&date=ge2023-01-01" +
        COUNT), own=True, goal=0.85),
    Kind("name", each("family", "Patient?name={}" + COUNT)),
    Kind("identifier", each("identifier", "Patient?identifier={}")),
    Kind("code", lambda c: ["Observation?code=http%3A%2F%2Floinc.org%7C" +
                            x + COUNT for x in
                            ("8867-4", "29463-7", "55284-4", "9279-1")]),
    Kind("chain", each("family", "Observation?code=29463-7"
                       "&subject:Patient.family={}" + COUNT)),
    Kind("include", of_patients(
        "MedicationOrder?patient={}&_include=MedicationOrder:medication"
        "&_include=MedicationOrder:prescriber" + COUNT)),
    Kind("revinclude", of_patients(
        "Encounter?patient={}&_revinclude=Condition:encounter" + COUNT)),
    Kind("has", lambda c: [f"Patient?_has:Condition:patient:code={x}" + COUNT
                           for x in ("44054006", "38341003", "195967001")]),
    Kind("sorted", lambda c: [f"Observation?code={x}&_sort=date" + COUNT
                              for x in ("8867-4", "29463-7", "9279-1")]),
    Kind("sorted-far", lambda c: [c.far("Observation?_sort=date")]),
]


class Clinic(world.World):
    """A site with the population of "tiphys synth", seed 1."""

    MOUNTS = tuple(f"m{i:03d}" for i in range(len(KINDS)))

    def __init__(self, size):
        self.size = size
        self.pages = {}
        super().__init__(max(TRIED, size // EACH))

    def fill(self):
        self.minted = {}
        self.tool("synth", "-n", str(self.patients), "-s", "1", "--load",
                  "--alone")

    def token(self, p):
        if p not in self.minted:
            self.minted[p] = self.mint("patient/*.read", p) if p else \
                self.mint("user/*.read", user="bench")
        return self.minted[p]

    def ids(self, n):
        return [f"p1-{i}" for i in self.some(n)]

    def some_patients(self):
        return self.ids(TRIED)

    def some_values(self, member):
        out = []
        for p in self.ids(TRIED):
            r = self.answer("/Patient/" + p)
            out.append(r["name"][0]["family"][0] if member == "family" else
                       r["identifier"][0]["system"] + "|" +
                       r["identifier"][0]["value"])
        return out

    def answer(self, path, token=None):
        got = self.get(path, token or self.token(None))
        if got is None or got.status != 200:
            raise Failed(f"{path}: {got and got.body[:300]}")
        return json.loads(got.body)

    def far(self, path):
        """The thousandth page, in a small store a tenth of its size."""
        if path in self.pages:
            return self.pages[path]
        url = f"/{path}&_count={FAR_COUNT}"
        for _ in range(min(1000, self.size // 20) - 1):
            links = {x["relation"]: x["url"]
                     for x in self.answer(url)["link"]}
            if "next" not in links:
                raise Failed(f"{path}: no thousandth page")
            parts = urlsplit(links["next"])
            url = parts.path[len("/fhir"):] + "?" + parts.query
        self.pages[path] = url[1:]
        return self.pages[path]

    def requests(self, kind):
        """Those of the kind whose answers are of middle length."""
        found = []
        for path in kind.make(self):
            m = re.search(r"patient=([^&]+)", path)
            token = self.token(m.group(1) if kind.own else None)
            got = self.get("/" + path, token)
            if got is None or got.status != 200:
                raise Failed(f"{path}: {got and got.body[:300]}")
            found.append((len(got.body), "/fhir/" + path, token))
        found.sort()
        first = max(0, (len(found) - ASKED) // 2)
        found = found[first:first + ASKED]
        middle = len(found) // 2
        return [x[1:] for x in found[middle:] + found[:middle]]


def stores(b):
    """{"1e4": Clinic}, made when first wanted."""
    for size in b.plan.sizes:
        name = f"{size:.0e}".replace("e+0", "e")
        if name not in b.worlds:
            w = b.worlds[name] = Clinic(size)
            w.start()
        yield name, b.worlds[name]


def one(b, w, kind, mount):
    """The row's two sides, interleaved."""
    own = w.requests(kind)
    size = w.start_bare(mount, *own[0])
    bare = [(p.replace("/fhir/", f"/{mount}/", 1), t) for p, t in own]
    files = {"fhir": w.file("fhir.txt", own), mount: w.file("b.txt", bare)}
    pids = {"fhir": w.pids(), mount: w.bare_pids[mount]}
    began = time.monotonic()
    w.get(own[0][0][len("/fhir"):], own[0][1])
    seconds = min(LONGEST, max(b.plan.window, SLOW * (time.monotonic() -
                                                      began)))
    got = interleaved(b.plan, {
        m: lambda m=m: measure.loaded(w.url(), files[m], seconds, pids[m])
        for m in ("fhir", mount)})
    w.stop_bare(mount)
    return got, f"{versus(got, mount)}; {size} bytes"


def flat(b, worlds):
    """Patient-scoped at the largest store, against the smallest."""
    kind, names = KINDS[0], list(worlds)
    small, big = worlds[names[0]], worlds[names[-1]]
    files = {w: w.file("flat.txt", w.requests(kind)) for w in (small, big)}
    got = interleaved(b.plan, {
        w: lambda w=w: measure.loaded(w.url(), files[w], b.plan.window,
                                      w.pids()) for w in (small, big)})
    return Row("patient-flat", ratio(got[big], got[small]), 0.90,
               f"{median(got[big], 'rate'):.0f}/s of "
               f"{median(got[small], 'rate'):.0f}/s; {names[-1]} resources "
               f"of {names[0]}")


def searches(b):
    worlds = dict(stores(b))
    failed = []
    for i, kind in enumerate(KINDS):
        for name, w in worlds.items():
            try:
                got, note = one(b, w, kind, w.MOUNTS[i])
            except Failed as e:         # the others are measured still
                failed.append(f"{kind.name}-{name}: {e}")
                continue
            yield Row(f"{kind.name}-{name}",
                      ratio(got["fhir"], got[w.MOUNTS[i]]), kind.goal, note)
    if len(worlds) > 1:
        yield flat(b, worlds)
    if failed:
        raise Failed("; ".join(failed))
