# SPDX-License-Identifier: Apache-2.0
"""Floods of what is dear, and of what stays.

Each function gets the Steps it runs in and raises Wrong.
"""

import json
import threading
import time

import people
import proofs
from expect import need

FHIR = ("Content-Type", "application/json+fhir")


def fill_quota(steps, who, quota, size):
    """DOS-08: write until it is refused; the refusal says why, and how long.

    Others may have written as the same client before: at least one fits."""
    text = json.dumps({
        "resourceType": "Binary", "contentType": "application/octet-stream",
        "content": "AAAA" * (size // 4)})
    steps.written = []
    for n in range(quota // size + 1):
        a = steps.http("POST", "/fhir/Binary", {
            "as": who, "headers": [FHIR], "body": text})
        if a is None or a.status != 201:
            break
        steps.written.append(a.headers["location"].split("/_history")[0])
    need(a is not None and a.status == 429, f"the {n + 1}th: {a}")
    need(n > 0, "not one was written")
    need(0 < int(a.headers["retry-after"]) <= 86400, f"{a.headers}")
    issue = a.json()["issue"][0]
    need(issue["code"] == "throttled" and
         "client-day-bytes" in issue["diagnostics"], f"{issue}")


def empty_quota(steps, who):
    """Of what fill_quota wrote: it can be taken back at any time."""
    for url in steps.written:
        a = steps.http("DELETE", url[url.index("/fhir/"):], {"as": who})
        need(a is not None and a.status in (200, 204), f"{url}: {a}")


def cpu_s(site):
    """What the workers of tiphys-auth have used."""
    total = 0
    for pid in site.pids(site.auth_pool):
        with open(f"/proc/{pid}/schedstat") as f:
            total += int(f.read().split()[0])
    return total / 1e9


class Reads:
    """Somebody else's requests, one after the other, while it stands."""

    def __init__(self, site, token):
        self.site, self.token = site, token
        self.good, self.odd, self.on = 0, [], True
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while self.on:
            a = self.site.ask("/Patient/pA", self.token)
            if a is not None and a.status == 200:
                self.good += 1
            else:
                self.odd.append(a)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.on = False
        self.thread.join()


def flood_assertions(steps, free, n):
    """DOS-05: past the free failures no signature is looked at.

    A verification takes ES384's 0.9 ms and a durable count; what is refused
    before it has to cost less than half, so that a flood as large as one that
    is verified leaves others what they had.  They are read to meanwhile."""
    with people.People(proofs.jwks(), server=steps.server,
                       keys={"address-failures": free}) as site:
        token = site.mint("patient/*.read", "pA")

        def bad():
            return site.post("/token", {
                "grant_type": "client_credentials",
                "scope": "system/Patient.read",
                "client_assertion_type": proofs.TYPE,
                "client_assertion": proofs.assertion(
                    site, {"sign": "theirs"})})

        began = cpu_s(site)
        status = [bad().status for _ in range(free)]
        dear = (cpu_s(site) - began) / free
        need(status == [401] * free, f"before it is a flood: {status}")
        with Reads(site, token) as reads:
            began, since = cpu_s(site), time.monotonic()
            answers = [bad() for _ in range(n)]
            took = time.monotonic() - since
            cheap = (cpu_s(site) - began) / n
        odd = [a for a in answers if a.status != 429 or
               int(a.headers["retry-after"]) < 1]
        need(not odd, f"{len(odd)} of {n} came through: {odd[:1]}")
        need(cheap < dear / 2, f"refused unseen: {cheap * 1e3:.2f} ms, "
             f"verified: {dear * 1e3:.2f} ms")
        need(not reads.odd and reads.good > 20 * took,
             f"{reads.good} reads in {took:.1f} s, and {reads.odd[:1]}")
        # Its own network alone: the service itself goes on elsewhere.
        a = site.post("/token", {
            "grant_type": "client_credentials",
            "scope": "system/Patient.read",
            "client_assertion_type": proofs.TYPE,
            "client_assertion": proofs.assertion(site, {}, "back2")})
        need(a.status == 200, f"another service: {a}")
