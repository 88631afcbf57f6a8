# SPDX-License-Identifier: Apache-2.0
"""What the tool changes, both servers obey: sessions, grants, users, apps.

Each change counts from the next request on (requirement Z06).
"""

import json
import os
import re
import sys
from urllib.parse import parse_qs, urlsplit

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import smartsite    # noqa: E402
import wire         # noqa: E402


@pytest.fixture(scope="module")
def site():
    with smartsite.SmartSite() as s:
        yield s


def rows(site, *args, **kw):
    p = site.tool(*args, "--json", **kw)
    return [json.loads(line) for line in p.stdout.splitlines()]


def fails(site, status, *args, **kw):
    p = site.tool(*args, check=False, **kw)
    assert p.returncode == status, (p.returncode, p.stderr)
    return p.stderr


@pytest.fixture
def shared(site):
    """ella shares her record with an app: browser, app, its tokens."""
    b, app = site.browser(), site.app(scope="launch/patient offline_access "
                                            "patient/*.read")
    page = smartsite.through(site, app, b, "ella", time="long")
    answer = app.redeem(app.answer(page)["code"])
    assert answer.status == 200, answer
    tokens = answer.json()
    assert reads(site, tokens)
    yield b, app, tokens
    site.tool("user", "enable", "ella")
    site.tool("client", "enable", "app")


def reads(site, tokens):
    status = site.get("/Patient/ella", tokens["access_token"]).status
    assert status in (200, 401)
    return status == 200


def newest(site, **kw):
    return rows(site, "grant", "list", "--user", "ella", **kw)[0]


# --- grants --------------------------------------------------------------------

def test_grant_list_and_show(site, shared):
    g = newest(site)
    assert g["user"] == "ella" and g["client"] == "app"
    assert g["patient"] == "ella" and g["active"] is True
    assert "patient/" in g["scope"]
    assert g["created"] < g["expires"]
    one, = rows(site, "grant", "show", g["grant"])
    assert one["grant"] == g["grant"] and one["shown"]
    assert one["client_name"] == "Growth <i>Chart</i>"
    assert one["offline"] is True and "revoked" not in one


def test_grant_list_shows_no_secret(site, shared):
    _, _, tokens = shared
    out = site.tool("grant", "list", "--all").stdout + site.tool(
        "grant", "show", newest(site)["grant"]).stdout
    for secret in (tokens["access_token"], tokens["refresh_token"]):
        assert secret not in out
    assert "tsr_" not in out and "tsc_" not in out


def test_grant_list_filters(site, shared):
    every = rows(site, "grant", "list")
    assert every
    for option, value, member in [("--user", "ella", "user"),
                                  ("--client", "app", "client"),
                                  ("--patient", "ella", "patient")]:
        some = rows(site, "grant", "list", option, value)
        assert some == [g for g in every if g.get(member) == value]
        assert rows(site, "grant", "list", option, "nobody") == []


def test_revoked_grant_counts_at_once(site, shared):
    _, app, tokens = shared
    g = newest(site)
    assert rows(site, "grant", "revoke", g["grant"]) == [
        {"revoked": g["grant"]}]
    assert not reads(site, tokens)
    assert app.refresh(tokens["refresh_token"]).status == 400
    assert g["grant"] not in [r["grant"] for r in rows(site, "grant",
                                                       "list")]
    old = [r for r in rows(site, "grant", "list", "--all")
           if r["grant"] == g["grant"]]
    assert len(old) == 1 and old[0]["active"] is False
    assert "revoked" in rows(site, "grant", "show", g["grant"])[0]
    site.tool("grant", "revoke", g["grant"])        # twice is no error


def test_revoke_all_of_a_user_asks(site, shared):
    _, _, tokens = shared
    err = fails(site, 64, "grant", "revoke", "--user", "ella")
    assert "--yes" in err and reads(site, tokens)
    standing = {g["grant"] for g in rows(site, "grant", "list", "--user",
                                         "ella")}
    done = rows(site, "grant", "revoke", "--user", "ella", "--yes")
    assert {r["revoked"] for r in done} == standing
    assert not reads(site, tokens)
    assert rows(site, "grant", "list", "--user", "ella") == []


def test_grant_refusals(site):
    for c in ("show", "revoke"):
        assert "none" in fails(site, 66, "grant", c, "nothing").replace(
            "no grant", "none")
    fails(site, 64, "grant", "revoke")
    fails(site, 64, "grant", "revoke", "x", "--user", "ella")


# --- sessions --------------------------------------------------------------------

def signed_in(b):
    return "Sign in" not in b.get("/auth/sessions").title


def test_session_list_and_end(site):
    b, other = site.browser(), site.browser()
    for who in (b, other):
        site.sign_in(who, "dr-lee")
        assert signed_in(who)
    before = rows(site, "session", "list", "--user", "dr-lee")
    s = before[0]
    assert s["kind"] == "practitioner" and s["pending"] is False
    assert s["address"] == "127.0.0.1" and s["started"] <= s["seen"]
    out = site.tool("session", "list").stdout
    for cookie in [*b.cookies.values(), *other.cookies.values()]:
        assert cookie not in out, "an id must not open a session"
    site.tool("session", "end", s["session"])
    assert [signed_in(b), signed_in(other)] == [True, False]
    assert "--yes" in fails(site, 64, "session", "end", "--user", "dr-lee")
    assert signed_in(b)
    assert rows(site, "session", "end", "--user", "dr-lee", "-y") == [
        {"ended": "dr-lee"}]
    assert not signed_in(b)
    assert rows(site, "session", "list", "--user", "dr-lee") == []


def test_session_refusals(site):
    fails(site, 66, "session", "end", "nothing")
    fails(site, 64, "session", "end")
    fails(site, 64, "session", "end", "x", "--user", "ella")


# --- users and apps ----------------------------------------------------------------

def test_disabled_user(site, shared):
    b, app, tokens = shared
    site.tool("user", "disable", "ella")
    assert not reads(site, tokens) and not signed_in(b)
    assert app.refresh(tokens["refresh_token"]).status == 400
    assert "Sign in" in site.sign_in(site.browser(), "ella").title
    site.tool("user", "enable", "ella")
    assert not reads(site, tokens), "what was ended stays ended"


def test_new_password(site, shared):
    b, app, tokens = shared
    site.tool("user", "passwd", "ella", "--password-file", "-",
              stdin="another heron entirely\n")
    try:
        assert not reads(site, tokens) and not signed_in(b)
        assert app.refresh(tokens["refresh_token"]).status == 400
        assert "Sign in" in site.sign_in(site.browser(), "ella").title
        assert "Sign in" not in site.sign_in(
            site.browser(), "ella", "another heron entirely").title
    finally:
        site.tool("user", "passwd", "ella", "--password-file", "-",
                  stdin=smartsite.PASSWORD)


def test_disabled_client(site, shared):
    _, app, tokens = shared
    site.tool("client", "disable", "app")
    assert not reads(site, tokens)
    assert app.refresh(tokens["refresh_token"]).status in (400, 401)
    page = site.browser().get(app.url())
    assert page.status == 400 and page.away is None
    site.tool("client", "enable", "app")
    assert site.browser().get(app.url()).status == 200


def test_rotated_secret(site):
    old = site.secret
    new = rows(site, "client", "rotate-secret", "conf", "-y")[0][
        "client_secret"]
    site.secret = new
    for secret, status in ((old, 401), (new, 400)):
        app = site.app("conf", secret=secret)
        assert app.redeem("tsc_" + "A" * 43).status == status


# --- keys and launches ---------------------------------------------------------------

def test_rotated_keys_overlap(site, shared):
    _, app, tokens = shared

    def kids():
        jwks = wire.request(site.port, "GET", "/auth/jwks").json()
        return [k["kid"] for k in jwks["keys"]]
    old = kids()
    made, = rows(site, "key", "rotate")
    assert {made["kid"], made["id_token_kid"]} & set(old) == set()
    assert made["id_token_kid"] in kids()
    assert set(old) <= set(kids()), "old ones verify until they are dead"
    assert reads(site, tokens)
    fresh = app.refresh(tokens["refresh_token"])
    assert fresh.status == 200 and reads(site, fresh.json())


def test_launch_by_the_tool(site):
    out = site.tool("launch", "new", "app", "--user", "dr-lee",
                    "--patient", "ella").stdout.strip()
    assert out.startswith(smartsite.LAUNCH + "?")
    q = parse_qs(urlsplit(out).query)
    assert q["iss"] == [site.base]
    handle, = q["launch"]
    assert re.fullmatch(r"tsl_[\w-]{43}", handle)
    assert "ella" not in out
    b, app = site.browser(), site.app(scope="launch patient/*.read")
    page = b.get(app.url(launch=handle))
    page = page.submit(username="dr-lee", password=smartsite.PASSWORD)
    page = page.submit("/consent", go="allow")
    tokens = app.redeem(app.answer(page)["code"]).json()
    assert tokens["patient"] == "ella"
    again = site.browser().get(app.url(launch=handle))
    assert again.away is None or "error=" in again.away


@pytest.mark.parametrize("args, status", [
    (["app"], 64),
    (["app", "--user", "nobody"], 66),
    (["nothing", "--user", "dr-lee"], 66),
    (["app", "--user", "dr-lee", "--patient", "nobody"], 66),
    (["app", "--user", "ella", "--patient", "yuki"], 66),
    (["app", "--user", "dr-lee", "--context-file", "/none"], 66),
])
def test_launch_refuses(site, args, status):
    fails(site, status, "launch", "new", *args)


def test_launch_context_must_be_an_array(site):
    fails(site, 64, "launch", "new", "app", "--user", "dr-lee",
          "--context-file", "-", stdin='{"reference": "Patient/ella"}')
