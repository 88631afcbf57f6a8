# SPDX-License-Identifier: Apache-2.0
"""What cannot be said as one request and one answer.

Each function gets the Steps it runs in and raises Wrong; LISTS are values
for "each" that come from the tables.
"""

import json
import os
import re
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import fcgi
import tables
from expect import Wrong, need
from special_dos import (                       # noqa: F401
    empty_quota, fill_quota, flood_assertions)
from testsite import ROOT, SRC, program


def nobodys_socket(steps):
    """CGI-01: who is not of the web server's group cannot connect."""
    path = steps.site.socket
    mode = os.stat(path).st_mode & 0o777
    need(mode == 0o660, f"the socket has mode {mode:o}")
    mode = os.stat(steps.site.data).st_mode & 0o777
    need(mode & 0o007 == 0, f"the data folder has mode {mode:o}")
    if not ROOT:
        return                      # we cannot become somebody else
    code = ("import os, socket, sys\n"
            "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
            "try: socket.socket(socket.AF_UNIX).connect(sys.argv[1])\n"
            "except PermissionError: sys.exit(7)\n")
    p = subprocess.run(["/usr/bin/python3", "-c", code, path],
                       capture_output=True, check=False)
    need(p.returncode == 7, f"nobody could connect: {p}")


def sources():
    """(name, text) of all that the programs are made of."""
    for folder in ("base", "fhir", "store", "auth", "fcgi", "fcgi/rest",
                   "fcgi/smart", "cli"):
        for name in sorted(os.listdir(os.path.join(SRC, folder))):
            if name.endswith((".c", ".h")):
                with open(os.path.join(SRC, folder, name)) as f:
                    yield f"{folder}/{name}", f.read()


def no_tcp(steps):
    """CGI-02: no process of ours has a socket of the net."""
    for name, text in sources():
        # inet_pton reads an address as text; nothing may open a socket.
        need(not re.search(r"socket\(\s*AF_INET|sockaddr_in|getaddrinfo",
                           text), f"{name} opens a socket of the net")
    if not ROOT:
        return              # who is no root may not look into a worker
    inodes = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        with open("/proc/net/" + name) as f:
            inodes |= {line.split()[9] for line in f.readlines()[1:]}
    for pid in [steps.site.pool.pid] + steps.site.pids():
        folder = f"/proc/{pid}/fd"
        for fd in os.listdir(folder):
            to = os.readlink(f"{folder}/{fd}")
            found = re.fullmatch(r"socket:\[(\d+)\]", to)
            need(not found or found[1] not in inodes,
                 f"process {pid} holds a socket of the net")


def stalled_peers(steps):
    """CGI-07: silent peers on all workers; then somebody else asks."""
    site = steps.site
    held = []
    for first in (b"", fcgi.begin(), fcgi.begin() + b"\1"):
        for _ in range(site.workers):
            s = socket.socket(socket.AF_UNIX)
            s.connect(site.socket)
            s.sendall(first)
            held.append(s)
    began = time.monotonic()
    a = fcgi.request(site.socket, "GET", "/fhir/metadata", timeout=30)
    took = time.monotonic() - began
    for s in held:
        s.close()
    need(a is not None and a.status == 200, f"no answer: {a}")
    # three rounds of silence, each cut off after the receive timeout
    need(took < 10, f"it took {took:.1f} s")


def without_variable(steps, name):
    """CGI-04: what no web server leaves out is missing: no answer."""
    env = [(n, v) for n, v in fcgi.variables("GET", "/fhir/metadata")
           if n != name]
    a = fcgi.exchange(steps.site.socket, fcgi.plain(env))
    need(a is None, f"without {name}: {a}")


def unprivileged(steps):
    """CNF-05: started by root, the workers are not."""
    if not ROOT:
        return
    for pid in steps.site.pids():
        with open(f"/proc/{pid}/status") as f:
            text = f.read()
        uids = re.search(r"Uid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", text)
        need("0" not in uids.groups(), f"worker {pid} is root: {uids[0]}")
        caps = re.search(r"CapPrm:\s+(\w+)", text)[1]
        need(int(caps, 16) == 0, f"worker {pid} has capabilities {caps}")
        need("NoNewPrivs:\t1" in text, f"worker {pid} may gain rights")


def no_switches(steps):
    """CNF-02: nothing in the environment turns a check off."""
    known = {"GATEWAY_INTERFACE", "TIPHYS_CONFIG", "NO_COLOR", "TERM",
             "COLUMNS", "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING",
             "HTTP_AUTHORIZATION", "HTTP_DPOP"}
    calls = re.compile(r'getenv\((?:"(\w+)"|[^)]*)\)')
    for name, text in sources():
        for found in calls.finditer(text):
            need(found[1] in known, f"{name}: {found[0]}")
    with open(program("tiphys-fhir"), "rb") as f:
        text = f.read()
    found = re.search(rb"NODE_ENV|INSECURE|DISABLE_AUTH|NO_AUTH|SKIP_AUTH|"
                      rb"UNSAFE|DEBUG_TOKEN|TEST_MODE", text)
    need(not found, f"the program holds {found and found[0]!r}")


def same_after_reload(steps):
    """TOK-26: caches are emptied between requests: nobody sees more."""
    asks = [(t, p) for t in ("tA", "tLim", None)
            for p in ("/Patient/pA", "/Patient/pB", "/Observation?_count=5",
                      "/Condition")]
    answers = {}
    for n in range(1000 // len(asks)):
        if n in (20, 50):
            steps.do_reload()
        for token, target in asks:
            a = steps.http("GET", "/fhir" + target, {"as": token})
            key = (a.status, a.body.count(b"fullUrl"), b"pB" in a.body)
            if answers.setdefault((token, target), key) != key:
                raise Wrong(f"{target} as {token}: {key}, before: "
                            f"{answers[token, target]}")


def templates_ask_for_tls(steps):
    """HTTP-21: each server's file says how TLS is to be set up."""
    for name, wanted in (("lighttpd/tiphys.conf", "TLSv1.2"),
                         ("nginx/tiphys.conf", "ssl_protocols TLSv1.2"),
                         ("apache/proxy-fcgi.conf", "SSLProtocol")):
        with open(os.path.join(SRC, "examples", name)) as f:
            need(wanted in f.read(), f"{name} does not say {wanted}")


def form_refused(steps, form):
    """SRC-17: a form under any other name is not read."""
    kind, body = form
    a = steps.by_send({
        "send": ["POST", "/Observation/_search"], "as": "tA", "body": body,
        "headers": [["Content-Type", kind]]})
    need(a is not None and a.status == 415, f"{kind}: {a}")


def at_once(steps, n, targets):
    """DOS-03: so many requests together; each is answered, none is long."""
    def one(i):
        return steps.by_send({"send": ["GET", targets[i % len(targets)]],
                              "as": "tSys"})
    began = time.monotonic()
    with ThreadPoolExecutor(n) as pool:
        got = list(pool.map(one, range(n)))
    took = time.monotonic() - began
    odd = [a for a in got if a is None or a.status not in (200, 503)]
    need(not odd, f"{len(odd)} of {n}, as {odd[:1]}")
    need(sum(a.status == 200 for a in got) > n / 2, "hardly one answered")
    need(took < 20, f"{n} took {took:.1f} s")


def types(site):
    """Types of which B has an instance that A must not see."""
    w = site.world
    return [f"{k}/{w.name(k, 'B')}" for k in tables.owners()
            if w.owner.get((k, w.name(k, "B"))) == "B"]


def link_changes(site):
    """SRC-10: the page link, changed at every sixth place, and cut."""
    link = site.tokens["link"]
    at = link.index("_cursor=") + len("_cursor=")
    end = link.find("&", at) if "&" in link[at:] else len(link)
    for i in range(at, end, 6):
        yield link[:i] + ("A" if link[i] != "A" else "B") + link[i + 1:]
    for i in range(at + 1, end, 9):
        yield link[:i] + link[end:]


LISTS = {"@types": types, "@link-changes": link_changes}


# --- BAT -------------------------------------------------------------------

def many_entries(steps):
    """BAT-08: 10,001 entries; 1,000 that would each be a long page."""
    def ask(url, n):
        one = {"request": {"method": "GET", "url": url}}
        return steps.http("POST", "/fhir/", {
            "as": "tOwn", "headers": [["Content-Type", "application/json"]],
            "body": json.dumps({"resourceType": "Bundle", "type": "batch",
                                "entry": [one] * n})})
    a = ask("Patient/pA", 10001)
    if a.status != 413:
        raise Wrong(f"10,001 entries: {a}")
    a = ask("Observation?_include=*&_count=1000", 1000)
    if a.status not in (200, 400, 413):
        raise Wrong(f"entries that multiply: {a}")


def post(steps, text):
    a = steps.http("POST", "/fhir/Observation", {
        "as": "tOwn", "headers": [["Content-Type", "application/json+fhir"]],
        "body": text})
    need(a is not None, "no answer")
    return a


def many_names(steps):
    """JSN-12: an object of a hundred thousand names."""
    names = ",".join(f'"k{i}":1' for i in range(100000))
    a = post(steps, '{"resourceType":"Observation",' + names + "}")
    need(a.status in (400, 413) and a.ms < 1500, f"{a.status} in {a.ms:.0f} ms")


def replaced(value):
    """Each value of a resource in turn by each other kind of JSON."""
    if isinstance(value, dict):
        for name, v in value.items():
            for new in replaced(v):
                yield dict(value, **{name: new})
    elif isinstance(value, list):
        for i, v in enumerate(value):
            for new in replaced(v):
                yield value[:i] + [new] + value[i + 1:]
    for other in ("x", 7, True, None, [], ["x"], [[]], {}, {"x": 1}):
        if kind_of(other) != kind_of(value):
            yield other


def kind_of(value):
    """Of JSON, which has one kind of number."""
    return "number" if type(value) in (int, float) else type(value)


def other_types(steps):
    """JSN-11: refused, and never an error of ours."""
    want = {"resourceType": "Observation", "status": "final",
            "code": {"coding": [{"system": "http://loinc.org",
                                 "code": "8302-2"}], "text": "height"},
            "subject": {"reference": "Patient/pA"},
            "effectivePeriod": {"start": "2015-01-01"},
            "valueQuantity": {"value": 1.5, "unit": "m"},
            "component": [{"code": {"text": "x"}, "valueBoolean": True}]}
    bad = list(replaced(want))
    need(len(bad) > 150, f"only {len(bad)} of them")
    for r in bad:
        a = post(steps, json.dumps(r))
        need(a.status in (400, 403, 422), f"{json.dumps(r)}: {a}")
