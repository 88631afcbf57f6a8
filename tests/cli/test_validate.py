# SPDX-License-Identifier: Apache-2.0
"""tiphys validate, tiphys load --validate: R19, A20."""

import gzip
import json
import re

import pytest
from conftest import PATIENTS, bundle, lines, patient, run

ARGO = "http://fhir.org/guides/argonaut/StructureDefinition/"
GOAL = {"resourceType": "Goal", "id": "g", "description": "walk",
        "status": "proposed"}
BAD = dict(GOAL, id="b", status="proposd", more=1)


def reports(p):
    return [json.loads(line) for line in p.stdout.splitlines()]


def test_samples_are_valid():
    p = run("validate", "-q", PATIENTS, status=0)
    assert re.fullmatch(r"\d+ valid, 0 invalid, \d+ warnings\n", p.stdout)


def test_says_where(tmp_path):
    path = tmp_path / "a.ndjson"
    path.write_text(lines(GOAL, BAD, GOAL))
    p = run("validate", str(path), status=1)
    a, b, last = p.stdout.splitlines()
    assert sorted([a, b]) == sorted([
        f'{path}:2: error: Goal.status: no code of goal-status: did you mean '
        '"proposed"? (binding)',
        f"{path}:2: error: Goal.more: Goal has no such element; an addition "
        "belongs in an extension (element)"])
    assert last == "2 valid, 1 invalid, 0 warnings"
    assert p.stderr == ""


def test_json(tmp_path):
    path = tmp_path / "a.json.gz"
    with gzip.open(path, "wt") as f:
        json.dump(dict(BAD, meta={"profile": ["http://x.org/p"]}), f,
                  indent=2)
    got = reports(run("validate", "--json", str(path), status=1))
    assert [(k, v.get("rule"), v.get("code"), v.get("place"))
            for r in got[:-1] for k, v in r.items()] == [
        ("error", "binding", "code-invalid", "Goal.status"),
        ("error", "element", "structure", "Goal.more"),
        ("warning", "profile", "not-supported", "Goal.meta.profile[0]")]
    assert got[-1] == {"summary": {"valid": 0, "invalid": 1, "warnings": 1}}


def test_stdin_and_bundles():
    """A Bundle is judged whole: its own rules, and those of its entries."""
    b = bundle(GOAL, BAD)
    got = reports(run("validate", "--json", "-", input=json.dumps(b),
                            status=1))
    places = {v["place"] for r in got[:-1] for v in r.values()}
    assert "Bundle.entry[1].resource.status" in places


def test_faults_of_json(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"resourceType":"Goal",\n "note":[]}')
    p = run("validate", str(path), status=1)
    assert p.stdout.startswith(f"{path}:2: error: ")


@pytest.mark.parametrize("name", ["argo-goal", ARGO + "argo-goal"])
def test_profile(name):
    got = reports(run("validate", "--json", "--profile", name, "-",
                            input=lines(GOAL, bundle(GOAL)), status=1))
    assert [v["place"] for r in got[:-1] for v in r.values()
            if v["rule"] == "argo-goal/subject"] == [
                "Goal.subject", "Bundle.entry[0].resource.subject"]
    got = reports(run("validate", "--json", "-p", name, "-",
                            input=lines(patient("p")), status=1))
    assert [v["rule"] for v in got[0].values()] == ["profile"]


@pytest.mark.parametrize("name, invalid", [
    ("Goal", 1), ("Patient", 2), ("DomainResource", 0)])
def test_base_profile(name, invalid):
    """The base of one type, by its url, is no other's."""
    fine = dict(GOAL, subject={"reference": "Patient/p"})
    whole = bundle(fine)
    whole["entry"][0]["fullUrl"] = "http://x.org/Goal/a"
    got = reports(run("validate", "--json", "-q", "-p",
                      "http://hl7.org/fhir/StructureDefinition/" + name, "-",
                      input=lines(fine, fine, patient("p"), whole),
                      status=1 if invalid else 0))
    assert [v["rule"] for r in got[:-1] for v in r.values()] == \
        ["profile"] * invalid


def test_unknown_profile():
    p = run("validate", "-p", "argo-gaol", "-", input="", status=64)
    assert "did you mean argo-goal?" in p.stderr
    p = run("validate", "-p", "argo-race", "-", input="", status=64)
    assert "of an extension" in p.stderr


def test_no_file(tmp_path):
    run("validate", str(tmp_path / "none"), status=66)


def test_load_as_before(tool):
    """Without --validate a resource is taken as it stands."""
    p = tool("load", "-", input=lines(BAD), status=0)
    assert p.stdout.startswith("1 created")


def test_load_refuses(tool, tmp_path):
    left = tmp_path / "left"
    p = tool("load", "--validate", "--rejects", str(left), "-",
             input=lines(GOAL, BAD), status=1)
    assert p.stdout.startswith("1 created, 0 updated, 0 unchanged, "
                               "1 rejected")
    assert p.stderr.count("tiphys: standard input:2: ") == 2
    assert "(binding)" in p.stderr and "(element)" in p.stderr
    assert json.loads(left.read_text()) == BAD
    assert [json.loads(r)["id"] for r in tool.export()] == ["g"]


def test_load_reports(tool):
    p = tool("load", "--report", "-", input=lines(GOAL, BAD), status=0)
    assert p.stdout == ("2 created, 0 updated, 0 unchanged, 0 rejected, "
                        "2 warnings\n")
    assert p.stderr.count("tiphys: standard input:2: warning: ") == 2


def test_load_report_refuses_what_cannot_be_stored(tool):
    p = tool("load", "--report", "-", input='{"resourceType":"Goal"}\n',
             status=1)
    assert "1 rejected" in p.stdout


def test_synthetic_patients_are_valid():
    """What tiphys synth makes keeps to the profiles it claims."""
    made = run("synth", "-n", "20", "--seed", "7", status=0).stdout
    assert made.count(ARGO) > 100
    p = run("validate", "-q", "-", input=made, status=0)
    assert " 0 invalid, " in p.stdout
