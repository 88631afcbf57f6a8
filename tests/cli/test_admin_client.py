# SPDX-License-Identifier: Apache-2.0
"""tiphys client: apps, their addresses, scopes, secrets and keys."""

import glob
import json
import re

import pytest
from conftest import Desk

count = iter(range(10000))
SCOPE = "launch launch/patient openid fhirUser patient/*.read"
REDIRECT = "https://app.example/cb"
ADD = ["--name", "App", "--scope", SCOPE, "--redirect-uri", REDIRECT]
JWKS = json.dumps({"keys": [{
    "kty": "EC", "crv": "P-384", "kid": "k1", "alg": "ES384", "use": "sig",
    # The point 1 G of the curve: a key everybody has.
    "x": "qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3",
    "y": "NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f"
    }]})


@pytest.fixture
def cid(desk):
    c = f"c{next(count)}"
    desk("client", "add", c, *ADD, status=0)
    return c


def stored(desk):
    return b"".join(open(p, "rb").read() for p in
                    glob.glob(desk.dir + "/g*/data.mdb"))


# --- add, list, show -----------------------------------------------------------

def test_add_public(desk, cid):
    assert desk.json("client", "show", cid) == {
        "client_id": cid, "name": "App", "type": "public", "enabled": True,
        "self_registered": False,
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": [REDIRECT], "scope": SCOPE, "pkce": "required",
        "dpop": "optional",
        "created": desk.json("client", "show", cid)["created"]}
    assert cid in [r["client_id"] for r in desk.rows("client", "list")]


def test_an_id_is_made(desk):
    ids = {desk.json("client", "add", *ADD)["client_id"] for _ in range(2)}
    assert len(ids) == 2 and all(re.fullmatch(r"[\w-]{20,64}", i)
                                 for i in ids)


def test_secret_is_shown_once(desk):
    c = f"c{next(count)}"
    p = desk("client", "add", c, "--type", "secret", *ADD, status=0)
    got = dict(line.split("\t") for line in p.stdout.splitlines())
    secret = got["client_secret"]
    assert got["client_id"] == c and "this once" in p.stderr
    assert re.fullmatch(r"tss_[\w-]{43}", secret)
    assert secret.encode() not in stored(desk)
    for a in (["client", "show", c], ["client", "list"]):
        out = desk(*a, status=0).stdout + desk(*a, "--json").stdout
        assert "tss_" not in out and "secret\t" not in out.replace(
            "\tsecret\t", "").replace("type\tsecret", "")


def test_rotate_secret(desk):
    c = f"c{next(count)}"
    old = desk.json("client", "add", c, "-t", "secret",
                    *ADD)["client_secret"]
    assert "--yes" in desk.fault("client", "rotate-secret", c, status=64)
    new = desk.json("client", "rotate-secret", c, "--yes")
    assert new["client_id"] == c
    assert re.fullmatch(r"tss_[\w-]{43}", new["client_secret"])
    assert new["client_secret"] != old


def test_rotate_secret_of_who_has_none(desk, cid):
    err = desk.fault("client", "rotate-secret", cid, "-y", status=64)
    assert "without a secret" in err
    desk.fault("client", "rotate-secret", "nobody", "-y", status=66)


def test_keys(desk, tmp_path):
    """A backend service: keys, no redirect, no secret."""
    f = tmp_path / "keys"
    f.write_text(JWKS)
    c = f"c{next(count)}"
    got = desk.json("client", "add", c, "-n", "Registry", "-t", "keys",
                    "--jwks", f, "--grant-type", "client_credentials",
                    "-s", "system/Observation.rs")
    assert got == {"client_id": c}
    shown = desk.json("client", "show", c)
    assert shown["grant_types"] == ["client_credentials"]
    assert json.loads(shown["jwks"])["keys"][0]["kid"] == "k1"
    assert "redirect_uris" not in shown


# --- refusals ------------------------------------------------------------------

@pytest.mark.parametrize("args, status, word", [
    (["-s", SCOPE, "-r", REDIRECT], 64, "--name"),
    (["-n", "A", "-r", REDIRECT], 64, "--scope"),
    (["-n", "A", "-s", SCOPE], 64, "--redirect-uri"),
    ([*ADD, "--type", "pubic"], 64, "did you mean public?"),
    ([*ADD, "--type", "keys"], 64, "--jwks"),
    ([*ADD, "--jwks", "/dev/null/x"], 66, "/dev/null/x"),
    ([*ADD, "--grant-type", "implicit"], 64, "--grant-type"),
    ([*ADD, "--grant-type", "client_credentials"], 65, "client_credentials"),
    ([*ADD, "--pkce", "no"], 64, "--pkce"),
    ([*ADD, "--dpop", "yes"], 64, "--dpop"),
    ([*ADD, *["-r", REDIRECT] * 16], 64, "16"),
    ([*ADD, "-r", "http://app.example/cb"], 65, "redirect-uri"),
    ([*ADD, "-r", "https://app.example/cb#x"], 65, "redirect-uri"),
    ([*ADD, "-r", "https://*.example/cb"], 65, "redirect-uri"),
    ([*ADD, "-r", "javascript:alert(1)"], 65, "redirect-uri"),
    ([*ADD, "-r", "https://app.example/../cb"], 65, "redirect-uri"),
    ([*ADD, "-r", ""], 65, "redirect-uri"),
    ([*ADD, "--launch-uri", "http://app.example/"], 65, "launch-uri"),
    ([*ADD, "--policy-uri", "javascript:alert(1)"], 65, "policy-uri"),
    ([*ADD, "--policy-uri", "com.example.app:/p"], 65, "policy-uri"),
    ([*ADD, "--tos-uri", "http://app.example/"], 65, "tos-uri"),
    ([*ADD, "-s", "patient/*.reed"], 65, "scope"),
    ([*ADD, "-s", "patient/Nothing.read"], 65, "scope"),
    ([*ADD, "-s", "system/*.rs patient/*.rs"], 64, "scope"),
    ([*ADD, "-n", "a\nb"], 65, "name"),
    ([*ADD, "-n", "x" * 2000], 65, "name"),
])
def test_add_refuses(desk, args, status, word):
    c = f"c{next(count)}"
    err = desk.fault("client", "add", c, *args, status=status)
    assert word in err
    desk.fault("client", "show", c, status=66)


@pytest.mark.parametrize("jwks", [
    "", "{", "[]", '{"keys":[]}', '{"keys":[{"kty":"oct","k":"AAAA"}]}',
    JWKS.replace('"y": "Nh', '"y": "Ni'),
    JWKS.replace('"use"', '"d": "AQAB", "use"'),
    '{"keys":[' + " " * 70000 + "]}"])
def test_bad_key_set(desk, jwks):
    """CA: symmetric, private, broken or huge keys are none."""
    c = f"c{next(count)}"
    desk.fault("client", "add", c, "-n", "S", "-t", "keys", "--jwks", "-",
               "--grant-type", "client_credentials", "-s",
               "system/Observation.rs", input=jwks,
               status=64 if jwks == "" else 65)
    desk.fault("client", "show", c, status=66)


@pytest.mark.parametrize("c", ["a b", "a/b", "a:b", "é", "x" * 65])
def test_id_that_will_not_do(desk, c):
    assert "id" in desk.fault("client", "add", c, *ADD, status=65)


def test_an_id_is_never_given_twice(desk, cid):
    before = desk.json("client", "show", cid)
    assert "already" in desk.fault("client", "add", cid, *ADD, "-n", "B",
                                   status=65)
    assert desk.json("client", "show", cid) == before


def test_the_tool_is_no_app(desk):
    """The built-in client of "token mint" cannot be registered over."""
    desk.fault("client", "add", "tiphys-cli", *ADD, status=65)


# --- changes -------------------------------------------------------------------

@pytest.mark.parametrize("args, member, value", [
    (["--name", "Other"], "name", "Other"),
    (["--publisher", "Argo"], "publisher", "Argo"),
    (["--scope", "patient/Patient.read"], "scope", "patient/Patient.read"),
    (["--redirect-uri", "https://b.example/", "-r", "http://127.0.0.1/x"],
     "redirect_uris", ["https://b.example/", "http://127.0.0.1/x"]),
    (["--launch-uri", "https://b.example/l"], "launch_uri",
     "https://b.example/l"),
    (["--policy-uri", "https://b.example/p"], "policy_uri",
     "https://b.example/p"),
    (["--tos-uri", "https://b.example/t?x=1"], "tos_uri",
     "https://b.example/t?x=1"),
    (["--pkce", "optional"], "pkce", "optional"),
    (["--dpop", "required"], "dpop", "required"),
    (["--grant-type", "authorization_code"], "grant_types",
     ["authorization_code"]),
])
def test_set_one_and_leave_the_rest(desk, cid, args, member, value):
    before = desk.json("client", "show", cid)
    assert desk.json("client", "set", cid, *args) == {"client_id": cid}
    after = desk.json("client", "show", cid)
    assert after[member] == value
    before.pop(member, None)
    after.pop(member)
    assert after == before


def test_set_and_unset(desk, cid):
    for args, member, value in [
            (["--launch-uri", "https://b.example/"], "launch_uri",
             "https://b.example/"),
            (["--launch-uri", ""], "launch_uri", None),
            (["--pkce", "optional"], "pkce", "optional"),
            (["--pkce", "required"], "pkce", "required"),
            (["--dpop", "required"], "dpop", "required"),
            (["--dpop", "optional"], "dpop", "optional")]:
        desk("client", "set", cid, *args, status=0)
        assert desk.json("client", "show", cid).get(member) == value


def test_set_refuses(desk, cid):
    before = desk.json("client", "show", cid)
    assert "nothing to change" in desk.fault("client", "set", cid,
                                             status=64)
    desk.fault("client", "set", cid, "-s", "patient/*.reed", status=65)
    desk.fault("client", "set", cid, "-r", "http://a.example/", status=65)
    desk.fault("client", "set", cid, "--type", "secret", status=64)
    desk.fault("client", "set", "nobody", "-n", "x", status=66)
    assert desk.json("client", "show", cid) == before


def test_disable_and_enable(desk, cid):
    assert desk.json("client", "disable", cid) == {"disabled": cid}
    assert desk.json("client", "show", cid)["enabled"] is False
    desk("client", "set", cid, "-n", "Still off", status=0)
    assert desk.json("client", "show", cid)["enabled"] is False
    assert desk("client", "enable", cid, status=0).stdout == ""
    assert desk.json("client", "show", cid)["enabled"] is True
    for c in ("disable", "enable", "show"):
        desk.fault("client", c, "nobody", status=66)


def test_invite(desk, tmp_path):
    assert "registration" in desk.fault("client", "invite", status=78)
    d = Desk(tmp_path / "d")
    with open(d.conf, "a") as f:
        f.write("registration = yes\n")
    p = d("client", "invite", status=0)
    assert re.fullmatch(r"tsi_[\w-]{43}\n", p.stdout)
    assert "this once" in p.stderr
    assert p.stdout.strip().encode() not in stored(d)
    assert d.json("client", "invite")["initial_access_token"] + "\n" != \
        p.stdout
