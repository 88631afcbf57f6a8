# SPDX-License-Identifier: Apache-2.0
"""tiphys synth: the same bytes for ever, and people who could be."""

import collections
import datetime
import hashlib
import json
import subprocess

import pytest

import testsite

ARGONAUT = {
    "argo-patient", "argo-allergyintolerance", "argo-careplan",
    "argo-careteam", "argo-condition", "argo-device", "argo-diagnosticreport",
    "argo-documentreference", "argo-goal", "argo-immunization",
    "argo-medication", "argo-medicationorder", "argo-medicationstatement",
    "argo-observationresults", "argo-procedure", "argo-smokingstatus",
    "argo-vitalsigns"}
VITALS = {"8716-3", "9279-1", "8867-4", "59408-5", "8310-5", "8302-2",
          "8306-3", "8287-5", "29463-7", "39156-5", "55284-4", "8480-6",
          "8462-4"}
# Of 20 patients of seed 1.  Another number is another population: say so
# in the commit.
DIGEST = "2551891a0a9ca1140a36c24ed3ca1d8e6860711086c204604ea88e4c5e1dcf97"


def synth(*args, check=True):
    return subprocess.run([testsite.program("tiphys"), "synth",
                           *map(str, args)], capture_output=True,
                          check=check)


@pytest.fixture(scope="module")
def people():
    """300 patients, as resources in the order they came."""
    out = synth("-n", 300, "-s", 3).stdout
    return [json.loads(x) for x in out.splitlines()]


def code(r, name="code"):
    return r[name]["coding"][0]["code"]


def day(r, *names):
    for n in names:
        if n in r:
            return datetime.date.fromisoformat(r[n][:10])
    return None


def observations(people, loinc):
    return [r for r in people if r["resourceType"] == "Observation" and
            code(r) == loinc]


def test_the_same_bytes_for_ever():
    out = synth("--patients", 20, "--seed", 1).stdout
    assert hashlib.sha256(out).hexdigest() == DIGEST
    assert synth("--patients", 20, "--seed", 2).stdout != out


def test_a_small_one_is_the_beginning_of_a_large_one():
    small = synth("-n", 7).stdout
    assert synth("-n", 30).stdout.startswith(small)


def test_files_hold_what_the_stream_holds(tmp_path):
    folder = tmp_path / "out"
    got = synth("-n", 1200, "-o", folder, "--json")
    files = sorted(folder.iterdir())
    assert [f.name for f in files] == ["clinic-000000.ndjson",
                                       "clinic-000001.ndjson"]
    text = b"".join(f.read_bytes() for f in files)
    assert text == synth("-n", 1200).stdout
    told = json.loads(got.stdout)
    assert told == {"patients": 1200, "files": 2,
                    "resources": text.count(b"\n")}
    assert files[0].stat().st_mode & 0o77 == 0


def test_a_file_that_is_there_is_not_touched(tmp_path):
    (tmp_path / "clinic-000000.ndjson").write_text("mine\n")
    got = synth("-n", 1, "-o", tmp_path, check=False)
    assert got.returncode == 64
    assert b"clinic-000000.ndjson" in got.stderr
    assert (tmp_path / "clinic-000000.ndjson").read_text() == "mine\n"


def test_bad_options():
    for args in (("-n", "0"), ("-n", "x"), ("-s", "-1"), ("more",),
                 ("--load", "--out", "/nowhere"), ("--alone",)):
        got = synth(*args, check=False)
        assert got.returncode == 64 and got.stderr, args


def test_a_full_disk():
    with open("/dev/full", "wb") as f:
        got = subprocess.run([testsite.program("tiphys"), "synth"], stdout=f,
                             stderr=subprocess.PIPE, check=False)
    assert got.returncode == 74 and b"whole" in got.stderr


def test_load_is_a_pipe_into_load():
    with_load, piped = testsite.Site(server=None), testsite.Site(server=None)
    try:
        with_load.tool("synth", "-n", "4", "--load")
        piped.tool("load", "-", stdin=synth("-n", 4).stdout.decode())
        text = with_load.tool("export").stdout
        assert text.count("\n") > 100
        # meta holds when it was loaded
        for a, b in zip(text.splitlines(),
                        piped.tool("export").stdout.splitlines()):
            a, b = json.loads(a), json.loads(b)
            del a["meta"], b["meta"]
            assert a == b
        with_load.tool("check")
    finally:
        with_load.stop()
        piped.stop()


def test_alone_takes_all_in_one_transaction():
    """A transaction gives all it writes one time."""
    def times(*args):
        site = testsite.Site(server=None)
        try:
            site.tool("synth", "-n", "10", "--load", *args)
            text = site.tool("export").stdout
            assert text.count("\n") > 1000
            return len({json.loads(x)["meta"]["lastUpdated"]
                        for x in text.splitlines()})
        finally:
            site.stop()
    assert times() > 1
    assert times("--alone") == 1


def test_every_profile_and_every_vital_sign(people):
    profiles = {p.rpartition("/")[2] for r in people
                for p in r["meta"].get("profile", [])}
    assert profiles == ARGONAUT
    seen = {code(x) for r in people if r["resourceType"] == "Observation"
            for x in [r, *r.get("component", [])]}
    assert VITALS <= seen
    assert {"Encounter", "RelatedPerson", "Practitioner", "Organization",
            "Location", "Binary"} <= {r["resourceType"] for r in people}


def named(x):
    """Every resource x refers to."""
    if isinstance(x, list):
        for y in x:
            yield from named(y)
    elif isinstance(x, dict):
        for n, v in x.items():
            if n == "reference" or n == "url" and v.startswith("Binary/"):
                yield v
            else:
                yield from named(v)


def test_references_resolve_and_ids_are_one(people):
    have = collections.Counter(r["resourceType"] + "/" + r["id"]
                               for r in people)
    assert max(have.values()) == 1
    for r in people:
        for ref in named(r):
            assert ref in have, (r["id"], ref)


def test_nothing_before_birth_or_after_death(people):
    born = {r["id"]: (day(r, "birthDate"), day(r, "deceasedDateTime"))
            for r in people if r["resourceType"] == "Patient"}
    dated = 0
    for r in people:
        who = r.get("subject", r.get("patient", {})).get("reference", "")
        when = day(r, "effectiveDateTime", "onsetDateTime", "dateWritten",
                   "date", "performedDateTime", "recordedDate")
        if not when or not who.startswith("Patient/"):
            continue
        dated += 1
        birth, death = born[who[8:]]
        assert birth <= when <= (death or datetime.date(2025, 12, 31)), r
    assert dated > 10000


def test_the_mass_index_is_weight_by_height_squared(people):
    by_visit = collections.defaultdict(dict)
    for loinc in ("29463-7", "8302-2", "39156-5"):
        for r in observations(people, loinc):
            by_visit[r["encounter"]["reference"]][loinc] = \
                r["valueQuantity"]["value"]
    whole = [v for v in by_visit.values() if len(v) == 3]
    assert len(whole) > 200
    for v in whole:
        assert abs(v["29463-7"] / (v["8302-2"] / 100) ** 2 -
                   v["39156-5"]) <= 0.0501


def test_children_grow(people):
    lengths = collections.defaultdict(list)
    for loinc in ("8306-3", "8302-2"):
        for r in observations(people, loinc):
            lengths[r["subject"]["reference"]].append(
                (r["effectiveDateTime"], r["valueQuantity"]["value"]))
    young = {"Patient/" + r["id"] for r in people
             if r["resourceType"] == "Patient" and
             r["birthDate"] > "2010"}
    checked = 0
    for who in young:
        have = [v for _, v in sorted(lengths[who])]
        assert have == sorted(have), who
        checked += len(have) > 3
    assert checked > 20


def test_conditions_drive_what_is_measured(people):
    sick = {r["patient"]["reference"] for r in people
            if r["resourceType"] == "Condition" and code(r) == "44054006"}
    a1c = observations(people, "4548-4")
    assert a1c and {r["subject"]["reference"] for r in a1c} <= sick
    mean = sum(r["valueQuantity"]["value"] for r in a1c) / len(a1c)
    assert 6.5 < mean < 8.5
    dosed = {r["patient"]["reference"] for r in people
             if r["resourceType"] == "MedicationStatement"}
    assert sick <= dosed
