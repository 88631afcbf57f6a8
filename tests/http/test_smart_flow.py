# SPDX-License-Identifier: Apache-2.0
"""Launches from end to end, by forms: sign in, pick, consent, token, use.

Requirements M03-M10, M13, M17, X01; interop 3-5, 13, 14, 17; attack cases
AUZ-22, -27, -30; LOG-07.
"""

import os
import pwd
from urllib.parse import parse_qs, urlsplit

import pytest

import smartsite
import testsite
from smartsite import through


@pytest.fixture(scope="module")
def site():
    with smartsite.SmartSite() as s:
        yield s


def tokens(answer):
    assert answer.status == 200, answer
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    return answer.json()


def test_standalone_launch_of_a_clinician(site):
    app, b = site.app(), site.browser()
    page = b.get(app.url())
    assert page.title.startswith("Sign in ") and page.status == 200
    page = page.submit(username="dr-lee", password=smartsite.PASSWORD)
    assert page.title.startswith("Whose record"), page
    page = smartsite.pick(page, "ella")
    assert page.title.startswith("Share this health record"), page
    back = app.answer(page.submit("/consent", go="allow"))
    assert back["state"] == app.state
    assert back["iss"] == site.issuer
    t = tokens(app.redeem(back["code"]))
    assert t["token_type"] == "Bearer" and t["patient"] == "ella"
    assert 0 < t["expires_in"] <= 3600 and "refresh_token" not in t
    assert site.get("/Patient/ella", t["access_token"]).status == 200
    assert site.get("/Patient/marcus", t["access_token"]).status == 404
    assert [s for s, _ in b.trail if s in (301, 302, 307, 308)] == []


def test_the_visit_is_chosen_by_the_person(site):
    """launch/encounter in a standalone launch (M06): after the patient."""
    app, b = site.app(scope="launch/encounter patient/*.read"), \
        site.browser()
    page = b.get(app.url()).submit(username="dr-lee",
                                   password=smartsite.PASSWORD)
    page = smartsite.pick(page, "marcus")
    assert page.title.startswith("Which visit"), page
    forms = [f for f in page.forms if f.action.endswith("/visit")]
    ids = [dict(f[:2] for f in x.fields)["encounter"] for x in forms]
    assert len(ids) > 2 and ids[-1] == "", ids
    page = b.post(b.host + forms[0].action, forms[0].data())
    assert page.title.startswith("Share this health record"), page
    assert "Visit: " in page.text and "Visit: none" not in page.text
    back = app.answer(page.submit("/consent", go="allow"))
    t = tokens(app.redeem(back["code"]))
    assert (t["patient"], t["encounter"]) == ("marcus", ids[0])
    assert site.get("/Encounter/" + ids[0], t["access_token"]).status == 200


def test_somebody_else_can_be_chosen(site):
    app, b = site.app(scope="launch/encounter patient/*.read"), \
        site.browser()
    page = b.get(app.url()).submit(username="dr-lee",
                                   password=smartsite.PASSWORD)
    page = smartsite.pick(page, "marcus").submit("/visit")
    page = page.submit("/again")
    assert page.title.startswith("Whose record"), page
    page = smartsite.pick(page, "ella")
    assert page.title.startswith("Which visit"), page
    page = smartsite.no_visit(page)
    assert "Visit: none" in page.text
    back = app.answer(page.submit("/consent", go="allow"))
    t = tokens(app.redeem(back["code"]))
    assert t["patient"] == "ella" and "encounter" not in t


def test_what_the_app_says_of_itself_is_offered(site):
    """Privacy statement and terms, before anything is shared."""
    site.tool("client", "set", "other", "--policy-uri",
              "https://other.test/privacy?a=1&b=2", "--tos-uri",
              "https://other.test/terms")
    app, b = site.app("other", redirect="https://other.test/cb"), \
        site.browser()
    page = b.get(app.url()).submit(username="ella",
                                   password=smartsite.PASSWORD)
    assert page.links["What Other does with data (privacy statement)"] == \
        "https://other.test/privacy?a=1&b=2"
    assert page.links["Terms of use of Other"] == \
        "https://other.test/terms"
    page = b.get(site.app().url())
    assert "privacy statement" not in page.text


def test_patient_sees_no_picker(site):
    """A patient has one record: asked or not, it is the context."""
    app, b = site.app(), site.browser()
    back = app.answer(through(site, app, b, "ella"))
    t = tokens(app.redeem(back["code"]))
    assert t["patient"] == "ella"


def test_sign_in_lasts(site):
    app, b = site.app(), site.browser()
    through(site, app, b, "ella")
    page = b.get(site.app("other", redirect="https://other.test/cb").url())
    assert not page.title.startswith("Sign in "), page


def test_ticks_are_the_scope(site):
    """Unticked groups are not granted, and the app is told so (M07)."""
    app, b = site.app(), site.browser()
    page = b.get(app.url()).submit(username="ella",
                                   password=smartsite.PASSWORD)
    groups = [f[1] for f in page.form_for("/consent").fields
              if f[0] == "group"]
    assert len(groups) > 5
    keep = [g for g in groups if "medic" in g][:1] or groups[:1]
    back = app.answer(page.submit("/consent", go="allow", group=keep))
    t = tokens(app.redeem(back["code"]))
    assert t["scope"] != "launch/patient patient/*.read"
    assert "*" not in t["scope"]


def test_single_types(site):
    app, b = site.app(), site.browser()
    page = b.get(app.url()).submit(username="ella",
                                   password=smartsite.PASSWORD)
    assert "Family member history (none)" in page.text
    back = app.answer(page.submit("/consent", go="allow", group=[],
                                  type=["Observation"]))
    t = tokens(app.redeem(back["code"]))
    words = set(t["scope"].split())
    assert {w.split(".")[0] for w in words if "/" in w and
            w != "launch/patient"} == {"patient/Observation"}
    ok = site.get("/Observation?patient=ella", t["access_token"])
    no = site.get("/Condition?patient=ella", t["access_token"])
    assert (ok.status, no.status) == (200, 403)


def test_nothing_ticked_asks_again(site):
    app, b = site.app(), site.browser()
    page = b.get(app.url()).submit(username="ella",
                                   password=smartsite.PASSWORD)
    page = page.submit("/consent", go="allow", group=[])
    assert page.status == 400 and page.title.startswith("Error: ")
    assert "Nothing is ticked" in page.text
    assert app.answer(page.submit("/consent", go="deny"))["error"] == \
        "access_denied"


def test_write_is_never_ticked_before(site):
    scope = "launch/patient patient/Observation.read " \
        "patient/Observation.write"
    for tick, wanted in ((None, False), ("yes", True)):
        app, b = site.app(scope=scope), site.browser()
        page = b.get(app.url()).submit(username="ella",
                                       password=smartsite.PASSWORD)
        assert "asks to change" in page.text
        back = app.answer(page.submit("/consent", go="allow", write=tick))
        t = tokens(app.redeem(back["code"]))
        assert ("write" in t["scope"]) == wanted, t["scope"]


def test_reading_apps_are_told_to_change_nothing(site):
    app, b = site.app(), site.browser()
    page = b.get(app.url()).submit(username="ella",
                                   password=smartsite.PASSWORD)
    assert "cannot change or delete anything" in page.text


@pytest.mark.parametrize("time,refresh", [("now", False), ("long", True)])
def test_how_long_is_a_choice(site, time, refresh):
    """offline_access is granted where it was chosen, and nowhere else."""
    app = site.app(scope="launch/patient patient/*.read offline_access")
    b = site.browser()
    page = b.get(app.url()).submit(username="ella",
                                   password=smartsite.PASSWORD)
    back = app.answer(page.submit("/consent", go="allow", time=time))
    t = tokens(app.redeem(back["code"]))
    assert ("refresh_token" in t) == refresh
    assert ("offline_access" in t["scope"]) == refresh


def test_refresh_rotates(site):
    app = site.app(scope="launch/patient patient/*.read offline_access")
    b = site.browser()
    back = app.answer(through(site, app, b, "ella", time="long"))
    first = tokens(app.redeem(back["code"]))
    second = tokens(app.refresh(first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    assert second["patient"] == "ella"
    again = app.refresh(first["refresh_token"])
    assert again.status == 400 and again.json()["error"] == "invalid_grant"


def test_code_works_once(site):
    """AUZ-22: the second use ends what the first one gave."""
    app, b = site.app(), site.browser()
    back = app.answer(through(site, app, b, "ella"))
    t = tokens(app.redeem(back["code"]))
    assert site.get("/Patient/ella", t["access_token"]).status == 200
    again = app.redeem(back["code"])
    assert again.status == 400 and again.json()["error"] == "invalid_grant"
    assert site.get("/Patient/ella", t["access_token"]).status == 401


def test_confidential_client(site):
    app = site.app("conf", secret=site.secret)
    b = site.browser()
    back = app.answer(through(site, app, b, "ella"))
    app.secret = "wrong"
    assert app.redeem(back["code"]).status == 401
    app.secret = site.secret
    tokens(app.redeem(back["code"]))


def test_authorize_by_post(site):
    """X07; without a cookie the request comes back by GET."""
    app, b = site.app(), site.browser()
    page = b.post(site.issuer + "/authorize", app.request())
    assert page.title.startswith("Sign in "), page
    assert b.trail[0][0] == 303
    page = page.submit(username="ella", password=smartsite.PASSWORD)
    app.answer(page.submit("/consent", go="allow"))
    page = b.post(site.issuer + "/authorize", app.request())
    assert page.title.startswith("Share this"), page


def test_state_comes_back_byte_for_byte(site):
    app, b = site.app(), site.browser()
    app.state = "`%2B~!@#$%^&*()-_=+[{]}\\;:'\",<.>/? é" + "x" * 400
    back = app.answer(through(site, app, b, "ella"))
    assert back["state"] == app.state


@pytest.mark.parametrize("where", ["sign in", "pick", "consent"])
def test_the_way_out_of_each_step(site, where):
    app, b = site.app(), site.browser()
    page = b.get(app.url())
    if where != "sign in":
        page = page.submit(username="dr-lee", password=smartsite.PASSWORD)
    if where == "consent":
        page = smartsite.pick(page, "ella")
        page = page.submit("/consent", go="deny")
    else:
        page = page.follow("go back to the app")
        assert "No, go on" in page.links
        page = page.submit("/deny")
    back = app.answer(page)
    assert back["error"] == "access_denied" and back["state"] == app.state


def test_picker_searches(site):
    app, b = site.app(), site.browser()
    page = b.get(app.url()).submit(username="dr-lee",
                                   password=smartsite.PASSWORD)
    found = page.submit("/search", name="marsh")
    rows = [e for e in found.elements if e[0] == "tr"]
    assert found.status == 200 and len(rows) == 2, found    # and the head
    assert "marsh" not in found.url.lower()
    none = found.submit("/search", name="nobody of that name")
    assert "No patient was found" in none.text
    bad = none.submit("/search", name="", birthdate="17.2.2008")
    assert bad.status == 400 and bad.title.startswith("Error: ")
    assert 'aria-invalid="true"' in bad.html


def test_picker_takes_no_other_patient(site):
    app, b = site.app(), site.browser()
    page = b.get(app.url()).submit(username="dr-lee",
                                   password=smartsite.PASSWORD)
    form = page.form_for("/pick")
    page = b.post(b.host + form.action, form.data(
        values={"patient": "no-such-patient"}))
    assert page.status in (403, 404) and page.away is None


def test_ehr_launch(site):
    b = site.browser()
    site.sign_in(b, "dr-lee")
    page = b.get("/auth/launch").follow("Growth")
    page = page.submit("/launch", name="marsh")
    page = smartsite.pick(page, "ella")
    q = parse_qs(urlsplit(page.away).query)
    assert page.away.startswith(smartsite.LAUNCH)
    assert q["iss"] == [site.base]
    app = site.app(scope="launch patient/*.read")
    page = b.get(app.url(launch=q["launch"][0]))
    assert page.title.startswith("Share this"), page
    back = app.answer(page.submit("/consent", go="allow"))
    assert tokens(app.redeem(back["code"]))["patient"] == "ella"
    again = b.get(app.url(launch=q["launch"][0]))
    assert app.answer(again)["error"] == "invalid_request"


def test_stop_sharing_counts_at_once(site):
    app = site.app(scope="launch/patient patient/*.read offline_access")
    b = site.browser()
    back = app.answer(through(site, app, b, "ella", time="long"))
    t = tokens(app.redeem(back["code"]))
    page = b.get("/auth/apps")
    assert page.status == 200 and "What was agreed" in page.text
    for form in list(page.forms):
        page = b.post(b.host + form.action, form.data())
    assert "no access any more" in page.text
    assert "No app has access" in page.text
    assert site.get("/Patient/ella", t["access_token"]).status == 401
    assert app.refresh(t["refresh_token"]).status == 400


def test_logout_ends_the_session(site):
    b = site.browser()
    page = site.sign_in(b, "ella")
    assert page.title.startswith("Apps with access"), page
    stolen = dict(b.cookies)
    page = page.follow("Sign out").submit("/logout")
    assert "You are signed out" in page.title
    b.cookies = stolen
    assert b.get("/auth/apps").title.startswith("Sign in ")


def test_sessions_can_be_ended(site):
    site.user("twice", "patient", "Patient/ella", "Twice")
    one, two = site.browser(), site.browser()
    site.sign_in(one, "twice")
    site.sign_in(two, "twice")
    page = two.get("/auth/sessions")
    parts = page.html.split("<article>")[1:]
    assert len(parts) == 2 == len(page.forms)
    for part, form in zip(parts, page.forms):
        if "Another browser" in part:
            two.post(two.host + form.action, form.data())
    assert one.get("/auth/apps").title.startswith("Sign in ")
    assert two.get("/auth/apps").title.startswith("Apps")


def test_password_change(site):
    site.user("mover", "patient", "Patient/ella", "Mover")
    one, two = site.browser(), site.browser()
    site.sign_in(one, "mover")
    site.sign_in(two, "mover")
    page = one.get("/auth/password")
    bad = page.submit("/password", old="wrong", fresh="nine quiet foxes in town")
    assert bad.status == 403 and "not your password" in bad.text
    bad = bad.submit("/password", old=smartsite.PASSWORD, fresh="short")
    assert bad.status == 400
    new = "another seven brown bears"
    good = bad.submit("/password", old=smartsite.PASSWORD, fresh=new)
    assert "is changed" in good.text, good
    assert two.get("/auth/apps").title.startswith("Sign in ")
    three = site.browser()
    assert site.sign_in(three, "mover").status == 403
    assert site.sign_in(three, "mover", new).status == 200


@pytest.mark.parametrize("server,mode", [
    ("lighttpd", "cgi"), ("nginx", "fastcgi"), ("apache", "fastcgi"),
    ("apache", "cgi")])
def test_launch_behind_each_server(server, mode):
    with smartsite.SmartSite(server=server, mode=mode) as s:
        app = s.app("conf", secret=s.secret, scope="launch/patient "
                    "patient/*.read offline_access openid fhirUser")
        b = s.browser()
        page = b.get(app.url())
        bad = page.submit(username="dr-lee", password="wrong")
        assert bad.status == 403, bad
        back = app.answer(through(s, app, b, "dr-lee", "ella",
                                  time="long"))
        t = tokens(app.redeem(back["code"]))
        assert s.get("/Patient/ella", t["access_token"]).status == 200
        t = tokens(app.refresh(t["refresh_token"]))
        assert s.get("/Patient/ella", t["access_token"]).status == 200


def owners(top):
    for folder, _, files in os.walk(top):
        for path in [folder] + [os.path.join(folder, f) for f in files]:
            yield path, os.lstat(path).st_uid


@pytest.mark.skipif(not testsite.ROOT, reason="takes two users")
def test_two_users():
    """Keys and sessions are of tiphys-auth's user, and of nobody else, after
    init and after each command that root gives."""
    s = smartsite.SmartSite(auth_user="daemon")
    try:
        own = pwd.getpwnam("daemon").pw_uid
        s.tool("key", "new")
        s.tool("key", "rotate")
        s.tool("key", "list")
        s.mint("patient/*.read", "ella")
        for path, uid in owners(s.data):
            part = os.path.relpath(path, s.data).split("/")[0]
            wanted = own if part in ("keys", "guard", "grants") else \
                pwd.getpwnam(testsite.USER).pw_uid
            assert uid == wanted, path
        s.start()
        app, b = s.app(), s.browser()
        back = app.answer(through(s, app, b, "ella"))
        t = tokens(app.redeem(back["code"]))
        assert s.get("/Patient/ella", t["access_token"]).status == 200
        uids = {name: os.stat(f"/proc/{pool.pid}").st_uid for name, pool in
                (("auth", s.auth_pool), ("fhir", s.pool))}
        assert uids["auth"] == own != uids["fhir"]
        app.answer(through(s, app, b, "ella"))
    finally:
        s.stop()
