# SPDX-License-Identifier: Apache-2.0
"""kill -9 of tiphys-auth at any moment of a launch, and what is left.

A code, a refresh token, an assertion or a launch handle that worked once
works never again, whoever was killed; what was answered holds; a grant that
no answer told of is whole, or is not there.  TIPHYS_CRASH says how many
kills (default 30; the long form is 1000), TIPHYS_SEED which ones.
"""

import json
import os
import random
import signal
import sys
import threading
import time

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))
sys.path.insert(0, os.path.join(HERE, "../attack"))

import proofs       # noqa: E402
import smartsite    # noqa: E402

KILLS = int(os.environ.get("TIPHYS_CRASH", "30"))
SEED = int(os.environ.get("TIPHYS_SEED", "0")) or int(time.time())
SCOPE = "launch/patient patient/*.read offline_access"
TORN = (500, 502, 503)      # what the web server says of a worker's death


@pytest.fixture(scope="module")
def site():
    print("TIPHYS_SEED =", SEED)
    with smartsite.SmartSite(keys={"readers": 64}) as s:
        s.tool("client", "add", "back", "--name", "Back", "--type", "keys",
               "--jwks", "-", "--grant-type", "client_credentials",
               "--scope", "system/Patient.read",
               stdin=json.dumps(proofs.jwks()))
        first = s.browser()
        assert s.sign_in(first, "dr-lee").status == 200
        s.cookies = first.cookies
        yield s


def browser(s):
    b = s.browser()
    b.cookies = dict(s.cookies)
    return b


def ask(fn):
    """An answer, or None: a worker died over it."""
    try:
        a = fn()
    except (OSError, AssertionError):   # the connection was closed
        return None
    return None if a is None or a.status in TORN else a


def again(fn):
    """What a worker says that nobody kills."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        a = ask(fn)
        if a is not None:
            return a
        time.sleep(0.05)
    raise AssertionError(f"nobody answers; seed {SEED}")


def killed_over(s, rand, fn):
    """fn() while all workers are killed at some moment of it."""
    out = []
    t = threading.Thread(target=lambda: out.append(ask(fn)))
    t.start()
    time.sleep(rand.random() * 0.012)
    for pid in s.pids(s.auth_pool):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    t.join()
    return out[0]


def launched(s, app):
    """A code, without a kill."""
    b = browser(s)

    def step():
        page = b.get(app.url())
        page = smartsite.pick(page, "ella")
        return page.submit("/consent", go="allow", time="long")
    end = time.monotonic() + 15
    while time.monotonic() < end:
        try:
            return app.answer(step())["code"]
        except (AssertionError, OSError):   # a worker is not back yet
            time.sleep(0.05)
    raise AssertionError(f"no launch; seed {SEED}")


def works(s, token):
    return s.get("/Patient/ella", token).status == 200


def grants(s):
    """All standing grants, whole enough to be told of."""
    p = s.tool("--json", "grant", "list")
    return [json.loads(x) for x in p.stdout.splitlines() if x]


def test_codes(site):
    """Killed over the redemption: it worked, or it did not; never twice."""
    rand, told, silent = random.Random(SEED), 0, 0
    for _ in range(KILLS // 3):
        app = site.app(scope=SCOPE)
        code = launched(site, app)
        first = killed_over(site, rand, lambda: app.redeem(code))
        second = again(lambda: app.redeem(code))
        good = [a for a in (first, second) if a and a.status == 200]
        assert len(good) <= 1, SEED
        if first is not None and first.status == 200:
            told += 1
            assert second.json()["error"] == "invalid_grant", SEED
            # RFC 6749 4.1.2: what it gave ends with the second use
            assert not works(site, first.json()["access_token"]), SEED
        elif good:
            assert works(site, second.json()["access_token"]), SEED
            third = app.redeem(code)
            assert third.status == 400, (SEED, third)
        else:
            silent += 1
    print(f"{told} told, {silent} given and not told")


def test_refresh_tokens(site):
    rand = random.Random(SEED + 1)
    for _ in range(KILLS // 3):
        app = site.app(scope=SCOPE)
        code = launched(site, app)
        t = again(lambda: app.redeem(code)).json()
        old = t["refresh_token"]
        first = killed_over(site, rand, lambda: app.refresh(old))
        second = again(lambda: app.refresh(old))
        good = [a for a in (first, second) if a and a.status == 200]
        assert len(good) <= 1, SEED
        if first is not None and first.status == 200:
            assert second.json()["error"] == "invalid_grant", SEED
        for a in good:              # used twice: the family is dead
            new = a.json()["refresh_token"]
            assert again(lambda: app.refresh(old)).status == 400, SEED
            assert again(lambda: app.refresh(new)).status == 400, SEED
            assert not works(site, a.json()["access_token"]), SEED


def test_assertions(site):
    """The jti is on disk before the answer leaves."""
    rand = random.Random(SEED + 2)
    for _ in range(KILLS // 6):
        text = proofs.assertion(site, {})

        def service():
            return site.post("/token", {
                "grant_type": "client_credentials",
                "scope": "system/Patient.read", "client_assertion": text,
                "client_assertion_type": proofs.TYPE})
        first = killed_over(site, rand, service)
        answers = [first] + [again(service) for _ in range(3)]
        good = [a for a in answers if a and a.status == 200]
        assert len(good) <= 1, SEED
        assert answers[-1].status == 401, (SEED, answers)


def test_launch_handles(site):
    rand = random.Random(SEED + 3)
    for _ in range(KILLS // 6):
        made = json.loads(site.tool("--json", "launch", "new", "app",
                                    "--user", "dr-lee", "-p",
                                    "ella").stdout)
        app = site.app(scope="launch patient/*.read")
        url = app.url(launch=made["launch"])

        def start():
            return browser(site).send("GET", url)
        answers = [killed_over(site, rand, start)] + \
            [again(start) for _ in range(3)]
        flows = [a for a in answers if a and "/flow" in
                 a.headers.get("location", "")]
        assert len(flows) <= 1, (SEED, [a and a.headers for a in answers])
        assert "error=" in answers[-1].headers["location"], SEED


def test_consent(site):
    """Killed over the consent: a code that works, or none at all."""
    rand = random.Random(SEED + 4)
    for _ in range(KILLS // 6):
        app = site.app(scope=SCOPE)
        b = browser(site)
        page = smartsite.pick(b.get(app.url()), "ella")
        codes = []

        def allow():
            led = page.submit("/consent", go="allow", time="long")
            if led.away:
                codes.append(app.answer(led).get("code"))
            return led
        killed_over(site, rand, allow)
        again(allow)
        good = [c for c in codes if c]
        assert len(good) <= 1, SEED     # one flow, one code
        for code in good:
            a = again(lambda c=code: app.redeem(c))
            assert a.status == 200 and works(
                site, a.json()["access_token"]), (SEED, a)


def test_what_is_left(site):
    """Every grant is whole, can be told of and be ended; all dead after."""
    end = time.monotonic() + 15
    while len(site.pids(site.auth_pool)) < site.workers:
        assert time.monotonic() < end, site.log("auth.log")[-2000:]
        time.sleep(0.05)
    app = site.app(scope=SCOPE)
    code = launched(site, app)
    t = again(lambda: app.redeem(code)).json()
    assert works(site, t["access_token"])
    found = grants(site)
    assert found, "no grant at all"
    site.tool("grant", "revoke", "--user", "dr-lee", "-y")
    assert not works(site, t["access_token"])
    assert app.refresh(t["refresh_token"]).status == 400
    p = site.tool("check", check=False)
    assert p.returncode == 0, (SEED, p.stdout, p.stderr)
