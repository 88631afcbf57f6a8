#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Random writing by HTTP against a ledger that remembers everything.

Several callers create, update, delete, revive, by id and by criteria, alone
and in Bundles; each answer is compared with what the ledger (ledger.py) says
must come of it, then reads, histories and searches with what must be there.

usage: writes.py [--interactions N] [--seed N] [--server SERVER]

Each 4,000 are of a store, a ledger and a seed of their own, from the given
seed on: a ledger looks through all it holds.
"""

import argparse
import os
import re
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))

import testsite     # noqa: E402
import bundles      # noqa: E402
import deeds        # noqa: E402
from ledger import ALL, WRITE, Ledger, Refused, Story, View  # noqa: E402

FHIR = ("Content-Type", "application/json+fhir")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
ROLES = ["enterer", "assembler"]
VIEWS = [       # weight, view, scope
    (10, View("staff", {"*": ALL}), "user/*.read user/*.write"),
    (1, View("looker", {"*": {"read", "search"}}), "user/*.read"),
    (8, View("A", {"*": ALL}, "pA"), "patient/*.read patient/*.write"),
    (4, View("B", {"*": ALL}, "pB"), "patient/*.read patient/*.write"),
    (2, View("writer", {"*": WRITE}, "pA"), "patient/*.write"),
    (2, View("few", {"Observation": ALL, "Patient": {"read", "search"}},
             "pB"), "patient/Observation.read patient/Observation.write "
     "patient/Patient.read"),
]
STAFF = VIEWS[0][1]


EACH = 4000             # interactions with one store


class Differs(Exception):
    pass


def want(what, got, expected):
    if got != expected:
        raise Differs(f"{what}:\n  got      {got!r}\n  expected "
                      f"{expected!r}")


def iso(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + \
        f".{ms % 1000:03d}Z"


class Run:
    def __init__(self, site, seed):
        self.site, self.ledger = site, Ledger()
        self.draw = deeds.Drawer(seed, self.ledger)
        self.views = [v for weight, v, _ in VIEWS for _ in range(weight)]
        self.status, self.since, self.asked = {}, None, None

    def send(self, view, method, target, body=None, headers=()):
        h = list(headers)
        data = None
        if body is not None:
            h.append(FHIR)
            data = deeds.text(body)
        a = self.site.send(method, target, view.token, h, data, timeout=60)
        if a is None:
            raise Differs("no answer")
        self.status[a.status] = self.status.get(a.status, 0) + 1
        return a

    # --- writes -------------------------------------------------------------

    def fresh(self, location):
        """The id the server drew, if it did: of its form, and new."""
        m = re.search(r"/([0-9a-f]{32})/_history/1$", location or "")
        rid = m[1] if m else "none"
        if any((k, rid) in self.ledger.all for k in deeds.TYPES):
            return "none"
        return rid

    def alone(self, view):
        r = self.draw.r
        ask = self.draw.write(view)
        prefer = r.choice([None, None, "minimal", "representation",
                           "OperationOutcome"])
        h = ask.headers()
        if prefer:
            h.append(("Prefer", "return=" + prefer))
        a = self.send(view, ask.method, "/" + ask.url().replace(
            "|", "%7C"), ask.content, h)
        self.asked = (view.name, ask.method, ask.url(), h, ask.content, a)
        status, r = bundles.one(self.ledger, view, ask, self.fresh(
            a.headers.get("location")))
        want("status", a.status, status)
        if status < 300:
            self.made(view, ask, a, r, prefer)

    def made(self, view, ask, a, r, prefer):
        if status_only(ask):
            return want("body", a.body, b"")
        kind, rid, v = r
        want("ETag", a.headers.get("etag"), f'W/"{v.number}"')
        want("Location", a.headers.get("location"),
             f"{self.site.base}/{kind}/{rid}/_history/{v.number}")
        want("Last-Modified", "last-modified" in a.headers, True)
        if prefer == "minimal" or (prefer != "OperationOutcome" and
                                   not view.can("read", kind)):
            want("body", a.body, b"")
        elif prefer == "OperationOutcome":
            want("body", a.json()["resourceType"], prefer)
        else:
            self.content(deeds.parse(a.body), kind, rid, v)

    def content(self, got, kind, rid, v):
        """As it was sent, digit for digit; and the server's part of meta."""
        at = got.get("meta", {}).pop("lastUpdated", "")
        if not INSTANT.match(at):
            raise Differs(f"lastUpdated {at!r}")
        if getattr(v, "at", at) != at:
            raise Differs(f"{kind}/{rid} version {v.number} was of {v.at}, "
                          f"now it is of {at}")
        v.at = at
        want("content", got, deeds.as_client_sees(v.content, rid, v.number))

    def bundle(self, view):
        b = self.draw.r.choice([bundles.Batch, bundles.Transaction])(
            self.draw, view)
        body = b.body()
        a = self.send(view, "POST", "", body)
        self.asked = (view.name, "POST", "", (), body, a)
        entries = a.json().get("entry", []) if a.status == 200 else []
        fresh = [self.fresh(e["response"].get("location")) for e in entries]
        fresh += ["none"] * len(b.entries)
        try:
            out = b.do(self.ledger, view, fresh, self.site.base)
        except Refused as e:
            return want("status", a.status, e.status)
        want("status", a.status, 200)
        want("type", a.json()["type"], b.kind + "-response")
        want("entries", len(entries), len(b.entries))
        parsed = deeds.parse(a.body)["entry"]
        for i, (e, got, (status, r)) in enumerate(zip(b.entries, parsed,
                                                      out)):
            self.at = i
            self.entry(e.ask, got, status, r)

    def entry(self, ask, got, status, r):
        said = got["response"]
        want(f"entry {self.at}", int(said["status"][:3]), status)
        if status >= 400:
            want("refusal", got["resource"]["resourceType"],
                 "OperationOutcome")
        elif isinstance(ask, deeds.Read):
            self.content(got["resource"], ask.kind, ask.id, r)
        elif not status_only(ask):
            kind, rid, v = r
            want("etag", said["etag"], f'W/"{v.number}"')
            want("location", said["location"],
                 f"{kind}/{rid}/_history/{v.number}")
            want("body", "resource" in got, False)

    # --- reads --------------------------------------------------------------

    def read(self, view):
        ask = self.draw.read(view)
        a = self.send(view, "GET", "/" + ask.url())
        self.asked = (view.name, "GET", ask.url(), (), None, a)
        status, v = bundles.one(self.ledger, view, ask, None)
        want("status", a.status, status)
        if status == 200:
            want("ETag", a.headers.get("etag"), f'W/"{v.number}"')
            self.content(deeds.parse(a.body), ask.kind, ask.id, v)

    def tags(self, view):
        """Labels of a version change, and nothing else about it."""
        ask = self.draw.tags(view)
        a = self.send(view, "POST", "/" + ask.url(), ask.content)
        self.asked = (view.name, "POST", ask.url(), (), ask.content, a)
        status, meta = bundles.one(self.ledger, view, ask, None)
        want("status", a.status, status)
        if status == 200:
            got = a.json().get("parameter", [{"valueMeta": {}}])
            want("meta", got[0]["valueMeta"], meta)

    def search(self, view):
        r = self.draw.r
        kind = self.draw.kind()
        c = self.draw.criteria(kind, view)
        if r.random() < 0.15:
            c = deeds.Criteria("", lambda content: True)
        target = f"/{kind}?_count=1000&{c.text}".rstrip("&").replace(
            "|", "%7C")
        a = self.send(view, "GET", target)
        self.asked = (view.name, "GET", target, (), None, a)
        try:
            found = self.ledger.search(view, kind, c.holds)
        except Refused as e:
            return want("status", a.status, e.status)
        want("status", a.status, 200)
        b = deeds.parse(a.body)
        want("total", int(b["total"]), len(found))
        got = b.get("entry", [])
        ids = [e["resource"]["id"] for e in got]
        if kind == "Patient":       # a name is older than its record
            ids.sort()
            found.sort(key=lambda x: x.id)
        want("ids", ids, [x.id for x in found][:1000])
        by = {x.id: x for x in found}
        for e in got[:20]:
            x = by[e["resource"]["id"]]
            self.content(e["resource"], kind, x.id, x.now)

    # --- histories ----------------------------------------------------------

    def history(self, view):
        r = self.draw.r
        kind = rid = since = None
        way = r.random()
        if way < 0.6:
            kind = self.draw.kind()
            rid = self.draw.id(kind)
        elif way < 0.85:
            kind = r.choice(deeds.TYPES + ["Provenance"])
        elif view is not STAFF:
            return self.read(view)
        target = "/".join([""] + [x for x in (kind, rid, "_history") if x])
        count = r.choice([1, 2, 3, 7, 50])
        target += f"?_count={count}"
        if rid is None and self.since and r.random() < 0.5:
            since = self.since
            target += "&_since=" + iso(since[0])
        a = self.send(view, "GET", target)
        self.asked = (view.name, "GET", target, (), None, a)
        try:
            found = self.ledger.history(view, kind, rid)
        except Refused as e:
            return want("status", a.status, e.status)
        if since:       # those after the mark, oldest of them last
            new = {id(j if isinstance(j, Story) else j.version)
                   for j in self.ledger.journal[since[1]:]}
            found = [x for x in found
                     if id(x if isinstance(x, Story) else x[2]) in new]
        self.pages(view, a, found, count, rid is not None)

    def pages(self, view, a, found, count, instance):
        for page in range(4):
            want("status", a.status, 200)
            b = deeds.parse(a.body)
            want("type", b["type"], "history")
            if page == 0:
                want("total", int(b["total"]), len(found))
            at = found[page * count:(page + 1) * count]
            got = b.get("entry", [])
            want("entries", len(got), len(at))
            for g, x in zip(got, at):
                self.change(g, x)
            nxt = [x["url"] for x in b["link"] if x["relation"] == "next"]
            want("next", bool(nxt), (page + 1) * count < len(found))
            if not nxt:
                return
            if page == 0 and not instance and self.draw.r.random() < 0.3:
                kept = self.asked       # what is new stays out of it
                self.alone(STAFF)
                self.asked = kept
            a = self.send(view, "GET", nxt[0][len(self.site.base):])

    def change(self, got, x):
        if isinstance(x, Story):
            return self.story(got, x)
        kind, rid, v = x
        if v.content is None:
            return want("deletion", (got["request"], "resource" in got), (
                {"method": "DELETE", "url": f"{kind}/{rid}"}, False))
        want("request", got["request"], {"method": "POST", "url": kind}
             if v.number == 1 else
             {"method": "PUT", "url": f"{kind}/{rid}"})
        want("fullUrl", got["fullUrl"], f"{self.site.base}/{kind}/{rid}")
        self.content(got["resource"], kind, rid, v)

    def story(self, got, x):
        p = got["resource"]
        want("Provenance", p["resourceType"], "Provenance")
        if x.id is None:
            x.id = p["id"]
        want("its id", p["id"], x.id)
        want("targets", [t["reference"] for t in p["target"]], x.targets)
        code = p["activity"]["coding"][0]["code"] if "activity" in p \
            else None
        want("activity", code, x.code)
        want("agents", [g["role"]["code"] for g in p["agent"]], ROLES)
        if x.user:
            want("user", p["agent"][0]["userId"]["value"], x.user)

    # --- all of it ----------------------------------------------------------

    def mark(self):
        """A time between two changes, for _since."""
        time.sleep(0.01)
        self.since = (int(time.time() * 1000), len(self.ledger.journal))
        time.sleep(0.01)

    def one(self, i):
        view = self.draw.r.choice(self.views)
        if i % 97 == 0:
            self.mark()
        way = self.draw.r.random()
        for limit, what in ((0.52, self.alone), (0.68, self.bundle),
                            (0.73, self.tags), (0.81, self.read),
                            (0.9, self.search), (1, self.history)):
            if way < limit:
                return what(view)

    def begin(self):
        """The patients there are from the start, and tokens for them."""
        self.mint(VIEWS[:1])
        for rid in deeds.PEOPLE:
            c = self.draw.content("Patient", STAFF)
            c["id"] = rid
            ask = deeds.Update("Patient", rid, c)
            self.send(STAFF, "PUT", "/" + ask.url(), c)
            want("a patient", bundles.one(self.ledger, STAFF, ask, None)[0],
                 201)
        self.mint(VIEWS[1:])

    def mint(self, views):
        for _, v, scope in views:
            v.user = None if v.patient else v.name
            v.token = self.site.mint(scope, v.patient, v.user)

    def sweep(self):
        """At the end everything is read once more, by all."""
        for r in list(self.ledger.all.values()):
            a = self.send(STAFF, "GET",
                          f"/{r.kind}/{r.id}/_history?_count=1000")
            self.asked = ("staff", "GET", r.id, (), None, a)
            self.pages(STAFF, a, self.ledger.history(STAFF, r.kind, r.id),
                       1000, True)
        for view in {v.name: v for v in self.views}.values():
            for kind in deeds.TYPES:
                self.totals(view, kind)

    def totals(self, view, kind):
        if not view.can("search", kind):
            return
        a = self.send(view, "GET", f"/{kind}?_summary=count")
        self.asked = (view.name, "GET", kind, (), None, a)
        want("total", a.json()["total"], len(self.ledger.search(
            view, kind, lambda c: True)))

    def run(self, n):
        self.begin()
        for i in range(n):
            self.one(i)
        self.sweep()


def status_only(ask):
    return isinstance(ask, (deeds.Delete, deeds.DeleteIf))


def one_store(server, seed, n):
    """(compared, failed)"""
    failed = 0
    with testsite.Site(server=server, workers=2) as site:
        run = Run(site, seed)
        try:
            run.run(n)
        except Differs as e:
            failed += 1
            print(f"FAIL --seed {seed} --interactions {n}: {run.asked}\n{e}")
        check = site.tool("check", check=False)
        if check.returncode:
            failed += 1
            print("FAIL tiphys check:", check.stdout, check.stderr)
        print(f"seed {seed}: answers {run.status}, {len(run.ledger.all)} "
              f"resources, {len(run.ledger.journal)} changes", flush=True)
    return sum(run.status.values()) + 1, failed


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--interactions", type=int, default=1000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--server", default="lighttpd")
    a = p.parse_args()
    done = failed = 0
    for first in range(0, a.interactions, EACH):
        n, bad = one_store(a.server, a.seed + first // EACH,
                           min(EACH, a.interactions - first))
        done, failed = done + n, failed + bad
    print(f"{done - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
