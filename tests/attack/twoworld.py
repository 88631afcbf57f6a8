#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two worlds that differ in what A may not see must give A the same bytes.

Random reads and searches (grammar.py, fixed seed) go to two sites, one with
each world of twin.py, with tokens for patient A, and one for vital signs of
D.  Answers are compared whole, headers too, less what is of the moment
(dates, the port, the sealed cursor, whose length still counts); next pages
are followed in both.  So is the work: the store's own count of reads stands
in the log of each request.  Then each kind of search is planted a leak, by a
token that holds in one step more than it should, which must be noticed.
Attack case SRC-01, oracle O2; requirement Z02.

usage: twoworld.py [--requests N] [--seed N] [--server SERVER]
"""

import argparse
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import runner                   # first: it puts tests/lib on the path
import expect
import fcgi
import grammar
import twin
import wire

TOKENS = {n: runner.TOKENS[n] for n in ("tA", "tLim", "tSys")}
TOKENS["tVital"] = (twin.NARROW, "pD", None)
VITAL = re.findall(r"patient/(\w+)", twin.NARROW) + ["Observation"] * 6
SHARES = [("tA", None)] * 16 + [("tLim", None), ("tLim", ["Observation"])] + \
    [("tVital", VITAL)] * 4         # token, types to ask for
# A leak of each kind: what the token holds that a step must not reach, and of
# what types the search is.
LEAKS = {
    "chain": ("patient/Observation.rs user/Patient.rs", ["Observation"]),
    "has": ("patient/Patient.rs user/Observation.rs user/CarePlan.rs "
            "user/DiagnosticReport.rs user/List.rs", ["Patient"]),
    "include": ("patient/Observation.rs user/Patient.rs", ["Observation"]),
    "revinclude": ("patient/Patient.rs user/Observation.rs", ["Patient"]),
    "list": ("patient/Condition.rs user/List.rs", ["Condition"]),
    "contained": ("patient/Practitioner.rs user/Observation.rs",
                  ["Practitioner"]),
    "within": ("patient/Patient.rs user/Observation.rs", ["Observation"]),
}
for kind in ("leaf", "filter", "words", "value set", "total", "sort", "page"):
    LEAKS[kind] = ("user/Condition.rs user/Patient.rs", ["Condition",
                                                         "Patient"])
LEAKS["system"] = ("patient/*.rs user/Flag.rs", ["Flag"])
TRIES = 5000                        # of a leak, until it must have shown
PAGES = 4                           # followed at most
MASKS = [(re.compile(p), r) for p, r in (
    (rb'"(lastUpdated|lastModified|recorded)":"[^"]{24}"', rb'"\1":"?"'),
    (rb'urn:uuid:[0-9a-f-]{36}', b"urn:uuid:?"),
    (rb"Last-Modified: [^\r\n]{29}", b"Last-Modified: ?"),
    (rb"127\.0\.0\.1:\d{5}", b"127.0.0.1:?"))]
# An id that a server drew.
DRAWN = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
MADE = re.compile(r"<<(\d+)>>")             # the n-th of them, in a request
CURSOR = re.compile(rb"_cursor=([A-Za-z0-9_-]+)")


class Twin:
    """One of the two sites."""

    def __init__(self, site):
        self.site = site
        self.drawn = {}                 # id to its number

    def own(self, text):
        """A request with this site's own ids in it."""
        if "<<" not in text:
            return text
        ids = list(self.drawn)
        return MADE.sub(lambda m: ids[int(m[1])].decode(), text)

    def numbered(self, data):
        """An answer with numbers instead: they come in the same order."""
        return DRAWN.sub(lambda m: b"<<%d>>" % self.drawn.setdefault(
            m[0], len(self.drawn)), data)

    def ask(self, method, target, body, token, rid, more=()):
        headers = [("Authorization", "Bearer " + self.site.tokens[token]),
                   ("X-Request-Id", rid)]
        headers += [(n, self.own(v)) for n, v in more]
        target = self.own(target)
        if body is not None:
            body = self.own(body)
            headers.append(("Content-Type", "application/json+fhir"
                            if body[:1] == "{" else
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
        jobs = [self.pool.submit(t.ask, *ask[:3], token, rid, *ask[3:])
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
        one, two = (t.numbered(masked(x))
                    for t, x in zip(self.twins, (a, b)))
        self.status[a.status] = self.status.get(a.status, 0) + 1
        self.found += b'"fullUrl"' in one
        if one == two:
            return True
        self.differ += 1
        if self.differ <= 10 and not token.startswith("leak"):
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


def planted(c, g, kind):
    """Does a leak in this kind of search alone show?"""
    types, token = LEAKS[kind][1], "leak " + kind
    for _ in range(TRIES):
        before = c.differ, len(c.asked)
        c.walk(token, g.one(kind, types))
        if c.differ > before[0]:
            return True
    return False


def blind(c, g):
    """Would a difference be seen?  In each kind of search, and in the work."""
    before, faults = len(c.asked), 0
    for kind in LEAKS:
        if not planted(c, g, kind):
            faults += 1
            print(f"FAIL a leak by {kind} would not be noticed")
    if not any(token.startswith("leak") for _, token, _, _ in
               c.unequal_work()):
        faults += 1
        print("FAIL more work would not be noticed")
    print(f"{len(LEAKS)} leaks planted, {len(c.asked) - before} requests "
          "until all were noticed")
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
    tokens = dict(TOKENS, **{"leak " + kind: (scope, "pA", "alice")
                             for kind, (scope, _) in LEAKS.items()})
    with runner.build(server, variant=1, tokens=tokens, keys={},
                      make=twin.Twin) as one, \
            runner.build(server, variant=2, tokens=tokens, keys={},
                         make=twin.Twin) as two:
        g = grammar.Grammar(a.seed, [one.world, two.world])
        c = Compare([one, two])
        while len(c.asked) < a.requests:
            token, types = g.r.choice(SHARES)
            c.walk(token, g.one(types=types))
        failed = c.differ
        compared = len(c.asked)
        for ask, token, x, y in c.unequal_work():
            failed += 1
            print(f"FAIL unequal work: {ask} as {token}: {x} and {y}")
        print(f"seed {a.seed}: {compared} requests to each, answers "
              f"{c.status}, {c.found} with entries, {c.pages} further pages")
        passed = compared - failed
        failed += blind(c, g)
        print(f"{passed} passed, {failed} failed")
        return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
