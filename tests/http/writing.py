# SPDX-License-Identifier: Apache-2.0
"""What the tests of writing share: a site of their own, and short words."""

import json
import re
import time

import testsite

FHIR = ("Content-Type", "application/json+fhir")
STAFF = "user/*.read user/*.write"
OWN = "patient/*.read patient/*.write"


class Writing(testsite.Site):
    """Staff write by default; patient("ella") may write her own record."""

    def __init__(self, **kw):
        super().__init__(load=[testsite.SRC + "/examples/patients"], **kw)

    def who(self, patient=None, scope=None):
        key = patient, scope
        if key not in self.tokens:
            self.tokens[key] = self.mint(
                scope or (OWN if patient else STAFF), patient,
                None if patient else "dr-lee")
        return self.tokens[key]

    def ask(self, method, target, body=None, token=None, **headers):
        """Headers as If_Match="..."; a body is a resource, or its text."""
        h = [(k.replace("_", "-"), v) for k, v in headers.items()]
        if body is not None:
            if "Content_Type" not in headers:
                h.append(FHIR)
            if not isinstance(body, (str, bytes)):
                body = json.dumps(body)
        return self.send(method, target, token or self.who(), headers=h,
                         body=body)

    def bundle(self, kind, *entries, **kw):
        return self.ask("POST", "/", {
            "resourceType": "Bundle", "type": kind,
            "entry": list(entries)}, **kw)

    def total(self, query):
        a = self.ask("GET", query + ("&" if "?" in query else "?") +
                     "_summary=count")
        assert a.status == 200, a
        return a.json()["total"]

    def digest(self):
        """All there is, of every version's newest: to compare."""
        return self.tool("export").stdout


def entry(method, url, resource=None, full=None, **request):
    e = {"request": dict(method=method, url=url, **request)}
    if resource:
        e["resource"] = resource
    if full:
        e["fullUrl"] = full
    return e


def patient(**more):
    return {"resourceType": "Patient", "gender": "female",
            "name": [{"family": ["Writ"]}], **more}


def observation(subject="Patient/ella", **more):
    return {"resourceType": "Observation", "status": "final",
            "code": {"text": "weight"}, "subject": {"reference": subject},
            **more}


def number(value):
    return [{"system": "urn:test", "value": value}]


def refused(a, status, code=None, place=None):
    assert a.status == status, a
    issue = a.json()["issue"][0]
    assert issue["severity"] == "error" and issue["diagnostics"]
    assert code is None or issue["code"] == code, a
    assert place is None or place in issue.get("location", []), a
    return issue


def work(site, a):
    """The store calls of a request, once its line is there."""
    line = re.compile("req=%s .* work=([0-9]+) " % a.headers["x-request-id"])
    for _ in range(100):
        found = line.search(site.log("fhir.log"))
        if found:
            return int(found[1])
        time.sleep(0.02)
    raise AssertionError("no line in the log")
