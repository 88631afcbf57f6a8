# SPDX-License-Identifier: Apache-2.0
"""Conditions of writes, as clients spell them: nothing is half heard.

A guard that is not understood is a refusal; the client believes itself safe
behind it.  Requirements R08, R10; DSTU2 http.html#concurrency, #ccreate.
"""

import pytest

from writing import Writing, entry, number, observation, patient, refused


@pytest.fixture(scope="module")
def site():
    with Writing(workers=1) as s:
        yield s


@pytest.fixture
def mine(site):
    """The path of a Patient at version 1."""
    return "/Patient/" + site.ask("POST", "/Patient", patient()).json()["id"]


def change(site, path, **h):
    return site.ask("PUT", path, patient(id=path[9:], gender="other"), **h)


@pytest.mark.parametrize("tag", ['W/"1"', '"1"', "1", "*"])
def test_tags_of_the_current_version(site, mine, tag):
    a = change(site, mine, If_Match=tag)
    assert a.status == 200 and a.headers["etag"] == 'W/"2"'


@pytest.mark.parametrize("tag", [
    'W/"2"', 'W/"01"', 'W/"0"', 'W/"abc"', '"xyz"',
    'W/"18446744073709551615"', 'W/"99999999999999999999999"'])
def test_tags_of_no_version(site, mine, tag):
    """A well-formed tag that is not the current one: 409, whoever made it."""
    refused(change(site, mine, If_Match=tag), 409, "conflict")
    refused(site.ask("DELETE", mine, If_Match=tag), 409, "conflict")
    refused(site.bundle("transaction", entry(
        "PUT", mine[1:], patient(id=mine[9:]), ifMatch=tag)), 409)
    assert site.ask("GET", mine).headers["etag"] == 'W/"1"'


@pytest.mark.parametrize("tag", ['W/""', "W/1", "01", 'W/"1', "one",
                                 'W/"1", W/"2"'])
def test_no_tags(site, mine, tag):
    refused(change(site, mine, If_Match=tag), 400, "value")


@pytest.mark.parametrize("method,name", [
    ("POST", "If-Match"), ("PUT", "If-None-Exist"),
    ("DELETE", "If-None-Exist")])
def test_conditions_of_other_interactions(site, mine, method, name):
    before = site.digest()
    value = 'W/"1"' if name == "If-Match" else "identifier=1"
    path = "/Patient" if method == "POST" else mine
    body = patient(**({"id": mine[9:]} if method == "PUT" else {})) \
        if method != "DELETE" else None
    said = refused(site.ask(method, path, body, **{
        name.replace("-", "_"): value}), 400, "invalid")
    assert name in said["diagnostics"]
    key = "ifMatch" if name == "If-Match" else "ifNoneExist"
    refused(site.bundle("transaction", entry(
        method, path[1:], body, **{key: value})), 400, "invalid")
    assert site.digest() == before


# --- criteria -----------------------------------------------------------------

def of(site, value, how, **kw):
    """Create unless there is one of this identifier, said so."""
    q = "identifier=urn:test|" + value
    return site.ask("POST", "/Patient", patient(identifier=number(value)),
                    If_None_Exist=how.format(q, base=site.base), **kw)


@pytest.mark.parametrize("how", [
    "{}", "?{}", "Patient?{}", "/Patient?{}", "Patient/?{}",
    "{base}/Patient?{}", "{base}/Patient/?{}"])
def test_criteria_of_other_times(site, how):
    """What follows the "?", and the whole URL that older clients send."""
    value = str(len(how)) + how[0].strip("{/?")
    assert of(site, value, how).status == 201
    a = of(site, value, how)
    assert a.status == 200
    assert a.headers["location"].endswith("/_history/1")


@pytest.mark.parametrize("how", [
    "Observation?{}", "http://other.example/fhir/Patient?{}",
    "{base}Patient?{}", "Patient", "?", "Patient?"])
def test_criteria_of_others(site, how):
    before = site.total("/Patient")
    refused(of(site, "others", how), 400)
    assert site.total("/Patient") == before


def test_slash_behind_the_type(site):
    """DSTU2 writes PUT [base]/[type]/?criteria; no other path has two."""
    q = "/Patient/?identifier=urn:test|slash"
    body = patient(identifier=number("slash"))
    assert site.ask("PUT", q, body).status == 201
    assert site.ask("PUT", q, {**body, "gender": "male"}).status == 200
    assert site.ask("GET", q).json()["total"] == 1
    assert site.bundle("transaction", entry("DELETE", q[1:])).status == 200
    refused(site.ask("DELETE", q), 404)
    refused(site.ask("DELETE", "/Patient/"), 400)
    for path in "/Patient/ella/", "/metadata/", "/Patient//", "//Patient":
        assert site.ask("GET", path).status in (400, 404), path


def test_same_criteria_in_a_transaction(site):
    """However they are spelled: neither made twice."""
    before = site.digest()
    for one, two in (
            ("identifier=urn:test|same", "identifier=urn%3Atest%7Csame"),
            ("identifier=urn:test|same", "Patient?identifier=urn:test|same"),
            ("gender=male&identifier=same", "identifier=same&gender=male")):
        refused(site.bundle(
            "transaction",
            entry("POST", "Patient", patient(), ifNoneExist=one),
            entry("POST", "Patient", patient(), ifNoneExist=two)), 400)
    assert site.digest() == before


# --- what is said -------------------------------------------------------------

def test_outcome_has_the_warnings(site):
    """Prefer: return=OperationOutcome: what the rules had to say, too."""
    body = patient(meta={"profile": ["http://example.org/unknown"]},
                   identifier=number("outcome"))
    wants = {"Prefer": "return=OperationOutcome"}
    a = site.ask("POST", "/Patient", body, **wants)
    assert a.status == 201
    told = [(i["severity"], i["diagnostics"]) for i in a.json()["issue"]]
    assert told[0] == ("information", "created")
    assert [x[0] for x in told[1:]] == ["warning"]
    again = site.ask("POST", "/Patient", body, If_None_Exist="identifier="
                     "urn:test|outcome", **wants)
    assert again.status == 200
    assert again.json()["issue"][0]["diagnostics"].startswith("nothing")
    e = site.bundle("batch", entry("POST", "Patient", body), **wants) \
        .json()["entry"][0]
    assert e["resource"]["resourceType"] == "OperationOutcome"
    assert e["fullUrl"].startswith("urn:uuid:")
    assert len(e["resource"]["issue"]) == 2


def test_no_resource(site):
    refused(site.ask("POST", "/Patient", ""), 400, "structure")
    refused(site.bundle("transaction", entry("POST", "Patient")), 400,
            "structure", "Bundle.entry[0].resource")


@pytest.mark.parametrize("i", ["a_b", "a" * 65])
def test_no_id(site, i):
    said = refused(site.ask("PUT", "/Patient/" + i, patient(id=i)), 404)
    assert "1 to 64" in said["diagnostics"]


def test_owner_stays(site):
    """Z07, CMP-14: it is said why, and what to do; nothing is changed."""
    o = site.ask("POST", "/Observation", observation()).json()["id"]
    before = site.digest()
    for who in site.who(), site.who("ella"):
        for body in (observation("Patient/ines", id=o),
                     observation("Patient/no-one", id=o)):
            a = site.ask("PUT", "/Observation/" + o, body, token=who)
            said = refused(a, 403, "business-rule")
            assert "delete it" in said["diagnostics"]
            assert "insufficient_scope" not in a.headers["www-authenticate"]
            refused(site.bundle("transaction", entry(
                "PUT", "Observation/" + o, body), token=who), 403)
    assert site.digest() == before
