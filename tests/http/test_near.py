# SPDX-License-Identifier: Apache-2.0
"""Location?near=LAT,LONG&near-distance=..., and elements without a code.

DSTU2 location.html#search, search.html#token; S01 to S06.
"""

import json

import pytest

SUVA = "near=-18.1416,178.4419"     # Apia lies 1,140 km off, across 180
OURS = "&_id=suva,apia,pole,nowhere"
FOUND = [
    (SUVA, {"suva"}),
    (SUVA + "&near-distance=1", {"suva"}),
    (SUVA + "&near-distance=1130", {"suva"}),
    (SUVA + "&near-distance=1160", {"suva", "apia"}),
    (SUVA + "&near-distance=le1160000|http://unitsofmeasure.org|m",
     {"suva", "apia"}),
    (SUVA + "&near-distance=720||[mi_i]", {"suva", "apia"}),
    (SUVA + "&near-distance=gt1160" + OURS, {"pole"}),
    (SUVA + "&near-distance=20100" + OURS, {"suva", "apia", "pole"}),
    ("near=-18.1416:178.4419", {"suva"}),
    ("near=-13.8,-171.8&near-distance=20", {"apia"}),
    ("near=89.99,77&near-distance=2", {"pole"}),
    ("near=89.99,77&near-distance=1", set()),
    ("near:missing=false" + OURS, {"suva", "apia", "pole"}),
    ("near:missing=true&name=nowhere", {"nowhere"}),
    ("name=suva&" + SUVA, {"suva"}),
    ("name=apia&" + SUVA, set()),
    ("identifier=urn:place:apia|", {"apia"}),
    ("identifier=urn:place:none|", set()),
    ("identifier:missing=false&type:missing=false&name=pole", {"pole"}),
    ("type:missing=true&name=pole", set()),
]
WRONG = [
    ("near-distance=5", "give near=LAT,LONG"),
    ("near=91,0", "-90 to 90"),
    ("near=0,181", "-180 to 180"),
    ("near=here", "not a place"),
    ("near=1,2&near-distance=x", "not a distance"),
    ("near=1,2&near-distance=5||kg", "length"),
    ("near=1,2&near-distance=5&near-distance=6", "twice"),
    ("_sort=near", "order"),
    ("_filter=near eq \"1,2\"", "beside the _filter"),
]


@pytest.mark.parametrize("query,wanted", FOUND)
def test_search_near(world, clinician, query, wanted):
    got = world.found("/Location?" + query.replace(" ", "%20"), clinician)
    assert set(got) == wanted and len(got) == len(wanted)


@pytest.mark.parametrize("query,word", WRONG)
def test_search_near_wrong(world, clinician, query, word):
    a = world.get("/Location?" + query.replace(" ", "%20").replace(
        '"', "%22"), clinician)
    assert a.status == 400, a
    assert word in json.dumps(a.json())


def test_search_near_is_said(world, clinician):
    """The Conformance statement lists both; the self link says what was
    asked."""
    a = world.get("/metadata").json()
    location = [r for r in a["rest"][0]["resource"]
                if r["type"] == "Location"][0]
    said = {p["name"]: p for p in location["searchParam"]}
    assert said["near"]["type"] == said["near-distance"]["type"] == "token"
    assert said["near"]["modifier"] == ["missing"]
    assert "modifier" not in said["near-distance"]
    b = world.get("/Location?" + SUVA + "&near-distance=2", clinician).json()
    link = [x["url"] for x in b["link"] if x["relation"] == "self"][0]
    assert "near=" in link and "near-distance=2" in link
