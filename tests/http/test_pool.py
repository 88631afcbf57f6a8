# SPDX-License-Identifier: Apache-2.0
"""The pool of workers: signals, sockets, memory, exit statuses.

Attack cases CGI-01, CNF-05 and the promises of tiphys-fhir(8).
"""

import os
import pwd
import signal
import socket
import subprocess
import time

import pytest
from fcgi import PARAMS, STDIN, begin, record
from rawpool import (BIG, FHIR, ROOT, USER, Copy, Pool, collect, pool,
                     request, run, variables, world)

assert pool and world           # fixtures


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


def test_killed_again_and_again_it_is_back_soon(world, pool):
    """Half a second at most, however often; at once after good service."""
    def kill_all(within):
        before = pool.pids()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        pool.until(lambda: len(pool.pids()) == pool.workers and
                   not before & pool.pids(), within)
        assert pool.ask("/fhir/Patient/pa", world.token).status == 200
    for _ in range(8):
        kill_all(0.9)
    time.sleep(1.1)
    kill_all(0.3)


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


def test_sighup_takes_a_good_file_and_refuses_a_bad(world):
    data = Copy(world, "hup")
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


def test_hung_worker_does_not_stop_reloads(world):
    """It has the time a request may take, then the next reload comes."""
    data = Copy(world, "hung")
    data.write(data.text + "search-cpu-ms = 10\n")
    pool = Pool(world.path(), data.conf)
    try:
        first = pool.pids()
        hung = min(first)
        os.kill(hung, signal.SIGSTOP)
        pool.p.send_signal(signal.SIGHUP)
        pool.until(lambda: "result=done" in pool.text())
        second = pool.pids() - first
        pool.p.send_signal(signal.SIGHUP)
        began = time.monotonic()
        pool.until(lambda: pool.text().count("result=done") == 2)
        assert time.monotonic() - began > 1
        pool.until(lambda: len(pool.pids()) == 2 and
                   not pool.pids() & (first | second))
        assert pool.text().count("reload drained=no") == 1
    finally:
        pool.stop()


def test_out_of_memory_is_503_and_a_new_worker(world):
    """request-bytes is the ceiling of one request, whatever it does."""
    data = Copy(world, "oom")
    data.write(data.text + "request-bytes = 1700000\n"
               "page-bytes = 262144\n")
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
