#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What goes in by HTTP comes out the same, digit for digit.

Official examples, the guide's examples and populations (of TIPHYS_CORPUS),
the sample patients, and generated decimals: each is written in batches,
read back by itself and compared, members in their order and numbers as they
are written, less the server's part of meta.  What may not be written by REST
(AuditEvent, what faults.tsv names) goes in by tiphys load.  JSN-08; R24.

usage: roundtrip.py [--long] [--decimals N] [--server SERVER]
--long: whole populations
"""

import argparse
import csv
import glob
import gzip
import json
import os
import random
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))

import testsite     # noqa: E402

CORPUS = os.environ.get("TIPHYS_CORPUS")
SHORT_LINES = 2         # of a population; a line is a patient's Bundle
EACH = 200              # decimals of a resource
BATCH, BYTES = 100, 2 << 20     # of one Bundle
BEFORE, DIGITS = 18, 40         # digits before the point, and in all
ID = re.compile(r"[A-Za-z0-9.-]{1,64}$")
FHIR = ("Content-Type", "application/json+fhir")
# Never written by REST, or by POST alone.
KEPT = {"AuditEvent", "Subscription", "Provenance"}
# Good resources that REST refuses with reason.
REFUSED = {"patient-example-f201-roel": "names a Binary that is not there",
           "relatedperson-example-peter": "names a Binary that is not there",
           "blood-pressure": "another example has the id, of another patient"}


class Num(str):
    """A number as it is written; a string is never the same."""

    def __eq__(self, other):
        return type(other) is Num and str.__eq__(self, other)

    __hash__ = str.__hash__


class Pairs(list):
    """An object: its members in their order."""


def parse(text):
    return json.loads(text, object_pairs_hook=Pairs, parse_float=Num,
                      parse_int=Num)


def parted(text):
    """(all but what stands first in a stored text, meta less what is the
    server's)"""
    r = parse(text)
    meta = [m for n, m in r if n == "meta"]
    own = [(n, v) for n, v in (meta[0] if meta else [])
           if n not in ("versionId", "lastUpdated")]
    return [(n, v) for n, v in r
            if n not in ("resourceType", "id", "meta")], own


def dumped(value):
    """The text of a part of a parsed file, as it was but for spaces."""
    if isinstance(value, Num):
        return str(value)
    if isinstance(value, Pairs):
        return "{" + ",".join(json.dumps(n) + ":" + dumped(v)
                              for n, v in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dumped, value)) + "]"
    return json.dumps(value)


def resources(text):
    """Those of a Bundle of a population, or the resource itself."""
    r = parse(text)
    if dict(r).get("type") == "transaction" or \
            dict(r).get("type") == "collection":
        for e in dict(r).get("entry", []):
            yield dumped(dict(e)["resource"])
    else:
        yield text


# --- what there is ----------------------------------------------------

def lines(path, most):
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as f:
        for i, line in enumerate(f):
            if most and i >= most:
                return
            yield from resources(line)


def whole(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def decimals(n, seed=7):
    """Observations of EACH decimals: any sign, length and scale."""
    r = random.Random(seed)
    for k in range(n // EACH):
        found = []
        for _ in range(EACH):
            digits = r.choice([1, 2, 3, 6, 17, 18, 19, 20, DIGITS])
            text = str(r.randrange(10 ** digits)).zfill(
                r.choice([0, 0, digits]))
            at = r.randint(0, min(BEFORE, len(text)))
            head, tail = text[:at].lstrip("0") or "0", text[at:]
            found.append(r.choice(["", "", "-"]) + head +
                         ("." + tail if tail else ""))
        yield ('{"resourceType":"Observation","id":"digits-%d","status":'
               '"final","code":{"text":"digits"},"component":[%s]}' % (
                   k, ",".join('{"code":{"text":"n"},"valueQuantity":'
                               '{"value":%s}}' % x for x in found)))


def sources(args):
    """(name, texts); the names of official examples are their files'."""
    samples = testsite.SRC + "/examples/patients/"
    yield "samples", (x for p in sorted(glob.glob(samples + "*json*"))
                      for x in (lines(p, 0) if p.endswith("ndjson") else
                                resources(whole(p))))
    yield "decimals", decimals(args.decimals)
    if not CORPUS:
        print("no TIPHYS_CORPUS: samples and decimals alone")
        return
    for name in ("dstu2/examples/json", "argonaut/examples"):
        for p in sorted(glob.glob(f"{CORPUS}/{name}/*.json")):
            yield os.path.basename(p)[:-5], [whole(p)]
    top = CORPUS + "/populations/"
    yield "population:argonaut", lines(top + "argonaut/infrastructure.ndjson",
                                       0)
    for p in sorted(glob.glob(top + "argonaut/sample/*.json")):
        yield "population:argonaut", resources(whole(p))
    for name in ("argonaut", "smart"):
        for p in sorted(glob.glob(f"{top}{name}/*.ndjson.gz")):
            yield "population:" + name, lines(p, 0 if args.long else
                                              SHORT_LINES)


# --- there and back ----------------------------------------------------

class Trip:
    def __init__(self, site):
        self.site = site
        self.token = site.mint("system/*.read system/*.write")
        self.passed = self.failed = self.loaded = self.numbers = 0
        self.left, self.size = [], 0
        with open(os.path.join(HERE, "faults.tsv"), newline="") as f:
            self.faulty = {r["file"] for r in csv.DictReader(
                f, delimiter="\t", quoting=csv.QUOTE_NONE)}

    def fail(self, text):
        self.failed += 1
        if self.failed < 20:
            print("FAIL", text[:1500])

    def add(self, name, text):
        r = dict(parse(text))
        kind, rid = r["resourceType"], r.get("id")
        if not ID.match(rid or ""):         # published ones have a "_"
            rid = f"trip-{self.passed + len(self.left)}"
            text = dumped(Pairs([("id", rid)] + [
                x for x in parse(text) if x[0] != "id"]))
        self.left.append((name, kind, rid, text))
        self.size += len(text)
        if len(self.left) == BATCH or self.size > BYTES:
            self.flush()

    def flush(self):
        """All but the last of each id: a later one would replace it."""
        last = {x[1:3]: x for x in self.left}
        self.left, self.size = [], 0
        rest, sent = [], []
        for x in last.values():
            (rest if x[1] in KEPT else sent).append(x)
        rest += self.batch(sent)
        if rest:
            self.loaded += len(rest)
            self.site.tool("load", "-", stdin="".join(
                x[3].replace("\r", " ").replace("\n", " ") + "\n"
                for x in rest))
        for x in last.values():
            self.back(*x)

    def batch(self, sent):
        """Those of it that must go in another way."""
        body = '{"resourceType":"Bundle","type":"batch","entry":[%s]}' % \
            ",".join('{"request":{"method":"PUT","url":"%s/%s"},'
                     '"resource":%s}' % (kind, rid, text)
                     for _, kind, rid, text in sent)
        a = self.site.send("POST", "", self.token, [FHIR], body, timeout=120)
        if a is None or a.status != 200:
            self.fail(f"a batch: {a}")
            return sent
        rest = []
        for x, e in zip(sent, a.json()["entry"]):
            status = e["response"]["status"][:3]
            if status in ("200", "201"):
                continue
            rest.append(x)
            if x[0] not in self.faulty and (status != "403" or
                                            x[0] not in REFUSED):
                self.fail(f"{x[0]}: {x[1]}/{x[2]}: {status} "
                          f"{e.get('resource')}")
        return rest

    def back(self, name, kind, rid, text):
        a = self.site.get(f"/{kind}/{rid}", self.token, headers=[
            ("Accept", "application/json+fhir")])
        if a is None or a.status != 200:
            return self.fail(f"{name}: {kind}/{rid}: {a}")
        was, now = parted(text), parted(a.body)
        if was != now:
            return self.fail(f"{name}: {kind}/{rid} differs:\n{was}\n{now}")
        self.passed += 1
        if name == "decimals":
            self.numbers += EACH


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--long", action="store_true")
    p.add_argument("--decimals", type=int, default=20000)
    p.add_argument("--server", default="lighttpd")
    args = p.parse_args()
    with testsite.Site(server=args.server, workers=2) as site:
        trip = Trip(site)
        for name, texts in sources(args):
            for text in texts:
                trip.add(name, text)
        trip.flush()
        print(f"{trip.passed} resources there and back, {trip.loaded} of "
              f"them by load; {trip.numbers} generated decimals")
        if trip.numbers < args.decimals - EACH:
            trip.fail("decimals are missing")
        check = site.tool("check", check=False)
        if check.returncode:
            trip.fail(f"tiphys check: {check.stderr}")
    print(f"{trip.passed} passed, {trip.failed} failed")
    return 1 if trip.failed else 0


if __name__ == "__main__":
    sys.exit(main())
