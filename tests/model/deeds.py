# SPDX-License-Identifier: Apache-2.0
"""Random interactions: how each is asked, and what the ledger makes of it.

An Ask is one interaction; entries of Bundles are Asks, too.  Ids the server
draws are told to the ledger afterwards, as `fresh`: all else it must know.
"""

import json
import random
import re

from ledger import Refused, clone, stripped

SYSTEM = "urn:test"
TYPES = ["Patient", "Observation", "Condition", "List", "Practitioner"]
# Weights: most are about patients, many by criteria.
DRAWN = ["Patient"] * 2 + ["Observation"] * 6 + ["Condition"] * 3 + \
    ["List"] * 2 + ["Practitioner"]
PEOPLE = ["pA", "pB", "pC"]


class Num(str):
    """A number as it is written: its digits are data."""


def text(content):
    def mark(x):
        if isinstance(x, Num):
            return f"@@{x}@@"
        if isinstance(x, dict):
            return {k: mark(v) for k, v in x.items()}
        return [mark(v) for v in x] if isinstance(x, list) else x
    return re.sub(r'"@@([^@"]*)@@"', r"\1",
                  json.dumps(mark(content), ensure_ascii=False))


def parse(body):
    return json.loads(body, parse_float=Num, parse_int=Num)


class Criteria:
    def __init__(self, text, holds):
        self.text, self.holds = text, holds


def identifier(n):
    return Criteria(f"identifier={SYSTEM}|{n}", lambda c: any(
        i.get("value") == str(n) for i in c.get("identifier", [])))


def both(a, b):
    return Criteria(a.text + "&" + b.text,
                    lambda c: a.holds(c) and b.holds(c))


def title(n):
    return Criteria(f"title:exact=list-{n}",
                    lambda c: c.get("title") == f"list-{n}")


def of_patient(kind, who):
    member = "patient" if kind == "Condition" else "subject"
    return Criteria(f"patient={who}", lambda c: c.get(member, {}).get(
        "reference") == "Patient/" + who)


def coded(kind, code):
    return Criteria(f"code=http://loinc.org|{code}", lambda c: any(
        x["code"] == code for x in c.get("code", {}).get("coding", [])))


# --- one interaction ----------------------------------------------------

class Ask:
    """do(ledger, view, match, fresh) makes it happen in the ledger."""

    method = None
    content = if_match = criteria = None
    none = False

    def headers(self):
        out = []
        if self.if_match:
            out.append(("If-Match", f'W/"{self.if_match}"'))
        if self.none:
            out.append(("If-None-Match", "*"))
        return out

    def entry(self, full=None):
        q = {"method": self.method, "url": self.url()}
        if self.if_match:
            q["ifMatch"] = f'W/"{self.if_match}"'
        if self.none:
            q["ifNoneMatch"] = "*"
        if self.method == "POST" and self.criteria:
            q["ifNoneExist"] = self.criteria.text
        e = {"request": q}
        if full:
            e["fullUrl"] = full
        if self.content is not None:
            e["resource"] = self.content
        return e

    def found(self, ledger, view):
        """What the criteria match: an answer to the search alone."""
        if self.criteria is None:
            return None
        return ledger.search(view, self.kind, self.criteria.holds)

    def by(self):
        return self.criteria.text if self.criteria else self.id


class Create(Ask):
    method, need = "POST", "create"

    def __init__(self, kind, content, criteria=None):
        self.kind, self.content, self.criteria = kind, content, criteria

    def url(self):
        return self.kind

    def headers(self):
        return [("If-None-Exist", self.criteria.text)] \
            if self.criteria else []

    def do(self, ledger, view, match, fresh):
        return ledger.create(view, self.kind, fresh, self.content, match)


class Update(Ask):
    method, need = "PUT", "update"

    def __init__(self, kind, rid, content, if_match=None, none=False):
        self.kind, self.id, self.content = kind, rid, content
        self.if_match, self.none = if_match, none

    def url(self):
        return f"{self.kind}/{self.id}"

    def do(self, ledger, view, match, fresh):
        if self.content.get("id") != self.id:
            raise Refused(400)
        return ledger.update(view, self.kind, self.id, self.content,
                             self.if_match, self.none)


class UpdateIf(Ask):
    method, need = "PUT", "update"

    def __init__(self, kind, criteria, content, if_match=None):
        self.kind, self.criteria = kind, criteria
        self.content, self.if_match = content, if_match

    def url(self):
        return f"{self.kind}?{self.criteria.text}"

    def do(self, ledger, view, match, fresh):
        return ledger.update_if(view, self.kind, fresh, self.content, match,
                                self.if_match)


class Delete(Ask):
    method, need = "DELETE", "delete"

    def __init__(self, kind, rid, if_match=None):
        self.kind, self.id, self.if_match = kind, rid, if_match

    def url(self):
        return f"{self.kind}/{self.id}"

    def do(self, ledger, view, match, fresh):
        return ledger.delete(view, self.kind, self.id, self.if_match)


class DeleteIf(Ask):
    method, need = "DELETE", "delete"

    def __init__(self, kind, criteria):
        self.kind, self.criteria = kind, criteria

    def url(self):
        return f"{self.kind}?{self.criteria.text}"

    def do(self, ledger, view, match, fresh):
        return ledger.delete_if(view, self.kind, match)


class Read(Ask):
    method, need = "GET", "read"

    def __init__(self, kind, rid, number=None):
        self.kind, self.id, self.number = kind, rid, number

    def url(self):
        at = "" if self.number is None else f"/_history/{self.number}"
        return f"{self.kind}/{self.id}{at}"

    def do(self, ledger, view, match, fresh):
        return 200, ledger.read(view, self.kind, self.id, self.number)


class Tags(Ask):
    """$meta-add or $meta-delete, of a version or of the current one"""

    method, need = "POST", "update"

    def __init__(self, kind, rid, number, meta, remove):
        self.kind, self.id, self.number = kind, rid, number
        self.meta, self.remove = meta, remove
        self.content = {"resourceType": "Parameters", "parameter": [
            {"name": "meta", "valueMeta": meta}]}

    def url(self):
        at = "" if self.number is None else f"/_history/{self.number}"
        op = "$meta-delete" if self.remove else "$meta-add"
        return f"{self.kind}/{self.id}{at}/{op}"

    def do(self, ledger, view, match, fresh):
        return ledger.tags(view, self.kind, self.id, self.number, self.meta,
                           self.remove)


# --- the draw ----------------------------------------------------

class Drawer:
    def __init__(self, seed, ledger):
        self.r, self.ledger = random.Random(seed), ledger
        self.n = 0

    def kind(self):
        return self.r.choice(DRAWN)

    def patient(self, view):
        if view.patient and self.r.random() < 0.85:
            return view.patient
        known = [x.id for x in self.ledger.of("Patient")]
        return self.r.choice(PEOPLE + self.r.sample(known, min(
            2, len(known))))

    def decimal(self):
        r = self.r
        way = r.random()
        if way < 0.5:
            return Num(f"{r.randint(0, 300)}.{r.randint(0, 999):03d}")
        if way < 0.8:
            return Num(r.choice(["1.00", "0.0", "0.0000007", "2500.0", "-0.0",
                                 "0.1234567890123456789", "100"]))
        return Num(str(r.randint(-10 ** 17, 10 ** 17)))

    def meta(self):
        r = self.r
        meta = {}
        if r.random() < 0.5:
            meta["tag"] = [{"system": SYSTEM, "code": r.choice("abc")}]
        if r.random() < 0.15:
            meta["security"] = [{"system": SYSTEM, "code": "N"}]
        if r.random() < 0.3:        # the server's values win: WRT-05
            meta["versionId"], meta["lastUpdated"] = "77", \
                "1999-01-01T00:00:00Z"
        return meta

    def content(self, kind, view):
        r = self.r
        c = {"resourceType": kind}
        if r.random() < 0.25:
            meta = self.meta()
            if meta:
                c["meta"] = meta
        if r.random() < 0.2:
            c["text"] = {"status": "generated", "div":
                         "<div xmlns=\"http://www.w3.org/1999/xhtml\">"
                         f"no. {r.randint(1, 9)} &lt;</div>"}
        getattr(self, "a_" + kind.lower())(c, view)
        return c

    def number(self, c):
        c["identifier"] = [{"system": SYSTEM,
                            "value": str(self.r.randint(0, 15))}]

    def a_patient(self, c, view):
        self.number(c)
        c["gender"] = self.r.choice(["male", "female", "unknown"])
        c["birthDate"] = f"19{self.r.randint(10, 99)}-0" \
            f"{self.r.randint(1, 9)}"

    def a_practitioner(self, c, view):
        self.number(c)
        c["name"] = {"family": [self.r.choice(["Lee", "Ortiz", "Óðinn"])]}

    def code(self):
        return {"coding": [{"system": "http://loinc.org",
                            "code": f"{self.r.randint(1, 4)}-0"}]}

    def ref(self, view):
        return {"reference": "Patient/" + self.patient(view)}

    def a_observation(self, c, view):
        r = self.r
        self.number(c)
        c["status"] = r.choice(["final", "preliminary", "amended"])
        c["code"] = self.code()
        if r.random() < 0.95:
            c["subject"] = self.ref(view)
        if r.random() < 0.15:
            c["performer"] = [self.ref(view)]
        elif r.random() < 0.3:
            c["performer"] = [{"reference": "Practitioner/" +
                               self.id("Practitioner")}]
        if r.random() < 0.6:
            c["valueQuantity"] = {"value": self.decimal(), "unit": "mg"}
        else:
            c["valueString"] = r.choice(["gar nicht", "ü\u2028\U0001f600",
                                         "a\"b\\c"])

    def a_condition(self, c, view):
        self.number(c)
        c["patient"] = self.ref(view)
        c["code"] = self.code()
        c["verificationStatus"] = self.r.choice(["provisional", "confirmed"])
        if self.r.random() < 0.15:
            c["asserter"] = self.ref(view)

    def a_list(self, c, view):
        r = self.r
        c["title"] = f"list-{r.randint(0, 15)}"
        c["status"], c["mode"] = "current", "working"
        if r.random() < 0.8:
            c["subject"] = self.ref(view)
        items = [self.ref(view)] if r.random() < 0.3 else []
        few = self.ledger.of("Observation")
        if few and r.random() < 0.5:
            items.append({"reference": "Observation/" + r.choice(few).id})
        if items:
            c["entry"] = [{"item": x} for x in items]

    # --- interactions -------------------------------------------------------

    def criteria(self, kind, view):
        r = self.r
        n = r.randint(0, 18)
        if kind == "List":
            c = title(n)
        else:
            c = identifier(n)
        if kind in ("Observation", "Condition"):
            way = r.random()
            if way < 0.3:
                return both(c, of_patient(kind, self.patient(view)))
            if way < 0.4:
                return both(c, coded(kind, f"{r.randint(1, 4)}-0"))
        return c

    def id(self, kind, new=0.1):
        r = self.r
        if r.random() < new:
            return r.choice(["never-was", f"mine-{r.randint(1, 40)}"])
        few = self.ledger.of(kind)
        return r.choice(few[-60:]).id if few else "never-was"

    def version(self, kind, rid):
        """If-Match: right, stale, or not there"""
        if self.r.random() < 0.6:
            return None
        x = self.ledger.get(kind, rid)
        now = x.now.number if x else 1
        return now if self.r.random() < 0.6 else self.r.choice(
            [max(1, now - 1), now + 1])

    def put(self, view):
        r = self.r
        kind = self.kind()
        rid = self.id(kind)
        x = self.ledger.get(kind, rid)
        way = r.random()
        if x and x.live and way < 0.6:          # what a client does
            c = clone(x.now.content)
            if way > 0.1:
                new = self.content(kind, view)
                for k in ("subject", "patient"):
                    if k in c or r.random() < 0.8:
                        new.pop(k, None)
                if kind == "List" and r.random() < 0.8:
                    new.pop("entry", None)
                c = {k: v for k, v in c.items() if k[:5] != "value"}
                c.update(new)
        elif x and not x.live and way < 0.7 and len(x.versions) > 1:
            c = clone(x.versions[-2].content or self.content(kind, view))
        else:
            c = self.content(kind, view)
        c["id"] = rid if r.random() < 0.97 else "another"
        return Update(kind, rid, c, self.version(kind, rid),
                      r.random() < 0.05)

    def write(self, view):
        r = self.r
        way = r.random()
        kind = self.kind()
        if way < 0.25:
            return Create(kind, self.content(kind, view))
        if way < 0.35:
            return Create(kind, self.content(kind, view),
                          self.criteria(kind, view))
        if way < 0.7:
            return self.put(view)
        if way < 0.8:
            c = self.content(kind, view)
            return UpdateIf(kind, self.criteria(kind, view), c)
        rid = self.id(kind, 0.2)
        if kind == "Patient" and rid in PEOPLE:
            return self.put(view)
        if way < 0.93:
            return Delete(kind, rid, self.version(kind, rid))
        return DeleteIf(kind, self.criteria(kind, view))

    def read(self, view):
        kind = self.kind()
        rid = self.id(kind)
        x = self.ledger.get(kind, rid)
        n = None
        if self.r.random() < 0.4:
            n = self.r.randint(1, (x.now.number if x else 1) + 1)
        return Read(kind, rid, n)

    def tags(self, view):
        read = self.read(view)
        meta = {self.r.choice(["tag", "tag", "security"]): [
            {"system": SYSTEM, "code": self.r.choice("abcN")}]}
        return Tags(read.kind, read.id, read.number, meta,
                    self.r.random() < 0.5)

    def uuid(self):
        self.n += 1
        return f"urn:uuid:00000000-0000-4000-8000-{self.n:012x}"


def as_client_sees(content, rid, number):
    """What a read must give, but for the time."""
    out = stripped(content)
    out["id"] = rid
    out.setdefault("meta", {})["versionId"] = str(number)
    return out
