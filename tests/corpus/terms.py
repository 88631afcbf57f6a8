#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The code systems and value sets are those of the specification.

Expands every value set of the published definitions on its own and compares
it, code by code and both ways, with what termtool prints; so it does with
the systems and what stands below what.  Where ours differ on purpose,
deviations.tsv says why (types "system" and "set").

usage: terms.py TERMTOOL SRC [CORPUS]   (CORPUS: see TIPHYS_CORPUS)
"""
import glob
import json
import os
import sys

from tables import Deviations, Judge, read_tool, rows

ETHNICITY = "http://hl7.org/fhir/ValueSet/v3-Ethnicity"


class Spec:
    def __init__(self, corpus):
        compact = os.path.join(corpus, "dstu2/definitions/compact")
        self.sets = {}
        for name in ("valuesets", "v2-tables", "v3-codesystems"):
            with open(os.path.join(compact, name + ".json")) as f:
                for e in json.load(f)["entry"]:
                    self.sets[e["resource"]["url"]] = e["resource"]
        self.core = {u for u in self.sets
                     if not u.rsplit("/", 1)[1].startswith(("v2-", "v3-"))}
        for path in glob.glob(os.path.join(corpus, "argonaut/valuesets",
                                           "ValueSet-*.json")):
            with open(path) as f:
                resource = json.load(f)
            self.sets[resource["url"]] = resource
            self.core.add(resource["url"])
        self.core |= {r["valueSet"]
                      for r in rows(os.path.join(corpus, "dstu2",
                                                 "elements.tsv"))
                      if r["bindingStrength"] == "required"
                      and r["valueSet"] in self.sets}
        # {system: {code: parent}}, and those that tell "A" from "a"
        # (a code that is abstract groups others and is not to be chosen)
        self.systems, self.case, self.abstract = {}, {}, {}
        for resource in self.sets.values():
            system = resource.get("codeSystem")
            if system:
                codes = self.systems.setdefault(system["system"], {})
                self.walk(system["concept"], "", codes)
                self.groups(system["concept"], self.abstract.setdefault(
                    system["system"], set()))
                self.case[system["system"]] = system.get("caseSensitive",
                                                         False)

    def walk(self, concepts, parent, out):
        for c in concepts:
            out[c["code"]] = parent
            self.walk(c.get("concept", []), c["code"], out)

    def groups(self, concepts, out):
        for c in concepts:
            if c.get("abstract") or any(
                    e["url"].endswith("notSelectable") and e["valueBoolean"]
                    for e in c.get("extension", [])):
                out.add(c["code"])
            self.groups(c.get("concept", []), out)

    def below(self, system, top):
        found = {top}
        for code, parent in self.systems[system].items():  # parents first
            if parent in found:
                found.add(code)
        return found

    def clause(self, i):
        """{system: codes, "all" or "some"} of one include or exclude."""
        system = i["system"]
        if system == ETHNICITY:         # requirements 1.5: its codes
            system = "http://hl7.org/fhir/v3/Ethnicity"
        known = self.systems.get(system)
        if "concept" in i:
            return {system: {c["code"] for c in i["concept"]}}
        if "filter" in i:
            if known is None:
                return {system: "some"}
            (f,) = i["filter"]
            assert (f["property"], f["op"]) == ("concept", "is-a")
            return {system: self.below(system, f["value"]) -
                    self.abstract[system]}
        return {system: "all" if known is None else
                set(known) - self.abstract[system]}

    def expand(self, url):
        """{system: [codes, all, some]}"""
        if url not in self.sets:
            return {}
        r, out = self.sets[url], {}
        compose = r.get("compose", {})
        parts = []
        if "codeSystem" in r:
            system = r["codeSystem"]["system"]
            parts.append({system: set(self.systems[system]) -
                          self.abstract[system]})
        sets = compose.get("import", []) + [
            v for i in compose.get("include", [])
            for v in i.get("valueSet", [])]
        for other in sets:
            for system, (codes, all_, some) in self.expand(other).items():
                parts.append({system: codes})
                parts += [{system: "all"}] * all_ + [{system: "some"}] * some
        parts += [self.clause(i) for i in compose.get("include", [])
                  if "system" in i]
        for part in parts:
            for system, what in part.items():
                row = out.setdefault(system, [set(), False, False])
                if what == "all":
                    row[1] = True
                elif what == "some":
                    row[2] = True
                else:
                    row[0] |= what
        for i in compose.get("exclude", []):
            for system, what in self.clause(i).items():
                if what != "some":      # of what we cannot tell anyhow
                    out[system][0] -= what
        return {s: row for s, row in out.items() if any(row)}


def show(expansion):
    """Short, for deviations.tsv."""
    return "; ".join(
        f"{system} " + " ".join(
            ["all"] * all_ + ["some"] * some +
            ([f"{len(codes)} codes"] if codes else []))
        for system, (codes, all_, some) in sorted(expansion.items()))


def read_ours(facts):
    systems = {url: (whole == "1", nocase == "1", {})
               for url, whole, nocase in facts["system"]}
    for url, code, parent in facts["code"]:
        systems[url][2][code] = parent
    sets = {url: {} for url, _ in facts["set"]}
    for url, system, all_, some in facts["part"]:
        # A whole system that is in the set whole is listed code by code.
        sets[url][system] = [set(), all_ == "1" and not systems[system][0],
                             some == "1"]
    for url, system, code in facts["has"]:
        if not sets[url][system][1]:
            sets[url][system][0].add(code)
    return systems, sets


def main():
    tool, src = sys.argv[1:3]
    systems, sets = read_ours(read_tool(tool))
    if len(sys.argv) < 4:
        print("no corpus: set TIPHYS_CORPUS to the folder of definitions; "
              "nothing was compared")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    judge, spec = Judge(), Spec(sys.argv[3])
    deviations = Deviations(src, judge, ("system", "set"))
    needed = set()
    for url in sorted(spec.core | set(sets)):
        theirs = spec.expand(url)
        ours = sets.get(url, {})
        if ours == theirs:
            judge.passed += 1
        else:
            deviations.same("set", url, "codes", show(ours), show(theirs))
        needed |= set(theirs)
    for url in sorted(needed | set(systems)):
        whole, nocase, codes = systems.get(url, (None, None, {}))
        theirs = spec.systems.get(url)
        deviations.same("system", url, "carried",
                        {None: "no", True: "whole", False: "outside"}[whole],
                        "outside" if theirs is None else "whole")
        if whole and theirs is not None:
            judge.same(f"{url}: codes and their parents",
                       sorted(codes.items()), sorted(theirs.items()))
            judge.same(f"{url}: nocase", nocase, not spec.case[url])
    for r in rows(os.path.join(sys.argv[3], "dstu2", "required-codes.tsv")):
        if r["code"] in spec.abstract.get(r["system"], ()):
            continue
        held = sets[r["valueSet"]].get(r["system"], [set()])[0]
        judge.true(f"{r['valueSet']} has {r['code']}", r["code"] in held)
    deviations.finish()
    print(f"{judge.passed} passed, {judge.failed} failed")
    return judge.failed != 0


if __name__ == "__main__":
    sys.exit(main())
