# SPDX-License-Identifier: Apache-2.0
"""The tables of fhir/ as the attack tests need them (see fhir/tables.txt)."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(
    os.path.realpath(__file__)), "../lib"))
from testsite import SRC            # noqa: E402


def lines(name):
    with open(os.path.join(SRC, "fhir", name)) as f:
        for line in f:
            text = re.sub(r"(^|\s)#.*", "", line.rstrip("\n")).rstrip()
            if text:
                yield len(text) - len(text.lstrip()), text.split()


def split_types(text):
    """'Reference(A|B)|string' -> [('Reference', ['A', 'B']), ...]"""
    out = []
    for name, to in re.findall(r"([^|(]+)(?:\(([^)]*)\))?\|?", text):
        out.append((name, to.split("|") if to else []))
    return out


class Element:
    """name, many, required, types [(name, targets)], bound, children"""

    def __init__(self, words):
        self.choice = words[0].endswith("[x]")
        self.name = words[0].removesuffix("[x]")
        low, high = words[1].split("..")
        self.required, self.many = low != "0", high != "1"
        self.same = words[3][1:] if words[3].startswith("@") else None
        self.types = [] if self.same else split_types(words[3])
        self.bound = len(words) > 4
        self.children = []


def elements():
    """Type name to its elements, those of its bases first."""
    out, bases, stack = {}, {}, []
    for indent, words in lines("elements.tbl"):
        if len(words) > 1 and words[1] == "=":
            continue                    # "any = ..."
        if indent == 0:
            root = out[words[0]] = []
            bases[words[0]] = words[2] if len(words) > 2 else None
            stack = [(0, root)]
            continue
        while stack[-1][0] >= indent:
            stack.pop()
        e = Element(words)
        stack[-1][1].append(e)
        stack.append((indent, e.children))

    def whole(name):
        base = bases.get(name)
        return (whole(base) if base else []) + out[name]
    return {name: whole(name) for name in out}


def owners():
    """Type to (rule, [paths], [paths where those are absent])."""
    out = {}
    for _, words in lines("owner.tbl"):
        paths, rest = [], []
        into = paths
        for w in words[2:]:
            if w == "else":
                into = rest
            elif w != "|":
                into.append(w)
        out[words[0]] = (words[1], paths, rest)
    return out


def params():
    """Type ('*': every type) to [(code, kind, placed, targets)]."""
    out, into = {}, None
    for indent, words in lines("params.tbl"):
        if indent == 0:
            into = out.setdefault(words[0], []) if len(words) == 1 else None
        elif into is not None:
            to = words[words.index("->") + 1].split("|") \
                if "->" in words else []
            into.append((words[1], words[2], "!unplaced" not in words, to))
    return out


def compartment():
    """Types of the Patient compartment; chained parameters do not count."""
    out, on = [], False
    for indent, words in lines("compartment.tbl"):
        if indent == 0:
            on = words[0] == "Patient"
        elif on and any("." not in code for code in words[1:]):
            out.append(words[0])
    return out
