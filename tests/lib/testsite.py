# SPDX-License-Identifier: Apache-2.0
"""A whole site for a test: store, pool or CGI, and a real web server.

Everything lies in one temporary folder and on a free port; as root the
servers run as www-data, as an ordinary user as that user.  The web-server
configurations are those of examples/, with their @NAMES@ filled in.
"""

import glob
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import wire

SRC = os.environ.get("SRC") or os.path.realpath(
    os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("BUILD") or os.path.join(SRC, "build")
ROOT = os.geteuid() == 0
USER = "www-data" if ROOT else pwd.getpwuid(os.geteuid()).pw_name

# (server, mode) to the file of examples/ it runs
TEMPLATES = {
    ("lighttpd", "fastcgi"): "lighttpd/tiphys.conf",
    ("lighttpd", "spawn"): "lighttpd/spawn.conf",
    ("lighttpd", "cgi"): "lighttpd/cgi.conf",
    ("nginx", "fastcgi"): "nginx/tiphys.conf",
    ("apache", "fastcgi"): "apache/proxy-fcgi.conf",
    ("apache", "cgi"): "apache/cgid.conf",
    ("apache", "htaccess"): "apache/htaccess.conf",
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def program(name):
    return os.path.join(BUILD, name)


def find(name):
    return shutil.which(name) or shutil.which(
        name, path="/usr/sbin:/usr/local/sbin:/sbin")


class Site:
    """with Site(load=[...]) as s: s.get("/Patient/ella", token)

    server None: no web server, the pool's socket alone (self.socket).
    auth True: with tiphys-auth below /auth (self.issuer); auth_user: under
    an account of its own.
    """

    def __init__(self, server="lighttpd", load=(), workers=4, keys=None,
                 mode="fastcgi", auth=False, auth_user=None):
        self.server, self.mode, self.workers = server, mode, workers
        self.with_auth, self.auth_user = auth, auth_user
        self.children = []
        self.pool = self.auth_pool = self.web = None
        self.tokens = {}
        self.dir = tempfile.mkdtemp(prefix="tiphys-test.")
        try:
            self.prepare(keys or {}, load)
        except BaseException:
            self.stop()
            raise

    def prepare(self, keys, load):
        os.chmod(self.dir, 0o755)
        self.data = os.path.join(self.dir, "data")
        self.run = os.path.join(self.dir, "run")
        self.socket = os.path.join(self.run, "fhir.sock")
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}/fhir"
        self.issuer = f"http://127.0.0.1:{self.port}/auth"
        self.conf = os.path.join(self.data, "tiphys.conf")
        # Where the web servers' user may run it, wherever it was built.
        self.fhir = os.path.join(self.dir, "tiphys-fhir")
        shutil.copy(program("tiphys-fhir"), self.fhir)
        if os.path.exists(program("tiphys-rsa.so")):
            shutil.copy(program("tiphys-rsa.so"), self.dir)
        self.auth = os.path.join(self.dir, "tiphys-auth")
        if self.with_auth:
            shutil.copy(program("tiphys-auth"), self.auth)
        os.mkdir(self.run)
        if ROOT:
            shutil.chown(self.run, USER, USER)
        self.tool_plain("init", "--dir", self.data, "--base-url", self.base,
                        *(["--issuer", self.issuer] if self.with_auth
                          else []),
                        *(["--user", USER, "--group", USER] if ROOT else []),
                        *(["--auth-user", self.auth_user] if self.auth_user
                          else []))
        if keys:
            self.configure(keys)
        for path in load:
            self.tool("load", path)

    def configure(self, keys):
        """Set keys, in the place of what init wrote."""
        with open(self.conf, "r+") as f:
            lines = [x for x in f if x.split("=")[0].strip() not in keys]
            f.seek(0)
            f.truncate()
            f.writelines(lines)
            f.writelines(f"{n} = {v}\n" for n, v in keys.items())

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.stop()

    # --- the tool -----------------------------------------------------------

    def tool_plain(self, *args, stdin=None, check=True, **kw):
        p = subprocess.run([program("tiphys"), *args], input=stdin,
                           capture_output=True, text=True, **kw)
        if check and p.returncode:
            raise RuntimeError(f"tiphys {args}: {p.returncode}\n{p.stderr}")
        return p

    def tool(self, *args, **kw):
        return self.tool_plain("-c", self.conf, *args, **kw)

    def mint(self, scope, patient=None, user=None, ttl=None):
        args = ["token", "mint", "--scope", scope]
        for name, value in (("--patient", patient), ("--user", user),
                            ("--ttl", ttl)):
            if value is not None:
                args += [name, str(value)]
        return self.tool(*args).stdout.strip()

    def variant(self, base=None):
        """A configuration beside the first: the same data, another base."""
        if base is None:
            return self.conf
        path = os.path.join(self.data, "variant.conf")
        with open(self.conf) as f:
            lines = [x for x in f.read().splitlines()
                     if x.split("=")[0].strip() != "base-url"]
        with open(path, "w") as f:
            f.write("\n".join(lines + ["base-url = " + base]) + "\n")
        shutil.copystat(self.conf, path)
        if ROOT:
            st = os.stat(self.conf)
            os.chown(path, st.st_uid, st.st_gid)
        return path

    # --- the servers ------------------------------------------------------

    def template(self, name):
        with open(os.path.join(SRC, "examples", name)) as f:
            text = f.read()
        for key, value in (("PORT", self.port), ("RUN", self.run),
                           ("USER", USER), ("GROUP", USER),
                           ("CONFIG", self.conf), ("PROGRAM", self.fhir),
                           ("AUTH", self.auth)):
            text = text.replace(f"@{key}@", str(value))
        left = re.search("@[A-Z]+@", text)
        if left:
            raise RuntimeError(f"{name}: what is {left.group()}?")
        return text

    def spawn(self, args, log, **kw):
        with open(os.path.join(self.run, log), "ab") as out:
            p = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=out, start_new_session=True, **kw)
        self.children.append(p)
        return p

    def start(self):
        """Pool (where the mode has one of its own) and web server."""
        try:
            if self.mode == "fastcgi":
                self.start_pool()
            if self.server:
                self.start_web()
                self.wait()
        except BaseException:
            self.stop()
            raise

    def start_pool(self):
        self.pool = self.start_one(self.fhir, self.socket, "fhir.log")
        if self.with_auth:
            self.auth_pool = self.start_one(
                self.auth, os.path.join(self.run, "auth.sock"), "auth.log")

    def start_one(self, exe, sock, log):
        pool = self.spawn([exe, "-c", self.conf, "-s", sock,
                           "-n", str(self.workers)], log)
        end = time.monotonic() + 10
        while not os.path.exists(sock):
            if pool.poll() is not None or time.monotonic() > end:
                raise RuntimeError("no socket: " + self.log(log))
            time.sleep(0.01)
        return pool

    def start_web(self):
        text = self.template(TEMPLATES[self.server, self.mode])
        if not ROOT:        # who is no root cannot change its user
            text = "".join(line + "\n" for line in text.splitlines()
                           if not line.startswith(
                               ("server.username", "server.groupname",
                                "user ", "User ", "Group ")))
        if self.mode == "htaccess":
            self.account()
        path = self.write(self.server + ".conf", text)
        self.web = self.spawn({
            "lighttpd": [find("lighttpd"), "-D", "-f", path],
            "nginx": [find("nginx"), "-p", self.run, "-c", path, "-e",
                      self.run + "/nginx-error.log", "-g", "daemon off;"],
            "apache": [find("apache2"), "-DFOREGROUND", "-f", path],
        }[self.server], "web.log")

    def account(self):
        """What the owner of one account on a shared host uploads."""
        www = os.path.join(self.run, "www", "fhir")
        os.makedirs(www)
        shutil.copy(self.fhir, os.path.join(www, "fhir.cgi"))
        with open(os.path.join(www, ".htaccess"), "w") as f:
            f.write(self.template("apache/htaccess"))

    def write(self, name, text):
        path = os.path.join(self.run, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def wait(self, seconds=10):
        """Until the whole chain answers; says what the logs say if not."""
        end = time.monotonic() + seconds
        last = None
        while time.monotonic() < end:
            try:
                last = wire.request(self.port, "GET", "/fhir/metadata")
                if last and last.status == 200:
                    return
            except OSError:
                pass
            if self.web.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"no answer ({last}): {self.logs()}")

    def log(self, name):
        try:
            with open(os.path.join(self.run, name), errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def logs(self):
        return "".join(self.log(os.path.basename(p))
                       for p in sorted(glob.glob(self.run + "/*.log")))

    def pids(self, pool=None):
        """The workers of a pool; without one, of tiphys-fhir's."""
        pid = (pool or self.pool).pid
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return sorted(int(p) for p in f.read().split())

    def all_pids(self):
        """The workers of both programs."""
        return self.pids() + (self.pids(self.auth_pool)
                              if self.auth_pool else [])

    def stop(self):
        for p in reversed(self.children):
            if p.poll() is None:
                p.terminate()
        for p in self.children:
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                pass
            try:            # what is left of its group, if anything
                os.killpg(p.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            p.wait()
        self.children = []
        shutil.rmtree(self.dir, ignore_errors=True)

    # --- requests ---------------------------------------------------------

    def send(self, method, path, token=None, headers=(), body=None, **kw):
        headers = list(headers)
        if token:
            headers.append(("Authorization", "Bearer " + token))
        return wire.request(self.port, method, "/fhir" + path, headers,
                            body, **kw)

    def get(self, path, token=None, **kw):
        return self.send("GET", path, token, **kw)

    def signing_key(self):
        """The private key, as a JWK: the tests forge with it."""
        for path in sorted(glob.glob(self.data + "/keys/*.jwk")):
            with open(path) as f:
                return json.load(f)
        raise RuntimeError("no key")
