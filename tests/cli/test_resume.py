# SPDX-License-Identifier: Apache-2.0
"""tiphys load: stopped, killed, out of room, and gone on with."""

import json
import os
import resource
import signal
import time

import pytest
from conftest import lines, observation, patient

N = 20000


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    path = tmp_path_factory.mktemp("many") / "many.ndjson"
    with open(path, "w") as f:
        for i in range(N):
            f.write(lines(patient("p1") if i == 0 else
                          observation(f"o{i}", comments="x" * (1 + i % 900))))
            if i % 1000 == 500:
                f.write(f"bad {i}\n")
    return path


def rejected():
    return "".join(f"bad {i}\n" for i in range(500, N, 1000))


def stop(tool, signum, after, args):
    """Start a load, send the signal when so many are there."""
    p = tool.popen("load", *map(str, args))
    while True:
        line = p.stderr.readline().decode()
        if not line or (" resources," in line and
                        int(line.split()[1]) >= after):
            break
    p.send_signal(signum)
    out, err = p.communicate(timeout=60)
    return p.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("after", [1000, 7000, 15000])
def test_killed_and_resumed(tool, many, tmp_path, after):
    """DB-01 for the loader: whole after kill -9, complete after --resume,
    rejects neither lost nor doubled."""
    args = (many, "--rejects", tmp_path / "r")
    code, _, _ = stop(tool, signal.SIGKILL, after, args)
    assert code == -signal.SIGKILL
    assert tool.whole()
    there = len(tool.export("--ids"))
    assert after - 1000 <= there < N
    p = tool("load", "--resume", *args, status=1)
    assert f"{N - there} created, 0 updated, 0 unchanged" in p.stdout
    assert len(tool.export("--ids")) == N
    assert (tmp_path / "r").read_text() == rejected()
    assert tool.whole()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_at_a_border(tool, many, tmp_path, signum):
    args = (many, "--rejects", tmp_path / "r")
    code, out, err = stop(tool, signum, 3000, args)
    assert code == 75
    assert "--resume goes on from here" in err
    assert out.endswith("; not all\n")
    there = len(tool.export("--ids"))
    assert out.startswith(f"{there} created")
    p = tool("load", "--resume", *args, status=1)
    assert f"{N - there} created" in p.stdout
    assert (tmp_path / "r").read_text() == rejected()
    assert tool.whole()


def test_interrupt_is_heard_while_input_is_awaited(tool):
    p = tool.popen("load", "-")
    p.stdin.write(lines(patient()).encode())
    p.stdin.flush()
    time.sleep(0.3)
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=10)
    assert p.returncode == 75
    assert tool.export("--ids") == ["p1"]


def test_resume_inside_a_bundle(tool, tmp_path):
    path = tmp_path / "b.json"
    entries = [{"resource": observation(f"o{i}", comments="x" * 500)}
               for i in range(N)]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "batch",
                                "entry": entries}))
    stop(tool, signal.SIGKILL, 5000, (path,))
    there = len(tool.export("--ids"))
    assert 0 < there < N
    p = tool("load", "--resume", path, status=0)
    assert p.stdout.startswith(f"{N - there} created, 0 updated, 0 unch")
    assert tool.whole()


def test_resume_in_the_second_file(tool, many, tmp_path):
    first = tmp_path / "a.ndjson"
    first.write_text(lines(*(patient(f"a{i}") for i in range(1000))))
    stop(tool, signal.SIGKILL, 4000, (first, many))
    there = len(tool.export("--ids"))
    p = tool("load", "--resume", first, many, status=1)
    assert f"{N + 1000 - there} created" in p.stdout


def test_resume_of_nothing_says_so(tool, many):
    p = tool("load", "--resume", many, status=1)
    assert "nothing to resume" in p.stderr
    p = tool("load", "--resume", many, status=1)
    assert "was complete" in p.stderr
    assert f"{N} unchanged" in p.stdout


def test_changed_file_is_another_load(tool, tmp_path):
    path = tmp_path / "a.ndjson"
    path.write_text(lines(patient("a")))
    tool("load", path, status=0)
    path.write_text(lines(patient("b")))
    p = tool("load", "--resume", path, status=0)
    assert "nothing to resume" in p.stderr
    assert tool.export("--ids") == ["a", "b"]


def test_full_disk(tool, many):
    """DB-05: refused clearly, whole, and complete once there is room."""
    room = os.path.getsize(tool.dir + "/store/data.mdb") + 3000000
    p = tool("load", many, status=74, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (room, room)))
    assert "no room left" in p.stderr and "--resume" in p.stderr
    assert tool.whole()
    there = len(tool.export("--ids"))
    assert 0 < there < N
    p = tool("load", "--resume", many, status=1)
    assert f"{N - there} created" in p.stdout
    assert tool.whole()


def test_full_map(tool, many):
    """DB-06"""
    with open(tool.conf, "a") as f:
        f.write("map-bytes = 1048576\nmap-bytes-max = 4194304\n")
    p = tool("load", many, status=74)
    assert "no room left" in p.stderr
    assert 0 < len(tool.export("--ids")) < N
    assert tool.whole()


def test_readers_and_writers_go_on(tool, many):
    """The lock is given back between transactions: another writer gets in
    while a load runs."""
    p = tool.popen("load", str(many))
    p.stderr.readline()
    began = time.monotonic()
    tool("load", "-", input=lines(patient("between")), status=0)
    took = time.monotonic() - began
    still = p.poll() is None
    p.communicate(timeout=60)
    assert not still or took < 2
    assert "between" in tool.export("--type", "Patient", "--ids")
