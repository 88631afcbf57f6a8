#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The compiled tables say what the specification says.

Derives types, elements, search parameters and compartments from the
published definitions and compares them, row by row, with what deftool
prints.  Where ours differ on purpose, deviations.tsv has the row, what we
hold instead, and why; a deviation that is none any more fails too.

usage: tables.py DEFTOOL SRC [CORPUS]   (CORPUS: see TIPHYS_CORPUS)
"""
import csv
import json
import os
import re
import subprocess
import sys

PROFILED = {"Age", "Count", "Distance", "Duration", "Money",
            "SimpleQuantity"}
# What a value of each kind can be made of (fhir/def.h, struct def_path).
FITS = {
    "number": "integer unsignedInt positiveInt decimal Quantity",
    "date": "date dateTime instant Period Timing",
    "string": "string markdown HumanName Address",
    "token": "code Coding CodeableConcept Identifier ContactPoint boolean "
             "id string integer unsignedInt positiveInt dateTime "
             "BackboneElement",
    "reference": "Reference uri BackboneElement",
    "quantity": "Quantity",
    "uri": "uri oid",
    "composite": "",
}
FITS = {kind: set(types.split()) for kind, types in FITS.items()}


class Judge:
    """Counts and tells what differs."""

    def __init__(self):
        self.passed = self.failed = 0

    def same(self, what, ours, theirs):
        if ours == theirs:
            self.passed += 1
            return
        self.failed += 1
        print(f"{what}:\n  ours  {ours}\n  spec  {theirs}")

    def true(self, what, ok):
        self.same(what, bool(ok), True)


def rows(path):
    with open(path, newline="") as f:
        return list(csv.DictReader(f, delimiter="\t",
                                   quoting=csv.QUOTE_NONE))


def read_tool(tool):
    """{kind of fact: [fields]}"""
    facts = {}
    out = subprocess.run([tool], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    for line in out.splitlines():
        kind, *fields = line.split("\t")
        facts.setdefault(kind, []).append(fields)
    return facts


class Spec:
    """elements.tsv, walked as JSON has it."""

    def __init__(self, corpus):
        self.rows = [r for r in rows(os.path.join(corpus, "dstu2",
                                                  "elements.tsv"))]
        self.at = {r["path"]: r for r in self.rows}
        self.types = sorted(
            r["path"] for r in self.rows
            if r["kind"] == "resource" and "." not in r["path"]
            and r["path"] not in ("Resource", "DomainResource"))

    @staticmethod
    def split(types):
        """(data type, targets, profile) of
        "A|Reference(B|C)|Quantity{Age}"."""
        for t in re.findall(r"\w+(?:\([^)]*\)|\{[^}]*\})?", types):
            m = re.match(r"(\w+)(?:\(([^)]*)\))?(?:\{(\w+)\})?", t)
            targets = m.group(2) or ""
            if targets in ("Any", "Resource"):
                targets = ""
            yield m.group(1), "|".join(sorted(filter(
                None, targets.split("|")))), m.group(3) or ""

    def members(self, row):
        """JSON name, data type, targets, profile of a row of elements.tsv."""
        name = row["path"].rsplit(".", 1)[1]
        for dt, targets, profile in self.split(
                row["types"] or "BackboneElement"):
            if dt in PROFILED:
                dt, profile = "Quantity", dt
            dt = "BackboneElement" if dt == "Element" else dt
            if name.endswith("[x]"):
                yield name[:-3] + dt[0].upper() + dt[1:], dt, targets, profile
            else:
                yield name, dt, targets, profile

    def step(self, path, name):
        """The row below path that holds a member of this JSON name."""
        row = self.at.get(path + "." + name)
        if row is not None:
            return row
        for r in self.rows:
            if r["path"].startswith(path + ".") and \
               r["path"].endswith("[x]") and \
               r["path"].count(".") == path.count(".") + 1 and \
               name in [m[0] for m in self.members(r)]:
                return r
        return None

    def resolve(self, names):
        """Row and data type of a path; the first name is the type."""
        at, row = names[0], None
        for name in names[1:]:
            row = self.step(at, name)
            if row is None:
                return None, None, None
            dt, targets = [(m[1], m[2]) for m in self.members(row)
                           if m[0] == name][0]
            if row["contentRef"]:
                at = row["contentRef"]
            elif dt == "BackboneElement":
                at = row["path"]
            else:
                at = dt
        return row, dt, targets


def short_binding(row):
    if row["bindingStrength"] != "required":
        return ""
    end = row["valueSet"].rsplit("/", 1)[1]
    return end[:-4] if end.endswith(".txt") else end


def check_elements(judge, spec, facts):
    ours, order = {}, {}
    for shape, name, *rest in facts["elem"]:
        ours[shape, name] = rest
        order.setdefault(shape, []).append(name)
    want = {}
    for r in spec.rows:
        if "." not in r["path"] or r["kind"] == "primitive":
            continue
        shape = r["path"].rsplit(".", 1)[0]
        for name, dt, targets, profile in spec.members(r):
            flags = ("S" if r["isSummary"] else "-") + \
                ("M" if r["isModifier"] else "-")
            child = r["contentRef"] or profile or (
                r["path"] if dt == "BackboneElement" else
                dt if dt in spec.at and spec.at[dt]["kind"] == "type"
                else "")
            # No comparator in a SimpleQuantity: sqty-1 of rules.tbl says so.
            most = "1" if r["max"] == "0" else r["max"].replace("*", "0")
            want[shape, name] = [dt, r["min"], most,
                                 r["path"].endswith("[x]"), flags, targets,
                                 short_binding(r), child]
            want.setdefault(shape, []).append(name)
    for key in sorted(set(map(str, want)) ^
                      set(map(str, list(ours) + list(order)))):
        judge.same(f"element {key}", key in map(str, ours),
                   key in map(str, want))
    for key, value in want.items():
        if isinstance(key, str):
            judge.same(f"order of {key}", order.get(key), value)
        elif key in ours:
            dt, low, high, choice, flags, targets, binding, child = ours[key]
            judge.same("element " + ".".join(key),
                       [dt, low, high, choice != "0", flags, "|".join(sorted(
                           filter(None, targets.split("|")))), binding,
                        child], value)


def profiled_are_quantities(judge, spec):
    """Why the tables may treat Age and its like as Quantity."""
    for name in sorted(PROFILED):
        judge.same(f"children of {name}",
                   [r["path"].split(".")[1] for r in spec.rows
                    if r["path"].startswith(name + ".")],
                   [r["path"].split(".")[1] for r in spec.rows
                    if r["path"].startswith("Quantity.")])


def registry_paths(spec, row):
    """Our spelling of the official (or later) xpath, and the targets."""
    paths, targets, any_target = [], set(), False
    xpath = row["xpathLaterBuild"] or row["xpath"]
    alternatives = []
    for alt in filter(None, xpath.split(" | ")):
        if alt not in alternatives:
            alternatives.append(alt)
    for alt in alternatives:
        system = re.search(r"\[system/@value='(\w+)'\]", alt)
        names = [re.sub(r"\[.*", "", part) for part in
                 re.sub(r"\[[^]]*\]$", "", alt).split("/f:")]
        names[0] = names[0][2:]
        # The registry of 1.0.2 says Age where JSON and XML say Quantity.
        names = [re.sub(r"^onsetAge$", "onsetQuantity", n) for n in names]
        ext = re.search(r"\[@url='([^']*)'\]", alt)
        text = ".".join(names[1:]) + (f"<{ext.group(1)}>" if ext else "")
        _, dt, t = spec.resolve(names)
        paths.append((text, dt, system.group(1) if system else ""))
        if dt == "Reference":
            any_target |= t == ""
            targets |= set(filter(None, t.split("|")))
    return sorted(paths, key=str), "" if any_target else targets


def registry(corpus):
    """{(type, code): row}; the duplicate without a path loses."""
    found = {}
    for r in rows(os.path.join(corpus, "dstu2", "search-parameters.tsv")):
        key = (r["resource"], r["name"])
        if key not in found or r["xpath"]:
            found[key] = r
    return found


class Deviations:
    """The rows of these types; without types, those of resources."""

    def __init__(self, src, judge, types=None):
        self.judge = judge
        self.of = {}
        for r in rows(os.path.join(src, "tests/corpus/deviations.tsv")):
            if (r["type"] in types if types else r["type"][0].isupper()):
                self.of[r["type"], r["code"], r["what"]] = r
        self.used = set()

    def same(self, type_, code, what, ours, theirs):
        key = (type_, code, what)
        row = self.of.get(key)
        if ours == theirs:
            self.judge.passed += 1
        elif row is None:
            self.judge.same(f"{type_}.{code}: {what}", ours, theirs)
        else:
            self.used.add(key)
            self.judge.same(f"{type_}.{code}: {what}, and deviations.tsv",
                            ours, row["ours"])
            self.judge.true(f"{type_}.{code}: {what} has no reason",
                            row["reason"].strip())

    def finish(self):
        for key in sorted(set(self.of) - self.used):
            self.judge.true("deviations.tsv: %s.%s: %s is no deviation"
                            % key, False)


def show_paths(paths):
    return " | ".join(t + (f"({s})" if s else "") for t, _, s in paths)


def check_params(judge, spec, corpus, src, facts):
    theirs = registry(corpus)
    deviations = Deviations(src, judge)
    ours, paths = {}, {}
    for num, path, dt, system in facts.get("path", []):
        paths.setdefault(num, []).append((path, dt, system))
    for num, type_, code, kind, first, argo, targets, parts, url in \
            facts["param"]:
        type_ = "Resource" if type_ == "*" else type_
        ours[type_, code] = (num, kind, first, argo, targets, parts, url)
    judge.same("distinct parameters of the registry", len(theirs), 877)
    for key, row in sorted(theirs.items()):
        judge.true("%s.%s is missing" % key, key in ours)
        if key not in ours:
            continue
        num, kind, first, _, targets, parts, url = ours[key]
        judge.same("%s.%s: kind" % key, kind, row["type"])
        deviations.same(*key, "url", url, row["url"])
        deviations.same(*key, "parts", parts, "")
        judge.same("%s.%s: first" % key, first, "0")
        want, elements = registry_paths(spec, row)
        mine = sorted(paths.get(num, []), key=str)
        deviations.same(*key, "paths", show_paths(mine), show_paths(want))
        judge.true("%s.%s: a path does not fit its kind" % key,
                   all(dt in FITS[kind] for _, dt, _ in mine))
        official = set(filter(None, row["targets"].split("|")))
        if kind != "reference":
            official = set()
        if len(official) > 90 or elements == "" or \
           official >= set(spec.types) - {"Parameters"}:
            official = set()
        deviations.same(*key, "targets", targets, "|".join(
            t for t in spec.types if t in official))
    for key in sorted(set(ours) - set(theirs)):
        num, kind, _, _, _, parts, _ = ours[key]
        where = parts or " | ".join(p[0] for p in paths.get(num, []))
        deviations.same(*key, "added", f"{kind} {where}".strip(), "")
    deviations.finish()
    return ours


def check_marks(judge, corpus, src):
    """!later stands exactly where the later build corrects an xpath."""
    marked, type_ = set(), None
    with open(os.path.join(src, "fhir/params.tbl")) as f:
        for line in f:
            if re.match(r"[A-Z]\w+$", line):
                type_ = line.strip()
            elif "!later" in line:
                marked.add((type_, line.split()[1]))
    want = set()
    for key, r in registry(corpus).items():
        alternatives = set(r["xpathLaterBuild"].split(" | "))
        if r["xpathLaterBuild"] and alternatives != {r["xpath"]}:
            want.add(key)
    judge.same("rows marked !later", sorted(marked), sorted(want))


def check_argonaut(judge, corpus, ours):
    base = os.path.join(corpus, "argonaut/conformance")
    with open(os.path.join(base, "Conformance-server.json")) as f:
        server = json.load(f)
    for resource in server["rest"][0]["resource"]:
        for p in resource.get("searchParam", []):
            row = ours.get((resource["type"], p["name"]))
            judge.same(f"Argonaut {resource['type']}.{p['name']}",
                       row and row[1], p["type"])
    for name in ("race", "ethnicity"):
        with open(os.path.join(base, f"SearchParameter-{name}.json")) as f:
            p = json.load(f)
        row = ours.get((p["base"], p["code"]))
        judge.same(f"Argonaut {name}", row and (row[1], row[3], row[6]),
                   (p["type"], "1", p["url"]))


def check_compartments(judge, spec, corpus, facts, ours):
    mine = {(c, t): codes.split("|") if codes else []
            for c, t, codes in facts["member"]}
    theirs = {}
    for r in rows(os.path.join(corpus, "dstu2", "compartments.tsv")):
        theirs[r["compartment"], r["resource"]] = [
            c for c in r["searchParams"].split("|")
            if "." not in c and c != "{def}"]
    judge.same("members of compartments", sorted(mine), sorted(theirs))
    for key, codes in sorted(theirs.items()):
        judge.same("compartment %s: %s" % key, mine.get(key), codes)


def check_owners(judge, spec, corpus, facts):
    """Owner rules against the Patient compartment and the elements."""
    of = {t: (rule, [p for p in s.split(" | ") if p],
              [p for p in o.split(" | ") if p])
          for t, rule, s, o in facts["owner"]}
    judge.same("types with an owner rule", sorted(of), spec.types)
    paths = {}
    for num, path, _, _ in facts["path"]:
        paths.setdefault(num, []).append(path)
    by_code = {(p[1], p[2]): paths.get(p[0], []) for p in facts["param"]}
    inside = {}
    for r in rows(os.path.join(corpus, "dstu2", "compartments.tsv")):
        if r["compartment"] == "Patient":
            inside[r["resource"]] = r["searchParams"].split("|")
    for type_, codes in sorted(inside.items()):
        rule, subject, other = of[type_]
        judge.true(f"{type_} of the Patient compartment is {rule}",
                   rule in ("self", "subject", "all", "target"))
        named = {p for c in codes if "." not in c
                 for p in by_code[type_, c]}
        if rule == "all":
            judge.true(f"{type_}: all of {subject}, not all of {named}",
                       named <= set(subject))
        if rule != "subject":
            continue
        judge.true(f"{type_}: {subject} in {named}", set(subject) <= named)
        row, _, _ = spec.resolve([type_] + subject[0].split("."))
        judge.same(f"{type_}: else", sorted(other),
                   [] if row["min"] == "1" else
                   sorted(named - set(subject)))
    for type_, (rule, _, _) in of.items():
        if rule == "shared":
            elements = [r for r in spec.rows
                        if r["path"].startswith(type_ + ".")]
            judge.true(f"{type_} is shared and names patients", not any(
                "Patient" in t.split("|") for r in elements
                for _, t, _ in spec.split(r["types"])))


def main():
    tool, src = sys.argv[1:3]
    facts = read_tool(tool)
    if len(sys.argv) < 4:
        print("no corpus: set TIPHYS_CORPUS to the folder of definitions; "
              "nothing was compared")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    corpus = sys.argv[3]
    judge, spec = Judge(), Spec(corpus)
    judge.same("types", sorted(t for _, t in facts["type"]), spec.types)
    check_elements(judge, spec, facts)
    profiled_are_quantities(judge, spec)
    ours = check_params(judge, spec, corpus, src, facts)
    check_marks(judge, corpus, src)
    check_argonaut(judge, corpus, ours)
    check_compartments(judge, spec, corpus, facts, ours)
    check_owners(judge, spec, corpus, facts)
    print(f"{judge.passed} passed, {judge.failed} failed")
    return judge.failed != 0


if __name__ == "__main__":
    sys.exit(main())
