# SPDX-License-Identifier: Apache-2.0
"""What bench/run measures on: a population, a site, tokens, a baseline.

The population is synthetic and the same in every run: each patient has 80
Observations (the mean of Argonaut's core population) of about 1,500 bytes,
half of them vital signs, of which 20 are of 2016.
"""

import base64
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tests/lib"))

import testsite         # noqa: E402  (its folder is known only now)
import measure          # noqa: E402

EACH = 80               # Observations of a patient
RECENT = 20             # of them vital signs of 2016
WORKERS = 4 * os.cpu_count()
SEARCH = ("Observation?patient={}&category=vital-signs&date=ge2016-01-01"
          "&_count=20")
VITALS = [("8867-4", "Heart rate", "beats/minute", "/min"),
          ("9279-1", "Respiratory rate", "breaths/minute", "/min"),
          ("8310-5", "Body temperature", "degrees C", "Cel"),
          ("29463-7", "Body weight", "kg", "kg"),
          ("8302-2", "Body height", "cm", "cm")]
LABS = [("2093-3", "Cholesterol in serum or plasma", "mg/dL", "mg/dL"),
        ("2085-9", "HDL cholesterol in serum or plasma", "mg/dL", "mg/dL"),
        ("30522-7", "C reactive protein, high sensitivity", "mg/L", "mg/L")]
WORDS = ("Measured while seated after five minutes of rest; the device was "
         "checked in the morning and the reading repeated once. ") * 4


def patient_id(p):
    return f"bench-{p:05d}"


def patient(p):
    return {"resourceType": "Patient", "id": patient_id(p), "active": True,
            "name": [{"use": "official", "family": [f"Example{p:05d}"],
                      "given": ["Ada", "Mary"]}],
            "gender": "female", "birthDate": f"19{40 + p % 60}-03-14"}


def observation(p, n):
    vital = n % 2 == 0
    recent = vital and n // 2 < RECENT
    code, text, unit, ucum = (VITALS[n // 2 % len(VITALS)] if vital else
                              LABS[n // 2 % len(LABS)])
    year = 2016 if recent else 2005 + n % 10
    when = f"{year}-{n % 12 + 1:02d}-{n % 28 + 1:02d}T09:{n % 60:02d}:00Z"
    category = "vital-signs" if vital else "laboratory"
    return {
        "resourceType": "Observation", "id": f"{patient_id(p)}-{n:03d}",
        "text": {"status": "generated", "div":
                 '<div xmlns="http://www.w3.org/1999/xhtml"><p><b>'
                 f"{text}</b> on {when}: {60 + n % 40}.{n % 10} {unit}</p>"
                 f"<p>{WORDS[:470]}</p></div>"},
        "identifier": [{"system": "http://example.org/observations",
                        "value": f"{p}.{n}"}],
        "status": "final",
        "category": {"coding": [{
            "system": "http://hl7.org/fhir/observation-category",
            "code": category, "display": category}], "text": category},
        "code": {"coding": [{"system": "http://loinc.org", "code": code,
                             "display": text}], "text": text},
        "subject": {"reference": "Patient/" + patient_id(p)},
        "effectiveDateTime": when, "issued": when,
        "valueQuantity": {"value": 60 + n % 40, "unit": unit,
                          "system": "http://unitsofmeasure.org",
                          "code": ucum},
        "referenceRange": [{"low": {"value": 50, "unit": unit},
                            "high": {"value": 110, "unit": unit},
                            "text": "adults at rest"}],
    }


def population(path, patients):
    """NDJSON, one resource a line."""
    with open(path, "w") as f:
        for p in range(patients):
            for r in [patient(p)] + [observation(p, n) for n in range(EACH)]:
                f.write(json.dumps(r, separators=(",", ":")) + "\n")


def compile_c(name, out, *args):
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O2",
                    "-D_GNU_SOURCE", "-o", out, os.path.join(HERE, name),
                    *args], check=True)
    return out


class World(testsite.Site):
    """A site with the population, and the baseline beside it: mounts of the
    same lighttpd that answer what tiphys-fhir answered once."""

    MOUNTS = ("bare", "bulk", "past")       # as long as "fhir"

    def __init__(self, patients):
        self.patients = patients
        self.bare_pids, self.bare = {}, {}
        super().__init__(workers=WORKERS)
        try:
            self.fill()
        except BaseException:
            self.stop()
            raise

    def fill(self):
        path = os.path.join(self.dir, "population.ndjson")
        population(path, self.patients)
        self.tool("load", path)
        os.unlink(path)
        self.minted = {}

    def template(self, name):
        text = super().template(name)
        for mount in self.MOUNTS if "fastcgi.server" in text else ():
            text += (f'fastcgi.server += ( "/{mount}" => (( "socket" => '
                     f'"{self.run}/{mount}.sock", "check-local" => '
                     '"disable", "disable-time" => 0 )) )\n')
        return text

    def spawn(self, args, log, **kw):
        """The log of requests goes nowhere, as an access log would."""
        return super().spawn(args, os.devnull if args[0] == self.fhir
                             else log, **kw)

    # --- what is asked ------------------------------------------------------

    def token(self, p):
        """A patient's own token for reading, made once."""
        if p not in self.minted:
            self.minted[p] = self.mint("patient/*.read", patient_id(p))
        return self.minted[p]

    def some(self, n):
        """n patients, evenly over the store."""
        return [i * self.patients // n for i in range(n)]

    def reads(self, mount="fhir"):
        return [(f"/{mount}/Observation/{patient_id(p)}-{n:03d}",
                 self.token(p))
                for n in range(0, EACH, 3) for p in self.some(8)]

    def searches(self, mount="fhir"):
        return [(f"/{mount}/" + SEARCH.format(patient_id(p)), self.token(p))
                for p in self.some(8)]

    def firsts(self, n, mount="fhir"):
        """Reads with n tokens of one grant that differ in their jti."""
        from cryptography.hazmat.primitives.asymmetric import ed25519
        jwk = self.signing_key()
        key = ed25519.Ed25519PrivateKey.from_private_bytes(unb64(jwk["d"]))
        head, claims, _ = self.token(0).split(".")
        claims = json.loads(unb64(claims))
        path = f"/{mount}/Observation/{patient_id(0)}-000"
        for i in range(n):
            claims["jti"] = f"{i:022d}"
            text = head + "." + b64(json.dumps(
                claims, separators=(",", ":")).encode())
            yield path, text + "." + b64(key.sign(text.encode()))

    def file(self, name, requests):
        """Requests as wrk.lua reads them."""
        return self.write(name, "".join(f"{path}\t{token}\n"
                                        for path, token in requests))

    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    # --- the baseline -------------------------------------------------------

    def start_bare(self, mount, path, token):
        """Answer at /mount what tiphys-fhir answers to this request."""
        got = self.get(path[len("/fhir"):], token,
                       headers=[("Accept", "application/json+fhir")])
        if got is None or got.status != 200:
            raise measure.Failed(f"{path}: {got}")
        own = ("server", "date", "connection", "transfer-encoding")
        head = ["Status: 200 OK"] + [
            line for line in got.head.split("\r\n")[1:]
            if line.partition(":")[0].lower() not in own]
        answer = os.path.join(self.run, mount + ".answer")
        with open(answer, "wb") as f:
            f.write("\r\n".join(head).encode() + b"\r\n\r\n" + got.body)
        hello = os.path.join(self.dir, "hello")
        if not os.path.exists(hello):
            compile_c("hello.c", hello, "-lfcgi")
        who = {"user": testsite.USER, "group": testsite.USER,
               "extra_groups": []} if testsite.ROOT else {}
        p = self.spawn([hello, os.path.join(self.run, mount + ".sock"),
                        str(WORKERS), answer], mount + ".log", **who)
        end = time.monotonic() + 10
        while len(measure.children(p.pid)) < WORKERS:
            if p.poll() is not None or time.monotonic() > end:
                raise measure.Failed(self.log(mount + ".log"))
            time.sleep(0.01)
        self.bare_pids[mount] = measure.children(p.pid)
        self.bare[mount] = p
        return len(got.body)

    def stop_bare(self, mount):
        """The next one needs the memory."""
        p = self.bare.pop(mount)
        p.terminate()
        p.wait(10)
        self.children.remove(p)

    def start_cgi(self):
        """The same store behind a second lighttpd, as CGI; its port."""
        port, self.port = self.port, testsite.free_port()
        try:
            path = self.write("cgi.conf", self.template("lighttpd/cgi.conf"))
            self.spawn([testsite.find("lighttpd"), "-D", "-f", path],
                       "cgi.log")
            end = time.monotonic() + 10
            while True:
                try:
                    if self.get("/metadata").status == 200:
                        return self.port
                except OSError:
                    pass
                if time.monotonic() > end:
                    raise measure.Failed("no CGI: " + self.log("cgi.log"))
                time.sleep(0.05)
        finally:
            self.port = port


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

