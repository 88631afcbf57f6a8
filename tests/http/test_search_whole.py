# SPDX-License-Identifier: Apache-2.0
"""Search beyond one type's own parameters (S02-S21, R17, F04, Q13).

What is found is worked out here, resource by resource, from what was loaded.
"""

import json
import urllib.parse

import pytest

from conftest import SAMPLES, World

pytestmark = pytest.mark.anywhere


def quoted(text):
    return urllib.parse.quote(text, safe="")


def refs(x):
    """Every local reference inside."""
    if isinstance(x, dict):
        if isinstance(x.get("reference"), str):
            yield x["reference"]
        x = list(x.values())
    if isinstance(x, list):
        for y in x:
            yield from refs(y)


def of(world, rtype):
    return {i: r for (t, i), r in world.oracle.all.items() if t == rtype}


def about(r):
    """The id of the Patient it is about, be it told by our own url."""
    ref = r.get("patient", r.get("subject", {})).get("reference", "")
    kind, _, rest = ref.rpartition("Patient/")
    return rest if kind == "" or "127.0.0.1" in kind else None


def codes(concept):
    return {c.get("code") for c in concept.get("coding", [])}


def modes(bundle):
    out = {"match": [], "include": [], "outcome": []}
    for e in bundle.get("entry", []):
        r = e["resource"]
        out[e["search"]["mode"]].append(
            r["resourceType"] + "/" + r.get("id", ""))
    return out


def refused(world, query, token, *words, status=400, headers=()):
    a = world.get(query, token, headers=headers)
    assert a.status == status, (query, a)
    text = json.dumps(a.json())
    for w in words:
        assert w in text, (query, w, text)


# --- steps to other resources -------------------------------------------------

def test_chain(world, clinician):
    """S08: typed, untyped, to an id and through two references."""
    patients = of(world, "Patient")
    women = {i for i, p in patients.items() if p.get("gender") == "female"}
    own = {i for i, r in of(world, "Observation").items()
           if about(r) in women}
    assert own
    for query in ("subject:Patient.gender=female", "subject.gender=female",
                  "patient.gender=female", "patient.gender:not=male"):
        got = set(world.found("/Observation?" + query, clinician))
        if ":not" in query:
            assert got >= own
        else:
            assert got == own, query
    one = {i for i, r in of(world, "Observation").items()
           if about(r) == "marcus"}
    assert set(world.found("/Observation?patient.name=marcus",
                           clinician)) >= one
    assert set(world.found("/Observation?subject:Patient._id=marcus",
                           clinician)) == one


def test_chain_sees_what_the_token_sees(world):
    """SRC-05: another patient's name is no name to ask for."""
    token = world.token("marcus")
    own = world.found("/Observation", token)
    assert world.found("/Observation?patient.gender=male", token) == own
    assert world.found("/Observation?patient.gender=female", token) == []
    assert world.found("/Observation?patient.name=ella", token) == []


def test_reverse_chain(world, clinician):
    """S18: who has an Observation of this code."""
    own = {about(r) for r in of(world, "Observation").values()
           if "2093-3" in codes(r["code"])} - {None}
    assert own
    assert set(world.found("/Patient?_has:Observation:patient:code=2093-3",
                           clinician)) == own
    assert world.found("/Patient?_has:Observation:patient:code=2093-3",
                       world.token("marcus")) == (
        ["marcus"] if "marcus" in own else [])
    assert world.found("/Patient?_has:Observation:patient:code=none",
                       clinician) == []


@pytest.mark.parametrize("query,words", [
    ("/Observation?subject:Patient.nmae=x", ["did you mean", "name"]),
    ("/Observation?subject.nothing=x", ["no type that"]),
    ("/Observation?code.text=x", ["chained"]),
    ("/Patient?_has:Observation:code:code=x", ["no reference parameter"]),
    ("/Patient?_has:Observation=x", ["three words"]),
    ("/Patient?_query=x", ["no named query"]),
    ("/Patient?name:below=x", [":missing, :exact, :contains, :text"]),
    ("/Observation?status:in=http://h/x", ["not carried"]),
    ("/Observation?code:below=http://h/x|a", ["not known here"]),
    ("/Observation?code-value-quantity=a", ["code$value-quantity"]),
])
def test_refused(world, clinician, query, words):
    """S19, S03, S09: what cannot be answered says what can."""
    refused(world, query.replace("|", "%7C"), clinician, *words)


def test_depth_is_limited(world, clinician):
    """SRC-21: 413 before any work."""
    refused(world, "/Patient?" + "link." * 20 + "name=x", clinician,
            "steps", status=413)
    refused(world, "/Patient?_filter=" + quoted(
        "(" * 20 + "name eq x" + ")" * 20), clinician, "brackets",
        status=413)


# --- values ---------------------------------------------------------------------

def test_composite(world, clinician):
    """S09: code and value of one and the same Observation."""
    own = {i for i, r in of(world, "Observation").items()
           if "2093-3" in codes(r["code"]) and
           float(r.get("valueQuantity", {}).get("value", 0)) > 190}
    assert own
    assert set(world.found("/Observation?code-value-quantity=2093-3$gt190",
                           clinician)) == own
    assert world.found("/Observation?code-value-quantity=none$gt190",
                       clinician) == []


def test_value_set(world, clinician):
    """S03: :in and :not-in part all there are."""
    all_ = set(world.found("/Observation", clinician))
    inside = set(world.found("/Observation?status:in=observation-status",
                             clinician))
    outside = set(world.found("/Observation?status:not-in=" + quoted(
        "http://hl7.org/fhir/ValueSet/observation-status"), clinician))
    assert inside and inside | outside == all_ and not inside & outside


# --- _filter, words -------------------------------------------------------------

@pytest.mark.parametrize("test,keep", [
    ("gender eq female", lambda p: p.get("gender") == "female"),
    ("not (gender eq female)", lambda p: p.get("gender") != "female"),
    ("birthdate ge 1990-01-01", lambda p: p.get("birthDate", "") >= "1990"),
    ("gender eq male and birthdate lt 1990-01-01",
     lambda p: p.get("gender") == "male" and
     p.get("birthDate", "9") < "1990"),
    ("gender pr false", lambda p: "gender" not in p),
])
def test_filter(world, clinician, test, keep):
    """S18: _filter, against Python."""
    own = {i for i, p in of(world, "Patient").items() if keep(p)}
    assert set(world.found("/Patient?_filter=" + quoted(test),
                           clinician)) == own


def test_filter_paths(world, clinician):
    women = {i for i, p in of(world, "Patient").items()
             if p.get("gender") == "female"}
    own = {i for i, r in of(world, "Observation").items()
           if about(r) in women and "2093-3" in codes(r["code"])}
    test = "patient[gender eq female].birthdate pr true and code eq 2093-3"
    assert set(world.found("/Observation?_filter=" + quoted(test),
                           clinician)) <= own
    assert set(world.found("/Observation?_filter=" + quoted(
        "patient.gender eq female and code eq 2093-3"), clinician)) == own


def test_filter_says_where(world, clinician):
    refused(world, "/Patient?_filter=" + quoted("gender eq male xor a eq b"),
            clinician, "character 16")
    refused(world, "/Patient?_filter=" + quoted("birthdate co 2013"),
            clinician, "character 11", "which has: eq ne gt")


def test_words(world, clinician):
    """S17: words of the narrative, and of all texts."""
    def found(q):
        return set(world.found("/Patient?" + q, clinician))

    all_ = found("")
    with_ = found("_content=marcus")
    assert "marcus" in with_ and with_ < all_
    assert found("_content=NOT+marcus") == all_ - with_
    assert found("_content=marcus+OR+ella") == with_ | found("_content=ella")
    assert found("_content=marcus+ella") == with_ & found("_content=ella")
    assert found("_content=marc*") >= with_
    refused(world, "/Patient?_text=(a", clinician, "bracket")
    refused(world, "/Patient?_text=", clinician, "empty")


# --- includes -------------------------------------------------------------------

def test_include_all(world, clinician):
    """S10: "*" is every reference that a parameter knows."""
    b = world.bundle("/Observation?patient=marcus&_include=*&_count=1000",
                     clinician)
    m = modes(b)
    one = world.bundle("/Observation?patient=marcus&_count=1000&_include="
                       "Observation:patient,Observation:performer,"
                       "Observation:encounter,Observation:device,"
                       "Observation:specimen,Observation:related-target",
                       clinician)
    assert "Patient/marcus" in m["include"]
    assert set(m["include"]) >= set(modes(one)["include"])
    assert len(set(m["match"] + m["include"])) == len(
        m["match"] + m["include"])
    typed = world.bundle("/Observation?patient=marcus&_count=1000"
                         "&_include=Observation:*:Patient", clinician)
    assert modes(typed)["include"] == ["Patient/marcus"]


def test_include_goes_on(world, clinician):
    """S10: :recurse of DSTU2, :iterate of later FHIR."""
    base = "/Observation?patient=marcus&_count=1000&_include=" \
        "Observation:patient"
    plain = modes(world.bundle(base, clinician))
    own = {r for r in refs(world.oracle.all["Patient", "marcus"].get(
        "careProvider", []))}
    for how in ("recurse", "iterate"):
        more = modes(world.bundle(
            base + f"&_include:{how}=Patient:careprovider", clinician))
        assert more["match"] == plain["match"]
        assert set(more["include"]) == set(plain["include"]) | own
    refused(world, base + "&_include=Patient:careprovider", clinician,
            ":recurse")


def test_revinclude(world, clinician):
    """S11: what refers to a match, for all and for one's own."""
    own = {"Condition/" + i for i, r in of(world, "Condition").items()
           if about(r) == "marcus"}
    assert own
    for token in (clinician, world.token("marcus")):
        b = world.bundle("/Patient?_id=marcus&_revinclude=Condition:patient",
                         token)
        assert b["total"] == 1
        assert set(modes(b)["include"]) == own
    # against one of several parameters, and against any
    b = world.bundle("/Patient?_id=marcus&_revinclude=*&_count=1",
                     world.token("marcus"))
    seen = {x for x in modes(b)["include"]}
    assert own < seen
    for x in seen:
        r = world.oracle.all[tuple(x.split("/"))]
        assert world.oracle.owner(r) in ("marcus", None)


def test_revinclude_of_another(world):
    """SRC-03: nothing of others, whatever it refers to."""
    b = world.bundle("/Practitioner?_revinclude=*&_count=1000",
                     world.token("ella"))
    for x in modes(b)["include"]:
        r = world.oracle.all[tuple(x.split("/"))]
        assert world.oracle.owner(r) == "ella"


@pytest.mark.parametrize("query,words", [
    ("_include=Patient:nothing", ["reference parameter",
                                  "there are careprovider, link"]),
    ("_include=Patient:careprovidr", ["did you mean", "careprovider"]),
    ("_revinclude=Observation:subject&_revinclude=DiagnosticReport:result",
     ["_revinclude:recurse goes on"]),
    ("_include=Patient:careprovider&_include=Practitioner:organization",
     ["_include:recurse goes on"]),
    ("_include=Observation:patient", ["neither searched nor"]),
    ("_revinclude=Observation:device", ["refers to nothing"]),
    ("_revinclude=Observation:patient:Group", ["target"]),
    ("_include:all=*", [":recurse"]),
])
def test_include_refused(world, clinician, query, words):
    refused(world, "/Patient?" + query, clinician, *words)


# --- plain codes --------------------------------------------------------------

HL7 = "http://hl7.org/fhir/"


@pytest.mark.parametrize("query,system", [
    ("Observation?status=final", "observation-status"),
    ("Patient?gender=female", "administrative-gender"),
    ("Condition?clinicalstatus=active", "condition-clinical"),
    ("AllergyIntolerance?status:below=active", "allergy-intolerance-status"),
    ("AllergyIntolerance?status:above=active", "allergy-intolerance-status"),
    ("Observation?patient.gender=female", "administrative-gender"),
    ("Patient?gender:not=female", "administrative-gender"),
])
def test_system_of_plain_code(world, clinician, query, system):
    """S02, S03: a code has the system of the set bound to it, no other."""
    name, code = query.split("=")
    plain = world.found("/" + query, clinician)
    assert plain
    assert world.found(f"/{name}={HL7}{system}|{code}", clinician) == plain
    assert world.found(f"/{name}={HL7}goal-status|{code}",
                       clinician) != plain


# --- all types ------------------------------------------------------------------

def every_page(world, query, token):
    """All matches, page by page; each page has the same total."""
    out, b = [], world.bundle(query, token)
    total = b["total"]
    while True:
        assert b["total"] == total
        out += modes(b)["match"]
        nxt = [x["url"] for x in b["link"] if x["relation"] == "next"]
        if not nxt:
            assert len(out) == total
            return out
        b = world.bundle(nxt[0][len(world.base):], token)


def test_system_search(world):
    """R17: all that each type's own search finds, once, in pages."""
    token = world.token("marcus")
    whole = every_page(world, "/?_count=37", token)
    assert len(whole) == len(set(whole)) > 40
    types = {x.split("/")[0] for x in whole}
    for t in types:
        assert {x for x in whole if x.startswith(t + "/")} == {
            f"{t}/{i}" for i in world.found("/" + t, token)}
    assert every_page(world, "/_search?_count=50", token) == whole
    a = world.send("POST", "/_search", token,
                   [("Content-Type", "application/x-www-form-urlencoded")],
                   "_id=marcus")
    assert modes(a.json())["match"] == ["Patient/marcus"]
    # backwards, too
    b = world.bundle("/?_count=10", token)
    last = [x["url"] for x in b["link"] if x["relation"] == "last"][0]
    b = world.bundle(last[len(world.base):], token)
    assert modes(b)["match"] == whole[-10:]
    before = [x["url"] for x in b["link"] if x["relation"] == "previous"][0]
    b = world.bundle(before[len(world.base):], token)
    assert modes(b)["match"] == whole[-20:-10]


def test_system_search_of_all(world, clinician):
    whole = every_page(world, "/?_id=marcus,ella&_sort=_id", clinician)
    assert "Patient/ella" == whole[0]
    refused(world, "/?name=x", clinician, "a search of all types has no")
    refused(world, "/?_sort=name", clinician, "not a search parameter")
    assert world.get("/?_id=x").status == 401


def test_system_search_within_scope(world):
    """What a token may not search does not exist; none at all is 403."""
    token = world.token("marcus", "patient/Observation.read")
    whole = every_page(world, "/?_count=1000", token)
    assert whole and {x.split("/")[0] for x in whole} == {"Observation"}


def test_compartment_all(world, clinician):
    """R17: Patient/1/* is each type of the compartment."""
    whole = every_page(world, "/Patient/marcus/*?_count=25", clinician)
    for t in ("Observation", "Condition", "Immunization"):
        assert {x for x in whole if x.startswith(t + "/")} == {
            f"{t}/{i}" for i in
            world.found(f"/Patient/marcus/{t}", clinician)}
    assert every_page(world, "/Patient/marcus/*?_count=25",
                      world.token("ella")) == []
    a = world.send("POST", "/Patient/marcus/*/_search", clinician,
                   [("Content-Type", "application/x-www-form-urlencoded")],
                   "_summary=count")
    assert a.json()["total"] == len(whole)
    assert world.get("/Goal/1/*", clinician).status == 404


def order(rid, patient):
    return {"resourceType": "Order", "id": rid,
            "subject": {"reference": "Patient/" + patient},
            "detail": [{"reference": "Medication/m"}]}


def response(rid, to, **more):
    return {"resourceType": "OrderResponse", "id": rid,
            "request": {"reference": to}, "orderStatus": "pending", **more}


def test_compartment_by_a_chain_alone():
    """R17: an OrderResponse is in the compartment of its Order's patient.

    Whoever may not search Orders comes to none by them (SRC-05).
    """
    with World([SAMPLES]) as w:
        w.load(order("om", "marcus"), order("oe", "ella"))
        w.load(response("rm", "Order/om"), response("re", "Order/oe"),
               response("rn", "Order/none"),
               response("rc", "#c", contained=[order("c", "marcus")]))
        path = "/Patient/marcus/OrderResponse"
        assert w.found(path, w.token()) == ["rm", "rc"]
        assert w.found(path, w.token("marcus")) == ["rm"]
        assert w.found(path, w.token("ella")) == []
        assert w.found(path, w.token(
            "marcus", "patient/OrderResponse.read")) == []
        assert w.found(path + "?code=rejected", w.token()) == []
        for token in (w.token(), w.token("marcus")):
            whole = every_page(w, "/Patient/marcus/*?_count=25", token)
            assert {x for x in whole if x.startswith("Order")} == {
                "Order/om", *("OrderResponse/" + x
                              for x in w.found(path, token))}
        b = w.bundle("/Patient/marcus/$everything?_count=1000",
                     w.token("marcus"))
        assert {"Order/om", "OrderResponse/rm"} <= set(modes(b)["match"])
        assert not {"OrderResponse/re", "OrderResponse/rn"} & \
            set(modes(b)["match"])


# --- leniency, parts ------------------------------------------------------------

def test_lenient(world, clinician):
    """S14: left out, said so, and not in the self link."""
    want = [("Prefer", "return=minimal, handling=lenient; x=1")]
    a = world.get("/Patient?gender=male&nonsense=1&name:below=2", clinician,
                  headers=want)
    assert a.status == 200
    b = a.json()
    self = [x["url"] for x in b["link"] if x["relation"] == "self"][0]
    assert self.endswith("?gender=male")
    out = [e["resource"] for e in b["entry"]
           if e["search"]["mode"] == "outcome"]
    assert len(out) == 1 and len(out[0]["issue"]) == 2
    assert {i["severity"] for i in out[0]["issue"]} == {"warning"}
    assert set(modes(b)["match"]) == {
        "Patient/" + i for i in world.found("/Patient?gender=male",
                                            clinician)}
    # what is known and wrong is wrong; strict is what we are
    refused(world, "/Patient?birthdate=x", clinician, headers=want)
    refused(world, "/Patient?nonsense=1", clinician, headers=[
        ("Prefer", "handling=strict")])
    refused(world, "/Patient?nonsense=1", clinician)


def test_elements(world, clinician):
    """F04: these and what must be there, tagged."""
    b = world.bundle("/Observation?patient=marcus&_elements=value,status"
                     "&_include=Observation:patient", clinician)
    for e in b["entry"]:
        r = e["resource"]
        if r["resourceType"] == "Patient":
            assert "name" in r
            continue
        assert {"resourceType", "id", "meta", "status", "code"} <= set(r)
        assert not {"text", "subject", "category"} & set(r)
        whole = world.oracle.all["Observation", r["id"]]
        assert [k for k in whole if k.startswith("value")] == [
            k for k in r if k.startswith("value")]
        assert any(t["code"] == "SUBSETTED" for t in r["meta"]["tag"])
    refused(world, "/Patient?_elements=brthDate", clinician, "birthDate")


def test_conformance_says_so(world):
    """What is declared is what is answered."""
    c = world.get("/metadata").json()
    rest = c["rest"][0]
    assert {"code": "search-system"} in rest["interaction"]
    o = [r for r in rest["resource"] if r["type"] == "Observation"][0]
    p = {x["name"]: x for x in o["searchParam"]}
    assert {"_text", "_content", "_list", "_filter", "_has",
            "code-value-quantity"} <= set(p)
    assert "below" in p["code"]["modifier"]
    assert "*" in o["searchInclude"]
    assert {"*", "DiagnosticReport:result"} <= set(o["searchRevInclude"])
