#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Run attack cases, which are data, against a real site.

usage: runner.py [--server lighttpd|nginx|apache|socket] [--mode MODE]
                 [--case ID] [--list] [--self-test] GROUP...

A group is cases/GROUP.json.  socket is the pool's own socket, without a web
server.  A group or a case says with "site": "people" that it needs people and
apps (people.py); all others run on a site with tokens of the tool alone.
After each case the standing oracles of oracles.py are asked.  Each failure is
told in full; the last line is "N passed, N failed[, N skipped]".
Cases that wait for a part of Tiphys count as skipped, and say for what.
"""

import argparse
import glob
import json
import os
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
import tables                       # noqa: E402,F401  (the path to tests/lib)
import oracles                      # noqa: E402
import people                       # noqa: E402
import proofs                       # noqa: E402
import steps                        # noqa: E402
import world                        # noqa: E402
from expect import Wrong            # noqa: E402
from testsite import Site       # noqa: E402

TOKENS = {                          # name: scope, patient, user
    "tA": ("patient/*.read", "pA", "alice"),
    "tB": ("patient/*.read", "pB", "bob"),
    "tLim": ("patient/Observation.read", "pA", "alice"),
    "tTwo": ("patient/Observation.read patient/Patient.read", "pA", "alice"),
    "tWrite": ("patient/*.write", "pA", "alice"),
    "tOwn": ("patient/*.read patient/*.write", "pA", "alice"),
    "tStaff": ("user/*.read user/*.write", None, "doctor"),
    "tAdmin": ("system/*.read system/*.write", None, None),
    "tD": ("user/*.read", None, "doctor"),
    "tSys": ("system/*.read", None, None),
}
KEYS = {"receive-timeout": 1500}    # CGI-07 waits for it


def load(names):
    out = []
    for name in names:
        with open(os.path.join(HERE, "cases", name + ".json")) as f:
            out.append(json.load(f))
    return out


def build(server="lighttpd", mode="fastcgi", variant=1, tokens=TOKENS,
          keys=KEYS, make=world.World):
    """A site with the test world and the tokens; not started."""
    site = Site(server=server, mode=mode, keys=keys)
    try:
        site.world = make(variant)
        for later in (False, True):
            fd, path = tempfile.mkstemp(suffix=".ndjson", dir=site.run)
            with os.fdopen(fd, "w") as f:
                f.write(site.world.ndjson(site.base, later))
            os.chmod(path, 0o644)
            site.tool("load", path)
            os.unlink(path)
        for name, (scope, patient, user) in tokens.items():
            site.tokens[name] = site.mint(scope, patient, user)
    except BaseException:
        site.stop()
        raise
    return site


def build_people(server="lighttpd", mode="fastcgi"):
    """A site with tiphys-auth, people and apps; not started."""
    site = people.People(proofs.jwks(), server=server, mode=mode, keys={
        **KEYS, "registration": "yes", "dpop": "yes"})
    try:
        for name in ("tA", "tB", "tD"):
            scope, patient, _ = TOKENS[name]
            site.tokens[name] = site.mint(scope, patient)
    except BaseException:
        site.stop()
        raise
    return site


SITES = {"plain": build, "people": build_people}


def cases_on(groups, kind):
    """The groups, with the cases of this site alone; none that is empty."""
    for g in groups:
        mine = [c for c in g["cases"]
                if c.get("site", g.get("site", "plain")) == kind]
        if mine:
            yield dict(g, cases=mine)


class Runner:
    def __init__(self, site, server):
        self.site, self.server = site, server
        self.watch = oracles.Oracles(site)
        self.passed = self.failed = self.skipped = 0
        self.steps = steps.Steps(site, server, self.watch)

    def group(self, group):
        self.watch.begin()
        for case in group["cases"]:
            self.case(group, case)
        for text in self.watch.end():
            self.fail(group["group"], text)

    def case(self, group, case):
        why = case.get("later") or case.get("elsewhere")
        if not why and not self.steps.applies(
                case.get("on", group.get("on"))):
            why = "not behind " + self.steps.kind
        if why:
            self.skipped += 1
            print(f"{case['id']}: skipped: {why}")
            return
        try:
            if case.get("writes"):
                self.watch.unchanged()
            self.steps.case(group, case)
            if case.get("writes"):
                self.watch.stored = self.watch.digest()
            elif group.get("stored"):
                self.watch.unchanged()
            if case.get("may_die"):
                self.watch.settle()
            self.watch.after()
            self.passed += 1
        except Wrong as e:
            self.fail(f"{case['id']} ({case['attack']})", str(e))
            self.watch.settle()
        except Exception:           # the others shall run nevertheless
            self.fail(f"{case['id']} ({case['attack']})",
                      traceback.format_exc())
            self.watch.settle()

    def fail(self, name, text):
        self.failed += 1
        print(f"FAIL {name}, {self.steps.kind}:")
        print("    " + text.replace("\n", "\n    "))

    def sums(self):
        slow = self.watch.slowest
        if slow:
            print(f"slowest refusal: {slow[0]:.0f} ms, {slow[1]}")
        return self.passed, self.failed, self.skipped


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--server", default="lighttpd")
    p.add_argument("--mode", default="fastcgi")
    p.add_argument("--case")
    p.add_argument("--list", action="store_true")
    p.add_argument("--self-test", action="store_true")
    p.add_argument("group", nargs="*")
    a = p.parse_args()
    names = a.group or sorted(
        os.path.basename(f)[:-5] for f in glob.glob(HERE + "/cases/*.json"))
    groups = load(names)
    if a.case:
        for g in groups:
            g["cases"] = [c for c in g["cases"] if c["id"] == a.case]
    if a.list:
        for g in groups:
            for c in g["cases"]:
                print(c["id"], c["attack"], "|",
                      c.get("later") or c.get("elsewhere") or "bound")
        return 0
    server = None if a.server == "socket" else a.server
    if a.self_test:
        import selftest
        with build(server, a.mode) as site:
            return selftest.run(site, a.server, groups)
    sums = [0, 0, 0]
    for kind, make in SITES.items():
        mine = list(cases_on(groups, kind))
        if mine:
            with make(server, a.mode) as site:
                r = Runner(site, a.server)
                for g in mine:
                    r.group(g)
                sums = [x + y for x, y in zip(sums, r.sums())]
    rest = f", {sums[2]} skipped" if sums[2] else ""
    print(f"{sums[0]} passed, {sums[1]} failed{rest}")
    return 1 if sums[1] else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    sys.exit(main())
