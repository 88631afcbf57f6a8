# SPDX-License-Identifier: Apache-2.0
"""tiphys check and reindex: damage is found, the index is made anew."""

import json
import os
import random
import shutil
import signal

import pytest
from conftest import PATIENTS, Tool, run

TRIALS = 200


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    t = Tool(tmp_path_factory.mktemp("check") / "data")
    t("load", PATIENTS, status=0)
    return t


def test_whole_store(loaded):
    assert loaded.whole()
    p = loaded("check", "--json", status=0)
    assert json.loads(p.stdout) == {"summary": {"faults": 0}}


def test_check_while_a_server_holds_it(loaded):
    """Reading alone: an export in between is not disturbed."""
    p = loaded.popen("export")
    first = p.stdout.readline()
    assert loaded.whole()
    rest, _ = p.communicate(timeout=10)
    assert len((first + rest).splitlines()) > 200


def test_flipped_bits_are_found(loaded, tmp_path):
    """DB-11: each is reported, or changed nothing that anyone reads; and
    never does the tool die without a word."""
    good = open(loaded.dir + "/store/data.mdb", "rb").read()
    want = loaded.export()
    shutil.copytree(loaded.dir, tmp_path / "d")
    conf = tmp_path / "d/tiphys.conf"
    draw = random.Random(11)
    found = 0
    for trial in range(TRIALS):
        bad = bytearray(good)
        at = draw.randrange(len(bad))
        bad[at] ^= 1 << draw.randrange(8)
        (tmp_path / "d/store/data.mdb").write_bytes(bad)
        (tmp_path / "d/store/lock.mdb").unlink(missing_ok=True)
        p = run("-c", conf, "check")
        assert p.returncode in (0, 1, 74, 78), (trial, at, p)
        if p.returncode != 0:
            assert p.stdout or p.stderr, (trial, at)
            found += 1
            p = run("-c", conf, "export")
            assert p.returncode >= 0, (trial, at, p.returncode)
            if p.returncode == 0:
                assert set(p.stdout.splitlines()) <= set(want), (trial, at)
            else:
                assert p.stderr
            continue
        p = run("-c", conf, "export", status=0)
        assert p.stdout.splitlines() == want, (trial, at)
    assert found > TRIALS // 4


@pytest.mark.parametrize("size", [0, 100, 4096, 8192, 100000])
def test_cut_file_is_refused(loaded, tmp_path, size):
    """DB-14"""
    shutil.copytree(loaded.dir, tmp_path / "d")
    os.truncate(tmp_path / "d/store/data.mdb", size)
    for command in ("check", "stats", "export", "reindex"):
        p = run("-c", tmp_path / "d/tiphys.conf", command)
        assert p.returncode in (74, 78), (command, p)
        assert "data.mdb" in p.stderr


def test_garbage_is_refused(loaded, tmp_path):
    """DB-14"""
    shutil.copytree(loaded.dir, tmp_path / "d")
    size = os.path.getsize(loaded.dir + "/store/data.mdb")
    (tmp_path / "d/store/data.mdb").write_bytes(
        random.Random(14).randbytes(size))
    for command in ("check", "stats", "export", "reindex"):
        p = run("-c", tmp_path / "d/tiphys.conf", command)
        assert p.returncode in (74, 78) and p.stderr


def test_readable_by_others_is_refused(loaded, tmp_path):
    """DB-09"""
    shutil.copytree(loaded.dir, tmp_path / "d")
    os.chmod(tmp_path / "d/store/data.mdb", 0o644)
    p = run("-c", tmp_path / "d/tiphys.conf", "stats", status=78)
    assert "chmod" in p.stderr


def test_reindex_gives_the_same(tool):
    tool("load", PATIENTS, status=0)
    before = tool.export(), tool("stats").stdout.split("bytes")[0]
    p = tool("reindex", "--json", status=0)
    assert json.loads(p.stdout) == {"reindexed": True}
    assert (tool.export(), tool("stats").stdout.split("bytes")[0]) == before
    assert tool.whole()


def test_reindex_killed_goes_on(tool, tmp_path):
    many = "".join(json.dumps({"resourceType": "Basic", "id": f"b{i}",
                               "code": {"text": "x" * 500}}) + "\n"
                   for i in range(10000))
    tool("load", "-", input=many, status=0)
    p = tool.popen("reindex", start_new_session=True)
    p.stderr.readline()
    os.killpg(p.pid, signal.SIGKILL)
    p.communicate()
    q = tool("stats")
    if q.returncode != 0:
        assert "tiphys reindex" in q.stderr
        assert q.returncode == 78
    tool("reindex", status=0)
    assert tool.whole()
    assert len(tool.export("--ids")) == 10000


def test_no_store(tool):
    shutil.rmtree(tool.dir + "/store")
    for command in ("check", "stats", "export", "reindex"):
        p = tool(command, status=66)
        assert "tiphys init" in p.stderr
    p = tool("load", PATIENTS, status=66)
    assert "tiphys init" in p.stderr
