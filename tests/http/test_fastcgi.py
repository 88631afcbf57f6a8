# SPDX-License-Identifier: Apache-2.0
"""tiphys-fhir without a web server: raw FastCGI, the pool, CGI.

Attack cases CGI-01, -03 to -10, CNF-05 of the catalogue, and the promises of
tiphys-fhir(8) about signals, sockets and exit statuses.
"""

import json
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import pytest

SRC = os.environ.get("SRC") or os.path.realpath(
    os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("BUILD") or os.path.join(SRC, "build-test")
ROOT = os.geteuid() == 0
USER = "www-data" if ROOT else pwd.getpwuid(os.geteuid()).pw_name
FHIR = os.path.join(BUILD, "tiphys-fhir")
TOOL = os.path.join(BUILD, "tiphys")

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT = 1, 2, 3, 4, 5, 6
RECEIVE = 0.6                   # s, receive-timeout of the pools here
SEND = 0.8
BIG = 900_000                   # bytes of the note in the big Observation


# --- a client of the protocol ---------------------------------------------

def record(kind, content=b"", rid=1, version=1):
    assert len(content) < 65536
    return struct.pack(">BBHHBx", version, kind, rid, len(content),
                       0) + content


def length(n):
    return bytes([n]) if n < 128 else struct.pack(">I", n | 0x80000000)


def pair(name, value):
    return length(len(name)) + length(len(value)) + name + value


def begin(rid=1, role=1, flags=0):
    return record(BEGIN, struct.pack(">HB5x", role, flags), rid)


def variables(target, token=None, method="GET", more=(), drop=()):
    v = [(b"GATEWAY_INTERFACE", b"CGI/1.1"),
         (b"REQUEST_METHOD", method.encode()),
         (b"REQUEST_URI", target.encode())]
    if token:
        v.append((b"HTTP_AUTHORIZATION", b"Bearer " + token.encode()))
    v += [(n.encode(), x if isinstance(x, bytes) else x.encode())
          for n, x in more]
    return b"".join(pair(n, x) for n, x in v if n.decode() not in drop)


def request(target, token=None, method="GET", more=(), body=b"", drop=()):
    return (begin() + record(PARAMS, variables(target, token, method, more,
                                               drop)) +
            record(PARAMS) + (record(STDIN, body) if body else b"") +
            record(STDIN))


class Answer:
    """What came back; ended: there was a proper end of the request."""

    def __init__(self, raw):
        self.out, self.ended, self.kinds = b"", False, []
        while len(raw) >= 8:
            _, kind, _, n, pad = struct.unpack(">BBHHB", raw[:7])
            self.kinds.append(kind)
            if kind == STDOUT:
                self.out += raw[8:8 + n]
            if kind == END:
                self.ended = True
            raw = raw[8 + n + pad:]
        head, _, self.body = self.out.partition(b"\r\n\r\n")
        self.status = int(head.split()[1]) if head else 0
        self.head = head.decode()


def collect(s):
    raw = b""
    while True:
        try:
            got = s.recv(65536)
        except ConnectionResetError:
            break
        if not got:
            break
        raw += got
    return Answer(raw)


class Pool:
    def __init__(self, path, conf, workers=2, extra=()):
        self.socket = path
        self.log = tempfile.NamedTemporaryFile(mode="r+")
        self.p = subprocess.Popen(
            [FHIR, "-c", conf, "-s", path, "-n", str(workers), *extra],
            stdin=subprocess.DEVNULL, stderr=self.log.fileno())
        self.workers = workers
        self.until(lambda: len(self.pids()) == workers and self.ask(
            "/fhir/metadata").status == 200)

    def until(self, true, seconds=5.0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if true():
                    return
            except OSError:
                pass
            time.sleep(0.01)
        raise AssertionError("not in time; log: " + self.text())

    def text(self):
        self.log.seek(0)
        return self.log.read()

    def pids(self):
        out = subprocess.run(["pgrep", "-P", str(self.p.pid)],
                             capture_output=True, text=True).stdout
        return set(map(int, out.split()))

    def connect(self, timeout=5.0):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(timeout)
        s.connect(self.socket)
        return s

    def raw(self, data, timeout=5.0):
        with self.connect(timeout) as s:
            try:
                s.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return collect(s)

    def ask(self, target, token=None, **kw):
        return self.raw(request(target, token, **kw))

    def stop(self):
        if self.p.poll() is None:
            self.p.terminate()
        self.p.wait(5)
        self.log.close()


# --- the world ------------------------------------------------------------

def samples():
    yield {"resourceType": "Patient", "id": "pa",
           "identifier": [{"system": "urn:test", "value": "a"}],
           "name": [{"family": ["Ames"], "given": ["Ada"]}],
           "gender": "female"}
    yield {"resourceType": "Observation", "id": "big", "status": "final",
           "code": {"coding": [{"system": "http://loinc.org",
                                "code": "8302-2"}]},
           "subject": {"reference": "Patient/pa"},
           "comments": "x" * BIG}


class World:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="tiphys-fcgi.")
        os.chmod(self.dir, 0o755)
        self.data = os.path.join(self.dir, "data")
        self.conf = os.path.join(self.data, "tiphys.conf")
        os.mkdir(self.data, 0o750)
        if ROOT:
            shutil.chown(self.data, USER, USER)
        self.tool("init", "--dir", self.data, "--base-url",
                  "http://127.0.0.1:8080/fhir",
                  *(["--user", USER, "--group", USER] if ROOT else []))
        self.keys({"receive-timeout": int(RECEIVE * 1000),
                   "send-timeout": int(SEND * 1000)})
        path = os.path.join(self.dir, "samples.ndjson")
        with open(path, "w") as f:
            for r in samples():
                f.write(json.dumps(r) + "\n")
        self.tool("-c", self.conf, "load", path)
        self.token = self.tool("-c", self.conf, "token", "mint", "--scope",
                               "patient/*.read", "--patient", "pa").strip()
        self.n = 0

    def keys(self, values):
        with open(self.conf, "a") as f:
            for name, value in values.items():
                f.write(f"{name} = {value}\n")

    @staticmethod
    def tool(*args):
        p = subprocess.run([TOOL, *args], capture_output=True, text=True)
        assert p.returncode == 0, p.stderr
        return p.stdout

    def path(self):
        self.n += 1
        return os.path.join(self.dir, f"s{self.n}")


@pytest.fixture(scope="module")
def world():
    w = World()
    yield w
    shutil.rmtree(w.dir)


@pytest.fixture
def pool(world):
    p = Pool(world.path(), world.conf)
    yield p
    p.stop()


# --- answers ----------------------------------------------------------------

def test_read(world, pool):
    a = pool.ask("/fhir/Patient/pa", world.token)
    assert a.status == 200 and a.ended
    assert json.loads(a.body)["id"] == "pa"
    assert a.kinds == [STDOUT, STDOUT, END]


def test_large_answer_in_several_records(world, pool):
    a = pool.ask("/fhir/Observation/big", world.token)
    assert a.status == 200 and a.ended
    assert a.kinds.count(STDOUT) > BIG // 65535
    assert json.loads(a.body)["comments"] == "x" * BIG


def test_keep_conn_is_closed_nevertheless(world, pool):
    """A kept connection would pin a worker; END_REQUEST and EOF come."""
    a = pool.raw(begin(flags=1) +
                 record(PARAMS, variables("/fhir/Patient/pa", world.token)) +
                 record(PARAMS) + record(STDIN))
    assert a.status == 200 and a.ended


def test_variables_in_slices(world, pool):
    data = variables("/fhir/Patient/pa", world.token)
    with pool.connect() as s:
        s.sendall(begin())
        for i in range(0, len(data), 50):
            s.sendall(record(PARAMS, data[i:i + 50]))
        s.sendall(record(PARAMS) + record(STDIN))
        assert collect(s).status == 200


# --- crooked peers ----------------------------------------------------------

def test_cgi_03_gigabyte_record(world, pool):
    before = pool.pids()
    evil = struct.pack(">II", 0x80000000 | 2**30, 0x80000000 | 2**30)
    pool.raw(begin() + record(PARAMS, evil) + record(PARAMS))
    started = time.monotonic()
    for _ in range(20):
        assert pool.ask("/fhir/Patient/pa", world.token).status == 200
    pool.until(lambda: len(pool.pids()) == pool.workers, 1.0)
    assert time.monotonic() - started < 1.0
    assert len(before & pool.pids()) >= pool.workers - 1


def test_cgi_04_identity_from_the_token_alone(world, pool):
    a = pool.ask("/fhir/Patient/pa", more=[
        ("REMOTE_USER", "admin"), ("REMOTE_USER", "root"),
        ("X=HTTP_AUTHORIZATION=Bearer " + world.token, "x"),
        ("HTTP_X", "a\0HTTP_AUTHORIZATION=Bearer " + world.token)])
    assert a.status == 401
    a = pool.ask("/fhir/Patient/pa", world.token,
                 more=[("HTTP_AUTHORIZATION", "Bearer x")])
    assert a.status == 400


@pytest.mark.parametrize("announced,body", [
    ("-5", b"abc"), ("", b"abc"), ("10", b"abc"), ("1", b"abc"),
    (str(2**63), b"abc"), ("3", b""), ("x", b""), ("3 ", b"abc")])
def test_cgi_05_content_length(world, pool, announced, body):
    a = pool.ask("/fhir/Observation/_search", world.token, method="POST",
                 body=body, more=[("CONTENT_LENGTH", announced),
                                  ("CONTENT_TYPE",
                                   "application/x-www-form-urlencoded")])
    assert a.status == 400 and a.ended


def test_announced_beyond_the_limit_is_413_unread(world, pool):
    a = pool.ask("/fhir/Observation/_search", world.token, method="POST",
                 body=b"x" * 60000, more=[("CONTENT_LENGTH", str(2**40))])
    assert a.status == 413 and a.ended


def test_cgi_06_abort_in_the_body(world, pool):
    a = pool.raw(begin() + record(PARAMS, variables(
        "/fhir/Observation/_search", world.token, "POST",
        [("CONTENT_LENGTH", "10")])) + record(PARAMS) +
        record(STDIN, b"patie") + record(ABORT))
    assert a.status == 0 and not a.ended
    assert pool.ask("/fhir/Patient/pa", world.token).status == 200


@pytest.mark.parametrize("start", [
    b"", b"\1", begin(), begin() + record(PARAMS, b"\1"),
    begin() + record(PARAMS, variables("/fhir/Patient/pa")),
    request("/fhir/Patient/pa", more=[("CONTENT_LENGTH", "9")])[:-8]],
    ids=["nothing", "byte", "begin", "half-pair", "no-end", "no-stdin"])
def test_cgi_07_silent_peers(world, pool, start):
    """As many silent connections as workers: served again in time."""
    idle = [pool.connect() for _ in range(pool.workers)]
    for s in idle:
        s.sendall(start)
    began = time.monotonic()
    assert pool.ask("/fhir/Patient/pa", world.token).status == 200
    assert time.monotonic() - began < RECEIVE + 0.3
    for s in idle:
        s.close()
    assert "event=worker-died" not in pool.text()


def test_cgi_07_trickling_peer(world, pool):
    """The limit is on the request, not on each read of it."""
    data = request("/fhir/Patient/pa", world.token)
    began = time.monotonic()
    with pool.connect() as s:
        with pytest.raises(OSError):
            for b in data:
                s.sendall(bytes([b]))
                time.sleep(0.02)
    assert time.monotonic() - began < RECEIVE + 0.3


def test_slow_but_in_time_is_served(world, pool):
    """Ticks of the timer do not break a read that goes on."""
    data = request("/fhir/Patient/pa", world.token)
    with pool.connect() as s:
        for i in range(4):
            part = len(data) // 4 + 1
            s.sendall(data[i * part:(i + 1) * part])
            time.sleep(RECEIVE / 8)
        assert collect(s).status == 200


@pytest.mark.parametrize("data", [
    record(9, b"", 0) + request("/fhir/metadata"),
    record(9, pair(b"FCGI_MAX_CONNS", b""), 0) + request("/fhir/metadata"),
    record(99, b"x" * 100, 0) + request("/fhir/metadata"),
    record(99, b"x" * 100, 1) + request("/fhir/metadata"),
    begin() + begin() + request("/fhir/metadata"),
    begin() + begin(2) + request("/fhir/metadata")[16:],
    begin() + record(PARAMS, b"x" * 50, 7) + request("/fhir/metadata")[16:],
    record(PARAMS, b"x") + request("/fhir/metadata"),
    begin(0) + request("/fhir/metadata"),
    begin(role=2) + request("/fhir/metadata")[16:],
    begin(role=9) + request("/fhir/metadata")[16:],
    record(BEGIN, b"\0\1", 1),
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + b"\0" * 100,
    b"\xff" * 10000, b"\0" * 10000,
    request("/fhir/metadata").replace(b"\1\4", b"\2\4", 1)])
def test_cgi_08_protocol(world, pool, data):
    """No crash, no mixing: a later request is answered as ever."""
    with pool.connect(2 * RECEIVE + 1) as s:
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        collect(s)
    for _ in range(4):
        a = pool.ask("/fhir/Patient/pa", world.token)
        assert a.status == 200 and json.loads(a.body)["id"] == "pa"
    assert "event=worker-died" not in pool.text()


@pytest.mark.parametrize("missing", ["REQUEST_METHOD", "REQUEST_URI",
                                     "GATEWAY_INTERFACE"])
def test_strangers_get_no_answer(world, pool, missing):
    a = pool.ask("/fhir/metadata", drop=[missing])
    assert a.status == 0 and not a.ended


def test_cgi_10_client_goes_away(world, pool):
    before = pool.pids()
    for _ in range(20):
        with pool.connect() as s:
            s.sendall(request("/fhir/Observation/big", world.token))
            s.recv(10)
    for _ in range(5):
        assert pool.ask("/fhir/Patient/pa", world.token).status == 200
    assert pool.pids() == before


def test_peer_that_does_not_read(world, pool):
    """The send limit frees the workers; nobody dies of it."""
    before = pool.pids()
    idle = [pool.connect() for _ in range(pool.workers)]
    for s in idle:
        s.sendall(request("/fhir/Observation/big", world.token))
    began = time.monotonic()
    assert pool.ask("/fhir/Patient/pa", world.token).status == 200
    assert time.monotonic() - began < SEND + 0.4
    assert pool.pids() == before
    for s in idle:
        s.close()


# --- the pool ---------------------------------------------------------------

def test_cgi_01_socket_is_the_groups(pool):
    st = os.lstat(pool.socket)
    assert st.st_mode & 0o777 == 0o660
    if ROOT:
        assert st.st_uid == pwd.getpwnam(USER).pw_uid


@pytest.mark.skipif(not ROOT, reason="only root can drop root")
def test_cnf_05_nothing_runs_as_root(pool):
    for pid in pool.pids() | {pool.p.pid}:
        with open(f"/proc/{pid}/status") as f:
            ids = [line for line in f if line.startswith(("Uid", "Gid"))]
        assert all("0" not in line.split()[1:] for line in ids)


def test_killed_worker_is_replaced(world, pool):
    before = pool.pids()
    os.kill(min(before), signal.SIGKILL)
    pool.until(lambda: len(pool.pids()) == pool.workers and
               min(before) not in pool.pids(), 1.0)
    assert pool.ask("/fhir/Patient/pa", world.token).status == 200
    assert "event=worker-died" in pool.text()


def test_sigterm_drains(world, pool):
    """A request that runs is finished, then the pool ends with 0."""
    body = b"patient=pa&_count=1"
    head = begin() + record(PARAMS, variables(
        "/fhir/Observation/_search", world.token, "POST",
        [("CONTENT_LENGTH", str(len(body))),
         ("CONTENT_TYPE", "application/x-www-form-urlencoded")]))
    with pool.connect() as s:
        s.sendall(head + record(PARAMS) + record(STDIN, body[:5]))
        time.sleep(0.1)
        pool.p.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        s.sendall(record(STDIN, body[5:]) + record(STDIN))
        assert collect(s).status == 200
    assert pool.p.wait(3) == 0
    assert "drained=yes" in pool.text()


def test_workers_end_with_the_parent(pool):
    pids = pool.pids()
    pool.p.kill()
    pool.p.wait()

    def gone():
        return not any(os.path.exists(f"/proc/{p}") for p in pids)
    pool.until(gone, 2.0)


class copy_of:
    """The world's data again, with a configuration to write to."""

    def __init__(self, world, name):
        self.dir = os.path.join(world.dir, name)
        self.conf = os.path.join(self.dir, "tiphys.conf")
        shutil.copytree(world.data, self.dir)
        subprocess.run(["chown", "-R", USER, self.dir], check=True)
        os.chmod(self.dir, 0o750)
        with open(self.conf) as f:
            self.text = f.read().replace(world.data, self.dir)
        self.write(self.text)

    def write(self, text):
        with open(self.conf, "w") as f:
            f.write(text)


def test_sighup_takes_a_good_file_and_refuses_a_bad(world):
    data = copy_of(world, "hup")
    pool = Pool(world.path(), data.conf)
    try:
        first = pool.pids()
        data.write(data.text + "no-such-key = 1\n")
        pool.p.send_signal(signal.SIGHUP)
        pool.until(lambda: "result=refused" in pool.text())
        assert pool.pids() == first
        data.write(data.text.replace("/fhir", "/other"))
        pool.p.send_signal(signal.SIGHUP)
        pool.until(lambda: "result=done" in pool.text())
        pool.until(lambda: len(pool.pids()) == 2 and
                   not pool.pids() & first)
        assert pool.ask("/other/metadata").status == 200
        assert pool.ask("/fhir/metadata").status == 401
        # A good file whose store cannot be opened changes nothing either.
        second = pool.pids()
        data.write("".join(
            line + "\n" for line in data.text.splitlines()
            if not line.startswith("data-dir")) +
            "data-dir = /nonexistent\n")
        pool.p.send_signal(signal.SIGHUP)
        pool.until(lambda: pool.text().count("result=refused") == 2)
        assert pool.pids() == second
        assert pool.ask("/other/metadata").status == 200
    finally:
        pool.stop()


def test_out_of_memory_is_503_and_a_new_worker(world):
    """request-bytes is the ceiling of one request, whatever it does."""
    data = copy_of(world, "oom")
    data.write(data.text + "request-bytes = 1048576\n")
    pool = Pool(world.path(), data.conf)
    try:
        before = pool.pids()
        # Indented it would be too long, so it comes as it is.
        a = pool.ask("/fhir/Observation/big?_pretty=true", world.token)
        assert a.status == 200 and len(a.body) > BIG
        assert pool.pids() == before
        a = pool.ask("/fhir/Observation/_search", world.token,
                     method="POST", body=b"_id=x",
                     more=[("CONTENT_LENGTH", "2000000")])
        assert a.status == 503 and a.ended and b"try again" in a.body
        pool.until(lambda: len(pool.pids()) == 2 and pool.pids() != before)
        assert "event=no-memory" in pool.text()
        assert "exit=71" in pool.text()
        assert pool.ask("/fhir/Patient/pa", world.token).status == 200
        # A page past a quarter of it is refused, and costs no worker.
        before = pool.pids()
        a = pool.ask("/fhir/Observation?patient=pa", world.token)
        assert a.status == 400 and b"too-costly" in a.body
        assert pool.pids() == before
    finally:
        pool.stop()


def run(args, **kw):
    return subprocess.run([FHIR, *args], capture_output=True, text=True,
                          timeout=10, **kw)


def test_sockets_in_the_way(world, pool):
    # A live one is not taken over, a plain file is not touched.
    p = run(["-c", world.conf, "-s", pool.socket],
            stdin=subprocess.DEVNULL)
    assert p.returncode == 75
    assert pool.ask("/fhir/metadata").status == 200
    path = world.path()
    with open(path, "w") as f:
        f.write("mine")
    p = run(["-c", world.conf, "-s", path], stdin=subprocess.DEVNULL)
    assert p.returncode == 73
    with open(path) as f:
        assert f.read() == "mine"


def test_stale_socket_is_replaced(world):
    path = world.path()
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    s.close()
    pool = Pool(path, world.conf)
    assert pool.ask("/fhir/metadata").status == 200
    pool.stop()


def test_exit_statuses(world):
    null = {"stdin": subprocess.DEVNULL}
    assert run([], **null).returncode == 64
    assert run(["-x"], **null).returncode == 64
    assert run(["-s", world.path(), "-n", "0"], **null).returncode == 64
    assert run(["-s", world.path(), "extra"], **null).returncode == 64
    assert run(["-h"], **null).returncode == 0
    assert run(["-V"], **null).returncode == 0
    p = run(["-c", "/nonexistent", "-s", world.path()], **null)
    assert p.returncode == 78 and p.stderr
    p = run(["-c", world.conf, "-s", "/nonexistent/x"], **null)
    assert p.returncode == 73
    p = run(["-c", world.conf, "-s", "/" + "x" * 200], **null)
    assert p.returncode == 73


@pytest.mark.parametrize("args", [[], ["-n", "2"]], ids=["single", "pool"])
def test_socket_on_fd_0(world, args):
    path = world.path()
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)
        s.listen(16)
        p = subprocess.Popen([FHIR, "-c", world.conf, *args], stdin=s,
                             stderr=subprocess.PIPE)
    try:
        with socket.socket(socket.AF_UNIX) as c:
            c.settimeout(5)
            c.connect(path)
            c.sendall(request("/fhir/Patient/pa", world.token))
            assert collect(c).status == 200
    finally:
        p.terminate()
    assert p.wait(5) == 0
    p.stderr.close()


# --- CGI ----------------------------------------------------------------------

def cgi(world, target, token=None, argv=(), body=b"", **more):
    env = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
           "REQUEST_URI": target, "TIPHYS_CONFIG": world.conf, **more}
    if token:
        env["HTTP_AUTHORIZATION"] = "Bearer " + token
    p = subprocess.run([FHIR, *argv], env=env, input=body,
                       capture_output=True, timeout=10)
    head, _, text = p.stdout.partition(b"\r\n\r\n")
    return p.returncode, int(head.split()[1]), text


def test_cgi_one_request(world):
    rc, status, body = cgi(world, "/fhir/Patient/pa", world.token)
    assert (rc, status) == (0, 200) and json.loads(body)["id"] == "pa"
    rc, status, body = cgi(
        world, "/fhir/Observation/_search", world.token,
        body=b"patient=pa&_count=0and more", REQUEST_METHOD="POST",
        CONTENT_LENGTH="19",
        CONTENT_TYPE="application/x-www-form-urlencoded")
    assert (rc, status) == (0, 200) and json.loads(body)["total"] == 1


@pytest.mark.parametrize("argv", [["-h"], ["--config=x"], ["-c", "/x"],
                                  ["-s", "/tmp/x"], ["-V"]])
def test_cgi_09_arguments_are_ignored(world, argv):
    rc, status, body = cgi(world, "/fhir/Patient/pa", world.token, argv)
    assert (rc, status) == (0, 200) and json.loads(body)["id"] == "pa"


def test_cgi_short_body(world):
    rc, status, _ = cgi(world, "/fhir/Observation/_search", world.token,
                        body=b"abc", REQUEST_METHOD="POST",
                        CONTENT_LENGTH="10")
    assert (rc, status) == (0, 400)


def test_cgi_without_configuration(world):
    rc, status, body = cgi(world, "/fhir/metadata",
                           TIPHYS_CONFIG="/nonexistent")
    assert (rc, status) == (78, 503) and b"OperationOutcome" in body
