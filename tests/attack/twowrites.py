#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes to two worlds that differ in what A may not see: the same bytes.

As twoworld.py, but A's apps write: by id and by criteria that aim at what is
hidden, in batches and transactions, with references to what is hidden, with
If-Match on it; reads, searches and histories between.  Half of all is asked
where references must lead somewhere.  Ids that the two servers draw are told
apart by their order alone.  Then a token that holds more than it should is
planted for each way to leak, which must be noticed.  Attack cases WRT-01,
WRT-02, BAT-01, BAT-06; requirements Z02, Z03, Z07.

usage: twowrites.py [--requests N] [--seed N] [--server SERVER]
"""

import argparse
import json
import sys
from urllib.parse import quote

import runner                   # first: it puts tests/lib on the path
import grammar
import twin
from twoworld import Compare

OWN = "patient/*.read patient/*.write"
TOKENS = {"tOwn": (OWN, "pA", "alice"),
          "tWrite": ("patient/*.write", "pA", "alice"),
          "tFew": ("patient/Observation.read patient/Observation.write",
                   "pA", "alice")}
SHARES = ["tOwn"] * 8 + ["tWrite", "tFew"]
LEAKS = {"criteria": OWN + " user/Condition.s",
         "id": OWN + " user/Condition.u",
         "reference": OWN + " user/Patient.s"}
TRIES = 600
TYPES = ["Observation"] * 6 + ["Condition"] * 4 + ["List"] * 2 + \
    ["Communication", "DocumentReference", "Patient", "Binary",
     "Practitioner"]


class Writes(grammar.Grammar):
    """(method, target, body, headers): those of grammar.py, and writes."""

    def __init__(self, seed, worlds):
        super().__init__(seed, worlds)
        self.drawn = 0                  # ids that both servers have drawn
        self.n = 0

    def sort(self, kind):
        """The order of what a server drew is chance; so is that of times."""
        return "_count=7"

    def again(self):
        return "_count=7"

    def some(self, only=None):
        r = self.r
        if only == "criteria":
            return self.write("Condition", 0.75)
        if only == "id":
            return self.write("Condition", 0.3)
        if only == "reference":
            return self.bundle([])
        way = r.random()
        if way < 0.25:
            while True:
                ask = self.one()
                if "_sort" not in str(ask) and "_lastUpdated" not in str(
                        ask):
                    return ask
        if way < 0.4:
            return self.bundle()
        if way < 0.47:
            return self.tags()
        return self.write(r.choice(TYPES), r.random())

    # --- ids and criteria ---------------------------------------------------

    def made(self):
        return f"<<{self.r.randrange(self.drawn)}>>" if self.drawn else "xA"

    def rid(self, kind):
        if self.r.random() < 0.3:
            return self.made()
        return super().rid(kind)

    def meant(self, kind):
        """Criteria that aim at what is hidden, or at what is A's."""
        r = self.r
        mark = r.choice(self.marks)
        who = "patient" if kind in ("Condition", "Observation") else "_id"
        for_one = "identifier=" + quote(
            f"http://hospital.test/{mark}|{mark}", safe="")
        way = r.random()
        if way < 0.4:
            return for_one
        if way < 0.6:
            return "_id=" + self.rid(kind)
        if way < 0.75:
            return f"{who}={r.choice(self.who)}"
        if way < 0.85:
            return f"{for_one}&_id={self.rid(kind)}"
        return self.leaf(kind)

    # --- content ------------------------------------------------------------

    def ref(self, *kinds):
        kind = self.r.choice(kinds)
        return {"reference": f"{kind}/{self.rid(kind)}"}

    def whose(self):
        r = self.r
        return {"reference": "Patient/" + (
            "pA" if r.random() < 0.75 else r.choice(self.who))}

    def content(self, kind):
        r = self.r
        self.n += 1
        mark = r.choice(self.marks)
        c = {"resourceType": kind}
        if r.random() < 0.5 and kind != "Binary":
            c["identifier"] = [{"system": "http://hospital.test/" + mark,
                                "value": mark}]
        if r.random() < 0.1:
            c["meta"] = {"tag": [{"system": "urn:t", "code": "t"}]}
        getattr(self, "a_" + kind.lower())(c)
        return c

    def a_observation(self, c):
        c.update(status="final", code={"text": f"no. {self.n}"},
                 subject=self.whose())
        if self.r.random() < 0.3:
            c["performer"] = [self.ref("Practitioner", "Patient")]
        if self.r.random() < 0.3:
            c["related"] = [{"target": self.ref("Observation")}]

    def a_condition(self, c):
        c.update(patient=self.whose(), code={"text": f"no. {self.n}"},
                 verificationStatus="confirmed")
        if self.r.random() < 0.3:
            c["encounter"] = self.ref("Encounter")

    def a_list(self, c):
        c.pop("identifier", None)
        c.update(status="current", mode="working", subject=self.whose())
        c["entry"] = [{"item": self.ref("Condition", "Observation",
                                        "Patient")}]

    def a_communication(self, c):
        c.update(subject=self.whose(), sender=self.ref(
            "Practitioner", "Patient"), recipient=[self.whose()])

    def a_documentreference(self, c):
        c.update(status="current", subject=self.whose(),
                 type={"text": "note"}, indexed="2015-01-01T00:00:00Z",
                 content=[{"attachment": {"url": "Binary/" +
                                          self.rid("Binary")}}])

    def a_patient(self, c):
        c.update(gender="female", birthDate=self.r.choice(
            ["1990-01-01", "1991"]))

    def a_binary(self, c):
        c.update(contentType="text/plain", content="eg==")

    def a_practitioner(self, c):
        c.update(name={"text": f"no. {self.n}"})

    # --- interactions -------------------------------------------------------

    def version(self):
        r = self.r
        if r.random() < 0.6:
            return {}
        return {"If-Match": f'W/"{r.randint(1, 3)}"'}

    def plain(self, kind, way):
        """(method, url, resource or None, conditions)"""
        r = self.r
        rid = self.rid(kind)
        if kind == "Patient" and rid == "pA" and way > 0.45:
            way = 0.3               # it would be the end of A's world
        if way < 0.2:
            return "POST", kind, self.content(kind), {}
        if way < 0.45:
            c = self.content(kind)
            c["id"] = rid
            more = self.version()
            if r.random() < 0.1:
                more = {"If-None-Match": "*"}
            return "PUT", f"{kind}/{rid}", c, more
        if way < 0.6:
            return "DELETE", f"{kind}/{rid}", None, self.version()
        if way < 0.8:
            return "POST", kind, self.content(kind), {
                "If-None-Exist": self.meant(kind)}
        if way < 0.92 or kind == "Patient":
            return "PUT", f"{kind}?{self.meant(kind)}", \
                self.content(kind), self.version()
        return "DELETE", f"{kind}?{self.meant(kind)}", None, {}

    def write(self, kind, way):
        method, url, c, more = self.plain(kind, way)
        if self.r.random() < 0.2:
            more["Prefer"] = "return=minimal"
        return method, "/" + url, c and json.dumps(c), tuple(more.items())

    def tags(self):
        kind = self.r.choice(TYPES)
        op = self.r.choice(["$meta-add", "$meta-delete", "$meta"])
        at = f"/{kind}/{self.rid(kind)}"
        if self.r.random() < 0.2:
            at += "/_history/1"
        body = {"resourceType": "Parameters", "parameter": [
            {"name": "meta", "valueMeta": {"tag": [
                {"system": "urn:t", "code": self.r.choice("tu")}]}}]}
        return ("GET", f"{at}/$meta", None) if op == "$meta" else \
            ("POST", f"{at}/{op}", json.dumps(body))

    def entry(self, full):
        r = self.r
        kind = r.choice(TYPES)
        if r.random() < 0.2:
            return {"request": {"method": "GET", "url":
                                f"{kind}/{self.rid(kind)}"}}
        method, url, c, more = self.plain(kind, r.random())
        q = {"method": method, "url": url}
        for name, value in more.items():
            q[{"If-Match": "ifMatch", "If-None-Match": "ifNoneMatch",
               "If-None-Exist": "ifNoneExist"}[name]] = value
        e = {"request": q}
        if c:
            e["resource"] = c
            if r.random() < 0.4:
                e["fullUrl"] = full
        return e

    def bundle(self, entries=None):
        """entries: those besides one that names somebody by criteria"""
        r = self.r
        full = [f"urn:uuid:00000000-0000-4000-8000-{i:012x}"
                for i in range(4)]
        alone = entries is not None
        if not alone:
            entries = [self.entry(f) for f in full[:r.choice([1, 1, 2, 3])]]
        if alone or r.random() < 0.5:       # names another, or by criteria
            c = self.content("Observation")
            c["subject"] = {"reference": "Patient?" + self.meant("Patient")
                            if alone or r.random() < 0.6 else
                            r.choice(full)}
            entries.append({"request": {"method": "POST",
                                        "url": "Observation"},
                            "resource": c})
        return "POST", "/", json.dumps({
            "resourceType": "Bundle", "type": r.choice(
                ["batch", "transaction", "transaction"]),
            "entry": entries})


def run(c, g, n):
    while len(c.asked) < n:
        c.walk(g.r.choice(SHARES), g.some())
        g.drawn = min(len(t.drawn) for t in c.twins)


def planted(c, g, kind):
    for _ in range(TRIES):
        before = c.differ
        c.walk("leak " + kind, g.some(kind))
        g.drawn = min(len(t.drawn) for t in c.twins)
        if c.differ > before:
            return True
    return False


def part(args, server, integrity):
    tokens = dict(TOKENS, **{"leak " + kind: (scope, "pA", "alice")
                             for kind, scope in LEAKS.items()})
    keys = {"referential-integrity": integrity}
    with runner.build(server, variant=1, tokens=tokens, keys=keys,
                      make=twin.Twin) as one, \
            runner.build(server, variant=2, tokens=tokens, keys=keys,
                         make=twin.Twin) as two:
        g = Writes(args.seed, [one.world, two.world])
        c = Compare([one, two])
        run(c, g, args.requests // 2)
        asked, failed = len(c.asked), c.differ
        for ask, token, x, y in c.unequal_work():
            failed += 1
            if failed < 10:
                print(f"FAIL unequal work: {ask} as {token}: {x} and {y}")
        print(f"seed {args.seed}, referential-integrity {integrity}: {asked} "
              f"requests to each, answers {c.status}, {g.drawn} ids drawn")
        passed = asked - failed
        if c.status.get(201, 0) < asked / 50:
            failed += 1
            print("FAIL hardly anything is made")
        for kind in LEAKS:
            if not planted(c, g, kind):
                failed += 1
                print(f"FAIL a leak by {kind} would not be noticed")
        for s in (one, two):
            if s.tool("check", check=False).returncode:
                failed += 1
                print("FAIL tiphys check")
    return passed, failed


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--requests", type=int, default=1600)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--server", default="lighttpd")
    a = p.parse_args()
    server = None if a.server == "socket" else a.server
    parts = [part(a, server, i) for i in ("no", "yes")]
    passed, failed = (sum(x) for x in zip(*parts))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
