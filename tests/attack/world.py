#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The test world: patients A, B, C and one of everything for each.

Made from the tables of fhir/, the same to the byte each time.  Whose a
resource is follows from owner.tbl, whose paths it is built along; every text
in it is a canary of that patient, which must never show to another.

    xA xB   of each type, of A alone and of B alone (for a type that no
            patient owns: what looks as if)
    xAB     of both, where the type can name two
    sA sB   shared types: referred to by what is A's, by what is B's

World 2 has the same of A, and of B and C other texts, numbers, dates and
counts: whoever may see A alone must not be able to tell the two apart.

usage: world.py [1|2] [later]	print as NDJSON; later: the second versions
"""

import base64
import json
import sys

import tables

DEPTH = 4                       # optional elements are filled this deep
PATIENTS = {"A": "pA", "B": "pB", "C": "pC", "D": "pD"}      # D: twin.py
# What a canary of each begins with; S is of nobody and no secret, X of what
# no single patient may see.
MARK = {"A": "zqA7wk", "B": "zqB4nf", "C": "zqC9hd", "S": "zqS2vm",
        "X": "zqX5jr"}
MARK2 = dict(MARK, B="zqB8ty", C="zqC3pl", X="zqX1dg")
WHEN = {"A": "2001-02-03", "B": "2004-05-06", "C": "2007-08-09",
        "S": "2010-11-12", "X": "2005-07-14"}
WHEN2 = dict(WHEN, B="1961-12-30", C="1950-01-01", X="1990-10-03")

ELEMENTS = tables.elements()
OWNERS = tables.owners()
TYPES = sorted(OWNERS)
SHARED = [t for t in TYPES if OWNERS[t][0] == "shared"]
NOBODYS = [t for t in TYPES if OWNERS[t][0] == "none"]
SKIP = {"id", "meta", "implicitRules", "language", "contained", "extension",
        "modifierExtension"}
# A device's part and the like: how far the owner is away does not matter,
# but the target must be of the same patient.
TARGETS = {"AuditEvent": "Observation", "Provenance": "Observation",
           "DeviceComponent": "Device", "DeviceMetric": "Device",
           "OrderResponse": "Order"}


class Maker:
    """One resource of the given owners, in texts of voice."""

    def __init__(self, world, kind, rid, owners, voice=None):
        self.w, self.kind, self.rid, self.owners = world, kind, rid, owners
        self.who = owners[0]
        hidden = len(owners) > 1 or OWNERS[kind][0] == "none"
        self.voice = voice or ("X" if hidden else self.who)
        self.n = 0
        self.refs = self.place()

    def place(self):
        """Which reference path names whom: path to list of references."""
        rule, paths, _ = OWNERS[self.kind]
        if rule not in ("subject", "all", "target") or self.who == "S":
            return {}
        to = [f"{TARGETS[self.kind]}/x{o}" if rule == "target" else
              "Patient/" + PATIENTS[o] for o in self.owners]
        if len(to) == 1 or self.repeats(paths[0]):
            return {paths[0]: to}
        if len(paths) < len(to):
            return None                 # it cannot name two
        return {p: [t] for p, t in zip(paths, to)}

    def repeats(self, path):
        kids, many = ELEMENTS[self.kind], False
        for name in path.split("."):
            e = next(e for e in kids if e.name == name)
            many, kids = many or e.many, e.children
        return many

    def make(self):
        if self.refs is None:
            return None
        out = {"resourceType": self.kind, "id": self.rid}
        out.update(self.fill(ELEMENTS[self.kind], "", 0, 0))
        if self.kind == "Binary":
            out["content"] = base64.b64encode(self.text().encode()).decode()
            out["contentType"] = "text/plain"
        return out

    # --- elements ---------------------------------------------------------

    def fill(self, elements, at, depth, pick):
        out = {}
        for e in elements:
            path = at + "." + e.name if at else e.name
            mine = [p for p in self.refs
                    if p == path or p.startswith(path + ".")]
            if e.name in SKIP or (depth > DEPTH and not e.required):
                continue
            times = 1
            if mine and e.many and pick == 0:
                times = len(self.refs[mine[0]])
            made = [self.one(e, path, depth, pick or i)
                    for i in range(times)]
            made = [m for m in made if m is not None]
            if made:
                name, value = made[0]
                out[name] = [v for _, v in made] if e.many else value
        return out

    def one(self, e, path, depth, pick):
        """(JSON name, value) of one element, or None to leave it out."""
        if e.same:
            return None                 # a recursion: no need to go round
        if e.children:
            v = self.fill(e.children, path, depth + 1, pick)
            return (e.name, v) if v else None
        kind, targets = e.types[0]
        if path in self.refs:
            kind, targets = next(t for t in e.types if t[0] == "Reference")
        name = e.name
        if e.choice:
            name += kind[0].upper() + kind[1:]
        v = self.value(kind, targets, path, depth, pick, e.bound)
        return None if v is None else (name, v)

    def value(self, kind, targets, path, depth, pick, bound):
        if kind == "Reference":
            return self.reference(targets, path, pick)
        if kind == "xhtml":
            return ('<div xmlns="http://www.w3.org/1999/xhtml">'
                    f"{self.text()}</div>")
        if bound and kind == "code":
            return "active"
        if kind in ("Extension", "any", "Resource") or kind in OWNERS:
            return None
        if kind in PRIMITIVE:
            return PRIMITIVE[kind](self)
        kind = kind if kind in ELEMENTS else "Quantity"
        if depth > DEPTH + 2:
            return None
        v = self.fill(ELEMENTS[kind], path + ".", depth + 1, pick)
        if kind == "Attachment" and self.kind == "DocumentReference":
            v["url"] = "Binary/b" + "".join(self.owners)
        return v or None

    def reference(self, targets, path, pick):
        if path in self.refs:
            return {"reference": self.refs[path][pick]}
        near = "sB" if self.who in "BC" else "sA"
        for t in ("Practitioner", "Organization", "Location"):
            if not targets or t in targets:
                return {"reference": f"{t}/{near}"}
        for t in targets:
            if t in SHARED:
                return {"reference": f"{t}/{near}"}
        if self.who == "S":
            return None
        if "Patient" in targets:
            return {"reference": "Patient/" + PATIENTS[self.who]}
        kind = next((t for t in targets if t in OWNERS), None)
        return kind and {"reference": f"{kind}/{self.w.name(kind, self.who)}"}

    # --- values -----------------------------------------------------------

    def text(self):
        self.n += 1
        return f"{self.mark()} {self.kind}{self.n} {self.rid}"

    def mark(self):
        return self.w.marks[self.voice]

    def when(self):
        return self.w.dates[self.voice]

    def number(self):
        return self.w.numbers[self.voice]


PRIMITIVE = {
    "string": Maker.text, "markdown": Maker.text,
    "code": Maker.mark, "id": Maker.mark,
    "uri": lambda m: "http://hospital.test/" + m.mark(),
    "oid": lambda m: f"urn:oid:1.2.{m.number()}",
    "date": Maker.when,
    "dateTime": lambda m: m.when() + "T04:05:06Z",
    "instant": lambda m: m.when() + "T04:05:06Z",
    "time": lambda m: "04:05:06",
    "boolean": lambda m: True,
    "integer": Maker.number, "unsignedInt": Maker.number,
    "positiveInt": Maker.number,
    "decimal": lambda m: m.number() + 0.5,
    "base64Binary": lambda m: base64.b64encode(m.text().encode()).decode(),
}


class World:
    """marks, all (resources in order of loading), later (new versions)"""

    def __init__(self, variant=1):
        two = variant == 2
        self.marks = MARK2 if two else MARK
        self.dates = WHEN2 if two else WHEN
        self.numbers = {"A": 7, "B": 23 if two else 11, "C": 3, "S": 5,
                        "X": 31 if two else 13}
        self.owner = {}                 # (type, id) to a string of owners
        self.all = []
        for kind in SHARED:
            for rid in ("sA", "sB"):
                self.add(kind, rid, "S")
        for who in "ABC":
            self.add("Patient", PATIENTS[who], who)
        for kind in TYPES:
            if kind in SHARED or kind == "Patient":
                continue
            for owners in ("A", "B", "AB"):
                if owners == "AB" and OWNERS[kind][0] not in ("all",
                                                             "target"):
                    continue
                self.add(kind, self.name(kind, owners), owners)
        self.observations(two)
        self.later = self.versions()

    @staticmethod
    def name(kind, owners):
        if kind == "Patient":
            return PATIENTS[owners]
        return ("b" if kind == "Binary" else "x") + owners

    def add(self, kind, rid, owners, voice=None, **change):
        r = Maker(self, kind, rid, owners, voice).make()
        if r is None:
            return
        if kind == "Patient":
            r.pop("link", None)
            if owners == "A":           # CMP-19: a link widens no view
                r["link"] = [{"other": {"reference": "Patient/pB"},
                              "type": "seealso"}]
        r.update(change)
        self.owner[kind, rid] = owners
        self.all.append(r)

    def observations(self, two):
        """Those the catalogue names; subject first, then performer."""
        def to(p):
            return {"reference": "Patient/" + PATIENTS[p]}
        for rid, subject, performer in (
                ("oA1", "A", "A"), ("oA2", "A", "A"), ("oB1", "B", "B"),
                ("oAB", "A", "B"), ("oBA", "B", "A"), ("oC1", "C", "C")):
            self.add("Observation", rid, subject, performer=[to(performer)])
        for form, text in (("abs", "{base}/Patient/pB"),
                           ("ver", "Patient/pB/_history/1")):
            self.add("Observation", "oB-" + form, "B",
                     subject={"reference": text})
        for form, text in (("abs", "{base}/Patient/pA"),
                           ("case", "{BASE}/Patient/pA"),
                           ("ver", "Patient/pA/_history/1")):
            self.add("Observation", "oA-" + form, "A",
                     subject={"reference": text})
        # These name nobody we know: hidden from every patient (CMP-26).
        for form, text in (
                ("port", "http://127.0.0.1:1/fhir/Patient/pA"),
                ("host", "http://other.test/fhir/Patient/pA"),
                ("group", "Group/xA")):
            self.add("Observation", "oN-" + form, "A", "X",
                     subject={"reference": text})
            self.owner["Observation", "oN-" + form] = ""
        self.add("Observation", "oLeaves", "A")
        self.add("Observation", "oComes", "B")
        if two:                         # B and C are busier there
            for i in range(40):
                self.add("Observation", f"oB-more{i}", "B")
                self.add("Condition", f"cC-more{i}", "C")

    def versions(self):
        """Second versions; two of them change hands."""
        out = []
        for rid, was in (("oA1", "A"), ("oB1", "B"), ("oLeaves", "B"),
                         ("oComes", "A")):
            r = Maker(self, "Observation", rid, was).make()
            r["comments"] = self.marks[was] + " second version"
            out.append(r)
        self.owner["Observation", "oLeaves"] = "B"
        self.owner["Observation", "oComes"] = "A"
        return out

    def ndjson(self, base, later=False):
        """base: of the site, for references that name it."""
        text = "".join(json.dumps(r, separators=(",", ":")) + "\n"
                       for r in (self.later if later else self.all))
        upper = base.replace("http://127.0.0.1", "HTTP://127.0.0.1")
        return text.replace("{base}", base).replace("{BASE}", upper)

    def seen(self, kind, rid, patient="A"):
        """Is it in the view of this patient alone, by read?"""
        who = self.owner.get((kind, rid))
        rule = OWNERS[kind][0]
        if who is None or rule == "none":
            return False
        return rule == "shared" or who == patient


if __name__ == "__main__":
    w = World(2 if "2" in sys.argv[1:] else 1)
    sys.stdout.write(w.ndjson("http://127.0.0.1/fhir",
                              "later" in sys.argv[1:]))
