# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment leaves a store that tiphys check finds whole.

Issue 9; design rule 10.6.  TIPHYS_CRASH says how many kills (default 40; the
long form is 1000), TIPHYS_SEED which ones; a failure names its seed.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))

import testsite     # noqa: E402

KILLS = int(os.environ.get("TIPHYS_CRASH", "40"))
SEED = int(os.environ.get("TIPHYS_SEED", "0")) or int(time.time())
SAMPLES = os.path.join(testsite.SRC, "examples/patients")
N = 1200        # resources of one generation: a few commits of a load


def generation(w, n):
    """A file that makes some resources and changes those of the last."""
    path = os.path.join(w.dir, f"generation-{n}.ndjson")
    with open(path, "w", encoding="ascii") as f:
        for i in range(N):
            subject = ("ella", "marcus", "yuki")[(i + n) % 3]
            f.write(json.dumps({
                "resourceType": "Observation", "id": f"g{n % 2}-{i}",
                "status": "final", "comments": f"generation {n}",
                "code": {"coding": [{"system": "http://loinc.org",
                                     "code": f"{i % 50}-{n % 10}"}]},
                "effectiveDateTime": f"20{n % 90 + 10}-01-01",
                "subject": {"reference": "Patient/" + subject}}) + "\n")
    return path


@pytest.fixture(scope="module")
def site():
    print("TIPHYS_SEED =", SEED)
    with testsite.Site(load=[SAMPLES], keys={"readers": 16}) as w:
        w.ella = w.mint("patient/*.read", "ella")
        w.clinician = w.mint("user/*.read", user="dr-lee")
        yield w


class Readers:
    """Read and search all the time, and remember what was wrong."""

    def __init__(self, w, torn=()):
        self.w, self.torn = w, torn     # statuses a kill may cause
        self.wrong, self.good, self.end = [], 0, threading.Event()
        self.threads = [threading.Thread(target=self.work)
                        for _ in range(2)]

    def work(self):
        paths = ("/Patient/ella", "/Observation?code=8302-2&_count=5")
        while not self.end.is_set():
            for path in paths:
                try:
                    a = self.w.get(path, self.w.ella)
                except OSError as e:
                    self.wrong.append((path, e))
                    continue
                status = a.status if a else None
                if status == 200 and self.right(path, a):
                    self.good += 1
                elif status not in self.torn:
                    self.wrong.append((path, a))
            time.sleep(0.002)

    @staticmethod
    def right(path, a):
        j = a.json()
        return j.get("id") == "ella" if "?" not in path else j["total"] > 3

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *exc):
        self.end.set()
        for t in self.threads:
            t.join()


def whole(w):
    p = w.tool("check", check=False)
    assert p.returncode == 0, (SEED, p.stdout, p.stderr)


def generations(w):
    """What every resource of the loads says, by search and by read."""
    found, path = {}, "/Observation?_count=1000&date=ge2009"
    while path:
        b = w.get(path, w.clinician).json()
        for e in b.get("entry", []):
            if "comments" in e["resource"]:
                found[e["resource"]["id"]] = int(
                    e["resource"]["comments"].split()[1])
        nxt = [x["url"] for x in b["link"] if x["relation"] == "next"]
        path = nxt[0][len(w.base):] if nxt else None
    return found


def test_killed_loads(site):
    """Each commit of a load is there whole, whenever the load dies."""
    rand = random.Random(SEED)
    began = time.monotonic()
    site.tool("load", generation(site, 0))
    usual = time.monotonic() - began
    died = 0
    with Readers(site) as readers:
        for n in range(1, KILLS + 1):
            path = generation(site, n)
            p = subprocess.Popen(
                [testsite.program("tiphys"), "-c", site.conf, "load", path],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rand.random() * usual)
            p.kill()
            died += p.wait() == -signal.SIGKILL
            whole(site)
            if n % 4 == 0:
                # The file up to some line is in, and nothing after it.
                now = generations(site)
                new = [now.get(f"g{n % 2}-{i}") == n for i in range(N)]
                assert new == sorted(new, reverse=True), SEED
            os.unlink(path)
    assert died > KILLS // 2, "the loads were too quick to be killed"
    assert not readers.wrong and readers.good > KILLS
    # And what was interrupted can be done again, to the end.
    for n in (KILLS + 1, KILLS + 2):
        site.tool("load", generation(site, n))
    whole(site)
    now = generations(site)
    assert len(now) == 2 * N
    assert set(now.values()) == {KILLS + 1, KILLS + 2}


def test_a_killed_load_is_resumed(site):
    """--resume goes on behind what was committed, and misses nothing."""
    n = KILLS + 3
    path = generation(site, n)
    rand = random.Random(SEED + 1)
    for _ in range(5):
        p = subprocess.Popen(
            [testsite.program("tiphys"), "-c", site.conf, "load", "--resume",
             path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.02 + rand.random() * 0.1)
        p.kill()
        p.wait()
        whole(site)
    site.tool("load", "--resume", path)
    now = generations(site)
    assert [i for i in range(N) if now[f"g{n % 2}-{i}"] != n] == []


def test_killed_workers(site):
    """Others answer, the dead are replaced, their reader slots cleared."""
    rand = random.Random(SEED + 2)
    with Readers(site, torn=(None, 500, 502, 503)) as readers:
        for _ in range(KILLS):
            pids = site.pids()
            if pids:
                os.kill(rand.choice(pids), signal.SIGKILL)
            time.sleep(rand.random() * 0.1)
    assert not readers.wrong and readers.good > KILLS
    end = time.monotonic() + 10
    while len(site.pids()) < site.workers and time.monotonic() < end:
        time.sleep(0.05)
    # With 16 slots, KILLS dead readers would have used up all of them.
    assert len(site.pids()) == site.workers
    for _ in range(4 * site.workers):
        assert site.get("/Patient/ella", site.ella).status == 200
    whole(site)


def test_all_at_once(site):
    """Workers and load killed together; the pool and the store survive."""
    rand = random.Random(SEED + 3)
    for n in range(max(4, KILLS // 10)):
        path = generation(site, 2 * KILLS + n)
        p = subprocess.Popen(
            [testsite.program("tiphys"), "-c", site.conf, "load", path],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rand.random() * 0.1)
        for pid in site.pids():
            os.kill(pid, signal.SIGKILL)
        p.kill()
        p.wait()
        whole(site)
        os.unlink(path)
    end = time.monotonic() + 15
    while time.monotonic() < end:
        a = site.get("/Patient/ella", site.ella)
        if a and a.status == 200:
            return
        time.sleep(0.05)
    raise AssertionError("nobody answers: " + site.logs()[-2000:])
