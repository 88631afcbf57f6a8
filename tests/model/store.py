# SPDX-License-Identifier: Apache-2.0
"""What is stored, whose it is, and who may see it: the plain way.

Owners by fhir/owner.tbl; design.md 5 and 7.
"""

import json
from decimal import Decimal

import spec
import values
import words

HARMLESS = set(spec.TYPES) - {"Patient", "Group"}


class Record:
    """A resource as it stands, and what was worked out of it."""

    def __init__(self, store, text, number):
        self.store, self.text, self.number = store, text, number
        self.json = json.loads(text, parse_float=Decimal)
        self.type, self.id = self.json["resourceType"], self.json["id"]
        self.known, self.plain, self.words = {}, {}, {}

    def __repr__(self):
        return f"{self.type}/{self.id}"

    def values(self, code):
        if code not in self.plain:
            self.plain[code] = [v for v in self.there(code)
                                if values.coded(v)]
        return self.plain[code]

    def there(self, code):
        """With elements that have no code."""
        return [v for v in self.links(code)
                if v.kind != "reference" or v.type != "#"]

    def links(self, code):
        """With what refers to something contained, which is no value: it
        leads nowhere but in a chain."""
        if code not in self.known:
            self.known[code] = values.values(self.store.reader, self.json,
                                             code)
        return self.known[code]

    def word_set(self, code):
        if code not in self.words:
            self.words[code] = words.of(self.json, code)
        return self.words[code]

    def contained(self):
        """Contained resources as records of their own."""
        for one in self.json.get("contained", []):
            if one.get("resourceType") in spec.TYPES:
                yield Inner(self, one)


class Inner(Record):
    """What stands inside: it has no time, no words of its own, and nobody
    refers to it but its container."""

    def __repr__(self):
        return f"{self.outer}#{self.id}"

    def word_set(self, code):
        return set() if code[0] == "_" else super().word_set(code)

    def __init__(self, outer, one):
        self.store, self.outer, self.json = outer.store, outer, one
        self.number, self.text = outer.number, None
        self.type, self.id = one["resourceType"], one.get("id", "")
        self.known, self.plain, self.words = {}, {}, {}


class Store:
    def __init__(self, base):
        self.base = base
        self.reader = values.Reader(base)
        self.all = {}           # (type, id): Record
        self.numbers = {}       # (type, id): place in the order of making
        self.forget()

    def forget(self):
        """What was worked out of all there was: a change makes it void."""
        self.claims = None
        self.sorted, self.owner = {}, {}

    def put(self, text):
        """In the order in which the server was given them."""
        r = Record(self, text, 0)
        key = r.type, r.id
        self.all[key] = r
        for who in sorted(self.direct_owners(r)[1]):
            self.numbers.setdefault(("Patient", who), len(self.numbers))
        r.number = self.numbers.setdefault(key, len(self.numbers))
        self.forget()

    def drop(self, rtype, rid):
        del self.all[rtype, rid]
        self.forget()

    def of(self, rtype):
        """In the order of making; None: all there is."""
        if not self.sorted:
            self.sorted[None] = sorted(self.all.values(),
                                       key=lambda r: r.number)
            for r in self.sorted[None]:
                self.sorted.setdefault(r.type, []).append(r)
        return self.sorted.get(rtype, [])

    def get(self, rtype, rid):
        return self.all.get((rtype, rid))

    # --- owners -------------------------------------------------------------

    def who(self, r, v):
        """("patient", id), ("other",), ("nobody",), ("unsure",)"""
        if isinstance(v, dict) and "reference" not in v:
            return ("nobody",)
        text = v.get("reference") if isinstance(v, dict) else v
        to = self.reader.local(text) if isinstance(text, str) else None
        if to is None:
            return ("unsure",)
        if to[0] == "Patient":
            return ("patient", to[1])
        if to[0] == "#":
            for c in r.json.get("contained", []):
                if c.get("id") == to[1]:
                    return ("other" if c.get("resourceType") in HARMLESS
                            else "unsure",)
            return ("unsure",)
        if to[0] is None:
            part = to[1].split("/_history/")[0].split("/")
            return ("other" if len(part) > 1 and part[-2] in HARMLESS
                    else "unsure",)
        return ("other" if to[0] in HARMLESS else "unsure",)

    def named(self, r, paths):
        return [self.who(r, v) for p in paths
                for v, _, _, _ in values.walk(r.json, p)]

    def direct_owners(self, r):
        """(kind, ids); of "claimed" and "target" others decide."""
        rule, paths, other = spec.OWNERS[r.type]
        if rule == "self":
            return "owned", {r.id}
        if rule == "shared":
            return "shared", set()
        if rule == "referrer":
            return "claimed", set()
        if rule == "target":
            return "target", set()
        found = self.named(r, paths)
        if rule == "subject" and found:
            ids = {w[1] for w in found if w[0] == "patient"}
            if len(ids) and all(w[0] == "patient" for w in found):
                return "owned", ids
            return "unowned", set()
        if rule == "subject":
            found = self.named(r, other)
        if rule in ("subject", "all"):
            ids = {w[1] for w in found if w[0] == "patient"}
            if ids and all(w[0] != "unsure" for w in found):
                return "owned", ids
        return "unowned", set()

    def binaries(self):
        """{Binary id: [who names it]}, found in any url of any resource."""
        if self.claims is None:
            self.claims = {}
            for r in self.all.values():
                for rid in self.urls(r, r.json,
                                     spec.ELEMENTS.get(r.type, {})):
                    self.claims.setdefault(rid, []).append(r)
        return self.claims

    def urls(self, r, at, kids):
        for key, v in at.items() if isinstance(at, dict) else ():
            e, kind = spec.child(kids, key)
            for one in v if isinstance(v, list) else [v]:
                if e is not None and kind == "uri" and isinstance(one, str):
                    to = self.reader.local(one)
                    if to and to[0] == "Binary":
                        yield to[1]
                elif isinstance(one, dict) and e is not None:
                    yield from self.urls(r, one, spec.shape(e, kind))

    def owners(self, r):
        key = r.type, r.id
        if key not in self.owner:
            self.owner[key] = self.work_out(r)
        return self.owner[key]

    def work_out(self, r, seen=()):
        kind, ids = self.direct_owners(r)
        if kind == "claimed":
            by = [self.work_out(x) for x in self.binaries().get(r.id, [])
                  if (x.type, x.id) not in seen]
            if not by or any(k != "owned" for k, _ in by):
                return "unowned", set()
            return "owned", set().union(*(i for _, i in by))
        if kind == "target":
            return self.target_owners(r, seen + ((r.type, r.id),))
        return kind, ids

    def target_owners(self, r, seen):
        _, paths, _ = spec.OWNERS[r.type]
        ids = set()
        for p in paths:
            for v, _, _, _ in values.walk(r.json, p):
                text = v.get("reference") if isinstance(v, dict) else v
                if text is None:
                    continue
                to = self.reader.local(text)
                if to is None or to[0] in (None, "#"):
                    return "unowned", set()
                it = self.get(*to)
                if it is None or (it.type, it.id) in seen:
                    return "unowned", set()
                kind, of = self.work_out(it, seen)
                if kind == "shared":
                    continue
                if kind != "owned":
                    return "unowned", set()
                ids |= of
        return ("owned", ids) if ids else ("unowned", set())


class View:
    """patients None: those of everybody; rights None: all types, else
    {type: letters of "rs"}; rules: {type: condition} of granular scopes."""

    def __init__(self, store, patients=None, rights=None, rules=None):
        self.store, self.patients = store, patients
        self.rights, self.rules = rights, rules or {}
        self.read, self.found, self.borrowed = {}, {}, None
        self.lists = {}

    def of(self, kind):
        """What a search of the type finds; None: of every type."""
        if kind not in self.lists:
            self.lists[kind] = [r for r in self.store.of(kind)
                                if self.searches(r)]
        return self.lists[kind]

    def may(self, op, kind):
        return self.rights is None or op in self.rights.get(kind, "")

    def holds(self, op, r):
        rule = self.rules.get(r.type)
        return self.may(op, r.type) and (rule is None or
                                         rule.holds(None, r))

    def reaches(self, r):
        if self.patients is None:
            return True
        kind, ids = self.store.owners(r)
        return kind == "shared" or kind == "owned" and ids <= self.patients

    def reads(self, r):
        if r not in self.read:
            self.read[r] = self.holds("r", r) and self.reaches(r)
        return self.read[r]

    def owns(self, r):
        return self.reaches(r) and self.store.owners(r)[0] == "owned"

    def lent(self):
        """Shared resources that rows of the patients refer to."""
        if self.borrowed is None:
            self.borrowed = {
                (v.type, v.id) for r in self.store.of(None)
                if self.owns(r) and (self.holds("r", r) or
                                     self.holds("s", r))
                for c, p in spec.PARAMS[r.type].items()
                if p.kind == "reference" for v in r.values(c)}
        return self.borrowed

    def searches(self, r):
        if r not in self.found:
            self.found[r] = self.holds("s", r) and self.reaches(r) and (
                self.patients is None or self.owns(r) or
                (r.type, r.id) in self.lent())
        return self.found[r]
