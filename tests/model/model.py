#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Random searches of random stores, answered by tiphys-fhir and by a model.

The model looks at every resource for every search (search.py); it shares
the tables of the specification with the server, and nothing else.  Compared
are status, total, matches and their order, what is included, the bytes of
every resource, links, and all pages.  Each query is asked under a view of
everything and under views of patients.

usage: model.py [--queries N] [--seed N] [--query SEED] [--writes] [--keep]

--writes loads changes between the pages of an answer.  A difference is
printed with the seed of its query, which --query asks alone.
"""

import argparse
import json
import os
import random
import re
import sys
import time
from urllib.parse import urlsplit

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
SIZE = 420              # resources of one, about
SHOWN = 12              # differences told


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
        self.load(self.maker.all())

    def load(self, found):
        """Through the tool; what was stored, with its meta, comes back."""
        text = "".join(json.dumps(x, ensure_ascii=False) + "\n"
                       for x in found)
        self.site.tool("load", "-", stdin=text)
        stored = {}
        for line in self.site.tool("export").stdout.splitlines():
            x = json.loads(line)
            stored[x["resourceType"], x["id"]] = line
        for x in found:
            self.model.put(stored[x["resourceType"], x["id"]])

    def views(self):
        """[(patients or None, token)]: everything, one, another."""
        ids = [r.id for r in self.model.of("Patient")]
        few = [i for i in ids if i.startswith("p")]
        self.who = [(None, self.site.mint("user/*.read", user="dr-model"))]
        for rid in ["zoe"] + self.rng.sample(few, 2):
            self.who.append(({rid}, self.site.mint("patient/*.read", rid)))
        self.fresh()

    def fresh(self):
        self.seen = {n: store.View(self.model, p)
                     for n, (p, _) in enumerate(self.who)}

    # --- one question -------------------------------------------------------

    def get(self, target, token):
        a = fcgi.request(self.site.socket, "GET", target, [
            ("Authorization", "Bearer " + token)], timeout=120)
        if a is None:
            raise Differs("no answer")
        return a

    def page(self, target, token):
        a = self.get(target, token)
        if a.status != 200:
            raise Differs(f"{a.status} {a.body[:400].decode()}")
        return json.loads(a.body), a.body

    def compare(self, n, q, between=None):
        """All pages of a query under view n."""
        token = self.who[n][1]
        ctx = search.Context(self.seen[n], int(time.time() * 1000))
        want = q.matches(ctx)
        text = q.text()
        target = "/fhir" + q.path() + ("?" + text if text else "")
        size, at = q.size(), 0
        while True:
            b, raw = self.page(target, token)
            if b["total"] != len(want):
                raise Differs(f"total {b['total']}, not {len(want)}: "
                              f"{self.lack(b, want)}")
            part = want[at:at + size]
            self.compare_page(ctx, q, b, raw, part)
            links = {x["relation"]: x["url"] for x in b["link"]}
            self.compare_links(q, links, at, size, len(want))
            at += size
            if "next" not in links or at > 4 * size:
                return
            target = relative(links["next"])

    def lack(self, b, want):
        got = [e["resource"]["resourceType"] + "/" + e["resource"]["id"]
               for e in b.get("entry", []) if e["search"]["mode"] == "match"]
        have = [str(r) for r in want]
        return f"only there {[g for g in got if g not in have][:5]}, only " \
               f"here {[h for h in have if h not in got][:5]}"

    def compare_page(self, ctx, q, b, raw, part):
        entries = b.get("entry", [])
        got = [e["resource"]["resourceType"] + "/" + e["resource"]["id"]
               for e in entries if e["search"]["mode"] == "match"]
        have = [str(r) for r in part]
        if got != have:
            raise Differs(f"page {got[:8]}, not {have[:8]}")
        extra = q.brought(ctx, part)
        got = [e["resource"]["resourceType"] + "/" + e["resource"]["id"]
               for e in entries if e["search"]["mode"] == "include"]
        have = sorted(str(r) for r in extra.values())
        if sorted(got) != have:
            raise Differs(f"included {sorted(got)}, not {have}")
        for e in entries:
            self.compare_entry(q, e)

    def compare_entry(self, q, e):
        key = e["resource"]["resourceType"], e["resource"]["id"]
        if e["fullUrl"] != f"{self.site.base}/{key[0]}/{key[1]}":
            raise Differs(f"fullUrl {e['fullUrl']}")
        want = cut.summary(json.loads(self.model.get(*key).text), q)
        if e["resource"] != want:
            raise Differs(f"content of {key}: {e['resource']}, not {want}")

    def compare_links(self, q, links, at, size, total):
        want = {"self"}
        if size and total > size:
            want |= {"first", "last"}
            if at > 0:
                want.add("previous")
            if at + size < total:
                want.add("next")
        if set(links) != want:
            raise Differs(f"links {sorted(links)}, not {sorted(want)}")


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


def main():
    opt = options()
    told, done, status = 0, 0, {}
    while done < opt.queries:
        seed = opt.seed + done // EACH
        r = Round(seed)
        try:
            for i in range(min(EACH, opt.queries - done)):
                failed = one(r, opt, seed * 100000 + i)
                done += 1
                told += failed
                if told >= SHOWN:
                    raise SystemExit(finish(done, told))
        finally:
            r.site.stop()
    return finish(done, told)


def one(r, opt, seed):
    """The query of this seed under a view of its own choice."""
    rng = random.Random(seed)
    n = rng.choice([0, 0, 1, 2, 3])
    q = ask.Asker(rng, r.model).query(r.who[n][0])
    if opt.query is not None and seed != opt.query:
        return 0
    try:
        r.compare(n, q)
    except Differs as e:
        who = sorted(r.who[n][0]) if r.who[n][0] else "everything"
        print(f"--query {seed}: {who}: {q.path()}?{q.text()}\n    {e}",
              flush=True)
        return 1
    return 0


def finish(done, failed):
    print(f"{done - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
