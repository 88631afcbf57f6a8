# SPDX-License-Identifier: Apache-2.0
"""Random stores: part of a synthetic population, mutated, and odd ones."""

import copy
import json
import random
import subprocess

import near
import odd
import testsite

OTHER = ["http://elsewhere.test/fhir/Patient/zoe", "Patient/never-was",
         "urn:oid:1.2.3"]


def population(patients, seed):
    out = subprocess.run([testsite.program("tiphys"), "synth", "-n",
                          str(patients), "-s", str(seed)],
                         capture_output=True, check=True, text=True).stdout
    return [json.loads(x) for x in out.splitlines()]


class Maker:
    def __init__(self, seed, base, size):
        self.r = random.Random(seed)
        self.base, self.size = base, size
        self.people = population(7, seed % 1000)
        self.n = 0

    def all(self):
        """In the order of loading: patients first, then anyhow."""
        r = self.r
        first = [x for x in self.people if x["resourceType"] == "Patient"]
        rest = [x for x in self.people if x["resourceType"] != "Patient"]
        few = [x for x in rest if x["resourceType"] in
               ("Observation", "Immunization")]
        rest = [x for x in rest if x not in few]
        rest += r.sample(few, min(len(few), self.size // 2))
        rest = r.sample(rest, min(len(rest), self.size))
        self.pool = first + rest
        rest += [self.changed(r.choice(rest)) for _ in range(self.size // 4)]
        self.pool = first + rest
        made = [self.made() for _ in range(self.size // 5)]
        rest += {(x["resourceType"], x["id"]): x for x in made}.values()
        for x in odd.all(self.base):
            (first if x["resourceType"] == "Patient" else rest).append(x)
        first += [self.changed(r.choice(first)) for _ in range(3)]
        r.shuffle(rest)
        return first + rest

    def rid(self, word):
        self.n += 1
        return f"{word}-{self.n}"

    def some(self, *kinds):
        few = [x for x in self.pool if x["resourceType"] in kinds]
        return self.r.choice(few) if few else self.r.choice(self.pool)

    def ref(self, *kinds):
        r = self.r
        if r.random() < 0.06:
            return {"reference": r.choice(OTHER)}
        x = self.some(*kinds)
        text = x["resourceType"] + "/" + x["id"]
        if r.random() < 0.1:
            text = self.base + "/" + text
        return {"reference": text}

    # --- mutations ----------------------------------------------------------

    def changed(self, x):
        """A copy under another id with something else about it."""
        r = self.r
        x = copy.deepcopy(x)
        x["id"] = self.rid("m")
        for _ in range(r.choice([1, 1, 2, 3])):
            self.mutate(x)
        return x

    def mutate(self, x):
        r = self.r
        keys = [k for k in x if k not in ("resourceType", "id", "meta")]
        if not keys:
            return
        key = r.choice(keys)
        way = r.random()
        if way < 0.25:
            del x[key]
        elif way < 0.45:
            self.contain(x)
        else:
            other = self.some(x["resourceType"])
            if key in other:
                x[key] = copy.deepcopy(other[key])
        if x["resourceType"] == "Observation":
            self.mutate_observation(x)

    def mutate_observation(self, x):
        r = self.r
        way = r.random()
        for k in [k for k in x if k.startswith("value")]:
            del x[k]
        if way < 0.3:
            x["valueQuantity"] = self.quantity()
        elif way < 0.45:
            x["valueString"] = r.choice(["Größe 5", "a,b|c$d\\e", "plain",
                                         "Ångström units", "no  GROWTH"])
        elif way < 0.55:
            x["valueCodeableConcept"] = r.choice([
                {"coding": [{"system": "http://snomed.info/sct",
                             "code": "10828004", "display": "Positive"}]},
                {"text": "only text"}, {"coding": [
                    {"system": "http://snomed.info/sct",
                     "display": "Hm"}]}])
        elif way < 0.65:
            x.pop("effectiveDateTime", None)
            x["effectivePeriod"] = self.period()
        elif way < 0.8:
            x["component"] = [
                {"code": {"coding": [{"system": "http://loinc.org",
                                      "code": r.choice(["8480-6", "8462-4",
                                                        "x-1"])}]},
                 r.choice(["valueQuantity"] * 3 + ["valueString"]): None}
                for _ in range(r.choice([1, 2, 3]))]
            for c in x["component"]:
                if "valueQuantity" in c:
                    c["valueQuantity"] = self.quantity()
                else:
                    c["valueString"] = "free"
        else:
            x["related"] = [{"type": r.choice(["has-member",
                                               "derived-from"]),
                             "target": self.ref("Observation")}]

    def quantity(self):
        r = self.r
        unit = r.choice(["mg/dL", "kg", "g", "[lb_av]", "cm", "[in_i]", "Cel",
                         "[degF]", "mm[Hg]", "kPa", "%", "mmol/L", "/min"])
        q = {"value": r.choice([1, 5, 5.4, 5.45, 10, 37, 98.6, 120, 0.5,
                                -3, 70, 154.3, 0]),
             "unit": unit, "system": "http://unitsofmeasure.org",
             "code": unit}
        if r.random() < 0.15:
            q["comparator"] = r.choice(["<", "<=", ">", ">="])
        if r.random() < 0.1:
            del q["system"], q["code"]
        if r.random() < 0.1:
            q["unit"] = "a unit"
        return q

    def period(self):
        r = self.r
        a, b = sorted(self.date() for _ in range(2))
        return r.choice([{"start": a, "end": b}, {"start": a}, {"end": b}])

    def date(self):
        r = self.r
        text = f"20{r.randint(10, 25)}-{r.randint(1, 12):02}-" \
               f"{r.randint(1, 28):02}"
        return r.choice([text[:4], text[:7], text, text,
                         text + f"T{r.randint(0, 23):02}:30:00Z",
                         text + f"T{r.randint(0, 23):02}:30:00-05:00"])

    def contain(self, x):
        """Something inside, and a reference to it."""
        x.pop("contained", None)
        inner = self.r.choice([
            {"resourceType": "Practitioner", "id": "in1",
             "name": {"family": ["Innerwick"], "given": ["Ada"]},
             "gender": "female"},
            {"resourceType": "Organization", "id": "in1",
             "name": "Inner House"},
            {"resourceType": "Medication", "id": "in1", "code": {
                "coding": [{"system": "http://snomed.info/sct",
                            "code": "1"}], "text": "inner drug"}}])
        where = {
            ("Observation", "Practitioner"): "performer",
            ("Condition", "Practitioner"): "asserter",
            ("MedicationOrder", "Practitioner"): "prescriber",
            ("MedicationOrder", "Medication"): "medicationReference",
            ("MedicationStatement", "Medication"): "medicationReference",
            ("DiagnosticReport", "Organization"): "performer",
            ("Encounter", "Organization"): "serviceProvider",
        }.get((x["resourceType"], inner["resourceType"]))
        if where is None:
            return
        # What it refers to is brought along where it is shown by itself.
        if inner["resourceType"] == "Practitioner":
            inner["practitionerRole"] = [
                {"managingOrganization": self.ref("Organization")}]
        elif inner["resourceType"] == "Organization":
            inner["partOf"] = self.ref("Organization")
        x["contained"] = [inner]
        x.pop("medicationCodeableConcept", None)
        ref = {"reference": "#in1"}
        x[where] = [ref] if where == "performer" and \
            x["resourceType"] == "Observation" else ref

    # --- types the population has not --------------------------------------

    def made(self):
        return self.r.choice([self.a_list, self.a_list, self.a_group,
                              self.a_provenance, self.an_appointment,
                              self.a_value_set, self.a_risk,
                              self.a_letter, self.a_place,
                              self.a_composition, self.a_bundle,
                              self.a_bundle])()

    def a_list(self):
        r = self.r
        x = {"resourceType": "List", "id": self.rid("list"),
             "status": "current", "mode": "working",
             "title": r.choice(["Problems of the day", "To do",
                                "Medicines at home"]),
             "code": {"coding": [{
                 "system": "http://hl7.org/fhir/list-example-use-codes",
                 "code": r.choice(["problems", "medications",
                                   "allergies"])}]},
             "entry": [{"item": self.ref("Condition", "Observation",
                                         "Patient", "MedicationOrder",
                                         "Practitioner")}
                       for _ in range(r.randint(1, 6))]}
        if r.random() < 0.8:
            x["subject"] = self.ref("Patient")
        for e in x["entry"]:
            if r.random() < 0.1:
                e["deleted"] = True
        return x

    def a_group(self):
        return {"resourceType": "Group", "id": self.rid("group"),
                "type": "person", "actual": True, "name": "A group",
                "member": [{"entity": self.ref("Patient")}
                           for _ in range(self.r.randint(1, 3))]}

    def a_provenance(self):
        return {"resourceType": "Provenance", "id": self.rid("prov"),
                "target": [self.ref("Observation", "Condition",
                                    "Practitioner")
                           for _ in range(self.r.randint(1, 2))],
                "recorded": "2024-05-06T07:08:09Z",
                "agent": [{"role": {"system": "http://hl7.org/fhir/"
                                    "provenance-participant-role",
                                    "code": "author"},
                           "actor": self.ref("Practitioner")}]}

    def an_appointment(self):
        return {"resourceType": "Appointment", "id": self.rid("app"),
                "status": "booked", "start": "2025-02-03T10:00:00Z",
                "end": "2025-02-03T10:20:00Z",
                "participant": [
                    {"actor": self.ref("Patient"), "status": "accepted"},
                    {"actor": self.ref("Practitioner", "Patient"),
                     "status": self.r.choice(["accepted", "tentative"])}]}

    def a_value_set(self):
        n = self.n
        return {"resourceType": "ValueSet", "id": self.rid("vs"),
                "url": f"http://example.org/fhir/{n % 3}/ValueSet/{n}",
                "name": "Colours", "status": "draft",
                "codeSystem": {"system": f"http://example.org/cs/{n}",
                               "concept": [{"code": "red",
                                            "display": "Red as blood"}]}}

    def a_risk(self):
        r = self.r
        return {"resourceType": "RiskAssessment", "id": self.rid("risk"),
                "subject": self.ref("Patient"), "date": self.date(),
                "condition": self.ref("Condition"),
                "prediction": [{
                    "outcome": {"text": "Stroke of a heart"},
                    "probabilityDecimal": r.choice([0.1, 0.02, 1.5, 33])}]}

    def a_place(self):
        """Where; and elements that have no code."""
        r = self.r
        x = {"resourceType": "Location", "id": self.rid("place"),
             "name": "A place", "identifier": r.choice([
                 [{"system": "urn:places"}], [{"use": "usual"}],
                 [{"system": "urn:places", "value": "7"},
                  {"system": "urn:none"}]]),
             "type": r.choice([
                 {"text": "a ward"}, {"coding": [{"display": "A lab"}]},
                 {"coding": [{"system": "http://hl7.org/fhir/v3/RoleCode"}]},
                 {"coding": [{"system": "http://hl7.org/fhir/v3/RoleCode",
                              "code": "HOSP"}]}])}
        if r.random() < 0.9:
            lat, lon = r.choice(near.PLACES)
            x["position"] = {"latitude": lat, "longitude": lon}
        if r.random() < 0.3:
            del x["identifier"], x["type"]
        return x

    def a_composition(self):
        """Of few ids: copies in Bundles are of those that are stored."""
        return {"resourceType": "Composition",
                "id": f"comp-{self.r.randint(1, 6)}",
                "date": self.date(), "type": {"text": "A report"},
                "title": "Report", "status": "final",
                "subject": self.ref("Patient"),
                "author": [self.ref("Practitioner", "Patient")]}

    def a_bundle(self):
        r = self.r
        held = self.a_composition() if r.random() < 0.8 else \
            copy.deepcopy(self.some("Condition"))
        away = "http://elsewhere.test/fhir"
        full = r.choice([self.base, self.base, away]) + \
            "/" + held["resourceType"] + "/" + held["id"]
        if r.random() < 0.3:
            full = f"urn:oid:1.2.{self.n}"
        if r.random() < 0.2:
            del held["id"]
        return {"resourceType": "Bundle", "id": self.rid("bundle"),
                "type": r.choice(["document", "document", "message"]),
                "entry": [{"fullUrl": full, "resource": held}]}

    def a_letter(self):
        return {"resourceType": "Communication", "id": self.rid("letter"),
                "subject": self.ref("Patient"), "sender":
                self.ref("Practitioner", "Patient"), "recipient":
                [self.ref("Patient", "Organization")],
                "sent": "2025-01-02T03:04:05Z", "status": "completed",
                "payload": [{"contentString": "The results are in"}]}
