# SPDX-License-Identifier: Apache-2.0
"""A site with people and apps, and the app's side of a launch."""

import base64
import hashlib
import json
import os
import secrets
from urllib.parse import parse_qs, urlsplit

import browser
import testsite
import wire

PASSWORD = "seven brown bears at sea"
REDIRECT = "https://app.tiphys.test/cb"
LAUNCH = "https://app.tiphys.test/launch"
SCOPE = ("launch launch/patient launch/encounter openid fhirUser offline_access "
         "online_access patient/*.read patient/Observation.write "
         "user/*.read")
KEYS = {"staff-second-factor": "no", "address-requests": 100000,
        "address-failures": 10000, "login-failures": 100,
        # The least the settings allow: tests sign in often.
        "password-memory": 19922944, "password-passes": 1}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SmartSite(testsite.Site):
    def __init__(self, keys=None, **kw):
        kw.setdefault("load", [os.path.join(testsite.SRC,
                                            "examples/patients")])
        super().__init__(auth=True, keys={**KEYS, **(keys or {})}, **kw)

    def prepare(self, keys, load):
        super().prepare(keys, load)
        self.user("dr-lee", "practitioner", "Practitioner/dr-lee",
                  "Dr. Ada Lee")
        self.user("ella", "patient", "Patient/ella", "Ella <b>Marsh</b>")
        self.client("app", "Growth <i>Chart</i>")
        self.client("other", "Other", redirect="https://other.test/cb")
        self.secret = self.client("conf", "Confidential",
                                  kind="secret")["client_secret"]

    def user(self, name, kind, link, display, *more):
        self.tool("user", "add", name, "--kind", kind, "--link", link,
                  "--display", display, "--password-file", "-", *more,
                  stdin=PASSWORD + "\n")

    def client(self, name, title, kind="public", redirect=REDIRECT,
               scope=SCOPE, launch=LAUNCH, *more):
        p = self.tool("--json", "client", "add", name, "--name", title,
                      "--type", kind, "--redirect-uri", redirect,
                      "--launch-uri", launch, "--scope", scope, *more)
        return json.loads(p.stdout)

    def browser(self):
        return browser.Browser(self.port)

    def app(self, client="app", **kw):
        return App(self, client, **kw)

    def post(self, path, pairs, headers=()):
        """As a program does: no cookie, no redirect followed."""
        if isinstance(pairs, dict):
            pairs = pairs.items()
        return wire.request(
            self.port, "POST", "/auth" + path,
            [("Content-Type", "application/x-www-form-urlencoded"),
             *headers], browser.encode(pairs))

    def sign_in(self, b, name, password=PASSWORD):
        page = b.get("/auth/login?to=apps")
        return page.submit(username=name, password=password)


class App:
    """An app: makes requests, reads answers, keeps its verifier."""

    def __init__(self, site, client, redirect=REDIRECT, secret=None,
                 scope="launch/patient patient/*.read"):
        self.site, self.client, self.redirect = site, client, redirect
        self.secret, self.scope = secret, scope
        self.verifier = b64(secrets.token_bytes(32))
        self.state = b64(secrets.token_bytes(12))

    def request(self, **change):
        """Parameters of an authorization request; None leaves one out."""
        p = {"response_type": "code", "client_id": self.client,
             "redirect_uri": self.redirect, "scope": self.scope,
             "state": self.state, "aud": self.site.base,
             "code_challenge": b64(hashlib.sha256(
                 self.verifier.encode()).digest()),
             "code_challenge_method": "S256"}
        p.update(change)
        return [(k, v) for k, v in p.items() if v is not None]

    def url(self, **change):
        return self.site.issuer + "/authorize?" + browser.encode(
            self.request(**change))

    def answer(self, page):
        """What came back to the app in the query of its redirect."""
        assert page.away is not None, page
        assert page.away.startswith(self.redirect), page.away
        q = parse_qs(urlsplit(page.away).query, keep_blank_values=True)
        assert all(len(v) == 1 for v in q.values())
        return {k: v[0] for k, v in q.items()}

    def auth(self):
        if not self.secret:
            return []
        word = base64.b64encode(
            f"{self.client}:{self.secret}".encode()).decode()
        return [("Authorization", "Basic " + word)]

    def redeem(self, code, **change):
        p = {"grant_type": "authorization_code", "code": code,
             "redirect_uri": self.redirect,
             "code_verifier": self.verifier}
        if not self.secret:
            p["client_id"] = self.client
        p.update(change)
        return self.site.post("/token", [
            (k, v) for k, v in p.items() if v is not None], self.auth())

    def refresh(self, token, **change):
        p = {"grant_type": "refresh_token", "refresh_token": token}
        if not self.secret:
            p["client_id"] = self.client
        p.update(change)
        return self.site.post("/token", p, self.auth())


def through(site, app, b, user, patient=None, **ticks):
    """From authorize to the app: sign in, pick, share what is offered."""
    page = b.get(app.url())
    if page.title.startswith("Sign in "):
        page = page.submit(username=user, password=PASSWORD)
    if page.title.startswith("Whose record"):
        page = pick(page, patient)
    return page.submit("/consent", go="allow", **ticks)


def pick(page, patient):
    for form in page.forms:
        if ["patient", patient] in [f[:2] for f in form.fields]:
            return page.browser.post(page.browser.host + form.action,
                                     form.data())
    raise AssertionError((patient, page))


def no_visit(page):
    """The button below the visits: none of them."""
    form = [f for f in page.forms if f.action.endswith("/visit")][-1]
    return page.browser.post(page.browser.host + form.action, form.data())
