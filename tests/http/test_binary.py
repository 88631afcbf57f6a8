# SPDX-License-Identifier: Apache-2.0
"""A Binary written as what it holds, and read again: R21; attack group BIN;
WRT-12, CMP-13."""

import base64
import json
import os

import pytest

from writing import FHIR, OWN, Writing, entry, refused

PDF = b"%PDF-1.4\n\x00\xff\r\n" + bytes(range(256)) * 5 + b"\n%%EOF"
JSON_NAMES = ("application/json+fhir", "application/fhir+json",
              "application/json", "text/json")


@pytest.fixture(scope="module")
def site():
    with Writing(workers=2) as s:
        yield s


@pytest.fixture
def ella(site):
    return site.who("ella")


def post(site, data, kind, token=None, **h):
    return site.ask("POST", "/Binary", data, token, Content_Type=kind, **h)


def path(site, a):
    """Of what was made, without base and version."""
    assert a.status == 201, a
    return a.headers["location"][len(site.base):].split("/_history")[0]


def resource(site, url, token=None, **h):
    a = site.ask("GET", url, None, token, Accept=FHIR[1], **h)
    assert a.status == 200, a
    return a.json()


# --- there and back -----------------------------------------------------------

def kind_of(value):
    """Names of the cases: bytes would make the log unreadable."""
    return value if isinstance(value, str) else "bytes"


@pytest.mark.parametrize("kind,data", [
    ("application/pdf", PDF), ("image/png", b"\x89PNG\r\n\x1a\n\0"),
    ("text/plain; charset=utf-8", "Müller\n".encode()), ("a/b", b"\0"),
    ("application/octet-stream", b"x"), ("text/xml", b"<a/>"),
    ("application/hl7-v3+xml", b"<ClinicalDocument/>"), ("x/y", b" "),
    ('multipart/mixed; boundary="a b"', b"--a b\r\n\r\nx\r\n--a b--\r\n")],
    ids=kind_of)
def test_there_and_back(site, kind, data):
    """The bytes, their media type with its parameters, and nothing else."""
    a = post(site, data, kind)
    url = path(site, a)
    assert a.body == b"" and a.headers["etag"] == 'W/"1"'
    b = site.ask("GET", url)
    assert (b.status, b.body) == (200, data)
    assert b.headers["content-type"] == kind
    assert int(b.headers["content-length"]) == len(data)
    got = resource(site, url)
    assert got["contentType"] == kind
    assert base64.b64decode(got["content"], validate=True) == data
    assert set(got) == {"resourceType", "id", "meta", "contentType",
                        "content"}


def test_as_json_would(site):
    """Whichever way it came, it is the same resource."""
    native = resource(site, path(site, post(site, PDF, "application/pdf")))
    other = resource(site, path(site, site.ask("POST", "/Binary", {
        "resourceType": "Binary", "contentType": "application/pdf",
        "content": base64.b64encode(PDF).decode()})))
    for r in native, other:
        del r["id"], r["meta"]
    assert native == other
    assert site.total("/Binary?contenttype=application/pdf") >= 2


def test_update(site):
    """By id, by criteria, created by PUT; versions stay what they were."""
    a = site.ask("PUT", "/Binary/scan", b"one", Content_Type="text/plain")
    assert path(site, a) == "/Binary/scan"
    a = site.ask("PUT", "/Binary/scan", PDF, Content_Type="application/pdf",
                 If_Match='W/"1"')
    assert a.status == 200 and a.headers["etag"] == 'W/"2"'
    stale = site.ask("PUT", "/Binary/scan", b"x", Content_Type="x/y",
                     If_Match='W/"1"')
    refused(stale, 409)
    a = site.ask("PUT", "/Binary?_id=scan", b"three",
                 Content_Type="text/plain")
    assert a.status == 200
    for version, kind, data in ((1, "text/plain", b"one"),
                                (2, "application/pdf", PDF),
                                (3, "text/plain", b"three")):
        b = site.ask("GET", f"/Binary/scan/_history/{version}")
        assert (b.headers["content-type"], b.body) == (kind, data)
        assert b.headers["etag"] == f'W/"{version}"'
    same = site.ask("PUT", "/Binary/scan", b"three",
                    Content_Type="text/plain")
    assert same.status == 200 and same.headers["etag"] == 'W/"3"'
    again = post(site, b"x", "x/y", If_None_Exist="_id=scan")
    assert again.status == 200 and again.headers["etag"] == 'W/"3"'


def test_prefer(site):
    a = post(site, PDF, "application/pdf", Prefer="return=representation")
    assert base64.b64decode(a.json()["content"]) == PDF
    a = post(site, PDF, "application/pdf", Prefer="return=OperationOutcome")
    assert a.json()["resourceType"] == "OperationOutcome"


# --- how it is read -------------------------------------------------------------

@pytest.mark.parametrize("accept,native", [
    (None, True), ("*/*", True), ("image/*", True), ("image/png", True),
    ("IMAGE/PNG;q=0.1", True), ("image/png, */*;q=0.1", True),
    ("text/html,application/xhtml+xml,*/*;q=0.8", True),
    ("application/json+fhir", False), ("application/json", False),
    ("image/png, application/json", False), ("application/*", False),
    ("text/*", False), ("image/gif", None), ("application/xml+fhir", None),
    ("image/png;q=0", None), ("text/html", None)])
def test_accept(site, accept, native):
    """Native unless JSON is named; a range is what it holds."""
    url = path(site, post(site, b"\x89PNG", "image/png"))
    h = {"Accept": accept} if accept else {}
    for method in "GET", "HEAD":
        a = site.ask(method, url, **h)
        assert a.status == (406 if native is None else 200), a
        if native is None:
            assert "image" not in a.headers["content-type"]
            continue
        kind = a.headers["content-type"]
        assert (kind == "image/png") == native, kind
        assert ("content-disposition" in a.headers) == native
        if method == "HEAD":
            assert a.body == b"" and int(a.headers["content-length"]) > 3
        elif native:
            assert a.body == b"\x89PNG"
        else:
            assert a.json()["contentType"] == "image/png"


def test_text_range(site):
    url = path(site, post(site, b"x", "text/plain"))
    a = site.ask("GET", url, Accept="text/*")
    assert (a.headers["content-type"], a.body) == ("text/plain", b"x")
    a = site.ask("GET", url, Accept="text/*, text/json")
    assert a.json()["resourceType"] == "Binary"


def test_format_and_conditions(site):
    a = post(site, PDF, "application/pdf")
    url = path(site, a)
    for name in "json", "application/json", "application/json%2Bfhir":
        b = site.ask("GET", f"{url}?_format={name}", Accept="application/pdf")
        assert b.json()["contentType"] == "application/pdf"
    refused(site.ask("GET", url + "?_format=xml"), 406)
    refused(site.ask("GET", url + "?_format=application/pdf"), 406)
    b = site.ask("GET", url, If_None_Match=a.headers["etag"])
    assert b.status == 304 and b.body == b"" and \
        "content-type" not in b.headers
    b = site.ask("GET", url, If_Modified_Since=a.headers["last-modified"])
    assert b.status == 304
    b = site.ask("GET", url + "?_summary=true").json()
    assert b["meta"]["tag"][0]["code"] == "SUBSETTED"


@pytest.mark.parametrize("kind", [
    "text/html", "text/html; charset=utf-8", "image/svg+xml", "text/xml",
    "application/xhtml+xml", "text/javascript", "application/javascript",
    "application/pdf", "text/css", "multipart/mixed; boundary=x"])
def test_browsers_run_nothing(site, kind):
    """BIN-01: of what type it may be, it is an attachment in a sandbox."""
    a = post(site, b"<script>alert(1)</script>", kind)
    for url in path(site, a), path(site, a) + "/_history/1":
        b = site.ask("GET", url, Accept="text/html,*/*;q=0.8")
        assert b.body == b"<script>alert(1)</script>"
        assert b.headers["content-disposition"] == "attachment"
        assert b.headers["x-content-type-options"] == "nosniff"
        policy = b.headers["content-security-policy"]
        assert "sandbox" in policy and "default-src 'none'" in policy


@pytest.mark.parametrize("kind,served", [
    ("text/html\\r\\nX-Evil: 1", None), ("html", None), ("*/*", None),
    ("text/plain;charset=utf-8", "text/plain; charset=utf-8"),
    ("text/plain; a=\"b", None)])
def test_type_of_a_resource(site, kind, served):
    """What somebody wrote in a resource's contentType breaks no header."""
    body = {"resourceType": "Binary", "content": "eA==",
            "contentType": kind.encode().decode("unicode_escape")}
    a = site.ask("POST", "/Binary", body)
    if a.status == 201:
        b = site.ask("GET", path(site, a))
        assert b.headers["content-type"] == \
            (served or "application/octet-stream")
        assert "x-evil" not in b.headers
    else:
        assert served is None and a.status in (400, 422)


# --- what is refused --------------------------------------------------------------

@pytest.mark.parametrize("kind,word", [
    ("", "no media type"), ("pdf", "no media type"), ("a/", "no media type"),
    ("text/plain, text/plain", "no media type"),
    ("text/plain; charset", "no media type"),
    ("x/" + "y" * 254, "no media type"), ("image/*", "no media type"),
    ("multipart/form-data; boundary=x", "a form"),
    ("application/x-www-form-urlencoded", "a form"),
    ("application/xml+fhir", "json"), ("application/fhir+xml", "json"),
    ("application/json; charset=utf-16", "json")])
def test_no_content(site, kind, word):
    """HTTP-14, BIN-02: neither FHIR's XML nor a form becomes content."""
    before = site.total("/Binary")
    for method, url in (("POST", "/Binary"), ("PUT", "/Binary/none"),
                        ("PUT", "/Binary?_id=none")):
        a = site.ask(method, url, b"<Binary/>", Content_Type=kind)
        assert word in refused(a, 415)["diagnostics"]
    assert site.total("/Binary") == before


def test_empty(site):
    for kind in "application/pdf", "text/plain":
        a = post(site, b"", kind)
        assert "one byte" in refused(a, 400, "value")["diagnostics"]


def test_other_types_and_operations(site):
    """Only what creates or updates a Binary takes content."""
    for method, url in (("POST", "/Patient"), ("PUT", "/Patient/ella"),
                        ("POST", "/Binary/$validate"),
                        ("POST", "/Binary/scan/$meta-add"), ("POST", "/")):
        refused(site.ask(method, url, b"x", Content_Type="text/plain"), 415)


def test_json_is_a_resource(site):
    """Never content, whatever it holds: the media type alone decides."""
    for kind in JSON_NAMES:
        a = post(site, '{"a": 1}', kind)
        assert a.status in (400, 422)
    text = '{"a": 1}'
    a = site.ask("POST", "/Binary", {
        "resourceType": "Binary", "contentType": "application/json",
        "content": base64.b64encode(text.encode()).decode()})
    b = site.ask("GET", path(site, a))
    assert b.headers["content-type"] == "application/json"
    assert b.body == text.encode()
    bad = site.ask("POST", "/Binary", {
        "resourceType": "Binary", "contentType": "a/b", "content": "eA="})
    assert bad.status in (400, 422)         # BIN-03


# --- who may ------------------------------------------------------------------------

def note(url):
    return {"resourceType": "DocumentReference", "status": "current",
            "type": {"text": "x"}, "indexed": "2026-01-05T09:00:00Z",
            "subject": {"reference": "Patient/ella"},
            "content": [{"attachment": {"contentType": "application/pdf",
                                        "url": url}}]}


def test_named_only_by_who_may(site, ella):
    """Design 5: whoever made it, until somebody names it; CMP-13, CMP-20."""
    ines = site.mint(OWN, "ines", "ines")       # another user's
    mine = path(site, post(site, PDF, "application/pdf", ella))[1:]
    taken = dict(note(mine), subject={"reference": "Patient/ines"})
    refused(site.ask("POST", "/DocumentReference", taken, ines), 403)
    assert site.ask("GET", "/" + mine, token=ines).status == 404
    a = site.ask("POST", "/DocumentReference", note(mine), ella)
    assert a.status == 201, a
    b = site.ask("GET", "/" + mine, token=ella)
    assert (b.status, b.body) == (200, PDF)
    never = site.ask("GET", "/Binary/never-was", token=ines)
    for h in ({}, {"Accept": "application/pdf"}, {"Accept": FHIR[1]}):
        a = site.ask("GET", "/" + mine, token=ines, **h)        # BIN-02
        assert a.status == 404 and a.body == never.body
    for method in "PUT", "DELETE":
        body = b"x" if method == "PUT" else None
        h = {"Content_Type": "text/plain"} if body else {}
        a = site.ask(method, "/" + mine, body, ines, **h)
        b = site.ask(method, "/Binary/never-was", body, ines, **h)
        assert (a.status, a.body) == (b.status, b.body)
    a = site.ask("PUT", "/" + mine, b"new", ella, Content_Type="text/plain")
    assert a.status == 200
    assert site.ask("GET", "/" + mine, token=ella).body == b"new"


def test_scopes(site):
    """No more than a resource would need."""
    reads = site.who("ella", "patient/*.read")
    refused(post(site, b"x", "text/plain", reads), 403)
    other = site.who("ella", "patient/Observation.write")
    refused(post(site, b"x", "text/plain", other), 403)
    assert site.send("POST", "/Binary", None, headers=[
        ("Content-Type", "text/plain")], body=b"x").status == 401


def test_in_a_bundle(site):
    """An entry is JSON; a GET of one is the resource."""
    a = site.bundle("transaction", entry("POST", "Binary", {
        "resourceType": "Binary", "contentType": "text/plain",
        "content": "eA=="}))
    assert a.json()["entry"][0]["response"]["status"].startswith("201")
    url = path(site, post(site, b"x", "text/plain"))[1:]
    a = site.bundle("batch", entry("GET", url))
    assert a.json()["entry"][0]["resource"]["contentType"] == "text/plain"


# --- limits --------------------------------------------------------------------------

def test_limits():
    """BIN-03, WRT-12: three quarters of a resource, and what a body may be,
    to the byte; sent whole or in pieces."""
    with Writing(workers=1, keys={"resource-bytes": 8192,
                                  "body-bytes": 8000}) as s:
        a = post(s, b"x" * 7000, "text/plain")
        issue = refused(a, 413)
        most = int(issue["diagnostics"].split(" bytes of content")[0]
                   .split()[-1])
        assert 5000 < most < 8192 * 3 / 4
        refused(post(s, b"x" * (most + 1), "text/plain"), 413)
        for headers in {}, {"Transfer_Encoding": "chunked"}:
            data = os.urandom(most)
            body = data
            if headers:
                body = b"%x\r\n" % len(data) + data + b"\r\n0\r\n\r\n"
            a = post(s, body, "x/y", **headers)
            if headers and a.status == 411:
                continue                    # a web server may refuse it
            assert s.ask("GET", path(s, a)).body == data
        issue = refused(post(s, b"x" * 8001, "text/plain"), 413)
        assert "8000 bytes" in json.dumps(issue)


def test_as_large_as_may_be():
    """By default three MiB; there and back within 64 MiB, and no worker is
    lost over it."""
    with Writing(workers=1) as s:
        data = os.urandom(3 * 1024 * 1024 - 2048)
        a = post(s, data, "application/pdf")
        url = path(s, a)
        pids = s.pids()
        assert s.ask("GET", url).body == data
        got = base64.b64decode(resource(s, url)["content"])
        assert got == data
        a = s.ask("PUT", url, data[1:], Content_Type="application/pdf",
                  Prefer="return=representation")
        assert a.status == 200 and len(a.json()["content"]) > len(data)
        refused(post(s, data + b"x" * 4096, "application/pdf"), 413)
        refused(post(s, bytes(6 * 1024 * 1024), "application/pdf"), 413)
        assert s.pids() == pids
