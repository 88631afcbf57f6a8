# SPDX-License-Identifier: Apache-2.0
"""Pages: to the end by next, back by previous, stable under writes.

Issue 3; interop 25, 30; design 6 (Paging).
"""

import re
import threading

import pytest

from conftest import SAMPLES, World


def links(bundle):
    return {x["relation"]: x["url"] for x in bundle["link"]}


def ids(bundle):
    return [e["resource"]["id"] for e in bundle.get("entry", [])]


def walk(w, query, token, relation="next", bundle=None):
    """All pages on this way, the first one included."""
    b = bundle or w.bundle(query, token)
    pages = [b]
    while relation in links(b):
        url = links(b)[relation]
        assert url.startswith(w.base + "/"), "absolute, on the same base"
        b = w.bundle(url[len(w.base):], token)
        pages.append(b)
    return pages


@pytest.fixture(scope="module")
def changing():
    """A site whose store other tests here write to."""
    with World([SAMPLES]) as w:
        yield w


@pytest.mark.anywhere
@pytest.mark.parametrize("query", [
    "/Observation?patient=marcus", "/Observation?patient=marcus&_sort=-date",
    "/Observation?patient=marcus&_sort:asc=date&code:not=8480-6",
    "/Observation?_sort=date&patient=marcus,ella", "/Encounter?date=ge2015"])
def test_twenty_pages_there_and_back(world, clinician, query):
    """Each match once, in one order, whatever the size of the page."""
    whole = world.found(query, clinician)
    size = max(1, len(whole) // 20)
    pages = walk(world, f"{query}&_count={size}", clinician)
    assert len(pages) >= 20
    assert [i for p in pages for i in ids(p)] == whole
    assert all(len(ids(p)) <= size for p in pages)
    assert {p["total"] for p in pages} == {len(whole)}
    assert "previous" not in links(pages[0])
    back = walk(world, None, clinician, "previous", pages[-1])
    assert [ids(p) for p in back] == [ids(p) for p in pages[::-1]]
    assert "previous" not in links(back[-1])
    first = links(pages[3])["first"]
    assert ids(world.bundle(first[len(world.base):],
                            clinician)) == ids(pages[0])


def test_links_keep_the_query(world, clinician):
    """What was asked stands in every link; _format is the header's."""
    b = world.bundle("/Observation?patient=marcus&code=http://loinc.org|"
                     "8480-6&_count=2&_format=json", clinician)
    for url in links(b).values():
        assert "_format" not in url and "_count=2" in url
        assert re.search(r"patient=marcus&code=http[^&]+8480-6", url)
    assert "_cursor=" in links(b)["next"]


def test_cursor_is_of_its_query_and_bearer(world, clinician):
    """Issue 9: what a cursor may not do is a 400 that says what to do."""
    b = world.bundle("/Observation?patient=marcus&_count=3", clinician)
    nxt = links(b)["next"][len(world.base):]
    wrong = [
        (nxt.replace("marcus", "ella"), clinician),
        (nxt.replace("/Observation", "/Encounter"), clinician),
        (nxt, world.token("marcus")),
        (nxt[:-1] + ("A" if nxt[-1] != "A" else "B"), clinician),
        (nxt[:-9], clinician),
        ("/Observation?patient=marcus&_count=3&_cursor=abc", clinician),
        (nxt + "&_cursor=abc", clinician),
    ]
    for target, token in wrong:
        a = world.get(target, token)
        assert a.status == 400, target
        issue = a.json()["issue"][0]
        assert issue["location"] == ["?_cursor"]
        assert "without it" in issue["diagnostics"] or target.count(
            "_cursor") == 2
    assert world.get(nxt, clinician).status == 200


def test_a_cursor_outlives_its_token(world):
    """A refreshed token of the same bearer reads on."""
    old = world.token("marcus")
    b = world.bundle("/Observation?_count=5", old)
    new = world.mint("patient/*.read", "marcus")
    assert new != old
    nxt = links(b)["next"][len(world.base):]
    assert ids(world.bundle(nxt, new)) == ids(world.bundle(nxt, old))


def observation(i, patient="marcus", **more):
    return {"resourceType": "Observation", "id": f"new-{patient}-{i}",
            "status": "final", "code": {"text": "x"},
            "subject": {"reference": "Patient/" + patient},
            "effectiveDateTime": "2024-05-05", **more}


@pytest.mark.parametrize("sort", ["", "_sort=-date", "_sort=date"])
@pytest.mark.parametrize("who,query,count", [
    (None, "/Observation?patient=marcus&", 3), (None, "/Observation?", 15),
    ("marcus", "/Observation?", 3),
    (None, "/Observation?patient=marcus&status=final&", 3), (None, "/Observation?status=final&", 15),
    (None, "/Observation?status:not=amended&", 15)])
def test_stable_while_a_load_writes(changing, who, query, count, sort):
    """Later creations are left out; what was there comes exactly once."""
    w, token = changing, changing.token(who)
    query += sort
    before = w.found(query, token)
    b = w.bundle(f"{query}&_count={count}", token)
    # One for sure, others while the pages are turned.
    w.load(observation(f"{who}-{len(before)}-x"))
    stop, errors = threading.Event(), []

    def write():
        for i in range(100):
            if stop.is_set():
                return
            try:
                w.load(observation(f"{who}-{len(before)}-{i}"))
            except RuntimeError as e:
                errors.append(e)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        pages = walk(w, None, token, "next", b)
    finally:
        stop.set()
        writer.join()
    assert not errors
    assert [i for p in pages for i in ids(p)] == before
    assert pages[-1]["total"] >= pages[0]["total"] == len(before)
    assert len(w.found(query, token)) > len(before)


def test_what_leaves_between_pages_is_left_out(changing):
    """Resources that now belong elsewhere do not come again."""
    w, token = changing, changing.token()
    w.load(*[observation(i, "yuki") for i in range(6)])
    query = "/Observation?patient=yuki&_sort=date&_count=2"
    whole = [i for p in walk(w, query, token) for i in ids(p)]
    b = w.bundle(query, token)
    moved = [i for i in whole if i.startswith("new-yuki")][-1]
    w.load(observation(moved.rsplit("-", 1)[1], "yuki",
                       subject={"reference": "Patient/ines"}))
    got = [i for p in walk(w, None, token, "next", b) for i in ids(p)]
    assert got == [i for i in whole if i != moved]
