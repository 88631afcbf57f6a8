# SPDX-License-Identifier: Apache-2.0
"""The test world with tiphys-auth: people who sign in, apps that ask.

    alice, bob      patients pA and pB
    doctor, nurse   practitioners
    app, other      public apps; evil is the attacker's
    conf, conf2     apps with a secret
    back, back2     services with keys (RS384, ES384)
"""

import json
import os
import tempfile

import smartsite
import testsite
import wire
import world

REDIRECTS = {"app": "https://app.example/cb", "other": "https://other.test/cb",
             "evil": "https://evil.test/cb", "conf": "https://conf.test/cb",
             "conf2": "https://conf2.test/cb"}
USERS = {"alice": ("patient", "Patient/pA"), "bob": ("patient", "Patient/pB"),
         "doctor": ("practitioner", "Practitioner/sA"),
         "nurse": ("practitioner", "Practitioner/sB")}
SEEN = {"alice": "AS", "bob": "BS", "doctor": "ABCSX", "nurse": "ABCSX"}
SCOPE = ("launch launch/patient openid fhirUser offline_access "
         "online_access patient/*.read patient/*.write user/*.read")


class People(smartsite.SmartSite):
    """in  keys, on top of smartsite.KEYS; keyfile(alg) makes the JWK"""

    def __init__(self, jwks, **kw):
        self.jwks = jwks
        super().__init__(load=(), **kw)

    def prepare(self, keys, load):
        testsite.Site.prepare(self, keys, load)
        self.world = world.World(1)
        self.secrets, self.signed_in = {}, {}
        for later in (False, True):
            self.tool("load", "-",
                      stdin=self.world.ndjson(self.base, later))
        for name, (kind, link) in USERS.items():
            self.user(name, kind, link, name.title() + " <script>x</script>")
        for name, url in REDIRECTS.items():
            kind = "secret" if name.startswith("conf") else "public"
            made = self.client(name, f"App <b>{name}</b>", kind, url, SCOPE)
            self.secrets[name] = made.get("client_secret")
        for name in ("back", "back2"):
            self.service(name)

    def service(self, name):
        fd, path = tempfile.mkstemp(suffix=".jwks", dir=self.run)
        with os.fdopen(fd, "w") as f:
            json.dump(self.jwks, f)
        self.tool("client", "add", name, "--name", name, "--type", "keys",
                  "--jwks", path, "--grant-type", "client_credentials",
                  "--scope", "system/Patient.read")

    def browser(self, user=None):
        """A new one; of somebody who has signed in before, if asked."""
        b = super().browser()
        if user:
            if user not in self.signed_in:
                first = super().browser()
                page = self.sign_in(first, user)
                assert page.status == 200, page
                self.signed_in[user] = first.cookies
            b.cookies = dict(self.signed_in[user])
        return b

    def invite(self):
        out = json.loads(self.tool("--json", "client", "invite").stdout)
        return next(iter(out.values()))

    def ask(self, target, token, scheme="Bearer", headers=()):
        return wire.request(self.port, "GET", "/fhir" + target, [
            ("Authorization", f"{scheme} {token}"), *headers])
