# SPDX-License-Identifier: Apache-2.0
"""Batches and transactions: random ones, and what must become of them.

A transaction's faults are told in an order: who may not ask at all, entry by
entry; what the matching finds; what is written twice; then each change in
the order DELETE, POST, PUT, GET.
"""

from deeds import Create, Delete, Read, Tags, Update, UpdateIf
from ledger import Refused, clone

ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "GET": 3}


def replaced(x, names):
    """References and links of the narrative, by the names of a Bundle."""
    if isinstance(x, dict):
        return {k: names.get(v, v) if k == "reference" else
                replaced(v, names) for k, v in x.items()}
    if isinstance(x, list):
        return [replaced(v, names) for v in x]
    return x


class Entry:
    def __init__(self, ask, full=None, ref=None):
        self.ask, self.full = ask, full
        self.ref = ref              # (reference as sent, type, Criteria)
        self.match = None


class Batch:
    kind = "batch"

    def __init__(self, drawer, view):
        r = drawer.r
        self.entries = [Entry(drawer.read(view) if r.random() < 0.3 else
                              drawer.write(view))
                        for _ in range(r.randint(1, 6))]

    def body(self):
        return {"resourceType": "Bundle", "type": self.kind,
                "entry": [e.ask.entry(e.full) for e in self.entries]}

    def do(self, ledger, view, fresh, base):
        """[(status, resource or version)] of the entries; or Refused"""
        seen = set()
        for e in self.entries:
            if e.ask.method in ("PUT", "DELETE"):
                if e.ask.url() in seen:
                    raise Refused(400)
                seen.add(e.ask.url())
        out = [None] * len(self.entries)
        # Reads are answered before anything is written.
        for write in (False, True):
            for i, e in enumerate(self.entries):
                if (e.ask.method != "GET") == write:
                    out[i] = one(ledger, view, e.ask, fresh[i])
        return out


def one(ledger, view, ask, fresh):
    """An interaction by itself, and its Provenance."""
    mark = ledger.mark()
    try:
        if not view.can(ask.need, ask.kind):
            raise Refused(403)
        status, r = ask.do(ledger, view, ask.found(ledger, view), fresh)
    except Refused as e:
        ledger.back(mark)
        return e.status, None
    ledger.told(view)
    return status, r if isinstance(ask, (Read, Tags)) or r is None else \
        (r.kind, r.id, r.now)


class Transaction(Batch):
    kind = "transaction"

    def __init__(self, drawer, view):
        r = drawer.r
        self.entries = []
        for _ in range(r.randint(1, 6)):
            self.entries.append(self.some(drawer, view))
        if r.random() < 0.6:
            self.family(drawer, view)
        r.shuffle(self.entries)

    @staticmethod
    def some(drawer, view):
        r = drawer.r
        if r.random() < 0.12:
            return Entry(drawer.read(view))
        ask = drawer.write(view)
        if ask.method in ("PUT", "POST") and r.random() < 0.5:
            return Entry(ask, drawer.uuid())
        return Entry(ask)

    def family(self, drawer, view):
        """Entries that name each other, or somebody by criteria."""
        r = drawer.r
        obs = drawer.content("Observation", view)
        full = drawer.uuid()
        if view.patient is None and r.random() < 0.5:
            who = drawer.uuid()
            ask = Create("Patient", drawer.content("Patient", view),
                         drawer.criteria("Patient", view)
                         if r.random() < 0.3 else None)
            self.entries.append(Entry(ask, who))
            obs["subject"] = {"reference": who}
        elif r.random() < 0.3:
            c = drawer.criteria("Patient", view)
            ref = "Patient?" + c.text
            obs["subject"] = {"reference": ref}
            self.entries.append(Entry(Create("Observation", obs), full,
                                      (ref, "Patient", c)))
            return
        self.entries.append(Entry(Create("Observation", obs), full))
        if r.random() < 0.5:
            c = drawer.content("List", view)
            c["entry"] = [{"item": {"reference": full}}]
            c["text"] = {"status": "generated", "div":
                         "<div xmlns=\"http://www.w3.org/1999/xhtml\">"
                         f"<a href=\"{full}\">it</a></div>"}
            self.entries.append(Entry(Create("List", c), drawer.uuid()))

    # --- what must become of it ---------------------------------------------

    def open(self, e):
        """Does it name what only the transaction can tell?"""
        if e.ref:
            return True
        return any(f.full and f.ask.criteria and
                   f.full in repr(e.ask.content) for f in self.entries
                   if f is not e)

    @staticmethod
    def permitted(view, e):
        if e.ask.method != "GET" and not view.can(e.ask.need, e.ask.kind):
            raise Refused(403)
        # What an update says of its id is judged as it is read.
        if isinstance(e.ask, Update) and \
                e.ask.content.get("id") != e.ask.id:
            raise Refused(400)

    def apart(self):
        """To each once; what a create found must be there when it is told."""
        seen, found = {}, set()
        for e in self.entries:
            a = e.ask
            if isinstance(a, Read) or isinstance(a, Create) and \
                    a.criteria is None:
                continue
            if isinstance(a, (Update, Delete)):
                keys = [(a.kind, a.id)]
            elif e.match:
                keys = [(a.kind, m.id) for m in e.match]
            else:
                keys = [(a.kind, a.criteria.text, "?")]
            if isinstance(a, Create) and e.match:
                found.update(keys)
                continue
            for key in keys:
                if key in seen:
                    raise Refused(400)
                seen[key] = a.method
        if any(seen.get(key) == "DELETE" for key in found):
            raise Refused(400)

    def resolve(self, ledger, view, fresh, base):
        """Names to what they are."""
        names = {}
        for e, new in zip(self.entries, fresh):
            a = e.ask
            if e.full is None:
                continue
            if isinstance(a, Update):
                rid = a.id
            elif e.match is not None and len(e.match) == 1:
                rid = e.match[0].id
            else:
                rid = new
            names[e.full] = f"{a.kind}/{rid}"
        for e in self.entries:
            if not e.ref:
                continue
            ref, kind, c = e.ref
            found = ledger.search(view, kind, c.holds)
            if len(found) != 1:
                raise Refused(412)
            names[ref] = f"{kind}/{found[0].id}"
        return names

    def do(self, ledger, view, fresh, base):
        mark = ledger.mark()
        try:
            return self.all(ledger, view, fresh, base)
        except Refused:
            ledger.back(mark)
            raise

    def all(self, ledger, view, fresh, base):
        for e in self.entries:
            if e.ask.criteria and not view.can("search", e.ask.kind):
                raise Refused(403)
        for e in self.entries:
            if not self.open(e):
                self.permitted(view, e)
        for e in self.entries:
            e.match = e.ask.found(ledger, view)
        for e in self.entries:
            if self.open(e):
                self.permitted(view, e)
                if e.ref and not view.can("search", e.ref[1]):
                    raise Refused(403)
        names = self.resolve(ledger, view, fresh, base)
        self.apart()
        out = [None] * len(self.entries)
        where = {}
        order = sorted(range(len(self.entries)), key=lambda i: (
            ORDER[self.entries[i].ask.method], i))
        for i in order:
            e = self.entries[i]
            ask = self.named(e.ask, names, base)
            before = len(ledger.deeds)
            if isinstance(ask, Read):
                if not view.can("read", ask.kind):
                    raise Refused(403)
                out[i] = ask.do(ledger, view, None, None)
                continue
            status, r = ask.do(ledger, view, e.match, fresh[i])
            for d in ledger.deeds[before:]:
                where[id(d)] = i
            out[i] = status, r and (r.kind, r.id, r.now)
        ledger.deeds.sort(key=lambda d: where[id(d)])
        ledger.told(view)
        return out

    @staticmethod
    def named(ask, names, base):
        if ask.content is None:
            return ask
        c = replaced(clone(ask.content), names)
        if "text" in c:
            for full, to in names.items():
                c["text"]["div"] = c["text"]["div"].replace(
                    f'"{full}"', f'"{base}/{to}"')
        if isinstance(ask, Create):
            return Create(ask.kind, c, ask.criteria)
        if isinstance(ask, UpdateIf):
            return UpdateIf(ask.kind, ask.criteria, c, ask.if_match)
        return Update(ask.kind, ask.id, c, ask.if_match, ask.none)
