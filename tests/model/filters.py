# SPDX-License-Identifier: Apache-2.0
"""Random _filter expressions, and what each says of a resource.

DSTU2 search_filter.html; "and" and "or" go from left to right.
"""

import judge
import search
import spec
import values

ORDER = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
OPS = {"string": ["eq", "ne", "co", "sw", "ew"],
       "token": ["eq", "ne", "eq", "ne", "co", "sw", "ew", "ss", "sb", "in"],
       "uri": ["eq", "ne", "co", "sw", "ew"],
       "date": ORDER + ["po"], "number": ORDER, "quantity": ORDER,
       "reference": ["re", "eq", "ne"], "composite": ["eq"]}


def both(a, b):
    return lambda *of: a(*of) and b(*of)


def either(a, b):
    return lambda *of: a(*of) or b(*of)


def negate(a):
    return lambda *of: not a(*of)


class Test:
    def __init__(self, test):
        self.holds = test


class Asker:
    """Asks with the help of ask.Asker: (text, holds(ctx, resource))."""

    def __init__(self, ask):
        self.ask, self.r = ask, ask.r

    def filter(self, kind):
        return search.Filter(*self.joined(kind, 0))

    def joined(self, kind, deep):
        r = self.r
        text, test = self.one(kind)
        for _ in range(r.choice([0, 0, 1, 2])):
            how = r.choice(["and", "or"])
            more, also = self.one(kind)
            if r.random() < 0.3 and deep == 0:
                more, also = self.joined(kind, 1)
                more = f"({more})"
                if r.random() < 0.5:
                    more, also = "not " + more, negate(also)
            text = f"{text} {how} {more}"
            test = (both if how == "and" else either)(test, also)
        return text, test

    def one(self, kind):
        way = self.r.random()
        if way < 0.25:
            return self.step(kind)
        if way < 0.37:
            return self.bracket(kind)
        if way < 0.42:
            x = self.ask.lists()
            return f"_list {self.r.choice(['eq', 'in'])} " + \
                x.value().split(",")[0], getattr(x, "lists", [x])[0].holds
        if way < 0.47:
            x = self.ask.words(kind)
            return f"{x.code} co {quoted(x.text)}", x.holds
        return self.test(kind)

    def step(self, kind):
        """"patient[gender eq male].birthdate ge 1970": both of one."""
        some = [p for p in self.ask.links(kind)
                if len(values.ALLOWED[kind, p.code]) == 1]
        if not some:
            return self.test(kind)
        p = self.r.choice(some)
        to = values.ALLOWED[kind, p.code][0]
        text, test = self.test(to)
        head = p.code
        if self.r.random() < 0.4:
            inner = self.test(to)
            head += f"[{inner[0]}]"
            test = both(inner[1], test)
        step = search.Chain(p.code, to, Test(test))
        return f"{head}.{text}", step.holds

    def bracket(self, kind):
        """"related[type eq has-member].target re Observation/1": both of
        one value of a composite parameter."""
        some = [p for p in spec.PARAMS[kind].values() if p.parts]
        if not some:
            return self.test(kind)
        p = self.r.choice(some)
        v = self.ask.sample(kind, p)
        if v is None or len(p.parts) != 2:
            return self.test(kind)
        said = []
        for i in range(2):
            part = spec.PARAMS[kind][p.parts[i]]
            made = self.said(kind, part, v.parts[i])
            said.append((self.called(p, part), made) if made else
                        (self.called(p, part), ("pr true", always)))
        at = [0, 1] if self.r.random() < 0.5 else [1, 0]
        (a, (x, hit_a)), (b, (y, hit_b)) = said[at[0]], said[at[1]]

        def holds(ctx, r):
            return any(hit_a(ctx, r, c.parts[at[0]]) and
                       hit_b(ctx, r, c.parts[at[1]])
                       for c in r.values(p.code))
        return f"{p.code}[{a} {x}].{b} {y}", holds

    def called(self, p, part):
        """"related-type" is the type of "related"."""
        if part.code.startswith(p.code + "-") and self.r.random() < 0.5:
            return part.code[len(p.code) + 1:]
        return part.code

    def test(self, kind):
        r = self.r
        params = [p for p in self.ask.params(kind) if self.ask.sample(
            kind, p)] if r.random() < 0.9 else self.ask.params(kind)
        params += [p for p in spec.PARAMS[kind].values() if p.parts]
        params = [p for p in params if p.code != "near"]
        p = r.choice(params) if params else spec.PARAMS[kind]["_id"]
        if r.random() < 0.12 and not p.parts:
            yes = r.choice(["true", "false"])
            leaf = search.Leaf(p.code, "missing",
                               ["false" if yes == "true" else "true"])
            return f"{p.code} pr {yes}", leaf.holds
        made = self.said(kind, p, self.ask.sample(kind, p))
        if made is None:
            return "_id pr true", lambda ctx, r: True
        text, hit = made

        def holds(ctx, r):
            have = search.Leaf(p.code, "", []).have(ctx, r, p.code)
            return any(hit(ctx, r, v) for v in have)
        return f"{p.code} {text}", holds

    def said(self, kind, p, v):
        """(operator and value, hit(ctx, resource, value)) or None"""
        r = self.r
        if v is None or p.kind == "reference" and v.type in (None, "#"):
            return None
        op = r.choice(OPS[p.kind] if p.code != "_id" else ["eq", "ne"])
        if op == "in":
            return self.in_set(kind, p)
        if op in ("ss", "sb"):
            return self.along(kind, p, op)
        text = self.value(kind, p, v, op)
        if not text:
            return None
        shown = quoted(text) if p.kind in ("string", "uri") or \
            not text.isalnum() and r.random() < 0.5 or \
            set(text) & set(" ()[]\"") else text
        return f"{op} {shown}", hitter(p, op, text)

    def in_set(self, kind, p):
        some = [x for x in self.ask.sets if x[:2] == (kind, p.code)]
        if not some:
            return None
        _, _, name, system, have = self.r.choice(some)
        return "in " + name, lambda ctx, r, v: \
            v.code in have and v.system == system

    def along(self, kind, p, op):
        mod = "below" if op == "ss" else "above"
        text = self.ask.step(kind, p, mod)
        return f"{op} {quoted(text)}", search.Steps(
            p.code, mod, [text]).hits

    def value(self, kind, p, v, op):
        r = self.r
        if p.kind == "string":
            part = r.choice(v.folded.split() or [v.folded])
            return v.text if op in ("eq", "ne") else part
        if p.kind == "uri":
            n = r.randint(5, 40)
            return {"sw": v.text[:n], "ew": v.text[-n:],
                    "co": v.text[3:n]}.get(op, v.text)
        if p.kind == "token":
            code = v.code
            if op in ("co", "sw", "ew"):
                code = {"co": code[1:-1], "sw": code[:3],
                        "ew": code[-3:]}[op] or code
            if set(v.system + code) & set("|\\,$"):
                return None
            return code if p.code == "_id" or r.random() < 0.5 else \
                f"{v.system}|{code}"
        if p.kind == "reference":
            return v.id if op != "re" and r.random() < 0.3 else \
                f"{v.type}/{v.id}"
        if p.parts:
            return self.ask.combined(kind, p)
        text = getattr(self.ask, "a_" + p.kind)(kind, p, v, "")
        return judge.prefix(text)[1]


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def always(ctx, r, v):
    return True


PARTS = {"co": lambda have, want: want in have, "sw": str.startswith,
         "ew": str.endswith}


def hitter(p, op, text):
    """Does one value satisfy the operator?"""
    if p.kind == "string":
        text = values.fold(text)
        if op in ("eq", "ne"):
            return lambda ctx, r, v: (v.folded == text) == (op == "eq")
        return lambda ctx, r, v: PARTS[op](v.folded, text)
    if p.kind == "uri" and op in PARTS:
        text = judge.low(text)
        return lambda ctx, r, v: PARTS[op](judge.low(v.text), text)
    if p.kind == "token" and op in PARTS:
        part = text.split("|")
        code = judge.low(part[-1])
        return lambda ctx, r, v: PARTS[op](judge.low(v.code), code) and \
            (len(part) == 1 or v.system == part[0])
    if p.kind == "date" and op == "po":
        low, high = values.span(text)
        return lambda ctx, r, v: v.lo < high and low < v.hi
    if p.kind in ("date", "number", "quantity"):
        return lambda ctx, r, v: judge.one(p, op + text, v, "", ctx, r.type)
    return lambda ctx, r, v: judge.one(
        p, text, v, "", ctx, r.type) == (op != "ne")
