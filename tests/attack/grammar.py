# SPDX-License-Identifier: Apache-2.0
"""Random reads and searches: the whole grammar, of every type.

Nothing here knows what is right: many values are others' data, and a part of
the names and values is wrong.  A request is (method, target, body).  KINDS
are the kinds of search; one(KIND) makes one of that kind alone.
"""

import os
import random
import sys
from urllib.parse import quote

import tables
import world

sys.path.append(os.path.join(os.path.dirname(os.path.realpath(__file__)),
                             "../model"))
import spec                     # noqa: E402
import values                   # noqa: E402

SORTED = ("date", "string", "token", "reference", "uri", "number", "quantity")
SPELLINGS = ["patient=", "patient=Patient/", "subject=Patient/",
             "subject:Patient=", "subject:Patient=Patient/", "subject._id=",
             "subject:Patient._id=", "performer=Patient/"]
SETS = ["administrative-gender", "observation-category", "observation-status",
        "http://hl7.org/fhir/ValueSet/condition-category", "never-was"]
MODS = {"string": ["", "", "", "exact", "contains", "text"],
        "token": ["", "", "", "", "not", "text"],
        "uri": ["", "", "above", "below"]}
OPS = {"string": ["eq", "ne", "co", "sw", "ew"],
       "token": ["eq", "ne", "sw"], "uri": ["eq", "ne", "sw"],
       "date": ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "po"],
       "number": ["eq", "gt", "lt", "ge", "le"],
       "quantity": ["eq", "gt", "lt", "ge", "le"], "reference": ["re", "eq"]}
WRONG = ["patinet=pA", "code:nothing=1", "date=2001-13-01", "_count=-1",
         "_sort=nothing", "_include=Nothing:x", "_has:Observation=1",
         "_filter=name%20eq", "_filter=%28code%20pr%20true", "_list=",
         "_has:Substance:nothing:code=1", "_include=Patient:x",
         "_revinclude:iterate=AuditEvent:entity", "performer:Slot.date=1",
         "_summary=some", "_contained=perhaps", "_cursor=AAAA",
         "subject.name=", "_id=a%20b", "_elements=nothing", "date=eq",
         "_total=accurate", "value-quantity=1%7C%7C", "_text=%22"]
DEPTH = 3                       # steps of a chain: the default limit


class Grammar:
    def __init__(self, seed, worlds):
        self.r = random.Random(seed)
        self.params = tables.params()
        self.every = self.params["*"]
        self.marks = sorted({m for w in worlds for m in w.marks.values()})
        self.marks += [worlds[0].marks["A"]] * 5 + [worlds[0].marks["D"]] * 2
        ids = {}
        for w in worlds:
            for kind, rid in w.owner:
                ids.setdefault(kind, set()).add(rid)
        self.ids = {k: sorted(v) for k, v in ids.items()}
        self.dates = sorted({d for w in worlds for d in w.dates.values()})
        self.dates += [worlds[0].dates["A"]] * 4
        self.who = ["pA", "pA", "pB", "pC", "pD", "never-was"]

    # --- requests -----------------------------------------------------------

    def one(self, only=None, types=None):
        kind = self.r.choice(types) if types else self.kind()
        way = self.r.random()
        if only is None and way < 0.05:
            return self.get("/Patient/" + self.r.choice(
                ["", "pA/", "pA/", "pB/", "pD/", "never-was/"]) +
                "$everything" + self.r.choice(
                    ["", "?_count=2", "?_count=1000", "?start=1960",
                     "?end=2002&_count=3"]))
        if only is None and way < 0.15:
            return self.get(f"/{kind}/{self.rid(kind)}" + self.r.choice(
                ["", "", "/_history", "/_history/1", "/_history/2",
                 "?_summary=true", "?_summary=text", "?_elements=id"]))
        if only in ("system", "within") or only is None and way < 0.27:
            return self.wide(kind, only)
        query = self.query(kind, only)
        if only is None and way < 0.35:
            return "POST", f"/{kind}/_search", query
        return self.get(f"/{kind}?{query}" if query else f"/{kind}")

    @staticmethod
    def get(target):
        return "GET", target, None

    def wide(self, kind, only):
        """Of all types, or within a compartment."""
        way = self.r.random()
        if only == "system" or only is None and way < 0.2:
            return self.get(self.r.choice(["/?", "/_search?"]) +
                            self.query(None))
        at = "Patient/" + self.r.choice(self.who)
        if way < 0.4:
            at = self.r.choice(["Encounter/xA", "Encounter/xB", "Device/xA",
                                "Practitioner/sA", "Practitioner/sB",
                                "RelatedPerson/xA"])
        if self.r.random() < 0.3:
            return self.get(f"/{at}/*?" + self.query(None))
        return self.get(f"/{at}/{kind}?" + self.query(kind))

    def query(self, kind, only=None):
        r = self.r
        parts = []
        if only and only not in ("sort", "page"):
            parts.append(KINDS[only](self, kind))
        for _ in range(0 if only else r.choice([0, 1, 1, 1, 2, 3])):
            parts.append(self.criterion(kind))
        if only == "page" or r.random() < 0.5:
            parts.append(f"_count={r.choice([0, 1, 1, 2, 3, 1000])}")
        if only == "sort" or r.random() < 0.3:
            parts.append(self.sort(kind))
        if only is None and kind:
            for how in (self.include, self.revinclude):
                if r.random() < 0.12:
                    parts.append(how(kind))
            if r.random() < 0.05:
                parts += self.contained(kind).split("&")
        if only is None and r.random() < 0.08:
            parts.append("_summary=" + r.choice(
                ["true", "text", "data", "count", "false"]))
        elif only is None and r.random() < 0.05:
            parts.append("_elements=" + ",".join(r.sample(
                [n.replace("[x]", "") for n in
                 spec.ELEMENTS[kind or "Basic"]], 2)))
        r.shuffle(parts)
        return "&".join(p for p in parts if p)

    # --- names --------------------------------------------------------------

    def kind(self):
        if self.r.random() < 0.4:
            return self.r.choice(["Observation"] * 3 + [
                "Condition", "Patient", "DiagnosticReport", "Practitioner",
                "MedicationOrder", "List"])
        return self.r.choice(world.TYPES)

    def rid(self, kind):
        if self.r.random() < 0.1:
            return "never-was"
        return self.r.choice(self.ids[kind])

    def code(self, kind, *sorts):
        """(code, kind, placed, targets) of a parameter, or None."""
        some = [p for p in (self.params.get(kind, []) if kind else
                            self.every)
                if p[2] and (not sorts or p[1] in sorts)]
        return self.r.choice(some) if some else None

    def target(self, kind, p):
        """A type that a reference parameter may lead to."""
        some = ["Patient", "Patient", "Practitioner", "Observation",
                "Condition", "Encounter", "Device", "Medication"]
        may = values.ALLOWED.get((kind, p[0])) or some
        return self.r.choice([t for t in may if t in some] or may)

    def links(self, source, kind):
        """Reference parameters by which one type may refer to another."""
        return [p for p in self.params.get(source, [])
                if p[1] == "reference" and p[2] and
                kind in (values.ALLOWED[source, p[0]] or [kind])]

    def source(self, kind):
        """(type, parameter) that may refer to this one, or (None, None)"""
        for _ in range(12):
            source = self.r.choice(["Observation", "DiagnosticReport",
                                    "CarePlan", "List", self.kind()])
            some = self.links(source, kind)
            if some:
                return source, self.r.choice(some)[0]
        return None, None

    # --- criteria -----------------------------------------------------------

    def criterion(self, kind):
        r = self.r
        way = r.random()
        if kind is None or way < 0.45:
            return self.leaf(kind)
        if way < 0.53:
            return r.choice(SPELLINGS) + r.choice(self.who)
        if way < 0.55:
            return r.choice(WRONG)
        return r.choice([self.chain, self.chain, self.chain, self.has,
                         self.has, self.list, self.filter, self.filter,
                         self.words, self.words, self.value_set])(kind)

    def leaf(self, kind, sorts=()):
        name, value = self.test(kind, sorts)
        return f"{name}={value}"

    def test(self, kind, sorts=()):
        """(name:modifier, escaped values) of one parameter."""
        r = self.r
        p = self.code(kind, *sorts) or (None if sorts else
                                        self.code(None, "token"))
        if kind and (p is None or r.random() < 0.15 and not sorts):
            return "_id", ",".join(self.rid(kind)
                                   for _ in range(r.randint(1, 4)))
        code, sort = p[0], p[1]
        if r.random() < 0.1:
            return code + ":missing", r.choice(["true", "false"])
        if sort == "reference" and r.random() < 0.1:
            to = self.target(kind or "Patient", p)
            return f"{code}:{to}", self.rid(to)
        mod = r.choice(MODS.get(sort, [""]) if code != "_id" else [""])
        some = [self.value(kind, p) for _ in range(r.choice([1, 1, 1, 2, 3]))]
        return code + (":" + mod if mod else ""), ",".join(
            quote(v, safe="") for v in some)

    def value(self, kind, p):
        r, sort = self.r, p[1]
        if p[0] == "_id":
            return self.rid(kind or "Observation")
        mark = r.choice(self.marks)
        if sort == "string":
            return r.choice([mark, "zq", mark[:4], "nobody", "inside",
                             f"{mark} {kind}{r.randint(1, 9)}"])
        if sort == "token":
            return r.choice([mark, "active", f"http://hospital.test/{mark}|",
                             f"http://hospital.test/{mark}|{mark}", "true",
                             "|" + mark, "laboratory", "vital-signs"])
        if sort == "uri":
            return "http://hospital.test/" + mark
        if sort == "date":
            return r.choice(["", "ge", "le", "gt", "lt", "ne", "sa", "eb",
                             "ap"]) + r.choice(self.dates + ["2003", "1950"])
        if sort in ("number", "quantity"):
            return r.choice(["", "ge", "lt", "ne", "ap"]) + r.choice(
                ["7", "7.5", "11", "23.5", "0", "13.5", "17.5",
                 "7500|http://unitsofmeasure.org|mg"])
        if sort == "composite":
            second = spec.PARAMS[kind][p[0]].parts[1]
            return mark + "$" + r.choice(
                [mark, self.value(kind, (second, spec.PARAMS[kind]
                                         [second].kind))])
        to = self.target(kind, p)
        return f"{to}/{self.rid(to)}"

    def chain(self, kind, deep=0):
        p = self.code(kind, "reference")
        if p is None:
            return self.leaf(kind)
        to = self.target(kind, p)
        head = p[0] + self.r.choice([":" + to, ":" + to, ""])
        if deep < DEPTH - 1 and self.r.random() < 0.3:
            rest = self.chain(to, deep + 1)
            if rest.startswith("_id="):
                rest = self.leaf(to)
        elif self.r.random() < 0.1:
            rest = self.has(to, deep + 1)
        else:
            rest = self.leaf(to)
        return f"{head}.{rest}"

    def has(self, kind, deep=0):
        source, link = self.source(kind)
        if source is None:
            return self.leaf(kind)
        rest = self.chain(source, deep + 1) \
            if deep < 1 and self.r.random() < 0.2 else self.leaf(source)
        return f"_has:{source}:{link}:{rest}"

    def list(self, kind):
        return "_list=" + (self.rid("List") if self.r.random() < 0.7 else
                           "$current-" + self.r.choice(
                               ["problems", "medications", "nothing"]))

    def words(self, kind):
        r = self.r
        mark = r.choice(self.marks).lower()
        return r.choice(["_text=", "_content="]) + quote(r.choice(
            [mark, mark[:4] + "*", "inside", f"{mark} {kind}1".lower(),
             f"{mark} {self.rid(kind)}".lower(), "nothing"]))

    def value_set(self, kind):
        p = self.code(kind, "token")
        if p is None:
            return self.words(kind)
        return f"{p[0]}:{self.r.choice(['in', 'not-in'])}=" + quote(
            self.r.choice(SETS), safe="")

    def filter(self, kind):
        text = self.filter_test(kind)
        for _ in range(self.r.choice([0, 0, 1, 2])):
            more = self.filter_test(kind)
            if self.r.random() < 0.3:
                more = self.r.choice(["not (", "("]) + more + " or " + \
                    self.filter_test(kind) + ")"
            text += self.r.choice([" and ", " or "]) + more
        return "_filter=" + quote(text, safe="")

    def filter_test(self, kind):
        p = self.code(kind, *SORTED)
        if p is None:
            return "_id eq " + self.rid(kind)
        if p[1] == "reference" and self.r.random() < 0.5:
            to = self.target(kind, p)
            kid = self.code(to, *SORTED)
            if kid and len(values.ALLOWED[kind, p[0]]) == 1:
                if self.r.random() < 0.4:
                    return f"{p[0]}[{self.operated(to, kid)}]." + \
                        self.operated(to, kid)
                return f"{p[0]}.{self.operated(to, kid)}"
        return self.operated(kind, p)

    def operated(self, kind, p):
        if self.r.random() < 0.15:
            return f"{p[0]} pr {self.r.choice(['true', 'false'])}"
        value = self.value(kind, p)
        if p[1] in ("date", "number", "quantity"):
            value = value.lstrip("abeglnpqst")
        return f'{p[0]} {self.r.choice(OPS[p[1]])} "{value}"'

    # --- of the result ------------------------------------------------------

    def sort(self, kind):
        p = self.code(kind, *SORTED)
        code = p[0] if p and self.r.random() < 0.7 else self.r.choice(
            ["_lastUpdated", "_id", "_tag"])
        return self.r.choice(["_sort=", "_sort:desc=", "_sort:asc=",
                              "_sort=-"]) + code

    def again(self):
        return self.r.choice(["", "", "", ":recurse", ":iterate"])

    def include(self, kind):
        if self.r.random() < 0.2:
            return f"_include{self.again()}=*"
        p = self.code(kind, "reference")
        if p is None:
            return ""
        to = ":" + self.target(kind, p) if self.r.random() < 0.2 else ""
        return f"_include{self.again()}={kind}:{p[0]}{to}"

    def revinclude(self, kind):
        if self.r.random() < 0.2:
            return f"_revinclude{self.again()}=*"
        source, link = self.source(kind)
        return source and f"_revinclude{self.again()}={source}:{link}"

    def contained(self, kind):
        return "_contained=" + self.r.choice(["true", "both"]) + \
            self.r.choice(["", "&_containedType=contained",
                           "&_containedType=container"])

    def total(self, kind):
        return self.r.choice(["_count=0", "_summary=count"])


KINDS = {"leaf": Grammar.leaf, "chain": Grammar.chain, "has": Grammar.has,
         "list": Grammar.list, "filter": Grammar.filter,
         "words": Grammar.words, "value set": Grammar.value_set,
         "include": Grammar.include, "revinclude": Grammar.revinclude,
         "contained": Grammar.contained, "total": Grammar.total,
         "sort": None, "page": None, "system": None, "within": None}
