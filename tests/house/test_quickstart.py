# SPDX-License-Identifier: Apache-2.0
"""examples/quickstart, as a stranger runs it; as root and as somebody.

Issue 7: exit statuses, the facts, the curl lines, and no child left.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))

import browser      # noqa: E402
import testsite     # noqa: E402
import wire         # noqa: E402

SCRIPT = os.path.join(testsite.SRC, "examples/quickstart")
ENV = {**os.environ, "TIPHYS_BUILD": testsite.BUILD, "LC_ALL": "C.UTF-8"}


RUNS = []


@pytest.fixture
def top():
    path = tempfile.mkdtemp(prefix="tiphys-quick.")
    os.chmod(path, 0o755)
    yield path
    for r in RUNS:      # of a test that failed on its way
        if r.p.poll() is None:
            r.p.terminate()
            r.p.wait(20)
    RUNS.clear()
    shutil.rmtree(path, ignore_errors=True)


def children(session):
    """Processes of this session that are no zombies."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8",
                      errors="replace") as f:
                rest = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(rest[3]) == session and rest[0] not in "ZX":
            found.append(int(pid))
    return found


class Run:
    """The script in a session of its own, so that nothing can hide."""

    def __init__(self, top, *args, env=None, before=()):
        self.facts = os.path.join(top, "facts.json")
        self.p = subprocess.Popen(
            [*before, SCRIPT, "-p", "0", "--no-install", *args],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={**ENV, "TMPDIR": top, **(env or {})})
        RUNS.append(self)

    def end(self, seconds=60):
        out, err = self.p.communicate(timeout=seconds)
        deadline = time.monotonic() + 5
        while children(self.p.pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        left = children(self.p.pid)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert left == [], "children outlive it"
        return self.p.returncode, out, err

    def ready(self, seconds=60):
        """The facts, once it serves."""
        end = time.monotonic() + seconds
        while not os.path.exists(self.facts):
            assert self.p.poll() is None, self.p.communicate()
            assert time.monotonic() < end, "not in time"
            time.sleep(0.05)
        with open(self.facts, encoding="utf-8") as f:
            return json.load(f)


def get(base, path, token=None):
    port = int(re.search(r":(\d+)/", base).group(1))
    return wire.request(port, "GET", "/fhir" + path, [
        ("Authorization", "Bearer " + token)] if token else [])


def judge(facts):
    """What a test of somebody else's reads from the facts must hold."""
    assert set(facts) == {"base", "issuer", "config", "bin", "patient",
                          "users", "app", "tokens"}
    assert set(facts["tokens"]) == {"patient", "clinician"}
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/fhir", facts["base"])
    assert os.path.isabs(facts["config"]) and os.path.isabs(facts["bin"])
    assert facts["issuer"] == facts["base"].replace("/fhir", "/auth")
    for name in ("tiphys", "tiphys-fhir", "tiphys-auth"):
        assert os.access(os.path.join(facts["bin"], name), os.X_OK)
    base, patient = facts["base"], facts["patient"]
    token = facts["tokens"]
    a = get(base, "/Patient/" + patient, token["patient"])
    assert a.status == 200 and a.json()["id"] == patient
    assert get(base, "/Patient", token["patient"]).json()["total"] == 1
    assert get(base, "/Patient/" + patient).status == 401
    a = get(base, "/Patient?_count=0", token["clinician"])
    assert a.status == 200 and a.json()["total"] >= 1
    p = subprocess.run([os.path.join(facts["bin"], "tiphys"), "-c",
                        facts["config"], "stats", "--json"],
                       capture_output=True, text=True)
    assert p.returncode == 0, p.stderr


def judge_people(facts):
    """Who is printed can sign in, and is who they are said to be."""
    port = int(re.search(r":(\d+)/", facts["base"]).group(1))
    for user in facts["users"]:
        assert set(user) == {"name", "password", "kind"}
        page = browser.Browser(port).get("/auth/login?to=apps")
        bad = page.submit(username=user["name"], password="not this one")
        assert bad.status == 403 and "Sign in" in bad.title, bad
        page = bad.submit(username=user["name"], password=user["password"])
        assert page.status == 200, page
        assert "Sign in" not in page.title, page
    for doc in ("/fhir/.well-known/smart-configuration",
                "/auth/.well-known/smart-configuration",
                "/auth/.well-known/openid-configuration"):
        d = wire.request(port, "GET", doc).json()
        assert d["token_endpoint"] == facts["issuer"] + "/token"
    # What lies beside the app is not served.
    for path in ("/lighttpd.log", "/run/lighttpd.log", "/../tiphys.conf"):
        assert wire.request(port, "GET", path).status in (400, 404)


def test_check(top):
    """--check: its own lines work, it ends with 0 and leaves nothing."""
    r = Run(top, "--check", "--facts", top + "/facts.json")
    code, out, err = r.end()
    assert code == 0, err
    lines = re.findall(r"^curl .*$", out, re.M)
    assert len(lines) >= 6
    assert len(re.findall(r"^ok {6}curl", err, re.M)) == len(lines)
    with open(r.facts, encoding="utf-8") as f:
        facts = json.load(f)
    assert facts["patient"] == "ella" and facts["base"] in out
    assert facts["tokens"]["patient"] in out
    assert os.stat(r.facts).st_mode & 0o077 == 0, "tokens are secrets"
    assert os.listdir(top) == ["facts.json"], "its folder is gone"
    with pytest.raises(OSError):
        get(facts["base"], "/metadata")


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM,
                                 signal.SIGHUP])
def test_runs_until_stopped(top, sig):
    r = Run(top, "--facts", top + "/facts.json")
    facts = r.ready()
    judge(facts)
    if sig == signal.SIGINT:
        judge_people(facts)
        assert [u["kind"] for u in facts["users"]] == ["patient",
                                                       "practitioner"]
    os.kill(r.p.pid, sig)
    code, out, err = r.end()
    assert code == 0, err
    assert os.listdir(top) == ["facts.json"]


def test_terminal_sends_it_to_all(top):
    """Ctrl-C reaches the whole group at once; still in good order."""
    r = Run(top, "--facts", top + "/facts.json")
    r.ready()
    os.killpg(r.p.pid, signal.SIGINT)
    assert r.end()[0] == 0


def test_printed_lines_work_while_it_runs(top):
    """The lines as they stand on the screen, by another shell."""
    r = Run(top, "--facts", top + "/facts.json")
    facts = r.ready()
    out = ""
    while "without a token" not in out:
        out += r.p.stdout.readline()
    lines = re.findall(r"^curl .*$", out, re.M)
    got = [subprocess.run(["sh", "-c", line], capture_output=True,
                          text=True).stdout for line in lines]
    assert '"Conformance"' in got[0]
    assert f'"id": "{facts["patient"]}"' in got[1]
    assert "HTTP/1.1 401" in got[-1] and "HTTP/1.1 404" in got[-2]
    r.p.terminate()
    code, _, err = r.end()
    assert code == 0 and "Ctrl-C" in err


def test_keeps_a_folder_that_was_named(top):
    """-d: what is made stays, of mode 0750 and the server's."""
    r = Run(top, "--check", "-d", top + "/new/folder")
    code, _, err = r.end()
    assert code == 0, err
    st = os.stat(top + "/new/folder")
    assert st.st_mode & 0o007 == 0
    if testsite.ROOT:
        import pwd
        assert st.st_uid == pwd.getpwnam("www-data").pw_uid
    p = subprocess.run([testsite.program("tiphys"), "-c",
                        top + "/new/folder/tiphys.conf", "check"],
                       capture_output=True, text=True)
    assert p.returncode == 0, p.stderr
    r = Run(top, "--check", "-d", top + "/new/folder")
    code, _, err = r.end()
    assert code == 73 and "not empty" in err


def test_other_data(top):
    """--data, twice, from a folder nobody else may read."""
    private = top + "/private"
    os.mkdir(private, 0o700)
    for name in ("00-clinic.ndjson", "yuki.ndjson"):
        shutil.copy(os.path.join(testsite.SRC, "examples/patients", name),
                    private)
        os.chmod(os.path.join(private, name), 0o600)
    r = Run(top, "--facts", top + "/facts.json",
            "--data", private + "/00-clinic.ndjson",
            "--data", private + "/yuki.ndjson")
    facts = r.ready()
    assert facts["patient"] == "yuki"
    judge(facts)
    r.p.terminate()
    assert r.end()[0] == 0


def test_data_without_a_patient(top):
    r = Run(top, "--check", "--data", os.path.join(
        testsite.SRC, "examples/patients/00-clinic.ndjson"))
    code, _, err = r.end()
    assert code == 65 and "Patient" in err
    with open(top + "/bad.ndjson", "w", encoding="ascii") as f:
        f.write("{]\n")
    os.chmod(top + "/bad.ndjson", 0o644)
    code, _, err = Run(top, "--check", "--data", top + "/bad.ndjson").end()
    assert code == 65 and "bad.ndjson:1" in err
    assert os.listdir(top) == ["bad.ndjson"]


def test_a_taken_port(top):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        p = subprocess.run([SCRIPT, "--no-install", "--check", "-p",
                            str(port)], capture_output=True, text=True,
                           env={**ENV, "TMPDIR": top}, timeout=60)
    assert p.returncode == 69 and str(port) in p.stderr
    assert os.listdir(top) == []


@pytest.mark.parametrize("args", [
    ["--nonsense"], ["-p"], ["-p", "x"], ["-p", "70000"], ["-p", ""], ["-d"],
    ["--facts"], ["--data"], ["--data", "/nonexistent"], ["extra"]])
def test_wrong_usage(top, args):
    p = subprocess.run([SCRIPT, *args], capture_output=True, text=True,
                       env={**ENV, "TMPDIR": top}, timeout=30)
    assert p.returncode == 64 and p.stderr and p.stdout == ""
    assert os.listdir(top) == []


def test_help():
    p = subprocess.run([SCRIPT, "--help"], capture_output=True, text=True)
    assert p.returncode == 0 and p.stderr == ""
    for word in ("-p PORT", "-d DIR", "--data", "--no-install", "--check",
                 "--facts"):
        assert word in p.stdout


@pytest.mark.skipif(not testsite.ROOT, reason="only root becomes another")
def test_as_an_ordinary_user(top):
    """Somebody with the packages, the sources and a build of his own."""
    run = ["runuser", "-u", "www-data", "--"]
    if subprocess.run([*run, "test", "-r", SCRIPT]).returncode:
        pytest.skip("www-data may not read the sources here")
    home = top + "/home"
    os.mkdir(home)
    shutil.copytree(testsite.BUILD, home + "/build", symlinks=True,
                    ignore=shutil.ignore_patterns("logs", "unit", "*.log"))
    subprocess.run(["chown", "-R", "www-data:", home], check=True)
    r = Run(top, "--check", "--facts", home + "/facts.json", before=run,
            env={"TIPHYS_BUILD": home + "/build", "TMPDIR": home,
                 "HOME": home})
    code, out, err = r.end()
    assert code == 0, err
    assert "dr-lee" in out
    with open(home + "/facts.json", encoding="utf-8") as f:
        assert json.load(f)["patient"] == "ella"
