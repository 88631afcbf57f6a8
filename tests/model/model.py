#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Random searches of random stores, answered by tiphys-fhir and by a model.

The model looks at every resource for every search (search.py); it shares
the tables of the specification with the server, and nothing else.  Compared
are status, total, matches and their order, what is included, the bytes of
every resource, links, and all pages.  Each query is asked under a view of
everything and under views of patients.

usage: model.py [--queries N] [--seed N] [--writes] [--query SEED]

N queries (1,500) of stores that stand still, and a twenty-fifth of that
where changes are loaded between the pages of an answer; with --writes all
of them are of that kind.  A difference is printed with the seed of its
query: --query repeats that store up to it.
"""

import argparse
import json
import os
import random
import sys
import time
from urllib.parse import parse_qsl, urlsplit

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, "../lib")]

import ask              # noqa: E402
import cut              # noqa: E402
import fcgi             # noqa: E402
import search           # noqa: E402
import store            # noqa: E402
import stores           # noqa: E402
import testsite         # noqa: E402

EACH = 300              # queries of one store
WRITTEN = 40            # of one that changes under them
PAGES = 5               # of an answer that is followed while writes run
SIZE = 420              # resources of one, about
BELOW = 100000          # seeds of queries below that of their store
SHOWN = 12              # differences told
VITAL = "http://hl7.org/fhir/observation-category"


class Differs(Exception):
    pass


class Round:
    """One store on a site of its own, and the model of it."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.site = testsite.Site(server=None, workers=2, keys={
            "search-cpu-ms": "60000"})
        try:
            self.fill(seed)
            self.site.start()
            self.views()
        except BaseException:
            self.site.stop()
            raise

    def fill(self, seed):
        self.maker = stores.Maker(seed, self.site.base, SIZE)
        self.model = store.Store(self.site.base)
        keys = self.load(self.maker.all())
        stored = {}
        for line in self.site.tool("export").stdout.splitlines():
            x = json.loads(line)
            stored[x["resourceType"], x["id"]] = line
        for key in keys:
            self.model.put(stored[key])

    def load(self, found):
        """Through the tool; out: what it is called, in its order."""
        text = "".join(json.dumps(x, ensure_ascii=False) + "\n"
                       for x in found)
        self.site.tool("load", "-", stdin=text)
        return [(x["resourceType"], x["id"]) for x in found]

    def views(self):
        """What there is of each view: [(patients or None, rights, rules,
        token)]: everything, one, two others, and two of few types."""
        ids = [r.id for r in self.model.of("Patient")]
        few = [i for i in ids if i.startswith("p")]
        self.who = [(None, None, None, self.site.mint(
            "user/*.read", user="dr-model"))]
        for rid in ["zoe"] + self.rng.sample(few, 2):
            self.who.append(({rid}, None, None, self.site.mint(
                "patient/*.read", rid)))
        for rid in [None, self.rng.choice(["zoe"] + few)]:
            self.who.append(self.narrow(rid))
        self.fresh()

    def narrow(self, rid):
        """Some types, some to be read or searched alone, one in part."""
        rng = self.rng
        rights = {k: rng.choice(["rs"] * 5 + ["r", "s"])
                  for k in ask.KINDS if rng.random() < 0.4}
        rules, text = {}, dict(rights)
        if rng.random() < 0.6:
            code = f"{VITAL}|vital-signs"
            rules["Observation"] = search.Leaf("category", "", [code])
            rights["Observation"] = "rs"
            text["Observation"] = "rs?category=" + code
        level = "patient" if rid else "user"
        token = self.site.mint(
            " ".join(f"{level}/{k}.{t}" for k, t in text.items()), rid,
            None if rid else "dr-model")
        return rid and {rid}, rights, rules, token

    def fresh(self):
        self.seen = [store.View(self.model, *w[:3]) for w in self.who]

    def token(self, n):
        return self.who[n][3]

    # --- one question -------------------------------------------------------

    def get(self, target, token, form=None, lenient=False):
        head = [("Authorization", "Bearer " + token)]
        if form is not None:
            head.append(("Content-Type",
                         "application/x-www-form-urlencoded"))
        if lenient:
            head.append(("Prefer", "handling=lenient"))
        a = fcgi.request(self.site.socket, "GET" if form is None else "POST",
                         target, head, form, timeout=120)
        if a is None:
            raise Differs("no answer")
        return a

    def ask(self, q, token):
        """The first page: as a form, where it is to be one."""
        path, text = "/fhir" + q.path(), q.text()
        if q.post:
            return self.get(path, token, text, q.lenient)
        return self.get(path + ("?" + text if text else ""), token,
                        lenient=q.lenient)

    def bundle(self, a):
        if a.status != 200:
            raise Differs(f"{a.status} {a.body[:400].decode()}")
        return json.loads(a.body)

    def follow(self, links, relation, token):
        return self.bundle(self.get(relative(links[relation]), token))

    def wanted(self, n, q, ask):
        """(what is answered, what must be, the context): where dates are
        about now, which is another for the server, it stands between."""
        ctx = self.context(n)
        want = q.matches(ctx)
        b = ask()
        now, end = ctx.at, int(time.time() * 1000)
        while ctx.timed and b["total"] != len(want) and now < end:
            now += 1
            ctx = search.Context(self.seen[n], now)
            want = q.matches(ctx)
        return b, want, ctx

    def context(self, n):
        return search.Context(self.seen[n], int(time.time() * 1000))

    def refused(self, n, q, status):
        a = self.ask(q, self.token(n))
        x = json.loads(a.body)
        if a.status not in status or x["resourceType"] != "OperationOutcome" or \
                not x["issue"][0].get("diagnostics"):
            raise Differs(f"not refused: {a.status} {a.body[:400]}")

    def compare(self, n, q):
        """All pages of a query under view n, to the end and back."""
        wrong = [400] if q.wrong or q.junk and not q.lenient else []
        if q.kind and not self.seen[n].may("s", q.kind):
            wrong.append(403)
        if wrong:
            return self.refused(n, q, wrong)
        token = self.token(n)
        b, want, ctx = self.wanted(
            n, q, lambda: self.bundle(self.ask(q, token)))
        size, at = q.size(), 0
        links = self.compare_bundle(ctx, q, b, want, 0)
        self.compare_self(q, links["self"])
        while "next" in links and at < 3 * size:
            at += size
            b = self.follow(links, "next", token)
            links = self.compare_bundle(ctx, q, b, want, at)
        if len(want) <= size or size == 0 or q.junk:
            return
        self.compare_back(token, ctx, q, links, want, at)

    def compare_back(self, token, ctx, q, links, want, at):
        """From the page at this match to the first one; or from the end."""
        size = q.size()
        if len(want) % 3 == 0 or at == 0:
            at = len(want) - size
            links = self.compare_bundle(
                ctx, q, self.follow(links, "last", token), want, at)
        for _ in range(3):
            if at <= 0:
                break
            at -= size
            b = self.follow(links, "previous", token)
            links = self.compare_bundle(ctx, q, b, want, at)
        b = self.follow(links, "first", token)
        self.compare_bundle(ctx, q, b, want, 0)

    def compare_bundle(self, ctx, q, b, want, at):
        """The page that begins at this match; out: its links."""
        if b["total"] != len(want):
            raise Differs(f"total {b['total']}, not {len(want)}: "
                          f"{self.lack(b, want)}")
        self.compare_page(ctx, q, b, want[max(at, 0):at + q.size()])
        links = {x["relation"]: x["url"] for x in b["link"]}
        self.compare_links(links, at, q.size(), len(want))
        return links

    def compare_self(self, q, url):
        """What was used, and nothing that was not."""
        path, _, text = url.partition("?")
        used = parse_qsl(text, keep_blank_values=True)
        if used != q.pairs() or path.rstrip("/") != \
                self.site.base + q.path().removesuffix("/_search"):
            raise Differs(f"self {url}")

    def lack(self, b, want):
        got = self.names(b, "match")
        have = [str(r) for r in want]
        return f"only there {[g for g in got if g not in have][:5]}, only " \
               f"here {[h for h in have if h not in got][:5]}"

    def compare_page(self, ctx, q, b, part):
        got = self.names(b, "match")
        have = [str(r) for r in part]
        if got != have:
            raise Differs(f"page {got[:8]}, not {have[:8]}")
        extra = q.brought(ctx, part)
        got = self.names(b, "include")
        have = sorted(str(r) for r in extra.values())
        if sorted(got) != have:
            raise Differs(f"included {sorted(got)}, not {have}")
        told = 0
        for e in b.get("entry", []):
            if e["search"]["mode"] == "outcome":
                told += len(e["resource"]["issue"])
            else:
                self.compare_entry(q, e)
        if told != (len(q.junk) if "_cursor" not in b["link"][0]["url"]
                    else 0):
            raise Differs(f"{told} warnings about {q.junk}")

    def names(self, b, mode):
        """Type/id, or Type/id#inner, of the entries of a mode."""
        return [e["fullUrl"][len(self.site.base) + 1:]
                for e in b.get("entry", []) if e["search"]["mode"] == mode]

    def compare_entry(self, q, e):
        key = e["resource"]["resourceType"], e["resource"]["id"]
        name, _, inner = e["fullUrl"][len(self.site.base) + 1:].partition(
            "#")
        if inner:
            r = self.model.get(*name.split("/"))
            some = [cut.summary(c, q, False)
                    for c in json.loads(r.text)["contained"]]
            if e["resource"] not in some or inner != key[1]:
                raise Differs(f"content of {name}#{inner}: {e['resource']}")
            return
        if name != f"{key[0]}/{key[1]}":
            raise Differs(f"fullUrl {e['fullUrl']}")
        want = cut.summary(json.loads(self.model.get(*key).text), q,
                           e["search"]["mode"] == "include")
        if e["resource"] != want:
            raise Differs(f"content of {key}: {e['resource']}, not {want}")

    def compare_links(self, links, at, size, total):
        want = {"self"}
        if size and total > size:
            want |= {"first", "last"}
            if at > 0:
                want.add("previous")
            if at + size < total:
                want.add("next")
        if set(links) != want:
            raise Differs(f"links {sorted(links)}, not {sorted(want)}")

    # --- while writes run ---------------------------------------------------

    def write(self):
        """Some change, some are new; out: those that were there."""
        rng, maker = self.rng, self.maker
        some = rng.sample(sorted(self.model.all), 3)
        found = []
        for key in some:
            x = json.loads(self.model.get(*key).text)
            for part in ("versionId", "lastUpdated"):
                x["meta"].pop(part, None)
            if not x["meta"]:
                del x["meta"]
            maker.mutate(x)
            found.append(x)
        new = [maker.made(), maker.changed(rng.choice(maker.pool))]
        for key in self.load(found + new):      # as stored, with its meta
            a = self.get("/fhir/{}/{}?_format=json".format(*key),
                         self.token(0))
            self.model.put(a.body.decode())
        self.fresh()
        return {f"{kind}/{rid}" for kind, rid in some}

    def across(self, n, q):
        """Pages followed while the store changes keep what they promise:
        what did not change and matches throughout is there once and in its
        order, what is new is not, totals are of the moment."""
        token, ctx = self.token(n), self.context(n)
        want = q.matches(ctx)
        steady = {str(r): r for r in want}
        q.count = max(q.count, len(want) // PAGES)
        born = {str(r) for r in self.model.all.values()}
        b, got = self.bundle(self.ask(q, token)), []
        while True:
            if b["total"] != len(want):
                raise Differs(f"total {b['total']}, not {len(want)}")
            now = {str(r) for r in want}
            page = self.names(b, "match")
            for name in page:
                if name not in now or name.partition("#")[0] not in born:
                    raise Differs(f"{name} is no match, or new")
            got += page
            links = {x["relation"]: x["url"] for x in b["link"]}
            if "next" not in links:
                break
            changed = self.write()
            b, want, ctx = self.wanted(
                n, q, lambda: self.follow(links, "next", token))
            now = {str(r) for r in want}
            steady = {s: r for s, r in steady.items() if s in now and
                      str(getattr(r, "outer", r)) not in changed}
        order = [str(r) for r in sorted(
            steady.values(), key=lambda r: search.place(
                ctx, r, q.sort, q.kind))]
        if [g for g in got if g in steady] != order:
            raise Differs(f"across pages {[g for g in got if g in steady]}, "
                          f"not {order}")


def relative(url):
    parts = urlsplit(url)
    return parts.path + ("?" + parts.query if parts.query else "")


def options():
    p = argparse.ArgumentParser()
    p.add_argument("--queries", type=int, default=1500)
    p.add_argument("--seed", type=int, default=20261122)
    p.add_argument("--query", type=int)
    p.add_argument("--writes", action="store_true")
    return p.parse_args()


class Run:
    """Queries, store after store; stops when it has told enough."""

    def __init__(self, opt):
        self.opt = opt
        self.done = self.failed = 0

    def ask(self, queries, writes):
        each = WRITTEN if writes else EACH
        for first in range(0, queries, each):
            seed = self.opt.seed + first // each
            r = Round(seed)
            try:
                for i in range(min(each, queries - first)):
                    if self.failed < SHOWN:
                        self.one(r, seed * BELOW + i, writes)
            finally:
                r.site.stop()

    def one(self, r, seed, writes):
        """The query of this seed, under a view of its own choice."""
        rng = random.Random(seed)
        n = rng.choice([0, 0, 0, 1, 1, 2, 3, 4, 5])
        q = ask.Asker(rng, r.seen[n]).query()
        try:
            if writes and (not q.kind or r.seen[n].may("s", q.kind)):
                q.count, q.summary = rng.choice([1, 2, 3, 7]), None
                q.junk, q.wrong = [], None
                r.across(n, q)
            r.compare(n, q)
        except Differs as e:
            who = r.who[n][:2] if any(r.who[n][:2]) else "everything"
            print(f"--query {seed}{' --writes' if writes else ''}: {who}: "
                  f"{'POST ' * q.post}{q.path()}?{q.text()}\n    {e}",
                  flush=True)
            self.failed += 1
        self.done += 1


def main():
    opt = options()
    run = Run(opt)
    if opt.query is not None:
        opt.seed = opt.query // BELOW
        run.ask(opt.query % BELOW + 1, opt.writes)
    elif not opt.writes:
        run.ask(opt.queries, False)
    if opt.query is None:
        run.ask(opt.queries if opt.writes else opt.queries // 25, True)
    print(f"{run.done - run.failed} passed, {run.failed} failed")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
