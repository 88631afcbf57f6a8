# SPDX-License-Identifier: Apache-2.0
"""Random queries of the whole grammar, mostly about what is there."""

import datetime

import codes
import filters
import judge
import near
import search
import spec
import values
import words

KINDS = ["Observation"] * 6 + ["Patient"] * 3 + [
    "Condition", "Encounter", "MedicationOrder", "DiagnosticReport",
    "CarePlan", "Immunization", "DocumentReference", "Goal", "Procedure",
    "Practitioner", "Medication", "AllergyIntolerance", "List", "Group",
    "Device", "RelatedPerson", "Organization", "MedicationStatement",
    "Provenance", "ValueSet", "Appointment", "Location", "Binary",
    "Communication", "RiskAssessment", "Bundle", "Composition"]


# Type, parameter, value set, system ("": the element is a code), codes.
SETS = [
    ("Patient", "gender", "administrative-gender", "",
     {"male", "female", "other", "unknown"}),
    ("Observation", "category", "observation-category",
     "http://hl7.org/fhir/observation-category",
     {"social-history", "vital-signs", "imaging", "laboratory", "procedure",
      "survey", "exam", "therapy"}),
    ("Observation", "status", "observation-status", "",
     {"registered", "preliminary", "final", "amended", "cancelled",
      "entered-in-error", "unknown"}),
    ("Goal", "status", "goal-status", "",
     {"proposed", "planned", "accepted", "rejected", "in-progress",
      "achieved", "sustaining", "on-hold", "cancelled"}),
    ("Condition", "category", "condition-category",
     "http://hl7.org/fhir/condition-category",
     {"complaint", "symptom", "finding", "diagnosis"}),
]


class Asker:
    sets = SETS

    def __init__(self, rng, view):
        self.r, self.view, self.store = rng, view, view.store

    def query(self):
        r = self.r
        patients = self.view.patients
        kind = r.choice(KINDS) if r.random() < 0.97 else \
            r.choice(search.ALL_TYPES)
        if not self.view.may("s", kind) and r.random() < 0.9:
            kind = r.choice([k for k in KINDS if self.view.may("s", k)] or
                            KINDS)
        q = search.Query(kind)
        way = r.random()
        if way < 0.04:
            q.kind = kind = None
        elif way < 0.15:
            self.compartment(q, patients)
            kind = q.kind
        for _ in range(r.choice([0, 1, 1, 1, 1, 2, 2, 3])):
            node = self.node(kind, 0)
            if node and not self.near_again(q, node):
                q.nodes.append(node)
        self.order(q, kind)
        self.bring(q, kind)
        q.post = r.random() < 0.1
        q.bare = not q.post and r.random() < 0.3
        if q.within is None and r.random() < 0.05:
            self.inside(q)
        if r.random() < 0.6:
            q.count = r.choice([0, 1, 2, 3, 5, 10, 40])
        self.shown(q)
        self.spoil(q, kind)
        return q

    def near_again(self, q, node):
        """Two of one name would share their distance."""
        return getattr(search.leaf_of(node), "code", "") == "near" and \
            node.name() in [x.name() for x in q.nodes]

    def shown(self, q):
        """What of each resource is shown, and how."""
        r = self.r
        if r.random() < 0.08:
            q.summary = r.choice(["true", "text", "data", "count", "false"])
        elif q.kind and not q.contained and r.random() < 0.05:
            q.elements = r.sample(sorted(
                n.replace("[x]", "") for n in spec.ELEMENTS[q.kind]), 2)
        q.pretty = r.random() < 0.02

    def spoil(self, q, kind):
        """With what nobody knows; or with what is known and wrong."""
        r = self.r
        if r.random() < 0.05:
            names = ["fluffy", "_sorted", "-my-own", "_id:exactly"]
            if kind == "Observation":
                names += ["code:exact", "date:contains", "subject:Bundle",
                          "value-quantity:not", "code-value-quantity:missing"]
            q.junk = [(r.randrange(9), n, "x") for n in r.sample(
                names, r.choice([1, 1, 2]))]
            q.lenient = r.random() < 0.8
        elif r.random() < 0.03:
            some = [("_id:missing", "maybe"), ("_count", "many"),
                    ("_count", "-1"), ("_sort", "fluffy"),
                    ("_sort", ""), ("_sort", "_id,_lastUpdated,_tag,_profile"),
                    ("_summary", "short"), ("_id", ""),
                    ("_query", "mine"), ("_lastUpdated", "yesterday"),
                    ("_lastUpdated", "xx2020"), ("_tag", "a|b|c"),
                    ("_include", "Fluffy:x"), ("_has:Fluffy:x:y", "1"),
                    ("_contained", "maybe"), ("_filter", "_id eq"),
                    ("_filter", "(_id pr true"), ("_elements", "fluffy")]
            if kind == "Observation":
                some += [("date", "2020-13"), ("value-quantity", "five"),
                         ("value-quantity", "5|mg"), ("code", "a|b|c"),
                         ("subject", "Bundle/1"), ("code:in", "fluffy"),
                         ("code-value-quantity", "1"), ("code", "a,,b"),
                         ("code:below", "8480-6"), ("subject.fluffy", "1"),
                         ("subject:Patient.birthdate", "soon")]
            if kind == "Location":
                some += [("near-distance", "5"), ("near", "1"),
                         ("near", "91,0"), ("_sort", "near")]
            q.wrong = r.choice(some)

    def inside(self, q):
        """Of what the stores contain; results of it as they come."""
        r = self.r
        kind = r.choice(["Practitioner", "Organization", "Medication"])
        q.kind, q.nodes, q.includes, q.sort = kind, [], [], []
        q.contained = r.choice(["true", "both"])
        q.inside = r.random() < 0.4
        if r.random() < 0.7:
            node = self.node(kind, 3)
            q.nodes += [node] if node else []
        if r.random() < 0.5:
            self.order(q, kind)
        if r.random() < 0.3:
            self.bring(q, kind)

    def compartment(self, q, patients):
        r = self.r
        of = "Patient" if r.random() < 0.7 else \
            r.choice(sorted(spec.COMPARTMENTS))
        if of == "Patient" and patients and r.random() < 0.7:
            who = r.choice(sorted(patients))
        else:
            who = self.rid(of)
        kinds = [k for k in KINDS if self.codes_within(of, k)]
        q.within = of, who
        q.kind = r.choice(kinds)
        if r.random() < 0.1:
            q.kind = None

    def codes_within(self, of, kind):
        return [c for c in spec.COMPARTMENTS[of].get(kind, [])
                if c in spec.PARAMS[kind]]

    # --- conditions ---------------------------------------------------------

    def params(self, kind, *sorts):
        if kind is None:
            return [spec.PARAMS["Patient"][c] for c in
                    ("_id", "_tag", "_profile", "_security",
                     "_lastUpdated")]
        return [p for p in spec.PARAMS[kind].values()
                if (p.paths or p.code in ("_id", "_lastUpdated")) and
                (not sorts or p.kind in sorts)]

    def node(self, kind, deep):
        r = self.r
        way = r.random()
        if kind == "Location" and r.random() < 0.3:
            return near.ask(r)
        if kind and deep < 3:
            if way < 0.10:
                return self.chain(kind, deep)
            if way < 0.17 and kind != "Binary":
                return self.has(kind, deep)
        if kind and way < 0.20:
            return self.words(kind)
        if kind and way < 0.22:
            return self.lists()
        if kind and 0.31 < way < 0.33:
            some = [x for x in SETS if x[0] == kind]
            if some:
                _, code, *rest = r.choice(some)
                return search.InSet(code, r.choice(["in", "not-in"]), *rest)
        if kind and 0.22 < way < 0.28 and deep == 0:
            return filters.Asker(self).filter(kind)
        if kind and way < 0.31:
            some = [p for p in spec.PARAMS[kind].values() if p.parts]
            if some:
                return self.leaf(kind, r.choice(some))
        params = self.params(kind)
        used = [p for p in params if self.sample(kind, p)]
        if used and r.random() < 0.9:
            params = used
        return self.leaf(kind, r.choice(params))

    def lists(self):
        r = self.r
        some = [search.InList(self.rid("List"), r.choice(["", "List/"]))
                if r.random() < 0.6 else search.Current(
                    r.choice(["problems", "medications", "allergies"]))
                for _ in range(r.choice([1, 1, 1, 2, 3]))]
        return some[0] if len(some) == 1 else search.AnyList(some)

    def records(self, kind):
        """Those to ask about: mostly what the view holds."""
        few = self.view.of(kind)
        return few if few and self.r.random() < 0.6 else \
            self.store.of(kind)

    def sample(self, kind, p):
        """A value that some resource has, or None."""
        some = self.records(kind)
        for _ in range(4):
            if not some:
                return None
            x = self.r.choice(some)
            if p.code == "_lastUpdated":
                low, high = values.span(x.json["meta"]["lastUpdated"])
                return values.Value("date", lo=low, hi=high)
            have = x.values(p.code)
            if have:
                return self.r.choice(have)
        return None

    def rid(self, kind):
        some = self.store.of(kind)
        return self.r.choice(some).id if some and self.r.random() < 0.95 \
            else "never-was"

    def leaf(self, kind, p):
        r = self.r
        if not p.parts and r.random() < 0.07:
            return search.Leaf(p.code, "missing",
                               [r.choice(["true", "false"])])
        if p.code == "near":
            return near.ask(r)
        if p.kind == "reference" and r.random() < 0.1:
            return self.by_id(kind, p)
        if p.kind == "token" and r.random() < 0.05:
            some = [v.system for x in self.records(kind)
                    for v in x.there(p.code) if v.code == "" and v.system]
            if some:
                return search.Leaf(p.code, "", [judge.escape(
                    r.choice(some)) + "|"])
        mod = ""
        if p.kind == "string":
            mod = r.choice(["", "", "exact", "contains"])
            if r.random() < 0.1:
                mod = "text"
        elif p.kind == "token" and p.code != "_id":
            mod = r.choice(["", "", "", "not"])
            if r.random() < 0.06:
                return self.by_text(kind, p)
            if r.random() < 0.08:
                return self.steps(kind, p)
        elif p.kind == "token":
            mod = r.choice(["", "", "", "not"])
        elif p.kind == "uri":
            mod = r.choice(["", "", "above", "below"])
        n = r.choice([1, 1, 1, 1, 2, 3])
        wants = [w for w in (self.want(kind, p, mod) for _ in range(n))
                 if w]
        if not wants:
            return search.Leaf(p.code, "missing", ["true"]) \
                if not p.parts else None
        if p.kind == "reference" and r.random() < 0.2:
            return self.typed(kind, p, wants)
        return search.Leaf(p.code, mod, wants)

    def typed(self, kind, p, wants):
        """All values of one type, which the modifier then names."""
        types = {w.split("/")[-2] for w in wants if "/" in w}
        only = values.ALLOWED[kind, p.code]
        if len(types) != 1 or not all("/" in w for w in wants) or \
                not types <= set(only or spec.TYPES):
            return search.Leaf(p.code, "", wants)
        ids = [w.split("/")[-1] if self.r.random() < 0.5 else w
               for w in wants]
        return search.Leaf(p.code, list(types)[0], ids)

    def by_id(self, kind, p):
        v = self.sample(kind, p)
        if v is None or v.type in (None, "#"):
            return search.Leaf(p.code, "missing", ["false"])
        return search.ById(p.code, self.r.choice(["", v.type]), [v.id])

    def steps(self, kind, p):
        """:below and :above, of a code and what it stands among."""
        mod = self.r.choice(["below", "above"])
        wants = [w for w in (self.step(kind, p, mod) for _ in range(
            self.r.choice([1, 1, 2]))) if w]
        if not wants:
            return search.Leaf(p.code, "missing", ["false"])
        return search.Steps(p.code, mod, wants)

    def step(self, kind, p, mod):
        r = self.r
        for _ in range(4):
            v = self.sample(kind, p)
            if v is not None and v.system in codes.SYSTEMS:
                system, code = v.system, v.code
                break
            own = [s for s in codes.bound(codes.set_of(kind, p.code))
                   if v is not None and v.code in codes.SYSTEMS.get(s, [])]
            if own:
                system, code = own[0], v.code
                break
        else:
            system = r.choice(sorted(codes.SYSTEMS))
            code = r.choice(list(codes.SYSTEMS[system]))
        some = codes.above(system, code) if mod == "below" else \
            codes.below(system, code)
        if mod == "below" and len(some) > 1:    # roots hold hundreds
            some = some[:-1]
        return judge.escape(system) + "|" + judge.escape(r.choice(some))

    def by_text(self, kind, p):
        some = self.records(kind)
        for x in self.r.sample(some, min(3, len(some))):
            texts = sorted(x.word_set(p.code)) if p.paths else []
            if texts:
                text = self.r.choice(texts)
                part = self.r.choice(words.cut(text) or [text])
                return search.Leaf(p.code, "text", [judge.escape(part)])
        return search.Leaf(p.code, "missing", ["false"])

    def words(self, kind):
        code = self.r.choice(["_text", "_content"])
        return search.Words(code, *self.any_words(kind, code, 0))

    def any_words(self, kind, code, deep):
        """(text, test of a set of words)"""
        r = self.r
        text, test = self.all_words(kind, code, deep)
        while r.random() < 0.15:
            more, also = self.all_words(kind, code, deep)
            text += r.choice([",", " OR ", ", "]) + more
            test = filters.either(test, also)
        return text, test

    def all_words(self, kind, code, deep):
        r = self.r
        text, test = self.word(kind, code, deep)
        while r.random() < 0.25:
            more, also = self.word(kind, code, deep)
            text += r.choice([" ", " AND "]) + more
            test = filters.both(test, also)
        return text, test

    def word(self, kind, code, deep):
        """One; "one"; on*; NOT one; -one; (one OR another)"""
        r = self.r
        way = r.random()
        if way < 0.12:
            text, test = self.word(kind, code, deep + 1)
            return r.choice(["NOT ", "-"]) + text, filters.negate(test)
        if way < 0.24 and deep < 2:
            text, test = self.any_words(kind, code, deep + 1)
            return f"({text})", test
        some = self.records(kind)
        some = [x for x in r.choices(some, k=4)
                if x.word_set(code)] if some else []
        have = sorted(some[0].word_set(code)) if some else ["nothing"]
        w = r.choice(have)
        if way < 0.4:
            return w[:3] + "*", lambda s: any(x.startswith(w[:3]) for x in s)
        if way < 0.5:
            v = r.choice(have)
            return f'"{w} {v}"', lambda s: w in s and v in s
        return w, lambda s: w in s

    # --- values -------------------------------------------------------------

    def want(self, kind, p, mod=""):
        r = self.r
        if p.parts:
            return self.combined(kind, p)
        v = self.sample(kind, p)
        if v is None:
            return None
        return getattr(self, "a_" + p.kind)(kind, p, v, mod)

    def combined(self, kind, p):
        v = self.sample(kind, p)
        if v is None:
            return None
        out = []
        for code, one in zip(p.parts, v.parts):
            part = spec.PARAMS[kind][code]
            if self.r.random() < 0.25:
                one = self.sample(kind, part) or one
            out.append(getattr(self, "a_" + part.kind)(kind, part, one, ""))
        return "$".join(out) if all(out) else None

    def a_string(self, kind, p, v, mod):
        r = self.r
        text = v.text
        if mod == "exact":
            text = r.choice([text, text, text.lower(), text[:-1] or text])
        elif mod in ("contains", "text"):
            part = words.cut(text) or [text]
            text = r.choice(part)
            if mod == "contains":
                text = text[r.randrange(2):][:r.randint(2, 9)] or text
        else:
            text = text[:r.choice([2, 3, 5, 99])]
            text = r.choice([text, text, text.upper(), text.lower()])
        return judge.escape(text) if values.fold(text) else None

    def a_token(self, kind, p, v, mod):
        r = self.r
        code, system = judge.escape(v.code), judge.escape(v.system)
        if p.code == "_id":
            return v.code if r.random() < 0.95 else "never-was"
        own = list(codes.bound(codes.set_of(kind, p.code)))
        if own and r.random() < 0.2:    # what a plain code leaves unsaid
            system = judge.escape(r.choice(own))
        way = r.random()
        if way < 0.4:
            return code if r.random() < 0.8 else code.upper()
        if way < 0.5 and system:
            return system + "|"
        if way < 0.55:
            return "|" + code
        return f"{system}|{code}"

    def a_uri(self, kind, p, v, mod):
        text = v.text
        if mod == "below":
            text = "/".join(text.split("/")[:self.r.randint(3, 9)])
        elif mod == "above" and self.r.random() < 0.5:
            text += "/deeper"
        return judge.escape(text)

    def a_reference(self, kind, p, v, mod):
        r = self.r
        if v.type == "#":
            return None
        if v.type is None:
            return judge.escape(v.id)
        if r.random() < 0.1:
            return f"{v.type}/never-was"
        only = values.ALLOWED[kind or "Patient", p.code]
        if r.random() < 0.25:
            return v.id
        if r.random() < 0.2:
            return f"{self.store.base}/{v.type}/{v.id}"
        if only and v.type not in only:
            return v.id
        return f"{v.type}/{v.id}"

    def a_date(self, kind, p, v, mod):
        r = self.r
        at = r.choice([v.lo, v.hi])
        if abs(at) == values.OPEN:
            at = v.lo if at == v.hi else v.hi
        if abs(at) == values.OPEN:
            at = 0
        at += r.choice([0, 0, 0, -1, 1, 1000, -86400000, 86400000 * 40])
        when = values.EPOCH + datetime.timedelta(milliseconds=at)
        if not 1900 < when.year < 2100:
            when = values.EPOCH
        if r.random() < 0.2:
            when = when.astimezone(datetime.timezone(datetime.timedelta(
                hours=r.choice([-5, 2, 10]), minutes=r.choice([0, 30]))))
        zone = when.strftime("%z")
        zone = "Z" if zone == "+0000" else zone[:3] + ":" + zone[3:]
        text = r.choice([
            when.strftime("%Y"), when.strftime("%Y-%m"),
            when.strftime("%Y-%m-%d"), when.strftime("%Y-%m-%d"),
            when.strftime("%Y-%m-%dT%H:%M") + zone,
            when.strftime("%Y-%m-%dT%H:%M:%S") + zone,
            when.strftime("%Y-%m-%dT%H:%M:%S.") +
            f"{when.microsecond // 1000:03}" + zone])
        text = text.rjust(4, "0")
        return r.choice(["", ""] + list(judge.PREFIXES)) + text

    def number(self, v):
        r = self.r
        end = r.choice([v.lo, v.hi]) or v.lo or v.hi
        n = end[0]
        way = r.random()
        if way < 0.2:
            n = round(n)
        elif way < 0.3:
            n = n + r.choice([1, -1])
        elif way < 0.4:
            n = n * 10 / 11
            n = round(n, 2)
        text = f"{n:f}"
        if r.random() < 0.1 and "." in text:
            text += "0"
        elif r.random() < 0.05:
            text = f"{n:e}"
        return text

    def a_number(self, kind, p, v, mod):
        return self.r.choice(["", ""] + list(judge.PREFIXES)) + \
            self.number(v)

    def a_quantity(self, kind, p, v, mod):
        r = self.r
        text = self.r.choice(["", ""] + list(judge.PREFIXES))
        way = r.random()
        unit = judge.UNITS.get(v.code) if v.system == judge.UCUM else None
        if unit and way < 0.2:
            return text + self.converted(v, unit)
        text += self.number(v)
        if way < 0.4:
            return text
        if way < 0.6 and (v.unit or v.code):
            return text + "||" + judge.escape(r.choice([v.unit, v.code]) or
                                              v.code)
        if not v.system and not v.code:
            return text
        return f"{text}|{judge.escape(v.system)}|{judge.escape(v.code)}"

    def converted(self, v, unit):
        """The same in another unit of the dimension, about."""
        names = sorted(n for n, u in judge.UNITS.items() if u[0] == unit[0])
        name = self.r.choice(names)
        to = judge.UNITS[name]
        n = ((v.lo or v.hi)[0])
        x = (judge.Fraction(n) + unit[2]) * unit[1] / to[1] - to[2]
        digits = self.r.choice([0, 1, 3, 6])
        # in decimals alone, as a person would write it
        scaled = round(x * 10 ** digits)
        text = judge.Decimal(scaled).scaleb(-digits)
        return f"{text:f}|{judge.UCUM}|{judge.escape(name)}"

    # --- other resources ----------------------------------------------------

    def targets(self, kind, p):
        v = self.sample(kind, p)
        if v is not None and v.type not in (None, "#"):
            return v.type
        some = values.ALLOWED[kind, p.code] or ["Patient"]
        return self.r.choice(some)

    def links(self, kind):
        return [p for p in self.params(kind, "reference")
                if self.sample(kind, p)]

    def chain(self, kind, deep):
        some = self.links(kind)
        if not some:
            return None
        p = self.r.choice(some)
        to = self.targets(kind, p)
        kid = self.node(to, deep + 1)
        if kid is None:
            return None
        only = len(values.ALLOWED[kind, p.code]) == 1
        typed = not isinstance(kid, search.Leaf) or isinstance(
            kid, (search.ById, search.Steps)) or self.r.random() < 0.6
        if isinstance(kid, search.Leaf) and kid.code == "_id" and \
                not kid.mod:
            return None             # that is another thing: ById
        return search.Chain(p.code, to if typed and not only or typed
                            else None, kid)

    def has(self, kind, deep):
        for _ in range(6):
            source = self.r.choice(KINDS)
            some = [p for p in self.links(source)
                    if not values.ALLOWED[source, p.code] or
                    kind in values.ALLOWED[source, p.code]]
            if some:
                p = self.r.choice(some)
                kid = self.node(source, deep + 1)
                if kid is not None:
                    return search.Has(source, p.code, kid)
        return None

    # --- results ------------------------------------------------------------

    def order(self, q, kind):
        r = self.r
        if kind is None and r.random() < 0.6:
            return
        some = [p for p in self.params(kind)
                if not p.parts and p.code != "near"]
        used = [p for p in r.sample(some, min(8, len(some)))
                if self.sample(kind, p)] or some
        for _ in range(r.choice([0, 0, 1, 1, 2, 3])):
            p = r.choice(used)
            if p.code not in [c for c, _ in q.sort]:
                q.sort.append((p.code, r.random() < 0.5))
        q.dashes = r.random() < 0.4

    def bring(self, q, kind):
        r = self.r
        if r.random() < 0.15:
            self.bring_along(q, kind)
        if r.random() < 0.08:
            self.bring_back(q, kind)

    def again(self):
        return self.r.choice(["", "", "", "recurse", "iterate"])

    def bring_along(self, q, kind):
        """_include, of what is searched; and on from what that brings."""
        r = self.r
        source = kind
        for _ in range(r.choice([1, 1, 2, 3])):
            if source is None or r.random() < 0.15:
                q.includes.append(search.Include(False, "*", "*", "",
                                                 self.again()))
                continue
            links = self.links(source)
            if not links:
                break
            p = r.choice(links)
            again = self.again() if source == kind else "recurse"
            code = "*" if r.random() < 0.1 else p.code
            to = self.targets(source, p)
            named = code != "*" and r.random() < 0.3
            q.includes.append(search.Include(
                False, source, code, to if named else "", again))
            if r.random() < 0.3:
                source = to

    def bring_back(self, q, kind):
        r = self.r
        again = self.again()
        if kind is None or r.random() < 0.1:
            q.includes.append(search.Include(True, "*", "*", "", again))
            return
        source = r.choice(KINDS)
        links = [p for p in self.links(source)
                 if not values.ALLOWED[source, p.code] or
                 kind in values.ALLOWED[source, p.code]]
        if links:
            p = r.choice(links)
            named = r.random() < 0.3
            q.includes.append(search.Include(
                True, source, p.code if named or r.random() < 0.9 else "*",
                kind if named else "", again))
