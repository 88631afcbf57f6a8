# SPDX-License-Identifier: Apache-2.0
"""What HTTP itself allows: kept connections, bodies, pages cut by size.

Interop 26 (strict clients), 32 (curl); RFC 9110, 9112.
"""

import http.client
import subprocess

import wire
from conftest import SAMPLES, World
from test_meta import empties

FORM = ("Content-Type", "application/x-www-form-urlencoded")


def raw(world, text):
    return wire.exchange(world.port, text.replace("\n", "\r\n").encode())


def test_no_empty_anywhere(world, clinician):
    """Interop 26: no null, {}, [] or "" in anything we make."""
    for path in ("/Observation?patient=marcus&_count=3", "/Patient?_count=0",
                 "/Patient?name=nobody", "/Patient/ella/_history",
                 "/Patient/nobody", "/Patient?foo=1", "/Foo",
                 "/MedicationOrder?_include=MedicationOrder:medication"):
        assert list(empties(world.get(path, clinician).json())) == [], path
    assert list(empties(world.get("/Patient").json())) == []


def test_one_connection_many_requests(world, clinician):
    c = http.client.HTTPConnection("127.0.0.1", world.port, timeout=10)
    head = {"Authorization": "Bearer " + clinician}
    for path, status in (("/Patient/ella", 200), ("/Patient/nobody", 404),
                         ("/Observation?code=8480-6", 200),
                         ("/Patient/ella", 304), ("/metadata", 200),
                         ("/Patient?x=1", 400), ("/Patient/ella", 200)):
        c.request("GET", "/fhir" + path, headers={
            **head, **({"If-None-Match": "*"} if status == 304 else {})})
        a = c.getresponse()
        body = a.read()
        assert a.status == status
        assert status == 304 or len(body) == int(a.headers["Content-Length"])
    c.request("HEAD", "/fhir/Patient/ella", headers=head)
    c.getresponse().read()
    c.request("POST", "/fhir/Patient/_search", "_id=ella",
              {**head, FORM[0]: FORM[1]})
    assert c.getresponse().status == 200
    c.close()


def test_chunked_form(world, clinician):
    """A body without a length, as Java clients send them."""
    head = (f"POST /fhir/Patient/_search HTTP/1.1\nHost: x\n"
            f"Authorization: Bearer {clinician}\nConnection: close\n"
            f"{FORM[0]}: {FORM[1]}\nTransfer-Encoding: chunked\n\n")
    a = raw(world, head + "4\n_id=\n4\nella\n0\n\n")
    assert a.status == 200 and a.json()["total"] == 1


def test_expectation(world, clinician):
    """curl asks before it sends a long form."""
    out = subprocess.run(
        ["curl", "-s", "-H", "Authorization: Bearer " + clinician,
         "-H", "Expect: 100-continue", "--data-urlencode",
         "name=" + "a" * 2000, f"{world.base}/Patient/_search"],
        capture_output=True, text=True, check=True).stdout
    assert '"total":0' in out


def test_old_http(world, clinician):
    a = raw(world, f"GET /fhir/Patient/ella HTTP/1.0\nHost: x\n"
            f"Authorization: Bearer {clinician}\n\n")
    assert a.status == 200 and a.json()["id"] == "ella"
    assert "transfer-encoding" not in a.headers


def test_ranges_are_not_ours(world, clinician):
    """A part of a resource is no resource."""
    a = world.get("/Patient/ella", clinician,
                  headers=[("Range", "bytes=0-9")])
    assert a.status == 200 and a.json()["id"] == "ella"


def test_what_cannot_be_framed(world, clinician):
    """Two lengths, two hosts, a length that is none: 400, no answer."""
    for bad in ("Content-Length: 3\nContent-Length: 4", "Host: y",
                "Content-Length: x", "Content-Length: -1",
                "Content-Length: 3\nTransfer-Encoding: chunked",
                "Bad Header: x", " folded: x"):
        a = raw(world, f"POST /fhir/Patient/_search HTTP/1.1\nHost: x\n{bad}"
                f"\nAuthorization: Bearer {clinician}\nConnection: close\n"
                f"{FORM[0]}: {FORM[1]}\n\n_id=ella")
        assert a is None or a.status in (400, 411, 501), bad


def test_post_pages_go_on_by_get(world, clinician):
    a = world.send("POST", "/Observation/_search?_count=5", clinician, [FORM],
                   "patient=marcus&code=http://loinc.org|8480-6,8462-4")
    links = {x["relation"]: x["url"] for x in a.json()["link"]}
    b = world.bundle(links["next"][len(world.base):], clinician)
    assert b["total"] == a.json()["total"] > 5
    assert not ({e["resource"]["id"] for e in a.json()["entry"]} &
                {e["resource"]["id"] for e in b["entry"]})


def test_pages_are_cut_by_size():
    """page-bytes: shorter pages, none empty, nothing lost."""
    with World([SAMPLES], keys={"page-bytes": 65536}) as w:
        w.load(*[{"resourceType": "Observation", "id": f"big-{i}",
                  "status": "final", "code": {"text": "big"},
                  "comments": "x" * 30000 if i else "x" * 200000,
                  "subject": {"reference": "Patient/yuki"}}
                 for i in range(9)])
        token, seen = w.token("yuki"), []
        b = w.bundle("/Observation?_count=100", token)
        while True:
            assert b["entry"]
            seen += [e["resource"]["id"] for e in b["entry"]]
            nxt = [x["url"] for x in b["link"] if x["relation"] == "next"]
            if not nxt:
                break
            b = w.bundle(nxt[0][len(w.base):], token)
        own = w.oracle.search("Observation", "", "yuki")
        assert len(seen) == len(own) and set(seen) == own


def test_a_large_answer(world, clinician):
    """A page of a thousand entries comes whole."""
    a = world.get("/Observation?_count=1000", clinician)
    assert a.status == 200 and len(a.body) == int(
        a.headers["content-length"]) > 100000
    assert a.json()["total"] == len(a.json()["entry"])
