# SPDX-License-Identifier: Apache-2.0
"""create, update, delete, with and without conditions: R05 to R11, R22 to
R26, Z07, Z20."""

import json
import re

import pytest

from writing import (FHIR, Writing, entry, number, observation, patient,
                     refused, work)


@pytest.fixture(scope="module")
def site():
    with Writing(workers=2) as s:
        yield s


@pytest.fixture
def ella(site):
    return site.who("ella")


def made(site, body, token=None, **h):
    a = site.ask("POST", "/" + body["resourceType"], body, token, **h)
    assert a.status == 201, a
    return a.json()


# --- create (R05) ------------------------------------------------------------

def test_create(site):
    a = site.ask("POST", "/Patient", patient())
    assert a.status == 201
    got = re.fullmatch(re.escape(site.base) +
                       r"/Patient/([0-9a-f]{32})/_history/1",
                       a.headers["location"])
    assert got and a.headers["etag"] == 'W/"1"'
    b = site.ask("GET", "/Patient/" + got[1])
    assert b.status == 200 and b.body == a.body
    assert b.headers["last-modified"] == a.headers["last-modified"]
    assert b.json()["meta"]["versionId"] == "1"


def test_digits_stay(site):
    """R24, JSN-08: what was sent comes back, digit for digit."""
    for digits in ("1.00", "0.1234567890123456789", "-0", "100", "0.10"):
        text = json.dumps(observation())[:-1] + \
            ',"valueQuantity": {"value":%s, "unit":"kg"}}' % digits
        a = site.ask("POST", "/Observation", text)
        assert a.status == 201, a
        assert b'"value":%s,' % digits.encode() in a.body


def test_meta_is_the_servers(site):
    """WRT-05: version and time are ours; tags, profiles, labels stay."""
    meta = {"versionId": "77", "lastUpdated": "1999-01-01T00:00:00Z",
            "tag": [{"system": "t", "code": "x"}],
            "security": [{"system": "s", "code": "N"}]}
    got = made(site, patient(meta=meta))["meta"]
    assert got["versionId"] == "1" and got["lastUpdated"] > "2020"
    assert got["tag"] == meta["tag"] and got["security"] == meta["security"]


@pytest.mark.parametrize("body,status,code", [
    (patient(id="mine"), 400, "value"),
    ({"resourceType": "Observation"}, 400, None),
    ({"resourceType": "Patiemt"}, 400, "value"),
    ({}, 400, None), ("", 400, None), ("null", 400, None),
    ('{"resourceType":"Patient"', 400, "structure"),
    ('{"resourceType":"Patient","gender":"male","gender":"male"}', 400,
     "structure"),
    (patient(gender="womam"), 422, "code-invalid"),
    (patient(nmae=[{"family": ["x"]}]), 400, None),
    (patient(birthDate="2026-02-30"), 422, "value"),
    (patient(contact=[{"gender": "male"}]), 422, "invariant"),
    (observation(status=None), 400, None),
    (b'{"resourceType":"Patient","language":"\xff"}', 400, None),
    (b'{"resourceType":"Patient","language":"\xc0\xaf"}', 400, None),
    (b'{"resourceType":"Patient","language":"\xed\xa0\x80"}', 400, None),
])
def test_create_refused(site, body, status, code):
    before = site.digest()
    kind = "Observation" if isinstance(body, dict) and \
        "code" in body else "Patient"
    refused(site.ask("POST", "/" + kind, body), status, code)
    assert site.digest() == before


def test_every_fault_at_once(site):
    a = site.ask("POST", "/Observation", observation(
        status="fine", valueString="1", valueBoolean=True, comment=7))
    assert a.status in (400, 422)
    places = [x["location"][0] for x in a.json()["issue"]]
    assert len(places) >= 3 and "Observation.status" in places


@pytest.mark.parametrize("kind,status", [
    ("application/json+fhir", 201), ("application/fhir+json", 201),
    ("application/json; charset=utf-8", 201), ("text/json", 201),
    ("application/xml+fhir", 415), ("text/plain", 415),
    ("application/json; charset=latin-1", 415), ("", 415)])
def test_content_type(site, kind, status):
    a = site.ask("POST", "/Patient", patient(), Content_Type=kind)
    assert a.status == status, a
    if status == 415:
        assert "json" in refused(a, 415)["diagnostics"]


@pytest.mark.parametrize("prefer,check", [
    (None, lambda a: a.json()["resourceType"] == "Patient"),
    ("return=representation", lambda a: a.json()["gender"] == "female"),
    ("return=minimal", lambda a: a.body == b""),
    ("return=OperationOutcome",
     lambda a: a.json()["issue"][0]["severity"] == "information"),
    ("respond-async, return=minimal", lambda a: a.body == b""),
    ("return=all", lambda a: a.json()["resourceType"] == "Patient")])
def test_prefer(site, prefer, check):
    h = {"Prefer": prefer} if prefer else {}
    a = site.ask("POST", "/Patient", patient(), **h)
    assert a.status == 201 and check(a) and "location" in a.headers
    b = site.ask("PUT", "/Patient/" + a.headers["location"].split("/")[-3],
                 patient(id=a.headers["location"].split("/")[-3],
                         gender="male"), Prefer="return=minimal")
    assert b.status == 200 and b.body == b""


def test_write_only(site):
    """CMP-12: who may not read gets nothing back, whatever is preferred."""
    token = site.who("ella", "patient/Observation.write")
    a = site.ask("POST", "/Observation", observation(), token,
                 Prefer="return=representation")
    assert a.status == 201 and a.body == b"" and "location" in a.headers


# --- update (R06, R08) -------------------------------------------------------

def test_update(site):
    r = made(site, patient())
    r["gender"] = "male"
    a = site.ask("PUT", "/Patient/" + r["id"], r, If_Match='W/"1"')
    assert a.status == 200 and a.headers["etag"] == 'W/"2"'
    refused(site.ask("PUT", "/Patient/" + r["id"], r, If_Match='W/"1"'),
            409, "conflict")
    refused(site.ask("PUT", "/Patient/" + r["id"], r, If_Match="yes"), 400)
    b = site.ask("PUT", "/Patient/" + r["id"], r)
    assert b.status == 200 and b.headers["etag"] == 'W/"2"'    # the same
    assert site.ask("GET", f"/Patient/{r['id']}/_history") \
        .json()["total"] == 2


@pytest.mark.parametrize("url,id_", [
    ("one", "other"), ("one", None)])
def test_update_id(site, url, id_):
    """CMP-06: path and body agree."""
    body = patient(id=id_) if id_ else patient()
    refused(site.ask("PUT", "/Patient/" + url, body), 400)
    assert site.ask("GET", "/Patient/one").status == 404


def test_update_creates(site):
    a = site.ask("PUT", "/Patient/by-put", patient(id="by-put"))
    assert a.status == 201 and "/Patient/by-put/_history/1" in \
        a.headers["location"]
    b = site.ask("PUT", "/Patient/by-put", patient(id="by-put"),
                 If_None_Match="*")
    refused(b, 412)
    refused(site.ask("PUT", "/Patient/by-put2", patient(id="by-put2"),
                     If_Match='W/"1"'), 409)
    assert site.ask("GET", "/Patient/by-put2").status == 404


def test_subsetted(site):
    """R25: a summary is no base for an update."""
    r = site.ask("GET", "/Patient/ella?_summary=true").json()
    a = site.ask("PUT", "/Patient/ella", r)
    assert a.status in (400, 422) and b"SUBSETTED" in a.body
    # Nor by criteria, nor of what is made: it could never be updated.
    before = site.digest()
    del r["id"]
    for method, url in (("PUT", "Patient?_id=ella"), ("POST", "Patient")):
        refused(site.ask(method, "/" + url, r), 422, None, "Patient.meta")
        refused(site.bundle("transaction", entry(method, url, r)), 422)
    refused(site.ask("POST", "/Patient/ella/$meta-add", par(tag=[
        {"code": "SUBSETTED"}])), 422)
    assert site.digest() == before
    r = site.ask("GET", "/Patient/ella").json()
    assert site.ask("PUT", "/Patient/ella", r).headers["etag"] == 'W/"1"'


# --- delete, revive (R07) ----------------------------------------------------

def test_delete(site):
    i = made(site, patient())["id"]
    assert site.ask("DELETE", "/Patient/" + i).status == 204
    assert site.ask("GET", "/Patient/" + i).status == 410
    again = site.ask("DELETE", "/Patient/" + i)
    never = site.ask("DELETE", "/Patient/never-was")
    assert again.status == never.status == 204 and not again.body
    h = site.ask("GET", f"/Patient/{i}/_history").json()
    assert [e["request"]["method"] for e in h["entry"]] == ["DELETE", "POST"]
    a = site.ask("PUT", "/Patient/" + i, patient(id=i))
    assert a.status == 201 and a.headers["etag"] == 'W/"3"'
    assert site.ask("GET", "/Patient/" + i).status == 200
    refused(site.ask("DELETE", "/Patient/" + i, If_Match='W/"1"'), 409)
    assert site.ask("DELETE", "/Patient/" + i,
                    If_Match='W/"3"').status == 204


# --- conditions (R10) --------------------------------------------------------

def test_create_if_none(site):
    body = observation(identifier=number("c1"))
    a = site.ask("POST", "/Observation", body,
                 If_None_Exist="identifier=urn:test|c1")
    b = site.ask("POST", "/Observation", body,
                 If_None_Exist="?identifier=urn:test|c1")
    assert (a.status, b.status) == (201, 200)
    assert a.headers["location"] == b.headers["location"]
    made(site, body)
    refused(site.ask("POST", "/Observation", body,
                     If_None_Exist="identifier=urn:test|c1"), 412)
    assert site.total("/Observation?identifier=urn:test|c1") == 2


def test_update_if(site):
    url = "/Observation?identifier=urn:test|u1"
    body = observation(identifier=number("u1"))
    a = site.ask("PUT", url, body)
    assert a.status == 201
    b = site.ask("PUT", url, dict(body, status="amended"))
    assert b.status == 200 and b.headers["etag"] == 'W/"2"'
    assert b.json()["id"] == a.json()["id"]
    refused(site.ask("PUT", url, dict(body, id="another")), 400)
    made(site, body)
    refused(site.ask("PUT", url, body), 412)


def test_delete_if(site):
    url = "/Observation?identifier=urn:test|d1"
    body = observation(identifier=number("d1"))
    refused(site.ask("DELETE", url), 404, "not-found")
    made(site, body)
    assert site.ask("DELETE", url).status == 204
    assert site.total(url) == 0
    made(site, body)
    made(site, body)
    refused(site.ask("DELETE", url), 412)
    assert site.total(url) == 2


@pytest.mark.parametrize("query", [
    "", "?", "?_format=json", "?nosuch=1", "?identifer=urn:test|1",
    "?_count=1", "?_sort=date", "?identifier=", "?date=yesterday"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_criteria_are_strict(site, method, query):
    """WRT-03: what is unknown, or nothing, never means everything."""
    before = site.digest()
    if method == "POST":
        if len(query) < 2:
            return
        a = site.ask("POST", "/Observation", observation(),
                     If_None_Exist=query[1:])
    else:
        a = site.ask(method, "/Observation" + query,
                     observation() if method == "PUT" else None)
    assert a.status in (400, 412), a
    assert site.digest() == before


# --- whose it is (Z07) -------------------------------------------------------

def test_own_record(site, ella):
    r = made(site, observation(), ella)
    r["status"] = "amended"
    a = site.ask("PUT", "/Observation/" + r["id"], r, ella)
    assert a.status == 200
    # CMP-14: it cannot be made another's, by whomever
    r["subject"] = {"reference": "Patient/ines"}
    for token in (ella, site.who()):
        assert site.ask("PUT", "/Observation/" + r["id"], r,
                        token).status == 403
    assert site.ask("DELETE", "/Observation/" + r["id"],
                    token=ella).status == 204
    assert site.ask("GET", "/Observation/" + r["id"],
                    token=ella).status == 410


def test_others_record(site, ella):
    """CMP-13, -15, -16; WRT-01, -02."""
    hers = made(site, observation("Patient/ines", identifier=number("i1")))
    before = site.digest()
    assert site.ask("POST", "/Observation", observation("Patient/ines"),
                    ella).status == 403
    mine = dict(hers, subject={"reference": "Patient/ella"})
    never = observation(id="never-was")
    a = site.ask("PUT", "/Observation/" + hers["id"], mine, ella)
    b = site.ask("PUT", "/Observation/never-was", never, ella)
    assert a.status == b.status == 404 and a.body == b.body
    a = site.ask("DELETE", "/Observation/" + hers["id"], token=ella)
    b = site.ask("DELETE", "/Observation/never-was", token=ella)
    assert a.status == b.status == 204 and a.body == b.body
    for method in ("DELETE", "PUT"):
        q = "/Observation?identifier=urn:test|%s"
        body = observation("Patient/ines") if method == "PUT" else None
        a, b = (site.ask(method, q % v, body, ella) for v in ("i1", "no"))
        assert a.status == b.status and a.body == b.body, (a, b)
    assert site.ask("POST", "/AllergyIntolerance", {
        "resourceType": "AllergyIntolerance", "substance": {"text": "x"},
        "patient": {"reference": "Patient/ella"},
        "recorder": {"reference": "Patient/ines"}}, ella).status == 403
    assert site.digest() == before
    a = site.ask("POST", "/Observation", observation(
        identifier=number("i1")), ella,
        If_None_Exist="identifier=urn:test|i1")
    assert a.status == 201


def test_ids_are_the_servers_to_patients(site, ella):
    a = site.ask("PUT", "/Observation/chosen", observation(id="chosen"),
                 ella)
    refused(a, 404)
    assert site.ask("GET", "/Observation/chosen").status == 404


def test_labels_stay(site, ella):
    """WRT-06"""
    r = made(site, observation(meta={"security": [
        {"system": "s", "code": "R"}]}))
    url = "/Observation/" + r["id"]
    bare = {k: v for k, v in r.items() if k != "meta"}
    par = {"resourceType": "Parameters", "parameter": [
        {"name": "meta", "valueMeta": {"security": [
            {"system": "s", "code": "R"}]}}]}
    assert site.ask("PUT", url, bare, ella).status == 403
    assert site.ask("POST", url + "/$meta-delete", par, ella).status == 403
    assert site.ask("PUT", url, dict(r, status="amended"), ella).status == 200
    assert site.ask("PUT", url, bare).status == 200


# --- types that are not everybody's (WRT-09 to -11) ----------------------------

@pytest.mark.parametrize("kind", [
    "AuditEvent", "Conformance", "SearchParameter", "StructureDefinition",
    "Subscription"])
def test_kept_types(site, ella, kind):
    for token in (ella, site.who()):
        a = site.ask("POST", "/" + kind, {"resourceType": kind}, token)
        assert a.status == 403, a
    if kind == "AuditEvent":
        for method, body in (("PUT", {"resourceType": kind, "id": "x"}),
                             ("DELETE", None)):
            a = site.ask(method, f"/{kind}/x", body)
            assert a.status == 405 and "GET" in a.headers["allow"]


# --- Provenance (Z20) ----------------------------------------------------------

def test_provenance(site, ella):
    i = made(site, observation(), ella)["id"]
    site.ask("PUT", "/Observation/" + i, observation(
        id=i, status="amended"), ella)
    site.ask("DELETE", "/Observation/" + i, token=ella)
    found = {}
    for e in site.ask("GET", "/Provenance?_count=500",
                      token=ella).json()["entry"]:
        for t in e["resource"]["target"]:
            found[t["reference"]] = e["resource"]
    for version, deed in ((1, "CREATE"), (2, "UPDATE"), (3, "DELETE")):
        p = found[f"Observation/{i}/_history/{version}"]
        assert p["activity"]["coding"][0]["code"] == deed
        assert [x["userId"]["value"] for x in p["agent"]][1] == "tiphys-cli"
        assert p["recorded"] <= p["meta"]["lastUpdated"]
    assert site.ask("GET", "/Provenance/" + p["id"],
                    token=site.who("ines")).status == 404
    # nobody alters it, and nobody speaks for the server
    assert site.ask("DELETE", "/Provenance/" + p["id"]).status == 405
    del p["id"], p["meta"]
    refused(site.ask("POST", "/Provenance", p), 422, None,
            "Provenance.agent[0].userId.system")


# --- $meta (R20) -----------------------------------------------------------------

def par(**meta):
    return {"resourceType": "Parameters", "parameter": [
        {"name": "meta", "valueMeta": meta}]}


def test_meta(site):
    one, two = ({"system": "t", "code": c} for c in ("one", "two"))
    i = made(site, patient(meta={"tag": [one]}))["id"]
    url = "/Patient/" + i
    a = site.ask("POST", url + "/$meta-add", par(tag=[one, two],
                                                 profile=["urn:p"]))
    assert a.status == 200
    got = site.ask("GET", url)
    assert got.headers["etag"] == 'W/"1"'       # no new version
    assert got.json()["meta"]["tag"] == [one, two]
    assert site.total("/Patient?_tag=t|two") == 1
    assert site.ask("GET", url + "/$meta").json()["parameter"][0][
        "valueMeta"] == {"profile": ["urn:p"], "tag": [one, two]}
    site.ask("POST", url + "/$meta-delete", par(tag=[one]))
    assert site.total("/Patient?_tag=t|one") == 0
    assert site.ask("POST", url + "/_history/1/$meta", "").status == 200
    for scope in ("/Patient/$meta", "/$meta"):
        meta = site.ask("GET", scope).json()["parameter"][0]["valueMeta"]
        assert two in meta["tag"]
    meta = site.ask("GET", "/$meta", token=site.who("ines")).json()
    assert "two" not in json.dumps(meta)


@pytest.mark.parametrize("body,status", [
    ({"resourceType": "Parameters"}, 400), (patient(), 400),
    (par(tag=[{"sytem": "x"}]), 400), (par(tag="x"), 400), ("{", 400)])
def test_meta_refused(site, body, status):
    before = site.digest()
    refused(site.ask("POST", "/Patient/ella/$meta-add", body), status)
    refused(site.ask("POST", "/Patient/never-was/$meta-add",
                     par(tag=[{"code": "x"}])), 404)
    assert site.digest() == before


# --- histories (R04) -------------------------------------------------------------

def test_history_of_all(site, ella):
    i = made(site, patient())["id"]
    r = site.ask("GET", "/Patient/" + i).json()
    since = r["meta"]["lastUpdated"]
    site.ask("DELETE", "/Patient/" + i)
    for path in ("/Patient/_history", "/_history"):
        b = site.ask("GET", f"{path}?_since={since}&_count=50").json()
        mine = [e["request"]["method"] for e in b["entry"]
                if i in e["request"]["url"] or
                e.get("fullUrl", "").endswith(i)]
        assert mine == ["DELETE", "POST"]
        assert site.ask("GET", path, token=ella).status == 403     # CMP-27
    refused(site.ask("GET", "/Patient/_history?_since=soon"), 400, "value",
            "?_since")
    assert site.ask("GET", "/Patient/ella/_history?_since=2999") \
        .json()["total"] == 0


# --- the log ----------------------------------------------------------------------

def test_work_of_writes_is_told(site):
    """A write's line counts what it looked up, put and deleted; that of a
    Bundle what its entries did; what is refused early did little."""
    a = site.ask("POST", "/Patient", patient())
    url = "/Patient/" + a.json()["id"]
    create = work(site, a)
    assert create > 10
    assert work(site, site.ask("PUT", url, {
        **patient(), "id": url[9:], "gender": "other"})) > 10
    assert work(site, site.ask("GET", url)) < create
    for kind in "batch", "transaction":
        three = site.bundle(kind, *[entry("POST", "Patient", patient())
                                    for _ in range(3)])
        assert work(site, three) > 2 * create
    stale = site.ask("DELETE", url, If_Match='W/"9"')
    assert stale.status == 409 and 0 < work(site, stale) < create
    assert work(site, site.ask("DELETE", url)) > 10
    assert work(site, site.ask("POST", "/Patient", "{")) == 0


# --- by configuration --------------------------------------------------------------

def test_strict_site():
    keys = {"update-create": "no", "require-if-match": "yes",
            "conditional-delete-all": "yes", "referential-integrity": "yes"}
    with Writing(workers=1, keys=keys) as s:
        a = s.ask("PUT", "/Patient/new", patient(id="new"), If_Match="*")
        assert a.status == 409
        a = s.ask("PUT", "/Patient/new", patient(id="new"),
                  If_None_Match="*")
        assert a.status == 405 and "POST" in a.json()["issue"][0][
            "diagnostics"]
        i = made(s, patient())["id"]
        refused(s.ask("DELETE", "/Patient/" + i), 412)
        refused(s.ask("POST", "/Observation", observation("Patient/no-one")),
                422, None, "Observation.subject")
        o = made(s, observation("Patient/" + i, identifier=number("m")))
        made(s, observation("Patient/" + i, identifier=number("m")))
        refused(s.ask("DELETE", "/Patient/" + i, If_Match='W/"1"'), 409)
        a = s.ask("DELETE", "/Observation?identifier=urn:test|m",
                  If_Match="*")
        assert a.status == 204
        assert s.ask("GET", "/Observation/" + o["id"]).status == 410
        assert s.ask("DELETE", "/Patient/" + i,
                     If_Match='W/"1"').status == 204
        # The server's own record of all this refers to nothing that is.
        assert s.total("/Provenance") > 0
        c = s.ask("GET", "/metadata").json()["rest"][0]["resource"]
        kinds = {x["type"]: x for x in c}
        assert kinds["Patient"]["updateCreate"] is False
        assert kinds["Patient"]["conditionalDelete"] == "multiple"
        assert {"code": "create"} not in kinds["AuditEvent"]["interaction"]


def test_no_provenance():
    with Writing(workers=1, keys={"provenance": "no"}) as s:
        made(s, patient())
        assert s.total("/Provenance") == 0


def test_said_in_conformance(site):
    c = site.ask("GET", "/metadata").json()["rest"][0]
    kinds = {x["type"]: x for x in c["resource"]}
    have = {x["code"] for x in kinds["Observation"]["interaction"]}
    assert {"create", "update", "delete", "history-type"} <= have
    assert kinds["Observation"]["versioning"] == "versioned-update"
    assert kinds["Observation"]["conditionalCreate"] is True
    assert c["transactionMode"] == "both"
    assert {"meta", "meta-add", "meta-delete"} <= {
        x["name"] for x in c["operation"]}


def test_too_large():
    """WRT-12"""
    with Writing(workers=1, keys={"body-bytes": 2048}) as s:
        body = json.dumps(patient())
        body += " " * (2048 - len(body))
        assert s.ask("POST", "/Patient", body).status == 201
        assert s.ask("POST", "/Patient", body + " ").status == 413
        assert s.ask("POST", "/Patient", None, None, Content_Type=FHIR[1],
                     Content_Length="999999999").status in (400, 413)
