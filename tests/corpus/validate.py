#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The base validation over what the specification and others publish.

* The keys of rules.tbl are those of the definitions, both ways.
* Every official example, the guide's examples and the populations pass;
  faults.tsv has those that do not, each with the fault and why it is one.  A
  row that is true of nothing fails, too.
* JSN-11: each element of examples, replaced by each other type of JSON, is
  refused.

usage: validate.py TOOL SRC CORPUS [--long]
--long: whole populations, elements of nearly every example
"""
import csv
import glob
import gzip
import json
import os
import random
import re
import subprocess
import sys

# Where a constraint on a choice stands in ours: on the types it is about.
CHOICES = {
    ("ElementDefinition.binding.valueSet[x]", "eld-12"):
        "ElementDefinition.binding.valueSetUri",
    ("RiskAssessment.prediction.probability[x]", "ras-1"):
        "RiskAssessment.prediction.probabilityRange",
    ("RiskAssessment.prediction.probability[x]", "ras-2"):
        "RiskAssessment.prediction.probabilityDecimal",
}
# Left to code: what is no condition on the members of one element.
BY_CODE = {"ele-1", "ref-1", "dom-1", "dom-2", "dom-3", "dom-4", "txt-1",
           "txt-2", "txt-3"}
OTHER_TYPES = ["x y", 7.5, True, {"x": 1}, ["x y"]]
SHORT_LINES = 4  # of a file of a population
SHORT_EXAMPLES = 25  # to be taken apart
SMALL = 6000  # bytes of an example that is taken apart...
LARGE = 20000  # ...with --long: the work grows as the square


class Count:
    passed = failed = 0


def same(what, ours, theirs):
    if ours == theirs:
        Count.passed += 1
        return
    Count.failed += 1
    print(f"{what}:\n  is   {ours}\n  want {theirs}")


def rows(path):
    with open(path, newline="") as f:
        return list(csv.DictReader(f, delimiter="\t",
                                   quoting=csv.QUOTE_NONE))


def run(tool, *args, text=None):
    """[(name, type, id, err, [(severity, code, key, place, text)])]"""
    out = subprocess.run([tool, *args], input=text, check=True,
                         stdout=subprocess.PIPE).stdout.decode()
    found = []
    for line in out.splitlines():
        fields = line.split("\t")
        if fields[0] == "+":
            found[-1][4].append(tuple(fields[1:]))
        else:
            found.append((*fields, []))
    return found


# --- keys ------------------------------------------------------------------

def check_keys(tool, corpus):
    ours = {}
    for line in subprocess.run([tool, "-k"], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.splitlines():
        key, place, how, whose, severity = line.split("\t")
        if whose == "dstu2":
            ours[place, key] = severity
        same(f"{key} is judged by", how,
             "code" if key in BY_CODE else "judged")
    theirs = {}
    for r in rows(os.path.join(corpus, "dstu2", "constraints.tsv")):
        place = CHOICES.get((r["path"], r["key"]), r["path"])
        theirs[place, r["key"]] = r["severity"]
    same("constraints of the definitions", len(theirs), 155)
    for key in sorted(set(ours) | set(theirs)):
        same("%s %s" % key, ours.get(key), theirs.get(key))


# --- what is published -----------------------------------------------------

class Faults:
    """Rows of faults.tsv: file, key, place without indices."""

    def __init__(self, src):
        self.rows = {(r["file"], r["key"], r["place"]): r["reason"]
                     for r in rows(os.path.join(src,
                                                "tests/corpus/faults.tsv"))}
        self.used = set()

    def judge(self, file, found):
        name, type_, id_, err, issues = found
        left = []
        for severity, code, key, place, text in issues:
            row = (file, key, re.sub(r"\[\d+\]", "", place))
            if row in self.rows and self.rows[row]:
                self.used.add(row)
            elif severity != "warning":
                left.append((key, place, text))
        same(f"{file} {type_}/{id_} {err}", left, [])

    def finish(self, files):
        for row in sorted(set(self.rows) - self.used):
            if row[0] in files:
                same("faults.tsv: %s %s %s" % row, "no fault", "a fault")


def stem(path):
    return os.path.splitext(os.path.basename(path))[0]


def check_files(tool, faults, pattern):
    files = sorted(glob.glob(pattern))
    same(f"files of {pattern}", bool(files), True)
    for found in run(tool, *files) if files else []:
        faults.judge(stem(found[0]), found)
    return {stem(f) for f in files}


def check_population(tool, faults, corpus, name, whole):
    """Lines are Bundles; a row of faults.tsv is about the population."""
    files = sorted(glob.glob(os.path.join(corpus, "populations", name,
                                          "*.ndjson*")))
    same(f"files of {name}", bool(files), True)
    for path in files:
        opener = gzip.open if path.endswith(".gz") else open
        with opener(path, "rb") as f:
            lines = f.readlines() if whole else [
                line for _, line in zip(range(SHORT_LINES), f)]
        for found in run(tool, "-", text=b"".join(lines)):
            faults.judge("population:" + name, found)


# --- JSN-11 ----------------------------------------------------------------

def places(value, path=()):
    """All elements but comments, whose text nobody reads."""
    items = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if key == "fhir_comments" or (not path and key == "resourceType"):
            continue
        yield path + (key,)
        yield from places(inner, path + (key,))


def replaced(tree, path, new):
    if not path:
        return new
    copy = tree.copy()
    copy[path[0]] = replaced(tree[path[0]], path[1:], new)
    return copy


def at(tree, path):
    for key in path:
        tree = tree[key]
    return tree


def kind(value):
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return type(value).__name__


def check_types(tool, corpus, whole):
    files = [f for f in sorted(glob.glob(os.path.join(
        corpus, "dstu2/examples/json/*.json")))
        if os.path.getsize(f) < (LARGE if whole else SMALL)]
    if not whole:
        files = random.Random(11).sample(files, SHORT_EXAMPLES)
    for path in files:
        with open(path) as f:
            tree = json.load(f)
        cases, lines = [], []
        for p in places(tree):
            for new in OTHER_TYPES:
                if kind(new) != kind(at(tree, p)):
                    cases.append((p, kind(new)))
                    lines.append(json.dumps(replaced(tree, p, new)))
        found = run(tool, "-l", text="\n".join(lines).encode() + b"\n")
        same(f"{stem(path)}: answers", len(found), len(cases))
        taken = [case for case, answer in zip(cases, found)
                 if answer[3] == "OK"]
        same(f"{stem(path)}: taken though of another type", taken, [])


def main():
    tool, src, corpus = sys.argv[1:4]
    whole = "--long" in sys.argv[4:]
    if not os.path.isdir(corpus):
        print("no corpus: TIPHYS_CORPUS names none")
        print("0 passed, 0 failed, 1 skipped")
        return
    check_keys(tool, corpus)
    faults = Faults(src)
    files = check_files(tool, faults, os.path.join(
        corpus, "dstu2/examples/json/*.json"))
    files |= check_files(tool, faults, os.path.join(
        corpus, "argonaut/examples/*.json"))
    for name in ("argonaut", "smart"):
        check_population(tool, faults, corpus, name, whole)
        if whole:
            files.add("population:" + name)
    faults.finish(files)
    check_types(tool, corpus, whole)
    print(f"{Count.passed} passed, {Count.failed} failed")
    sys.exit(Count.failed > 0)


if __name__ == "__main__":
    main()
