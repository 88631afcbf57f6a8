# SPDX-License-Identifier: Apache-2.0
"""How the steps of a case are done.

A case has one step, or a list "steps".  One that is meant to write says so
by "writes"; after all others the store is what it was.  A step is one of

    get     "/Patient/pA"           a target below the mount
    send    ["POST", "/Observation/_search"]
    target  ["GET", "/other"]       the same, with nothing put before it
    raw     ["GET /fhir HTTP/1.1", ...]  lines of an HTTP request, and a body
    fcgi    [["begin"], ["params", {...}], ...]  records to the socket
    run     "name"                  a function of special.py
    tool    ["token", "mint", ...]  a command of tiphys
    config  {...}                   see confcase.py
    do      [["mint", "t1", "scope", "pA"], ...]  see Steps.do_*
    flow    [["open", "alice"], ["authorize"], ...]  see flow.py

and may have: as (a token's name, or a recipe of forge.py), auth (the value of
Authorization, whole), headers, body, times, each {"v": list or "@name"}: once
for each, ${v} replaced, expect, expect_on {server: more of it}, on [servers].

${base} ${port} ${token.NAME} ${A} (canary of A) ${repeat:TEXT:N} are replaced
in every text.
"""

import json
import re
import signal
import socket
import subprocess
import time

import confcase
import expect
import fcgi
import flow
import forge
import special
import wire
from expect import Wrong

MOUNT = "/fhir"


class Output:
    """What a program printed, in the shape of an answer."""

    def __init__(self, process):
        self.status = process.returncode
        self.body = (process.stdout + process.stderr).encode()
        self.raw = self.body
        self.ms = 0


class Steps:
    def __init__(self, site, server, watch):
        self.site, self.server, self.watch = site, server, watch
        self.kind = server if site.mode == "fastcgi" else \
            f"{server}/{site.mode}"
        self.flow = flow.Flow(self) if site.with_auth else None

    def case(self, group, case):
        if self.flow:
            self.flow.fresh()
        for i, step in enumerate(case.get("steps", [case])):
            step = dict({"as": case.get("as", group.get("as"))}, **step)
            if "steps" in case and not self.applies(step.get("on")):
                continue
            try:
                self.step(step)
            except Wrong as e:
                raise Wrong(f"step {i + 1}: {e}") from e

    def applies(self, on):
        """on: kinds of server; "http" is any, "apache/*" in any mode."""
        return on is None or self.kind in on or \
            self.server + "/*" in on or \
            ("http" in on and self.server != "socket")

    def step(self, step):
        each = step.get("each")
        for name, values in (each or {None: [None]}).items():
            for value in self.values(values):
                try:
                    more = {name: value}
                    one = self.fill({k: v for k, v in step.items()
                                     if k != "flow"}, more)
                    if "flow" in step:      # filled in word by word
                        one["flow"] = (step["flow"], more)
                    self.one(one)
                except Wrong as e:
                    raise Wrong(f"{e}\n    with {value!r:.600}" if each
                                else str(e)) from e

    def values(self, values):
        if isinstance(values, list):
            return self.fill(values, {})
        if values in forge.LISTS:
            return forge.LISTS[values](self.site)
        return special.LISTS[values](self.site)

    # --- texts ------------------------------------------------------------

    def fill(self, value, more):
        if isinstance(value, list):
            return [self.fill(v, more) for v in value]
        if isinstance(value, dict):
            return {k: self.fill(v, more) for k, v in value.items()}
        if not isinstance(value, str):
            return value
        if re.fullmatch(r"\$\{\w+\}", value) and value[2:-1] in more:
            return more[value[2:-1]]        # not only texts
        return re.sub(r"\$\{([^}]*)\}", lambda m: self.name(m[1], more),
                      value)

    def name(self, name, more):
        if name in more:
            return str(more[name])
        if name.startswith("token."):
            return self.site.tokens[name[6:]]
        if name.startswith("repeat:"):
            text, n = name.partition(":")[2].rsplit(":", 1)
            return text * int(n)
        if name in self.site.world.marks:
            return self.site.world.marks[name]
        return {"base": self.site.base, "port": str(self.site.port),
                "issuer": self.site.issuer}[name]

    # --- one step ---------------------------------------------------------

    def one(self, step):
        want = dict(step.get("expect", {}))
        want.update(step.get("expect_on", {}).get(self.kind, {}))
        for kind in ("get", "send", "target", "raw", "fcgi", "cgi", "run",
                     "tool", "config", "do", "flow"):
            if kind in step:
                break
        else:
            raise KeyError(f"nothing to do: {step}")
        for _ in range(step.get("times", 1)):
            a = getattr(self, "by_" + kind)(step)
            try:
                expect.check(a, want, lambda t: self.by_get(
                    dict(step, get=t)))
            except Wrong as e:
                raise Wrong(f"{e}\n    asked: {self.asked:.400}\n    answer: "
                            f"{a and a.raw[:1500]!r}") from e

    def by_get(self, step):
        return self.http("GET", MOUNT + step["get"], step)

    def by_send(self, step):
        return self.http(step["send"][0], MOUNT + step["send"][1], step)

    def by_target(self, step):
        return self.http(*step["target"], step)

    def headers(self, step):
        """(headers, name of the token whose view counts)"""
        out = [tuple(h) for h in step.get("headers", ())]
        who = step.get("as")
        if "auth" in step:
            return [("Authorization", step["auth"])] + out, who
        if who is None:
            return out, None
        token = forge.forge(self.site, who) if isinstance(who, dict) else \
            self.site.tokens[who]
        self.watch.token(token)
        who = who.get("from", "tA") if isinstance(who, dict) else who
        return [("Authorization", "Bearer " + token)] + out, who

    def http(self, method, target, step):
        headers, who = self.headers(step)
        self.asked = f"{method} {target} as {who}"
        body = step.get("body")
        began = time.monotonic()
        if self.server == "socket":
            a = fcgi.request(self.site.socket, method, target, headers, body)
        else:
            a = wire.request(self.site.port, method, target, headers, body)
        return self.seen(a, began, who, f"{method} {target}\r\n{body or ''}"
                         f"{headers if 'headers' in step else ''}")

    def seen(self, a, began, who, sent):
        if a is not None:
            a.ms = (time.monotonic() - began) * 1000
        self.watch.look(a, who, sent)
        return a

    def by_raw(self, step):
        if self.server == "socket":
            raise KeyError("raw HTTP needs a web server: say on")
        text = "\r\n".join(step["raw"])
        if step.get("newline"):
            text = text.replace("\r\n", step["newline"])
        self.asked = text
        who = step.get("as") if isinstance(step.get("as"), str) else None
        began = time.monotonic()
        return self.seen(
            wire.exchange(self.site.port, text.encode("latin-1"),
                          half_close=step.get("half_close", False)),
            began, who, text)

    def by_fcgi(self, step):
        data = b""
        headers, who = self.headers(step)
        for kind, *rest in step["fcgi"]:
            if kind == "begin":
                data += fcgi.begin(*rest)
            elif kind == "params":
                env = rest[0]
                if isinstance(env, dict):
                    env = list(env.items())
                if headers:
                    env = env + [("HTTP_AUTHORIZATION", headers[0][1])]
                data += fcgi.stream(fcgi.PARAMS, fcgi.pairs(env),
                                    *rest[1:])
            elif kind == "stdin":
                data += fcgi.stream(fcgi.STDIN, rest[0].encode(), *rest[1:])
            elif kind == "record":      # type, text, id, version
                data += fcgi.record(rest[0], rest[1].encode("latin-1"),
                                    *rest[2:])
            elif kind == "hex":
                data += bytes.fromhex(rest[0])
            else:
                raise KeyError(kind)
        self.asked = repr(data)
        began = time.monotonic()
        return self.seen(
            fcgi.exchange(self.site.socket, data,
                          half_close=step.get("half_close", True)),
            began, who, repr(step["fcgi"]))

    def by_cgi(self, step):
        """The program itself, as a web server runs a CGI program."""
        asked = step["cgi"]
        env = {"GATEWAY_INTERFACE": "CGI/1.1",
               "TIPHYS_CONFIG": self.site.variant(asked.get("base-url")),
               **asked["env"]}
        headers, who = self.headers(step)
        if headers:
            env["HTTP_AUTHORIZATION"] = headers[0][1]
        self.asked = f"{asked}"
        began = time.monotonic()
        p = subprocess.run([self.site.fhir, *asked.get("args", [])], env=env,
                           stdin=subprocess.DEVNULL, capture_output=True,
                           check=False, timeout=10)
        return self.seen(fcgi.from_cgi(p.stdout), began, who, repr(asked))

    def by_run(self, step):
        self.asked = step["run"]
        getattr(special, step["run"])(self, *step.get("args", ()))

    def by_tool(self, step):
        self.asked = "tiphys " + " ".join(step["tool"])
        return Output(self.site.tool(*step["tool"], check=False))

    def by_config(self, step):
        self.asked = json.dumps(step["config"])
        return Output(confcase.run(step["config"]))

    def by_flow(self, step):
        return self.flow.do(*step["flow"])

    # --- what happens between requests ------------------------------------

    def by_do(self, step):
        self.asked = json.dumps(step["do"])
        for name, *args in step["do"]:
            getattr(self, "do_" + name)(*args)

    def do_mint(self, name, scope, patient=None, user=None, ttl=None):
        self.site.tokens[name] = self.site.mint(scope, patient, user, ttl)

    def do_revoke(self, name):
        self.site.tool("token", "revoke", stdin=self.site.tokens[name])

    def do_forge(self, name, recipe):
        self.site.tokens[name] = forge.forge(self.site, recipe)

    def do_sleep(self, seconds):
        time.sleep(seconds)

    def do_page(self, name, target, token):
        """Remember the link to the next page of a search, as ${token.X}."""
        a = self.http("GET", MOUNT + target, {"as": token})
        link = next(x["url"] for x in a.json()["link"]
                    if x["relation"] == "next")
        self.site.tokens[name] = link[len(self.site.base):]

    def do_configure(self, keys):
        """Set keys; workers that go by them."""
        self.site.configure(keys)
        self.do_reload()

    def do_reload(self):
        """SIGHUP: all workers, and what they remember, are new."""
        if self.site.pool is None:
            return
        old = set(self.site.pids())
        self.site.pool.send_signal(signal.SIGHUP)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            now = set(self.site.pids())
            if not now & old and len(now) == self.site.workers:
                break
            time.sleep(0.02)
        else:
            raise Wrong(f"SIGHUP: workers are still {self.site.pids()}")
        self.watch.settle()

    def do_hang_up(self, target, token, n):
        """Ask, and go away before the answer."""
        data = wire.build(self.site.port, "GET", MOUNT + target, [
            ("Authorization", "Bearer " + self.site.tokens[token])])
        for _ in range(n):
            with socket.create_connection(("127.0.0.1", self.site.port)) \
                    as s:
                s.sendall(data)
