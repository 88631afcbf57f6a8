# SPDX-License-Identifier: Apache-2.0
"""Pages: markup, headers, cookies, forms from elsewhere, wrong requests.

Attack cases AUZ-01 to -07, -13, -19, -21, -28, -29, -32; LOG-01, -05, -07,
-09, -10, -12; HTTP-18.
"""

import json
import re

import pytest

import browser
import smartsite
from smartsite import PASSWORD


@pytest.fixture(scope="module")
def site():
    with smartsite.SmartSite() as s:
        yield s


@pytest.fixture(scope="module")
def behind_tls():
    """As behind a proxy that speaks TLS: the cookies of the open net."""
    with smartsite.SmartSite(keys={"tls-front": "yes"}) as s:
        yield s


def pages(site):
    """Every page of a launch and of an account, in most of its states."""
    b, app = site.browser(), site.app(
        scope="launch/patient openid fhirUser patient/*.read "
        "patient/Observation.write user/*.read offline_access")
    page = b.get(app.url())
    yield "login", page
    yield "cancel", page.follow("go back to the app")
    yield "login, wrong", page.submit(username="dr-lee", password="no")
    page = page.submit(username="dr-lee", password=PASSWORD)
    yield "pick", page
    yield "pick, none", page.submit("/search", name="xyzzy")
    yield "pick, wrong", page.submit("/search", birthdate="yesterday")
    page = smartsite.pick(page, "ella")
    yield "consent", page
    yield "consent, nothing", page.submit("/consent", go="allow", group=[])
    yield "pick, again", page.submit("/again")
    app.scope += " launch/encounter"
    page = b.get(app.url())
    yield "visit", smartsite.pick(page, "ella")
    page = b.get(app.url())
    page = smartsite.pick(page, "samuel")
    yield "visit, other", page
    page = b.get(app.url())
    page = smartsite.no_visit(smartsite.pick(page, "ella"))
    yield "consent, no visit", page
    yield "apps, none", b.get("/auth/apps")
    back = app.answer(page.submit("/consent", go="allow", time="long"))
    assert app.redeem(back["code"]).status == 200
    page = b.get("/auth/apps")
    yield "apps", page
    yield "apps, stopped", page.submit("/apps")
    yield "sessions", b.get("/auth/sessions")
    page = b.get("/auth/password")
    yield "password", page
    yield "password, wrong", page.submit("/password", old="x", fresh="y")
    yield "launch", b.get("/auth/launch")
    yield "launch, app", b.get("/auth/launch?app=app")
    yield "launch, no such", b.get("/auth/launch?app=nobody")
    yield "logout", b.get("/auth/logout")
    yield "login, alone", site.browser().get("/auth/login")
    yield "signed out", site.browser().get("/auth/logout")
    yield "error", b.get("/auth/authorize")
    yield "not found", b.get("/auth/nothing")
    yield "flow over", b.get("/auth/flow?id=tsf_x")
    yield "forged", b.post("/auth/logout", {})
    yield "too long", b.post("/auth/login", {"password": "x" * 70000})


def test_every_page(site):
    """Markup is sound (browser.Parser), labelled, and framed by headers."""
    for name, page in pages(site):
        h = page.answer.headers
        assert h["content-type"] == "text/html; charset=UTF-8", name
        assert h["cache-control"] == "no-store", name
        assert h["x-frame-options"] == "DENY", name
        assert h["x-content-type-options"] == "nosniff", name
        assert h["referrer-policy"] == "no-referrer", name
        assert h["cross-origin-opener-policy"] == "same-origin", name
        assert "access-control-allow-origin" not in h, name
        csp = h["content-security-policy"]
        assert csp.startswith("default-src 'none'; frame-ancestors 'none'; "
                              "base-uri 'none'; style-src 'self'; "
                              "form-action 'self'"), name
        assert "unsafe" not in csp and "*" not in csp, name
        assert page.html.startswith("<!doctype html>\n<html lang=\"en\">")
        assert len(page.headings()) == 1, name
        assert page.title.endswith(" – Health record"), name
        check_labels(name, page)


def check_labels(name, page):
    labels = {a.get("for") for t, a in page.elements if t == "label"}
    for tag, attrs in page.elements:
        if tag == "input" and attrs.get("type") != "hidden" and \
                "hidden" not in attrs:
            assert attrs["id"] in labels, (name, attrs)
        for ref in (attrs.get("aria-describedby") or "").split():
            assert ref in page.ids, (name, ref)
        if attrs.get("type") in ("text", "password"):
            assert attrs.get("autocomplete"), (name, attrs)


def test_only_forms_that_end_at_the_app_may(site):
    """Chromium asks form-action of the redirect behind a form."""
    app = "https://app.tiphys.test"
    allowed = {"cancel", "consent", "consent, nothing", "consent, no visit",
               "launch, app"}
    for name, page in pages(site):
        csp = page.answer.headers["content-security-policy"]
        assert csp.endswith(" form-action 'self'" + (
            " " + app if name in allowed else "")), (name, csp)


def test_names_are_shown_as_text(site):
    """LOG-10: names of apps and people with markup in them."""
    b = site.browser()
    page = b.get(site.app().url())
    assert "Growth &lt;i&gt;Chart&lt;/i&gt;" in page.html
    page = page.submit(username="ella", password=PASSWORD)
    assert "Ella &lt;b&gt;Marsh&lt;/b&gt;" in page.html
    assert "<i>" not in page.html
    page = b.get("/auth/login?to=%22%3E%3Cscript%3E")
    assert "script" not in page.html


def test_style(site):
    a = site.browser().send("GET", "/auth/style.css")
    assert a.status == 200
    assert a.headers["content-type"] == "text/css; charset=UTF-8"
    assert b"prefers-color-scheme: dark" in a.body and b"@media print" in \
        a.body and b"url(" not in a.body


# --- cookies ---------------------------------------------------------------------

def test_cookie_of_the_open_net(behind_tls):
    """LOG-07: its attributes, and a new value at each sign-in."""
    b = behind_tls.browser()
    page = b.get("/auth/login")
    before = dict(b.cookies)
    page.submit(username="ella", password=PASSWORD)
    assert b.cookies["__Host-tiphys"] != before["__Host-tiphys"]
    for line in b.set:
        assert line.startswith("__Host-"), line
        words = [w.strip() for w in line.split(";")[1:]]
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= \
            set(words), line
        assert "Domain" not in line
    a = b.send("GET", "/auth/apps")
    assert a.headers["strict-transport-security"]


def test_cookie_on_loopback(site):
    b = site.browser()
    site.sign_in(b, "ella")
    assert "tiphys" in b.cookies
    for line in b.set:
        assert "HttpOnly" in line and "SameSite=Lax" in line and \
            "Secure" not in line


def test_cookie_twice_is_none(site):
    b = site.browser()
    site.sign_in(b, "ella")
    good = b.cookies["tiphys"]
    a = browser.Browser(site.port).send("GET", "/auth/apps", [
        ("Cookie", f"tiphys=evil; tiphys={good}")])
    assert a.status == 303 and "/login" in a.headers["location"]


def test_api_takes_no_cookie(site):
    b = site.browser()
    site.sign_in(b, "ella")
    a = b.send("GET", "/auth/userinfo")
    assert a.status == 401 and "set-cookie" not in a.headers


# --- forms from elsewhere --------------------------------------------------------

FORMS = ["/login", "/second", "/search", "/pick", "/consent", "/deny",
         "/apps", "/sessions", "/password", "/logout", "/launch",
         "/launch/go"]


@pytest.mark.parametrize("path", FORMS)
def test_forms_are_of_this_browser(site, path):
    """LOG-09, AUZ-19: no value, a wrong one, another browser's."""
    mine, other = site.browser(), site.browser()
    site.sign_in(mine, "dr-lee")
    site.sign_in(other, "ella")
    theirs = other.get("/auth/password").forms[0].data()
    csrf = dict(theirs)["csrf"]
    for pairs in ({}, {"csrf": ""}, {"csrf": "x" * 43}, {"csrf": csrf}):
        page = mine.post("/auth" + path, {
            "username": "dr-lee", "password": PASSWORD, "go": "allow",
            **pairs})
        assert page.status in (403, 404), (path, pairs, page)
        assert page.away is None
    assert mine.get("/auth/apps").title.startswith("Apps"), path


@pytest.mark.parametrize("path", ["/deny", "/consent", "/pick", "/search",
                                  "/launch/go"])
def test_what_acts_is_no_link(site, path):
    """AUZ-21"""
    a = site.browser().send("GET", "/auth" + path)
    assert a.status == 405 and a.headers["allow"] == "POST, OPTIONS"


def test_flow_is_of_one_browser(site):
    page = site.browser().get(site.app().url())
    stranger = site.browser().get(page.url)
    assert stranger.status == 404 and stranger.away is None


def test_there_is_no_way_to_other_sites(site):
    """LOG-12: a word that names no page of ours leads to the first."""
    for to in ("//evil.test", "https:evil", "javascript:x", "https://e.test",
               "apps//evil", "apps%26x=y"):
        b = site.browser()
        page = b.get("/auth/login?to=" + to)
        page = page.submit(username="ella", password=PASSWORD)
        assert page.url == site.issuer + "/apps", (to, page)


# --- signing in ------------------------------------------------------------------

def test_unknown_and_known_look_alike(site):
    """LOG-01: the same page but for the name that was typed."""
    def shape(name):
        b = site.browser()
        page = b.get("/auth/login").submit(username=name, password="wrong")
        text = re.sub(r'(name="csrf" value|<code>)[^<]*', "", page.html)
        return page.status, text.replace(name, "NAME")
    assert shape("ella") == shape("nobody")
    assert shape("ella")[0] == 403


@pytest.mark.parametrize("size,status", [(1025, 413), (70000, 413)])
def test_long_passwords_are_refused(site, size, status):
    """LOG-05: before they are hashed."""
    b = site.browser()
    page = b.get("/auth/login").submit(username="ella",
                                       password="x" * size)
    assert page.status == status, page


def test_too_many_tries_wait_visibly(site):
    with smartsite.SmartSite(keys={"login-failures": 2}) as s:
        b = s.browser()
        page = b.get("/auth/login")
        for _ in range(4):
            page = page.submit(username="ella", password="wrong")
        assert page.status == 429 and "Please wait" in page.text, page
        assert int(page.answer.headers["retry-after"]) > 0


def test_second_factor(site):
    with smartsite.SmartSite(keys={"staff-second-factor": "yes"}) as s:
        p = s.tool("--json", "user", "totp", "dr-lee")
        facts = json.loads(p.stdout)
        b = s.browser()
        s.user("new-nurse", "practitioner", "Practitioner/nurse-berg", "N")
        page = b.get(s.app().url())
        page = page.submit(username="new-nurse", password=PASSWORD)
        assert page.status == 403
        assert "needs a second factor first" in page.text, page
        page = page.submit(username="dr-lee", password=PASSWORD)
        assert "second factor" in page.title, page
        assert b.get("/auth/apps").url.endswith("/second?to=apps")
        bad = page.submit("/second", code="000000")
        assert bad.status == 403 and bad.title.startswith("Error"), bad
        page = bad.submit("/second", code=facts["recovery"][0])
        assert page.title.startswith("Whose record"), page
        b2 = s.browser()
        page = s.sign_in(b2, "dr-lee")
        page = page.submit("/second", code=facts["recovery"][0])
        assert page.status == 403, page     # each works once
        page = page.submit("/second", code=facts["recovery"][1])
        assert page.url == s.issuer + "/apps", page


# --- wrong requests --------------------------------------------------------------

def bad_redirects():
    good = smartsite.REDIRECT
    return [None, "", good + "/evil", good + "?x=1", good + "#x",
            "https://app.tiphys.test.evil.test/cb",
            "https://app.tiphys.test@evil.test/cb",
            "https://app.tiphys.test/cb/../other",
            "https://app.tiphys.test/%63b", "HTTPS://app.tiphys.test/cb",
            "https://APP.tiphys.test/cb", "https://app.tiphys.test:443/cb",
            "http://app.tiphys.test/cb", "javascript:alert(1)",
            "https://evil.test/cb"]


@pytest.mark.parametrize("uri", bad_redirects())
def test_no_redirect_to_an_unregistered_address(site, uri):
    """AUZ-01 to -06: a page here, no Location, the address not shown."""
    b = site.browser()
    a = b.send("GET", site.app().url(redirect_uri=uri))
    assert a.status == 400 and "location" not in a.headers
    assert "evil" not in a.body.decode()


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope",
                                  "state", "aud", "code_challenge"])
def test_parameters_stand_once(site, name):
    """AUZ-07"""
    app = site.app()
    value = dict(app.request())[name]
    a = site.browser().send("GET", app.url() + "&" + browser.encode(
        [(name, value)]))
    assert a.status == 400 and "location" not in a.headers


@pytest.mark.parametrize("query", [
    "", "client_id[$ne]=x", "client_id[]=a", "client_id=a%00b", "%FF=1",
    "client_id=nobody&redirect_uri=https://app.tiphys.test/cb"])
def test_odd_requests_are_told_here(site, query):
    """AUZ-32"""
    a = site.browser().send("GET", "/auth/authorize?" + query)
    assert a.status == 400 and "location" not in a.headers
    text = a.body.decode()
    for word in ("Growth", "conf", "app.tiphys", site.dir, "tsf_"):
        assert word not in text, word


@pytest.mark.parametrize("change,error", [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code token"}, "unsupported_response_type"),
    ({"state": None}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"aud": "https://evil.test/fhir"}, "invalid_request"),
    ({"aud": None}, "invalid_request"),
    ({"scope": "patient%2F*.read"}, "invalid_scope"),
    ({"scope": "patient/*.read:x"}, "invalid_scope"),
    ({"request": "eyJ"}, "request_not_supported"),
    ({"prompt": "none"}, "login_required"),
    ({"launch": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request"),
])
def test_other_errors_go_back_to_the_app(site, change, error):
    """Before any page is shown (interop 6)."""
    b = site.browser()
    a = b.send("GET", site.app().url(**change))
    assert a.status == 303, a
    there = a.headers["location"]
    assert there.startswith(smartsite.REDIRECT + "?"), there
    assert f"error={error}" in there, there


def test_parameters_in_two_places(site):
    app = site.app()
    page = site.browser().post(app.url(), app.request())
    assert page.status == 400 and page.away is None


def test_state_adds_nothing(site):
    """AUZ-13; by POST, for lighttpd lets no such URL through."""
    b, app = site.browser(), site.app()
    b.get("/auth/login")
    app.state = "x\r\nSet-Cookie: a=b&iss=evil\"'<"
    page = b.post("/auth/authorize", app.request(response_type="token"))
    assert app.answer(page)["state"] == app.state
    there = page.answer.headers["location"]
    assert "a=b" not in "".join(b.set) and "iss=evil" not in there
    assert "<" not in there and '"' not in there


def test_logs_hold_no_secret(site):
    """One line a request; no password, cookie, code, CSRF value, name."""
    b, app = site.browser(), site.app()
    page = b.get(app.url()).submit(username="ella", password=PASSWORD)
    back = app.answer(page.submit("/consent", go="allow"))
    app.redeem(back["code"])
    log = site.log("auth.log")
    for secret in (PASSWORD, back["code"], b.cookies["tiphys"], "tsf_",
                   "tsb_", app.state, app.verifier, "Ella", "password="):
        assert secret not in log, secret
    assert len(re.findall(r"act=token type=- status=200 .*client=app",
                          log)) >= 1


def test_ticking_too_many_single_types_is_told(site):
    """More fields than a search may have parameters, more than a scope
    may have words: the form comes back and says what to do."""
    b, app = site.browser(), site.app(scope="launch/patient patient/*.read "
                                      "user/*.read")
    page = b.get(app.url()).submit(username="dr-lee", password=PASSWORD)
    page = smartsite.pick(page, "ella")
    types = [f[1] for f in page.form_for("/consent").fields
             if f[0] == "type"]
    assert len(types) > 100
    page = page.submit("/consent", go="allow", group=[], type=types)
    assert page.status == 400 and "too many parts" in page.text, page
    page = page.submit("/consent", go="allow", group=[], type=types[:40])
    assert "code" in app.answer(page)


def test_a_patient_out_of_reach_is_told_plainly(site):
    """Forbidden by rights, not by a forged form: the page says why."""
    b, app = site.browser(), site.app(scope="launch/patient patient/*.read")
    page = b.get(app.url()).submit(username="dr-lee", password=PASSWORD)
    form = page.form_for("/pick")
    page = b.post(b.host + form.action,
                  form.data(values={"patient": "nobody"}))
    assert page.status == 403 and "not allowed here" in page.title, page
    assert "no such patient" in page.text
