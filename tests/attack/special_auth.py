# SPDX-License-Identifier: Apache-2.0
"""Attacks on sign-in and tokens that are no sequence of requests.

Each function gets the Flow it runs in (say_run) and raises Wrong.
"""

import base64
import bisect
import glob
import hmac
import json
import math
import os
import random
import re
import struct
import threading
import time

import fcgi
import people
import proofs
import smartsite
import testsite
import wire
from expect import need

LOGIN = "/auth/login?to=apps"


def at_once(n, fn):
    """fn(i) in n threads; what each gave, an exception as well."""
    out = [None] * n

    def work(i):
        try:
            out[i] = fn(i)
        except Exception as e:          # judged by the caller
            out[i] = e
    threads = [threading.Thread(target=work, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return out


def one_of(answers):
    """One success and no other; the rest refused, not broken."""
    status = sorted(getattr(a, "status", 0) for a in answers)
    need(status.count(200) == 1, f"successes: {status}")
    need(all(s in (200, 400, 401) for s in status), f"answers: {status}")


def race_assertion(flow, recipe):
    """CA-11: the same assertion to all workers at once."""
    token = proofs.assertion(flow.site, recipe)
    one_of(at_once(8, lambda i: flow.say_service(token)))


def race_code(flow):
    """AUZ-22: the same code to all workers at once; all tokens die."""
    answers = at_once(8, lambda i: flow.say_redeem())
    good = [a for a in answers if getattr(a, "status", 0) == 200]
    need(len(good) <= 1, f"{len(good)} redemptions of one code")
    for a in good:
        got = flow.site.ask("/Patient/pA", a.json()["access_token"])
        need(got.status == 401, f"a token of a stolen code: {got}")


def race_proof(flow, token):
    """DPO-06: a proof at all workers at once lets one in."""
    site, text = flow.site, flow.site.tokens[token]
    proof = proofs.proof({}, "GET", site.base + "/Patient/pA", text)
    one_of(at_once(8, lambda i: site.ask("/Patient/pA", text, "DPoP",
                                         [("DPoP", proof)])))


def race_refresh(flow, token):
    """TKE-07: one rotation at most; a stolen token ends the family."""
    answers = at_once(8, lambda i: flow.say_refresh(token))
    good = [a for a in answers if getattr(a, "status", 0) == 200]
    need(len(good) <= 1, f"{len(good)} rotations of one token")
    for a in good:
        again = flow.site.post("/token", {
            "grant_type": "refresh_token", "client_id": flow.app.client,
            "refresh_token": a.json()["refresh_token"]})
        need(again.status == 400, f"a family lives on: {again}")


def all_different(flow, n):
    """TKE-19: handles of the kernel's generator: no two alike, no two of
    the same beginning, none shorter than 256 bits."""
    seen = set()
    for _ in range(n):
        b = flow.site.browser("alice")
        page = b.get(flow.app.url())
        for name, value, _ in page.forms[0].fields:
            if name in ("flow", "csrf"):
                raw = value.split("_", 1)[1] if name == "flow" else value
                need(len(raw) >= 43, f"{name} is short: {value}")
                seen.add((name, raw[:12]))
        code = page.submit("/consent", go="allow").away
        code = re.search(r"code=tsc_([\w-]+)", code)[1]
        need(len(code) == 43, f"a code of {len(code)} characters")
        seen.add(("code", code[:12]))
    need(len(seen) == 3 * n, f"{len(seen)} of {3 * n} are different")


def nothing_stored(flow):
    """TKE-20: no code, token or secret stands in any database."""
    words = {t.rsplit(".", 1)[-1] for t in flow.steps.watch.used}
    words |= {s for s in flow.site.secrets.values() if s}
    words = {w.encode() for w in words if len(w) > 20}
    raw = set()
    for w in words:
        body = w.split(b"_", 1)[-1] if w[:2] == b"ts" else w
        if re.fullmatch(rb"[\w-]{43}", body):
            raw.add(base64.urlsafe_b64decode(body + b"="))
    need(len(words) > 10, f"only {len(words)} secrets are known")
    for folder in ("guard", "grants", "replay", "store"):
        for path in glob.glob(os.path.join(flow.site.data, folder, "**"),
                              recursive=True):
            if os.path.isdir(path):
                continue
            with open(path, "rb") as f:
                text = f.read()
            for w in words | raw:
                need(w not in text, f"{folder} holds {w!r:.12}")


def same_for_unknown(flow, n):
    """LOG-01: the same page, and as much work, whether there is a user.

    The least of the times is compared, and loosely: a machine under load
    delays, it never hurries.  The code path: tests/unit/auth_signin.c.
    """
    least, pages = {}, {}
    for i in range(n):
        for name in ("bob", f"nobody{i}"):
            page = flow.site.browser().get(LOGIN)
            began = time.monotonic()
            page = page.submit(username=name, password="wrong wrong wrong")
            took = time.monotonic() - began
            kind = "bob" if name == "bob" else "nobody"
            least[kind] = min(took, least.get(kind, 99))
            text = re.sub(r'value="[^"]*"|<code>\w*</code>', "", page.html)
            pages.setdefault(kind, set()).add((page.status, text))
    need(pages["bob"] == pages["nobody"] and len(pages["bob"]) == 1,
         f"the answers differ: {pages}")
    need(least["nobody"] > least["bob"] / 3 and
         least["bob"] > least["nobody"] / 3, f"times: {least}")


def kolmogorov_smirnov(one, two):
    """How likely two samples are of one distribution (asymptotic p)."""
    a, b = sorted(one), sorted(two)
    d = max(abs(bisect.bisect_right(a, x) / len(a) -
                bisect.bisect_right(b, x) / len(b)) for x in a + b)
    n = math.sqrt(len(a) * len(b) / (len(a) + len(b)))
    t = (n + 0.12 + 0.11 / n) * d
    if t < 0.3:
        return 1.0
    return max(0.0, min(1.0, 2 * sum(
        (-1) ** (k - 1) * math.exp(-2 * k * k * t * t)
        for k in range(1, 101))))


def not_separable(flow, n):
    """LOG-01: by the times of n wrong passwords of known and of unknown
    names each nobody can tell which is which: Kolmogorov-Smirnov p > 0.01.

    One in a hundred honest runs says otherwise, so two in a row have to.
    TIPHYS_LOGINS=500 is the long form.
    """
    n = int(os.environ.get("TIPHYS_LOGINS", n))
    rand = random.Random(n)
    same = [rand.gauss(20, 2) for _ in range(n)]
    need(kolmogorov_smirnov(same, [t + 3 for t in same]) < 0.01,
         "the test itself tells nothing")
    with people.People(proofs.jwks(), keys={"login-failures": 100}) as site:
        names = [f"person{i}" for i in range(12)]
        for name in names:
            site.user(name, "patient", "Patient/pA", name)
        strangers = [f"nobody{i}" for i in range(12)]
        form = login_form(site)
        for _ in range(2):
            p = kolmogorov_smirnov(*login_times(site, form, rand, n, names,
                                                strangers))
            print(f"LOG-01: p = {p:.3f} of {n} logins each")
            if p > 0.01:
                return
        need(False, f"known and unknown names take other times: p = {p}")


def login_form(site):
    """(csrf value, cookies) of a browser that will guess."""
    b = site.browser()
    page = b.get(LOGIN)
    csrf = next(v for n, v, _ in page.forms[0].fields if n == "csrf")
    return csrf, "; ".join(f"{n}={v}" for n, v in b.cookies.items())


def login_times(site, form, rand, n, *groups):
    """Seconds of n wrong logins of each group, in any order."""
    csrf, cookie = form
    turns = [(g, group[i % len(group)]) for g, group in enumerate(groups)
             for i in range(n)]
    rand.shuffle(turns)
    out = [[] for _ in groups]
    for g, name in turns:
        began = time.monotonic()
        a = wire.request(
            site.port, "POST", LOGIN.split("?")[0],
            [("Cookie", cookie),
             ("Content-Type", "application/x-www-form-urlencoded")],
            f"csrf={csrf}&to=apps&username={name}&password=wrong")
        out[g].append(time.monotonic() - began)
        need(a.status == 403, f"{name}: {a.status}")
    return out


def throttled(flow):
    """LOG-02, -03, -04: guesses at one account, then at many."""
    with people.People(proofs.jwks(), keys={
            "login-failures": 3, "address-failures": 12}) as site:
        known, owner = site.browser(), site.browser()
        page = site.sign_in(known, "alice")
        need(page.status == 200, f"sign in: {page}")
        device = {n: v for n, v in known.cookies.items() if "device" in n}
        need(device, f"no device cookie: {known.cookies}")
        status = [guess(site, "alice").status for _ in range(5)]
        need(status[:3] == [403] * 3 and status[3:] == [429] * 2,
             f"LOG-02: guesses: {status}")
        page = guess(site, "alice", smartsite.PASSWORD)
        need(page.status == 429 and
             int(page.answer.headers["retry-after"]) > 0,
             f"LOG-02: the right guess passed, or no wait: {page}")
        owner.cookies = device
        page = site.sign_in(owner, "alice")
        need(page.status == 200 and page.title.startswith("Apps"),
             f"LOG-03: the owner cannot get in: {page}")
        status = [guess(site, f"user{i}").status for i in range(14)]
        need(429 in status and set(status[status.index(429):]) == {429},
             f"LOG-04: spraying: {status}")


def guess(site, name, password="wrong wrong wrong"):
    page = site.browser().get(LOGIN)
    return page.submit(username=name, password=password)


def resident(site):
    """KiB of all workers of tiphys-auth, shared pages told once."""
    total = 0
    for pid in site.pids(site.auth_pool):
        with open(f"/proc/{pid}/smaps_rollup") as f:
            total += int(re.search(r"Pss:\s+(\d+)", f.read())[1])
    return total


def many_logins(flow, n):
    """LOG-06: all at once: who waits too long is told to come again, and
    those who read notice nothing."""
    site, peak, end = flow.site, [0], threading.Event()

    def look():
        while not end.wait(0.05):
            peak[0] = max(peak[0], resident(site))
    pages = [site.browser().get(LOGIN) for _ in range(n)]
    watcher = threading.Thread(target=look)
    before = resident(site) if testsite.ROOT else 0
    if testsite.ROOT:
        watcher.start()
    reads = []

    def one(i):
        if i % 5 == 4:
            reads.append(site.ask("/Patient/pA",
                                   site.tokens["tA"]).status)
            return 403
        return pages[i].submit(username="bob", password="wrong!").status
    try:
        answers = at_once(n, one)
    finally:
        end.set()
    if testsite.ROOT:
        watcher.join()
        need(peak[0] - before < 128 * 1024,
             f"{peak[0] - before} KiB for {n} logins")
    need(set(answers) <= {403, 429, 503}, f"answers: {answers}")
    need(403 in answers, "nobody was served")
    need(set(reads) == {200}, f"reads meanwhile: {reads}")


def long_passwords(flow):
    """LOG-05: refused before it is hashed, or taken whole."""
    site, word = flow.site, ("rwkplx93bmtv-" * 5)[:64]
    site.tool("user", "add", "longer", "--kind", "patient", "--link",
              "Patient/pC", "--display", "L", "--password-file", "-",
              stdin=word + "\n")
    page = guess(site, "longer", "x" * (1 << 20))
    need(page.status == 413, f"1 MiB: {page}")
    page = guess(site, "longer", word + "x" * 961)
    need(page.status in (400, 403, 413) and "apps" not in page.url,
         f"1,025 characters: {page}")
    need(guess(site, "longer", word[:63]).status == 403, "63 of 64")
    need(guess(site, "longer", word + "0").status == 403, "65 for 64")
    need(guess(site, "longer", word).title.startswith("Apps"), "all 64")


def totp(secret, at=None):
    raw = base64.b32decode(secret + "=" * (-len(secret) % 8))
    count = struct.pack(">Q", int(at or time.time()) // 30)
    mac = hmac.digest(raw, count, "sha1")
    i = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[i:i + 4])[0] & 0x7fffffff) % 10**6:06}"


def second_factor(flow):
    """LOG-11: a code works once; guesses at it end."""
    with people.People(proofs.jwks(), keys={"login-failures": 5}) as site:
        site.user("twofold", "patient", "Patient/pC", "T")
        made = json.loads(site.tool("--json", "user", "totp", "twofold",
                                    "-y").stdout)

        def first():
            page = site.sign_in(site.browser(), "twofold")
            need("/second" in page.forms[0].action, f"no 2nd step: {page}")
            return page
        page, other = first(), first()
        if time.time() % 30 > 20:       # so that the code stays the same
            time.sleep(30.2 - time.time() % 30)
        code = totp(made["secret"])
        need(first_form(page, code).title.startswith("Apps"), "a good code")
        again = first_form(other, code)
        need(again.status == 403, f"the same code twice: {again}")
        page = first_form(first(), made["recovery"][0])
        need(page.title.startswith("Apps"), f"a recovery code: {page}")
        page = first_form(first(), made["recovery"][0])
        need(page.status == 403, f"a recovery code twice: {page}")
        page, status = first(), []
        for i in range(8):
            wrong = f"{(int(code) + 7 * i + 1) % 10**6:06}"
            status.append(first_form(page, wrong).status)
        need(set(status) == {403, 429} and status[-1] == 429,
             f"guesses: {status}")
        got = first_form(page, made["recovery"][1])
        need(got.status == 429, f"a guesser who is right at last: {got}")


def first_form(page, code):
    return page.submit("/second", code=code)


def every_form(flow):
    """LOG-09: every form, with no, a wrong and another browser's value."""
    site, seen = flow.site, set()
    other = site.browser("bob").get("/auth/logout")
    stolen = dict((n, v) for n, v, _ in other.forms[0].fields)["csrf"]
    flow.say_launch("csrf", values={"time": "long"},
                    scope="launch/patient patient/*.read offline_access")
    doctor = site.browser("doctor")
    app = flow.app
    for b, path in ((site.browser("alice"), "/auth/apps"),
                    (site.browser("alice"), "/auth/sessions"),
                    (site.browser("alice"), "/auth/password"),
                    (site.browser("alice"), "/auth/logout"),
                    (site.browser(), LOGIN), (site.browser(), app.url()),
                    (site.browser("alice"), app.url()),
                    (doctor, app.url()), (doctor, "/auth/launch")):
        page = b.get(path)
        if path == "/auth/launch":
            page = page.follow("App <b>")
        need(page.forms, f"{path} has no form: {page}")
        for form in page.forms:
            if form.method != "post" or form.action in seen:
                continue
            seen.add(form.action)
            for value in (None, "", "A" * 43, stolen):
                got = b.post(b.host + form.action, form.data(
                    form.buttons[0] if form.buttons else None,
                    {"csrf": value}))
                need(got.status == 403 and got.away is None,
                     f"{form.action} with {value}: {got}")
    need(len(seen) >= 8, f"only these forms: {sorted(seen)}")


def fresh_install(flow):
    """LOG-13: nobody and nothing may enter before somebody is added."""
    site = testsite.Site(auth=True)
    try:
        for kind in ("user", "client", "grant"):
            out = site.tool("--json", kind, "list").stdout.strip()
            rows = [json.loads(x) for x in out.splitlines()]
            need(not [r for r in rows if "error" in r or r],
                 f"{kind}: {out}")
    finally:
        site.stop()


def no_sleeper(flow):
    """LOG-08: what ended on the server is dead, whoever holds its cookie."""
    site = flow.site
    site.user("leaver", "patient", "Patient/pC", "L")
    one, two = site.browser(), site.browser()
    site.sign_in(one, "leaver")
    site.sign_in(two, "leaver")
    stolen = dict(one.cookies)
    one.get("/auth/logout").submit("/logout")
    one.cookies = stolen
    need(one.get("/auth/apps").title.startswith("Sign in"), "after logout")
    site.tool("user", "passwd", "leaver", "--password-file", "-",
              stdin="another eight brown bears\n")
    need(two.get("/auth/apps").title.startswith("Sign in"),
         "after a new password")


def new_session(flow):
    """LOG-07: who signs in gets another cookie; the one before is nobody."""
    b = flow.site.browser()
    page = b.get(LOGIN)
    before = dict(b.cookies)
    page.submit(username="bob", password=smartsite.PASSWORD)
    need(before["tiphys"] != b.cookies["tiphys"], "the cookie stays")
    b.cookies = before
    need(b.get("/auth/apps").title.startswith("Sign in"),
         "the cookie of before is signed in")


# --- keys that must not be taken ----------------------------------------------

def odd_key(kind, i):
    """CA-15 to -18: a JWK that no client may have."""
    if kind == "rsa1024":
        n = proofs.rsa.generate_private_key(65537, 1024)
        return {"kty": "RSA", "kid": "x", "e": "AQAB",
                "n": proofs.number(n.public_key().public_numbers().n)}
    if kind == "rsa16384":
        big = proofs.number((1 << 16384) - 1)
        return {"kty": "RSA", "kid": "x", "n": big, "e": big}
    if kind == "off":
        key = proofs.public("ES384")
        y = key["y"]
        return dict(key, kid="x", y=("A" if y[0] != "A" else "B") + y[1:])
    if kind == "oct":
        return {"kty": "oct", "kid": "x", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ"}
    key = dict(proofs.public("ES384"), kid="x")
    return dict(key, kid=f"x{i}") if kind == "many" else key


def no_call(flow):
    """CA-24, AUZ-33, TKE-23: no program of ours can call anybody."""
    for name in ("tiphys-auth", "tiphys-fhir"):
        with open(testsite.program(name), "rb") as f:
            text = f.read()
        need(b"getaddrinfo" not in text and b"libcurl" not in text,
             f"{name} can look up names")


def wrong_secrets(flow):
    """TKE-16: who guesses a secret is slowed down; the client is not."""
    text = "grant_type=refresh_token&refresh_token=tsr_x"
    form = ("Content-Type", "application/x-www-form-urlencoded")
    with people.People(proofs.jwks(),
                       keys={"address-failures": 12}) as site:
        app = site.app("conf", secret="wrong")
        for i in range(12):
            a = site.post("/token", dict(x.split("=") for x in
                                         text.split("&")), app.auth())
            need(a.status == 401, f"guess {i}: {a}")
        a = site.post("/token", {"grant_type": "refresh_token",
                                 "refresh_token": "tsr_x"}, app.auth())
        need(a.status == 429 and int(a.headers["retry-after"]) > 0,
             f"after 12 guesses: {a}")
        app.secret = site.secrets["conf"]
        env = fcgi.variables("POST", "/auth/token", [form] + app.auth(),
                             text)
        got = fcgi.exchange(
            os.path.join(site.run, "auth.sock"),
            fcgi.plain(env + [("REMOTE_ADDR", "203.0.113.9")],
                       text.encode()))
        need(got is not None and got.status == 400 and
             got.json()["error"] == "invalid_grant",
             f"the client itself, from elsewhere: {got}")


def page_headers(flow, target):
    """AUZ-28"""
    a = flow.browser.get(target).answer
    wanted = {"x-frame-options": "DENY", "referrer-policy": "no-referrer",
              "cache-control": "no-store",
              "content-security-policy": "default-src 'none'.*frame-"
              "ancestors 'none'"}
    for name, pattern in wanted.items():
        need(re.search(pattern, a.headers.get(name, "")),
             f"{target}: {name}: {a.headers.get(name)}")
    need("unsafe-" not in a.headers["content-security-policy"], target)
