# SPDX-License-Identifier: Apache-2.0
"""The searches of Argonaut Data Query, against the oracle.

Requirements 1.1 (spellings of the patient) and 1.3 (combinations); interop
23, 24, 27-30.  What is found is compared with tests/lib/oracle.py, which
looks at every loaded resource in Python.
"""

import urllib.parse

import pytest

from conftest import SIX

LOINC = "http://loinc.org%7C"

# Type and what stands beside the patient; "" is the patient alone.
COMBINATIONS = [
    ("AllergyIntolerance", ""),
    ("CarePlan", ""),
    ("CarePlan", "category=assess-plan"),
    ("CarePlan", "category=http://argonaut.hl7.org|assess-plan"),
    ("CarePlan", "category=careteam&status=active"),
    ("CarePlan", "category=assess-plan&date=ge2023-01-01"),
    ("CarePlan", "category=assess-plan&status=active"),
    ("CarePlan", "category=assess-plan&status=active,completed&"
     "date=gt2020&date=lt2030"),
    ("Condition", ""),
    ("Condition", "clinicalstatus=active,relapse,remission"),
    ("Condition", "clinicalstatus=active,recurrance,remission"),
    ("Condition", "category=problem"),
    ("Condition", "category=health-concern"),
    ("Condition", "category=problem,health-concern"),
    ("Device", ""),
    ("DiagnosticReport", ""),
    ("DiagnosticReport", "category=LAB"),
    ("DiagnosticReport", "category=lab"),
    ("DiagnosticReport", "category=http://hl7.org/fhir/v2/0074|LAB"),
    ("DiagnosticReport", "category=LAB&date=ge2024-01-01"),
    ("DiagnosticReport", "category=LAB&code=57698-3"),
    ("DiagnosticReport", "code=57698-3,24321-2,58410-2"),
    ("DiagnosticReport", "code=57698-3&date=lt2024"),
    ("DocumentReference", ""),
    ("DocumentReference", "type=34133-9"),
    ("DocumentReference", "type=34133-9&period=ge2016-01-01"),
    ("DocumentReference", "type=http://loinc.org|34133-9&period=lt2024"),
    ("Goal", ""),
    ("Goal", "date=ge2025-01-01"),
    ("Goal", "date=ge2025-01-01&date=le2025-08-01"),
    ("Goal", "status=in-progress"),
    ("Immunization", ""),
    ("Immunization", "status=completed&date=gt2020"),
    ("MedicationOrder", ""),
    ("MedicationOrder", "status=active"),
    ("MedicationStatement", ""),
    ("MedicationStatement", "status=active,completed"),
    ("Observation", ""),
    ("Observation", "category=laboratory"),
    ("Observation", "category=laboratory&date=ge2024-01-01"),
    ("Observation", "category=laboratory&code=2093-3"),
    ("Observation", "code=2093-3,2085-9,30522-7,2339-0"),
    ("Observation", f"code={LOINC}2093-3,{LOINC}2085-9&date=le2023"),
    ("Observation", "category=laboratory&code=2093-3&date=ge2020&date=lt2024"),
    ("Observation", "code=72166-2"),
    ("Observation", f"code={LOINC}72166-2"),
    ("Observation", "code=http://loinc.org|72166-2"),
    ("Observation", "category=vital-signs"),
    ("Observation",
     "category=http://hl7.org/fhir/observation-category|vital-signs"),
    ("Observation",
     "category=vital-signs&date=ge2024-01-14&date=le2025-01-14"),
    ("Observation", ",".join(["code=" + LOINC + "3141-9"] + [
        LOINC + c for c in ("8302-2", "8287-5", "39156-5", "18185-9",
                            "37362-1", "11884-4", "29463-7", "8306-3")])),
    ("Observation", "category=vital-signs&code=8302-2,29463-7&date=gt2023"),
    ("Observation", "code=8480-6"),             # a component of 55284-4
    ("Observation", "code=8462-4&date=ge2024"),
    ("Observation", "component-code=8480-6"),
    ("Observation", "code=55284-4,8480-6"),
    ("Observation", "status=final,amended"),
    ("Procedure", ""),
    ("Procedure", "date=ge2024"),
    ("Procedure", "date=gt2000-01-01&date=lt2025-06-01"),
]

# Without a patient: the clinician's searches for one.
PATIENTS = [
    "identifier=urn:oid:1.3.6.1.4.1.54392.5.1|HSC-1001",
    "identifier=urn:oid:1.3.6.1.4.1.54392.5.1%7CHSC-1001",
    "identifier=HSC-1001", "identifier=hsc-1001",
    "identifier=urn:oid:1.3.6.1.4.1.54392.5.1|",
    "identifier=|bare", "identifier=bare", r"identifier=urn:a|42\|7",
    "name=marsh&gender=female", "name=Ella&birthdate=2019-04-12",
    "family=Bell", "given=Rose", "given=ann", "gender=male",
    "birthdate=2019-04-12", "birthdate=ge1990&birthdate=lt2020",
    "birthdate=1999-12", "birthdate=1999", "birthdate=ne2019-04-12",
    "family=fernandez", "family=FERN%C3%81NDEZ", "family=Ferna%CC%81ndez",
    "family=lukasiewicz", "name=%C5%81ukasiewicz", "name=muller-los",
    "name=o'neil", "family=Marsh,Bell", "name=in%C3%A9s", "name=ann+marie",
    "family=Bell&gender=male", "given=Marcus&gender=male",
    "family=Fern%C3%A1ndez&given=In%C3%A9s&gender=female",
    "family=Tanaka&given=Yuki&birthdate=gt1970",
    "gender=male&birthdate=lt1960",
    "race=2106-3", "race=http://hl7.org/fhir/v3/Race|2106-3",
    "race=2028-9,2054-5", "ethnicity=2135-2",
    "ethnicity=http://hl7.org/fhir/v3/Ethnicity|2186-5",
    "address-city=spring", "telecom=%2B1-555-0121", "language=en",
    "_id=ella", "_id=ella,marcus,nobody", "active=true",
]


@pytest.fixture(scope="module")
def asked(world):
    """Searches for one patient, compared with the oracle."""
    def ask(rtype, patient, query, rest, token):
        target = f"/{rtype}?" + "&".join(x for x in (query, rest) if x)
        own = world.oracle.search(rtype, rest, patient)
        assert set(world.found(target, token)) == own, target
        return own
    return ask


@pytest.mark.parametrize("rtype,rest", COMBINATIONS)
def test_combination(world, clinician, asked, rtype, rest):
    """For every sample patient: what the clinician and the patient find."""
    hits = set()
    for p in SIX:
        hits |= asked(rtype, p, "patient=" + p, rest, clinician)
        asked(rtype, p, "", rest, world.token(p))
    assert hits, "the samples have none of it"


@pytest.mark.parametrize("rtype,rest", [c for c in COMBINATIONS if c[1] == ""]
                         + [c for c in COMBINATIONS
                            if c[1].startswith("category")][::4])
def test_spellings_of_the_patient(world, clinician, asked, rtype, rest):
    """Requirement 1.1: every way to say whose."""
    p = "marcus" if rtype != "Device" else "tomasz"
    for name in ("patient", "subject"):
        if name == "subject" and rtype not in (
                "CarePlan", "DiagnosticReport", "DocumentReference", "Goal",
                "Observation", "Procedure"):
            continue
        url = f"{world.base}/Patient/{p}"
        for spelling in (
                f"{name}={p}", f"{name}=Patient/{p}", f"{name}:Patient={p}",
                f"{name}:Patient=Patient/{p}", f"{name}:Patient={url}",
                f"{name}={url}", f"{name}._id={p}", f"{name}:Patient._id={p}",
                f"{name}={urllib.parse.quote(url, safe='')}",
                f"{name}=Patient%2F{p}"):
            assert asked(rtype, p, spelling, rest, clinician)
            asked(rtype, p, spelling, rest, world.token(p))


@pytest.mark.anywhere
@pytest.mark.parametrize("query", PATIENTS)
def test_patient(world, clinician, query):
    own = world.oracle.search("Patient", query)
    assert own, "the samples have none of it"
    assert set(world.found("/Patient?" + query, clinician)) == own


@pytest.mark.anywhere
@pytest.mark.parametrize("rtype,rest", COMBINATIONS[::6])
def test_post(world, clinician, rtype, rest):
    """Interop 23: form, address and both together say the same."""
    own = world.oracle.search(rtype, rest, "marcus")
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    whole = "&".join(x for x in ("patient=marcus", rest) if x)
    for query, body in (("", whole), ("?" + whole, ""), ("?" + whole, None),
                        ("?patient=marcus", rest),
                        ("?" + rest, "patient=Patient%2Fmarcus")):
        a = world.send("POST", f"/{rtype}/_search{query}", clinician,
                       form if body is not None else [], body or "")
        assert a.status == 200, (query, body, a)
        ids = {e["resource"]["id"] for e in a.json().get("entry", [])}
        assert ids == own and a.json()["total"] == len(own)


def test_form_with_charset_and_without_type(world, clinician):
    for kind, status in (
            ("application/x-www-form-urlencoded; charset=UTF-8", 200),
            ("application/x-www-form-urlencoded;charset=\"utf-8\"", 200),
            ("application/x-www-form-urlencoded; charset=iso-8859-1", 415),
            ("application/json", 415), ("", 415)):
        a = world.send("POST", "/Patient/_search", clinician,
                       [("Content-Type", kind)] if kind else [], "_id=ella")
        assert a.status == status, kind


def named(r, path):
    """The references of a resource at one element."""
    v = r.get(path, [])
    return {x["reference"] for x in (v if isinstance(v, list) else [v])
            if "reference" in x}


@pytest.mark.anywhere
@pytest.mark.parametrize("rtype,code,path,target", [
    ("MedicationOrder", "medication", "medicationReference", "Medication"),
    ("MedicationStatement", "medication", "medicationReference",
     "Medication"),
    ("Observation", "encounter", "encounter", "Encounter"),
    ("Observation", "performer", "performer", "Practitioner"),
    ("DiagnosticReport", "result", "result", "Observation"),
])
def test_include(world, rtype, code, path, target):
    """Requirement 1.3; includes are not counted and not repeated."""
    some = False
    for p in SIX:
        own = world.oracle.search(rtype, "", p)
        wanted = set().union(*(named(world.oracle.all[rtype, i], path)
                               for i in own))
        only = {ref for ref in wanted if ref.startswith(target + "/")}
        for how, refs in ((f"{rtype}:{code}", wanted),
                          (f"{rtype}:{code}:{target}", only)):
            b = world.bundle(f"/{rtype}?patient={p}&_include={how}"
                             "&_count=1000", world.token(p))
            mode = {"match": [], "include": []}
            for e in b.get("entry", []):
                r = e["resource"]
                ref = f"{r['resourceType']}/{r['id']}"
                assert e["fullUrl"] == f"{world.base}/{ref}"
                mode[e["search"]["mode"]].append(ref)
            assert b["total"] == len(own) == len(mode["match"])
            assert sorted(mode["include"]) == sorted(refs)
            some = some or refs
    assert some


def test_patient_sees_what_the_record_refers_to(world):
    """Interop 15: and of shared types nothing else, not even counted."""
    for p in ("marcus", "yuki"):
        refs = set()
        for r in world.oracle.all.values():
            if world.oracle.owner(r) == p:
                refs |= set(all_references(r))
        for rtype in ("Practitioner", "Organization", "Location",
                      "Medication"):
            own = {i for i in world.oracle.ids(rtype)
                   if f"{rtype}/{i}" in refs}
            assert set(world.found("/" + rtype, world.token(p))) == own
            for i in own:
                assert world.get(f"/{rtype}/{i}",
                                 world.token(p)).status == 200
        assert world.found("/Patient", world.token(p)) == [p]


def all_references(x):
    if isinstance(x, dict):
        if isinstance(x.get("reference"), str):
            yield x["reference"]
        x = list(x.values())
    if isinstance(x, list):
        for y in x:
            yield from all_references(y)


def test_every_reference_resolves(world):
    """Interop 15, 31: whatever a record refers to is there for its token."""
    for p in SIX:
        refs = {ref for r in world.oracle.all.values()
                if world.oracle.owner(r) == p for ref in all_references(r)}
        assert len(refs) > 5
        for ref in sorted(refs):
            assert world.get("/" + ref, world.token(p)).status == 200, ref


@pytest.mark.anywhere
def test_compartment(world, clinician):
    """Patient/1/Observation, by GET and POST, and none of another's."""
    for rtype in ("Observation", "Condition", "CarePlan", "Encounter",
                  "Immunization", "DiagnosticReport"):
        own = world.oracle.search(rtype, "", "marcus")
        path = f"/Patient/marcus/{rtype}"
        assert own and set(world.found(path, clinician)) == own
        assert set(world.found(path, world.token("marcus"))) == own
        assert world.found(path, world.token("ella")) == []
        a = world.send("POST", path + "/_search", clinician, body="")
        assert a.status == 200 and a.json()["total"] == len(own)
    got = world.found("/Patient/marcus/Observation?code=8480-6", clinician)
    assert set(got) == world.oracle.search("Observation", "code=8480-6",
                                           "marcus")
    assert world.get("/Patient/marcus/Medication", clinician).status == 404


@pytest.mark.anywhere
def test_another_patients_search_is_empty(world):
    """Not an error: whether there is such a patient is not said."""
    seen = []
    for p in ("marcus", "nobody"):
        a = world.get(f"/Observation?patient={p}", world.token("ella"),
                      headers=[("X-Request-Id", "same")])
        assert a.status == 200 and a.json()["total"] == 0
        seen.append(set(a.json()) - {"id", "link", "meta"})
    assert seen[0] == seen[1]
