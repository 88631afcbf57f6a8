#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The sample patients keep what they promise.

Every resource of examples/patients is held against the published
definitions: known elements, cardinality, choice types, required codes, and
the cardinality, fixed values and patterns of the Argonaut profile it
claims; every reference resolves inside the set.

usage: samples.py SAMPLES [CORPUS]   (CORPUS: see TIPHYS_CORPUS)
Without a corpus only JSON, ids, references and claims are checked.
"""
import csv
import glob
import json
import os
import re
import sys
from decimal import Decimal

PROFILE = "http://fhir.org/guides/argonaut/StructureDefinition/argo-"
ALL = {"allergyintolerance", "careplan", "careteam", "condition", "device",
       "diagnosticreport", "documentreference", "goal", "immunization",
       "medication", "medicationorder", "medicationstatement",
       "observationresults", "smokingstatus", "vitalsigns", "patient",
       "procedure"}


class Definitions:
    def __init__(self, corpus):
        self.child = {}        # path -> {json name: row}
        self.codes = {}
        dstu2 = os.path.join(corpus, "dstu2")
        with open(os.path.join(dstu2, "elements.tsv"), newline="") as f:
            for row in csv.DictReader(f, delimiter="\t",
                                      quoting=csv.QUOTE_NONE):
                if "." not in row["path"]:
                    continue
                parent, name = row["path"].rsplit(".", 1)
                self.child.setdefault(parent, {})[name] = row
        with open(os.path.join(dstu2, "required-codes.tsv"),
                  newline="") as f:
            for row in csv.DictReader(f, delimiter="\t",
                                      quoting=csv.QUOTE_NONE):
                self.codes.setdefault(row["valueSet"], set()).add(
                    row["code"])
        self.profile = {}
        for path in glob.glob(os.path.join(corpus, "argonaut/profiles/*")):
            with open(path) as f:
                sd = json.load(f)
            self.profile[sd["url"]] = sd

    @staticmethod
    def types(row):
        return [re.sub(r"[({].*", "", t.strip())
                for t in re.split(r"\|(?![^(]*\))", row["types"])]

    def find(self, path, name):
        """The row of a JSON member, and the type that stands there."""
        kids = self.child.get(path, {})
        if name in kids:
            return kids[name], self.types(kids[name])[0]
        for key, row in kids.items():
            if key.endswith("[x]") and name.startswith(key[:-3]):
                for t in self.types(row):
                    if name == key[:-3] + t[0].upper() + t[1:]:
                        return row, t
                if row["types"] in ("*", ""):
                    return row, name[len(key) - 3:]
        return None, None

    def walk(self, path, obj, where, fault):
        kids = self.child.get(path, {})
        for name, row in kids.items():
            got = [n for n in obj if n == name or name.endswith("[x]")
                   and n.startswith(name[:-3])
                   and self.find(path, n)[0] is row]
            if int(row["min"]) and not got:
                fault(f"{where}.{name}: required")
        for name, value in obj.items():
            if name in ("resourceType", "fhir_comments") or name[0] == "_":
                continue
            row, typ = self.find(path, name)
            if row is None:
                fault(f"{where}.{name}: no such element")
                continue
            if isinstance(value, list) != (row["max"] == "*"):
                fault(f"{where}.{name}: array or not")
                continue
            items = value if isinstance(value, list) else [value]
            for i, item in enumerate(items):
                self.item(row, typ, path, name, item,
                          f"{where}.{name}", fault)

    def item(self, row, typ, path, name, item, where, fault):
        bound = self.codes.get(row["valueSet"])
        if row["bindingStrength"] == "required" and bound:
            codes = [item] if isinstance(item, str) else [
                c.get("code") for c in item.get("coding", [])]
            if typ in ("code", "CodeableConcept") and not (
                    set(codes) & bound):
                fault(f"{where}: {codes} not in {row['valueSet']}")
        if not isinstance(item, dict):
            return
        if row["contentRef"]:
            self.walk(row["contentRef"].lstrip("#"), item, where, fault)
        elif typ in ("BackboneElement", "Element") or (
                path + "." + name in self.child):
            self.walk(path + "." + name, item, where, fault)
        elif typ in self.child:
            self.walk(typ, item, where, fault)

    def conform(self, url, res, fault):
        sd = self.profile.get(url)
        if sd is None:
            fault(f"claims unknown profile {url}")
            return
        for e in sd["snapshot"]["element"]:
            parts = e["path"].split(".")[1:]
            if not parts or e.get("name") and "extension" in parts:
                continue
            if e.get("slicing") or "extension" in parts:
                continue
            parents = [res]
            for p in parts[:-1]:
                parents = [v for o in parents for v in values(o, p)
                           if isinstance(v, dict)]
            sliced = e.get("name") and parts[0] in ("related",)
            for o in parents:
                got = values(o, parts[-1])
                if len(got) < int(e.get("min", 0)) and not sliced:
                    fault(f"{url[-20:]}: {e['path']} needs {e['min']}")
                if e.get("max") == "0" and got:
                    fault(f"{url[-20:]}: {e['path']} not allowed")
                for k, want in e.items():
                    if k.startswith("fixed") and not sliced:
                        if any(g != want for g in got):
                            fault(f"{e['path']}: not {want}")
                    if k.startswith("pattern"):
                        if got and not any(covers(g, want) for g in got):
                            fault(f"{e['path']}: lacks {want}")


def values(obj, name):
    if name.endswith("[x]"):
        out = [v for k, v in obj.items() if k.startswith(name[:-3])
               and k[len(name) - 3:len(name) - 2].isupper()]
    else:
        out = [obj[name]] if name in obj else []
    return [i for v in out for i in (v if isinstance(v, list) else [v])]


def covers(got, want):
    if isinstance(want, dict):
        return isinstance(got, dict) and all(
            k in got and covers(got[k], v) for k, v in want.items())
    if isinstance(want, list):
        return isinstance(got, list) and all(
            any(covers(g, w) for g in got) for w in want)
    return got == want


def references(obj):
    if isinstance(obj, dict):
        for k, v in obj.items():
            if k == "reference" and isinstance(v, str):
                yield v
            elif k == "url" and isinstance(v, str) and (
                    v.startswith("Binary/")):
                yield v
            else:
                yield from references(v)
    elif isinstance(obj, list):
        for v in obj:
            yield from references(v)


def main():
    samples, corpus = sys.argv[1], (sys.argv + [""])[2]
    defs = Definitions(corpus) if corpus else None
    if defs is None:
        print("no corpus: definitions and profiles are not compared")
    have, resources, claimed = set(), [], set()
    for path in sorted(glob.glob(os.path.join(samples, "*.ndjson"))):
        with open(path) as f:
            for n, line in enumerate(f, 1):
                r = json.loads(line, parse_float=Decimal)
                place = f"{os.path.basename(path)}:{n}"
                resources.append((place, r))
                have.add(f"{r['resourceType']}/{r['id']}")
    passed = failed = 0
    for place, r in resources:
        faults = []
        for ref in references(r):
            if ref not in have:
                faults.append(f"{ref} is not in the set")
        for url in r.get("meta", {}).get("profile", []):
            claimed.add(url[len(PROFILE):])
            if defs:
                defs.conform(url, r, faults.append)
        if defs:
            defs.walk(r["resourceType"], r, r["resourceType"],
                      faults.append)
        for f in faults:
            print(f"{place} {r['resourceType']}/{r['id']}: {f}")
        failed += bool(faults)
        passed += not faults
    patients = [r for _, r in resources if r["resourceType"] == "Patient"]
    for what, ok in (("six patients", len(patients) == 6),
                     ("all 17 profiles", claimed == ALL)):
        if not ok:
            print(f"not {what}")
        passed += ok
        failed += not ok
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
