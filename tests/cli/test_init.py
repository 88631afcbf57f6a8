# SPDX-License-Identifier: Apache-2.0
"""tiphys init: a data directory, whole or not at all."""

import json
import os
import pwd
import stat

import pytest
from conftest import BASE, ROOT, Tool, as_self, run


def mode(*path):
    return stat.S_IMODE(os.lstat(os.path.join(*path)).st_mode)


def init(folder, *options, **kw):
    return run("init", "--dir", folder, "--base-url", BASE,
               *as_self(options), *options, **kw)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_modes_whatever_the_umask(tmp_path, umask):
    """DB-08"""
    d = str(tmp_path / "d")
    init(d, status=0, umask=umask)
    assert mode(d) == 0o750
    assert mode(d, "tiphys.conf") == 0o640
    assert mode(d, "keys") == 0o700
    for key in os.listdir(d + "/keys"):
        assert mode(d, "keys", key) == 0o600
    assert mode(d, "store") == 0o700
    assert mode(d, "store/data.mdb") == 0o600
    assert mode(d, "store/lock.mdb") == 0o600
    assert mode(d, "grants") == 0o750
    assert mode(d, "grants/data.mdb") == 0o640
    assert mode(d, "grants/lock.mdb") == 0o660


def let_in(path):
    """As tmp_path is made, nobody else gets there."""
    for folder in path, path.parent, path.parent.parent:
        os.chmod(folder, 0o755)


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_root_gives_everything_away(tmp_path):
    let_in(tmp_path)
    t = Tool(tmp_path / "d", "--user", "www-data", "--group", "www-data")
    who = pwd.getpwnam("www-data")
    seen = 0
    for folder, dirs, files in os.walk(t.dir):
        for name in [folder, *(os.path.join(folder, f) for f in files)]:
            st = os.lstat(name)
            assert (st.st_uid, st.st_gid) == (who.pw_uid, who.pw_gid), name
            seen += 1
    assert seen >= 10
    assert mode(t.dir, "store") == 0o750
    assert mode(t.dir, "store/lock.mdb") == 0o660


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_root_gives_it_to_the_web_server(tmp_path):
    """The account the server takes; what it says next works so."""
    let_in(tmp_path)
    d = tmp_path / "d"
    p = run("init", "--dir", d, "--base-url", BASE, status=0)
    assert os.stat(d / "tiphys.conf").st_uid == pwd.getpwnam("www-data").pw_uid
    assert "user = www-data\n" in (d / "tiphys.conf").read_text()
    assert "tiphys-fhir -c" in p.stdout


ISSUER = ("--issuer", "http://127.0.0.1:8080/auth")
SHARED = ("--user", "www-data", "--group", "www-data")


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_an_account_for_tiphys_auth(tmp_path):
    """M16: keys, users and grants are its own from the first moment."""
    let_in(tmp_path)
    t = Tool(tmp_path / "d", *SHARED, *ISSUER, "--auth-user", "daemon")
    own, rest = (pwd.getpwnam(n) for n in ("daemon", "www-data"))
    assert sorted(os.listdir(t.dir)) == ["grants", "guard", "keys", "store",
                                         "tiphys.conf"]
    for folder, dirs, files in os.walk(t.dir):
        for name in [folder, *(os.path.join(folder, f) for f in files)]:
            st = os.lstat(name)
            part = os.path.relpath(name, t.dir).split("/")[0]
            who = own if part in ("grants", "guard", "keys") else rest
            assert (st.st_uid, st.st_gid) == (who.pw_uid, rest.pw_gid), name
    assert mode(t.dir, "guard") == mode(t.dir, "keys") == 0o700
    assert mode(t.dir, "grants") == 0o750
    assert "auth-user = daemon\n" in open(t.conf).read()


@pytest.mark.skipif(not ROOT, reason="needs root")
@pytest.mark.parametrize("args, word", [
    ((*SHARED, *ISSUER, "--auth-user", "no-such"), "no such user"),
    ((*SHARED, *ISSUER, "--auth-user", "root"), "is root"),
    ((*SHARED, "--auth-user", "daemon"), "--issuer"),
    (("--user", "www-data", *ISSUER, "--auth-user", "daemon"), "--group"),
])
def test_an_account_that_will_not_do(tmp_path, args, word):
    p = init(tmp_path / "d", *args, status=64)
    assert word in p.stderr and not (tmp_path / "d").exists()


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_one_of_two_accounts_fails(tmp_path):
    """What the other has made goes, too."""
    let_in(tmp_path)
    shut = tmp_path / "shut"
    shut.mkdir()
    os.chown(shut, pwd.getpwnam("daemon").pw_uid, 0)
    os.chmod(shut, 0o700)       # www-data cannot enter
    p = init(shut / "d", *SHARED, *ISSUER, "--auth-user", "daemon",
             status=78)
    assert f"{shut}: cannot be entered" in p.stderr
    assert os.listdir(shut) == []


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_root_may_keep_it(tmp_path):
    p = init(tmp_path / "d", "--user", "root", status=0)
    assert os.stat(tmp_path / "d/tiphys.conf").st_uid == 0
    assert "tiphys-fhir -c" not in p.stdout     # it would refuse


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_folder_nobody_else_can_enter_is_named(tmp_path):
    let_in(tmp_path)
    shut = tmp_path / "shut"
    shut.mkdir(0o700)
    p = init(shut / "d", "--user", "www-data", status=78)
    assert p.stderr.startswith(f"tiphys: {shut}: cannot be entered")
    assert "chmod o+x" in p.stderr
    assert os.listdir(shut) == []


def test_link_is_no_folder(tmp_path):
    """Root would give away what somebody else's link names."""
    (tmp_path / "real").mkdir()
    os.symlink("real", tmp_path / "link")
    before = os.lstat(tmp_path / "real")
    p = init(tmp_path / "link", status=78)
    assert "not a link" in p.stderr
    after = os.lstat(tmp_path / "real")
    assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)
    assert os.listdir(tmp_path / "real") == []


def test_says_what_next(tmp_path):
    p = init(tmp_path / "d", status=0)
    conf = str(tmp_path / "d/tiphys.conf")
    assert f"tiphys -c {conf} load" in p.stdout
    assert "token mint" in p.stdout


def test_json(tmp_path):
    p = init(tmp_path / "d", "--json", status=0)
    assert json.loads(p.stdout) == {
        "config": str(tmp_path / "d/tiphys.conf"),
        "data": str(tmp_path / "d"), "base": BASE}


def test_empty_folder_is_taken(tmp_path):
    (tmp_path / "d").mkdir()
    init(tmp_path / "d", status=0)


def test_second_init_is_refused_and_changes_nothing(tool):
    before = open(tool.conf).read()
    keys = os.listdir(tool.dir + "/keys")
    p = init(tool.dir, status=65)
    assert "holds a tiphys.conf already" in p.stderr
    assert open(tool.conf).read() == before
    assert os.listdir(tool.dir + "/keys") == keys


def test_folder_with_anything_is_refused(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/x").write_text("x")
    p = init(tmp_path / "d", status=65)
    assert "is not empty" in p.stderr
    assert os.listdir(tmp_path / "d") == ["x"]


@pytest.mark.parametrize("name", ["public_html", "www", "htdocs", "WWW"])
def test_folder_of_a_web_server_is_refused(tmp_path, name):
    (tmp_path / name).mkdir()
    p = init(tmp_path / name / "d", status=64)
    assert "folder for web pages" in p.stderr
    assert os.listdir(tmp_path / name) == []


def test_folder_below_htaccess_is_refused(tmp_path):
    (tmp_path / ".htaccess").write_text("")
    (tmp_path / "a").mkdir()
    p = init(tmp_path / "a/d", status=64)
    assert ".htaccess" in p.stderr
    assert os.listdir(tmp_path / "a") == []


def test_link_into_a_web_folder_is_refused(tmp_path):
    (tmp_path / "htdocs").mkdir()
    os.symlink(tmp_path / "htdocs", tmp_path / "link")
    init(tmp_path / "link/d", status=64)


@pytest.mark.parametrize("url, word", [
    ("https://ehr.example.net/fhir", "documentation"),
    ("http://ehr.hospital.nl/fhir", "https is wanted"),
    ("ftp://a/fhir", "base-url"),
    ("https://a.nl/fhir?x=1", "base-url"),
    ("https://a.nl/\nuser = root", "control character"),
    ("", "is empty"),
])
def test_bad_base_url_is_refused(tmp_path, url, word):
    p = run("init", "--dir", tmp_path / "d", "--base-url", url, status=64)
    assert word in p.stderr
    assert not (tmp_path / "d").exists()


def test_plain_http_behind_a_tls_front(tmp_path):
    run("init", "--dir", tmp_path / "d", "--base-url",
        "http://ehr.hospital.nl/fhir", "--tls-front", *as_self(), status=0)
    assert "tls-front = yes" in (tmp_path / "d/tiphys.conf").read_text()


def test_issuer_is_written(tmp_path):
    init(tmp_path / "d", "--issuer", "https://login.hospital.nl", status=0)
    assert "issuer = https://login.hospital.nl" in (
        tmp_path / "d/tiphys.conf").read_text()


@pytest.mark.parametrize("args, word", [
    ((), "--base-url"), (("--base-url", BASE), "--dir"),
    (("--dir", "/nowhere"), "--base-url")])
def test_missing_option_is_named(args, word):
    assert word in run("init", *args, status=64).stderr


def test_unknown_user_and_group(tmp_path):
    for option in ("--user", "--group"):
        p = init(tmp_path / "d", option, "nobody-of-that-name", status=64)
        assert option in p.stderr
        assert not (tmp_path / "d").exists()


def test_failure_leaves_nothing(tmp_path):
    """No room for the store: the folder is gone again."""
    import resource
    p = init(tmp_path / "d", preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (8192, 8192)))
    assert p.returncode != 0
    assert p.stderr
    assert not (tmp_path / "d").exists()


def test_parent_must_be_there(tmp_path):
    p = init(tmp_path / "a/b/d", status=78)
    assert "make the folder above it" in p.stderr
