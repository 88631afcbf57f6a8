# SPDX-License-Identifier: Apache-2.0
"""Views narrower than a patient: granular scopes and the care relation.

X04, Z06; SMART App Launch 2.2 "scopes with search parameters".
"""

import pytest

import smartsite

from conftest import World, SAMPLES

SYSTEM = "http://hl7.org/fhir/observation-category"
LAB = f"patient/Observation.rs?category={SYSTEM}|laboratory"
VITAL = f"patient/Observation.rs?category={SYSTEM}|vital-signs"


def categories(resource):
    return {c["code"] for c in
            resource.get("category", {}).get("coding", [])}


@pytest.mark.parametrize("scope,wanted", [
    (LAB, {"laboratory"}), (VITAL, {"vital-signs"}),
    (LAB + " " + VITAL, {"laboratory", "vital-signs"}),
    (VITAL + "&status=final", {"vital-signs"}),
    ("patient/Observation.rs?category=laboratory&category=vital-signs",
     set())])
def test_granular_scope_holds_what_satisfies_it(world, scope, wanted):
    """X04: in searches, totals and reads."""
    whole = world.token("marcus")
    some = world.token("marcus", scope)
    ids = world.found("/Observation", whole)
    got = world.found("/Observation", some)
    assert len(ids) > 3
    for rid in ids:
        r = world.get(f"/Observation/{rid}", whole).json()
        held = bool(categories(r) & wanted)
        assert (rid in got) == held, rid
        a = world.get(f"/Observation/{rid}", some)
        assert a.status == (200 if held else 404), rid
        a = world.get(f"/Observation/{rid}/_history", some)
        assert a.status == (200 if held else 404), rid
        a = world.get(f"/Observation/{rid}/_history/1", some)
        assert a.status == (200 if held else 404), rid
    assert world.found("/Observation?_count=2&_sort=date", some) == [
        i for i in world.found("/Observation?_sort=date", whole) if i in got]


def test_hidden_by_content_is_hidden_like_the_missing(world):
    """CMP-01: the same bytes as for an id that never was."""
    some = world.token("marcus", LAB)
    held = set(world.found("/Observation", some))
    hidden = [i for i in world.found("/Observation", world.token("marcus"))
              if i not in held][0]
    a = world.get(f"/Observation/{hidden}", some)
    b = world.get("/Observation/" + "x" * len(hidden), some)
    assert (a.status, a.body) == (b.status, b.body)
    assert world.found(f"/Observation?_id={hidden}", some) == []
    assert world.found("/Observation?category=vital-signs", some) == []


def test_other_types_are_outside(world):
    """A granular word gives its type and nothing else."""
    some = world.token("marcus", LAB)
    assert world.get("/Condition", some).status == 403
    assert world.get("/Patient/marcus", some).status == 403


def test_user_granular_scope(world):
    """Over all patients the same rule holds, whatever the index says."""
    some = world.token(None, LAB.replace("patient/", "user/"))
    ids = world.found("/Observation", some)
    assert ids == [i for i in world.found(
        f"/Observation?category={SYSTEM}|laboratory", world.token())]
    assert world.found("/Observation?category=vital-signs", some) == []
    assert ids


@pytest.mark.parametrize("scope", [
    "patient/Observation.rs?", "patient/Observation.rs?colour=red",
    "patient/*.rs?category=laboratory", "patient/Observation.rs?_id=x",
    "patient/Observation.read?category=laboratory",
    "patient/Observation.rs?subject:Patient.name=x",
    "patient/Observation.rs?date=ap2020",
    "patient/Observation.rs?_count=1"])
def test_bad_granular_scopes_are_refused(world, scope):
    """AUZ-15: named, with what would be right."""
    p = world.tool("token", "mint", "--scope", scope, "--patient", "marcus",
                   check=False)
    assert p.returncode == 65, p
    assert "scope" in p.stderr


# --- care relation ---------------------------------------------------------

DR = {"resourceType": "Practitioner", "id": "dr-care",
      "name": {"family": ["Care"]}}


@pytest.fixture(scope="module")
def clinic():
    with World([SAMPLES], auth=True, keys={
            **smartsite.KEYS, "clinician-rights": "care-relation"}) as w:
        w.load(DR)
        w.tool("user", "add", "care", "--kind", "practitioner", "--link",
               "Practitioner/dr-care", "--display", "Dr. Care",
               "--password-file", "-", stdin=smartsite.PASSWORD + "\n")
        yield w


def test_nobody_is_cared_for_at_first(clinic):
    t = clinic.mint("user/*.read", None, "care")
    assert clinic.found("/Patient", t) == []
    assert clinic.found("/Observation", t) == []
    assert clinic.get("/Patient/ella", t).status == 404
    # What is nobody's by nature is open to practitioners.
    assert clinic.get("/Practitioner/dr-care", t).status == 200
    assert "dr-care" in clinic.found("/Practitioner", t)


def test_care_begins_and_ends_with_the_record(clinic):
    """Z06: judged at each request, not when the token was made."""
    t = clinic.mint("user/*.read", None, "care")
    p = clinic.get("/Patient/ella", clinic.mint("system/*.read")).json()
    p["careProvider"] = [{"reference": "Practitioner/dr-care"}]
    clinic.load(p)
    assert clinic.found("/Patient", t) == ["ella"]
    assert clinic.get("/Patient/ella", t).status == 200
    assert set(clinic.found("/Observation", t)) == set(clinic.found(
        "/Observation?patient=ella", t))
    assert clinic.found("/Observation", t)
    assert clinic.found("/Observation?patient=marcus", t) == []
    assert clinic.get("/Patient/marcus", t).status == 404
    del p["careProvider"]
    clinic.load(p)
    assert clinic.found("/Patient", t) == []
    assert clinic.get("/Patient/ella", t).status == 404


def test_a_launch_needs_care_too(clinic):
    """A patient/ scope of a practitioner is bound to the relation."""
    t = clinic.mint("patient/*.read", "marcus", "care")
    assert clinic.get("/Patient/marcus", t).status == 404
    assert clinic.found("/Observation", t) == []


def test_the_setting_is_one_of_two():
    """CNF: what is not understood is refused at the start, by name."""
    with World([], keys={"clinician-rights": "care-relation"}) as w:
        w.configure({"clinician-rights": "some"})
        p = w.tool("token", "mint", "--scope", "patient/*.read",
                   "--patient", "x", check=False)
        assert p.returncode == 78 and "clinician-rights" in p.stderr
