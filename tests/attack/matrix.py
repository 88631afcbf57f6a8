#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The type matrix: every type x {read, vread, history, search by each of its
parameters, POST _search, compartment, summary} x {own patient, other
patient, no token, forged, expired, wrong scope, all patients}, and
$everything x the same.

What the server says it has (/metadata) says what is asked; what is expected
follows from owner.tbl and the test world alone.  Requirement Z23, attack
cases CMP-03, CMP-04, CMP-08, TOK-01.

usage: matrix.py [--server SERVER] [TYPE]...
"""

import argparse
import json
import re
import sys

import runner
import tables
import world
from expect import Wrong, at, entries, every, masked, need
from oracles import Oracles
from steps import Steps
from world import OWNERS

NEVER = "never-was"
FORMS = ("", "/_history/1", "/_history")
# A's resources that name B: a performer, a link.
NAMES_BOTH = ("Observation", "Patient")
BAD = {"none": None,
       "forged": {"from": "tA", "sign": "other"},
       "expired": {"from": "tA", "claims": {"iat": "-900", "exp": "-600"}},
       "changed": {"from": "tA", "sign": "keep", "claims": {"patient": "pB"}}}


class Matrix:
    def __init__(self, site, server):
        self.site, self.world = site, site.world
        self.watch = Oracles(site)
        self.watch.begin()
        self.steps = Steps(site, server, self.watch)
        self.done = self.failed = 0
        self.searched = self.hit_both = 0
        self.kinds = tables.params()
        self.refs = self.references()

    def ask(self, token, target):
        return self.steps.http("GET", "/fhir" + target, {"as": token})

    def check(self, name, fn, *args):
        try:
            fn(*args)
            self.done += 1
        except (Wrong, ValueError) as e:
            self.failed += 1
            print(f"FAIL {name}: {e}")

    # --- instances ----------------------------------------------------------

    def ids(self, kind):
        return [i for k, i in self.world.owner if k == kind]

    def own(self, kind):
        if kind in world.SHARED:
            return "sA"
        return self.world.name(kind, "A")

    def other(self, kind):
        return "sB" if kind in world.SHARED else self.world.name(kind, "B")

    def reads(self, kind):
        w = self.world
        for form in FORMS:
            for rid in self.ids(kind):
                if w.seen(kind, rid):
                    self.check(f"{kind}/{rid}{form} of its own patient",
                               self.shown, kind, rid, form, "tA")
                else:
                    self.check(f"{kind}/{rid}{form} of another patient",
                               self.hidden, kind, rid, form)
            for rid in (self.own(kind), self.other(kind)):
                self.check(f"{kind}/{rid}{form} of all patients",
                           self.shown, kind, rid, form, "tSys")
            for name in BAD:
                self.check(f"{kind}{form}, token {name}", self.refused,
                           kind, form, name)
            if kind != "Observation":
                self.check(f"{kind}{form}, wrong scope", self.unscoped,
                           kind, form)

    def shown(self, kind, rid, form, token):
        a = self.ask(token, f"/{kind}/{rid}{form}")
        # who had it before may have changed since
        lost = token == "tA" and rid == "oComes" and form.endswith("1")
        need(a.status == (404 if lost else 200), f"status {a.status}")
        if lost or a.headers["content-type"].startswith("text/"):
            return
        tree = a.json()
        if form == "/_history":
            need(tree["total"] == len(tree["entry"]) >= 1,
                 f"total {tree['total']}")
            tree = tree["entry"][0]["resource"]
        need((tree["resourceType"], tree["id"]) == (kind, rid),
             f"{tree['resourceType']}/{tree['id']}")

    def hidden(self, kind, rid, form):
        a = self.ask("tA", f"/{kind}/{rid}{form}")
        b = self.ask("tA", f"/{kind}/{NEVER}{form}")
        need(a.status == 404, f"status {a.status}")
        need(masked(a) == masked(b), f"{masked(a)} is not {masked(b)}")

    def refused(self, kind, form, name):
        """One answer to all of it: there, hidden or never there."""
        got = {(a.status, masked(a)) for a in (
            self.ask(BAD[name], f"/{kind}/{rid}{form}")
            for rid in (self.own(kind), self.other(kind), NEVER))}
        need(len(got) == 1, f"answers differ: {got}")
        need(got.pop()[0] == 401, "it is not 401")

    def unscoped(self, kind, form):
        got = {(a.status, masked(a)) for a in (
            self.ask("tLim", f"/{kind}/{rid}{form}")
            for rid in (self.own(kind), self.other(kind), NEVER))}
        need(len(got) == 1, f"answers differ: {got}")
        need(got.pop()[0] == 403, "it is not 403")

    # --- searches -------------------------------------------------------------

    def references(self):
        """Type to all references its instances hold, by their type."""
        out = {}
        for r in self.world.all:
            into = out.setdefault(r["resourceType"], {})
            for ref in re.findall(r'"reference": "([^"{]+)"', json.dumps(r)):
                if re.fullmatch(r"[A-Za-z]+/[^/]+", ref):
                    into.setdefault(ref.split("/")[0], set()).add(ref)
        return out

    def values(self, kind, sort):
        """Texts to search with, so that something of everybody is found."""
        marks = list(self.world.marks.values())
        uris = ["http://hospital.test/" + m for m in marks]
        if sort == "reference":
            groups = self.refs.get(kind, {})
            return [",".join(sorted(g)) for g in groups.values()] or [
                "Patient/pA,Patient/pB"]
        return [{"string": "zq", "uri": ",".join(uris),
                 "token": ",".join(marks + [u + "|" for u in uris] +
                                   ["active", "true", "xA", "xB", "pB"]),
                 "date": "ge1900", "number": "ge0", "quantity": "ge0",
                 "composite": marks[0] + "$" + marks[0],
                 # The two go together, and so far reaches round the globe.
                 "near": "0,0&near-distance=30000",
                 "near-distance": "30000&near=0,0",
                 "filter": "_lastUpdated%20ge%201900"}[sort]]

    def visible(self, kind, found):
        w = self.world
        if kind in world.SHARED:        # what A's record refers to, or less
            return {f for f in found if f.endswith("/sA")}
        return {f for f in found if w.seen(kind, f.split("/")[1])}

    def bundle(self, token, target):
        a = self.ask(token, target)
        if a.status == 400:
            return None
        need(a.status == 200, f"{target} as {token}: status {a.status}")
        tree = a.json()
        need(tree["total"] == len(entries(tree)),
             f"{target} as {token}: total {tree['total']}, entries "
             f"{entries(tree)}")
        return tree

    def search(self, kind, code, sort):
        hit = set()
        answered = False
        for value in self.values(kind, sort):
            target = f"/{kind}?{code}={value}&_count=1000"
            everyone, mine = (self.bundle(t, target)
                              for t in ("tSys", "tA"))
            need((everyone is None) == (mine is None),
                 f"{target}: refused to one of the two only")
            if mine is None:
                continue
            answered = True
            found = set(entries(everyone))
            hit |= found
            got, want = set(entries(mine)), self.visible(kind, found)
            exact = kind not in world.SHARED
            need(got == want if exact else got <= want,
                 f"{target}: found {sorted(got)}, expected {sorted(want)}")
            need(every(mine) == got, f"{target}: {every(mine)}")
        need(answered or sort in ("composite", "reference"),
             f"{kind}?{code}: refused with {self.values(kind, sort)}")
        self.searched += 1
        both = {f"{kind}/{self.own(kind)}", f"{kind}/{self.other(kind)}"}
        self.hit_both += both <= hit

    def searches(self, kind, params):
        sorts = {c: s for c, s, _, _ in
                 self.kinds.get(kind, []) + self.kinds["*"]}
        self.check(f"{kind}, all", self.whole, kind)
        for p in params:
            if p["name"] in ("_id", "_lastUpdated", "_profile", "_tag",
                             "_security", "_query", "_list", "_text",
                             "_content", "_has"):
                continue        # of every type: suite two-worlds
            sort = sorts.get(p["name"], p["type"])
            if p["name"] in ("near", "near-distance"):
                sort = p["name"]
            if p["name"] == "_filter":
                sort = "filter"
            self.check(f"{kind}?{p['name']}", self.search, kind, p["name"],
                       sort)
        self.check(f"{kind} by id", self.by_id, kind)
        for name in BAD:
            a = self.ask(BAD[name], "/" + kind)
            self.check(f"{kind}, search, token {name}", need,
                       a.status == 401, f"status {a.status}")
        if kind != "Observation":
            self.check(f"{kind}, search, wrong scope", self.outside, kind)

    def whole(self, kind):
        found = {f"{kind}/{i}" for i in self.ids(kind)}
        everyone = self.bundle("tSys", f"/{kind}?_count=1000")
        need(set(entries(everyone)) == found, f"all: {entries(everyone)}")
        mine = set(entries(self.bundle("tA", f"/{kind}?_count=1000")))
        want = self.visible(kind, found)
        need(mine == want if kind not in world.SHARED else mine <= want,
             f"own: {sorted(mine)}, expected {sorted(want)}")

    def by_id(self, kind):
        """By GET and by POST, all ids at once."""
        ids = ",".join(self.ids(kind) + [NEVER])
        want = self.visible(kind, {f"{kind}/{i}" for i in self.ids(kind)})
        form = self.steps.http(
            "POST", f"/fhir/{kind}/_search",
            {"as": "tA", "body": f"_id={ids}&_count=1000", "headers": [
                ["Content-Type", "application/x-www-form-urlencoded"]]})
        need(form.status == 200, f"POST: status {form.status}")
        for tree in (self.bundle("tA", f"/{kind}?_id={ids}&_count=1000"),
                     form.json()):
            got = set(entries(tree))
            need(got == want if kind not in world.SHARED else got <= want,
                 f"found {sorted(got)}, expected {sorted(want)}")
            need(tree["total"] == len(got), f"total {tree['total']}")

    def outside(self, kind):
        for target in (f"/{kind}", f"/{kind}?_id={self.own(kind)}",
                       f"/Patient/pA/{kind}"):
            a = self.ask("tLim", target)
            need(a.status == 403, f"{target}: status {a.status}")

    def compartment(self, kind):
        got = {}
        for who in ("pA", "pB", NEVER):
            a = self.ask("tA", f"/Patient/{who}/{kind}?_count=1000")
            need(a.status == 200, f"of {who}: status {a.status}")
            tree = a.json()
            got[who] = set(entries(tree))
            need(tree["total"] == len(got[who]) and every(tree) == got[who],
                 f"of {who}: total {tree['total']}, {every(tree)}")
        mine = self.visible(kind, {f"{kind}/{i}" for i in self.ids(kind)})
        need(got["pA"] <= mine and got["pB"] <= mine, f"found {got}")
        need(not got[NEVER], f"found {got}")
        if kind not in NAMES_BOTH:
            need(not got["pB"], f"of pB: {got['pB']}")
        if OWNERS[kind][0] not in ("self", "target", "none"):
            need(f"{kind}/{self.own(kind)}" in got["pA"],
                 f"of pA: {got['pA']}")

    def summaries(self, kind):
        """No other than without, and none but the own."""
        plain = self.bundle("tA", f"/{kind}?_count=1000")
        for mode in ("true", "text", "data"):
            tree = self.bundle("tA", f"/{kind}?_summary={mode}&_count=1000")
            need(entries(tree) == entries(plain), f"{mode}: {entries(tree)}")
        tree = self.ask("tA", f"/{kind}?_summary=count").json()
        need(tree["total"] == plain["total"] and not every(tree),
             f"total {tree['total']}, {every(tree)}")
        a, b = (self.ask("tA", f"/{kind}/{rid}?_summary=true")
                for rid in (self.other(kind), NEVER))
        need(kind in world.SHARED or masked(a) == masked(b),
             f"{masked(a)} is not {masked(b)}")

    def everything(self):
        """What is A's, of every type, and of nobody else."""
        own = {f"{k}/{i}" for k, i in self.world.owner
               if k not in world.SHARED and self.world.seen(k, i)}
        for target in ("/Patient/pA/$everything", "/Patient/$everything"):
            tree = self.bundle("tA", target + "?_count=1000")
            need(set(entries(tree)) == own,
                 f"{target}: {set(entries(tree)) ^ own}")
            need(all(f.split("/")[0] in world.SHARED and f.endswith("/sA")
                     for f in every(tree) - own), f"{every(tree) - own}")
        tree = self.bundle("tTwo", "/Patient/$everything?_count=1000")
        need({f.split("/")[0] for f in every(tree)} == {
            "Observation", "Patient"}, f"{every(tree)}")

    def everything_else(self):
        for who in ("pB", "pC", NEVER):
            a, b = (self.ask("tA", f"/Patient/{w}/$everything")
                    for w in (who, NEVER))
            need(a.status == 404 and masked(a) == masked(b),
                 f"{who}: {masked(a)} is not {masked(b)}")
            for name in BAD:
                a = self.ask(BAD[name], f"/Patient/{who}/$everything")
                need(a.status == 401, f"token {name}: status {a.status}")
            a = self.ask("tLim", f"/Patient/{who}/$everything")
            need(a.status == 403, f"wrong scope: status {a.status}")

    # --- all --------------------------------------------------------------

    def run(self, only):
        meta = self.ask(None, "/metadata").json()
        types = {r["type"]: r.get("searchParam", [])
                 for r in at(meta, "rest.0.resource")}
        self.check("/metadata", need, sorted(types) == world.TYPES,
                   f"types differ: {set(types) ^ set(world.TYPES)}")
        inside = tables.compartment()
        for kind, params in types.items():
            if only and kind not in only:
                continue
            self.reads(kind)
            self.searches(kind, params)
            self.check(f"{kind}, summaries", self.summaries, kind)
            if kind in inside:
                self.check(f"Patient/pA/{kind}", self.compartment, kind)
        if not only or "Patient" in only:
            self.check("$everything", self.everything)
            self.check("$everything of others", self.everything_else)
        if not only:                # or the searches would prove nothing
            self.check("searches that find something of both", need,
                       self.hit_both >= 0.75 * self.searched,
                       f"{self.hit_both} of {self.searched}")
        self.check("workers", self.watch.after)
        for text in self.watch.end():
            self.failed += 1
            print("FAIL " + text)
        print(f"{self.searched} parameters, {self.hit_both} of which find "
              "something of both patients when asked for all")
        print(f"{self.done} passed, {self.failed} failed")
        return 1 if self.failed else 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--server", default="lighttpd")
    p.add_argument("type", nargs="*")
    a = p.parse_args()
    with runner.build(None if a.server == "socket" else a.server,
                      keys={}) as site:
        return Matrix(site, a.server).run(a.type)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    sys.exit(main())
