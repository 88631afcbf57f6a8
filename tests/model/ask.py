# SPDX-License-Identifier: Apache-2.0
"""Random queries of the whole grammar, mostly about what is there."""

import datetime

import judge
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
    "Communication", "RiskAssessment"]


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
    def __init__(self, rng, store):
        self.r, self.store = rng, store

    def query(self, patients):
        """patients: whom the view names; None: everything."""
        r = self.r
        kind = r.choice(KINDS)
        q = search.Query(kind)
        way = r.random()
        if way < 0.03:
            q.kind = kind = None
        elif way < 0.13:
            self.compartment(q, patients)
            kind = q.kind
        for _ in range(r.choice([0, 1, 1, 1, 1, 2, 2, 3])):
            node = self.node(kind, 0)
            if node:
                q.nodes.append(node)
        self.order(q, kind)
        self.bring(q, kind)
        q.post = q.within is None and r.random() < 0.1
        if q.within is None and r.random() < 0.05:
            self.inside(q)
        if r.random() < 0.6:
            q.count = r.choice([0, 1, 2, 3, 5, 10, 40])
        if q.contained:
            return q
        if r.random() < 0.08:
            q.summary = r.choice(["true", "text", "data", "count", "false"])
        elif kind and r.random() < 0.05:
            q.elements = r.sample(sorted(
                n.replace("[x]", "") for n in spec.ELEMENTS[kind]), 2)
        return q

    def inside(self, q):
        """Of what the stores contain; results of it as they come."""
        kind = self.r.choice(["Practitioner", "Organization", "Medication"])
        q.kind, q.nodes, q.includes, q.sort = kind, [], [], []
        q.contained = self.r.choice(["true", "both"])
        q.inside = self.r.random() < 0.4
        if self.r.random() < 0.7:
            node = self.node(kind, 3)
            q.nodes += [node] if node else []
        if self.r.random() < 0.5:
            self.order(q, kind)
            q.sort = [(c, d) for c, d in q.sort if c[0] != "_"]

    def compartment(self, q, patients):
        r = self.r
        ids = [x.id for x in self.store.of("Patient")]
        if not ids:
            return
        who = r.choice(sorted(patients)) if patients and r.random() < 0.7 \
            else r.choice(ids)
        kinds = [k for k in KINDS if self.codes_within(k)]
        q.within = "Patient", who
        q.kind = r.choice(kinds)
        if r.random() < 0.1:
            q.kind = None

    def codes_within(self, kind):
        return [c for c in spec.COMPARTMENTS["Patient"].get(kind, [])
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
        if kind and deep < 3:
            if way < 0.10:
                return self.chain(kind, deep)
            if way < 0.17 and kind != "Binary":
                return self.has(kind, deep)
        if kind and way < 0.20:
            return self.words(kind)
        if kind and way < 0.22:
            return search.InList(self.rid("List")) if r.random() < 0.6 else \
                search.Current(r.choice(["problems", "medications",
                                         "allergies"]))
        if kind and 0.31 < way < 0.33:
            some = [x for x in SETS if x[0] == kind]
            if some:
                _, code, *rest = r.choice(some)
                return search.InSet(code, r.choice(["in", "not-in"]), *rest)
        if kind and 0.22 < way < 0.26 and deep == 0:
            return self.filter(kind)
        if kind and way < 0.31:
            some = [p for p in spec.PARAMS[kind].values() if p.parts]
            if some:
                return self.leaf(kind, r.choice(some))
        params = self.params(kind)
        used = [p for p in params if self.sample(kind, p)]
        if used and r.random() < 0.9:
            params = used
        return self.leaf(kind, r.choice(params))

    def records(self, kind):
        return self.store.of(kind) if kind else \
            list(self.store.all.values())

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
        if p.kind == "reference" and r.random() < 0.1:
            return self.by_id(kind, p)
        mod = ""
        if p.kind == "string":
            mod = r.choice(["", "", "exact", "contains"])
            if r.random() < 0.1:
                mod = "text"
        elif p.kind == "token" and p.code != "_id":
            mod = r.choice(["", "", "", "not"])
            if r.random() < 0.06:
                return self.by_text(kind, p)
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

    def by_text(self, kind, p):
        for x in self.r.sample(self.records(kind),
                               min(3, len(self.records(kind)))):
            texts = sorted(x.word_set(p.code)) if p.paths else []
            if texts:
                text = self.r.choice(texts)
                part = self.r.choice(words.cut(text) or [text])
                return search.Leaf(p.code, "text", [judge.escape(part)])
        return search.Leaf(p.code, "missing", ["false"])

    def words(self, kind):
        code = self.r.choice(["_text", "_content"])
        some = self.records(kind)
        for _ in range(4):
            have = sorted(self.r.choice(some).word_set(code)) if some else []
            if have:
                got = [self.r.choice(have)
                       for _ in range(self.r.choice([1, 1, 2]))]
                return search.Words(code, [
                    w if self.r.random() < 0.7 else w[:3] + "*"
                    for w in got])
        return search.Words(code, ["nothing"])

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
        # "ap" hangs on now, which is another for the server: days off alone
        how = r.choice(["", ""] + list(judge.PREFIXES[:8]))
        return how + text

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
        if kid is None or isinstance(kid, (search.InList, search.Words)):
            return None
        only = len(values.ALLOWED[kind, p.code]) == 1
        typed = not isinstance(kid, search.Leaf) or \
            isinstance(kid, search.ById) or self.r.random() < 0.6
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
                if kid is not None and not isinstance(
                        kid, (search.InList, search.Words)):
                    return search.Has(source, p.code, kid)
        return None

    # --- _filter ------------------------------------------------------------

    OPS = {"string": ["eq", "ne", "co", "sw", "ew"],
           "token": ["eq", "ne"], "uri": ["eq", "ne", "sw"],
           "date": ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "po"],
           "number": ["eq", "gt", "lt", "ge", "le"],
           "quantity": ["eq", "gt", "lt", "ge", "le"],
           "reference": ["re"]}

    def filter(self, kind, deep=0):
        text, test = self.test_or_step(kind)
        for _ in range(self.r.choice([0, 0, 1, 2])):
            how = self.r.choice(["and", "or"])
            more, also = self.test_or_step(kind)
            if self.r.random() < 0.3 and deep == 0:
                inner = self.filter(kind, 1)
                word = self.r.choice(["", "not "])
                more, also = f"{word}({inner.text})", (
                    inner.test if not word else negate(inner.test))
            text, test = f"{text} {how} {more}", join(how, test, also)
        return search.Filter(text, test)

    def test_or_step(self, kind):
        """"patient[gender eq male].birthdate ge 1970": both of one."""
        some = [p for p in self.links(kind)
                if len(values.ALLOWED[kind, p.code]) == 1]
        if not some or self.r.random() < 0.75:
            return self.test(kind)
        p = self.r.choice(some)
        to = values.ALLOWED[kind, p.code][0]
        text, test = self.test(to)
        head = p.code
        if self.r.random() < 0.4:
            inner = self.test(to)
            head += f"[{inner[0]}]"
            test = join("and", inner[1], test)
        step = search.Chain(p.code, to, Test(test))
        return f"{head}.{text}", step.holds

    def test(self, kind):
        r = self.r
        params = [p for p in self.params(kind)
                  if p.code not in ("_lastUpdated",) and
                  self.sample(kind, p)]
        if not params:
            return "_id pr true", lambda ctx, r: True
        p = r.choice(params)
        if r.random() < 0.12:
            yes = r.choice(["true", "false"])
            leaf = search.Leaf(p.code, "missing",
                               ["false" if yes == "true" else "true"])
            return f"{p.code} pr {yes}", leaf.holds
        op = r.choice(self.OPS[p.kind])
        v = self.sample(kind, p) or self.sample(kind, p)
        if v is None or p.kind == "reference" and v.type in (None, "#") or \
                p.code == "_id" and op not in ("eq", "ne"):
            leaf = search.Leaf("_id", "missing", ["false"])
            return "_id pr true", leaf.holds
        text = self.filter_value(kind, p, v, op)
        shown = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' \
            if p.kind in ("string", "uri") or not text.isalnum() and \
            r.random() < 0.5 or set(text) & set(" ()[]\"") else text
        return f"{p.code} {op} {shown}", tester(p, op, text)

    def filter_value(self, kind, p, v, op):
        if p.kind == "string":
            parts = v.folded.split() or [v.folded]
            return v.text if op in ("eq", "ne") else self.r.choice(parts)
        if p.kind == "uri":
            return v.text if op != "sw" else v.text[:self.r.randint(5, 40)]
        if p.kind == "token":
            return v.code if p.code == "_id" or self.r.random() < 0.5 or \
                set(v.system + v.code) & set("|\\,$") else \
                f"{v.system}|{v.code}"
        if p.kind == "reference":
            return f"{v.type}/{v.id}"
        text = getattr(self, "a_" + p.kind)(kind, p, v, "")
        return judge.prefix(text)[1]

    # --- results ------------------------------------------------------------

    def order(self, q, kind):
        r = self.r
        if kind is None:
            if r.random() < 0.3:
                q.sort = [("_id", r.random() < 0.5)]
            return
        some = [p for p in self.params(kind) if not p.parts]
        used = [p for p in some if self.sample(kind, p)] or some
        for _ in range(r.choice([0, 0, 1, 1, 2, 3])):
            p = r.choice(used)
            if p.code not in [c for c, _ in q.sort]:
                q.sort.append((p.code, r.random() < 0.5))
        q.dashes = r.random() < 0.4

    def bring(self, q, kind):
        r = self.r
        if kind and r.random() < 0.15:
            links = self.links(kind)
            for _ in range(r.choice([1, 1, 2])):
                if not links:
                    break
                p = r.choice(links)
                again = r.choice(["", "", "", "recurse", "iterate"])
                if r.random() < 0.15:
                    q.includes.append(search.Include(False, "*", "*", "",
                                                     again))
                    continue
                code = "*" if r.random() < 0.1 else p.code
                to = self.targets(kind, p) if r.random() < 0.3 and \
                    code != "*" else ""
                q.includes.append(search.Include(False, kind, code, to,
                                                 again))
        if kind and r.random() < 0.08:
            source = r.choice(KINDS)
            links = [p for p in self.links(source)
                     if not values.ALLOWED[source, p.code] or
                     kind in values.ALLOWED[source, p.code]]
            if links:
                p = r.choice(links)
                q.includes.append(search.Include(
                    True, source, p.code,
                    kind if r.random() < 0.3 else "", ""))


class Test:
    def __init__(self, test):
        self.holds = test


def join(how, a, b):
    if how == "and":
        return lambda ctx, r: a(ctx, r) and b(ctx, r)
    return lambda ctx, r: a(ctx, r) or b(ctx, r)


def negate(a):
    return lambda ctx, r: not a(ctx, r)


def tester(p, op, text):
    """One test of a _filter about the values of a resource."""
    def have(ctx, r):
        return search.Leaf(p.code, "", []).have(ctx, r, p.code)

    def any_of(hit):
        return lambda ctx, r: any(hit(ctx, r, v) for v in have(ctx, r))

    folded = values.fold(text)
    if p.kind == "string":
        hit = {"eq": lambda v: v.folded == folded,
               "ne": lambda v: v.folded != folded,
               "co": lambda v: folded in v.folded,
               "sw": lambda v: v.folded.startswith(folded),
               "ew": lambda v: v.folded.endswith(folded)}[op]
        return any_of(lambda ctx, r, v: hit(v))
    if p.kind == "uri":
        hit = {"eq": lambda v: v.text == text, "ne": lambda v: v.text != text,
               "sw": lambda v: v.text.startswith(text)}[op]
        return any_of(lambda ctx, r, v: hit(v))
    if p.kind == "date" and op == "po":
        low, high = values.span(text)
        return any_of(lambda ctx, r, v: v.lo < high and low < v.hi)
    how = op if p.kind in ("date", "number", "quantity") else ""
    if op == "ne" and not how:
        return any_of(lambda ctx, r, v: not judge.one(p, text, v, "", ctx,
                                                      r.type))
    return any_of(lambda ctx, r, v: judge.one(p, how + text, v, "", ctx,
                                              r.type))
