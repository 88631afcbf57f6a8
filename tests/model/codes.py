# SPDX-License-Identifier: Apache-2.0
"""Code systems of fhir/codes.tbl: which code stands below which."""

import re

import spec


def systems():
    """{url: {code: the code above it, or None}}, of systems in steps alone:
    in the others nothing is below anything."""
    out, here, stack = {}, None, []
    for line in spec.lines("codes.tbl"):
        if not line.startswith(" "):
            here, stack = None, []
            m = re.match(r"system (\S+)(?: = (\S+))?", line)
            if m:
                here = out.setdefault(
                    m[2] or "http://hl7.org/fhir/" + m[1], {})
            continue
        if here is None:
            continue
        deep = len(line) - len(line.lstrip())
        while stack and stack[-1][0] >= deep:
            stack.pop()
        words = [a or b for a, b in re.findall(r"'([^']*)'|(\S+)", line)]
        if words[0] == "also":      # another spelling of the url
            out[words[1]] = here
            continue
        for w in words:
            here[w] = stack[-1][1] if stack else None
        stack.append((deep, words[-1]))
    return {url: s for url, s in out.items() if any(s.values())}


SYSTEMS = systems()


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
