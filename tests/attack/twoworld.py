#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two worlds that differ in what A may not see must give A the same bytes.

Random requests from a grammar of reads and searches (fixed seed) go to two
sites, one with each world of world.py, with a token for patient A.  Answers
are compared whole, headers too, less what is of the moment (dates, the port,
the sealed cursor, whose length still counts); next pages are followed in
both.  So is the work: the store's own count of reads stands in the log of
each request.  Attack case SRC-01, oracle O2.

usage: twoworld.py [--requests N] [--seed N] [--server SERVER]
"""

import argparse
import random
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import runner                   # first: it puts tests/lib on the path
import expect
import fcgi
import tables
import wire
import world

TOKENS = {n: runner.TOKENS[n] for n in ("tA", "tLim", "tSys")}
SORTED = ("date", "string", "token", "reference", "uri", "number", "quantity")
PAGES = 4                           # followed at most
SPELLINGS = ["patient=", "patient=Patient/", "subject=Patient/",
             "subject:Patient=", "subject:Patient=Patient/", "subject._id=",
             "subject:Patient._id=", "performer=Patient/"]
MASKS = [(re.compile(p), r) for p, r in (
    (rb'"lastUpdated":"[^"]{24}"', b'"lastUpdated":"?"'),
    (rb"Last-Modified: [^\r\n]{29}", b"Last-Modified: ?"),
    (rb"127\.0\.0\.1:\d{5}", b"127.0.0.1:?"))]
CURSOR = re.compile(rb"_cursor=([A-Za-z0-9_-]+)")


class Grammar:
    """Requests: paths and queries over every type."""

    def __init__(self, seed, worlds):
        self.r = random.Random(seed)
        self.params = tables.params()
        self.marks = sorted({m for w in worlds for m in w.marks.values()})
        self.ids = {}
        for w in worlds:
            for kind, rid in w.owner:
                self.ids.setdefault(kind, set()).add(rid)
        self.ids = {k: sorted(v) for k, v in self.ids.items()}
        self.dates = sorted({d for w in worlds for d in w.dates.values()})

    def kind(self):
        if self.r.random() < 0.3:
            return self.r.choice(["Observation", "Condition", "Patient"])
        return self.r.choice(world.TYPES)

    def rid(self, kind):
        if self.r.random() < 0.1:
            return "never-was"
        return self.r.choice(self.ids[kind])

    def one(self):
        """(method, target, body)"""
        kind = self.kind()
        way = self.r.random()
        if way < 0.05:
            return "GET", "/Patient/" + self.r.choice(
                ["", "pA/", "pA/", "pB/", "never-was/"]) + "$everything" + (
                self.r.choice(["", "?_count=2", "?_count=1000",
                               "?start=1960", "?end=2002&_count=3"])), None
        if way < 0.2:
            return "GET", f"/{kind}/{self.rid(kind)}" + self.r.choice(
                ["", "", "/_history", "/_history/1", "/_history/2",
                 "?_summary=true", "?_summary=text"]), None
        if way < 0.3:
            who = self.r.choice(["pA", "pB", "pC", "never-was"])
            return "GET", f"/Patient/{who}/{kind}" + self.query(kind), None
        if way < 0.4:
            return "POST", f"/{kind}/_search", self.query(kind)[1:]
        return "GET", f"/{kind}" + self.query(kind), None

    def query(self, kind):
        parts = [self.criterion(kind)
                 for _ in range(self.r.choice([0, 0, 1, 1, 2, 3]))]
        if self.r.random() < 0.5:
            parts.append(f"_count={self.r.choice([0, 1, 1, 2, 3, 1000])}")
        if self.r.random() < 0.3:
            parts.append(self.sort(kind))
        if self.r.random() < 0.2:
            parts.append(self.include(kind))
        if self.r.random() < 0.1:
            parts.append("_summary=" + self.r.choice(
                ["true", "text", "data", "count"]))
        self.r.shuffle(parts)
        return "?" + "&".join(parts) if parts else ""

    def code(self, kind, *sorts):
        some = [p for p in self.params.get(kind, [])
                if not sorts or p[1] in sorts]
        return self.r.choice(some) if some else None

    def criterion(self, kind):
        if self.r.random() < 0.1:
            return self.r.choice(SPELLINGS) + self.r.choice(
                ["pA", "pB", "pC", "never-was"])
        p = self.code(kind)
        if p is None or self.r.random() < 0.15:
            ids = ",".join(self.rid(kind)
                           for _ in range(self.r.randint(1, 4)))
            return "_id=" + ids
        code, sort = p[0], p[1]
        if self.r.random() < 0.1:
            return code + ":missing=" + self.r.choice(["true", "false"])
        mod = ""
        if sort == "string":
            mod = self.r.choice(["", "", ":exact", ":contains"])
        if sort == "token":
            mod = self.r.choice(["", "", "", ":not"])
        values = [self.value(kind, sort)
                  for _ in range(self.r.choice([1, 1, 1, 2, 3]))]
        return code + mod + "=" + ",".join(quote(v, safe="") for v in values)

    def value(self, kind, sort):
        r = self.r
        mark = r.choice(self.marks)
        if sort == "string":
            return r.choice([mark, "zq", mark[:4], "nobody",
                             f"{mark} {kind}{r.randint(1, 9)}"])
        if sort == "token":
            return r.choice([mark, "active", f"http://hospital.test/{mark}|",
                             f"http://hospital.test/{mark}|{mark}", "true",
                             "|" + mark])
        if sort == "uri":
            return "http://hospital.test/" + mark
        if sort == "date":
            return r.choice(["", "ge", "le", "gt", "lt", "ne", "sa", "eb",
                             "ap"]) + r.choice(self.dates + ["2003", "1950"])
        if sort in ("number", "quantity"):
            return r.choice(["", "ge", "lt", "ne", "ap"]) + r.choice(
                ["7", "7.5", "11", "23.5", "0", "13.5"])
        if sort == "composite":
            return mark + "$" + mark
        to = r.choice([kind, "Patient", "Practitioner", "Observation"])
        return f"{to}/{self.rid(to)}"

    def sort(self, kind):
        p = self.code(kind, *SORTED)
        code = p[0] if p and self.r.random() < 0.7 else self.r.choice(
            ["_lastUpdated", "_id", "_tag"])
        return self.r.choice(["_sort=", "_sort:desc=", "_sort:asc=",
                              "_sort=-"]) + code

    def include(self, kind):
        p = self.code(kind, "reference")
        return f"_include={kind}:{p[0] if p else 'x'}"


class Twin:
    """One of the two sites."""

    def __init__(self, site):
        self.site = site

    def ask(self, method, target, body, token, rid):
        headers = [("Authorization", "Bearer " + self.site.tokens[token]),
                   ("X-Request-Id", rid)]
        if body is not None:
            headers.append(("Content-Type",
                            "application/x-www-form-urlencoded"))
        if self.site.server is None:
            return fcgi.request(self.site.socket, method, "/fhir" + target,
                                headers, body)
        return wire.request(self.site.port, method, "/fhir" + target,
                            headers, body)

    def work(self, count):
        """Request id to the store's work, from the log."""
        end = time.monotonic() + 5      # a line is written after its answer
        while True:
            found = dict(re.findall(r"req=(tw-\d+) .* work=(\d+)",
                                    self.site.log("fhir.log")))
            if len(found) >= count or time.monotonic() > end:
                return found
            time.sleep(0.05)


def masked(a):
    data = expect.masked(a)
    for pattern, text in MASKS:
        data = pattern.sub(text, data)
    return CURSOR.sub(lambda m: b"_cursor=" + b"?" * len(m[1]), data)


def next_page(a):
    found = re.search(rb'"relation":"next","url":"[^"]*?/fhir([^"]*)"',
                      a.body)
    return found and found[1].decode()


class Compare:
    def __init__(self, sites):
        self.twins = [Twin(s) for s in sites]
        self.pool = ThreadPoolExecutor(2)
        self.asked = []                 # (request id, what was asked)
        self.found = self.differ = self.pages = 0
        self.status = {}

    def both(self, token, *asks):
        """One request to each; the same unless two are given."""
        rid = f"tw-{len(self.asked)}"
        self.asked.append((rid, asks[0], token))
        jobs = [self.pool.submit(t.ask, *ask, token, rid)
                for t, ask in zip(self.twins, asks * 2)]
        return [j.result() for j in jobs]

    def walk(self, token, ask):
        a, b = self.both(token, ask)
        for _ in range(PAGES):
            if not self.same(token, ask, a, b):
                return
            pages = [next_page(x) for x in (a, b)]
            if None in pages:
                return
            self.pages += 1
            a, b = self.both(token, *(("GET", p, None) for p in pages))

    def same(self, token, ask, a, b):
        one, two = masked(a), masked(b)
        self.status[a.status] = self.status.get(a.status, 0) + 1
        self.found += b'"fullUrl"' in one
        if one == two:
            return True
        self.differ += 1
        if self.differ <= 10 and token != "tSys":
            i = next((i for i, (x, y) in enumerate(zip(one, two))
                      if x != y), min(len(one), len(two)))
            print(f"FAIL the worlds differ: {ask} as {token}, {a.status} and "
                  f"{b.status}\n    {one[max(0, i - 150):i + 150]!r}\n"
                  f"    {two[max(0, i - 150):i + 150]!r}")
        return False

    def unequal_work(self):
        """[(ask, token, work in one world, work in the other)]"""
        one, two = (t.work(len(self.asked)) for t in self.twins)
        return [(ask, token, one.get(rid), two.get(rid))
                for rid, ask, token in self.asked
                if rid not in one or one[rid] != two.get(rid)]


def blind(c):
    """Would a difference be seen?  Who sees all patients must see one."""
    before, faults = c.differ, 0
    for kind in ("Condition", "Observation", "Patient"):
        c.walk("tSys", ("GET", f"/{kind}?_count=1000", None))
    # (there are as many Patients in both)
    if c.differ != before + 3 or len(c.unequal_work()) < 2:
        faults += 1
        print("FAIL all patients look alike in both worlds")
    if c.found < len(c.asked) / 20:
        faults += 1
        print("FAIL hardly a search finds anything")
    return faults


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--requests", type=int, default=4000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--server", default="lighttpd")
    a = p.parse_args()
    server = None if a.server == "socket" else a.server
    with runner.build(server, variant=1, tokens=TOKENS, keys={}) as one, \
            runner.build(server, variant=2, tokens=TOKENS, keys={}) as two:
        g = Grammar(a.seed, [one.world, two.world])
        c = Compare([one, two])
        while len(c.asked) < a.requests:
            c.walk("tA" if g.r.random() < 0.9 else "tLim", g.one())
        failed = c.differ
        compared = len(c.asked)
        for ask, token, x, y in c.unequal_work():
            failed += 1
            print(f"FAIL unequal work: {ask} as {token}: {x} and {y}")
        print(f"seed {a.seed}: {compared} requests to each, answers "
              f"{c.status}, {c.found} with entries, {c.pages} further pages")
        passed = compared - failed
        failed += blind(c)
        print(f"{passed} passed, {failed} failed")
        return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
