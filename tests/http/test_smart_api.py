# SPDX-License-Identifier: Apache-2.0
"""What apps call: discovery, token, revoke, introspect, register, userinfo.

Requirements M01, M02, M10, M15, M18, M19, X05, X06, X09; attack cases
TKE-01 to -06, -13 to -15, -21, -24; HTTP-16.
"""

import json

import pytest

import smartsite
import wire
from smartsite import through


@pytest.fixture(scope="module")
def site():
    with smartsite.SmartSite(keys={"registration": "yes"}) as s:
        yield s


def error(answer, status, name):
    assert answer.status == status, answer
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["cache-control"] == "no-store"
    j = answer.json()
    assert j["error"] == name, j
    assert "error_description" in j
    return j


def get(site, path, headers=()):
    return wire.request(site.port, "GET", path, headers)


# --- discovery -------------------------------------------------------------------

def test_three_documents_say_the_same(site):
    """M01, M02, interop 8: one table."""
    smart = get(site, "/auth/.well-known/smart-configuration").json()
    same = get(site, "/fhir/.well-known/smart-configuration").json()
    openid = get(site, "/auth/.well-known/openid-configuration").json()
    assert smart == same
    assert smart["issuer"] == openid["issuer"] == site.issuer
    ends = {n: u for n, u in smart.items()
            if n.endswith("_endpoint") or n == "jwks_uri"}
    for name, url in ends.items():
        if name in openid:
            assert openid[name] == url
    rest = get(site, "/fhir/metadata").json()["rest"][0]
    uris = {e["url"]: e["valueUri"] for x in rest["security"]["extension"]
            for e in x["extension"]}
    for name, member in (("authorize", "authorization_endpoint"),
                         ("token", "token_endpoint"),
                         ("register", "registration_endpoint"),
                         ("manage", "management_endpoint"),
                         ("introspect", "introspection_endpoint"),
                         ("revoke", "revocation_endpoint")):
        assert uris[name] == smart[member], name
    assert "S256" in smart["code_challenge_methods_supported"]


def test_every_endpoint_is_there(site):
    """What discovery names, routes.c has: nothing is 404."""
    doc = get(site, "/auth/.well-known/smart-configuration").json()
    doc.update(get(site, "/auth/.well-known/openid-configuration").json())
    ends = [u for n, u in doc.items()
            if n.endswith("_endpoint") or n == "jwks_uri"]
    assert len(ends) >= 9
    for url in ends:
        a = get(site, url[len(site.issuer) - 5:])
        assert a.status in (200, 303, 400, 401, 405), (url, a)


@pytest.mark.parametrize("path", ["/jwks", "/token", "/revoke",
                                  "/introspect", "/par", "/register",
                                  "/userinfo",
                                  "/.well-known/smart-configuration",
                                  "/.well-known/openid-configuration"])
def test_preflight(site, path):
    a = wire.request(site.port, "OPTIONS", "/auth" + path, [
        ("Origin", "https://app.test"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization,dpop")])
    assert a.status == 204 and a.body == b""
    assert a.headers["access-control-allow-origin"] == "*"
    assert "DPoP" in a.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in a.headers


@pytest.mark.parametrize("path", ["/authorize", "/login", "/consent",
                                  "/apps", "/"])
def test_pages_have_no_cors(site, path):
    a = wire.request(site.port, "OPTIONS", "/auth" + path,
                     [("Origin", "https://app.test"),
                      ("Accept", "text/html")])
    assert a.status == 405
    assert "access-control-allow-origin" not in a.headers


def test_jwks(site):
    a = get(site, "/auth/jwks")
    assert a.status == 200
    keys = a.json()["keys"]
    assert any(k.get("alg") == "RS256" for k in keys)
    assert all(k["kid"] and "d" not in k for k in keys)
    assert a.headers["access-control-allow-origin"] == "*"


# --- token -----------------------------------------------------------------------

@pytest.mark.parametrize("pairs,status,name", [
    ({}, 400, "invalid_request"),
    ({"grant_type": "password", "username": "a", "password": "b",
      "client_id": "app"}, 400, "unsupported_grant_type"),
    ({"grant_type": "authorization_code", "client_id": "app"}, 400,
     "invalid_request"),
    ({"grant_type": "authorization_code", "client_id": "app",
      "code": "tsc_" + "x" * 43, "redirect_uri": smartsite.REDIRECT,
      "code_verifier": "v" * 43}, 400, "invalid_grant"),
    ({"grant_type": "refresh_token", "client_id": "app",
      "refresh_token": "x"}, 400, "invalid_grant"),
    ({"grant_type": "client_credentials", "client_id": "app",
      "scope": "system/*.read"}, 400, "unauthorized_client"),
    ({"grant_type": "authorization_code", "client_id": "conf",
      "code": "x"}, 401, "invalid_client"),
    ({"grant_type": "authorization_code", "client_id": "nobody",
      "code": "x"}, 401, "invalid_client"),
])
def test_token_errors(site, pairs, status, name):
    j = error(site.post("/token", pairs), status, name)
    for value in pairs.values():
        if len(value) > 20:
            assert value not in json.dumps(j)


def test_token_takes_a_form_by_post_alone(site):
    """TKE-02, TKE-03"""
    a = get(site, "/auth/token?client_secret=hush-hush")
    assert a.status == 405 and "POST" in a.headers["allow"]
    a = site.post("/token?client_secret=hush-hush",
                  {"grant_type": "refresh_token"})
    error(a, 400, "invalid_request")
    a = wire.request(site.port, "POST", "/auth/token",
                     [("Content-Type", "application/json")], "{}")
    error(a, 415, "invalid_request")
    error(site.post("/token", [("grant_type", "refresh_token")] * 2), 400,
          "invalid_request")
    error(wire.request(site.port, "POST", "/auth/token",
                       [("Content-Type",
                         "application/x-www-form-urlencoded")],
                       "grant_type=%FF"), 400, "invalid_request")
    assert "hush-hush" not in site.log("auth.log")


def test_basic_is_challenged(site):
    """RFC 6749 5.2: who tried Basic is told to."""
    a = site.post("/token", {"grant_type": "authorization_code",
                             "code": "x"},
                  [("Authorization", "Basic Y29uZjp3cm9uZw==")])
    error(a, 401, "invalid_client")
    assert a.headers["www-authenticate"].startswith("Basic realm=")


def test_large_bodies_are_refused(site):
    a = site.post("/token", {"x": "y" * 70000})
    assert a.status == 413


# --- tokens of a launch ----------------------------------------------------------

@pytest.fixture(scope="module")
def launched(site):
    app = site.app("conf", secret=site.secret, scope="launch/patient openid "
                   "fhirUser patient/*.read offline_access")
    back = app.answer(through(site, app, site.browser(), "ella",
                              time="long"))
    a = app.redeem(back["code"])
    assert a.status == 200, a
    return app, a.json()


def test_introspection(site, launched):
    app, t = launched
    a = site.post("/introspect", {"token": t["access_token"]}, app.auth())
    j = a.json()
    assert a.status == 200 and j["active"] is True
    assert j["client_id"] == "conf" and j["patient"] == "ella"
    error(site.post("/introspect", {"token": t["access_token"]}), 401,
          "invalid_client")
    a = site.post("/introspect", {"token": "nonsense"}, app.auth())
    assert a.json() == {"active": False}


def test_userinfo(site, launched):
    _, t = launched
    a = get(site, "/auth/userinfo",
            [("Authorization", "Bearer " + t["access_token"])])
    assert a.status == 200, a
    assert a.json()["fhirUser"] == site.base + "/Patient/ella"
    a = get(site, "/auth/userinfo", [("Authorization", "Bearer x")])
    error(a, 401, "invalid_token")
    assert 'error="invalid_token"' in a.headers["www-authenticate"]
    assert t["id_token"].count(".") == 2


def test_revocation(site):
    app = site.app("conf", secret=site.secret,
                   scope="launch/patient patient/*.read offline_access")
    back = app.answer(through(site, app, site.browser(), "ella",
                              time="long"))
    t = app.redeem(back["code"]).json()
    # another client's: the same answer, and no effect (TKE-15)
    assert site.post("/revoke", {"token": t["refresh_token"],
                                 "client_id": "app"}).status == 200
    assert site.get("/Patient/ella", t["access_token"]).status == 200
    a = site.post("/revoke", {"token": t["refresh_token"]}, app.auth())
    assert a.status == 200 and a.body == b""
    assert site.get("/Patient/ella", t["access_token"]).status == 401
    assert site.post("/revoke", {"token": "unknown"},
                     app.auth()).status == 200
    app.secret = "wrong"
    error(site.post("/revoke", {"token": "x"}, app.auth()), 401,
          "invalid_client")


def test_pushed_request(site):
    app, b = site.app(), site.browser()
    a = site.post("/par", app.request())
    assert a.status == 201, a
    j = a.json()
    assert j["request_uri"].startswith("urn:") and j["expires_in"] > 0
    page = b.get(site.issuer + "/authorize?client_id=app&request_uri=" +
                 j["request_uri"])
    assert page.title.startswith("Sign in "), page
    again = site.browser().get(site.issuer + "/authorize?client_id=app"
                               "&request_uri=" + j["request_uri"])
    assert again.status == 400 and again.away is None


# --- registration ----------------------------------------------------------------

def register(site, body, token=None, kind="application/json"):
    headers = [("Content-Type", kind)]
    if token:
        headers.append(("Authorization", "Bearer " + token))
    return wire.request(site.port, "POST", "/auth/register", headers,
                        body if isinstance(body, str) else json.dumps(body))


NEW = {"client_name": "New", "redirect_uris": ["https://new.test/cb"],
       "grant_types": ["authorization_code"],
       "token_endpoint_auth_method": "none",
       "scope": "launch/patient patient/*.read"}


def test_registration_needs_an_invitation(site):
    """TKE-21"""
    assert register(site, NEW).status in (401, 403)
    assert register(site, NEW, "tsi_" + "x" * 43).status in (401, 403)
    assert register(site, "{}", kind="text/plain").status == 415


def test_registration(site):
    token = site.tool("--json", "client", "invite").stdout
    token = next(iter(json.loads(token).values()))
    bad = dict(NEW, redirect_uris=["javascript:alert(1)"])
    error(register(site, bad, token), 400, "invalid_redirect_uri")
    a = register(site, NEW, token)
    assert a.status == 201, a
    client = a.json()["client_id"]
    app = site.app(client, redirect="https://new.test/cb")
    page = site.browser().get(app.url()).submit(
        username="ella", password=smartsite.PASSWORD)
    assert "Nobody here has checked this app" in page.text, page


def managed(site, method, info, body=None, token=None, **change):
    """RFC 7592, at the place the client was told."""
    uri = info["registration_client_uri"].replace(site.issuer, "/auth")
    headers = [("Authorization", "Bearer " + (
        token or info["registration_access_token"]))]
    if body is not None:
        headers.append(("Content-Type", "application/json"))
        body = json.dumps(dict(body, **change))
    return wire.request(site.port, method, uri, headers, body)


def invited(site, body):
    token = site.tool("--json", "client", "invite").stdout
    a = register(site, body, next(iter(json.loads(token).values())))
    assert a.status == 201, a
    return a.json()


def test_a_registration_is_looked_after(site):
    """RFC 7592: read, replaced, ended, by its own token alone."""
    mine, other = invited(site, NEW), invited(site, NEW)
    cid = mine["client_id"]
    got = managed(site, "GET", mine).json()
    assert got["client_id"] == cid and got["client_name"] == \
        mine["client_name"] and got["redirect_uris"] == NEW["redirect_uris"]
    assert got["client_id_issued_at"] == mine["client_id_issued_at"]
    assert "client_secret" not in got
    for token in (other["registration_access_token"], "tsm_" + "A" * 43,
                  "x", site.mint("patient/*.read", "ella")):
        for method, body in (("GET", None), ("PUT", NEW), ("DELETE", None)):
            error(managed(site, method, mine, body, token), 401,
                  "invalid_token")
    new = dict(NEW, client_name="Renamed", client_id=cid,
               redirect_uris=["https://renamed.test/cb"])
    for change, fault in (
            ({"client_id": other["client_id"]}, "invalid_client_metadata"),
            ({"client_secret": "mine"}, "invalid_client_metadata"),
            ({"registration_access_token": "x"}, "invalid_client_metadata"),
            ({"redirect_uris": ["javascript:x"]}, "invalid_redirect_uri"),
            ({"policy_uri": "http://x.test"}, "invalid_client_metadata"),
            ({"token_endpoint_auth_method": "private_key_jwt"},
             "invalid_client_metadata")):
        error(managed(site, "PUT", mine, new, **change), 400, fault)
    assert managed(site, "GET", mine).json() == got
    a = managed(site, "PUT", mine, new, policy_uri="https://x.test/p")
    assert a.status == 200, a
    shown = json.loads(site.tool("--json", "client", "show", cid).stdout)
    assert shown["name"] == "Renamed" and shown["self_registered"] is True
    assert shown["policy_uri"] == "https://x.test/p"
    assert shown["redirect_uris"] == ["https://renamed.test/cb"]
    assert managed(site, "DELETE", mine).status == 204
    error(managed(site, "GET", mine), 401, "invalid_token")
    app = site.app(cid, redirect="https://renamed.test/cb")
    assert site.browser().get(app.url()).status == 400
    assert managed(site, "GET", other).status == 200


def test_registration_is_off_unless_asked_for():
    with smartsite.SmartSite() as s:
        assert register(s, NEW).status == 404
        assert wire.request(s.port, "GET", "/auth/register").status == 404
        doc = get(s, "/auth/.well-known/smart-configuration").json()
        assert "registration_endpoint" not in doc


# --- odd requests ----------------------------------------------------------------

@pytest.mark.parametrize("target,accept,status", [
    ("/auth/nothing", "*/*", 404), ("/auth/nothing", "text/html", 404),
    ("/auth/token/x", "*/*", 404), ("/authx", "text/html", 404),
    ("/auth/a;b", "text/html", 400),
    ("/auth/jwks?_format=xml", "application/xml", 200)])
def test_odd_targets(site, target, accept, status):
    a = wire.request(site.port, "GET", target, [("Accept", accept)])
    assert a.status == status, a
    if status == 404 and target.startswith("/auth/"):
        kind = "text/html" if accept == "text/html" else "application/json"
        assert a.headers["content-type"].startswith(kind)


def test_head_has_no_body(site):
    a = wire.request(site.port, "HEAD", "/auth/login")
    assert a.status == 200 and a.body == b""


def test_unknown_methods(site):
    for method, status in (("PUT", 405), ("DELETE", 405), ("BREW", 501)):
        a = wire.request(site.port, method, "/auth/token")
        assert a.status == status, (method, a)
