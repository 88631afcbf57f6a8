#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""profiles.tbl against the StructureDefinitions of the guide, both ways.

Of each element a profile speaks of: how often, must support, binding, fixed
value, pattern, targets; of each constraint: key and severity.  profiles.tsv
has what is otherwise here, and why; a row that is true of nothing fails.

usage: profiles.py TOOL SRC CORPUS
"""
import csv
import glob
import json
import os
import subprocess
import sys

GUIDE = "http://fhir.org/guides/argonaut/"
CORE = "http://hl7.org/fhir/"
MAX_SET = CORE + "StructureDefinition/elementdefinition-maxValueSet"
WHAT = ("min", "max", "support", "binding", "fixed", "systems", "targets")


class Count:
    passed = failed = 0


def same(what, ours, theirs):
    if ours == theirs:
        Count.passed += 1
        return
    Count.failed += 1
    print(f"{what}:\n  is   {ours}\n  want {theirs}")


# --- ours ------------------------------------------------------------------

def ours(tool):
    """{(profile, path, what): value}"""
    out = subprocess.run([tool, "-p"], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    found = {}
    for line in out.splitlines():
        name, what, *f = line.split("\t")
        if what == "url":
            found[name, "", "url"] = f[0]
            found[name, "", "type"] = f[2]
        elif what == "rule":
            found[name, f[0], "rule"] = " ".join((f[3], f[4]))
        elif what == "row" and f[0]:
            path, _, low, high, support, strength, of, fixed, systems, \
                targets = f
            values = (low, "*" if high == "-1" else high, support,
                      f"{strength} {of}" if strength else "-", fixed,
                      " ".join(systems.split()) or "-",
                      " ".join(sorted(targets.split())) or "-")
            for w, v in zip(WHAT, values):
                found[name, path, w] = v
    return found


# --- theirs ----------------------------------------------------------------

def set_name(url):
    if url.startswith(GUIDE):
        return "argonaut-" + url.rsplit("/", 1)[1]
    return url.rsplit("/", 1)[1].removesuffix(".txt")


def binding(e):
    """An example asks for nothing."""
    b = e.get("binding")
    if not b or b["strength"] == "example":
        return "-"
    ref = b.get("valueSetReference", {}).get("reference") or \
        b.get("valueSetUri")
    strong = "max" if any(x["url"] == MAX_SET
                          for x in b.get("extension", [])) else b["strength"]
    return f"{strong} {set_name(ref)}"


def fixed(e):
    """(value, systems)"""
    for key, value in e.items():
        if key.startswith("fixed"):
            return str(value), "-"
        if key.startswith("pattern"):
            c = value["coding"][0]
            return c["code"], c["system"]
    return "-", "-"


def targets(e, types):
    urls = [t.get("targetProfile", "") for t in e.get("type", [])
            if t["code"] == "Reference"]
    names = sorted({types.get(u, u.rsplit("/", 1)[1]) for u in urls if u})
    return " ".join(names) or "-"


def slice_of(e, following):
    """The name of a slice of extensions, or None."""
    for t in e.get("type", []):
        if t["code"] == "Extension" and t.get("profile"):
            return t["profile"].rsplit("/", 1)[1]
    for f in following:
        if f["path"] == e["path"] + ".url":
            return f.get("fixedUri")
        if not f["path"].startswith(e["path"] + "."):
            break
    return None


def elements(sd):
    """(path as ours, element): of those the differential speaks of."""
    whole = sd["snapshot"]["element"]
    told = {e["path"] for e in sd["differential"]["element"]}
    at = ""
    for i, e in enumerate(whole):
        path = e["path"].split(".", 1)
        if len(path) == 1:
            continue
        if e["path"] not in told and not (
                at and e["path"].endswith(".extension.extension")) and \
                e["path"] != "Extension.value[x]":
            continue
        name = path[1]
        if name.split(".")[0] == "extension":
            if name == "extension":
                at = slice_of(e, whole[i + 1:]) or ""
                name = at
            else:
                name = at + name[len("extension"):]
            if not at or name.endswith(".url"):
                continue
        if name == "url":
            continue
        yield name, e


def theirs(corpus):
    files = sorted(glob.glob(os.path.join(corpus, "argonaut/profiles",
                                          "*.json")))
    defs = []
    for path in files:
        with open(path) as f:
            defs.append(json.load(f))
    types = {d["url"]: d["snapshot"]["element"][0]["path"] for d in defs}
    found = {}
    for d in defs:
        name = d["id"]
        found[name, "", "url"] = d["url"]
        found[name, "", "type"] = types[d["url"]]
        for path, e in elements(d):
            values = (str(e["min"]), e["max"],
                      "MS" if e.get("mustSupport") else "-", binding(e),
                      *fixed(e), targets(e, types))
            for w, v in zip(WHAT, values):
                found[name, path, w] = v
        for e in d["snapshot"]["element"]:
            for c in e.get("constraint", []):
                if c["key"].startswith("arg-"):
                    found[name, c["key"], "rule"] = c["severity"] + " guide"
    return found


# --- both ------------------------------------------------------------------

def main():
    tool, src, corpus = sys.argv[1:4]
    if not os.path.isdir(corpus):
        print("no corpus: TIPHYS_CORPUS names none")
        print("0 passed, 0 failed, 1 skipped")
        return
    a, b = ours(tool), theirs(corpus)
    with open(os.path.join(src, "tests/corpus/profiles.tsv"),
              newline="") as f:
        known = {(r["profile"], r["path"], r["what"]): r
                 for r in csv.DictReader(f, delimiter="\t",
                                         quoting=csv.QUOTE_NONE)}
    used = set()
    for key in sorted(set(a) | set(b)):
        row = known.get(key)
        want = b.get(key)
        if row and a.get(key) != want and row["reason"]:
            used.add(key)
            want = row["ours"] or None
        same("%s %s %s" % key, a.get(key), want)
    for key in sorted(set(known) - used):
        same("profiles.tsv: %s %s %s" % key, "as in the guide", "otherwise")
    print(f"{Count.passed} passed, {Count.failed} failed")
    sys.exit(Count.failed > 0)


if __name__ == "__main__":
    main()
