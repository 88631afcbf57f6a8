# SPDX-License-Identifier: Apache-2.0
"""Searches of SMART apps that are about, as they send them.

Growth Chart and Cardiac Risk (fhirclient), apps of the Argonaut profiles,
and forms of older clients.  What each must find is worked out by the oracle.
Requirements R16, S04, S08, S12; interop 23, 30.
"""

from urllib.parse import quote

import pytest

LOINC = "http://loinc.org|"
GROWTH = ["3141-9", "8302-2", "8287-5", "39156-5", "18185-9", "37362-1",
          "11884-4", "29463-7", "8306-3"]
CARDIAC = ["30522-7", "14647-2", "2093-3", "2085-9", "8480-6"]
FORM = [("Content-Type", "application/x-www-form-urlencoded")]


def codes(some):
    return quote(",".join(LOINC + c for c in some), safe=",")


def wanted(world, patient, some):
    """Its observations that have one of the codes, all or by a component."""
    return {i for (t, i), r in world.oracle.all.items()
            if t == "Observation" and
            r.get("subject", {}).get("reference", "").endswith(
                "Patient/" + patient) and
            any(c.get("code") in some and c.get("system") == LOINC[:-1]
                for part in [r, *r.get("component", [])]
                for c in part["code"].get("coding", []))}


def linked(b):
    return {x["relation"]: x["url"] for x in b["link"]}


@pytest.mark.anywhere
@pytest.mark.parametrize("patient", ["ella", "marcus", "ines"])
def test_growth_chart(world, patient):
    """Nine codes in one parameter; family history may be empty."""
    token = world.token(patient)
    query = f"/Observation?patient={patient}&_count=100&code={codes(GROWTH)}"
    found = world.found(query, token)
    assert set(found) == wanted(world, patient, GROWTH)
    assert patient != "ella" or len(found) > 20
    b = world.bundle(f"/FamilyMemberHistory?patient={patient}", token)
    assert b["type"] == "searchset" and "total" in b


@pytest.mark.anywhere
def test_cardiac_risk(world):
    """Five codes; it reads entry, so none is an empty list to no app."""
    hit = 0
    for patient in ("marcus", "ella"):
        token = world.token(patient)
        query = f"/Observation?patient={patient}&code={codes(CARDIAC)}"
        found = set(world.found(query, token))
        assert found == wanted(world, patient, CARDIAC)
        hit += len(found)
        # fhirclient's own way to sort and go on: pages by their links
        ids, b = [], world.bundle(query + "&_sort:desc=date&_count=2", token)
        while True:
            ids += [e["resource"]["id"] for e in b.get("entry", [])]
            if "next" not in linked(b):
                break
            b = world.bundle(linked(b)["next"][len(world.base):], token)
        assert len(ids) == len(set(ids)) == len(found) == b["total"]
        when = [world.oracle.all["Observation", i]["effectiveDateTime"]
                for i in ids]
        assert when == sorted(when, reverse=True)
    assert hit > 5


ARGONAUT = [
    "Patient?_id={p}", "AllergyIntolerance?patient={p}",
    "CarePlan?patient={p}&category=assess-plan",
    "CarePlan?patient={p}&category=careteam&status=active",
    "Condition?patient={p}&clinicalstatus=active,recurrance,remission",
    "Condition?patient={p}&category=problem,complaint,symptom,finding",
    "Device?patient={p}", "DiagnosticReport?patient={p}&category=LAB",
    "DiagnosticReport?patient={p}&category=LAB&date=ge2010-01-14",
    "DocumentReference?patient={p}&period=ge2010-01-14&period=le2030-01-14",
    "Goal?patient={p}&date=ge2010-01-14&date=le2030-01-14",
    "Immunization?patient={p}",
    "MedicationOrder?patient={p}&_include=MedicationOrder:medication",
    "MedicationStatement?patient={p}"
    "&_include=MedicationStatement:medication",
    "Observation?patient={p}&category=laboratory",
    "Observation?patient={p}&category=vital-signs&date=ge2010-01-14",
    "Observation?patient={p}&code=72166-2", "Procedure?patient={p}",
    "Procedure?patient={p}&date=ge2010-01-14&date=le2030-01-14"]


@pytest.mark.parametrize("query", ARGONAUT)
def test_argonaut_searches(world, query):
    """By URL, in the compartment, and as a form, with parameters in both."""
    patient = "marcus"
    token = world.token(patient)
    path, _, text = query.format(p=patient).partition("?")
    plain = world.bundle(f"/{path}?{text}", token)
    ids = [e["resource"]["id"] for e in plain.get("entry", [])]
    assert plain["type"] == "searchset"
    assert len(ids) >= min(1, plain["total"])
    first, _, rest = text.partition("&")
    form = world.send("POST", f"/{path}/_search?{first}", token, FORM, rest)
    assert form.status == 200, form
    assert [e["resource"]["id"] for e in form.json().get("entry", [])] == ids
    assert form.json()["total"] == plain["total"]
    if path not in ("Patient", "Device"):   # those are in no compartment
        inside = world.bundle(f"/Patient/{patient}/{path}?{rest}", token)
        assert [e["resource"]["id"] for e in inside.get("entry", [])] == ids


def test_empty_form(world):
    """Parameters in the URL and an empty form (interop 23)."""
    token = world.token("ella")
    for kind in ("application/x-www-form-urlencoded",
                 "application/x-www-form-urlencoded; charset=UTF-8"):
        a = world.send("POST", "/Observation/_search?patient=ella&_count=3",
                       token, [("Content-Type", kind)], "")
        assert a.status == 200 and len(a.json()["entry"]) == 3
