# SPDX-License-Identifier: Apache-2.0
"""What a search must answer: every resource looked at, nothing remembered.

A query is a tree of conditions, each of which also knows how it is written.
"""

import re
from urllib.parse import quote

import codes
import judge
import spec
import values
from values import fold

ALL_TYPES = sorted(spec.TYPES, key=spec.TYPES.get)
TEXT = 120          # bytes of a text that decide an order
PAGE = 50           # entries where _count is not given


class Context:
    """Who asks, and when; timed: whether the answer hangs on that."""

    def __init__(self, view, now):
        self.view, self.at, self.timed = view, now, False
        self.store, self.reader = view.store, view.store.reader

    @property
    def now(self):
        self.timed = True
        return self.at

    def sees(self, r):
        return self.view.reads(r)

    def finds(self, r):
        """A step to others tells what a search of them would."""
        return self.view.searches(r)


def accepts(p, text):
    """Is this text a value of the parameter at all?"""
    if p.code == "_id":
        return bool(values.ID.match(text))
    if p.kind == "date":
        return values.span(judge.prefix(text)[1]) is not None
    if p.kind == "number" or p.kind == "quantity":
        part = judge.split(judge.prefix(text)[1], "|")
        if p.kind == "number" and len(part) > 1 or len(part) not in (1, 3):
            return False
        return bool(re.match(r"-?\d+(\.\d+)?([eE][+-]?\d{1,6})?$", part[0])) \
            and (len(part) == 1 or bool(part[1] or part[2]))
    if p.kind == "token":
        part = judge.split(text, "|")
        return len(part) < 3 and any(part)
    if p.kind == "string":
        return fold(judge.plain(text)) != ""
    return p.kind == "uri"


def begins_word(text, want):
    """Stands what is wanted in the folded text where a word begins?"""
    return re.search(r"(?:^|[\x00-/:-`{-\x7f])" +
                     re.escape(fold(judge.plain(want))), text) is not None


# --- conditions -----------------------------------------------------------------

class Leaf:
    """code:mod=want,want"""

    def __init__(self, code, mod, wants):
        self.code, self.mod, self.wants = code, mod, wants

    def name(self):
        return self.code + (":" + self.mod if self.mod else "")

    def value(self):
        return ",".join(self.wants)

    def have(self, ctx, r, code):
        if code == "_lastUpdated" and "meta" not in r.json:
            return []           # it stands inside of another
        if code == "_lastUpdated":
            low, high = values.span(r.json["meta"]["lastUpdated"])
            return [values.Value("date", lo=low, hi=high)]
        return r.values(code)

    def there(self, ctx, r, code):
        """Elements without a code, too: to be missing, for "system|"."""
        return r.there(code) if code != "_lastUpdated" else \
            self.have(ctx, r, code)

    def holds(self, ctx, r):
        p = spec.PARAMS[r.type].get(self.code)
        if p is None:
            return False
        if self.mod == "text" and p.kind == "token":
            return self.by_text(r)
        have = self.have(ctx, r, self.code)
        if self.mod == "missing":
            return (not self.there(ctx, r, self.code)) == \
                (self.wants == ["true"])
        if self.mod == "text":
            return any(begins_word(v.folded, w) for v in have
                       for w in self.wants)
        mod = "" if self.mod == "not" else self.mod
        hit = any(judge.one(p, w, v, mod, ctx, r.type)
                  for w in self.wants for v in have)
        if p.kind == "token" and p.code != "_id" and not hit:
            hit = any(v.system + "|" == judge.plain(w) and v.system
                      for w in self.wants
                      for v in self.there(ctx, r, self.code))
        return not hit if self.mod == "not" else hit

    def by_text(self, r):
        return any(begins_word(t, w) for w in self.wants
                   for t in r.word_set(self.code))


class ById(Leaf):
    """subject:Patient._id=x: the id of what is referred to."""

    def name(self):
        return self.code + (":" + self.mod if self.mod else "") + "._id"

    def holds(self, ctx, r):
        to = values.ALLOWED[r.type, self.code]
        only = self.mod or (to[0] if len(to) == 1 else "")
        return any(v.id == w and v.type and (not only or v.type == only)
                   for v in r.values(self.code) for w in self.wants)


class Words:
    """_text, _content: what test says of the set of words."""

    def __init__(self, code, text, test):
        self.code, self.text, self.test = code, text, test

    def name(self):
        return self.code

    def value(self):
        return self.text

    def holds(self, ctx, r):
        return self.test(r.word_set(self.code))


class Chain:
    """link:Type.rest=value; kind None: any type that knows the rest."""

    def __init__(self, link, kind, kid):
        self.link, self.kind, self.kid = link, kind, kid

    def name(self):
        return self.link + (":" + self.kind if self.kind else "") + "." + \
            self.kid.name()

    def value(self):
        return self.kid.value()

    def knows(self, kind):
        """Without a type: of those that know the name and the value."""
        if self.kind or not isinstance(self.kid, Leaf):
            return True
        p = spec.PARAMS[kind].get(self.kid.code)
        if p is None:
            return False
        if self.kid.mod == "missing":
            return True
        return p.kind == "reference" or all(accepts(p, w)
                                            for w in self.kid.wants)

    def holds(self, ctx, r):
        for v in r.links(self.link):
            if v.type is None:
                continue
            to = None
            if v.type == "#":
                outer = getattr(r, "outer", r)
                for c in outer.contained():
                    if c.id == v.id and ctx.view.may("s", c.type):
                        to = c
            else:
                to = ctx.store.get(v.type, v.id)
                if to is not None and not ctx.finds(to):
                    to = None
            if to is None or self.kind and to.type != self.kind:
                continue
            allowed = values.ALLOWED[r.type, self.link]
            if allowed and to.type not in allowed:
                continue
            if self.knows(to.type) and self.kid.holds(ctx, to):
                return True
        return False


class Has:
    """_has:Type:link:rest=value"""

    def __init__(self, kind, link, kid):
        self.kind, self.link, self.kid = kind, link, kid

    def name(self):
        return f"_has:{self.kind}:{self.link}:{self.kid.name()}"

    def value(self):
        return self.kid.value()

    def holds(self, ctx, r):
        return not hasattr(r, "outer") and any(
            (v.type, v.id) == (r.type, r.id) and self.kid.holds(ctx, x)
            for x in ctx.view.of(self.kind) for v in x.values(self.link))


class AnyList:
    """_list=a,b: any of them."""

    def __init__(self, lists):
        self.lists = lists

    def name(self):
        return "_list"

    def value(self):
        return ",".join(x.value() for x in self.lists)

    def holds(self, ctx, r):
        return any(x.holds(ctx, r) for x in self.lists)


class InList:
    """_list=id"""

    def __init__(self, rid, head=""):
        self.rid, self.head = rid, head

    def name(self):
        return "_list"

    def value(self):
        return self.head + self.rid

    def holds(self, ctx, r):
        x = ctx.store.get("List", self.rid)
        if x is None or not ctx.finds(x) or hasattr(r, "outer"):
            return False
        for e in x.json.get("entry", []):
            to = ctx.reader.local(e.get("item", {}).get("reference", ""))
            if to == (r.type, r.id) and not e.get("deleted"):
                return True
        return False


class Current:
    """_list=$current-code: every current List of that code, of what is its
    own patient's, or nobody's."""

    def __init__(self, code):
        self.code = code

    def name(self):
        return "_list"

    def value(self):
        return "$current-" + self.code

    def whose(self, ctx, r):
        kind, ids = ctx.store.owners(r)
        return (kind, len(ids) > 1 or sorted(ids))

    def holds(self, ctx, r):
        for x in ctx.store.of("List"):
            if not ctx.finds(x) or x.json.get("status") != "current" or \
                    self.code not in [v.code for v in x.values("code")]:
                continue
            mine = self.whose(ctx, r)
            if (mine == self.whose(ctx, x) or mine[0] == "shared") and \
                    InList(x.id).holds(ctx, r):
                return True
        return False


class InSet(Leaf):
    """code:in=value set.  What is a code, and no Coding, has no system."""

    def __init__(self, code, mod, name, system, codes):
        super().__init__(code, mod, [name])
        self.system, self.codes = system, codes

    def holds(self, ctx, r):
        hit = any(v.code in self.codes and v.system == self.system
                  for v in r.values(self.code))
        return hit == (self.mod == "in")


class Steps(Leaf):
    """code:below=system|code: any of the codes that stand there."""

    def __init__(self, code, mod, wants):
        super().__init__(code, mod, wants)
        self.any = set()
        for w in wants:
            system, one = [judge.plain(x) for x in judge.split(w, "|")]
            walk = codes.below if mod == "below" else codes.above
            self.any |= {(system, judge.low(c)) for c in walk(system, one)}

    def hits(self, ctx, r, v):
        return (v.system, judge.low(v.code)) in self.any or \
            v.system == "" and any(
                c == judge.low(v.code) and
                codes.owns(r.type, self.code, system, c)
                for system, c in self.any)

    def holds(self, ctx, r):
        return any(self.hits(ctx, r, v) for v in r.values(self.code))


class Filter:
    """_filter: tests joined from left to right."""

    def __init__(self, text, test):
        self.text, self.test = text, test

    def name(self):
        return "_filter"

    def value(self):
        return self.text

    def holds(self, ctx, r):
        return self.test(ctx, r)


class Within:
    """A compartment: any of its parameters refers to it."""

    def __init__(self, kind, rid):
        self.kind, self.rid = kind, rid

    def holds(self, ctx, r):
        codes = spec.COMPARTMENTS.get(self.kind, {}).get(r.type, [])
        return any((v.type, v.id) == (self.kind, self.rid)
                   for c in codes if c in spec.PARAMS[r.type]
                   for v in r.values(c) if v.kind == "reference")


# --- order -------------------------------------------------------------------------

def text_key(text):
    raw = text.encode()[:TEXT]
    return raw + b"\0" * (TEXT - len(raw))


def sort_value(p, v, descending):
    if p.kind == "date":
        return v.hi if descending else v.lo
    if p.kind in ("number", "quantity"):
        return judge.ends(v)[1 if descending else 0]
    if p.kind == "string":
        return text_key(v.folded)
    if p.kind == "token":
        return text_key(judge.low(v.code) + "\0" + v.system)
    if p.kind == "reference":
        return text_key((v.type + "/" if v.type else "") + v.id)
    return text_key(v.text)


class Down:
    """Turns an order round."""

    def __init__(self, v):
        self.v = v

    def __lt__(self, other):
        return other.v < self.v

    def __eq__(self, other):
        return self.v == other.v


def place(ctx, r, sort, kind=None):
    """Where a resource stands; without a value last, ties by creation,
    what stands inside behind the rest.  A container has no values of another
    type's parameters."""
    out = []
    at = getattr(r, "outer", r)
    for code, descending in sort:
        p = spec.PARAMS[kind or r.type][code]
        its = spec.PARAMS[r.type].get(code)
        have = [sort_value(p, v, descending)
                for v in Leaf(code, "", []).have(ctx, r, code)] \
            if its is not None and its.number == p.number else []
        if not have:
            out.append((1, 0))
        elif descending:
            out.append((0, Down(max(have))))
        else:
            out.append((0, min(have)))
    return out + [r is not at, spec.TYPES[at.type], at.number]


# --- a whole search --------------------------------------------------------------------

class Include:
    """_include=source:code:target, and turned round"""

    def __init__(self, reverse, source, code, target, again):
        self.reverse, self.source, self.code = reverse, source, code
        self.target, self.again = target, again
        self.known = {}

    def pair(self):
        name = "_revinclude" if self.reverse else "_include"
        if self.again:
            name += ":" + self.again
        value = self.source
        if self.source != "*":
            value += ":" + self.code
            if self.target:
                value += ":" + self.target
        return name, value

    def links(self, r):
        """{(type, id)} this resource refers to by what is asked for."""
        if self.source not in ("*", r.type):
            return set()
        if r not in self.known:
            self.known[r] = {
                (v.type, v.id) for c, p in spec.PARAMS[r.type].items()
                if p.kind == "reference" and self.code in ("*", c)
                for v in r.values(c) if v.type not in (None, "#") and
                self.target in ("", v.type)}
        return self.known[r]

    def brings(self, ctx, edge):
        """What comes with these resources, some of it more than once."""
        if not self.reverse:
            found = (ctx.store.get(*key) for r in edge
                     for key in self.links(r))
            return [x for x in found if x is not None and ctx.sees(x)]
        keys = {(r.type, r.id) for r in edge if not hasattr(r, "outer")}
        return [x for x in ctx.view.of(None) if self.links(x) & keys]


def leaf_of(node):
    """What a chain is about at its end."""
    while hasattr(node, "kid"):
        node = node.kid
    return node


class Query:
    def __init__(self, kind):
        self.kind = kind        # None: every type
        self.within = None      # (compartment, id)
        self.nodes, self.sort, self.includes = [], [], []
        self.count, self.summary, self.elements = None, None, None
        self.dashes = False     # _sort=-a,b
        self.post = False       # /_search, as a form
        self.bare = False       # all types: /?a=b, not /_search?a=b
        self.pretty = False
        self.junk = []          # pairs nobody knows, [(place, name, value)]
        self.lenient = False    # ...which are to be left out
        self.wrong = None       # a pair that must be refused
        self.contained = None   # "true", "both"
        self.inside = False     # _containedType=contained

    def path(self):
        end = "/_search" if self.post else ""
        if self.within:
            return f"/{self.within[0]}/{self.within[1]}/" + \
                (self.kind or "*") + end
        if self.kind:
            return "/" + self.kind + end
        return "" if self.bare else "/_search"

    def pairs(self):
        out = []
        for n in self.nodes:
            out.append((n.name(), n.value()))
            beside = getattr(leaf_of(n), "beside", None)
            if beside:          # near, and how far
                out.append((n.name() + "-distance", beside))
        if self.dashes and self.sort:
            out.append(("_sort", ",".join("-" * d + c
                                          for c, d in self.sort)))
        else:
            out += [("_sort:desc" if d else "_sort:asc" if len(c) % 2 else
                     "_sort", c) for c, d in self.sort]
        out += [i.pair() for i in self.includes]
        if self.contained:
            out.append(("_contained", self.contained))
        if self.inside:
            out.append(("_containedType", "contained"))
        if self.count is not None:
            out.append(("_count", str(self.count)))
        if self.summary:
            out.append(("_summary", self.summary))
        if self.elements:
            out.append(("_elements", ",".join(self.elements)))
        if self.pretty:
            out.append(("_pretty", "true"))
        return out

    def text(self):
        """As it is asked: with what is not known, and what is wrong."""
        out = self.pairs()
        for at, name, value in self.junk:
            out.insert(at % (len(out) + 1), (name, value))
        if self.wrong:
            out.append(self.wrong)
        return "&".join(quote(n, safe=":._-") + "=" + quote(v, safe="")
                        for n, v in out)

    def kinds(self, ctx):
        if self.kind:
            return [self.kind]
        return ALL_TYPES

    def matches(self, ctx):
        nodes = list(self.nodes)
        if self.within:
            nodes.append(Within(*self.within))
        found = [r for k in self.kinds(ctx) for r in ctx.view.of(k)
                 if all(n.holds(ctx, r) for n in nodes)]
        if self.contained:
            found = self.opened(ctx, nodes, found)
        return sorted(found, key=lambda r: place(ctx, r, self.sort,
                                                 self.kind))

    def opened(self, ctx, nodes, plain):
        """_contained: containers of what matches, or it itself."""
        out = plain if self.contained == "both" else []
        for r in ctx.view.of(None):
            inner = [c for c in r.contained() if c.type == self.kind and
                     all(n.holds(ctx, c) for n in nodes)]
            if self.inside:
                out += inner
            elif inner and r not in out:
                out.append(r)
        return out

    def brought(self, ctx, page):
        """What the matches of a page bring along, as {(type, id)}."""
        have = {(r.type, r.id) for r in page if not hasattr(r, "outer")}
        out, edge = {}, list(page)
        first = True
        while edge:
            new = []
            for i in self.includes:
                if not first and not i.again:
                    continue
                for x in i.brings(ctx, edge):
                    key = x.type, x.id
                    if key not in have and key not in out:
                        out[key] = x
                        new.append(x)
            edge, first = new, False
        return out

    def size(self):
        if self.summary == "count":
            return 0
        return PAGE if self.count is None else self.count
