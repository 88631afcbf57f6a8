# SPDX-License-Identifier: Apache-2.0
"""Bundles that are carried out: R12, R13, Z03; BAT-01 to -08."""

import copy
import json

import pytest

from writing import (Writing, entry, number, observation, patient, refused)

URN = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">see <a href="%s">her</a>' \
    '</div>'


@pytest.fixture(scope="module")
def site():
    with Writing(workers=2, keys={"bundle-entries": 200}) as s:
        yield s


@pytest.fixture
def ella(site):
    return site.who("ella")


def statuses(a):
    assert a.status == 200, a
    b = a.json()
    assert b["type"].endswith("-response")
    for e in b["entry"]:                # bdl-6
        assert ("resource" in e) == ("fullUrl" in e)
    return [int(e["response"]["status"].split()[0]) for e in b["entry"]]


def where(a, n):
    """Type/id of entry n."""
    return "/".join(a.json()["entry"][n]["response"]["location"]
                    .split("/")[:2])


# --- transactions ------------------------------------------------------------

def test_order_and_names(site):
    """DELETE, POST, PUT, GET, whatever the order; answers as listed."""
    old = site.ask("POST", "/Patient", patient(identifier=number("o1"))
                   ).json()["id"]
    body = observation(URN, identifier=number("o2"), valueQuantity={
        "value": 7}, text={"status": "generated", "div": DIV % URN},
        comments=URN)
    a = site.bundle(
        "transaction",
        entry("GET", "Patient?identifier=urn:test|o1"),
        entry("PUT", "Observation?identifier=urn:test|o2", body),
        entry("POST", "Patient", patient(identifier=number("o1")), URN),
        entry("DELETE", "Patient/" + old))
    assert statuses(a) == [200, 201, 201, 204]
    b = a.json()["entry"]
    made = where(a, 2)
    assert [e["fullUrl"] for e in b[0]["resource"]["entry"]] == [
        site.base + "/" + made]
    o = site.ask("GET", "/" + where(a, 1)).json()
    assert o["subject"]["reference"] == made
    assert f'href="{site.base}/{made}"' in o["text"]["div"]
    assert o["comments"] == URN         # a text that only looks like a name
    assert b[1]["response"]["etag"] == 'W/"1"'
    assert b[1]["response"]["lastModified"] == o["meta"]["lastUpdated"]


def test_digits_stay(site):
    text = json.dumps({"resourceType": "Bundle", "type": "transaction",
                       "entry": [entry("POST", "Patient", patient(), URN),
                                 entry("POST", "Observation",
                                       observation(URN, valueQuantity={
                                           "value": 4711}))]})
    a = site.ask("POST", "/", text.replace("4711", "1.0500"))
    assert statuses(a) == [201, 201]
    assert b'"value":1.0500' in site.ask("GET", "/" + where(a, 1)).body


def test_relative_names(site):
    """A reference is relative to its own entry's fullUrl."""
    a = site.bundle(
        "transaction",
        entry("POST", "Observation", observation("Patient/a2"),
              "http://other/fhir/Observation/a1"),
        entry("POST", "Patient", patient(id="a2"),
              "http://other/fhir/Patient/a2"))
    assert statuses(a) == [201, 201]
    got = site.ask("GET", "/" + where(a, 0)).json()
    assert got["subject"]["reference"] == where(a, 1)


def test_conditions(site):
    p = patient(identifier=number("t1"))
    url = "Patient?identifier=urn:test|t1"
    both = (entry("POST", "Patient", p, URN,
                  ifNoneExist="identifier=urn:test|t1"),
            entry("POST", "Observation", observation(URN)))
    a = site.bundle("transaction", *both)
    b = site.bundle("transaction", *both)
    assert statuses(a) == [201, 201] and statuses(b) == [200, 201]
    assert where(a, 0) == where(b, 0)
    for bundle in (a, b):
        assert site.ask("GET", "/" + where(bundle, 1)).json()["subject"][
            "reference"] == where(a, 0)
    c = site.bundle("transaction", entry("POST", "Observation",
                                         observation(url)))
    assert site.ask("GET", "/" + where(c, 0)).json()["subject"][
        "reference"] == where(a, 0)
    refused(site.bundle("transaction", entry(
        "PUT", where(a, 0), dict(p, id=where(a, 0)[8:], gender="male"),
        ifMatch='W/"9"')), 409, "conflict", "Bundle.entry[0]")
    d = site.bundle("transaction", entry("DELETE", url))
    assert statuses(d) == [204] and site.total("/" + url) == 0


def test_found_and_deleted(site):
    """What a create found, and what many are deleted with, is there."""
    made = [where(site.bundle("transaction", entry(
        "POST", "Patient", patient(identifier=number("t2"), gender=g))), 0)
        for g in ("male", "female")]
    one = "identifier=urn:test|t2&gender=male"
    before = site.digest()
    for gone in (made[0], "Patient?" + one):
        a = site.bundle("transaction", entry("DELETE", gone), entry(
            "POST", "Patient", patient(), None, ifNoneExist=one))
        assert refused(a, 400)["location"] == ["Bundle.entry[1]"]
    refused(site.bundle(
        "transaction", entry("DELETE", "Patient?identifier=urn:test|t2"),
        entry("PUT", made[1], patient(id=made[1][8:]))), 400)
    assert site.digest() == before
    # Both found it, and it is written to besides.
    found = entry("POST", "Patient", patient(), None, ifNoneExist=one)
    a = site.bundle("transaction", found, found,
                    entry("PUT", made[0], patient(id=made[0][8:])))
    assert statuses(a) == [200, 200, 200]


@pytest.mark.parametrize("status,place,entries", [
    (422, "Bundle.entry[1].resource.status", [
        entry("POST", "Patient", patient()),
        entry("POST", "Observation", observation(status="fine"))]),
    (404, "Bundle.entry[1]", [
        entry("POST", "Patient", patient()),
        entry("GET", "Patient/never-was")]),
    (412, "Bundle.entry[0].resource", [
        entry("POST", "Observation",
              observation("Patient?identifier=urn:test|none"))]),
    (400, "Bundle.entry[1]", [
        entry("PUT", "Patient/z1", patient(id="z1")),
        entry("DELETE", "Patient/z1")]),
    (400, "Bundle.entry[1]", [
        entry("POST", "Patient", patient(), None, ifNoneExist="_id=no"),
        entry("POST", "Patient", patient(), None, ifNoneExist="_id=no")]),
    (400, "Bundle.entry[1].fullUrl", [
        entry("POST", "Patient", patient(), URN),
        entry("POST", "Patient", patient(), URN)]),
    (400, "Bundle.entry[0].resource.id", [
        entry("POST", "Patient", patient(id="mine"))]),
    (400, "Bundle.entry[1].request.method", [
        entry("POST", "Patient", patient()),
        entry("PATCH", "Patient/ella")]),
    (400, "Bundle.entry[1].request.url", [
        entry("POST", "Patient", patient()), entry("GET", "//evil")]),
    (400, "Bundle.entry[1].request", [
        entry("POST", "Patient", patient()), {"resource": patient()}]),
    (400, "Bundle.entry[0]", [dict(entry("GET", "Patient/ella"), reqest=1)]),
    (400, "Bundle.entry[1]", [
        entry("POST", "Patient", patient()),
        entry("POST", "Nothing", patient())]),
    (400, "Bundle.entry[0].request.url?nosuch", [
        entry("DELETE", "Patient?nosuch=1")]),
])
def test_all_or_nothing(site, status, place, entries):
    """BAT-05: one that fails undoes all, and is named."""
    before = site.digest()
    a = site.bundle("transaction", *entries)
    assert a.status in (status, 404 if status == 400 else status), a
    places = [p for x in a.json()["issue"] for p in x.get("location", [])]
    assert any(p.startswith(place) for p in places), (place, places)
    assert site.digest() == before


def test_forbidden_undoes(site, ella):
    """BAT-05, -06"""
    before = site.digest()
    good = [entry("POST", "Observation", observation()) for _ in range(9)]
    a = site.bundle("transaction", *good, entry(
        "POST", "Observation", observation("Patient/ines")), token=ella)
    issue = refused(a, 403)
    assert issue["location"] == ["Bundle.entry[9]"]
    hidden, never = (site.bundle("transaction", entry(
        "POST", "Observation", observation("Patient?_id=" + i)), token=ella)
        for i in ("ines", "never-was"))
    assert hidden.status == never.status == 412
    assert hidden.body == never.body
    assert site.digest() == before


@pytest.mark.parametrize("body", [
    {"resourceType": "Bundle"}, {"resourceType": "Bundle", "type": "searchset"},
    patient(), "[]", '{"resourceType":"Bundle","type":"batch","type":"batch"}',
    {"resourceType": "Bundle", "type": "batch", "entry": {}},
    {"resourceType": "Bundle", "type": "batch", "entry": ["x"]},
    {"resourceType": "Bundle", "type": "batch", "entrys": []},
    '{"resourceType":"Bundle","type":"transaction","entry":[', "7", ""])
def test_no_bundle(site, body):
    refused(site.ask("POST", "/", body), 400)


def test_nothing_to_do(site):
    for kind in ("batch", "transaction"):
        a = site.ask("POST", "/", {"resourceType": "Bundle", "type": kind})
        assert a.status == 200 and "entry" not in a.json()


def test_too_many(site):
    """BAT-08"""
    many = [entry("GET", "Patient/ella")] * 201
    refused(site.bundle("batch", *many), 413, "too-long", "Bundle.entry")
    a = site.bundle("batch", *[entry(
        "GET", "Observation?_include=*&_count=1000")] * 200)
    assert a.status in (200, 400) and a.status < 500
    assert site.ask("GET", "/Patient/ella").status == 200


def padded(i, size):
    o = observation(identifier=[{"system": "urn:x", "value": str(i)}])
    o["comments"] = (f"word{i} " * size)[:size - len(json.dumps(o)) - 20]
    return entry("POST", "Observation", o)


@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_as_many_as_may_be(kind):
    """The limits fit each other: a thousand entries of one KiB are taken by
    default.  More is refused by the name of what it passes, by who is too
    much, and costs no worker."""
    with Writing(workers=1) as s:
        pids, before = s.pids(), s.total("/Observation")
        a = s.bundle(kind, *[padded(i, 1024) for i in range(1000)])
        assert a.status == 200, a
        assert {e["response"]["status"] for e in a.json()["entry"]} == {
            "201 Created"}
        assert s.total("/Observation") == before + 1000
        a = s.bundle(kind, *[padded(i, 4 * 1024) for i in range(1000)])
        if kind == "transaction":
            issue = refused(a, 413, "too-long")
            assert "request-bytes" in issue["diagnostics"]
            made = 0
        else:
            status = [e["response"]["status"][:3]
                      for e in a.json()["entry"]]
            made = status.count("201")
            assert made > 100 and status.count("413") == 1000 - made
            assert "request-bytes" in a.body.decode()
        assert s.total("/Observation") == before + 1000 + made
        a = s.bundle(kind, *[padded(i, 6 * 1024) for i in range(1000)])
        assert "body of at most" in refused(a, 413)["diagnostics"]
        assert s.pids() == pids


def test_commit_has_room():
    """What is written takes memory once more: entries that could be judged
    are refused when there is none left for that, and the worker stays."""
    with Writing(workers=1, keys={"request-bytes": 16 << 20}) as s:
        pids = s.pids()
        a = s.bundle("batch", *[padded(i, 600) for i in range(1000)])
        got = [e["response"]["status"][:3] for e in a.json()["entry"]]
        assert set(got) == {"201", "413"} and s.pids() == pids
        assert s.total("/Observation?identifier=urn:x|") == got.count("201")


# --- batches -------------------------------------------------------------------

def test_each_for_itself(site, ella):
    """BAT-01, -03, -07: as alone, each with its own answer."""
    a = site.bundle(
        "batch",
        entry("GET", "Patient/ella"), entry("GET", "Patient/ines"),
        entry("POST", "Observation", observation()),
        entry("POST", "Observation", observation("Patient/ines")),
        entry("POST", "Observation", observation(status="fine")),
        entry("PUT", "Observation/chosen", observation(id="chosen")),
        entry("GET", "Patient/ella", None, None, ifNoneMatch='W/"1"'),
        entry("GET", "Observation?subject=Patient/ines"),
        entry("DELETE", "Patient/never-was"),
        *[entry("GET", u) for u in ("../auth/token", "http://evil/x",
                                    "//evil", "/admin", "Patient/ella#x")],
        *[entry(m, "Patient/ella") for m in ("PATCH", "HEAD", "TRACE",
                                             "get")],
        entry("POST", "/", patient()), token=ella)
    assert statuses(a) == [200, 404, 201, 403, 422, 404, 304, 200, 204] + \
        [400] * 10
    b = a.json()["entry"]
    assert b[0]["resource"]["id"] == "ella"
    assert b[0]["fullUrl"] == site.base + "/Patient/ella"
    alone = site.ask("GET", "/Patient/ines", token=ella).json()
    assert b[1]["resource"] == alone
    assert b[7]["resource"]["total"] == 0
    assert site.ask("GET", "/" + where(a, 2), token=ella).status == 200


def test_not_independent(site):
    refused(site.bundle(
        "batch", entry("PUT", "Patient/b1", patient(id="b1")),
        entry("DELETE", "Patient/b1")), 400)
    a = site.bundle(
        "batch", entry("POST", "Patient", patient(), URN),
        entry("POST", "Observation", observation(URN)),
        entry("POST", "Observation",
              observation("Patient?identifier=urn:test|o1")))
    assert statuses(a) == [201, 400, 400]


def test_no_bundle_in_a_bundle(site):
    """BAT-04"""
    inner = {"resourceType": "Bundle", "type": "batch",
             "entry": [entry("DELETE", "Patient/ella")]}
    for kind in ("batch", "transaction"):
        for url in ("/", "", site.base + "/", site.base):
            a = site.bundle(kind, entry("POST", url, inner))
            assert a.status == 400 or statuses(a) == [400]
    assert site.ask("GET", "/Patient/ella").status == 200


def test_same_as_alone(site, ella):
    """BAT-02: many entries, each answered as the lone request is."""
    asks = [(m, u, b) for m, b in (("GET", None), ("DELETE", None))
            for u in ("Patient/never-was", "AuditEvent/x", "Patient?x=1",
                      "Provenance/x", "Nothing/x", "Observation?_id=no",
                      "Patient/ines")]
    asks += [("POST", t, {"resourceType": t}) for t in (
        "Patient", "AuditEvent", "Subscription", "Practitioner",
        "StructureDefinition", "Appointment")]
    asks += [("PUT", "Patient/ines", patient(id="ines")),
             ("PUT", "AuditEvent/x", {"resourceType": "AuditEvent",
                                      "id": "x"})]
    for token in (ella, site.who("ella", "patient/Observation.read"),
                  site.who("ines", "patient/*.write")):
        for m, u, b in asks:
            if token == site.who("ines", "patient/*.write") and \
                    "ines" in u:
                continue
            alone = site.ask(m, "/" + u, b, token).status
            got = statuses(site.bundle("batch", entry(m, u, b),
                                       token=token))
            assert got == [alone], (m, u)


def test_needs_a_token(site):
    a = site.send("POST", "/", None, body="{}")
    assert a.status == 401


# --- histories -------------------------------------------------------------------

def test_replay(site):
    i = site.ask("POST", "/Patient", patient()).json()["id"]
    site.ask("PUT", "/Patient/" + i, patient(id=i, gender="male"))
    site.ask("DELETE", "/Patient/" + i)
    site.ask("PUT", "/Patient/" + i, patient(id=i, gender="other"))
    h = site.ask("GET", f"/Patient/{i}/_history").json()
    again = json.loads(json.dumps(h).replace(i, "replayed"))
    for e in again["entry"]:
        if e["request"]["method"] == "POST":
            assert e["request"]["url"] == "Patient"
    a = site.ask("POST", "/", again)
    assert statuses(a) == [201, 204, 200, 201]
    got = site.ask("GET", "/Patient/replayed/_history").json()
    for old, new in zip(h["entry"], got["entry"]):
        assert old["request"]["method"] == new["request"]["method"]
        if "resource" in old:
            assert old["resource"]["gender"] == new["resource"]["gender"]
    mixed = copy.deepcopy(again)
    mixed["entry"].append(entry("GET", "Patient/ella"))
    assert statuses(site.ask("POST", "/", mixed))[-1] == 200
    broken = copy.deepcopy(again)
    broken["entry"][0]["resource"]["gender"] = "none"
    before = site.digest()
    refused(site.ask("POST", "/", broken), 422, None,
            "Bundle.entry[0].resource.gender")
    assert site.digest() == before


def elsewhere(site, history, keep=()):
    """What another server would tell: all ids are others."""
    text = json.dumps(history)
    for e in history["entry"]:
        i = e.get("resource", {}).get("id")
        if i and i not in keep:
            text = text.replace(i, "x" + i[1:])
    return json.loads(text)


def test_replay_with_provenance(site):
    """R13: a server's whole history has the Provenance of each write."""
    i = site.ask("POST", "/Patient", patient()).json()["id"]
    site.ask("PUT", "/Patient/" + i, patient(id=i, gender="male"))
    h = site.ask("GET", "/_history?_count=4").json()
    assert [e["resource"]["resourceType"] for e in h["entry"]] == [
        "Provenance", "Patient"] * 2
    other = elsewhere(site, h)
    before = site.digest()
    # Of this server's users a client does not tell...
    refused(site.ask("POST", "/", other), 422, "invariant")
    assert site.digest() == before
    # ...a machine that carries a history over does, and of others anybody.
    machine = site.mint("system/*.read system/*.write")
    assert statuses(site.ask("POST", "/", other, token=machine)) == [
        201, 200, 201, 201]
    third = json.loads(json.dumps(elsewhere(site, other)).replace(
        json.dumps(site.base), '"http://other.example/fhir"'))
    for e in third["entry"]:
        if e["resource"]["resourceType"] == "Provenance":
            e["resource"]["id"] = "y" + e["resource"]["id"][1:]
    assert statuses(site.ask("POST", "/", third)) == [201, 200, 201, 200]
    # What stands there as it is told, stands; what is not, is not altered.
    own = [h["entry"][0]]
    assert statuses(site.bundle("history", *own)) == [200]
    own[0]["resource"]["recorded"] = "2001-01-01T00:00:00Z"
    before = site.digest()
    for who in site.who(), machine:
        a = site.bundle("history", *own, token=who)
        assert a.status in (409, 422), a
    refused(site.bundle("history", entry(
        "DELETE", "Provenance/" + own[0]["resource"]["id"]),
        token=machine), 400)
    refused(site.bundle("history", entry("POST", "Patient", patient())),
            400, "value", "Bundle.entry[0].resource.id")
    assert site.digest() == before


def test_replay_asks_no_conditions():
    with Writing(workers=1, keys={"require-if-match": "yes"}) as s:
        a = s.bundle("history", entry("PUT", "Patient/r", patient(
            id="r", gender="male")), entry("POST", "Patient", patient(id="r")))
        assert statuses(a) == [200, 201]


def test_provenance_of_a_clients_own(site):
    """Z20: whose word a client's Provenance is, the server tells."""
    i = site.ask("POST", "/Observation", observation()).json()["id"]
    ours = site.ask("GET", "/Provenance?target=" + i).json()["entry"][0][
        "resource"]
    mine = {k: v for k, v in ours.items() if k not in ("id", "meta")}
    system = mine["agent"][0]["userId"]["system"]
    for name in system, system.upper(), system + "/":
        mine["agent"] = [{**ours["agent"][0], "userId": {
            "system": name, "value": "somebody"}}]
        refused(site.ask("POST", "/Provenance", mine), 422, "invariant",
                "Provenance.agent[0].userId.system")
    mine["agent"][0]["userId"]["system"] = "urn:others"
    a = site.ask("POST", "/Provenance", mine)
    assert a.status == 201
    found = site.ask("GET", "/Provenance?target=Provenance/" +
                     a.json()["id"]).json()
    assert found["total"] == 1
    assert found["entry"][0]["resource"]["agent"][0]["userId"]["value"] == \
        "dr-lee"


def test_one_provenance_each(site):
    """Z20: what was done to one patient's record tells of no other's."""
    a = site.bundle(
        "transaction",
        entry("POST", "Observation", observation("Patient/ella")),
        entry("POST", "Observation", observation("Patient/ines")),
        entry("POST", "Condition", {
            "resourceType": "Condition", "code": {"text": "x"},
            "verificationStatus": "confirmed",
            "patient": {"reference": "Patient/ella"}}))
    assert statuses(a) == [201] * 3
    for who, mine, others in (("ella", (0, 2), (1,)),
                              ("ines", (1,), (0, 2))):
        text = site.ask("GET", "/Provenance?_count=500",
                        token=site.who(who)).body.decode()
        assert all(where(a, n) in text for n in mine)
        assert not any(where(a, n) in text for n in others)
