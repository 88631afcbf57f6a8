# SPDX-License-Identifier: Apache-2.0
"""What needs no token: Conformance, discovery, OPTIONS, CORS, headers.

Requirements 2.3 (mandatory elements); interop 8, 19, 21, 26.
"""

import re
import urllib.parse

import pytest

from conftest import SAMPLES, World

EXPOSED = ("etag", "last-modified", "www-authenticate")
ARGONAUT = ["AllergyIntolerance", "CarePlan", "Condition", "Device",
            "DiagnosticReport", "DocumentReference", "Goal", "Immunization",
            "Medication", "MedicationOrder", "MedicationStatement",
            "Observation", "Patient", "Procedure"]
ENDPOINTS = {"authorize": "authorization_endpoint",
             "token": "token_endpoint", "register": "registration_endpoint",
             "manage": "management_endpoint",
             "introspect": "introspection_endpoint",
             "revoke": "revocation_endpoint"}
OAUTH = ("http://fhir-registry.smarthealthit.org/StructureDefinition/"
         "oauth-uris")


def empties(x, path=""):
    """Interop 26: null, {}, [] and "" anywhere."""
    if x is None or x == {} or x == [] or x == "":
        yield path
    pairs = (x.items() if isinstance(x, dict) else
             enumerate(x) if isinstance(x, list) else ())
    for name, v in pairs:
        yield from empties(v, f"{path}/{name}")


@pytest.fixture(scope="module")
def statement(world):
    a = world.get("/metadata")
    assert a.status == 200
    return a.json()


@pytest.mark.anywhere
def test_mandatory_elements(world, statement):
    s = statement
    assert s["resourceType"] == "Conformance" and s["fhirVersion"] == "1.0.2"
    assert re.match(r"\d{4}-\d\d-\d\d", s["date"])
    assert s["acceptUnknown"] == "no" and s["status"] == "active"
    assert s["kind"] == "instance" and s["implementation"]["description"]
    assert s["implementation"]["url"] == world.base
    assert set(s["format"]) >= {"json", "application/json",
                                "application/json+fhir"}
    rest, = s["rest"]
    assert rest["mode"] == "server" and rest["security"]["cors"] is True
    for r in rest["resource"]:
        assert r["type"] and r["interaction"]
        for p in r["searchParam"]:
            assert p["name"] and p["type"]
    for op in rest.get("operation", []):
        assert op["name"] and op["definition"]
    assert list(empties(s)) == []


def test_statement_says_what_is_there(world, clinician, statement):
    """Interop 21: each listed interaction works, none more is claimed."""
    by = {r["type"]: r for r in statement["rest"][0]["resource"]}
    assert set(ARGONAUT) <= set(by) and len(by) == len(
        statement["rest"][0]["resource"])
    for name in ARGONAUT:
        codes = {i["code"] for i in by[name]["interaction"]}
        assert codes == {"read", "vread", "history-instance",
                         "history-type", "search-type", "create", "update",
                         "delete"}
    for rtype, code, kind in (
            ("CarePlan", "category", "token"), ("CarePlan", "status", "token"),
            ("Goal", "date", "date"), ("Patient", "race", "token"),
            ("Patient", "ethnicity", "token"), ("Patient", "_id", "token"),
            ("Observation", "code", "token"),
            ("Observation", "_lastUpdated", "date")):
        assert {p["name"]: p["type"] for p in by[rtype]["searchParam"]}[
            code] == kind
    assert "MedicationOrder:medication" in by["MedicationOrder"][
        "searchInclude"]
    profiles = {p["reference"].rpartition("/")[2]
                for p in statement["profile"]}
    assert len([p for p in profiles if p.startswith("argo-")]) == 17


def test_every_listed_parameter_is_taken(world, clinician, statement):
    """Of every type the samples have: a value of its kind is a 200."""
    value = {"token": "x", "date": "2020", "string": "x", "uri": "urn:x",
             "reference": "http://x.test/Y/1", "number": "1",
             "quantity": "1"}
    named = {"_filter": "_id eq x", "_has": None}
    checked = 0
    for r in statement["rest"][0]["resource"]:
        if r["type"] not in ARGONAUT:
            continue
        kinds = {p["name"]: p["type"] for p in r["searchParam"]}
        for p in r["searchParam"]:
            v = named.get(p["name"], value.get(p["type"]))
            if p["type"] == "composite":
                a = world.get(f"/{r['type']}?{p['name']}=x", clinician)
                parts = re.search(r"write (\S+)\$(\S+);",
                                  a.body.decode()).groups()
                v = "$".join(value[kinds[part]] for part in parts)
            if v is None:
                continue
            a = world.get(f"/{r['type']}?{p['name']}="
                          f"{urllib.parse.quote(v)}&_count=0", clinician)
            assert a.status == 200, (r["type"], p, a)
            checked += 1
    assert checked > 200


def test_nothing_about_the_machine(world, statement):
    """CNF-06: no version, path, host or user."""
    text = world.get("/metadata").body.decode()
    words = (world.dir, "lighttpd", "lmdb", "www-data", "tiphys-fhir/")
    assert [word for word in words if word in text] == []
    assert "version" not in statement["software"]
    assert "server" not in world.get("/metadata").headers


@pytest.mark.anywhere
def test_public_without_a_token(world, statement):
    """Interop 8; and a bad token is refused even there."""
    assert "security" in statement["rest"][0]
    a = world.get("/metadata?_pretty=true")
    assert a.status == 200 and b'\n  "' in a.body and a.body[-1:] == b"\n"
    assert world.get("/metadata?name=x").status == 400
    assert world.get("/metadata/").status in (400, 401)
    assert world.get("/metadata", "bad").status == 401
    assert world.send("POST", "/metadata", body="").status == 401


@pytest.mark.anywhere
def test_no_discovery_before_there_is_an_issuer(world, statement):
    a = world.get("/.well-known/smart-configuration")
    assert a.status == 404
    assert a.headers["access-control-allow-origin"] == "*"
    text = world.get("/metadata").body.decode()
    assert "oauth-uris" not in text and "valueUri" not in text


@pytest.mark.anywhere
@pytest.mark.parametrize("registration", ["yes", "no"])
def test_discovery_where_there_is_one(registration):
    """Interop 8: application/json, CORS, the same endpoints in both: all
    six, or without the one that is off."""
    issuer = "http://127.0.0.1:9/auth"
    with World([SAMPLES], keys={"issuer": issuer,
                                "registration": registration}) as w:
        for accept in (None, "application/json", "application/json+fhir",
                       "*/*", "application/fhir+json"):
            a = w.get("/.well-known/smart-configuration",
                      headers=[("Accept", accept)] if accept else [])
            assert a.status == 200
            assert a.headers["content-type"].split(";")[
                0] == "application/json"
            assert a.headers["access-control-allow-origin"] == "*"
        doc = a.json()
        assert doc["issuer"] == issuer and list(empties(doc)) == []
        assert doc["code_challenge_methods_supported"] == ["S256"]
        assert doc["capabilities"] and doc["jwks_uri"].startswith(issuer)
        security = w.get("/metadata").json()["rest"][0]["security"]
        ext, = [e for e in security["extension"] if e["url"] == OAUTH]
        uris = {e["url"]: e["valueUri"] for e in ext["extension"]}
        assert uris == {n: doc[m] for n, m in ENDPOINTS.items()
                        if n != "register" or registration == "yes"}
        assert ("registration_endpoint" in doc) == (registration == "yes")
        coding = security["service"][0]["coding"][0]
        assert coding["code"] == "SMART-on-FHIR"
        assert coding["system"].endswith("/fhir/restful-security-service")


@pytest.mark.anywhere
@pytest.mark.parametrize("path", ["/Patient/ella", "/Observation?code=x",
                                  "/nothing/there", "/Patient/_search"])
def test_preflight(world, path):
    """Interop 19: 2xx with what browsers want, without a redirect."""
    a = world.send("OPTIONS", path, headers=[
        ("Origin", "https://app.test"),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "authorization, accept")])
    assert a.status in (200, 204) and a.body == b""
    allowed = a.headers["access-control-allow-headers"].lower()
    for name in ("authorization", "accept", "content-type", "if-none-match"):
        assert name in allowed
    assert "GET" in a.headers["access-control-allow-methods"]
    assert a.headers["access-control-allow-origin"] == "*"
    assert int(a.headers["access-control-max-age"]) > 0
    assert "access-control-allow-credentials" not in a.headers


@pytest.mark.anywhere
def test_options_of_the_base(world, statement):
    for path in ("/", ""):
        a = world.send("OPTIONS", path)
        assert a.status == 200, path
        assert a.json() == statement
        assert "access-control-allow-methods" in a.headers


@pytest.mark.anywhere
@pytest.mark.parametrize("path,status", [
    ("/Patient/ella", 200), ("/Patient?_id=ella", 200), ("/metadata", 200),
    ("/Patient/nobody", 404), ("/Patient?x=1", 400), ("/Foo", 404),
    ("/Patient/ella/_history", 200), ("/Patient/ella?_format=xml", 406)])
def test_headers_of_every_answer(world, clinician, path, status):
    a = world.get(path, clinician, headers=[("Origin", "https://app.test")])
    h = a.headers
    assert a.status == status
    assert h["access-control-allow-origin"] == "*"
    exposed = h["access-control-expose-headers"].lower()
    assert all(name in exposed for name in EXPOSED)
    assert "access-control-allow-credentials" not in h
    assert h["x-content-type-options"] == "nosniff"
    assert h["referrer-policy"] == "no-referrer"
    assert h["content-security-policy"].startswith("default-src 'none'")
    assert h["content-type"].endswith("; charset=UTF-8")
    assert "Accept" in h["vary"] and "Authorization" in h["vary"]
    assert h["cache-control"] == ("no-cache" if path == "/metadata" else
                                  "no-store")
    for name in ("server", "x-powered-by", "set-cookie"):
        assert name not in h


@pytest.mark.anywhere
def test_request_ids(world, clinician):
    """The client's own where it is plain, else one of ours, never twice."""
    seen = {world.get("/Patient/ella", clinician).headers["x-request-id"]
            for _ in range(20)}
    assert len(seen) == 20
    assert all(re.fullmatch("[0-9a-f]{16}", i) for i in seen)
    for sent, kept in (("abc-123", True), ("A" * 32, True),
                       ("a b", False), ("x" * 500, False),
                       ("a\tb", False), ("<script>", False)):
        a = world.get("/Patient/ella", clinician,
                      headers=[("X-Request-Id", sent)])
        assert (a.headers["x-request-id"] == sent) is kept, sent
