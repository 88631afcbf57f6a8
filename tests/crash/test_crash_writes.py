# SPDX-License-Identifier: Apache-2.0
"""kill -9 of workers that write: what was told is there, the rest is whole.

Four apps write all the time, each to resources of its own: updates with
If-Match, creates, transactions of five, deletes.  What was acknowledged must
be there whatever was killed; of what was not, all or nothing.  Design rule
10.6; TIPHYS_CRASH and TIPHYS_SEED as in test_crash.py.
"""

import json
import os
import random
import signal
import sys
import threading
import time

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))

import testsite     # noqa: E402

KILLS = int(os.environ.get("TIPHYS_CRASH", "40"))
SEED = int(os.environ.get("TIPHYS_SEED", "0")) or int(time.time())
SAMPLES = os.path.join(testsite.SRC, "examples/patients")
WRITERS, SET = 4, 5
FHIR = ("Content-Type", "application/json+fhir")
TORN = (None, 500, 502, 503)    # what a kill may cause; never believed


@pytest.fixture(scope="module")
def site():
    print("TIPHYS_SEED =", SEED)
    with testsite.Site(load=[SAMPLES], keys={"readers": 16}) as w:
        w.staff = w.mint("user/*.read user/*.write", user="dr-lee")
        yield w


def observation(mark, **more):
    return {"resourceType": "Observation", "status": "final",
            "code": {"text": "crash"}, "comments": mark,
            "subject": {"reference": "Patient/ella"}, **more}


def number(value):
    return [{"system": "urn:crash", "value": value}]


class Writer:
    def __init__(self, w, i, end):
        self.w, self.i, self.end = w, i, end
        self.r = random.Random(SEED * 100 + i)
        self.k = self.told = self.torn = 0
        self.wrong = []
        self.rid = f"crash-{i}"
        self.may = {(0, None)}          # (version, mark): what may be there
        self.sets = {}                  # identifier: totals that may be

    def ask(self, method, target, body=None, *headers):
        """The answer that can be believed, or None."""
        try:
            a = self.w.send(method, target, self.w.staff, [FHIR, *headers],
                            body and json.dumps(body), timeout=30)
        except OSError:
            a = None
        if (a.status if a else None) in TORN:
            self.torn += 1
            return None
        self.told += method != "GET"
        return a

    def expect(self, what, a, *status):
        if a.status not in status:
            self.wrong.append((what, a))
        return a.status in status

    # --- one write of each kind ---------------------------------------------

    def now(self):
        """Which of the versions that may be there is."""
        a = None
        while a is None and not self.wrong:
            a = self.ask("GET", "/Observation/" + self.rid)
        if a is None or not self.expect("read", a, 200, 404):
            return
        here = (0, None)
        if a.status == 200:
            r = a.json()
            here = int(r["meta"]["versionId"]), r["comments"]
        if here not in self.may:
            self.wrong.append((here, self.may))
        self.may = {here}

    def update(self):
        if len(self.may) > 1 or self.r.random() < 0.1:
            self.now()
        (n, _), = self.may if len(self.may) == 1 else [(None, None)]
        if n is None:
            return
        mark = f"{self.i} {self.k}"
        cond = [("If-Match", f'W/"{n}"')] if n else []
        new = n + 1, mark
        a = self.ask("PUT", "/Observation/" + self.rid,
                     observation(mark, id=self.rid), *cond)
        if a is None:
            self.may.add(new)
        elif self.expect("update", a, 200 if n else 201):
            self.may = {new}

    def create(self):
        name = f"{self.i}-{self.k}"
        a = self.ask("POST", "/Observation", observation(
            name, identifier=number(name)))
        self.sets[name] = {0, 1} if a is None else {1}
        if a is not None and self.expect("create", a, 201) and \
                self.r.random() < 0.5:
            rid = a.headers["location"].split("/Observation/")[1][:32]
            b = self.ask("DELETE", "/Observation/" + rid)
            self.sets[name] = {0, 1} if b is None else {0}
            if b is not None:
                self.expect("delete", b, 204)

    def transaction(self):
        name = f"{self.i}-{self.k}"
        mark = f"{self.i} {self.k}"
        entries = [{"resource": observation(name, identifier=number(name)),
                    "request": {"method": "POST", "url": "Observation"}}
                   for _ in range(SET)]
        entries.append({"resource": observation(mark, id=self.rid),
                        "request": {"method": "PUT", "url":
                                    "Observation/" + self.rid}})
        a = self.ask("POST", "", {"resourceType": "Bundle", "type":
                                  "transaction", "entry": entries})
        self.sets[name] = {0, SET} if a is None else {SET}
        new = {(n + 1, mark) for n, _ in self.may}
        if a is None:
            self.may |= new
        elif self.expect("transaction", a, 200):
            self.may = new

    def work(self):
        while not self.end.is_set() and not self.wrong:
            self.k += 1
            self.r.choice([self.update, self.update, self.create,
                           self.transaction])()

    def look(self):
        """When all is quiet: is each as it may be?"""
        self.now()
        for name, totals in self.sets.items():
            a = self.ask("GET", "/Observation?_summary=count&identifier="
                         "urn:crash%7C" + name)
            if a is None or a.json()["total"] not in totals:
                self.wrong.append((name, totals, a))


def test_killed_writers(site):
    rand = random.Random(SEED + 4)
    end = threading.Event()
    writers = [Writer(site, i, end) for i in range(WRITERS)]
    threads = [threading.Thread(target=w.work) for w in writers]
    for t in threads:
        t.start()
    for _ in range(KILLS):
        time.sleep(rand.random() * 0.2)
        pids = site.pids()
        if pids:
            os.kill(rand.choice(pids), signal.SIGKILL)
    end.set()
    for t in threads:
        t.join()
    stop = time.monotonic() + 10
    while len(site.pids()) < site.workers and time.monotonic() < stop:
        time.sleep(0.05)
    for w in writers:
        w.look()
        assert not w.wrong, (SEED, w.wrong)
    told = sum(w.told for w in writers)
    torn = sum(w.torn for w in writers)
    print(f"{KILLS} kills, {told} writes told, {torn} requests torn")
    assert told > KILLS and torn > KILLS / 20, "nobody was hit"
    p = site.tool("check", check=False)
    assert p.returncode == 0, (SEED, p.stdout, p.stderr)
