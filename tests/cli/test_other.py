# SPDX-License-Identifier: Apache-2.0
"""tiphys export, stats, config, and the frame around all commands."""

import json
import os

import pytest
from conftest import BASE, PATIENTS, ROOT, lines, observation, patient, run

COMMANDS = ["init", "load", "export", "stats", "explain", "check",
            "reindex",
            "config check", "config show", "token mint", "token explain",
            "token revoke", "key new", "key rotate", "key list",
            "user add", "user list", "user show", "user passwd",
            "user disable", "user enable", "user link", "user totp",
            "client add", "client list", "client show", "client set",
            "client disable", "client enable", "client rotate-secret",
            "client invite", "grant list", "grant show", "grant revoke",
            "session list", "session end", "launch new"]


# --- export ------------------------------------------------------------------

def test_export_of_a_type(tool):
    tool("load", PATIENTS, status=0)
    types = [json.loads(x)["resourceType"] for x in
             tool.export("--type", "Immunization")]
    assert set(types) == {"Immunization"} and len(types) > 1


def test_export_of_a_patient(tool):
    """What belongs to the patient; nothing shared, nothing of others."""
    tool("load", "-", status=0, input=lines(
        patient("p1"), patient("p2"), observation("o1", "p1"),
        observation("o2", "p2"),
        {"resourceType": "Practitioner", "id": "d1"},
        {"resourceType": "Observation", "id": "nobody", "status": "final",
         "code": {"text": "x"}}))
    assert set(tool.export("--patient", "p1", "--ids")) == {"p1", "o1"}
    assert tool.export("--patient", "p1", "--type", "Practitioner") == []
    p = tool("export", "--patient", "p3", status=66)
    assert p.stdout == "" and "no Patient" in p.stderr


def test_export_to_a_file_others_cannot_read(tool, tmp_path):
    tool("load", PATIENTS, status=0)
    out = tmp_path / "out.ndjson"
    assert tool("export", "-o", out, status=0, umask=0).stdout == ""
    assert out.read_text().splitlines() == tool.export()
    assert out.stat().st_mode & 0o777 == 0o600


def test_export_ids_as_json(tool):
    tool("load", "-", input=lines(patient()), status=0)
    assert json.loads(tool("export", "--ids", "--json").stdout) == {
        "type": "Patient", "id": "p1"}


def test_export_refuses_an_unknown_type(tool):
    p = tool("export", "--type", "patient", status=64)
    assert "did you mean Patient?" in p.stderr


def test_export_into_a_full_disk(tool):
    tool("load", PATIENTS, status=0)
    p = tool("export", "-o", "/dev/full", status=74)
    assert "/dev/full" in p.stderr
    with open("/dev/full", "w") as f:
        import subprocess
        from conftest import TIPHYS
        q = subprocess.run([TIPHYS, "-c", tool.conf, "export"], stdout=f,
                           stderr=subprocess.PIPE)
    assert q.returncode == 74 and q.stderr


# --- stats -------------------------------------------------------------------

def test_stats(tool):
    tool("load", "-", status=0, input=lines(
        patient("p1"), patient("p2"), observation("o1"),
        {"resourceType": "Practitioner", "id": "d1"}))
    tool("load", "-", status=0, input=lines(patient("p1", gender="male")))
    rows = {(r["group"], r["name"]): r["count"] for r in map(
        json.loads, tool("stats", "--json").stdout.splitlines())}
    assert rows["type", "Patient"] == 2
    assert rows["type", "Observation"] == 1
    assert ("type", "Device") not in rows
    assert rows["owner", "one patient"] == 3
    assert rows["owner", "shared"] == 1
    assert rows["store", "resources"] == 4
    assert rows["store", "versions"] == 5
    assert rows["store", "changes"] == 5
    assert 0 < rows["bytes", "used"] <= rows["bytes", "map"]
    plain = tool("stats").stdout.splitlines()
    assert "type\tPatient\t2" in plain
    assert len(plain) == len(rows)


# --- config ------------------------------------------------------------------

def test_config_check(tool):
    assert tool("config", "check", status=0).stdout == tool.conf + "\n"
    assert json.loads(tool("config", "check", "--json").stdout) == {
        "sound": tool.conf}


@pytest.mark.parametrize("line, word", [
    ("page-entry = 5", 'did you mean "page-entries"'),
    ("readers = 1", "16 to 16384"),
    ("readers = many", "16 to 16384"),
    (f"base-url = {BASE}", "second time"),
    ("nonsense", "key = value"),
    ("tls-front = perhaps", "yes"),
])
def test_config_fault_has_its_line(tool, line, word):
    """CNF-04"""
    n = len(open(tool.conf).readlines()) + 1
    with open(tool.conf, "a") as f:
        f.write(line + "\n")
    for command in (["config", "check"], ["config", "show"], ["stats"]):
        p = tool(*command, status=78)
        assert f"tiphys.conf:{n}: " in p.stderr and word in p.stderr
    p = tool("config", "check", "--json", status=78)
    assert json.loads(p.stderr)["error"] == "ERR_CONFIG"


def test_config_of_a_data_dir_that_is_not_there(tool):
    with open(tool.conf, "a") as f:
        f.write("data-dir = /nowhere\n")
    assert "data-dir /nowhere" in tool("config", "check", status=78).stderr


def test_config_file_that_is_not_there(tmp_path):
    p = run("-c", tmp_path / "x.conf", "config", "check", status=78)
    assert "x.conf" in p.stderr


def test_config_show(tool):
    rows = [json.loads(x) for x in
            tool("config", "show", "--json").stdout.splitlines()]
    assert [(r["key"], r["value"], r["given"]) for r in rows] == [
        ("base-url", BASE, True),
        *([("user", "root", True)] if ROOT else [])]
    rows = {r["key"]: r for r in map(json.loads, tool(
        "config", "show", "--defaults", "--json").stdout.splitlines())}
    assert rows["access-lifetime"] == {"key": "access-lifetime", "value":
                                       "3600", "unit": "s", "given": False}
    assert len(rows) > 25


def test_config_by_environment(tool):
    env = dict(os.environ, TIPHYS_CONFIG=tool.conf)
    assert run("config", "check", env=env, status=0).stdout == \
        tool.conf + "\n"


# --- the frame -----------------------------------------------------------------

def test_no_arguments():
    p = run(status=64)
    assert p.stdout == "" and p.stderr.startswith("usage: tiphys")
    assert len(p.stderr.splitlines()) < 5


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps(command):
    p = run(*command.split(), "--help", status=0)
    assert p.stdout.startswith("usage: tiphys") and p.stderr == ""
    assert "--json" in p.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_unknown_option(command):
    p = run(*command.split(), "--frobnicate", status=64)
    assert "--frobnicate" in p.stderr
    p = run("--json", *command.split(), "--frobnicate", status=64)
    assert json.loads(p.stderr)["where"] == "--frobnicate"


def test_unknown_command():
    assert "did you mean load?" in run("laod", status=64).stderr


def test_two_writers_need_no_order(tool, tmp_path):
    a = tool.popen("load", PATIENTS)
    b = tool.popen("load", PATIENTS)
    for p in (a, b):
        p.communicate(timeout=60)
        assert p.returncode == 0
    assert tool.whole()


@pytest.mark.parametrize("gid", ["-2R4JUZ0tOx76ir92I5Rmg",
                                 "-yyyyyyyyyyyyyyyyyyyyy",
                                 "-CHCcVJyJlT49ksUfniy2TY2vULpTYDdmrFwwD0Ce08"])
def test_an_id_may_begin_with_a_dash(tool, gid):
    """Ids are base64url: one in 64 begins so, and is no option."""
    for args in ([gid], ["--json", gid], [gid, "--json"], ["--", gid]):
        p = tool("token", "revoke", *args, status=66)
        assert p.stderr
    for args in (["-x"], ["-" + "y" * 20], ["--" + "y" * 30]):
        tool("token", "revoke", *args, status=64)
    # As the value of an option it stays one.
    p = tool("token", "revoke", "--token-file", gid, status=66)
    assert gid in p.stderr and "No such file" in p.stderr


# --- explain -----------------------------------------------------------------

def steps(text):
    """What explain --json says, by step: its last count, and its words."""
    rows = [json.loads(x) for x in text.splitlines()]
    assert all(set(r) <= {"step", "type", "parameter", "how", "count"}
               for r in rows)
    return {r["step"]: r for r in rows}, rows


def test_explain(tool):
    """Sources with their sizes, candidates, rows, totals, time."""
    tool("load", "-", status=0, input=lines(
        patient("p1"), patient("p2", gender="male"), observation("o1"),
        observation("o2")))
    by, rows = steps(tool("explain", "--json",
                          "Patient?gender=male&_sort=_id").stdout)
    assert by["begin"]["parameter"] == "gender"
    assert by["begin"]["count"] == by["candidates"]["count"] == 1
    assert by["total"]["count"] == by["page"]["count"] == 1
    assert by["work"]["count"] > 0 and by["time"]["count"] > 0
    assert {"type": "Patient", "step": "source", "count": 2,
            "how": "every resource of the type"} in [
                {k: v for k, v in r.items() if v != ""} for r in rows]
    # a list that is the answer; a chain; all types
    assert "answer" in steps(tool("explain", "--json",
                                  "Patient?gender=male").stdout)[0]
    by = steps(tool("explain", "--json",
                    "Observation?patient.gender=male").stdout)[0]
    assert by["chain"]["type"] == "Patient"
    assert by["chain"]["parameter"] == "patient.gender"
    by = steps(tool("explain", "--json", "/?_id=p1,p2").stdout)[0]
    assert by["total"]["count"] == 2
    by = steps(tool("explain", "--json", "Patient/p1/*").stdout)[0]
    assert by["total"]["count"] == 2
    # no value is printed
    assert "male" not in tool("explain", "Patient?gender=male").stdout


def test_explain_as_a_token(tool):
    tool("load", "-", status=0, input=lines(
        patient("p1"), patient("p2"), observation("o1"), observation("o2")))
    tool("key", "new")
    token = tool("token", "mint", "--patient", "p1", "--scope",
                 "patient/*.read").stdout
    by = steps(tool("explain", "--json", "--token", "-", "Observation",
                    input=token).stdout)[0]
    assert by["rows"]["count"] == by["total"]["count"] == 2
    assert "rows of the view's patients" in by["rows"]["how"]
    assert tool("explain", "--token", "-", "Observation", input="x",
                ).returncode == 77


def test_explain_refuses(tool):
    for query, status, words in (
            ("Nothing?x=1", 64, "no such resource type"),
            ("Patient/1", 64, "no search"), ("a/b/c/d", 64, "no search"),
            ("Patient?foo=1", 64, "no search parameter"),
            ("Patient?birthdate=x", 65, "not a date")):
        p = tool("explain", query)
        assert p.returncode == status, query
        assert words in p.stderr, query


# --- zone --------------------------------------------------------------------

def test_zone_of_the_clinic(tool):
    """Times without a zone are the clinic's; the index knows which."""
    seen = observation("o1")
    seen["effectiveDateTime"] = "2024-01-01T01:00:00"
    tool("load", "-", status=0, input=lines(patient("p1"), seen))

    def found(query):
        return steps(tool("explain", "--json", query,
                          status=0).stdout)[0]["total"]["count"]

    assert found("Observation?date=2024-01-01T01:00:00Z") == 1
    with open(tool.conf, "a", encoding="utf-8") as f:
        f.write("zone = +02:00\n")
    p = tool("explain", "Observation", status=78)
    assert "reindex" in p.stderr
    tool("reindex", status=0)
    assert found("Observation?date=2024-01-01T01:00:00Z") == 0
    assert found("Observation?date=2023-12-31T23:00:00Z") == 1
    assert found("Observation?date=2024-01-01T01:00:00") == 1
    assert found("Observation?date=lt2024-01-01") == 0
    with open(tool.conf, "a", encoding="utf-8") as f:
        f.write("zone = 15:00\n")
    assert "zone" in tool("explain", "Observation", status=78).stderr
