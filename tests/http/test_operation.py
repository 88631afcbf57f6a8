# SPDX-License-Identifier: Apache-2.0
"""Running it: the log, reload, restart, what is broken underneath.

Issue 5 (pool) and 9: an unreadable store is 503 or a clear exit, never an
open door.
"""

import os
import re
import shutil
import signal
import subprocess
import threading
import time

import pytest

import testsite
import wire
from conftest import SAMPLES, World

LINE = re.compile(
    r"^(\S+ )*req=([0-9A-Za-z-]+) act=\S+ type=\S+ status=\d+ us=\d+ "
    r"bytes=\d+ work=\d+ client=\S+ err=\S+$")


@pytest.fixture
def site():
    with World([SAMPLES]) as w:
        yield w


def until(true, seconds=5.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.02)


# --- the log --------------------------------------------------------------

def test_log_without_patients(site):
    """Z14: one line a request; no id, name, value, query or token in it."""
    w, t = site, site.token("ines")
    secrets = {"ines", "nobody", "Fern", "8480-6", "2024-01-01", "Secretson",
               "HSC-", t, t.split(".")[1][:40], t.split(".")[2],
               "cursor", "patient="}
    asked = []
    b = w.bundle("/Observation?_count=2", t)
    nxt = [x["url"] for x in b["link"] if x["relation"] == "next"][0]
    paths = ["/Patient/ines", "/Patient/nobody", "/Patient?name=Secretson",
             "/Observation?code=8480-6&date=ge2024-01-01", "/Secretson/1",
             "/Patient?birthdate=Secretson", "/Patient/ines/Observation",
             "/Patient/ines/_history", "/Patient?Secretson=1", "/metadata",
             "/Patient/Secretson%7c", nxt[len(w.base):]]
    for path in paths:
        asked.append(w.get(path, t).headers["x-request-id"])
    for token in (None, t[:-5], "Secretson"):
        asked.append(w.get("/Patient/ines", token).headers["x-request-id"])
    a = w.send("POST", "/Patient/_search", t, [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-Request-Id", "from-the-client")], "name=Secretson")
    asked.append(a.headers["x-request-id"])
    assert asked[-1] == "from-the-client"
    until(lambda: asked[-1] in w.logs())
    lines = [x for x in w.log("fhir.log").splitlines() if " act=" in x]
    for req in asked:
        mine = [x for x in lines if f"req={req} " in x]
        assert len(mine) == 1 and LINE.match(mine[0].strip()), mine
    text = w.logs()
    assert [s for s in secrets if s in text] == []


def test_log_takes_no_second_line(site):
    """What a client sends makes no line of its own."""
    for evil in ("%0aevent=forged", "a%0d%0aevent=forged", "event=forged"):
        site.get("/Patient?name=" + evil, site.token())
        site.get("/Patient?" + evil, site.token())
        site.get("/" + evil, site.token())
    last = site.get("/Patient/ella", site.token()).headers["x-request-id"]
    until(lambda: last in site.log("fhir.log"))
    assert "forged" not in site.logs()


# --- reload, restart ------------------------------------------------------

class Asking:
    """Somebody who reads all the time; every answer counts."""

    def __init__(self, w, n=3):
        self.w, self.token = w, w.token("ella")
        self.status, self.stop = [], threading.Event()
        self.threads = [threading.Thread(target=self.ask) for _ in range(n)]

    def ask(self):
        while not self.stop.is_set():
            try:
                a = self.w.get("/Patient/ella", self.token)
                self.status.append(a.status if a else 0)
            except OSError:
                self.status.append(-1)

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *exc):
        self.stop.set()
        for t in self.threads:
            t.join()


def test_reload_loses_no_request(site):
    """SIGHUP five times under load: every answer is 200."""
    with Asking(site) as asking:
        for i in range(5):
            old = set(site.pids())
            site.pool.send_signal(signal.SIGHUP)
            until(lambda: site.log("fhir.log").count("result=done") == i + 1)
            until(lambda: not old & set(site.pids()) and
                  len(site.pids()) == site.workers)
    assert len(asking.status) > 50 and set(asking.status) == {200}


def test_reload_takes_new_limits_and_refuses_bad_ones(site):
    t = site.token("ella")
    with open(site.conf, encoding="ascii") as f:
        good = f.read()

    def reload(text, result, n=1):
        with open(site.conf, "w", encoding="ascii") as f:
            f.write(text)
        count = site.log("fhir.log").count("result=" + result)
        site.pool.send_signal(signal.SIGHUP)
        until(lambda: site.log("fhir.log").count(
            "result=" + result) == count + n)

    reload(good + "page-entries = 3\n", "done")
    until(lambda: len(site.bundle("/Observation", t)["entry"]) == 3)
    for bad in ("page-entries = x\n", "nonsense = 1\n", "base-url = \n",
                "issuer = http://example.org/\n"):
        reload(good + bad, "refused")
        assert len(site.bundle("/Observation", t)["entry"]) == 3
    os.unlink(site.conf)
    site.pool.send_signal(signal.SIGHUP)
    until(lambda: site.log("fhir.log").count("result=refused") == 5)
    assert site.get("/Patient/ella", t).status == 200


def test_restart_behind_the_web_server(site):
    """Without a pool 503; with the next one lighttpd goes on by itself."""
    t = site.token("ella")
    site.pool.terminate()
    assert site.pool.wait(10) == 0
    assert not os.path.exists(site.socket)
    assert site.get("/Patient/ella", t).status in (500, 503)
    site.start_pool()
    until(lambda: site.get("/Patient/ella", t).status == 200)


def test_spawned_by_the_web_server():
    """examples/lighttpd/spawn.conf: the socket comes on fd 0."""
    w = World([SAMPLES])
    w.mode = "spawn"
    with w:
        assert w.get("/Patient/ella", w.token("ella")).status == 200
        assert w.get("/Patient/ella").status == 401


@pytest.mark.skipif(not testsite.find("spawn-fcgi"), reason="no spawn-fcgi")
def test_spawn_fcgi(site):
    """One worker and a pool, as spawn-fcgi starts them."""
    for args in ([], ["-n", "2"]):
        path = os.path.join(site.run, "spawned" + "".join(args))
        p = subprocess.Popen(
            [testsite.find("spawn-fcgi"), "-n", "-s", path, "-M", "0666",
             "--", site.fhir, "-c", site.conf, *args],
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            until(lambda: os.path.exists(path))
            with open(os.path.join(site.run, "lighttpd.conf"),
                      encoding="utf-8") as f:
                text = f.read().replace(site.socket, path).replace(
                    str(site.port), str(testsite.free_port()))
            port = int(re.search(r"server.port\s*=\s*(\d+)", text).group(1))
            conf = site.write("other.conf", text)
            site.spawn([testsite.find("lighttpd"), "-D", "-f", conf],
                       "other.log")

            def served():
                try:
                    return wire.request(
                        port, "GET", "/fhir/Patient/ella",
                        [("Authorization", "Bearer " + site.token("ella"))]
                    ).status == 200
                except OSError:
                    return False
            until(served)
        finally:
            p.terminate()
            assert p.wait(10) == 0


def test_servers_are_nobody(site):
    """CNF-05: pool and workers run as the account, never as root."""
    for pid in [site.pool.pid, *site.pids()]:
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            uids = re.search(r"^Uid:\s+(.*)$", f.read(), re.M).group(1)
        assert "0" not in uids.split()


def test_a_worker_asks_nobody_for_its_store(site):
    """The parent holds neither the store nor a key (design 1)."""
    files = {os.path.realpath(f"/proc/{site.pool.pid}/fd/{n}")
             for n in os.listdir(f"/proc/{site.pool.pid}/fd")}
    assert not [f for f in files if f.startswith(site.data)]


# --- what is broken underneath --------------------------------------------

def cgi(w, path="/fhir/Patient/ella", token=None):
    """One CGI request by hand: exit status, HTTP status, body."""
    env = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
           "REQUEST_URI": path, "TIPHYS_CONFIG": w.conf}
    if token:
        env["HTTP_AUTHORIZATION"] = "Bearer " + token
    p = subprocess.run([w.fhir], env=env, stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=30)
    head, _, body = p.stdout.partition(b"\r\n\r\n")
    return p.returncode, int(head.split()[1]), body


def missing_store(w):
    shutil.rmtree(w.data + "/store")


def no_file(w):
    os.unlink(w.data + "/store/data.mdb")


def forbidden_store(w):
    os.chmod(w.data + "/store/data.mdb", 0)


def forbidden_folder(w):
    os.chmod(w.data + "/store", 0)


def zeroes(w):
    size = os.path.getsize(w.data + "/store/data.mdb")
    with open(w.data + "/store/data.mdb", "r+b") as f:
        f.write(b"\0" * size)


def garbage(w):
    with open(w.data + "/store/data.mdb", "r+b") as f:
        f.write(os.urandom(8192))


def cut(w):
    os.truncate(w.data + "/store/data.mdb", 5000)


def world_readable(w):
    os.chmod(w.data + "/store/data.mdb", 0o644)


def missing_grants(w):
    shutil.rmtree(w.data + "/grants")


def forbidden_grants(w):
    os.chmod(w.data + "/grants/data.mdb", 0)


def zero_grants(w):
    size = os.path.getsize(w.data + "/grants/data.mdb")
    with open(w.data + "/grants/data.mdb", "r+b") as f:
        f.write(b"\0" * size)


@pytest.mark.parametrize("broken", [
    missing_store, no_file, forbidden_store, forbidden_folder, zeroes,
    garbage, cut, world_readable, missing_grants, forbidden_grants,
    zero_grants], ids=lambda f: f.__name__)
def test_broken_underneath(broken):
    """CGI: 503 that says nothing; pool: an exit with one clear line."""
    w = World([SAMPLES], server=None)
    try:
        t = w.token("ella")
        assert cgi(w, token=t)[:2] == (0, 200)
        broken(w)
        code, status, body = cgi(w, token=t)
        assert status == 503 and b"Marsh" not in body
        assert w.data.encode() not in body
        assert b"OperationOutcome" in body
        assert cgi(w)[1] in (401, 503)
        p = subprocess.run(
            [w.fhir, "-c", w.conf, "-s", w.socket, "-n", "1"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=30)
        assert p.returncode in (66, 74, 78), p
        assert "event=start" in p.stderr and "why=" in p.stderr
        assert not os.path.exists(w.socket)
        assert code in (0, 66, 74, 78)
    finally:
        w.stop()


def test_store_taken_away_while_serving(site):
    """What workers have open goes on; new ones fail shut; then again."""
    t = site.token("ella")
    os.rename(site.data + "/store", site.data + "/away")
    site.pool.send_signal(signal.SIGHUP)
    until(lambda: "result=refused" in site.log("fhir.log"))
    assert site.get("/Patient/ella", t).status == 200
    os.kill(site.pids()[0], signal.SIGKILL)
    time.sleep(0.3)
    for _ in range(6):
        a = site.get("/Patient/ella", t)
        assert a.status in (200, 500, 503)
    os.rename(site.data + "/away", site.data + "/store")
    until(lambda: len(site.pids()) == site.workers and site.get(
        "/Patient/ella", t).status == 200, 10)


def test_mint_without_keys(site):
    """A missing signing key: a clear exit, no token; readers go on."""
    shutil.rmtree(site.data + "/keys")
    p = site.tool("token", "mint", "--scope", "patient/*.read", "--patient",
                  "ella", check=False)
    assert p.returncode in (66, 73, 74, 77, 78) and p.stdout == ""
    assert p.stderr.startswith("tiphys: ")


def many(n, size=2000):
    return [{"resourceType": "Observation", "id": f"fill-{n}-{i}",
             "status": "final", "code": {"text": "x"},
             "comments": "y" * size, "subject": {"reference": "Patient/ella"}}
            for i in range(n)]


def test_full_map():
    """A load that does not fit says so; what was there is whole."""
    keys = {"map-bytes": 1048576 * 2, "map-bytes-max": 1048576 * 2}
    with World([SAMPLES], keys=keys) as w:
        with pytest.raises(RuntimeError, match="74"):
            w.load(*many(2000))
        assert w.tool("check").returncode == 0
        t = w.token("ella")
        assert w.get("/Patient/ella", t).status == 200
        assert w.bundle("/Observation?_count=0", t)["total"] >= 41


@pytest.mark.skipif(not testsite.ROOT, reason="only root can mount")
def test_full_disk():
    """On a file system of 4 MB; the same, and it goes on with room."""
    w = World([], server=None)
    disk = os.path.join(w.dir, "disk")
    os.mkdir(disk)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=755",
                       "tmpfs", disk], capture_output=True).returncode:
        w.stop()
        pytest.skip("mounting is not allowed here")
    try:
        w.conf = disk + "/d/tiphys.conf"
        w.tool_plain("init", "--dir", disk + "/d", "--base-url", w.base,
                     "--user", testsite.USER, "--group", testsite.USER)
        w.tool("load", SAMPLES)
        t = w.token("ella")
        with pytest.raises(RuntimeError, match="74"):
            w.load(*many(3000))
        assert w.tool("check").returncode == 0
        assert cgi(w, token=t)[:2] == (0, 200)
        subprocess.run(["mount", "-o", "remount,size=40m", disk], check=True)
        w.load(*many(3000))
        assert w.tool("check").returncode == 0
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
        w.stop()


def test_readers_run_out():
    """More readers than slots: 503 that may be tried again, or served."""
    with World([SAMPLES], workers=24, keys={"readers": 16}) as w:
        t = w.token("ella")
        seen = {w.get("/Patient/ella", t).status for _ in range(100)}
        assert seen <= {200, 503} and 200 in seen
