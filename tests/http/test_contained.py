# SPDX-License-Identifier: Apache-2.0
"""_containedType=contained: what is shown is what was found.

DSTU2 search.html#contained, #include; R11.
"""

import pytest

from conftest import SAMPLES, World

ORG = {"resourceType": "Organization"}
DOCTOR = {"resourceType": "Practitioner", "id": "in",
          "name": {"family": ["Innerwick"]}, "practitionerRole": [
              {"managingOrganization": {"reference": "Organization/hers"}}]}
# Its own id is the name of a Practitioner that others refer to.
HOLDER = {"resourceType": "Condition", "id": "holder", "contained": [DOCTOR],
         "patient": {"reference": "Patient/p"},
         "code": {"text": "x"}, "verificationStatus": "confirmed",
         "encounter": {"reference": "Encounter/its"},
         "asserter": {"reference": "#in"}}
VISIT = {"resourceType": "Encounter", "id": "its", "status": "finished",
         "patient": {"reference": "Patient/p"},
         "participant": [{"individual": {"reference": "Practitioner/in"}}]}
SHOWN = "/Practitioner?_contained=true&family=innerwick"


@pytest.fixture(scope="module")
def boxes():
    with World([SAMPLES]) as w:
        for r in ({"resourceType": "Patient", "id": "p"},
                  dict(ORG, id="hers", name="Hers",
                       partOf={"reference": "Organization/above"}),
                  dict(ORG, id="above", name="Above"), VISIT, HOLDER):
            w.load(r)
        yield w


@pytest.mark.parametrize("asked,brought", [
    ("_include=Practitioner:organization", ["Organization/hers"]),
    ("_include=*", ["Organization/hers"]),
    ("_include=*&_include:recurse=Organization:partof",
     ["Organization/above", "Organization/hers"]),
    ("_revinclude=Encounter:participant", []),  # another one of that id
])
def test_brings_what_is_shown_refers_to(boxes, asked, brought):
    b = boxes.bundle(SHOWN + "&_containedType=contained&" + asked,
                     boxes.token())
    assert b["total"] == 1
    assert [e["resource"]["resourceType"] for e in b["entry"]
            if e["search"]["mode"] == "match"] == ["Practitioner"]
    got = ["{resourceType}/{id}".format(**e["resource"])
           for e in b["entry"] if e["search"]["mode"] == "include"]
    assert sorted(got) == brought


def test_brings_what_the_container_refers_to(boxes):
    """Where that is the match."""
    b = boxes.bundle(SHOWN + "&_include=*", boxes.token())
    assert b["entry"][0]["resource"]["id"] == "holder" and b["total"] == 1
    assert sorted(e["resource"]["id"] for e in b["entry"][1:]) == ["its", "p"]
