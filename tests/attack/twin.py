# SPDX-License-Identifier: Apache-2.0
"""The test world, and what a search can go wrong on besides.

As in world.py, world 2 has the same of A; and of B what leads to it: reports
about A's observations, lists of A's conditions, things done by A's doctor.
There is a patient D, whose laboratory values differ between the worlds while
all else of D's is the same: a token for D that reaches but vital signs must
not be able to tell the two apart either.
"""

import world

CATEGORY = "http://hl7.org/fhir/observation-category"
# Everything of a few types, and of Observation the vital signs alone.
NARROW = " ".join(f"patient/{t}.rs" for t in (
    "Patient", "Condition", "DiagnosticReport", "Encounter", "List",
    "Practitioner", "Provenance", "CarePlan")) + \
    f" patient/Observation.rs?category={CATEGORY}|vital-signs"


def to(*references):
    return [{"reference": r} for r in references]


def category(code):
    return {"coding": [{"system": CATEGORY, "code": code}]}


class Twin(world.World):
    def __init__(self, variant=1):
        super().__init__(variant)
        two = variant == 2
        self.marks = dict(self.marks, D="zqD6gt")
        self.dates = dict(self.dates, D="2013-06-07")
        self.numbers = dict(self.numbers, D=17)
        for who in "AB":
            self.inside(who)
            self.list(who, f"l{who}", [f"Condition/x{who}"])
        self.list("B", "lB2", ["Condition/xA", "Condition/xB"] if two else
                  ["Condition/xB"])
        self.narrow(two)
        for i in range(7 if two else 1):
            self.pointing(i)

    def inside(self, who):
        """What stands inside of another, and a reference to it."""
        mark = self.marks[who]
        self.add("Observation", f"o{who}-in", who, contained=[
            {"resourceType": "Practitioner", "id": "in",
             "name": {"text": mark + " inside"}}], performer=to("#in"))
        self.add("MedicationOrder", f"m{who}-in", who, contained=[
            {"resourceType": "Medication", "id": "m", "code": {
                "coding": [{"system": "http://hospital.test/" + mark,
                            "code": mark}], "text": mark + " inside"}}],
            medicationCodeableConcept=None,
            medicationReference={"reference": "#m"})
        for r in self.all[-2:]:
            r.pop("medicationCodeableConcept", None)

    def list(self, who, rid, items):
        self.add("List", rid, who, status="current", code={
            "coding": [{"code": "problems"}]},
            entry=[{"item": i} for i in to(*items)])

    def pointing(self, i):
        """B's, that lead to what is A's, and share A's doctor."""
        self.add("Observation", f"oB-at{i}", "B", performer=to(
            "Patient/pA", "Practitioner/sA"))
        self.add("DiagnosticReport", f"dB-at{i}", "B", result=to(
            "Observation/oA1", "Observation/oB1"))
        self.add("CarePlan", f"cB-at{i}", "B", author=to(
            "Patient/pA", "Practitioner/sA"))

    def narrow(self, two):
        self.add("Patient", "pD", "D")
        shown = [f"oD-v{i}" for i in range(4)]
        hidden = [f"oD-l{i}" for i in range(9 if two else 4)]
        for rid in shown:
            self.add("Observation", rid, "D",
                     category=category("vital-signs"))
        for rid in hidden:
            self.add("Observation", rid, "D", "X",
                     category=category("laboratory"),
                     performer=to("Practitioner/sA", "Patient/pD"),
                     related=[{"target": t} for t in to(
                         "Observation/oD-v1")])
        named = [f"Observation/{i}" for i in ("oD-v0", "oD-v1", "oD-l0",
                                              "oD-l1", "oD-l8")]
        self.add("DiagnosticReport", "dD", "D", result=to(*named))
        self.list("D", "lD", named)
        self.add("Condition", "cD", "D")
        self.add("Encounter", "eD", "D")
