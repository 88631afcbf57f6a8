# SPDX-License-Identifier: Apache-2.0
"""The items of bench/run: each yields the rows it has measured."""

import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import measure
import world
from measure import Failed, interleaved, median, ratio

sys.path.insert(0, os.path.join(world.HERE, "../tests/lib"))
import fcgi             # noqa: E402
import testsite         # noqa: E402

SLACK = 0.05            # a ratio this near to its goal has met it...
SMALL = 0.25            # ...unless the goal is smaller than this
SEEN_MAX = 24000        # distinct tokens: more than all caches of a pool hold


class Row:
    """One line of the answer; goal None: shown, not judged."""

    def __init__(self, name, value, goal, note, unit="", most=False):
        self.name, self.value, self.goal = name, value, goal
        self.note, self.unit, self.most = note, unit, most
        slack = 0 if unit or (goal or 0) < SMALL else SLACK
        if goal is None:
            self.met = None
        elif most:
            self.met = value <= goal + slack
        else:
            self.met = value >= goal - slack


class Bench:
    """What the items share: the plan, and worlds made when first wanted."""

    def __init__(self, plan):
        self.plan = plan
        self.worlds = {}

    def world(self, size):
        if size not in self.worlds:
            patients = self.plan.scale * (10 if size == "big" else 1)
            w = self.worlds[size] = world.World(patients)
            w.start()
        return self.worlds[size]

    def stop(self):
        for w in self.worlds.values():
            w.stop()


# --- against the baseline ---------------------------------------------------

def against(b, mount, own, bare, seconds=None):
    """Results of own requests, and of the same asked of the baseline."""
    w = b.world("small")
    path, token = own[0]
    if mount not in w.bare_pids:
        w.start_bare(mount, path, token)
    files = {"fhir": w.file("fhir.txt", own), mount: w.file("b.txt", bare)}
    pids = {"fhir": w.pids(), mount: w.bare_pids[mount]}
    return interleaved(b.plan, {
        m: lambda m=m: measure.loaded(w.url(), files[m],
                                      seconds or b.plan.seconds, pids[m])
        for m in ("fhir", mount)})


def versus(got, mount):
    a, b = got["fhir"], got[mount]
    return (f"{median(a, 'rate'):.0f}/s of {median(b, 'rate'):.0f}/s; "
            f"a worker's CPU {median(a, 'cpu'):.1f} us of "
            f"{median(b, 'cpu'):.1f}")


def tail(name, got, mount):
    a, b = got["fhir"], got[mount]
    return Row(name, ratio(a, b, "p99"), 2,
               f"{median(a, 'p99') / 1000:.1f} ms of "
               f"{median(b, 'p99') / 1000:.1f} ms", most=True)


def read(b):
    w = b.world("small")
    got = against(b, "bare", w.reads(), w.reads("bare"))
    yield Row("read", ratio(got["fhir"], got["bare"]), 0.85,
              versus(got, "bare"))
    yield tail("read-p99", got, "bare")


def read_first(b):
    w = b.world("small")
    n = min(SEEN_MAX, int(SEEN_MAX * b.plan.seconds))
    own = list(w.firsts(n))
    bare = [(p.replace("/fhir/", "/bare/", 1), t) for p, t in own]
    got = against(b, "bare", own, bare)
    yield Row("read-first", ratio(got["fhir"], got["bare"]), 0.45,
              versus(got, "bare"))


def search(b):
    w = b.world("small")
    found = w.get(w.searches()[0][0][len("/fhir"):], w.token(0)).json()
    if len(found.get("entry", [])) != world.RECENT:
        raise Failed(f"search: {found}")
    got = against(b, "bulk", w.searches(), w.searches("bulk"))
    yield Row("search", ratio(got["fhir"], got["bulk"]), 0.85,
              versus(got, "bulk"))
    yield tail("search-p99", got, "bulk")


def tenfold(b):
    """Both at a store ten times as large, against the small one."""
    small, big = b.world("small"), b.world("big")
    for name, what in (("read", world.World.reads),
                       ("search", world.World.searches)):
        got = interleaved(b.plan, {
            w: lambda w=w: measure.loaded(
                w.url(), w.file("tenfold.txt", what(w)), b.plan.seconds,
                w.pids())
            for w in (small, big)})
        yield Row(name + "-tenfold", ratio(got[big], got[small]), 0.90,
                  f"{median(got[big], 'rate'):.0f}/s of "
                  f"{median(got[small], 'rate'):.0f}/s; "
                  f"{big.patients * (world.EACH + 1)} resources of "
                  f"{small.patients * (world.EACH + 1)}")


def cgi(b):
    w = b.world("small")
    port = w.start_cgi()
    file = w.file("cgi.txt", w.reads())
    got = interleaved(b.plan, {
        "fcgi": lambda: measure.wrk(w.url(), file, b.plan.seconds),
        "cgi": lambda: measure.wrk(f"http://127.0.0.1:{port}/", file,
                                   b.plan.seconds, 8)})
    yield Row("cgi", ratio(got["cgi"], got["fcgi"]), 0.05,
              f"{median(got['cgi'], 'rate'):.0f}/s of "
              f"{median(got['fcgi'], 'rate'):.0f}/s")


# --- load against bare LMDB ---------------------------------------------------

def populations(folder, plan):
    """Files of the Argonaut population, or our own where it is not there."""
    corpus = os.path.join(os.environ.get("TIPHYS_CORPUS") or "/nonexistent",
                          "populations/argonaut")
    if os.path.isdir(corpus) and not plan.smoke:
        return [os.path.join(corpus, "infrastructure.ndjson"),
                os.path.join(corpus, "patients-dev-core.ndjson.gz")]
    path = os.path.join(folder, "population.ndjson")
    world.population(path, plan.scale)
    return [path]


class Loads:
    """Fresh stores: loaded by the tool, or by replaying what it put."""

    def __init__(self, folder, files):
        self.folder, self.files = folder, files
        self.puts = os.path.join(folder, "puts")
        self.shim = world.compile_c(
            "record.c", os.path.join(folder, "record.so"), "-shared",
            "-fPIC", "-ldl")
        self.program = world.compile_c(
            "replay.c", os.path.join(folder, "replay"), "-llmdb")
        self.tool({"LD_PRELOAD": self.shim, "PUTS_FILE": self.puts})
        if not os.path.exists(self.puts):
            raise Failed("load: nothing was recorded")

    def tool(self, env):
        data = os.path.join(self.folder, "data")
        conf = os.path.join(data, "tiphys.conf")
        tiphys = testsite.program("tiphys")
        subprocess.run([tiphys, "init", "--dir", data, "--base-url",
                        "http://127.0.0.1:8080/fhir",
                        *(["--user", "root"] if testsite.ROOT else [])],
                       check=True, capture_output=True)
        began = time.monotonic()
        p = subprocess.run([tiphys, "-c", conf, "load", *self.files],
                           env=os.environ | env, capture_output=True,
                           text=True, check=False)
        took = time.monotonic() - began
        shutil.rmtree(data)
        if p.returncode:
            raise Failed(f"load: {p.returncode}: {p.stderr[-300:]}")
        return {"rate": 1 / took, "s": took}

    def bare(self):
        data = os.path.join(self.folder, "bare")
        os.mkdir(data)
        out = subprocess.run([self.program, data, self.puts], check=True,
                             capture_output=True, text=True).stdout.split()
        shutil.rmtree(data)
        return {"rate": 1 / float(out[0]), "s": float(out[0]),
                "puts": int(out[1])}


def load(b):
    with tempfile.TemporaryDirectory(prefix="tiphys-bench.") as folder:
        loads = Loads(folder, populations(folder, b.plan))
        got = interleaved(b.plan, {"load": lambda: loads.tool({}),
                                   "bare": loads.bare})
    yield Row("load", ratio(got["load"], got["bare"]), 0.30,
              f"{median(got['load'], 's'):.2f} s of "
              f"{median(got['bare'], 's'):.2f} s for "
              f"{got['bare'][0]['puts']} puts")


# --- memory, start -------------------------------------------------------------

def memory(b):
    """Of a fresh pool: after one answer each at most, and after requests of
    every kind.  Two workers share the pages of the map, as workers do."""
    w = b.world("small")
    spare = os.path.join(w.run, "spare.sock")
    pool = w.spawn([w.fhir, "-c", w.conf, "-s", spare, "-n", "2"], "m.log")
    wait_socket(pool, spare)
    pids = wait_workers(pool, 2)
    path, token = w.reads()[0]
    for _ in pids:
        ask(spare, path, token)
    yield Row("memory-idle", max(map(measure.private, pids)) / 2 ** 20, 4,
              "private clean and dirty pages of a worker", "MB", True)
    want = 200000 if b.plan.seconds > 1 else 4000
    mixed = (w.reads() + w.searches() * 8 + list(w.firsts(2000))) * 8
    done = time.monotonic() + 120
    sent = drive(spare, mixed, want, done)
    yield Row("memory-used", max(map(measure.private, pids)) / 2 ** 20, 8,
              f"after {sent // len(pids)} requests of a worker, 2,000 "
              "tokens among them", "MB", True)


def drive(path, requests, want, deadline):
    """Ask the pool itself, in turn, until want or the deadline."""
    made = [packet(target, token) for target, token in requests]
    sent = 0
    while sent < want and time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            s.sendall(made[sent % len(made)])
            first = s.recv(65536)
            while s.recv(65536):
                pass
        if b"Status: 200 " not in first:
            raise Failed(f"memory: {first[:300]}")
        sent += 1
    return sent


def packet(target, token):
    return fcgi.plain(fcgi.variables("GET", target, [
        ("Accept", "application/json+fhir"),
        ("Authorization", "Bearer " + token)]))


def ask(path, target, token):
    got = fcgi.exchange(path, packet(target, token), timeout=60)
    if got is None or got.status != 200:
        raise Failed(f"{target}: {got}")


def wait_socket(pool, path):
    end = time.monotonic() + 10
    while not os.path.exists(path):
        if pool.poll() is not None or time.monotonic() > end:
            raise Failed("a pool did not start")
        time.sleep(0.01)


def wait_workers(pool, n):
    end = time.monotonic() + 10
    while len(measure.children(pool.pid)) < n and time.monotonic() < end:
        time.sleep(0.01)
    return measure.children(pool.pid)


def listening(path):
    """A socket for fd 0 of a pool that someone else spawns."""
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    s.listen(64)
    os.chmod(path, 0o666)
    return s


def start(b):
    """From exec with the socket on fd 0 to the end of the first answer."""
    w = b.world("small")
    path, token = w.reads()[0]
    times = []
    for turn in range(3 * b.plan.rounds):
        name = os.path.join(w.run, f"start{turn}.sock")
        with listening(name) as s:
            began = time.monotonic()
            with subprocess.Popen([w.fhir, "-c", w.conf, "-n",
                                   str(world.WORKERS)], stdin=s,
                                  stderr=subprocess.DEVNULL) as p:
                try:
                    ask(name, path, token)
                    times.append((time.monotonic() - began) * 1000)
                finally:
                    p.terminate()
                    p.wait(10)
        os.unlink(name)
    yield Row("start", statistics.median(times), 20,
              f"exec of a pool of {world.WORKERS} to its first answer; "
              f"longest {max(times):.1f}", "ms", True)


# --- instructions ---------------------------------------------------------------

def collected(w, requests, n, send=None):
    """Instructions of a worker that answers n requests, from exec to exit."""
    send = send or ask
    name = os.path.join(w.run, "callgrind.sock")
    with listening(name) as s, tempfile.TemporaryFile("w+") as log:
        with subprocess.Popen(
                ["valgrind", "--tool=callgrind",
                 "--callgrind-out-file=/dev/null", w.fhir, "-c", w.conf],
                stdin=s, stderr=log, start_new_session=True) as p:
            try:
                for i in range(n):
                    send(name, *requests[i % len(requests)])
                p.send_signal(signal.SIGTERM)
                p.wait(60)
            finally:
                p.kill()
        os.unlink(name)
        log.seek(0)
        text = log.read()
    found = re.search(r"Collected : (\d+)", text)
    if not found:
        raise Failed("callgrind: " + text[-300:])
    return int(found.group(1))


def callgrind(b):
    """The difference of N and 2N requests, start and end left out."""
    w = b.world("small")
    n = 20 if b.plan.smoke else 200
    for name, requests in (("read", w.reads()[:8]),
                           ("search", w.searches()[:8])):
        each = (collected(w, requests, 2 * n) -
                collected(w, requests, n)) / n
        yield Row("instructions-" + name, each, None,
                  "of the program, per answer, by callgrind", "instr")


ITEMS = {
    "read": read, "read-first": read_first, "search": search,
    "tenfold": tenfold, "load": load, "memory": memory, "start": start,
    "cgi": cgi, "callgrind": callgrind,
}
