# SPDX-License-Identifier: Apache-2.0
"""The SMART patient browser, by the very requests it sends.

Interop 30: `_sort:asc=`, `_sort:desc=birthdate`, `_summary=true`,
`name:contains`, `_count`, `Patient/x/$everything?_count=500`; it reads
`total` and `previous`.  Requirements F04, R18, R25, S12.
"""

import pytest

import oracle
from conftest import SIX

TAG = {"system": "http://hl7.org/fhir/v3/ObservationValue",
       "code": "SUBSETTED"}


def matches(b, mode="match"):
    return [e["resource"] for e in b.get("entry", [])
            if e["search"]["mode"] == mode]


def linked(b):
    return {x["relation"]: x["url"] for x in b["link"]}


# --- the list of patients ----------------------------------------------------

@pytest.mark.anywhere
@pytest.mark.parametrize("code,down", [
    ("given", False), ("given", True), ("family", False), ("gender", True),
    ("birthdate", False), ("birthdate", True), ("address", False)])
def test_list_of_patients(world, clinician, code, down):
    """Page by page there and back, sorted, as summaries."""
    order = "desc" if down else "asc"
    query = f"/Patient?_summary=true&_sort:{order}={code}&_count=3"
    whole = world.oracle.ids("Patient")
    b, pages, ids = world.bundle(query, clinician), [], []
    while True:
        assert b["total"] == len(whole)
        pages.append([r["id"] for r in matches(b)])
        ids += pages[-1]
        assert all(r["meta"]["tag"][-1] == TAG for r in matches(b))
        assert not any("text" in r for r in matches(b))
        if "next" not in linked(b):
            break
        b = world.bundle(linked(b)["next"][len(world.base):], clinician)
    assert set(ids) == whole and len(ids) == len(whole)
    if code != "birthdate":
        keys = [[oracle.fold(v) for v in oracle.values(
            world.oracle.all["Patient", i], code)[1]]
            if code != "gender" else
            [world.oracle.all["Patient", i].get("gender", "")] for i in ids]
        keys = [(max if down else min)(k) for k in keys if k]
        assert keys == sorted(keys, reverse=down)
    for page in reversed(pages[:-1]):
        b = world.bundle(linked(b)["previous"][len(world.base):], clinician)
        assert [r["id"] for r in matches(b)] == page
    assert "previous" not in linked(b)


def test_name_contains(world, clinician):
    for part in ("a", "ell", "ARC", "zzz"):
        query = f"/Patient?name:contains={part}&_sort:asc=name&_summary=true"
        assert set(world.found(query, clinician)) == world.oracle.search(
            "Patient", f"name:contains={part}")


# --- _summary ------------------------------------------------------------------

def within(part, whole):
    """Nothing in part that does not stand so in whole."""
    if isinstance(part, dict):
        return all(k in whole and within(v, whole[k])
                   for k, v in part.items())
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(within, part, whole))
    return part == whole


@pytest.mark.anywhere
@pytest.mark.parametrize("rtype", [
    "Patient", "Observation", "Condition", "MedicationOrder", "CarePlan",
    "DocumentReference", "Practitioner", "DiagnosticReport"])
def test_summaries_are_parts(world, clinician, rtype):
    query = f"/{rtype}?_count=1000"
    whole = matches(world.bundle(query, clinician))
    assert whole
    for mode in ("true", "text", "data", "false"):
        b = world.bundle(query + "&_summary=" + mode, clinician)
        parts = matches(b)
        assert [p["id"] for p in parts] == [w["id"] for w in whole]
        assert "_summary=" + mode in linked(b)["self"]
        for part, full in zip(parts, whole):
            if mode == "false":
                assert part == full
                continue
            tags = part["meta"].pop("tag")
            assert tags == full["meta"].get("tag", []) + [TAG]
            assert within(part, full)
            if mode == "data":
                left = {k: v for k, v in full.items() if k != "text"}
                left["meta"] = {k: v for k, v in full["meta"].items()
                                if k != "tag"}
                assert part == left
            assert ("text" in part) == (mode == "text" and "text" in full)
            assert "contained" not in part or mode == "data"


def test_summary_keeps_what_it_must(world, clinician):
    """What the definitions mark, and what must be there."""
    for r in matches(world.bundle("/Observation?_summary=true&_count=1000",
                                  clinician)):
        assert {"id", "status", "code", "subject"} <= set(r) or \
            "subject" not in world.oracle.all["Observation", r["id"]]
        assert not {"comments", "category", "interpretation",
                    "referenceRange"} & set(r)
    for r in matches(world.bundle("/Observation?_summary=text&_count=1000",
                                  clinician)):
        assert {"status", "code"} <= set(r) and "subject" not in r


def test_summary_count(world, clinician):
    b = world.bundle("/Observation?_summary=count&_count=5", clinician)
    assert b["total"] == len(world.oracle.ids("Observation"))
    assert "entry" not in b
    a = world.send("POST", "/Observation/_search", clinician,
                   [("Content-Type", "application/x-www-form-urlencoded")],
                   "_summary=count")
    assert a.status == 200 and a.json()["total"] == b["total"]


def test_summary_of_included_ones(world, clinician):
    b = world.bundle("/Observation?patient=ella&_summary=true&"
                     "_include=Observation:subject", clinician)
    got = matches(b, "include")
    assert got and all(r["meta"]["tag"][-1] == TAG for r in got)


@pytest.mark.anywhere
def test_summary_of_one(world, clinician):
    full = world.get("/Patient/ella", clinician)
    for target in ("/Patient/ella", "/Patient/ella/_history/1"):
        a = world.get(target + "?_summary=true", clinician)
        assert a.status == 200 and a.json()["meta"]["tag"][-1] == TAG
        assert a.headers["etag"] == full.headers["etag"]
        assert len(a.body) < len(full.body)
    a = world.get("/Patient/ella?_summary=false", clinician)
    assert a.body == full.body
    for bad in ("count", "x", ""):
        a = world.get("/Patient/ella?_summary=" + bad, clinician)
        assert a.status == 400
        assert a.json()["issue"][0]["location"] == ["?_summary"]
    a = world.get("/Patient/never-was?_summary=true", clinician)
    assert a.body == world.get("/Patient/never-was", clinician).body


# --- $everything ---------------------------------------------------------------

def whole_record(world, patient):
    """(type, id) of all that is the patient's."""
    return {key for key, r in world.oracle.all.items()
            if world.oracle.owner(r) == patient}


@pytest.mark.anywhere
@pytest.mark.parametrize("patient", SIX)
def test_everything(world, clinician, patient):
    """The record, its shared neighbours, and nothing of anybody else's."""
    for token in (clinician, world.token(patient)):
        b = world.bundle(f"/Patient/{patient}/$everything?_count=500", token)
        got = [(r["resourceType"], r["id"]) for r in matches(b)]
        assert b["type"] == "searchset" and b["total"] == len(got)
        assert len(got) == len(set(got))
        # What several patients have together is for who sees them all; a
        # Binary's owner, its document's, the oracle does not know.
        assert ("Group", "g") not in got or token == clinician
        assert {k for k in got if k[0] not in (
            "Binary", "Provenance", "Group")} == whole_record(world, patient)
        extra = matches(b, "include")
        assert {r["resourceType"] for r in extra} <= {
            "Practitioner", "Organization", "Location", "Medication",
            "Substance"}
        assert any(r["resourceType"] == "Practitioner" for r in extra)
        for r in extra:
            assert world.get(f"/{r['resourceType']}/{r['id']}",
                             token).status == 200


def test_everything_in_pages(world):
    token = world.token("yuki")
    whole = [r["id"] for r in matches(world.bundle(
        "/Patient/yuki/$everything?_count=500", token))]
    for target in ("/Patient/yuki/$everything", "/Patient/$everything",
                   "/Patient/yuki/%24everything"):
        ids, pages = [], 0
        b = world.bundle(target + "?_count=7", token)
        while True:
            assert b["total"] == len(whole) and len(matches(b)) <= 7
            ids += [r["id"] for r in matches(b)]
            pages += 1
            if "next" not in linked(b):
                break
            b = world.bundle(linked(b)["next"][len(world.base):], token)
        assert ids == whole and pages > 2
        for _ in range(pages - 1):
            b = world.bundle(linked(b)["previous"][len(world.base):], token)
        assert [r["id"] for r in matches(b)] == whole[:7]


def test_everything_of_another(world):
    """OPS-01: the same bytes as for one that never was."""
    token = world.token("ella")
    for query in ("", "?_count=500", "?start=2001"):
        a = world.get("/Patient/marcus/$everything" + query, token)
        b = world.get("/Patient/never-was/$everything" + query, token)
        assert a.status == b.status == 404 and a.body == b.body


def test_everything_of_whomever(world, clinician):
    """OPS-02: a patient's token speaks of one; a clinician's does not."""
    token = world.token("ella")
    own, named = (matches(world.bundle(
        f"/Patient/{name}$everything?_count=500", token))
        for name in ("", "ella/"))
    assert own == named and len(own) > 10
    assert "marcus" not in {r["id"] for r in own}
    a = world.get("/Patient/$everything", clinician)
    assert a.status in (400, 403)
    issue = a.json()["issue"][0]
    assert issue["code"] == "too-costly"
    assert "Patient/[id]/$everything" in issue["diagnostics"]


def test_everything_a_scope_names(world):
    token = world.token("ella", "patient/Patient.read patient/Condition.read")
    b = world.bundle("/Patient/ella/$everything?_count=500", token)
    assert {r["resourceType"] for r in matches(b)} == {"Patient",
                                                       "Condition"}
    assert not matches(b, "include")
    token = world.token("ella", "patient/Condition.read")
    assert world.get("/Patient/ella/$everything", token).status == 403
    assert world.get("/Patient/ella/$everything", None).status == 401


def test_everything_in_time(world, clinician):
    """start and end: care dates; what has none stays."""
    whole = world.bundle("/Patient/marcus/$everything?_count=500", clinician)
    for start, end in (("2024", None), (None, "2020"), ("2021", "2023-06")):
        query = "&".join(f"{n}={v}" for n, v in (("start", start),
                                                ("end", end)) if v)
        b = world.bundle("/Patient/marcus/$everything?_count=500&" + query,
                         clinician)
        low = oracle.span(start)[0] if start else -oracle.OPEN
        high = oracle.span(end)[1] if end else oracle.OPEN
        got = {r["id"] for r in matches(b)
               if r["resourceType"] == "Observation"}
        want = set()
        for r in matches(whole):
            if r["resourceType"] != "Observation":
                continue
            _, have = oracle.values(r, "date")
            if not have or any(x < high and low < y for x, y in have):
                want.add(r["id"])
        assert got == want
        assert any(r["resourceType"] == "Patient" for r in matches(b))
        assert query in linked(b)["self"]
    assert len(got) < sum(r["resourceType"] == "Observation"
                          for r in matches(whole))


@pytest.mark.anywhere
@pytest.mark.parametrize("query", [
    "start=x", "end=2020-13", "start=2020&end=2019", "_count=x",
    "_cursor=x", "_summary=true", "_sort=date", "foo=1", "start=",
    "start=2020&start=2021", "_since=2020"])
def test_everything_asked_wrongly(world, clinician, query):
    a = world.get("/Patient/ella/$everything?" + query, clinician)
    assert a.status == 400, a
    assert a.json()["issue"][0]["diagnostics"]


def test_operation_is_listed(world):
    rest = world.get("/metadata", None).json()["rest"][0]
    assert {"name": "everything", "definition": {
        "reference": "http://hl7.org/fhir/OperationDefinition/"
                     "Patient-everything"}} in rest["operation"]
