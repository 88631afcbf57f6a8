# SPDX-License-Identifier: Apache-2.0
"""$meta of a type and of everything, at any size: R20, Z02."""

from writing import Writing, entry, observation, patient, refused, work


def tagged(code, **more):
    return {"meta": {"tag": [{"system": "t", "code": code}], **more}}


def codes(a):
    assert a.status == 200, a
    p = a.json().get("parameter", [{"valueMeta": {}}])[0]["valueMeta"]
    return {x["code"] for x in p.get("tag", [])}, \
        {x["code"] for x in p.get("security", [])}, {
        x for x in p.get("profile", []) if x.startswith("urn:")}


def test_meta_of_many():
    """R20: of as many as there are, whatever a page may hold; of what the
    view finds and nothing else, by the work of that."""
    with Writing(workers=1, keys={"page-entries-max": 10,
                                  "page-entries": 10}) as s:
        everything, some = s.who(), s.who(None, "user/Patient.read")
        own = s.who("ella")

        def many(first, n):
            a = s.bundle("transaction", *[entry("POST", kind, {
                **make(), **tagged("of-" + kind if i else "first-" + kind,
                                   profile=["urn:p:" + kind])})
                for i in range(first, first + n) for kind, make in (
                    ("Patient", patient), ("Observation", observation))])
            assert a.status == 200, a

        many(0, 30)
        a = s.ask("GET", "/$meta", token=everything)
        tags = {"of-Patient", "first-Patient", "of-Observation",
                "first-Observation"}
        assert codes(a) == (tags, set(), {"urn:p:Patient",
                                          "urn:p:Observation"})
        before = work(s, a)
        mine = {x for x in tags if x.endswith("Patient")}
        for token in everything, some:
            assert codes(s.ask("GET", "/Patient/$meta", token=token)) == (
                mine, set(), {"urn:p:Patient"})
        assert codes(s.ask("GET", "/$meta", token=some))[0] == mine
        assert codes(s.ask("GET", "/$meta", token=own))[0] == {
            "of-Observation", "first-Observation"}
        assert codes(s.ask("GET", "/Patient/$meta", token=own))[0] == set()
        refused(s.ask("GET", "/Observation/$meta", token=some), 403)
        keys = work(s, s.ask("GET", "/Patient/$meta", token=some))
        rows = work(s, s.ask("GET", "/Observation/$meta", token=own))
        many(1, 30)         # as many again, and nothing new
        a = s.ask("GET", "/$meta", token=everything)
        assert codes(a)[0] == tags and work(s, a) == before
        assert work(s, s.ask("GET", "/Patient/$meta", token=some)) == keys
        more = work(s, s.ask("GET", "/Observation/$meta", token=own))
        assert more > rows
        a = s.ask("POST", "/Observation", {**observation("Patient/ines"),
                                             **tagged("hidden")})
        assert a.status == 201
        for token, path in ((some, "/$meta"), (own, "/$meta"),
                            (own, "/Observation/$meta")):
            assert "hidden" not in codes(s.ask("GET", path, token=token))[0]
        assert work(s, s.ask("GET", "/Patient/$meta", token=some)) == keys
        assert work(s, s.ask("GET", "/Observation/$meta", token=own)) == more


def test_meta_of_too_many():
    """What is different is told whole, or refused by name."""
    with Writing(workers=1, keys={"search-rows": 150}) as s:
        def many(first):
            a = s.bundle("batch", *[entry("POST", "Patient", {
                **patient(), **tagged(f"t{i}")})
                for i in range(first, first + 100)])
            assert a.status == 200, a
        many(0)
        for token in s.who(), s.who(None, "user/Patient.read"):
            got = codes(s.ask("GET", "/Patient/$meta", token=token))[0]
            assert got == {f"t{i}" for i in range(100)}
        many(100)
        for token in s.who(), s.who(None, "user/Patient.read"):
            for path in "/Patient/$meta", "/$meta":
                issue = refused(s.ask("GET", path, token=token), 400,
                                "too-costly")
                assert "of an instance" in issue["diagnostics"]
