# SPDX-License-Identifier: Apache-2.0
"""Resources the samples have none of: labels, offsets, open ends, ranges."""

PATIENT = "zoe"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
TAGS = "http://tiphys.test/tags"


def code(c, system=LOINC):
    return {"coding": [{"system": system, "code": c}]}


def observation(name, status="final", **more):
    return {"resourceType": "Observation", "id": "zoe-" + name,
            "status": status, "category": code(
                "laboratory", "http://hl7.org/fhir/observation-category"),
            "code": code("2339-0"), "subject": {"reference": "Patient/zoe"},
            **more}


def quantity(value, **more):
    return {"value": value, "unit": "mg/dL", "system": UCUM,
            "code": "mg/dL", **more}


def dated(base):
    """Every precision, offsets, and Periods with an open end."""
    for i, when in enumerate((
            "2015", "2015-06", "2015-06-30", "2015-06-30T23:30:00-05:00",
            "2015-07-01T00:30:00Z", "2015-06-30T23:59:59.999Z",
            "2015-12-31T23:59:59+00:00")):
        yield observation(f"at-{i}", effectiveDateTime=when)
    for i, when in enumerate((
            {"start": "2015-01-10"}, {"end": "2015-02-01"},
            {"start": "2015-01-15", "end": "2015-01-16T12:00:00Z"})):
        yield observation(f"during-{i}", effectivePeriod=when)


def measured(base):
    for i, q in enumerate((
            quantity(5.0), quantity(5), quantity(5.4), quantity(5.45),
            quantity(5.5), quantity(5, comparator="<"),
            quantity(5, comparator=">="), quantity(-0.5),
            quantity(0.0005), {"value": 5.4, "unit": "mg/dL"},
            quantity(5.4, system="http://other.test"))):
        yield observation(f"has-{i}", valueQuantity=q)


def labelled(base):
    yield observation(
        "tagged", meta={"tag": [{"system": TAGS, "code": "Blue"}],
                        "security": [{"system": "http://hl7.org/fhir/v3/"
                                      "Confidentiality", "code": "N"}]})
    yield observation("other", meta={"tag": [{"code": "blue"}]})
    yield observation("absolute", subject={
        "reference": base + "/Patient/zoe"})
    yield observation("text", valueString="Ärger, groß | 10 \\ $5")
    yield observation("absent", dataAbsentReason=code(
        "asked", "http://hl7.org/fhir/data-absent-reason"))
    yield observation("amended", status="amended")
    yield observation("concept", valueCodeableConcept={"text": "no code"})


def others(base):
    yield {"resourceType": "Patient", "id": "zoe", "active": True,
           "identifier": [
               {"system": "urn:a", "value": "42|7"}, {"value": "bare"}],
           "name": [{"family": ["O'Neil", "Müller-Łoś"],
                     "given": ["Zoë", "Ann Marie"]}],
           "gender": "female", "birthDate": "1999-12"}
    yield {"resourceType": "Group", "id": "g", "type": "person",
           "actual": True, "member": [
               {"entity": {"reference": "Patient/zoe"}},
               {"entity": {"reference": "Patient/ella"}}]}
    yield observation("of-group", subject={"reference": "Group/g"})
    yield observation("of-stranger", subject={
        "reference": "http://elsewhere.test/fhir/Patient/zoe"})


def places(base):
    """On both sides of the line of 180 degrees, at a pole, and nowhere."""
    for name, lat, lon in (("suva", -18.1416, 178.4419),
                           ("apia", -13.8333, -171.7667),
                           ("pole", 90, 0), ("nowhere", None, None)):
        x = {"resourceType": "Location", "id": name, "name": name,
             "identifier": [{"system": "urn:place:" + name}],
             "type": {"text": "a clinic"}}
        if lat is not None:
            x["position"] = {"latitude": lat, "longitude": lon}
        yield x


def all(base):
    """base: of the site that will hold them."""
    for part in (others, dated, measured, labelled, places):
        yield from part(base)
