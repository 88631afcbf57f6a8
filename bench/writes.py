# SPDX-License-Identifier: Apache-2.0
"""What writing costs: create, update, delete, transactions, history, and the
share of validation in a create.

One worker is asked through its socket, one request after the other, so each
row is the whole path of a durable write: request, token, JSON, validation,
store, sync, answer.  The baseline is a bare LMDB program that does the very
puts of it (record.c, replay.c), in the same transactions with full sync.
"""

import glob
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import fcgi
import testsite
import world
from items import Row, against, collected, listening, versus
from items import tail as tail_of
from measure import Failed, interleaved, median, ratio

KINDS = ("create", "update", "delete", "transaction")
EACH = 100              # entries of a transaction
VERSIONS = 20           # of the history that is read
TYPE = ("Content-Type", "application/json+fhir")


def bodies(kind, n):
    """(method, target, body) of n writes; creates are told their ids by
    PUT, so that updates and deletes find them."""
    def one(i, **more):
        r = dict(world.observation(0, i % world.EACH), id=f"w-{i}", **more)
        return r, f"Observation/w-{i}"
    if kind == "transaction":
        for k in range(max(1, n // EACH)):
            entries = []
            for i in range(EACH):
                r, url = one(k * EACH + i, comments="again")
                entries.append({"resource": r, "request": {
                    "method": "PUT", "url": url}})
            yield "POST", "/fhir", json.dumps({
                "resourceType": "Bundle", "type": "transaction",
                "entry": entries})
        return
    for i in range(n):
        r, url = one(i, **({"comments": "new"} if kind == "update" else {}))
        if kind == "delete":
            yield "DELETE", "/fhir/" + url, None
        else:
            yield "PUT", "/fhir/" + url, json.dumps(r)


ROOMS = ("fcgi/libface.a", "auth/libauth.a", "store/libstore.a",
         "fhir/libfhir.a", "base/libbase.a")
LIBS = ("-lfcgi", "-ljansson", "-lsodium", "-llmdb", "-lutf8proc")


def recordable(folder):
    """A tiphys-fhir whose LMDB can be listened to.  The one that is served
    holds it as an archive: the same objects are linked with the shared one."""
    own = testsite.program("tiphys-fhir")
    if "liblmdb" in subprocess.run(["ldd", own], capture_output=True,
                                   text=True).stdout:
        return own
    out = os.path.join(folder, "tiphys-fhir")
    objects = glob.glob(os.path.join(testsite.BUILD, "fcgi/rest/*.o"))
    subprocess.run(["cc", "-o", out, *objects, *(
        os.path.join(testsite.BUILD, room) for room in ROOMS), *LIBS],
        check=True)
    return out


class Writes:
    """Fresh stores: written by a worker, or by replaying what it put."""

    def __init__(self, folder, n):
        self.folder, self.n = folder, n
        self.shim = world.compile_c(
            "record.c", os.path.join(folder, "record.so"), "-shared",
            "-fPIC", "-ldl")
        self.program = world.compile_c(
            "replay.c", os.path.join(folder, "replay"), "-llmdb")
        self.listened = recordable(folder)
        self.asks = {k: list(bodies(k, n)) for k in KINDS}
        os.chmod(folder, 0o777)             # the worker is no root
        got = self.worker(record=True)
        if any(not os.path.exists(self.puts(k)) for k in KINDS):
            raise Failed(f"writes: nothing was recorded: {got}")

    def puts(self, kind):
        return os.path.join(self.folder, kind + ".puts")

    def worker(self, record=False):
        """Seconds of each kind, in one site."""
        site = testsite.Site(server=None)
        try:
            site.tool("load", "-", stdin=json.dumps(world.patient(0)) + "\n")
            token = site.mint("user/*.read user/*.write", user="bench")
            return {k: self.phase(site, token, k, record) for k in KINDS}
        finally:
            site.stop()

    def phase(self, site, token, kind, record):
        name = os.path.join(site.run, kind + ".sock")
        env = {"LD_PRELOAD": self.shim, "PUTS_FILE": self.puts(kind)} \
            if record else {}
        program = self.listened if record else site.fhir
        with listening(name) as s:
            with subprocess.Popen([program, "-c", site.conf], stdin=s,
                                  stderr=subprocess.DEVNULL,
                                  env=os.environ | env) as p:
                try:
                    send(name, token, "GET", "/fhir/Patient/" +
                         world.patient_id(0), None)
                    began = time.monotonic()
                    for ask in self.asks[kind]:
                        send(name, token, *ask)
                    took = time.monotonic() - began
                finally:
                    p.send_signal(signal.SIGTERM)
                    p.wait(30)
        return {"rate": 1 / took, "s": took}

    def bare(self):
        """The same puts, kind after kind, in one environment."""
        data = os.path.join(self.folder, "bare")
        os.mkdir(data)
        out = {}
        for kind in KINDS:
            got = subprocess.run([self.program, data, self.puts(kind)],
                                 check=True, capture_output=True,
                                 text=True).stdout.split()
            out[kind] = {"rate": 1 / float(got[0]), "s": float(got[0]),
                         "puts": int(got[1])}
        shutil.rmtree(data)
        return out


def send(path, token, method, target, body):
    a = fcgi.request(path, method, target, [
        ("Accept", "application/json+fhir"), TYPE,
        ("Prefer", "return=minimal"), ("Authorization", "Bearer " + token)],
        body, timeout=60)
    if a is None or a.status >= 300:
        raise Failed(f"{method} {target}: {a}")


def write(b):
    n = 200 if b.plan.smoke else 1000
    with tempfile.TemporaryDirectory(prefix="tiphys-bench.") as folder:
        w = Writes(folder, n)
        got = interleaved(b.plan, {"ours": w.worker, "bare": w.bare})
    for kind in KINDS:
        ours, bare = ([x[kind] for x in got[who]] for who in ("ours", "bare"))
        each = 1e6 / len(w.asks[kind])
        yield Row(kind, ratio(ours, bare), None,
                  f"{median(ours, 's') * each:.0f} us of "
                  f"{median(bare, 's') * each:.0f} us for "
                  f"{bare[0]['puts'] / len(w.asks[kind]):.0f} puts")


# --- history ----------------------------------------------------------------

def history(b):
    """One page of a patient's own resource with many versions."""
    w = b.world("small")
    rid = world.patient_id(0) + "-000"
    token = w.mint("user/*.read user/*.write", user="bench")
    r = world.observation(0, 0)
    for i in range(VERSIONS):
        a = w.send("PUT", "/Observation/" + rid, token, [TYPE], json.dumps(
            dict(r, comments=f"version {i} of the bench")))
        if a is None or a.status != 200:
            raise Failed(f"history: {a}")
    own = [(f"/fhir/Observation/{rid}/_history?_count=20", w.token(0))]
    bare = [(p.replace("/fhir/", "/past/", 1), t) for p, t in own]
    got = against(b, "past", own, bare)
    yield Row("history", ratio(got["fhir"], got["past"]), None,
              versus(got, "past"))
    yield Row("history-p99", *shown(tail_of("", got, "past")), most=True)


def shown(row):
    """Its figure, not judged."""
    return row.value, None, row.note


# --- validation -------------------------------------------------------------

def instructions(*args):
    """Of a run of the tool, by callgrind."""
    p = subprocess.run(["valgrind", "--tool=callgrind",
                        "--callgrind-out-file=/dev/null", *args],
                       capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", p.stderr)
    if p.returncode or not found:
        raise Failed("callgrind: " + p.stderr[-300:])
    return int(found.group(1))


def validation(b):
    """Instructions of "tiphys load --validate" less those of "load", to
    those of a create by a worker."""
    n = 20 if b.plan.smoke else 100
    site = testsite.Site(server=None)
    try:
        token = site.mint("user/*.read user/*.write", user="bench")
        path = os.path.join(site.run, "each.ndjson")
        loads = []
        for extra in ([], ["--validate"]):
            with open(path, "w") as f:
                for i in range(n):
                    f.write(json.dumps(dict(world.observation(0, i % 80),
                                            id=f"v{len(extra)}-{i}")) + "\n")
            loads.append(instructions(
                testsite.program("tiphys"), "-c", site.conf, "load", *extra,
                path))
        each = [created(site, token, k) for k in (n, 2 * n)]
    finally:
        site.stop()
    check = (loads[1] - loads[0]) / n
    create = (each[1] - each[0]) / n
    yield Row("validation", check / create, None,
              f"{check:.0f} of {create:.0f} instructions of a create",
              most=True)


def created(site, token, n):
    """Instructions of a worker that creates n resources."""
    made = [("POST", "/fhir/Observation", json.dumps(
        {k: v for k, v in world.observation(0, i % 80).items()
         if k != "id"})) for i in range(8)]
    return collected(site, made, n, lambda name, *a: send(name, token, *a))
