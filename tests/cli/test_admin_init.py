# SPDX-License-Identifier: Apache-2.0
"""tiphys init with an issuer: guard/, both keys, what a hash may cost."""

import glob
import os
import re

from conftest import BASE, ISSUER, run


def test_init_with_an_issuer(make):
    t = make("new", "--issuer", ISSUER)
    mode = lambda p: os.stat(t.dir + p).st_mode & 0o777     # noqa: E731
    assert mode("/guard") == mode("/keys") == 0o700
    for path in glob.glob(t.dir + "/guard/*") + glob.glob(t.dir + "/keys/*"):
        assert os.stat(path).st_mode & 0o777 == 0o600, path
    assert len(glob.glob(t.dir + "/keys/*.jwk")) == 1
    pem, = glob.glob(t.dir + "/keys/*.pem")
    assert "PRIVATE KEY" in open(pem).readline()
    assert t("user", "list", status=0).stdout == ""


def test_init_measures_the_hash(make):
    """M16: memory and passes of Argon2id, never below 19 MiB and 2."""
    t = make("new", "--issuer", ISSUER)
    key = dict(re.findall(r"^(password-\w+) = (\d+)$", open(t.conf).read(),
                          re.M))
    assert 19 << 20 <= int(key["password-memory"]) <= 64 << 20
    assert 2 <= int(key["password-passes"]) <= 16
    t("config", "check", status=0)


def test_init_without_an_issuer(tool):
    assert not os.path.exists(tool.dir + "/guard")
    assert glob.glob(tool.dir + "/keys/*.pem") == []
    assert "password-" not in open(tool.conf).read()


def test_init_refuses_a_wrong_issuer_at_once(tmp_path):
    d = tmp_path / "d"
    for issuer in ("ftp://a/", "http://example.org/auth", "x", ""):
        run("init", "--dir", d, "--base-url", BASE, "--issuer", issuer,
            status=64)
        assert not d.exists()


def test_rotate_makes_what_an_older_folder_lacks(tool):
    """Only guard/ is made; the store of no one is not invented."""
    with open(tool.conf, "a") as f:
        f.write(f"issuer = {ISSUER}\n")
    made = dict(x.split("\t") for x in
                tool("key", "rotate", status=0).stdout.splitlines())
    assert set(made) == {"kid", "id_token_kid"}
    assert made["kid"] in tool("key", "list", status=0).stdout
    os.rename(tool.dir + "/grants", tool.dir + "/gone")
    os.rename(tool.dir + "/guard", tool.dir + "/gone2")
    tool("key", "rotate", status=66)
    assert not os.path.exists(tool.dir + "/guard")
