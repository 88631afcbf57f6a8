# SPDX-License-Identifier: Apache-2.0
"""Conditions of writes, as clients spell them: nothing is half heard.

A guard that is not understood is a refusal; the client believes itself safe
behind it.  Requirements R08, R10; DSTU2 http.html#concurrency, #ccreate.
"""

import pytest

from writing import Writing, entry, patient, refused


@pytest.fixture(scope="module")
def site():
    with Writing(workers=1) as s:
        yield s


@pytest.fixture
def mine(site):
    """The path of a Patient at version 1."""
    return "/Patient/" + site.ask("POST", "/Patient", patient()).json()["id"]


def change(site, path, **h):
    return site.ask("PUT", path, patient(id=path[9:], gender="other"), **h)


@pytest.mark.parametrize("tag", ['W/"1"', '"1"', "1", "*"])
def test_tags_of_the_current_version(site, mine, tag):
    a = change(site, mine, If_Match=tag)
    assert a.status == 200 and a.headers["etag"] == 'W/"2"'


@pytest.mark.parametrize("tag", [
    'W/"2"', 'W/"01"', 'W/"0"', 'W/"abc"', '"xyz"',
    'W/"18446744073709551615"', 'W/"99999999999999999999999"'])
def test_tags_of_no_version(site, mine, tag):
    """A well-formed tag that is not the current one: 409, whoever made it."""
    refused(change(site, mine, If_Match=tag), 409, "conflict")
    refused(site.ask("DELETE", mine, If_Match=tag), 409, "conflict")
    refused(site.bundle("transaction", entry(
        "PUT", mine[1:], patient(id=mine[9:]), ifMatch=tag)), 409)
    assert site.ask("GET", mine).headers["etag"] == 'W/"1"'


@pytest.mark.parametrize("tag", ['W/""', "W/1", "01", 'W/"1', "one",
                                 'W/"1", W/"2"'])
def test_no_tags(site, mine, tag):
    refused(change(site, mine, If_Match=tag), 400, "value")


@pytest.mark.parametrize("method,name", [
    ("POST", "If-Match"), ("PUT", "If-None-Exist"),
    ("DELETE", "If-None-Exist")])
def test_conditions_of_other_interactions(site, mine, method, name):
    before = site.digest()
    value = 'W/"1"' if name == "If-Match" else "identifier=1"
    path = "/Patient" if method == "POST" else mine
    body = patient(**({"id": mine[9:]} if method == "PUT" else {})) \
        if method != "DELETE" else None
    said = refused(site.ask(method, path, body, **{
        name.replace("-", "_"): value}), 400, "invalid")
    assert name in said["diagnostics"]
    key = "ifMatch" if name == "If-Match" else "ifNoneExist"
    refused(site.bundle("transaction", entry(
        method, path[1:], body, **{key: value})), 400, "invalid")
    assert site.digest() == before
