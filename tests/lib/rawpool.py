# SPDX-License-Identifier: Apache-2.0
"""A pool of workers without a web server, spoken to in raw FastCGI."""

import json
import os
import pwd
import shutil
import socket
import struct
import subprocess
import tempfile
import time

import pytest

from fcgi import END, PARAMS, STDIN, STDOUT, begin, length, record

SRC = os.environ.get("SRC") or os.path.realpath(
    os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("BUILD") or os.path.join(SRC, "build-test")
ROOT = os.geteuid() == 0
USER = "www-data" if ROOT else pwd.getpwuid(os.geteuid()).pw_name
FHIR = os.path.join(BUILD, "tiphys-fhir")
TOOL = os.path.join(BUILD, "tiphys")

RECEIVE = 0.6                   # s, receive-timeout of the pools here
SEND = 0.8
BIG = 900_000                   # bytes of the note in the big Observation


# --- a client of the protocol ---------------------------------------------

def pair(name, value):
    return length(len(name)) + length(len(value)) + name + value


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


class Copy:
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

    def load(self, found):
        path = self.dir + ".ndjson"
        with open(path, "w") as f:
            f.writelines(json.dumps(r) + "\n" for r in found)
        World.tool("-c", self.conf, "load", path)

    def write(self, text):
        with open(self.conf, "w") as f:
            f.write(text)


def run(args, **kw):
    return subprocess.run([FHIR, *args], capture_output=True, text=True,
                          timeout=10, **kw)
