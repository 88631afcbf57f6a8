# SPDX-License-Identifier: Apache-2.0
"""Accept, _format, _pretty: the spellings of JSON.

Requirements 2.2; interop 18, 24, 32.
"""

import pytest

FHIR = "application/json+fhir"
NEW = "application/fhir+json"
PLAIN = "application/json"

ACCEPT = [
    (None, FHIR), ("", FHIR), ("*/*", FHIR), ("application/*", FHIR),
    (FHIR, FHIR), (PLAIN, PLAIN), (NEW, NEW), ("text/json", "text/json"),
    (f"{FHIR}, {PLAIN}", FHIR), (f"{FHIR},{NEW}", FHIR),
    (f"{NEW}, {FHIR}", NEW), (f"{PLAIN}, text/javascript, */*; q=0.01", PLAIN),
    (f"{NEW};q=1.0, {FHIR};q=0.9", NEW), (f"{NEW};q=0.5, {FHIR};q=0.9", FHIR),
    (f"{FHIR};charset=utf-8", FHIR), (f"{FHIR}; charset=UTF-8", FHIR),
    (f"application/xml+fhir, {FHIR};q=0.9", FHIR),
    ("APPLICATION/JSON+FHIR", FHIR), ("application/foobar, */*;q=0.1", FHIR),
    (f"{PLAIN};q=0, {FHIR}", FHIR), (f"*/*, {PLAIN}", PLAIN),
    (f"*/*;q=0.9, {NEW};q=0.8", FHIR),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
     PLAIN),
    ("application/foobar", 406), ("application/xml+fhir", 406),
    ("application/xml", 406), ("text/xml", 406), ("text/html", 406),
    (f"{FHIR};q=0", 406), ("application/json+fhirx", 406),
    ("image/png, text/css", 406),
]
FORMAT = [
    ("json", FHIR), ("application/json", PLAIN),
    ("application/json%2Bfhir", FHIR), ("application/json+fhir", FHIR),
    ("application/fhir%2Bjson", NEW), ("application/fhir+json", NEW),
    ("text/json", "text/json"), ("JSON", FHIR),
    ("application/json;charset=utf-8", PLAIN),
    ("xml", 406), ("application/xml", 406), ("text/xml", 406),
    ("application/xml+fhir", 406), ("application/foobar", 406),
    ("html", 406), ("ttl", 406), ("*/*", 406), ("x" * 100, 406),
]
PLACES = ["/Patient/ella", "/Patient?_id=ella", "/Patient/ella/_history/1",
          "/Patient/ella/_history", "/metadata"]


def judge(a, want, what):
    if want == 406:
        assert a.status == 406, what
        issue = a.json()["issue"][0]
        assert issue["severity"] == "error"
        assert "application/json" in issue["diagnostics"]
        return
    assert a.status == 200, what
    assert a.headers["content-type"] == want + "; charset=UTF-8", what
    assert a.json()


@pytest.mark.anywhere
@pytest.mark.parametrize("accept,want", ACCEPT)
def test_accept(world, clinician, accept, want):
    for path in PLACES:
        judge(world.get(path, clinician, headers=[("Accept", accept)]
                        if accept is not None else []), want, path)


@pytest.mark.anywhere
@pytest.mark.parametrize("value,want", FORMAT)
def test_format(world, clinician, value, want):
    """It rules over Accept."""
    for path in PLACES:
        mark = "&" if "?" in path else "?"
        judge(world.get(f"{path}{mark}_format={value}", clinician,
                        headers=[("Accept", "application/xml")]), want, path)


def test_accept_twice_is_one_list(world, clinician):
    a = world.get("/Patient/ella", clinician, headers=[
        ("Accept", "application/foobar"), ("Accept", "application/json")])
    assert a.status == 200


@pytest.mark.anywhere
def test_pretty(world, clinician):
    """Interop 32: for people; the same JSON, digits and all."""
    for path in ("/Patient/ella", "/Observation?patient=zoe&_count=3",
                 "/Patient/ella/_history", "/metadata", "/Patient/nobody"):
        mark = "&" if "?" in path else "?"
        plain = world.get(path, clinician)
        nice = world.get(f"{path}{mark}_pretty=true", clinician)
        assert nice.body[:4] == b'{\n  ' and nice.body[-2:] == b"}\n"
        assert int(nice.headers["content-length"]) == len(nice.body)

        def core(a):
            j = a.json()
            if j["resourceType"] == "Bundle":
                return j.get("entry"), j["total"]
            return j
        assert core(nice) == core(plain)
        off = world.get(f"{path}{mark}_pretty=false", clinician)
        assert b"\n  " not in off.body
    a = world.get("/Observation/zoe-has-0?_pretty=true", clinician)
    assert b'"value": 5.0,' in a.body
    assert world.get("/Patient?_pretty=x", clinician).status == 400


@pytest.mark.anywhere
def test_browsers_and_scripts(world, clinician):
    """A browser's own window is shown indented JSON; a script is not."""
    accept = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
    a = world.get("/Patient/ella", clinician, headers=[accept])
    assert a.headers["content-type"].startswith("application/json;")
    assert a.body.startswith(b"{\n")
    a = world.get("/Patient/ella", clinician, headers=[
        accept, ("Origin", "https://app.test")])
    assert not a.body.startswith(b"{\n")


@pytest.mark.anywhere
def test_refusals_are_readable(world, clinician):
    """curl is the first client anyone tries: a newline at the end."""
    for path in ("/Patient/nobody", "/Patient?x=1", "/Foo/1"):
        assert world.get(path, clinician).body.endswith(b"}\n")
    assert world.get("/Patient/ella").body.endswith(b"}\n")
