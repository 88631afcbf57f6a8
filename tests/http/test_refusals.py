# SPDX-License-Identifier: Apache-2.0
"""What is refused, and what the refusal says.

Issue 9; security: tokens (TOK), what is hidden is absent (CMP-01).
"""

import time

import pytest

import tokens
from conftest import SAMPLES, World

FORM = [("Content-Type", "application/x-www-form-urlencoded")]


def outcome(a, code=None):
    """The OperationOutcome; place, rule and remedy are asked separately."""
    j = a.json()
    assert j["resourceType"] == "OperationOutcome"
    issue = j["issue"][0]
    assert issue["severity"] == "error" and issue["diagnostics"]
    assert code is None or issue["code"] == code
    assert "text" not in j or j["text"]["div"]
    return issue


# --- tokens ---------------------------------------------------------------

class Forger:
    """Makes good tokens bad: each is wrong in one thing."""

    def __init__(self, world):
        self.world, self.now = world, int(time.time())
        self.good, self.key = world.token("ella"), world.signing_key()

    def __call__(self, header=None, key=None, **claims):
        return tokens.forge(self.good, key or self.key, header, **claims)

    def revoked(self):
        t = self.world.mint("patient/*.read", "ella")
        self.world.tool("token", "revoke", stdin=t)
        return t

    def grant_of(self, patient):
        return tokens.read(self.world.token(patient))[1]["grant"]


WRONG = {
    "expired": lambda f: f(exp=f.now - 10),
    "not yet": lambda f: f(nbf=f.now + 600),
    "issued later": lambda f: f(iat=f.now + 600, exp=f.now + 900),
    "too long": lambda f: f(exp=f.now + 86400),
    "no end": lambda f: f(exp=None),
    "audience": lambda f: f(aud="http://127.0.0.1:1/fhir"),
    "no audience": lambda f: f(aud=None),
    "issuer": lambda f: f(iss="http://127.0.0.1:1/fhir"),
    "foreign key": lambda f: f(key=dict(f.key, d=tokens.b64(b"\7" * 32))),
    "no grant": lambda f: f(grant=None),
    "another's grant": lambda f: f(grant=f.grant_of("yuki")),
    "unknown grant": lambda f: f(grant="A" * 22),
    "another patient": lambda f: f(patient="marcus"),
    "no patient": lambda f: f(patient=None),
    "none": lambda f: f(header={"alg": "none"}),
    "hs256": lambda f: f(header={"alg": "HS256"}),
    "kid": lambda f: f(header={"kid": "x"}),
    "type": lambda f: f(header={"typ": "JWT"}),
    "crit": lambda f: f(header={"crit": ["x"], "x": 1}),
    "unsigned": lambda f: f.good.rsplit(".", 1)[0] + ".",
    "cut": lambda f: f.good[:-4],
    "two parts": lambda f: f.good.rsplit(".", 1)[0],
    "revoked": lambda f: f.revoked(),
    "empty": lambda f: f(**dict.fromkeys(tokens.read(f.good)[1])),
    "not base64": lambda f: f.good.replace(".", ".!", 1),
    "words": lambda f: "letmein",
    "long": lambda f: "A" * 5000,
}


@pytest.fixture(scope="module")
def forger(world):
    f = Forger(world)
    assert world.get("/Patient/ella", f()).status == 200, "the control"
    return f


@pytest.mark.anywhere
@pytest.mark.parametrize("name", WRONG)
def test_bad_token(world, forger, name):
    """401 by RFC 6750, and not a word about which part was wrong."""
    token, bodies = WRONG[name](forger), set()
    for path in ("/Patient/ella", "/Patient/nobody", "/Observation?code=x",
                 "/Patient/ella/_history", "/Foo/1", "/metadata"):
        a = world.get(path, token)
        assert a.status == 401, (name, path)
        assert a.headers["www-authenticate"] == (
            f'Bearer realm="{world.base}", error="invalid_token"')
        outcome(a, "login")
        bodies.add(a.body)
    assert len(bodies) == 1


def test_a_token_reaches_no_further_than_its_grant(world):
    """Token AND grant: a wider scope, even well signed, widens nothing."""
    t = tokens.forge(world.token("ella"), world.signing_key(),
                     scope="user/*.read system/*.read patient/*.read")
    assert world.get("/Patient/marcus", t).status in (401, 404)
    a = world.get("/Patient", t)
    assert a.status == 401 or a.json()["total"] == 1


@pytest.mark.anywhere
def test_no_token(world):
    """Exactly 401 (interop 20), without an error code, whatever the path."""
    seen = set()
    for method, path in (("GET", "/Patient/ella"), ("GET", "/Patient"),
                         ("GET", "/Foo"), ("GET", "/"), ("GET", "/a/b/c/d"),
                         ("POST", "/Patient/_search"), ("PUT", "/Patient/1"),
                         ("DELETE", "/Patient/1"), ("POST", "/"),
                         ("GET", "/Patient/ella?access_token=x")):
        a = world.send(method, path, body="" if method in ("POST", "PUT")
                       else None)
        assert a.status == 401, (method, path)
        assert a.headers["www-authenticate"] == f'Bearer realm="{world.base}"'
        assert "allow" not in a.headers
        seen.add(a.body)
    assert len(seen) == 1


@pytest.mark.anywhere
def test_credentials_of_other_kinds(world):
    good = world.token("ella")
    for value, status in (
            ("Basic dTpw", 401), ("Bearer", 401), ("Bearer ", 401),
            (f"Bearer  {good}", 401), (f"Bearer {good} x", 401),
            (f"Bearer {good},", 400), (f"Bearer {good}, Bearer {good}", 400),
            (good, 401), (f"DPoP {good}", 401), (f"bearer {good}", 200),
            (f"BEARER {good}", 200), (f'Bearer "{good}"', 401)):
        a = world.get("/Patient/ella", headers=[("Authorization", value)])
        assert a.status == status, value[:20]
        assert ("www-authenticate" in a.headers) is (status != 200)
    a = world.get("/Patient/ella", headers=[
        ("Authorization", "Bearer " + good)] * 2)
    assert a.status == 400
    for place in (f"?access_token={good}",):
        assert world.get("/Patient/ella" + place).status == 401
    a = world.send("POST", "/Patient/_search", None, FORM,
                   "access_token=" + good)
    assert a.status == 401


@pytest.mark.anywhere
def test_revocation_works_on_the_next_request(world):
    token = world.mint("patient/*.read", "ella")
    for _ in range(8):          # every worker has seen it
        assert world.get("/Patient/ella", token).status == 200
    world.tool("token", "revoke", stdin=token)
    for _ in range(8):
        assert world.get("/Patient/ella", token).status == 401


@pytest.mark.parametrize("scope,path,status", [
    ("patient/Observation.read", "/Observation?code=8480-6", 200),
    ("patient/Observation.read", "/Patient/marcus", 403),
    ("patient/Observation.read", "/Patient?_id=marcus", 403),
    ("patient/Observation.rs", "/Observation?code=8480-6", 200),
    ("patient/*.rs", "/Condition", 200),
    ("patient/*.r", "/Condition", 403),
    ("patient/*.r", "/Condition/marcus-hypertension", 200),
    ("patient/*.s", "/Patient/marcus", 403),
    ("patient/Patient.read patient/Condition.read", "/Condition", 200),
    ("patient/Patient.read patient/Condition.read", "/Goal", 403),
])
def test_scopes(world, scope, path, status):
    """Too small: 403 with the scope that would do (RFC 6750 3.1)."""
    if "marcus-hypertension" in path:
        path = "/Condition/" + sorted(world.oracle.search(
            "Condition", "", "marcus"))[0]
    a = world.get(path, world.token("marcus", scope))
    assert a.status == status, a
    if status == 403:
        said = a.headers["www-authenticate"]
        assert 'error="insufficient_scope"' in said
        assert f'scope="patient/{path[1:].split("/")[0].split("?")[0]}.' \
            in said
        outcome(a, "forbidden")


def test_a_scope_refuses_alike_what_is_and_is_not(world):
    t = world.token("marcus", "patient/Observation.read")
    assert world.get("/Patient/marcus", t).body == world.get(
        "/Patient/nobody", t).body


# --- what is hidden is absent ---------------------------------------------

@pytest.mark.anywhere
def test_hidden_is_absent(world):
    """CMP-01: the same status, bytes and header fields."""
    own = world.token("ella")

    def shown(path, token):
        a = world.get(path, token, headers=[("X-Request-Id", "same")])
        a.headers.pop("date", None)
        return a.status, a.body, a.headers
    for rtype in ("Patient", "Observation", "Condition", "Binary",
                  "Practitioner", "Encounter", "Goal"):
        others = [i for (t, i), r in world.oracle.all.items() if t == rtype
                  and world.oracle.owner(r) not in ("ella", None)]
        for hidden in others[:3]:
            for rest in ("", "/_history", "/_history/1", "/_history/7"):
                was = shown(f"/{rtype}/{hidden}{rest}", own)
                not_there = shown(f"/{rtype}/nobody{rest}", own)
                assert was == not_there and was[0] == 404


def test_what_no_patient_owns_is_hidden_from_patients(world):
    """A Group as subject, a foreign subject: unowned (design 5)."""
    for i in ("zoe-of-group", "zoe-of-stranger"):
        assert world.get("/Observation/" + i,
                         world.token("zoe")).status == 404
        assert world.get("/Observation/" + i, world.token()).status == 200


# --- names and values -----------------------------------------------------

BAD = [     # query, words of the remedy
    ("Observation?patien=x", "patient"),
    ("Observation?Patient=x", "patient"),
    ("Observation?foo=x", "there are _content, _id"),
    ("Observation?_lastupdated=2020", "_lastUpdated"),
    ("Observation?code:above=x", "system|code"),
    ("Observation?code:foo=x", ":missing"),
    ("Patient?name:exat=x", ":exact"),
    ("Patient?name:not=x", ":contains"),
    ("Patient?birthdate:exact=2020", ":missing"),
    ("Patient?birthdate=xx2020", "eq ne gt lt ge le sa eb ap"),
    ("Patient?birthdate=2020-13", "YYYY-MM"),
    ("Patient?birthdate=2020-02-30", "YYYY-MM"),
    ("Patient?birthdate=tomorrow", "eq ne gt"),
    ("Patient?birthdate=", "leave the parameter out"),
    ("Patient?birthdate=ge2020,", "leave the parameter out"),
    ("Patient?name=", "leave the parameter out"),
    ("Patient?identifier=a|b|c", "system|code"),
    ("Patient?identifier=|", "system|code"),
    ("Patient?name:missing=maybe", "true or false"),
    ("Patient?_id=a/b", "1 to 64"),
    ("Observation?subject=Foo/1", "Type"),
    ("Observation?patient=Device/1", "Patient"),
    ("Observation?subject:Medication=1", "Patient"),
    ("Observation?patient.foo=x", "animal-breed"),
    ("Observation?value-quantity=5x", "number"),
    ("Observation?value-quantity=5|a", "number"),
    ("Observation?value-quantity=5||", "number"),
    ("Observation?code-value-quantity=a", "code$value-quantity"),
    ("Observation?_sort=foo", "search parameter"),
    ("Observation?_sort=code,date,_id,status", "at most 3"),
    ("Observation?_sort=code-value-quantity", "cannot be"),
    ("Observation?_sort:up=date", "_sort:asc"),
    ("Observation?_sort=", "_sort=date"),
    ("Observation?_count=x", "whole number"),
    ("Observation?_count=-1", "whole number"),
    ("Observation?_count=1&_count=2", "once"),
    ("Observation?_include=foo", "_include="),
    ("Observation?_include=Patient:link", "_include="),
    ("Observation?_include=Observation:code", "_include="),
    ("Observation?_include:all=Observation:subject", ":recurse"),
    ("Observation?_revinclude=Condition:patient", "_revinclude="),
    ("Patient?_summary=yes", "true, text, data"),
    ("Patient?_summary=true&_summary=true", "once"),
    ("Patient?_elements=naem", "name"),
    ("Patient?_text=(x", "closed"), ("Patient?_content=OR", "word"),
    ("Patient?_filter=x", "eq ne co"), ("Patient?_query=x", "_filter"),
    ("Patient?_has:Observation:patient=x", "_has:Type"),
    ("Patient?access_token=x", "Authorization"),
]


@pytest.mark.anywhere
@pytest.mark.parametrize("query,remedy", BAD)
def test_bad_query(world, clinician, query, remedy):
    """400 that names place and rule and says what would be right."""
    for token in (clinician, world.token("marcus")):
        a = world.get("/" + query, token)
        assert a.status == 400, a
        issue = outcome(a)
        name = query.partition("?")[2].partition("=")[0]
        assert issue["location"] == ["?" + name]
        assert issue["details"]["text"].startswith("search-")
        assert remedy in issue["diagnostics"]
    rtype, _, form = query.partition("?")
    a = world.send("POST", f"/{rtype}/_search", clinician, FORM, form)
    assert a.status == 400 and outcome(a) == issue


def test_an_error_repeats_no_value(world, clinician):
    """Rule 10.5: what was searched for may be a patient's name."""
    for query in ("Patient?birthdate=Secretson", "Patient?Secretson!=1",
                  "Observation?subject=Secretson/1",
                  "Patient?_sort=Secretson", "Patient?_id=Secretson/1"):
        a = world.get("/" + query, clinician)
        assert a.status == 400 and b"ecretson" not in a.body


def test_unknown_code_is_no_error(world, clinician):
    """Interop 24; requirements 2.3."""
    for query in ("Condition?clinicalstatus=recurrance",
                  "Patient?gender=purple", "Observation?code=none",
                  "Observation?patient=nobody"):
        assert world.found("/" + query, clinician) == []


@pytest.mark.anywhere
def test_unknown_type(world, clinician):
    for path in ("/Foo", "/Foo/1", "/Foo/1/_history", "/Patien/ella",
                 "/Foo/1/Observation", "/Patient/ella/Foo"):
        a = world.get(path, clinician)
        assert a.status == 404
        issue = outcome(a, "not-found")
        assert issue["diagnostics"].startswith("there is no such resource")
        assert ("Patient?" in issue["diagnostics"]) is ("Patien/" in path)
        assert "Foo" not in issue["diagnostics"]


@pytest.mark.anywhere
@pytest.mark.parametrize("method,path,status,allow", [
    ("POST", "/Patient/ella", 405, "GET, HEAD, PUT, DELETE"),
    ("PUT", "/Patient/ella/_history", 405, "GET, HEAD"),
    ("PUT", "/metadata", 405, "GET, HEAD"),
    ("GET", "/Patient/_search", 405, "POST"),
    ("DELETE", "/Patient/_search", 405, "POST"),
    ("POST", "/Patient/ella/_history", 405, "GET, HEAD"),
    ("PATCH", "/Patient/ella", (405, 501), None),
    ("GET", "/", 200, None), ("PUT", "/", 405, "POST, GET, HEAD"),
    ("TRACE", "/Patient/ella", (405, 501), None),
    ("get", "/Patient/ella", (400, 501), None),
])
def test_methods(world, clinician, method, path, status, allow):
    a = world.send(method, path, clinician, body="{}" if method in (
        "PUT", "POST", "PATCH") else None)
    assert a.status in (status if isinstance(status, tuple) else (status,))
    if a.status == 405:
        assert "OPTIONS" in a.headers["allow"]
        assert (allow or "") in a.headers["allow"]
        outcome(a, "not-supported")


# --- paths and sizes ------------------------------------------------------

@pytest.mark.anywhere
@pytest.mark.parametrize("path", [
    "/Patient/../Patient/ella", "/Patient/./ella", "//Patient/ella",
    "/Patient//ella", "/Patient/ella/", "/Patient/%65lla",
    "/Patient%2Fella", "/Patient/ella%00", "/Patient/ella%2e",
    "/Patient/..%2fPatient%2fella", "/Patient/ella;x=1", "/Patient/ella%",
    "/Patient/ella%zz", "/Patient/el\\la", "/Patient/ella|", "/%",
    "/Patient/ella?name=%", "/Patient/ella?%zz=1", "/Patient?name=%ff",
    "/Patient?name=a%00b", "/Patient?name=%c0%af", "/Patient?name=%ed%a0%80",
])
def test_odd_targets(world, clinician, path):
    """Nothing is normalised into something that is there."""
    a = world.get(path, clinician)
    assert a.status == 400, a
    assert b'"ella"' not in a.body
    if "json" in a.headers["content-type"]:
        outcome(a)


@pytest.mark.anywhere
def test_paths_that_are_nothing(world, clinician):
    for path in ("/Patient/ella/x", "/Patient/ella/_history/1/x",
                 "/patient/ella", "/Patient/" + "a" * 65, "/Patient/el_la",
                 "/Observation/$everything", "/Patient/ella/$meat",
                 "/Encounter/x/%24everything", "/_histories",
                 "/Patient/_histories", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p"):
        a = world.get(path, clinician)
        assert a.status == 404, (path, a)
        outcome(a, "not-found")
    for path in ("/fhirx/Patient/ella", "/Patient/ella"):
        a = world.send("GET", "/../" + path, clinician)
        assert a.status in (400, 404)


def test_sizes(world, clinician):
    """Oversized anything: 400, 413, 414, 431, with the limit's rule."""
    long = "/Patient?name=" + "a" * 9000
    assert outcome_of(world.get(long, clinician), 414)
    many = "/Patient?" + "&".join(f"name=a{i}" for i in range(101))
    assert outcome_of(world.get(many, clinician), 400)
    values = "/Patient?name=" + ",".join("a" * 1 for _ in range(201))
    assert outcome_of(world.get(values, clinician), (400, 413))
    a = world.send("POST", "/Patient/_search", clinician, FORM,
                   "name=" + "a" * (5 * 1024 * 1024 + 100))
    assert outcome_of(a, 413)
    a = world.get("/Patient/ella", clinician,
                  headers=[("X-Big", "a" * 33000)])
    assert outcome_of(a, 431)
    a = world.send("POST", "/Patient/_search", clinician, FORM,
                   "name=" + "a" * (7 * 1024 * 1024))
    assert a is None or a.status == 413         # by lighttpd itself


def outcome_of(a, status):
    assert a.status in (status if isinstance(status, tuple) else (status,)), a
    return outcome(a)


def test_budgets():
    """Too costly: refused whole, with what would narrow it (design 6)."""
    keys = {"search-rows": 100, "search-includes": 2, "page-entries": 2,
            "page-entries-max": 5, "search-params": 4, "search-values": 4}
    with World([SAMPLES], keys=keys) as w:
        a = w.get("/Observation?value-quantity=gt0&_sort=date", w.token())
        issue = outcome_of(a, 400)
        assert issue["code"] == "too-costly" and issue["diagnostics"]
        b = w.bundle("/Patient?_count=100", w.token())
        assert len(b["entry"]) == 5
        assert len(w.bundle("/Patient", w.token())["entry"]) == 2
        assert w.get("/Patient?name=a&name=b&name=c&name=d&name=e",
                     w.token()).status == 400
        assert w.get("/Patient?name=a,b,c,d,e",
                     w.token()).status in (400, 413)
        a = w.get("/Observation?patient=ella&_count=5&"
                  "_include=Observation:encounter&"
                  "_include=Observation:performer", w.token())
        assert outcome_of(a, 400)["code"] == "too-costly"
