# SPDX-License-Identifier: Apache-2.0
"""make install DESTDIR=: what lies where, and that it runs from there."""

import os
import re
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))

import testsite     # noqa: E402

PREFIX = "/usr"
# With --prefix=/usr --sysconfdir=/etc, as a package would.
PROGRAMS = {"bin/tiphys": 0o755, "libexec/tiphys-fhir": 0o755,
            "libexec/tiphys-auth": 0o755, "libexec/tiphys-rsa.so": 0o755}


def make(build, *args):
    p = subprocess.run(["make", "-s", "-C", build, *args],
                       capture_output=True, text=True)
    assert p.returncode == 0, p.stderr[-2000:]
    return p.stdout


@pytest.fixture(scope="module")
def tree():
    if not os.path.exists(testsite.BUILD + "/Makefile"):
        pytest.skip("BUILD was not made by configure")
    with tempfile.TemporaryDirectory(prefix="tiphys-install.") as top:
        os.chmod(top, 0o755)
        make(testsite.BUILD, "install", "DESTDIR=" + top,
             "prefix=" + PREFIX)
        yield top


def files(top):
    return {os.path.relpath(os.path.join(d, f), top + PREFIX)
            for d, _, names in os.walk(top) for f in names}


def pages():
    """The man pages of the sources: tiphys.1 to man1."""
    for name in os.listdir(testsite.SRC + "/man"):
        m = re.fullmatch(r"[a-z.-]+\.([1-8])", name)
        if m:
            yield f"share/man/man{m.group(1)}/{name}"


def test_tree(tree):
    """Programs, every man page, documents, examples; nothing else."""
    there = files(tree)
    wanted = set(PROGRAMS) | set(pages())
    assert wanted <= there
    for name in ("README.md", "LICENSE", "SECURITY.md"):
        assert f"share/doc/tiphys/{name}" in there
    rest = {f for f in there - wanted
            if not f.startswith("share/doc/tiphys/")}
    assert rest == set()
    for name in ("examples/lighttpd/tiphys.conf", "examples/nginx/tiphys.conf",
                 "examples/apache/htaccess", "examples/quickstart",
                 "examples/patients/ella.ndjson"):
        assert f"share/doc/tiphys/{name}" in there, name


def test_modes(tree):
    for d, dirs, names in os.walk(tree):
        for name in names + dirs:
            mode = os.lstat(os.path.join(d, name)).st_mode
            assert mode & 0o6022 == 0, name
    for name, mode in PROGRAMS.items():
        assert os.stat(f"{tree}{PREFIX}/{name}").st_mode & 0o777 == mode


def test_no_path_of_the_build(tree):
    """No run path, and the folder it was built in is in no program."""
    for name in PROGRAMS:
        path = f"{tree}{PREFIX}/{name}"
        out = subprocess.run(["readelf", "-d", path], capture_output=True,
                             text=True).stdout
        assert "NEEDED" in out and "PATH)" not in out
        strings = subprocess.run(["strings", path], capture_output=True,
                                 text=True).stdout
        assert testsite.BUILD + "/" not in strings


def test_it_runs(tree):
    """The installed tool and server alone: init, load, mint, read."""
    tool, server, auth = (f"{tree}{PREFIX}/{name}" for name in PROGRAMS
                          if not name.endswith(".so"))
    for program in (tool, server, auth):
        out = subprocess.run([program, "--version"], capture_output=True,
                             text=True, check=True).stdout
        assert re.match(r"tiphys(-fhir|-auth)? \d+\.\d+", out)
    data = tree + "/srv"
    conf = data + "/tiphys.conf"

    def run(*args):
        return subprocess.run([tool, *args], capture_output=True, text=True,
                              check=True).stdout.strip()
    as_user = (["--user", testsite.USER, "--group", testsite.USER]
               if testsite.ROOT else [])
    run("init", "--dir", data, "--base-url", "http://127.0.0.1:8080/fhir",
        *as_user)
    run("-c", conf, "load",
        f"{tree}{PREFIX}/share/doc/tiphys/examples/patients")
    token = run("-c", conf, "token", "mint", "--scope", "patient/*.read",
                "--patient", "ella")
    p = subprocess.run([server], env={
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
        "REQUEST_URI": "/fhir/Patient/ella", "TIPHYS_CONFIG": conf,
        "HTTP_AUTHORIZATION": "Bearer " + token}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True)
    assert p.returncode == 0 and "Status: 200" in p.stdout
    assert '"Marsh"' in p.stdout


def test_pages_are_readable(tree):
    for name in pages():
        out = subprocess.run(["mandoc", "-T", "utf8",
                              f"{tree}{PREFIX}/{name}"],
                             capture_output=True, text=True)
        text = re.sub(".\b", "", out.stdout)       # overstruck bold
        assert out.returncode < 3 and "NAME\n" in text, name


def test_uninstall_takes_it_all_away(tree):
    make(testsite.BUILD, "uninstall", "DESTDIR=" + tree, "prefix=" + PREFIX)
    assert [f for f in files(tree) if not f.startswith("../srv")] == []
