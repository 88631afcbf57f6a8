#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The extractor over the official examples and the populations.

For every resource: it is taken; each value on a search path is placed; its
text comes back byte for byte (white space apart) and the stored text says
the same.  For the examples and a sample of the populations the values are
compared with those derived here from the official search parameters, by
other code in another language.  Decimals are compared with Python's.

usage: extract.py TOOL CORPUS [--long]
--long: the whole populations instead of a part
"""
import calendar
import collections
import csv
import datetime
import glob
import gzip
import json
import os
import random
import re
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal, getcontext

getcontext().prec = 80

# Published examples that are wrong, and why; nothing else may be refused.
REFUSED = {
    "observation-genetics-cg-prf-1a-Observation-chromosome-genomicstart":
        "id of more than 64 characters",
    "observation-genetics-cg-prf-1a-Observation-condition-gene-dnavariant":
        "id of more than 64 characters",
    "observation-genetics-cg-prf-1a-Observation-gene-amino-acid-change":
        "id of more than 64 characters",
}
UNPLACED = {
    "Medication.package.content.item":
        "an example refers to \"MedicationExample14\", no [type]/[id]",
    "OperationDefinition.type":
        "Argonaut's docref has the boolean of a later FHIR there",
}
# Where our tables say more or less than the official paths, and why.
OURS = {
    ("Observation", "code"): "Argonaut: component.code, too",
    ("Patient", "race"): "Argonaut's extensions, too",
    ("Patient", "ethnicity"): "Argonaut's extensions, too",
    ("Patient", "deceased"): "a date of death means true",
    ("Location", "near-distance"): "no value of its own: it belongs to near",
    ("Group", "value"): "no token in a Quantity or Range",
    ("Observation", "device"): "the element allows DeviceMetric, too",
    ("OperationDefinition", "type"): "a boolean in Argonaut's docref",
}
SPACE = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+')


class Count:
    passed = failed = 0

    @classmethod
    def check(cls, good, what):
        if good:
            cls.passed += 1
            return
        cls.failed += 1
        if cls.failed <= 40:
            print("FAIL", what[:600])


def trimmed(text):
    return SPACE.sub(lambda m: m.group(1) or "", text)


def tree(text):
    """Numbers keep their digits: ("number", text)."""
    def number(s):
        return ("number", s)
    return json.loads(text, parse_float=number, parse_int=number)


class Definitions:
    def __init__(self, dstu2):
        self.child = collections.defaultdict(dict)
        for row in self.rows(dstu2, "elements.tsv"):
            if "." in row["path"]:
                parent, name = row["path"].rsplit(".", 1)
                self.child[parent][name] = row
        self.params = collections.defaultdict(list)
        for row in self.rows(dstu2, "search-parameters.tsv"):
            self.params[row["resource"]].append(row)

    @staticmethod
    def rows(dstu2, name):
        with open(os.path.join(dstu2, name), newline="") as f:
            yield from csv.DictReader(f, delimiter="\t",
                                      quoting=csv.QUOTE_NONE)

    @staticmethod
    def types(row):
        depth, out = 0, [""]
        for c in row["types"]:
            depth += (c in "({") - (c in ")}")
            if c == "|" and depth == 0:
                out.append("")
            else:
                out[-1] += c
        return [re.split(r"[({]", t)[0] for t in out if t]

    def members(self, path, name):
        """JSON members an xpath step may mean: (member, type, path)."""
        row = self.child[path].get(name)
        if row is not None:
            if row["contentRef"]:
                return [(name, "BackboneElement", row["contentRef"])]
            t = self.types(row)[0]
            sub = path + "." + name
            if t not in ("BackboneElement", "Element"):
                sub = t
            return [(name, t, sub)]
        out = []
        for have, row in self.child[path].items():
            if not have.endswith("[x]"):
                continue
            base = have[:-3]
            for t in self.types(row):
                member = base + t[0].upper() + t[1:]
                if name in (base, have, member):
                    out.append((member, t, t))
        return out

    def walk(self, node, path, steps):
        """(element, type) at the end of the steps; None: not known."""
        if not steps:
            return []
        found = self.members(path, steps[0])
        if not found:
            return None
        out = []
        for member, t, sub in found:
            v = node.get(member) if isinstance(node, dict) else None
            for e in v if isinstance(v, list) else [v]:
                if e is None:
                    continue
                if len(steps) == 1:
                    out.append((e, t))
                    continue
                deeper = self.walk(e, sub, steps[1:])
                if deeper is None:
                    return None
                out += deeper
        return out


def span(text):
    """[lo, hi) in ms, as Python's datetime has it."""
    m = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)"
                     r"(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?", text)
    y, mo, d, h, mi, s, frac, zone = m.groups()
    start = datetime.datetime(int(y), int(mo or 1), int(d or 1),
                              int(h or 0), int(mi or 0), int(s or 0),
                              tzinfo=datetime.timezone.utc)
    lo = calendar.timegm(start.timetuple()) * 1000
    day = 86400000
    if mo is None:
        unit = day * (366 if calendar.isleap(int(y)) else 365)
    elif d is None:
        unit = day * calendar.monthrange(int(y), int(mo))[1]
    elif h is None:
        unit = day
    else:
        unit = 60000 if s is None else 1000
    if frac:
        digits = (frac[1:] + "00")[:3]
        lo += int(digits)
        unit = max(1, 1000 // 10 ** (len(frac) - 1))
    if zone and zone != "Z":
        sign = -1 if zone[0] == "+" else 1
        lo += sign * (int(zone[1:3]) * 60 + int(zone[4:6])) * 60000
    return lo, lo + unit


MIN, MAX = -2 ** 63, 2 ** 63 - 1


def dates(v, t):
    if t in ("date", "dateTime", "instant"):
        return [span(v)]
    if t == "Period" and ("start" in v or "end" in v):
        return [(span(v["start"])[0] if "start" in v else MIN,
                 span(v["end"])[1] if "end" in v else MAX)]
    if t == "Timing":
        all_ = [span(e) for e in v.get("event", []) if e]
        if "boundsPeriod" in v.get("repeat", {}):
            all_ += dates(v["repeat"]["boundsPeriod"], "Period")
        if all_:
            return [(min(a for a, _ in all_), max(b for _, b in all_))]
    return []


def strings(v, t):
    parts = {"HumanName": ("family", "given", "prefix", "suffix", "text"),
             "Address": ("line", "city", "district", "state", "postalCode",
                         "country", "text")}
    if t in parts:
        out = []
        for p in parts[t]:
            e = v.get(p)
            out += e if isinstance(e, list) else [e]
        return [e for e in out if e]
    return [v] if isinstance(v, str) else []


def tokens(v, t):
    """(system, code); without a code, that the element is there."""
    if t == "CodeableConcept":
        return [x for c in v.get("coding", [{}]) for x in tokens(c, "Coding")]
    if t == "Coding":
        return [(v.get("system", ""), v.get("code", ""))]
    if t == "Identifier":
        return [(v.get("system", ""), v.get("value", ""))]
    if t == "ContactPoint":
        return [("", v.get("value", ""))]
    if t == "BackboneElement":      # a position
        return [("", "".join("%08x" % (int(Decimal(v[c][1]).scaleb(
            7).to_integral_value(ROUND_HALF_UP)) % 2 ** 32)
            for c in ("latitude", "longitude")))]
    if isinstance(v, bool):
        return [("", "true" if v else "false")]
    if isinstance(v, tuple):
        return [("", v[1])]
    return [("", v)] if isinstance(v, str) else []


def references(v, t, param):
    text = v.get("reference") if isinstance(v, dict) else v
    if not isinstance(text, str) or text.startswith("#"):
        return []
    m = re.fullmatch(r"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})"
                     r"(/_history/.*)?", text)
    if m is None:
        return [("-", text)] if ":" in text else []
    targets = [x for x in param["targets"].split("|") if x]
    # "patient" over a wider subject: our narrowing
    targets = [x for x in targets if x.lower() == param["name"]] or targets
    if targets and m[1] not in targets:
        return []
    return [(m[1], m[2])]


def quantities(v, t):
    if t != "Quantity" or "value" not in v or "comparator" in v:
        return []
    return [(Decimal(v["value"][1]), v.get("code") or v.get("unit", ""),
             v.get("system", ""))]


def decimal_of(hexa):
    """The number behind the bytes of prim_dec; None: an open end."""
    b = bytes.fromhex(hexa)
    if b[0] == 1:
        return Decimal(0)
    if b == bytes(20) or b == b"\xff" * 20:
        return None
    if b[0] == 0:
        b = b"\0" + bytes(255 - x for x in b[1:])
        sign = "-"
    else:
        sign = ""
    exponent = int.from_bytes(b[1:3], "big") - 0x8000
    return Decimal("%s0.%sE%d" % (sign, b[3:].hex(), exponent))


def begins_with(bundle, code):
    """What a document or message begins with, by id or fullUrl."""
    kind, wanted = {"composition": ("document", "Composition"),
                    "message": ("message", "MessageHeader")}[code]
    entry = bundle.get("entry", [{}])[0]
    held, url = entry.get("resource", {}), entry.get("fullUrl", "")
    if bundle.get("type") != kind or held.get("resourceType") != wanted:
        return set()
    out = set()
    if ":" in url:
        out.add(("-", url))
    if "id" in held and (not out or url.startswith("urn:")):
        out.add((wanted, held["id"]))
    return out


def derive(defs, resource, param):
    """The set of values, or None where the paths say nothing plain."""
    xpath = param["xpathLaterBuild"] or param["xpath"]
    kind = param["type"]
    if xpath == "f:Bundle/f:entry/f:resource[0]":
        return begins_with(resource, param["name"])
    if not xpath or "[" in xpath or "@" in xpath:
        return None
    out = set()
    for path in xpath.split("|"):
        steps = path.strip().replace("f:", "").split("/")
        if steps[0] != resource["resourceType"]:
            return None
        found = defs.walk(resource, steps[0], steps[1:])
        if found is None:
            return None
        for v, t in found:
            if kind == "date":
                out.update(dates(v, t))
            elif kind == "string":
                out.update(strings(v, t))
            elif kind == "token":
                out.update(tokens(v, t))
            elif kind == "reference":
                out.update(references(v, t, param))
            elif kind == "uri":
                out.update([v] if isinstance(v, str) else [])
            elif kind == "quantity":
                out.update(quantities(v, t))
            elif kind == "number":
                if t == "Quantity":
                    v = v.get("value")
                out.update([Decimal(v[1])] if v else [])
    if len(out) > 1:
        out.discard(("", ""))   # other values say that something is there
    return out


def extracted(fields):
    """One V line of the tool as derive writes it."""
    kind, rest = fields[2], fields[3:]
    if kind == "date":
        return int(rest[0]), int(rest[1])
    if kind == "string":
        return json.loads(rest[0])
    if kind == "token":
        return json.loads(rest[1]), json.loads(rest[0])
    if kind == "reference":
        return rest[0], json.loads(rest[1])
    if kind == "uri":
        return json.loads(rest[0])
    lo, hi = decimal_of(rest[0]), decimal_of(rest[1])
    if lo != hi:
        return None         # a comparator: not derived here
    if kind == "number":
        return lo
    return lo, json.loads(rest[2]), json.loads(rest[3])


def compare(defs, name, resource, values):
    """Every official parameter of the type against our values."""
    have = collections.defaultdict(set)
    for f in values:
        if f[2] != "composite":
            have[f[1]].add(extracted(f))
    compared = 0
    for param in defs.params[resource["resourceType"]]:
        code = param["name"]
        if (resource["resourceType"], code) in OURS:
            continue
        want = derive(defs, resource, param)
        if want is None:
            continue
        got = have[code] - {None}
        compared += len(want)
        Count.check(want == got, "%s: %s.%s: derived %r, extracted %r" % (
            name, resource["resourceType"], code, want - got, got - want))
    return compared


def stored_is_same(text, stored, name):
    """Apart from id's place and our meta, both say the same in order."""
    a, b = tree(text), tree(stored)
    meta = b.get("meta", {})
    Count.check(meta.pop("versionId", None) == "1" and
                meta.pop("lastUpdated", None) == "1970-01-01T00:00:00.000Z",
                name + ": meta of the stored text")
    mine = dict(a.get("meta", {}))
    for key in ("versionId", "lastUpdated", "_versionId", "_lastUpdated"):
        mine.pop(key, None)
    Count.check(mine == meta, name + ": rest of meta")
    front = ("resourceType", "id", "meta")
    Count.check([(k, v) for k, v in a.items() if k not in front] ==
                [(k, v) for k, v in b.items() if k not in front],
                name + ": members of the stored text")
    Count.check(list(b)[0] == "resourceType" and a.get("id") == b.get("id"),
                name + ": frame of the stored text")


class Run:
    """One call of the tool: its lines, resource by resource."""

    def __init__(self, tool, args, stdin=None):
        p = subprocess.run([tool] + args, input=stdin,
                           stdout=subprocess.PIPE, check=False)
        self.resources, self.refused = [], []
        for line in p.stdout.decode().split("\n"):
            f = line.split("\t")
            if f[0] == "R":
                self.resources.append({"name": f[1], "V": [], "W": []})
            elif f[0] == "E":
                self.refused.append((f[1], f[3]))
            elif f[0] in "TF" and f[0]:
                self.resources[-1][f[0]] = line[2:]
            elif f[0] in "VWO" and f[0]:
                self.resources[-1].setdefault(f[0], []).append(f)


def placed(r):
    for w in r["W"]:
        Count.check(w[1] in UNPLACED, "%s: not placed: %s" % (
            r["name"], " ".join(w)))


def examples(tool, defs, files):
    run = Run(tool, files)
    for name, why in run.refused:
        stem = os.path.basename(name)[:-5]
        Count.check(stem in REFUSED, "%s refused: %s" % (name, why))
    compared = 0
    for r in run.resources:
        with open(r["name"], encoding="utf-8") as f:
            text = f.read()
        whole = trimmed(text)
        Count.check(r["T"] in whole, r["name"] + ": its bytes changed")
        if tree(text).get("resourceType") == tree(r["T"])["resourceType"]:
            Count.check(r["T"] == whole, r["name"] + ": its bytes changed")
        stored_is_same(r["T"], r["F"], r["name"])
        placed(r)
        compared += compare(defs, r["name"], tree(r["T"]), r["V"])
    return len(run.resources), compared


def population(tool, defs, lines, step):
    """Compare every step-th resource."""
    run = Run(tool, ["-"], b"\n".join(lines) + b"\n")
    for name, why in run.refused:
        Count.check(False, "%s refused: %s" % (name, why))
    whole = [trimmed(x.decode()) for x in lines]
    at = collections.Counter()
    compared = 0
    for i, r in enumerate(run.resources):
        n = int(r["name"][5:]) - 1
        pos = whole[n].find(r["T"], at[n])
        Count.check(pos >= 0, "%s: bytes changed: %s" % (r["name"],
                                                        r["T"][:80]))
        at[n] = max(pos, 0) + len(r["T"])
        placed(r)
        if i % step == 0:
            stored_is_same(r["T"], r["F"], r["name"])
            compared += compare(defs, r["name"], tree(r["T"]), r["V"])
    return len(run.resources), compared


def decimals(tool):
    """Seeded numbers: bytes to number and order of bytes, by a Bundle of
    quantities."""
    rng = random.Random(1102)
    texts = ["0", "-0", "0.00", "1", "-1"]
    for _ in range(2000):
        whole = str(rng.randrange(10 ** rng.randint(1, 17)))
        frac = "".join(rng.choice("0123456789")
                       for _ in range(rng.randint(1, 16)))
        texts.append(rng.choice(["", "-"]) + whole +
                     rng.choice(["", "." + frac]))
    lines = ['{"resourceType":"Observation","valueQuantity":{"value":%s}}'
             % t for t in texts]
    run = Run(tool, ["-"], "\n".join(lines).encode() + b"\n")
    Count.check(len(run.resources) == len(texts), "decimals: all taken")
    pairs = []
    for text, r in zip(texts, run.resources):
        v = [f for f in r["V"] if f[1] == "value-quantity"][0]
        Count.check(decimal_of(v[3]) == Decimal(text), "decimal " + text)
        pairs.append((v[3], Decimal(text)))
    pairs.sort(key=lambda p: p[0])
    Count.check(all(a[1] <= b[1] for a, b in zip(pairs, pairs[1:])),
                "decimals: the order of bytes is the order of numbers")


def main():
    tool, corpus = sys.argv[1:3]
    long_ = "--long" in sys.argv
    decimals(tool)
    if not os.path.isdir(corpus):
        print("no corpus: only decimals compared")
        print("%d passed, %d failed" % (Count.passed, Count.failed))
        return 1 if Count.failed else 0
    defs = Definitions(os.path.join(corpus, "dstu2"))
    files = sorted(glob.glob(corpus + "/dstu2/examples/json/*.json") +
                   glob.glob(corpus + "/argonaut/*/*.json"))
    total, compared = examples(tool, defs, files)
    lines = []
    for f in ("smart/patients-dev.ndjson.gz",
              "argonaut/patients-dev-core.ndjson.gz",
              "argonaut/patients-dev-rest.ndjson.gz"):
        if not long_ and "rest" in f:
            continue
        with gzip.open(os.path.join(corpus, "populations", f)) as z:
            new = [x for x in z.read().split(b"\n") if x]
        lines += new if long_ else new[:25]
    with open(corpus + "/populations/argonaut/infrastructure.ndjson",
              "rb") as f:
        lines += [x for x in f.read().split(b"\n") if x]
    for i in range(0, len(lines), 100):
        n, c = population(tool, defs, lines[i:i + 100], 1 if long_ else 5)
        total += n
        compared += c
    print("%d resources, %d values compared" % (total, compared))
    print("%d passed, %d failed" % (Count.passed, Count.failed))
    return 1 if Count.failed else 0


if __name__ == "__main__":
    sys.exit(main())
