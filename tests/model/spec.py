# SPDX-License-Identifier: Apache-2.0
"""The tables of the specification, read anew and by other code than mktab.

The tables are the facts both sides start from; what they mean is worked out
here once more, from fhir/tables.txt and the pages of DSTU2.
"""

import functools
import os
import re

SRC = os.environ.get("SRC") or os.path.realpath(
    os.path.join(os.path.dirname(__file__), "../.."))
URLS = {}


def lines(name):
    with open(os.path.join(SRC, "fhir", name), encoding="utf-8") as f:
        for line in f:
            line = re.sub(r"(^|\s)#.*", "", line.rstrip("\n"))
            if line.strip():
                yield line


def types():
    """{name: number}"""
    return {n: int(i) for i, n in (x.split() for x in lines("types.tbl"))}


# --- elements ---------------------------------------------------------------

class Element:
    def __init__(self, name, card, flags, text, bound=""):
        self.name, self.text, self.bound = name, text, bound
        self.least, self.most = card.split("..")
        self.summary, self.modifier = "S" in flags, "M" in flags
        self.kids = {}
        self.targets = []
        self.types = []
        for one in re.findall(r"[^|(]+(?:\([^)]*\))?", text):
            one = one.strip("|")
            m = re.match(r"(\w+)\(([^)]*)\)", one)
            self.types.append(m.group(1) if m else one)
            if m and m.group(1) == "Reference":
                self.targets += m.group(2).split("|")


def elements():
    """{type: {name: Element}}, with kids below BackboneElements."""
    out, base, stack, every = {}, {}, [], []
    for line in lines("elements.tbl"):
        deep = len(line) - len(line.lstrip())
        words = line.split()
        if deep == 0:
            if words[1:2] == ["="]:
                every = words[2].split("|")
                continue
            name = words[0]
            out[name] = {}
            if len(words) == 3:
                base[name] = words[2]
            stack = [(0, out[name])]
            continue
        e = Element(words[0], words[1], words[2],
                    " ".join(w for w in words[3:] if w[0] != "="),
                    "".join(w[1:] for w in words[3:] if w[0] == "="))
        if e.types == ["any"]:
            e.types = every
        while stack[-1][0] >= deep:
            stack.pop()
        stack[-1][1][e.name] = e
        stack.append((deep, e.kids))
    for name in list(out):
        up = base.get(name)
        while up:
            out[name] = {**out[up], **out[name]}
            up = base.get(up)
    return out


ELEMENTS = elements()
TYPES = types()


@functools.cache
def shape(element, kind):
    """The children of an element whose type is kind; {}: a primitive."""
    if kind.startswith("@"):
        at = ELEMENTS[kind[1:].split(".")[0]]
        found = None
        for step in kind[1:].split(".")[1:]:
            found = at[step]
            at = found.kids or shape(found, found.types[0])
        return at
    if kind in ("BackboneElement", "Element") and element is not None:
        return {**ELEMENTS[kind], **element.kids}
    return ELEMENTS.get(kind, {})


def child(kids, key):
    """(Element, type) of a member of JSON; choices by their ending."""
    e = kids.get(key)
    if e is not None:
        return e, e.types[0] if e.types else ""
    for e in kids.values():
        if e.name.endswith("[x]") and key.startswith(e.name[:-3]):
            for t in e.types:
                if key == e.name[:-3] + t[0].upper() + t[1:]:
                    return e, t
    return None, ""


# --- parameters --------------------------------------------------------------

class Param:
    def __init__(self, number, code, kind, rest):
        self.number, self.code, self.kind = int(number), code, kind
        marks = re.search(r"\s(!|url=)", rest)
        body = rest[:marks.start()] if marks else rest
        self.unplaced = "!unplaced" in rest
        body, _, to = body.partition("->")
        self.to = to.strip().split("|") if to.strip() else []
        self.parts, self.paths, self.first = [], [], False
        body = body.strip()
        if " & " in body:
            self.parts = body.split(" & ")
        elif body != "-":
            self.first = "," in body
            self.paths = [x.strip() for x in re.split(
                r"," if self.first else r"\|", body)]
        self.paths = [p for p in self.paths if p]

    def __repr__(self):
        return f"{self.kind} {self.code}"


def params():
    """{type: {code: Param}}; those of every type are under each."""
    out, common, here = {}, {}, None
    for line in lines("params.tbl"):
        if line.startswith("url "):
            name, _, url = line[4:].partition("=")
            URLS[name.strip()] = url.strip()
            continue
        words = line.split(None, 3)
        if not line.startswith(" "):
            here = common if words[0] == "*" else out.setdefault(
                words[0], {})
            continue
        p = Param(words[0], words[1], words[2],
                  " " + (words[3] if len(words) > 3 else "-"))
        here[p.code] = p
    for t in TYPES:
        out[t] = {**common, **out.get(t, {})}
    return out


PARAMS = params()

STEP = re.compile(r"([\w\[\]]+)(?:<(\w+)(?::([^>]*))?>)?(?:\((\w+)\))?$")


@functools.cache
def steps(path):
    """[(name, url or None, system or None)] of a path."""
    out = []
    for one in re.findall(r"[^.<]+(?:<[^>]*>)?", path):
        m = STEP.match(one.strip("."))
        name, word, rest, system = m.groups()
        url = None
        if word:
            url = word if rest is None else URLS[word] + rest
        out.append((name, url, system))
    return out


# --- owners, compartments ----------------------------------------------------

def owners():
    """{type: (rule, paths, paths of else)}"""
    out = {}
    for line in lines("owner.tbl"):
        words = line.split(None, 2)
        first, _, other = (words[2] if len(words) > 2 else "").partition(
            "else ")
        out[words[0]] = (words[1],
                         [x.strip() for x in first.split("|") if x.strip()],
                         [x.strip() for x in other.split("|") if x.strip()])
    return out


def compartments():
    """{compartment: {type: [code]}}"""
    out, here = {}, None
    for line in lines("compartment.tbl"):
        words = line.split()
        if not line.startswith(" "):
            here = out.setdefault(words[0], {})
        else:
            here[words[0]] = words[1:]
    return out


OWNERS = owners()
COMPARTMENTS = compartments()
