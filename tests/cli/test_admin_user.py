# SPDX-License-Identifier: Apache-2.0
"""tiphys user: who signs in, and with what; secrets as secrets."""

import base64
import glob
import os
import pty
import re
import select
import signal
import time

import pytest
from conftest import TIPHYS, run

GOOD = "five quiet herons by the lake"
count = iter(range(10000))


@pytest.fixture
def name(desk):
    """A user with a password, of the test's own."""
    n = f"u{next(count)}"
    desk("user", "add", n, "--kind", "patient", "--link", "Patient/p1",
         "--password-file", "-", input=GOOD + "\n", status=0)
    return n


def add(desk, *args, **kw):
    n = f"u{next(count)}"
    return n, desk("user", "add", n, *args, **kw)


def stored(desk):
    return b"".join(open(p, "rb").read() for p in
                    glob.glob(desk.dir + "/g*/data.mdb"))


# --- add, list, show -----------------------------------------------------------

def test_add_each_kind(desk):
    for kind, more in [("practitioner", ["--link", "Practitioner/d1"]),
                       ("patient", ["--link", "Patient/p1"]),
                       ("related", ["--link", "RelatedPerson/r1",
                                    "--patient", "p1", "-p", "p2"]),
                       ("admin", [])]:
        n, p = add(desk, "--kind", kind, "--no-password", *more, status=0)
        assert p.stdout == ""
        u = desk.json("user", "show", n)
        assert (u["name"], u["kind"], u["display"]) == (n, kind, n)
        assert u["enabled"] is True and u["password"] is False
        assert u["totp"] is False and u["recovery"] == 0
        assert u.get("link") == (more[1] if more else None)
        assert re.fullmatch(r"20\d\d-.*Z", u["created"])
        assert "last" not in u
        if kind == "related":
            assert u["patients"] == ["p1", "p2"]
        assert n in [r["name"] for r in desk.rows("user", "list")]


def test_staff_is_told_of_the_second_factor(desk):
    n, p = add(desk, "-k", "practitioner", "-l", "Practitioner/d1",
               "--no-password", status=0)
    assert f"tiphys user totp {n}" in p.stderr
    n, p = add(desk, "-k", "patient", "-l", "Patient/p1", "--no-password",
               status=0)
    assert p.stderr == ""


def test_display_keeps_its_letters(desk):
    n, _ = add(desk, "-k", "admin", "-d", "Zoë <b>&\"Ó", "--no-password",
               status=0)
    assert desk.json("user", "show", n)["display"] == "Zoë <b>&\"Ó"


@pytest.mark.parametrize("args, status, word", [
    ([], 64, "--kind: is missing"),
    (["--kind", "patent"], 64, "did you mean patient?"),
    (["--kind", "patient"], 65, "link"),
    (["--kind", "patient", "--link", "Practitioner/d1"], 65, "link"),
    (["--kind", "patient", "--link", "Patient/../p1"], 65, "link"),
    (["--kind", "patient", "--link", "Patient/none"], 66, "link"),
    (["--kind", "practitioner", "--link", "Practitioner/none"], 66, "link"),
    (["--kind", "admin", "--link", "Practitioner/none"], 66, "link"),
    (["--kind", "related", "--link", "RelatedPerson/none", "-p", "p1"], 66,
     "link"),
    (["--kind", "related", "--link", "RelatedPerson/r"], 65, "patient"),
    (["--kind", "related", "--link", "RelatedPerson/r", "-p", "none"], 66,
     "patient"),
    (["--kind", "admin", "-p", "p1"], 65, "patient"),
    (["--kind", "admin", "-d", "a\nb"], 65, "display"),
    (["--kind", "admin", "--generate"], 64, "--no-password"),
])
def test_add_refuses(desk, args, status, word):
    n = f"u{next(count)}"
    err = desk.fault("user", "add", n, "--no-password", *args,
                     status=status)
    assert word in err
    desk.fault("user", "show", n, status=66)


@pytest.mark.parametrize("n", ["", "A", "a b", "a/b", "a\n", "é", "x" * 65,
                               "tiphys-cli"])
def test_name_that_will_not_do(desk, n):
    assert "name" in desk.fault("user", "add", n, "-k", "admin",
                                "--no-password", status=65)


def test_a_name_is_never_given_twice(desk, name):
    before = desk.json("user", "show", name)
    err = desk.fault("user", "add", name, "-k", "admin", "--no-password",
                     status=65)
    assert "taken" in err
    assert desk.json("user", "show", name) == before


def test_a_name_of_minted_tokens_is_taken_over(desk):
    """What "token mint" gave under this name ends with the new person."""
    n = f"u{next(count)}"
    token = desk("token", "mint", "-s", "user/*.read", "-u", n,
                 status=0).stdout
    desk("token", "explain", "Patient/p1", input=token, status=0)
    desk("user", "add", n, "-k", "patient", "-l", "Patient/p1",
         "--no-password", status=0)
    desk("token", "explain", "Patient/p1", input=token, status=77)


# --- passwords -----------------------------------------------------------------

def test_generated_password_is_shown_once(desk):
    n = f"u{next(count)}"
    p = desk("user", "add", n, "-k", "patient", "-l", "Patient/p1", "-g",
             status=0)
    made = dict(line.split("\t") for line in p.stdout.splitlines())
    assert made["name"] == n and "this once" in p.stderr
    assert re.fullmatch(r"([a-z2-9]{4}-){5}[a-z2-9]{4}", made["password"])
    assert made["password"].encode() not in stored(desk)
    again = desk.json("user", "passwd", n, "--generate")
    assert again["password"] != made["password"]
    for a in (["user", "show", n], ["user", "list"]):
        out = desk(*a, status=0).stdout + desk(*a, "--json").stdout
        assert "argon2" not in out and made["password"] not in out


@pytest.mark.parametrize("text, word", [
    ("fourteen chars", "15 characters"),
    ("aaaaaaaaaaaaaaaaaaaa", "easy"),
    ("abcdefghijklmnopqrstuv", "easy"),
    ("Password-Welcome-2026", "guessed first"),
    ("x" * 1025, "1024"),
    (b"\xff" * 20, "UTF-8"),
])
def test_bad_password_adds_nobody(desk, text, word):
    """LOG-05: refused before anything is hashed or written."""
    n = f"u{next(count)}"
    line = (text.encode() if isinstance(text, str) else text) + b"\n"
    p = run("-c", desk.conf, "user", "add", n, "-k", "admin",
            "--password-file", "-", input=line, text=False)
    assert p.returncode == 65 and word.encode() in p.stderr
    desk.fault("user", "show", n, status=66)


def test_password_of_1024_bytes_is_taken_whole(desk, name):
    text = "correct horse " * 73 + "ab"
    assert len(text) == 1024
    desk("user", "passwd", name, "--password-file", "-", input=text,
         status=0)


@pytest.mark.parametrize("text", ["", "\n", "\r\n", "\nsecond line here"])
def test_empty_password_file(desk, name, text):
    assert "empty" in desk.fault("user", "passwd", name, "--password-file",
                                 "-", input=text, status=64)


def test_password_from_a_file(desk, name, tmp_path):
    f = tmp_path / "pw"
    f.write_bytes(GOOD.encode() + b"\r\nnot this line\n")
    assert desk("user", "passwd", name, "--password-file", f,
                status=0).stdout == ""
    desk.fault("user", "passwd", name, "--password-file", tmp_path / "no",
               status=66)


def test_password_needs_somewhere_to_come_from(desk, name):
    p = desk("user", "passwd", name, status=64, start_new_session=True)
    assert "--password-file" in p.stderr
    desk.fault("user", "passwd", name, "-g", "--password-file", "-",
               status=64)


def test_no_option_holds_a_password():
    for c in ("add", "passwd"):
        text = run("user", c, "--help", status=0).stdout
        assert not re.search(r"--password(?!-file)", text)


def test_passwd_of_nobody(desk):
    assert "no user" in desk.fault("user", "passwd", "nobody", "-g",
                                   status=66)


# --- the terminal ----------------------------------------------------------------

class Terminal:
    """The tool on a terminal of its own."""

    def __init__(self, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(TIPHYS, [TIPHYS, *args])
        self.seen = b""

    def until(self, text, seconds=10):
        end = time.monotonic() + seconds
        while text not in self.seen:
            left = end - time.monotonic()
            assert left > 0, self.seen
            if not select.select([self.fd], [], [], left)[0]:
                continue
            try:
                more = os.read(self.fd, 4096)
            except OSError:
                more = b""
            assert more, self.seen
            self.seen += more

    def type(self, text):
        os.write(self.fd, text)

    def end(self):
        try:
            while True:
                more = os.read(self.fd, 4096)
                if not more:
                    break
                self.seen += more
        except OSError:
            pass
        os.close(self.fd)
        return os.waitpid(self.pid, 0)[1]


def test_prompt_sets_a_password_unseen(desk, name):
    t = Terminal("-c", desk.conf, "user", "passwd", name)
    t.until(b"New password: ")
    t.type(GOOD.encode() + b"!\n")
    t.until(b"Once more: ")
    t.type(GOOD.encode() + b"!\n")
    assert t.end() == 0, t.seen
    assert b"heron" not in t.seen


def test_prompt_wants_the_same_twice(desk, name):
    before = stored(desk)
    t = Terminal("-c", desk.conf, "user", "passwd", name)
    t.until(b"New password: ")
    t.type(GOOD.encode() + b"\n")
    t.until(b"Once more: ")
    t.type(GOOD.encode() + b"x\n")
    assert os.waitstatus_to_exitcode(t.end()) == 64
    assert b"not the same" in t.seen and b"heron" not in t.seen
    assert stored(desk) == before


def test_interrupt_gives_the_echo_back(desk, name):
    t = Terminal("-c", desk.conf, "user", "passwd", name)
    t.until(b"New password: ")
    import termios
    quiet = termios.tcgetattr(t.fd)[3]
    assert not quiet & termios.ECHO
    t.type(b"\x03")
    end = time.monotonic() + 5
    while not termios.tcgetattr(t.fd)[3] & termios.ECHO:
        assert time.monotonic() < end, "the echo stays off"
        time.sleep(0.02)
    status = t.end()
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT


@pytest.mark.parametrize("answer, changed", [
    (b"y\n", True), (b"yes\n", True), (b"\n", False), (b"n\n", False)])
def test_question_on_a_terminal(desk, name, answer, changed):
    t = Terminal("-c", desk.conf, "user", "link", name, "--link",
                 "Patient/p2")
    t.until(b"[y/N]")
    t.type(answer)
    code = os.waitstatus_to_exitcode(t.end())
    assert code == (0 if changed else 64), t.seen
    assert desk.json("user", "show", name)["link"] == (
        "Patient/p2" if changed else "Patient/p1")


# --- changes ---------------------------------------------------------------------

def test_disable_and_enable(desk, name):
    assert desk.json("user", "disable", name) == {"disabled": name}
    assert desk.json("user", "show", name)["enabled"] is False
    assert desk("user", "enable", name, status=0).stdout == ""
    assert desk.json("user", "show", name)["enabled"] is True
    for c in ("disable", "enable", "show"):
        desk.fault("user", c, "nobody", status=66)


def test_link_asks_without_a_terminal(desk, name):
    assert "--yes" in desk.fault("user", "link", name, "-l", "Patient/p2",
                                 status=64)
    assert desk.json("user", "show", name)["link"] == "Patient/p1"
    assert desk.json("user", "link", name, "-l", "Patient/p2", "--yes") == {
        "linked": name}
    assert desk.json("user", "show", name)["link"] == "Patient/p2"
    desk.fault("user", "link", name, status=64)
    desk.fault("user", "link", name, "-l", "Patient/none", "-y", status=66)
    assert desk.json("user", "show", name)["link"] == "Patient/p2"


def test_link_of_a_related_person(desk):
    n, _ = add(desk, "-k", "related", "-l", "RelatedPerson/r", "-p", "p1",
               "-p", "p2", "--no-password", status=0)
    desk("user", "link", n, "-p", "p2", "-y", status=0)
    u = desk.json("user", "show", n)
    assert u["patients"] == ["p2"] and u["link"] == "RelatedPerson/r"


def test_second_factor(desk, name):
    """LOG: shown once, replaced and taken away only when that is meant."""
    p = desk("user", "totp", name, status=0)
    one = dict(line.split("\t") for line in p.stdout.splitlines())
    assert "this once" in p.stderr
    assert len(base64.b32decode(one["secret"])) == 20
    assert one["uri"].startswith("otpauth://totp/")
    assert f"secret={one['secret']}" in one["uri"]
    codes = one["recovery"].split()
    assert len(set(codes)) == 10
    u = desk.json("user", "show", name)
    assert u["totp"] is True and u["recovery"] == 10
    assert one["secret"] not in str(u)

    assert "--yes" in desk.fault("user", "totp", name, status=64)
    two = desk.json("user", "totp", name, "--yes")
    assert two["secret"] != one["secret"] and len(two["recovery"]) == 10
    assert not set(two["recovery"]) & set(codes)

    assert "--yes" in desk.fault("user", "totp", "--off", name, status=64)
    assert desk.json("user", "show", name)["totp"] is True
    assert desk.json("user", "totp", "--off", "-y", name) == {"off": name}
    assert desk.json("user", "show", name)["totp"] is False
    desk.fault("user", "totp", "nobody", status=66)


def test_eight_characters_do_with_a_second_factor(desk, name):
    short = "kX9!heron"
    desk.fault("user", "passwd", name, "--password-file", "-", input=short,
               status=65)
    desk("user", "totp", name, status=0)
    desk("user", "passwd", name, "--password-file", "-", input=short,
         status=0)


# --- the folder --------------------------------------------------------------------

def test_without_a_guard(tool):
    """A data directory made without --issuer says what to do."""
    for args in (["user", "list"], ["client", "list"], ["grant", "list"],
                 ["session", "list"]):
        p = tool(*args, status=66)
        assert "key rotate" in p.stderr and p.stdout == ""
    assert not os.path.exists(tool.dir + "/guard")
    tool("key", "rotate", status=0)
    assert tool("user", "list", status=0).stdout == ""
    assert os.stat(tool.dir + "/guard").st_mode & 0o777 == 0o700


def test_guard_others_may_read(make):
    """CNF: refused, and the folder named."""
    t = make("open", "--issuer", "http://127.0.0.1:8080/auth")
    os.chmod(t.dir + "/guard", 0o750)
    p = t("user", "list", status=78)
    assert "guard" in p.stderr
