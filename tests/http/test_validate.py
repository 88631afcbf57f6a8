# SPDX-License-Identifier: Apache-2.0
"""$validate: R19, A20, A26; what it may not tell: CMP-01."""

import json

import pytest

from conftest import SAMPLES, World

ARGO = "http://fhir.org/guides/argonaut/StructureDefinition/"
JSON = "application/json+fhir"
GOAL = {"resourceType": "Goal", "description": "walk", "status": "proposed",
        "subject": {"reference": "Patient/ines"}}


@pytest.fixture(scope="module")
def site():
    with World([SAMPLES]) as w:
        w.all = w.token(scope="user/*.*")
        yield w


def ask(w, path, body, token=None, **kw):
    if isinstance(body, dict):
        body = json.dumps(body)
    return w.send("POST", path, token or w.all, [("Content-Type", JSON)],
                  body.encode(), **kw)


def issues(answer, status=200):
    assert answer.status == status, answer
    got = answer.json()
    assert got["resourceType"] == "OperationOutcome"
    return [(i["severity"], i["code"], i.get("details", {}).get("text"),
             i.get("location", [None])[0]) for i in got["issue"]]


def params(**kw):
    value = {"mode": "valueCode", "profile": "valueUri",
             "resource": "resource"}
    return {"resourceType": "Parameters", "parameter": [
        {"name": k, value.get(k, "valueString"): v} for k, v in kw.items()]}


FINE = [("information", "informational", None, None)]


def test_all_ok(site):
    for path, body in [
            ("/Goal/$validate", GOAL),
            ("/Goal/$validate", params(resource=GOAL)),
            ("/Goal/$validate", params(resource=GOAL, mode="create")),
            ("/Goal/$validate?mode=create", GOAL),
            ("/Goal/$validate?profile=" + ARGO + "argo-goal", GOAL),
            ("/Goal/$validate", params(
                resource=GOAL, profile=ARGO + "argo-goal")),
            ("/Goal/$validate?profile=http://hl7.org/fhir/"
             "StructureDefinition/Goal", GOAL)]:
        assert issues(ask(site, path, body)) == FINE, (path, body)


def test_faults_are_named(site):
    bad = dict(GOAL, status="proposd", descrption="x")
    want = [("error", "structure", "element", "Goal.descrption"),
            ("error", "code-invalid", "binding", "Goal.status")]
    for body in bad, params(resource=bad):
        assert sorted(issues(ask(site, "/Goal/$validate", body)),
                      key=lambda i: i[2], reverse=True) == want


def test_what_cannot_be_read(site):
    """Not JSON, an empty array: the resource's faults, so 200 as well."""
    for body in "{", '{"resourceType":"Goal","note":[]}', \
            '{"resourceType":"Gaol"}':
        got = issues(ask(site, "/Goal/$validate", body))
        assert [g[0] for g in got] == ["error"], body


def test_a_bad_id_hides_nothing(site):
    """What no id or meta can be is told with all the rest, and once."""
    for name, place in ("id", "Goal.id"), ("meta", "Goal.meta"):
        bad = dict(GOAL, status="x", **{name: "a_b"})
        told = [("error", "value", place),
                ("error", "code-invalid", "Goal.status")]
        for path in "/Goal/$validate", "/Goal":
            got = issues(ask(site, path, bad),
                         200 if "$" in path else 400)
            assert [(s, c, p) for s, c, _, p in got] == told, (path, got)


def test_profile_asked_by_name(site):
    """A20: judged by it though the resource does not claim it."""
    no_subject = {k: v for k, v in GOAL.items() if k != "subject"}
    assert issues(ask(site, "/Goal/$validate", no_subject)) == FINE
    want = [("error", "required", "argo-goal/subject", "Goal.subject")]
    url = ARGO + "argo-goal"
    assert issues(ask(site, "/Goal/$validate?profile=" + url,
                      no_subject)) == want
    assert issues(ask(site, "/Goal/$validate", params(
        resource=no_subject, profile=url))) == want
    claims = dict(no_subject, meta={"profile": [url]})
    assert issues(ask(site, "/Goal/$validate", claims)) == want
    wrong = issues(ask(site, "/Goal/$validate?profile=" + ARGO +
                       "argo-patient", GOAL))
    assert [w[2] for w in wrong] == ["profile"]


def test_unknown_profile(site):
    """By name an error, claimed a warning."""
    url = "http://example.org/StructureDefinition/x"
    for path, body in [("/Goal/$validate?profile=" + url, GOAL),
                       ("/Goal/$validate", params(resource=GOAL,
                                                  profile=url)),
                       ("/Goal/$validate?profile=http://hl7.org/fhir/"
                        "StructureDefinition/Patient", GOAL)]:
        assert issues(ask(site, path, body), 400)[0][2] == "profile"
    claims = dict(GOAL, meta={"profile": [url]})
    assert issues(ask(site, "/Goal/$validate", claims)) == [
        ("warning", "not-supported", "profile", "Goal.meta.profile[0]")]


def test_modes(site):
    """create has no id, update that of the URL; delete looks at nothing."""
    with_id = dict(GOAL, id="ines")
    assert [i[2] for i in issues(ask(
        site, "/Goal/$validate?mode=create", with_id))] == ["resource-id"]
    assert [i[2] for i in issues(ask(
        site, "/Goal/$validate?mode=update", GOAL))] == ["update-id"]
    patient = site.get("/Patient/ines", site.all).json()
    path = "/Patient/ines/$validate"
    assert issues(ask(site, path + "?mode=update", patient)) == FINE
    assert issues(ask(site, path, patient)) == FINE
    assert [i[2] for i in issues(ask(site, path, dict(
        patient, id="other")))] == ["resource-id"]
    assert issues(ask(site, path + "?mode=delete", "")) == FINE
    assert issues(ask(site, path, params(mode="delete"))) == FINE
    for path, body in [(path, params(mode="create", resource=patient)),
                       ("/Goal/$validate", params(mode="delete")),
                       ("/Goal/$validate", params(mode="change",
                                                  resource=GOAL)),
                       ("/Goal/$validate", params(resource=GOAL, more="x")),
                       ("/Goal/$validate?more=x", GOAL),
                       ("/Goal/$validate", "")]:
        issues(ask(site, path, body), 400)


def test_the_stored_one(site):
    """Without a resource the instance itself is judged."""
    body = params(profile=ARGO + "argo-patient")
    assert {i[0] for i in issues(ask(site, "/Patient/ines/$validate",
                                     body))} <= {"information", "error",
                                                 "warning"}
    issues(ask(site, "/Patient/nobody/$validate", body), 404)


def test_type_of_the_url(site):
    got = issues(ask(site, "/Patient/$validate", GOAL))
    assert [i[2] for i in got] == ["resource-type"]
    # Parameters asked about themselves
    empty = {"resourceType": "Parameters", "parameter": [{"name": "x"}]}
    got = issues(ask(site, "/Parameters/$validate", empty))
    assert [i[2] for i in got] == ["inv-1"]


def test_nothing_is_stored(site):
    before = site.get("/Goal?_count=0", site.all).json()["total"]
    for mode in "", "?mode=create", "?mode=update":
        ask(site, "/Goal/$validate" + mode, GOAL)
    assert site.get("/Goal?_count=0", site.all).json()["total"] == before


def test_only_by_post(site):
    for path in "/Goal/$validate", "/Patient/ines/$validate":
        for method in "GET", "PUT", "DELETE":
            a = site.send(method, path, site.all)
            assert a.status == 405, (method, a)
            assert a.headers["allow"] == "POST, OPTIONS"


def test_hidden_is_missing(site):
    """CMP-01: what the view does not hold is the 404 of any id."""
    t = site.token("ines")
    for mode in "", "?mode=update", "?mode=delete":
        a = ask(site, "/Patient/ella/$validate" + mode, params(
            mode="delete") if "delete" in mode else dict(
                resourceType="Patient", id="ella"), t)
        b = ask(site, "/Patient/nobod/$validate" + mode, params(
            mode="delete") if "delete" in mode else dict(
                resourceType="Patient", id="nobod"), t)
        assert a.status == b.status == 404, mode
        assert a.body == b.body
    own = site.get("/Patient/ines", t).json()
    issues(ask(site, "/Patient/ines/$validate", own, t))
    # A reference to what is hidden is judged by its form alone.
    body = dict(GOAL, subject={"reference": "Patient/ella"})
    assert issues(ask(site, "/Goal/$validate", body, t)) == FINE


def test_who_may_ask(site):
    narrow = site.mint("patient/Observation.read", "ines", None)
    issues(ask(site, "/Goal/$validate", GOAL, narrow), 403)
    assert ask(site, "/Goal/$validate", GOAL, "x").status == 401


def test_same_as_create(site):
    """One fault, one outcome: by create and by $validate."""
    for bad in (dict(GOAL, status="no"), dict(GOAL, subject="x"),
                dict(GOAL, statusDate="2011-02-30"),
                dict(GOAL, meta={"profile": [ARGO + "argo-patient"]}),
                dict(GOAL, meta={"profile": [ARGO + "argo-goal"]},
                     subject={"reference": "Group/1"})):
        a = ask(site, "/Goal", bad)
        assert a.status in (400, 422), a
        b = ask(site, "/Goal/$validate?mode=create", bad)
        assert issues(a, a.status) == issues(b), bad


def test_conformance_lists_it(site):
    ops = site.get("/metadata").json()["rest"][0]["operation"]
    assert {"name": "validate", "definition": {
        "reference": "http://hl7.org/fhir/OperationDefinition/"
                     "Resource-validate"}} in ops
