# SPDX-License-Identifier: Apache-2.0
"""The rules of search on the samples, against the oracle.

Issue: modifiers, the nine prefixes, parameters of every type, _sort, _count.
DSTU2 search.html; SRC cases of the attack catalogue have their own suite.
"""

import datetime

import pytest

import odd
import oracle

DATES = ["2015", "2015-06", "2015-06-30", "2015-07-01T00:30:00Z",
         "2015-06-30T23:30:00-05:00", "2015-06-30T23:30", "2015-01-15",
         "2015-01-16T12:00:00Z", "2024", "2015-06-30T23:59:59.999Z"]
NUMBERS = ["5", "5.0", "5.4", "5.45", "0", "-0.5", "0.0005", "5.40",
           "5||mg/dL", "5.4|http://unitsofmeasure.org|mg/dL",
           "5.4||mg/dL", "5.4|http://other.test|mg/dL", "5e0", "54e-1"]

ARGO = "http://fhir.org/guides/argonaut/StructureDefinition/argo-"

# Over all patients, by a clinician.
SEARCHES = [
    "Patient?name:exact=Ella", "Patient?name:contains=rcu",
    "Patient?family:contains=ND", "Patient?family:contains=ó",
    "Patient?given:exact=Zoë", "Patient?given=Zoe",
    "Patient?address:missing=true", "Patient?address:missing=false",
    "Patient?telecom:missing=false", "Patient?gender:not=female",
    "Patient?race:missing=true", "Patient?race:not=2106-3",
    "Observation?code:not=8480-6", "Observation?date:missing=true",
    "Observation?value-quantity:missing=false",
    "Observation?data-absent-reason:missing=false",
    "Observation?value-string=arger",
    "Observation?value-string:contains=gross",
    "Observation?value-string:contains=\\| 10",
    "Observation?value-string:contains=\\$5",
    "Observation?value-string:exact=Ärger\\, groß \\| 10 \\\\ $5",
    "Observation?value-concept:missing=false",
    "Observation?status:not=final", "Observation?subject:Group=g",
    "Observation?subject=Group/g", "Observation?patient:missing=true",
    "Observation?performer:missing=true",
    "Observation?subject=http://elsewhere.test/fhir/Patient/zoe",
    "Observation?_tag=blue", "Observation?_tag=BLUE",
    f"Observation?_tag={odd.TAGS}|blue", "Observation?_tag=|blue",
    f"Observation?_tag={odd.TAGS}|", "Observation?_tag:not=blue",
    "Observation?_tag:missing=false", "Observation?_security=N",
    "Observation?_security:missing=false",
    f"Observation?_profile={ARGO}smokingstatus",
    f"CarePlan?_profile={ARGO}careteam", "Patient?_profile:missing=true",
    "Observation?_id=zoe-tagged,zoe-other,nobody",
    "DocumentReference?location=Binary/marcus-summary-text",
    "DocumentReference?location:missing=false",
    "CarePlan?participant:missing=false", "Encounter?date=2025",
    "MedicationOrder?medication:missing=true",
    "MedicationOrder?code:missing=false", "Immunization?notgiven=false",
    "Device?udi=%7B01%7D", "Condition?onset=lt2020", "Goal?date=2025",
    "Observation?code=8480-6&code=8462-4", "Observation?patient=ella,ines",
]
# Near misses: what these name is not there.
NOTHING = [
    "Patient?name:exact=ella", "Patient?given:exact=Zoe",
    "Patient?family:missing=true", "Patient?gender:not=female,male",
    "Patient?birthdate:missing=true", "Patient?name=ann\\,x",
    "Patient?name=rcus", "Patient?_id=ELLA", "Patient?active=false",
    "Observation?subject:missing=true", "Observation?_tag=|blu",
    "Observation?_tag=http://other.test|blue", "Observation?_security=R",
    "Observation?_profile=" + ARGO.upper() + "smokingstatus",
    "Observation?patient=ella&patient=ines", "Encounter?date=lt1900",
    "DocumentReference?location=http://nowhere.test",
    "DocumentReference?location:missing=true",
    "Observation?value-string:exact=Ärger", "Device?udi=01",
]


def encode(query):
    """Interop 24 leaves : / | as they are; what is no byte of URLs goes."""
    return "".join(c if "!" <= c <= "~" else
                   "".join(f"%{b:02X}" for b in c.encode()) for c in query)


def compare(world, query, token):
    rtype, _, rest = query.partition("?")
    wanted = world.oracle.search(rtype, encode(rest))
    got = world.found("/" + encode(query), token)
    assert set(got) == wanted and len(got) == len(wanted), query
    return wanted


def total(world, query, token):
    """The same for many: only how many there are."""
    rtype, _, rest = query.partition("?")
    wanted = world.oracle.search(rtype, encode(rest))
    b = world.bundle(f"/{encode(query)}&_count=0", token)
    assert b["total"] == len(wanted), query


@pytest.mark.anywhere
@pytest.mark.parametrize("query", SEARCHES)
def test_search(world, clinician, query):
    assert compare(world, query, clinician), "nothing to be found"


@pytest.mark.parametrize("query", NOTHING)
def test_search_that_finds_nothing(world, clinician, query):
    assert not compare(world, query, clinician)


@pytest.mark.parametrize("prefix", ("",) + oracle.PREFIXES)
def test_date_prefixes(world, clinician, prefix):
    """Every prefix with every precision, offsets and open Periods."""
    seen = set()
    for date in DATES:
        seen |= compare(world, f"Observation?date={prefix}{date}&patient=zoe",
                        clinician)
        total(world, f"Observation?date={prefix}{date}", clinician)
        total(world, f"CarePlan?date={prefix}{date}", clinician)
    assert seen


@pytest.mark.parametrize("prefix", ("",) + oracle.PREFIXES)
def test_quantity_prefixes(world, clinician, prefix):
    seen = set()
    for number in NUMBERS:
        seen |= compare(world, f"Observation?value-quantity={prefix}{number}"
                        "&patient=zoe", clinician)
        # Elsewhere other units of UCUM stand, which are converted: the
        # suite model asks for those.
        if "unitsofmeasure" not in number:
            total(world, f"Observation?value-quantity={prefix}{number}",
                  clinician)
    compare(world, "Observation?component-value-quantity="
            f"{prefix}120||mm[Hg]", clinician)
    assert seen


def test_two_bounds_may_be_in_one_query(world, clinician):
    for low, high in (("ge2015-06-30", "le2015-06-30"), ("gt2014", "lt2016"),
                      ("ge2016", "le2015"), ("sa2015-01", "eb2015-07")):
        compare(world, f"Observation?date={low}&date={high}", clinician)


def test_time_zone_of_the_client(world, clinician):
    """ "+" may come bare, as a space or encoded."""
    want = compare(world, "Observation?date=lt2015-07-01T05:30:00%2B01:00",
                   clinician)
    for spelling in ("2015-07-01T05:30:00+01:00",
                     "2015-07-01T05:30:00%2b01:00",
                     "2015-06-30T23:30:00-05:00"):
        assert set(world.found(f"/Observation?date=lt{spelling}",
                               clinician)) == want


def test_last_updated(world, clinician):
    """By what the resources themselves say."""
    b = world.bundle("/Patient?_count=1000", clinician)
    when = {e["resource"]["id"]: e["resource"]["meta"]["lastUpdated"]
            for e in b["entry"]}
    assert len(when) > 6
    for want in sorted(when.values())[::3]:
        assert want.endswith("Z") or "+" in want
        at = oracle.span(want)[0]
        for prefix, holds in (
                ("gt", lambda t: t > at), ("lt", lambda t: t < at),
                ("ge", lambda t: t >= at), ("le", lambda t: t <= at),
                ("ne", lambda t: t != at), ("", lambda t: t == at)):
            ids = world.found(f"/Patient?_lastUpdated={prefix}" +
                              want.replace("+", "%2B"), clinician)
            assert set(ids) == {i for i, t in when.items()
                                if holds(oracle.span(t)[0])}
    year = datetime.datetime.now().year
    assert world.found(f"/Patient?_lastUpdated=lt{year}", clinician) == []


def low_or_high(r, code, down):
    have = oracle.values(r, code)[1]
    return (max(h for _, h in have) if down else
            min(low for low, _ in have)) if have else None


@pytest.mark.anywhere
@pytest.mark.parametrize("down,spelling", [
    (False, "_sort=date"), (False, "_sort:asc=date"), (True, "_sort=-date"),
    (True, "_sort:desc=date")])
def test_sort_by_date(world, clinician, down, spelling):
    """Interop 30: both spellings; what has no date comes last."""
    for patient in ("zoe", "marcus"):
        ids = world.found(f"/Observation?patient={patient}&{spelling}"
                          "&_count=7", clinician)
        key = [low_or_high(world.oracle.all["Observation", i], "date", down)
               for i in ids]
        dated = [k for k in key if k is not None]
        assert key == sorted(dated, reverse=down) + [None] * (
            len(key) - len(dated))
        assert set(ids) == world.oracle.search("Observation", "", patient)
        if patient == "zoe":
            assert None in key and len(set(dated)) > 5


def test_sort_by_last_updated(world, clinician):
    for spelling, down in (("_sort=_lastUpdated", False),
                           ("_sort:desc=_lastUpdated", True),
                           ("_sort=-_lastUpdated", True)):
        b = world.bundle(f"/Patient?{spelling}&_count=1000", clinician)
        key = [e["resource"]["meta"]["lastUpdated"] for e in b["entry"]]
        key = [oracle.span(k)[0] for k in key]
        assert key == sorted(key, reverse=down) and len(key) > 6


def test_sort_by_birthdate(world, clinician):
    """The patient browser's _sort:desc=birthdate."""
    ids = world.found("/Patient?_sort:desc=birthdate", clinician)
    born = [low_or_high(world.oracle.all["Patient", i], "birthdate", True)
            for i in ids]
    assert born == sorted(born, reverse=True) and len(born) > 6


def first(world, r, code, down):
    """What a resource is sorted by, or None."""
    if code == "_id":
        return r["id"].lower()
    kind, have = oracle.values(r, code)
    have = [v for v in have if kind != "token" or v[1]]
    keys = [oracle.fold(v)[:100] if kind == "string" else
            (v[1].lower(), v[0]) if kind == "token" else
            v[1 if down else 0] if kind == "quantity" else
            world.oracle.local(v) for v in have]
    return (max if down else min)(keys) if keys else None


@pytest.mark.anywhere
@pytest.mark.parametrize("rtype,code", [
    ("Patient", "family"), ("Patient", "given"), ("Patient", "gender"),
    ("Patient", "name"), ("Patient", "_id"), ("Observation", "code"),
    ("Observation", "subject"), ("Observation", "value-quantity"),
    ("Observation", "status"), ("Condition", "_id"),
    ("MedicationOrder", "medication")])
def test_sort_by_anything(world, clinician, rtype, code):
    """S12: in both spellings, page by page; what has none comes last."""
    whole = world.oracle.ids(rtype)
    several = False
    for down, spelling in ((False, "_sort="), (False, "_sort:asc="),
                           (True, "_sort=-"), (True, "_sort:desc=")):
        ids = world.found(f"/{rtype}?{spelling}{code}&_count=301", clinician)
        key = [first(world, world.oracle.all[rtype, i], code, down)
               for i in ids]
        there = [k for k in key if k is not None]
        assert key == sorted(there, reverse=down) + [None] * (
            len(key) - len(there)), (spelling, code)
        assert set(ids) == whole and len(ids) == len(whole)
        several |= len(set(there)) > 1
    assert several


def test_sort_by_two(world, clinician):
    ids = world.found("/Patient?_sort:asc=gender&_sort:desc=birthdate",
                      clinician)
    key = [(r["gender"], -low_or_high(r, "birthdate", True)) for r in
           (world.oracle.all["Patient", i] for i in ids)]
    assert key == sorted(key) and len({k[0] for k in key}) > 1
    assert ids == world.found("/Patient?_sort=gender,-birthdate", clinician)


@pytest.mark.anywhere
def test_count(world, clinician):
    """Never exceeded; the total is of all pages; 0 is the total alone."""
    whole = len(world.oracle.ids("Observation"))
    for n in (0, 1, 7, 100, 100000):
        b = world.bundle(f"/Observation?_count={n}", clinician)
        assert b["total"] == whole
        assert len(b.get("entry", [])) == min(n, whole, 1000)
        assert ("next" in {x["relation"] for x in b["link"]}) == (
            0 < n < whole)


def test_pages_carry_what_strict_clients_read(world, clinician):
    """Interop 22, 26: meta in the entries, absolute URLs, search.mode."""
    b = world.bundle("/Condition?patient=marcus", clinician)
    assert (b["resourceType"], b["type"]) == ("Bundle", "searchset")
    assert b["link"][0]["relation"] == "self"
    assert b["link"][0]["url"] == world.base + "/Condition?patient=marcus"
    for e in b["entry"]:
        assert set(e) == {"fullUrl", "resource", "search"}
        assert e["resource"]["meta"]["versionId"] == "1"
        assert e["fullUrl"] == f"{world.base}/Condition/" + e["resource"]["id"]
    b = world.bundle("/Condition?patient=nobody", clinician)
    assert b["total"] == 0 and "entry" not in b


def test_decimals_come_back_as_written(world):
    """Digit for digit: 5.0 is not 5 (requirements 2.1)."""
    a = world.get("/Observation/zoe-has-0", world.token("zoe"))
    assert b'"value":5.0,' in a.body
    a = world.get("/Observation?_id=zoe-has-0,zoe-has-8", world.token("zoe"))
    assert b'"value":5.0,' in a.body and b'"value":0.0005,' in a.body
