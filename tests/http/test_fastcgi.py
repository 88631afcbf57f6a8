# SPDX-License-Identifier: Apache-2.0
"""tiphys-fhir without a web server: raw FastCGI, by good and crooked peers.

Attack cases CGI-03 to -08, -10 of the catalogue.
"""

import json
import socket
import struct
import time

import pytest
from fcgi import ABORT, BEGIN, END, PARAMS, STDIN, STDOUT, begin, record
from rawpool import (BIG, RECEIVE, SEND, Copy, Pool, collect, pair, pool,
                     request, variables, world)

assert pool and world           # fixtures


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


def test_receive_limit_ends_with_the_body(world):
    """A search may take longer than a request may take to arrive."""
    data = Copy(world, "slow")
    data.write(data.text.replace(f"= {int(RECEIVE * 1000)}\n", "= 100\n") +
               "search-cpu-ms = 60000\n")
    note = "y" * 1000
    data.load({"resourceType": "Observation", "id": f"o{i}",
               "status": "final", "code": {"text": "x"},
               "subject": {"reference": "Patient/pa"},
               "valueString": note} for i in range(800))
    words = ",".join(f"yyyx{i}" for i in range(190))
    pool = Pool(world.path(), data.conf)
    try:
        began = time.monotonic()
        a = pool.ask("/fhir/Observation?patient=pa&value-string:contains=" +
                     words, world.token)
        assert a.status == 200 and json.loads(a.body)["total"] == 0
        assert time.monotonic() - began > 0.1, "no longer slow: a new query"
    finally:
        pool.stop()
