# SPDX-License-Identifier: Apache-2.0
"""Bundle?composition and Bundle?message: what a stored Bundle begins with.

DSTU2 bundle.html#search, search.html#reference; S01, S09.
"""

import pytest

from writing import Writing

HEAD = {"resourceType": "Composition", "date": "2026-01-02",
        "type": {"text": "a letter"}, "title": "Letter", "status": "final",
        "subject": {"reference": "Patient/ella"},
        "author": [{"reference": "Patient/ella"}]}
MESSAGE = {"resourceType": "MessageHeader", "id": "ping",
           "timestamp": "2026-01-02T03:04:05Z",
           "event": {"system": "http://hl7.org/fhir/message-type",
                     "code": "admin-notify"},
           "source": {"endpoint": "http://other.test/in"}}
UUID = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
AWAY = "http://other.test/fhir/Composition/letter"


def bundle(kind, held, full):
    return {"resourceType": "Bundle", "type": kind,
            "entry": [{"fullUrl": full, "resource": held}]}


@pytest.fixture(scope="module")
def shelf():
    """Bundles by name, and one Composition that is stored besides."""
    with Writing() as w:
        def put(path, r):
            a = w.ask("PUT", path, dict(r, id=path.split("/")[-1]))
            assert a.status == 201, a
        put("/Composition/letter", HEAD)
        letter = dict(HEAD, id="letter")
        for name, kind, held, full in (
                ("ours", "document", letter,
                 w.base + "/Composition/letter"),
                ("uuid", "document", HEAD, UUID),
                ("away", "document", letter, AWAY),
                ("lone", "document", dict(HEAD, id="lone"),
                 w.base + "/Composition/lone"),
                ("heap", "collection", letter,
                 w.base + "/Composition/letter"),
                ("ping", "message", MESSAGE, w.base + "/MessageHeader/ping")):
            put("/Bundle/" + name, bundle(kind, held, full))
        yield w


def ids(shelf, query, mode="match"):
    a = shelf.ask("GET", query)
    assert a.status == 200, a
    return [e["resource"]["id"] for e in a.json().get("entry", [])
            if e["search"]["mode"] == mode]


@pytest.mark.parametrize("query,wanted", [
    ("composition=letter", "ours"),
    ("composition=Composition/letter", "ours"),
    ("composition:Composition=letter", "ours"),
    ("composition=BASE/Composition/letter", "ours"),
    ("composition=" + UUID, "uuid"),
    ("composition=" + AWAY, "away"),
    ("composition=letter,lone", "lone ours"),
    ("composition=Composition/nobody", ""),
    ("composition:missing=false", "away lone ours uuid"),
    ("composition:missing=true", "heap ping"),
    ("message=ping", "ping"),
    ("message:MessageHeader=ping", "ping"),
    ("message:missing=true&type=document", "away lone ours uuid"),
    ("composition.subject=Patient/ella", "ours"),   # by what is stored
    ("composition.subject=Patient/ines", ""),
    ("_filter=composition%20eq%20Composition/lone", "lone"),
])
def test_finds_what_it_begins_with(shelf, query, wanted):
    query = query.replace("BASE", shelf.base)
    assert sorted(ids(shelf, "/Bundle?" + query)) == wanted.split()


def test_sorts(shelf):
    """Who has none comes last, as with every reference."""
    got = ids(shelf, "/Bundle?_sort=composition")
    assert len(got) == 6 and set(got[4:]) == {"heap", "ping"}


def test_includes_what_is_stored(shelf):
    """Not what stands in the Bundle."""
    of = "/Bundle?_include=Bundle:composition&composition="
    assert ids(shelf, of + "letter", "include") == ["letter"]
    for other in ("lone", UUID, AWAY):
        assert ids(shelf, of + other) and not ids(shelf, of + other,
                                                  "include")
    assert ids(shelf, "/Composition?_id=letter&_revinclude="
               "Bundle:composition", "include") == ["ours"]
    assert ids(shelf, "/Composition?_has:Bundle:composition:type="
               "document") == ["letter"]


def test_include_keeps_to_the_view(shelf):
    """Who may search Bundles only gets no Composition, and no chain."""
    token = shelf.who(scope="user/Bundle.read")
    a = shelf.ask("GET", "/Bundle?composition=letter&_include="
                  "Bundle:composition", token=token)
    assert a.status == 200 and [e["resource"]["resourceType"] for e in
                                a.json()["entry"]] == ["Bundle"]
    a = shelf.ask("GET", "/Bundle?composition.subject=Patient/ella",
                  token=token)
    assert "entry" not in a.json()


def test_patients_see_no_bundle(shelf):
    """A claim of owner comes from owner.tbl, never from a parameter."""
    token = shelf.who("ella")
    for query in ("composition=letter", "composition:missing=false"):
        a = shelf.ask("GET", "/Bundle?" + query, token=token)
        assert a.status != 200 or a.json()["total"] == 0, a
    a = shelf.ask("GET", "/Composition?_id=letter&_revinclude="
                  "Bundle:composition", token=token)
    assert [e["resource"]["id"] for e in a.json()["entry"]] == ["letter"]


@pytest.mark.parametrize("query", [
    "composition=Patient/ella", "composition:Patient=ella",
    "composition:exact=letter", "message=Composition/letter"])
def test_refuses(shelf, query):
    assert shelf.ask("GET", "/Bundle?" + query).status == 400


def test_conformance_tells(shelf):
    rest = shelf.ask("GET", "/metadata").json()["rest"][0]["resource"]
    [r] = [x for x in rest if x["type"] == "Bundle"]
    assert {"composition", "message", "type"} <= {
        p["name"] for p in r["searchParam"]}
    assert "Bundle:composition" in r["searchInclude"]


def test_a_copy_holds_nothing_back(shelf):
    """A document keeps what it begins with when that is deleted."""
    gone = dict(HEAD, id="gone")
    assert shelf.ask("PUT", "/Composition/gone", gone).status == 201
    a = shelf.ask("PUT", "/Bundle/copy", dict(
        bundle("document", gone, UUID[:-1] + "1"), id="copy"))
    assert a.status == 201, a
    assert ids(shelf, "/Bundle?composition=gone") == ["copy"]
    assert shelf.ask("DELETE", "/Composition/gone").status == 204
    assert ids(shelf, "/Bundle?composition=gone") == ["copy"]
    assert not ids(shelf, "/Bundle?composition=gone&_include="
                   "Bundle:composition", "include")
    assert shelf.ask("DELETE", "/Bundle/copy").status == 204
    assert not ids(shelf, "/Bundle?composition=gone")
