# SPDX-License-Identifier: Apache-2.0
"""What an app, its user and an attacker do: the words of a step "flow".

    flow [["open", "alice"], ["authorize"], ["allow"], ["redeem"]]

Each word is a method say_WORD here; what the last one answered is what
expect is asked of.  The app, its browser and the page it shows go on from
step to step of a case.  An answer is a page or an app's; its "away" is where
a redirect led outside of our pages, never fetched.
"""

import base64
import copy
import json
import time
from urllib.parse import parse_qs, urljoin, urlsplit

import people
import proofs
import smartsite
import special_auth
import wire
from expect import Wrong, need


class Flow:
    def __init__(self, steps):
        self.steps, self.site = steps, steps.site
        self.fresh()

    def fresh(self):
        self.app = self.browser = self.page = self.user = None

    def do(self, words, more):
        """The words; ${...} of each is filled in when its turn comes."""
        answer = None
        for word in words:
            name, *args = self.steps.fill(word, more)
            self.steps.asked = json.dumps([name, *args])
            began = time.monotonic()
            got = getattr(self, "say_" + name)(*args)
            if got is not None:
                answer = self.seen(got, began)
        return answer

    def seen(self, got, began):
        """Page or answer, as the oracles and expect.py take it."""
        a = got
        if hasattr(got, "browser"):
            self.page = got
            a = copy.copy(got.answer)
            a.away, a.title = got.away, got.title
        a.ms = (time.monotonic() - began) * 1000
        self.steps.watch.look(a, None, self.steps.asked,
                              people.SEEN.get(self.user, ""))
        return a

    def secret(self, name, text):
        """Remember it as ${token.NAME}, and look for it in all logs."""
        self.site.tokens[name] = text
        self.steps.watch.token(text)

    # --- the app and its user ---------------------------------------------

    def say_open(self, user=None, client="app", scope=None):
        """A new launch: an app, and the browser of a user or of nobody."""
        self.user = user
        self.browser = self.site.browser(user)
        self.app = self.site.app(
            client, redirect=people.REDIRECTS[client],
            secret=self.site.secrets[client],
            scope=scope or "launch/patient patient/*.read")

    def say_browser(self, user=None):
        """Another browser, the same app."""
        self.user, self.browser = user, self.site.browser(user)

    def say_client(self, client):
        """Another app, with the code and verifier of the first."""
        was = self.app
        self.app = self.site.app(client,
                                 secret=self.site.secrets.get(client),
                                 redirect=was.redirect, scope=was.scope)
        self.app.verifier = was.verifier

    def say_forget_secret(self):
        self.app.secret = None

    def say_authorize(self, change=None, more=()):
        """more: parameters after the good ones, as they are"""
        return self.browser.get(self.site.issuer + "/authorize?" +
                                smartsite.browser.encode(
            self.app.request(**(change or {})) + [tuple(x) for x in more]))

    def say_authorize_post(self, change=None):
        """By POST: for what a web server refuses in a URL."""
        return self.browser.post(self.site.issuer + "/authorize",
                                 self.app.request(**(change or {})))

    def say_query(self, query):
        """An authorization request in its own spelling."""
        return self.browser.get(self.site.issuer + "/authorize?" + query)

    def say_sign_in(self, user, password=smartsite.PASSWORD):
        self.user = user
        self.steps.watch.token(smartsite.PASSWORD)
        return self.page.submit(username=user, password=password)

    def say_choose(self, patient):
        return smartsite.pick(self.page, patient)

    def say_allow(self, values=None):
        return self.page.submit("/consent", go="allow", **(values or {}))

    def say_deny(self):
        return self.page.submit("/consent", go="deny")

    def say_form(self, action, values=None, drop=()):
        """The form as an attacker changed it."""
        form = self.page.form_for(action)
        sent = {n: None for n in drop}
        sent.update(values or {})
        return self.browser.post(urljoin(self.page.url, form.action),
                                 form.data(None, sent))

    def say_csrf(self, name):
        """The page's value, for use in another place."""
        self.site.tokens[name] = next(
            v for n, v, _ in self.page.forms[0].fields if n == "csrf")

    def say_flow_id(self, name):
        self.site.tokens[name] = next(
            v for n, v, _ in self.page.forms[0].fields if n == "flow")

    def say_get(self, path, headers=()):
        return self.browser.get(path) if not headers else \
            self.browser.send("GET", path, [tuple(h) for h in headers])

    def say_once(self, path):
        """One GET, no redirect followed."""
        a = self.browser.send("GET", path)
        a.away = a.headers.get("location")
        return a

    def say_submit_once(self, action, values):
        """One POST of the form, no redirect followed."""
        form = self.page.form_for(action)
        return self.browser.send(
            "POST", urljoin(self.page.url, form.action),
            [("Content-Type", "application/x-www-form-urlencoded")],
            smartsite.browser.encode(form.data(None, values)))

    def say_follow(self, text):
        return self.page.follow(text)

    def say_keep_cookies(self, name):
        self.site.tokens[name] = dict(self.browser.cookies)

    def say_use_cookies(self, name):
        self.browser.cookies = dict(self.site.tokens[name])

    # --- codes and tokens -------------------------------------------------

    def say_code(self, name="code"):
        """What the redirect brought back."""
        need(self.page.away, f"no redirect to the app: {self.page}")
        q = parse_qs(urlsplit(self.page.away).query)
        need("code" in q, f"no code: {self.page.away}")
        self.secret(name, q["code"][0])

    def say_redeem(self, name=None, change=None, headers=(), code="code"):
        return self.kept(name, self.site.post("/token", self.body(
            {"grant_type": "authorization_code",
             "code": self.site.tokens[code],
             "redirect_uri": self.app.redirect,
             "code_verifier": self.app.verifier}, change),
            self.app.auth() + [tuple(h) for h in headers]))

    def say_refresh(self, token, name=None, change=None, headers=()):
        return self.kept(name, self.site.post("/token", self.body(
            {"grant_type": "refresh_token",
             "refresh_token": self.site.tokens[token]}, change),
            self.app.auth() + [tuple(h) for h in headers]))

    def body(self, pairs, change):
        if not self.app.secret:
            pairs["client_id"] = self.app.client
        pairs.update(change or {})
        return [(n, v) for n, v in pairs.items() if v is not None]

    def kept(self, name, answer):
        if name:
            need(answer.status == 200, f"no tokens: {answer}")
            j = answer.json()
            self.secret(name, j["access_token"])
            for member in ("refresh_token", "id_token"):
                if member in j:
                    self.secret(name + "." + member.split("_")[0],
                                j[member])
        return answer

    def say_launch(self, name, user="alice", client="app", scope=None,
                   values=None, headers=()):
        """All of it, from the request to the tokens."""
        self.say_open(user, client, scope)
        self.page = self.say_authorize()
        if self.page.title.startswith("Whose record"):
            self.page = smartsite.pick(self.page, "pA")
        self.page = self.say_allow(values)
        self.say_code(name + ".code")
        return self.say_redeem(name, None, headers, name + ".code")

    def say_post(self, path, pairs, headers=(), auth=True):
        """To an endpoint of apps, as the app."""
        pairs = list(pairs.items()) if isinstance(pairs, dict) else \
            [tuple(p) for p in pairs]
        own = self.app.auth() if auth and self.app else []
        if auth and self.app and not self.app.secret:
            pairs.append(("client_id", self.app.client))
        return self.site.post(path, pairs,
                              own + [tuple(h) for h in headers])

    def say_revoke(self, token):
        return self.say_post("/revoke", {"token": self.site.tokens[token]})

    def say_basic(self, who, pairs):
        """who: [name, secret] as an attacker gives them"""
        word = base64.b64encode(":".join(who).encode()).decode()
        return self.site.post("/token", pairs,
                              [("Authorization", "Basic " + word)])

    def say_raw(self, method, path, headers=(), body=None):
        return wire.request(self.site.port, method, "/auth" + path,
                            [tuple(h) for h in headers], body)

    def say_register(self, body, token="new"):
        """token: "new" is a good initial access token; null is none"""
        if token == "new":
            token = self.site.invite()
            self.steps.watch.token(token)
        headers = [("Content-Type", "application/json")]
        if token:
            headers.append(("Authorization", "Bearer " + token))
        return self.say_raw("POST", "/register", headers, json.dumps(body))

    def say_register_with(self, more):
        return self.say_register({
            "client_name": "N", "redirect_uris": ["https://new.test/cb"],
            "token_endpoint_auth_method": "none",
            "scope": "launch/patient patient/*.read", **more})

    def say_keys(self, key, n=1):
        """Register a service with these keys by the tool."""
        path = self.site.run + "/keys.jwks"
        with open(path, "w", encoding="ascii") as f:
            json.dump({"keys": [special_auth.odd_key(key, i)
                                for i in range(n)]}, f)
        p = self.site.tool("client", "add", "odd", "--name", "odd",
                           "--type", "keys", "--jwks", path, "--grant-type",
                           "client_credentials", "--scope",
                           "system/Patient.read", check=False)
        need(p.returncode not in (0, 70) and p.returncode > 0,
             f"registered, or crashed: {p}")

    def say_retire(self, client, kept):
        """From now on the service has this key alone."""
        keys = [k for k in proofs.jwks()["keys"] if k["kid"] == kept]
        self.site.tool("client", "set", client, "--jwks", "-",
                       stdin=json.dumps({"keys": keys}))

    def say_password(self, user):
        """The same one, set anew: a new secret all the same."""
        self.site.tool("user", "passwd", user, "--password-file", "-",
                       stdin=smartsite.PASSWORD + "\n")
        self.site.signed_in.pop(user, None)

    def say_session(self, target):
        """A FHIR request with the browser's cookies, and no token."""
        return wire.request(self.site.port, "GET", "/fhir" + target, [
            ("Cookie", "; ".join(f"{n}={v}" for n, v in
                                 self.browser.cookies.items()))])

    def say_tool(self, *args):
        p = self.site.tool(*args, check=False)
        if p.returncode:
            raise Wrong(f"tiphys {args}: {p}")

    def say_handle(self, name, user, client="app", patient="pA"):
        """A launch handle, as the page of an EHR makes it."""
        p = self.site.tool("--json", "launch", "new", client, "--user",
                           user, "-p", patient)
        self.secret(name, json.loads(p.stdout)["launch"])

    # --- services and proofs ----------------------------------------------

    def say_assert(self, name, recipe):
        self.secret(name, proofs.assertion(self.site, recipe))

    def say_service(self, recipe, change=None, name=None):
        """client_credentials; recipe: of proofs.py, or an assertion"""
        token = recipe if isinstance(recipe, str) else \
            proofs.assertion(self.site, recipe)
        self.steps.watch.token(token)
        pairs = {"grant_type": "client_credentials",
                 "scope": "system/Patient.read",
                 "client_assertion_type": proofs.TYPE,
                 "client_assertion": token, **(change or {})}
        return self.kept(name, self.site.post(
            "/token", [(n, v) for n, v in pairs.items() if v is not None]))

    def say_proof(self, name, recipe, method="POST", url=None, token=None):
        """token: the access token's name, for ath"""
        self.site.tokens[name] = proofs.proof(
            recipe, method, url or self.site.issuer + "/token",
            self.site.tokens[token] if token else None)

    def say_fhir(self, target, token, scheme="DPoP", proof=()):
        a = self.site.ask(target, self.site.tokens[token], scheme, [
            ("DPoP", self.site.tokens[p]) for p in proof])
        self.user = "alice"
        return a

    def say_run(self, name, *args):
        getattr(special_auth, name)(self, *args)
