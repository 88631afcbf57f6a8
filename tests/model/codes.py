# SPDX-License-Identifier: Apache-2.0
"""Code systems of fhir/codes.tbl: which code stands below which."""

import functools
import re

import spec


def systems():
    """{url: {code: the code above it, or None}}, of systems in steps alone:
    in the others nothing is below anything.  A code in brackets is abstract:
    it stands there, and no set of all codes has it."""
    out, abstract, here, stack = {}, {}, None, []
    for line in spec.lines("codes.tbl"):
        if not line.startswith(" "):
            here, stack = None, []
            m = re.match(r"system (\S+)(?: = (\S+))?", line)
            if m:
                url = m[2] or "http://hl7.org/fhir/" + m[1]
                here = out.setdefault(url, {})
                never = abstract.setdefault(url, set())
            continue
        if here is None:
            continue
        deep = len(line) - len(line.lstrip())
        while stack and stack[-1][0] >= deep:
            stack.pop()
        bare = re.fullmatch(r"\s*\((\S+)\)", line)
        words = [bare[1]] if bare else \
            [a or b for a, b in re.findall(r"'([^']*)'|(\S+)", line)]
        if words[0] == "also":      # another spelling of the url
            out[words[1]] = here
            continue
        for w in words:
            here[w] = stack[-1][1] if stack else None
        if bare:
            never.add(bare[1])
        stack.append((deep, words[-1]))
    return out, abstract


ALL, ABSTRACT = systems()
SYSTEMS = {url: s for url, s in ALL.items() if any(s.values())}
# Bound to an element of type code, but not by a "required".
PREFERRED = {("Account", "status"): "account-status",
             ("Condition", "clinicalStatus"): "condition-clinical"}


def sets():
    """{name: its lines as words}"""
    out, here = {}, None
    for line in spec.lines("codes.tbl"):
        if not line.startswith(" "):
            m = re.match(r"set (\S+)", line)
            here = out.setdefault(m[1], []) if m else None
        elif here is not None:
            here.append(line.split())
    return out


SETS = sets()


@functools.lru_cache(None)
def bound(name):
    """{url of a system: its codes in the set, lowered}"""
    out = {}
    for how, what, *some in SETS.get(name, []):
        if how == "set":
            for url, more in bound(what).items():
                out.setdefault(url, set()).update(more)
            continue
        url = "http://hl7.org/fhir/" + what
        if how == "all" and url in ALL:
            some = set(ALL[url]) - ABSTRACT.get(url, set())
        elif how != "codes" or url not in ALL:
            continue
        out.setdefault(url, set()).update(c.lower() for c in some)
    return out


@functools.lru_cache(None)
def set_of(rtype, param):
    """The set whose codes a parameter of plain codes alone has, or ""."""
    names = set()
    for path in spec.PARAMS[rtype][param].paths if rtype else []:
        kids, e = spec.ELEMENTS[rtype], None
        for name, _, _ in spec.steps(path):
            e, kind = spec.child(kids, name)
            if e is None:
                return ""
            kids = spec.shape(e, kind)
        if e.types != ["code"]:
            return ""
        names.add(e.bound or PREFERRED.get((rtype, path), ""))
    return names.pop() if len(names) == 1 else ""


def owns(rtype, param, system, code):
    """Is it the system of a plain code, and has its set this code of it?
    "": any of it."""
    own = bound(set_of(rtype, param))
    return system in own and (code == "" or code.lower() in own[system])


def above(system, code):
    """The code, and all it stands below."""
    out, known = [], SYSTEMS.get(system, {})
    while code is not None:
        out.append(code)
        code = known.get(code)
    return out


def below(system, code):
    """The code, and all that stands below it."""
    return [code] + [c for c in SYSTEMS.get(system, {})
                     if c != code and code in above(system, c)]
