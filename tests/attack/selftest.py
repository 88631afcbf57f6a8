# SPDX-License-Identifier: Apache-2.0
"""The runner against faults it must find: an expectation that is wrong, an
oracle that is broken.  A check that lets one pass would let attacks pass.
"""

import copy
import os
import signal
import time

import expect
import steps
from expect import Wrong
from oracles import Oracles

GOOD = {"id": "good", "attack": "none", "as": "tA", "get": "/Condition",
        "expect": {"status": 200, "total": 1, "ids": ["Condition/xA"],
                   "header": {"content-type": "json"},
                   "no_header": ["X-Nothing"], "body": "searchset",
                   "no_body": "xB", "json": {"resourceType": "Bundle"},
                   "no_ids": ["Condition/xB"]}}
SAME = {"as": "tA", "get": "/Patient/pB",
        "expect": {"same_as": "/Patient/never-was"}}
# One wrong expectation for each word of expect.py.
PLANTED = [
    (GOOD, {"status": 404}), (GOOD, {"status": [400, 401]}),
    (GOOD, {"total": 2}), (GOOD, {"ids": ["Condition/xB"]}),
    (GOOD, {"ids": []}), (GOOD, {"header": {"content-type": "xml"}}),
    (GOOD, {"header": {"x-nothing": "."}}),
    (GOOD, {"no_header": ["Content-Type"]}), (GOOD, {"body": "history"}),
    (GOOD, {"no_body": "xA"}), (GOOD, {"json": {"total": 3}}),
    (GOOD, {"json": {"entry.0.resource.id": None}}),
    (GOOD, {"no_ids": ["Condition/xA"]}), (GOOD, {"work_ms": 0}),
    (SAME, {"same_as": "/Patient/pA"}),
    (SAME, {"same_as": "/Nothing/x"}),
    ({"tool": ["key", "list"], "expect": {}}, {"exit": 1}),
    ({"tool": ["key", "list"], "expect": {}}, {"out": "^nothing$"}),
    ({"config": {}, "expect": {}}, {"exit": 78}),
    ({"config": {"drop": ["base-url"]}, "expect": {}}, {"exit": 0}),
]


# How many cases the catalogue has of each group.
CATALOGUE = {"TOK": 28, "CMP": 27, "SRC": 23, "DOS": 9, "HTTP": 21, "CGI": 11,
             "CNF": 7, "OPS": 6, "AUZ": 33, "TKE": 24, "CA": 24, "DPO": 8,
             "LOG": 13, "WRT": 13, "JSN": 14, "BAT": 8, "BIN": 3}


class Plant:
    def __init__(self, site, server):
        self.site, self.server = site, server
        self.found = self.missed = 0
        self.fresh()

    def fresh(self):
        self.watch = Oracles(self.site)
        self.watch.begin()
        self.steps = steps.Steps(self.site, self.server, self.watch)

    def must_fail(self, name, fn):
        try:
            fn()
        except Wrong:
            self.found += 1
            return
        self.missed += 1
        print(f"FAIL planted fault was not found: {name}")

    def must_pass(self, name, fn):
        try:
            fn()
            self.found += 1
        except Wrong as e:
            self.missed += 1
            print(f"FAIL {name}: {e}")

    def case(self, case):
        self.steps.case({}, case)
        self.watch.after()


def canary(p):
    """O1: what is A's own is shown as if A's were hidden."""
    p.watch.marks = dict(p.watch.marks, B=p.watch.marks["A"])
    p.must_fail("O1", lambda: p.case(GOOD))
    p.fresh()


def in_log(p, name, text):
    path = os.path.join(p.site.run, "planted.log")
    with open(path, "w") as f:
        f.write(text + "\n")

    def ask():
        for line in p.watch.logs():
            raise Wrong(line)
    p.must_fail(name, ask)
    os.unlink(path)
    p.must_pass(name + " without it", ask)


def worker(p):
    os.kill(p.site.pids()[0], signal.SIGKILL)
    time.sleep(0.3)
    p.must_fail("O4", lambda: p.case(GOOD))
    p.fresh()


def stored(p):
    path = os.path.join(p.site.run, "more.ndjson")
    with open(path, "w") as f:
        f.write('{"resourceType":"Practitioner","id":"more"}\n')
    os.chmod(path, 0o644)
    p.site.tool("load", path)

    def ask():
        for line in p.watch.end():
            raise Wrong(line)
    p.must_fail("O7", ask)


def complete(groups):
    """Each case of the catalogue, under its number, and none twice."""
    for g in groups:
        name = g["group"]
        ids = [c["id"] for c in g["cases"]]
        want = {f"{name}-{n:02}" for n in range(1, CATALOGUE[name] + 1)}
        expect.need(want <= set(ids), f"missing: {want - set(ids)}")
        expect.need(len(ids) == len(set(ids)), f"{name}: an id twice")
        for c in g["cases"]:
            expect.need(c.get("source") and c.get("attack"),
                        f"{c['id']}: without source or attack")
            if c.get("later") or c.get("elsewhere"):
                continue
            for s in c.get("steps", [c]):
                expect.need(s.get("expect") or
                            set(s) & {"do", "run", "flow"},
                            f"{c['id']}: a step expects nothing")


class Led:
    """What a flow answers with: led to an app, with an error."""

    away, title, body = "https://app.test/cb?error=x", "Sign in", b"{}"


def words_of_flows(p):
    for name, good, bad in (("away", "/cb", "/code"), ("away", "^h", None),
                            ("oauth", "x", None), ("oauth", "x", "y"),
                            ("title", "Sign", "Share")):
        p.must_pass(name, lambda: expect.check(Led, {name: good}, None))
        p.must_fail(f"{name}: {bad}",
                    lambda: expect.check(Led, {name: bad}, None))


def run(site, server, groups):
    p = Plant(site, server)
    p.must_pass("the catalogue", lambda: complete(groups))
    p.must_pass("a good case", lambda: p.case(GOOD))
    p.must_pass("a good comparison", lambda: p.case(SAME))
    words_of_flows(p)
    words = {"away", "oauth", "title"}
    for case, wrong in PLANTED:
        bad = copy.deepcopy(case)
        bad["expect"].update(wrong)
        words |= set(wrong)
        p.must_fail(repr(wrong), lambda c=bad: p.case(c))
    left = set(expect.CHECKS) - words
    if left:
        p.missed += 1
        print(f"FAIL no fault is planted for {sorted(left)}")
    for g in groups:                # and one in every case that can say it
        for case in g["cases"]:
            if case.get("site", g.get("site", "plain")) == "plain":
                plant_status(p, g, case)
    canary(p)
    p.case(GOOD)                    # so that a token has been used
    token = site.tokens["tA"]
    in_log(p, "O3: token", "error: " + token)
    in_log(p, "O3: key", site.signing_key()["d"])
    in_log(p, "O3: data", "GET /Patient?name=" + site.world.marks["B"])
    in_log(p, "O4: sanitizer", "ERROR: AddressSanitizer: heap-use")
    if site.pool is not None:
        worker(p)
    stored(p)
    print(f"{p.found} passed, {p.missed} failed")
    return 1 if p.missed else 0


def plant_status(p, group, case):
    """The case as it stands, but its last answer has a status it cannot
    have.  What stands before is done only where something is prepared."""
    all_steps = [s for s in case.get("steps", [case])
                 if p.steps.applies(s.get("on"))]
    if case.get("later") or case.get("elsewhere") or \
            not p.steps.applies(case.get("on", group.get("on"))):
        return
    last = next((i for i in reversed(range(len(all_steps)))
                 if "expect" in all_steps[i]), None)
    if last is None:
        return                      # a function of special.py
    bad = dict(all_steps[last])
    word = "exit" if {"tool", "config"} & set(bad) else "status"
    bad["expect"] = {word: 299}
    bad.pop("expect_on", None)
    before = all_steps[:last] if any("do" in s for s in all_steps) else []
    changed = dict(case, steps=before + [bad])
    p.must_fail(f"{case['id']} with {word} 299",
                lambda: p.steps.case(group, changed))
