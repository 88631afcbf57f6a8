# SPDX-License-Identifier: Apache-2.0
"""read, vread, history of an instance, conditional read, HEAD, Binary.

Issue 5; requirements 2.1; interop 22, 31.
"""

import base64
import email.utils
import json

import pytest

import oracle
from conftest import SAMPLES, World


@pytest.fixture(scope="module")
def versions():
    """A patient and an observation with three versions each."""
    with World([SAMPLES]) as w:
        for i in (2, 3):
            w.load({"resourceType": "Observation", "id": "many",
                    "status": "final", "code": {"text": f"v{i - 1}"},
                    "subject": {"reference": "Patient/ella"}})
        for city in ("Oldtown", "Newtown"):
            r = json.loads(json.dumps(w.oracle.all["Patient", "ella"],
                                      default=float))
            r["address"][0]["city"] = city
            w.load(r)
        yield w


def same(a, b):
    """As JSON, numbers as written; meta apart, which the server makes."""
    a, b = dict(a), dict(b)
    a.pop("meta", None), b.pop("meta", None)
    return a == b


@pytest.mark.anywhere
def test_read_gives_what_was_loaded(world):
    """Every resource of the samples, its own meta kept."""
    import decimal
    for (rtype, i), r in list(world.oracle.all.items())[:300]:
        a = world.get(f"/{rtype}/{i}", world.token(), headers=[
            ("Accept", "application/json+fhir")])
        if rtype == "Group":
            continue
        assert a.status == 200, (rtype, i)
        got = json.loads(a.body, parse_float=decimal.Decimal)
        assert same(got, r), (rtype, i)
        for name in ("profile", "tag", "security"):
            assert got["meta"].get(name) == r.get("meta", {}).get(name)
        assert got["meta"]["versionId"] == "1"


@pytest.mark.anywhere
def test_headers_of_a_read(world, clinician):
    a = world.get("/Patient/ella", clinician)
    r = a.json()
    assert a.headers["etag"] == f'W/"{r["meta"]["versionId"]}"'
    when = email.utils.parsedate_to_datetime(a.headers["last-modified"])
    assert a.headers["last-modified"].endswith(" GMT")
    assert int(when.timestamp()) == oracle.span(
        r["meta"]["lastUpdated"])[0] // 1000
    assert int(a.headers["content-length"]) == len(a.body)


def test_versions(versions):
    """One more with each change; the same again is none."""
    w, token = versions, versions.token("ella")
    seen = []
    for n, city in ((1, "Springfield"), (2, "Oldtown"), (3, "Newtown")):
        a = w.get(f"/Patient/ella/_history/{n}", token)
        assert a.status == 200 and a.headers["etag"] == f'W/"{n}"'
        r = a.json()
        assert r["address"][0]["city"] == city
        assert r["meta"]["versionId"] == str(n)
        seen.append(oracle.span(r["meta"]["lastUpdated"])[0])
    assert seen == sorted(set(seen))
    assert w.get("/Patient/ella", token).body == w.get(
        "/Patient/ella/_history/3", token).body
    for bad in ("0", "4", "03", "-1", "x", "99999999999999999999"):
        assert w.get(f"/Patient/ella/_history/{bad}", token).status == 404
    w.tool("load", SAMPLES + "/marcus.ndjson")
    assert w.get("/Patient/marcus", w.token()).headers["etag"] == 'W/"1"'


def test_history(versions):
    """Interop 22: newest first, each with the request that made it."""
    w, token = versions, versions.token("ella")
    for path, n in (("/Patient/ella", 3), ("/Observation/many", 2)):
        b = w.bundle(path + "/_history", token)
        assert (b["type"], b["total"]) == ("history", n)
        assert b["link"][0]["url"] == w.base + path + "/_history"
        order = [e["resource"]["meta"]["versionId"] for e in b["entry"]]
        assert order == [str(i) for i in range(n, 0, -1)]
        for e in b["entry"]:
            assert e["request"]["method"] in ("PUT", "POST")
            assert e["fullUrl"] == w.base + path and "search" not in e
    assert w.get("/Patient/nobody/_history", w.token()).status == 404
    assert w.get("/Patient/marcus/_history", token).status == 404


def test_history_in_pages(versions):
    w, token = versions, versions.token("ella")
    b = w.bundle("/Patient/ella/_history?_count=2", token)
    assert len(b["entry"]) == 2 and b["total"] == 3
    nxt = [x["url"] for x in b["link"] if x["relation"] == "next"][0]
    c = w.bundle(nxt[len(w.base):], token)
    assert [e["resource"]["meta"]["versionId"] for e in c["entry"]] == ["1"]
    for bad in ("_count=x", "_count=-1", "_since=never", "_count=1&_count=2",
                "_cursor=abc", "name=x"):
        a = w.get("/Patient/ella/_history?" + bad, token)
        assert a.status == 400 and a.json()["issue"], bad


@pytest.mark.anywhere
@pytest.mark.parametrize("path", ["/Patient/ella", "/Patient/ella/_history/1",
                                  "/metadata"])
def test_not_modified(world, clinician, path):
    a = world.get(path, clinician)
    etag = a.headers["etag"]
    modified = a.headers.get("last-modified")
    fields = [(etag, 304), (etag[2:], 304), ("*", 304),
              (f'"x", {etag}', 304), ('W/"0"', 200), ('"x"', 200)]
    for value, status in fields:
        b = world.get(path, clinician, headers=[("If-None-Match", value)])
        assert b.status == status, value
        if status == 304:
            assert b.body == b"" and b.headers["etag"] == etag
            assert "content-type" not in b.headers
    if not modified:
        return
    past = "Mon, 01 Jan 2001 00:00:00 GMT"
    for when, status in ((modified, 304), (past, 200), ("x", 200),
                         ("Fri, 01 Jan 2100 00:00:00 GMT", 304)):
        b = world.get(path, clinician, headers=[("If-Modified-Since", when)])
        assert b.status == status, when
    # The tag rules where both are there (RFC 9110 13.1.3).
    b = world.get(path, clinician, headers=[("If-None-Match", '"x"'),
                                            ("If-Modified-Since", modified)])
    assert b.status == 200


def test_a_date_never_hides_a_change(versions):
    """RFC 9110 8.8.2.2: two changes of one second have one date."""
    w, token = versions, versions.token("ella")
    for path, n in (("/Patient/ella", 3), ("/Observation/many", 2)):
        a = w.get(path, token)
        assert a.headers["etag"] == f'W/"{n}"'
        when = a.headers["last-modified"]
        b = w.get(path, token, headers=[("If-Modified-Since", when)])
        assert b.status == 200 and b.body == a.body
        b = w.get(path, token, headers=[("If-Modified-Since", when),
                                        ("If-None-Match", a.headers["etag"])])
        assert b.status == 304
        t = email.utils.parsedate_to_datetime(when).timestamp() + 1
        b = w.get(path, token, headers=[
            ("If-Modified-Since", email.utils.formatdate(t, usegmt=True))])
        assert b.status == 304


def test_not_modified_says_nothing_of_what_is_hidden(world):
    for path in ("/Patient/marcus", "/Patient/nobody"):
        a = world.get(path, world.token("ella"),
                      headers=[("If-None-Match", "*")])
        assert a.status == 404


@pytest.mark.anywhere
@pytest.mark.parametrize("path", [
    "/Patient/ella", "/Observation?patient=ella", "/metadata",
    "/Patient/ella/_history", "/Patient/nobody", "/Observation?bad=1"])
def test_head_is_get_without_body(world, clinician, path):
    def stable(a):
        return {n: v for n, v in a.headers.items()
                if n not in ("x-request-id", "date")}
    g, h = world.get(path, clinician), world.send("HEAD", path, clinician)
    assert h.status == g.status and h.body == b""
    wanted, got = stable(g), stable(h)
    # A server in front may leave the length out, or the links differ.
    wanted.pop("content-length"), got.pop("content-length", None)
    assert got == wanted


# --- Binary ---------------------------------------------------------------

def documents(world):
    return [r for (t, _), r in world.oracle.all.items()
            if t == "DocumentReference" and world.oracle.owner(r)]


def test_every_attachment_is_there(world):
    """Interop 31: with the patient's token, as what it says it is."""
    some = 0
    for r in documents(world):
        owner = world.oracle.owner(r)
        for c in r["content"]:
            url, kind = c["attachment"]["url"], c["attachment"]["contentType"]
            path = "/" + world.oracle.local(url).lstrip("/")
            a = world.get(path, world.token(owner))
            assert a.status == 200, url
            content = world.oracle.all["Binary", path[8:]]["content"]
            assert a.body == base64.b64decode(content)
            assert a.headers["content-type"] == kind
            assert a.headers["content-disposition"] == "attachment"
            assert "sandbox" in a.headers["content-security-policy"]
            assert a.headers["x-content-type-options"] == "nosniff"
            # IHE's habit: allowed and checked (requirements 1.4).
            for spelled in (owner, "Patient/" + owner):
                assert world.get(f"{path}?patient={spelled}",
                                 world.token(owner)).status == 200
            other = "marcus" if owner != "marcus" else "yuki"
            assert world.get(f"{path}?patient={other}",
                             world.token()).status == 404
            assert world.get(path, world.token("ella")).status == 404
            some += 1
    assert some >= 4


@pytest.mark.anywhere
@pytest.mark.parametrize("query, remedy", [
    ("patient=yuki&patient=yuki", "give it once"),
    ("patient=yuki&patient=marcus", "give it once"),
    ("patient=", "leave the parameter out"),
    ("_format=json&_format=json", "give it once"),
    ("_format=", "leave the parameter out"),
    ("_pretty=true&_pretty=false", "give it once"),
    ("_pretty=1", "true or false")])
def test_parameter_twice_or_empty(world, query, remedy):
    """Which of two is meant, and whether none, is not for us to guess."""
    r = next(r for r in documents(world)
             if world.oracle.owner(r) == "yuki")
    path = "/" + r["content"][0]["attachment"]["url"].lstrip("/")
    a = world.get(f"{path}?{query}", world.token("yuki"))
    assert a.status == 400
    issue, = a.json()["issue"]
    assert remedy in issue["diagnostics"]
    if not query.startswith("patient"):
        for path in "/Patient/yuki", "/Patient/yuki/_history", "/metadata":
            assert world.get(f"{path}?{query}",
                             world.token("yuki")).status == 400


@pytest.mark.anywhere
def test_binary_as_json(world):
    """Where a FHIR type is asked for by name, and only then."""
    r = next(r for r in documents(world)
             if world.oracle.owner(r) == "yuki")
    path = "/" + r["content"][0]["attachment"]["url"].lstrip("/")
    token = world.token("yuki")
    for accept in ("application/json+fhir", "application/fhir+json",
                   "application/json"):
        a = world.get(path, token, headers=[("Accept", accept)])
        assert a.status == 200
        assert a.headers["content-type"].startswith(accept)
        assert a.json()["resourceType"] == "Binary"
    assert world.get(path + "?_format=json",
                     token).json()["resourceType"] == "Binary"
    for accept, status in (("*/*", 200), (None, 200),
                           (r["content"][0]["attachment"]["contentType"],
                            200), ("image/x-none", 406),
                           ("application/xml+fhir", 406),
                           ("text/html,*/*;q=0.8", 200)):
        a = world.get(path, token,
                      headers=[("Accept", accept)] if accept else [])
        assert a.status == status, accept
        if status == 200:
            assert not a.headers["content-type"].startswith(
                "application/json")
    assert world.get(path + "?_format=xml", token).status == 406
    assert world.get(path + "?other=1", token).status == 400
    a = world.get(path, token)
    b = world.get(path, token,
                  headers=[("If-None-Match", a.headers["etag"])])
    assert b.status == 304
