# SPDX-License-Identifier: Apache-2.0
"""What must hold after every case, whatever it was about.

    O1  no canary outside of the caller's view, in any part of an answer
    O3  no token, secret or canary in any log, not even of a refused request
    O4  no worker died, reported an error of memory or kept a descriptor
    O7  the stored bytes are the same after the group
    O8  how long refusals took (told, not judged)
    HTTP-18  no answer of 400 and above tells paths, sources or versions
"""

import hashlib
import json
import os
import re
import subprocess
import time

import forge
from expect import Wrong, need
from testsite import ROOT, program

INNER = re.compile(
    r"/tmp/|/usr/|\.c:\d|MDB_|[Ll]mdb|ERR_[A-Z]|tiphys-test|0x[0-9a-f]{6}|"
    r"line \d+(?!\d|, column)|[Jj]ansson|errno")


class Oracles:
    def __init__(self, site):
        self.site = site
        self.marks = site.world.marks
        self.slowest = None
        self.used = set()           # tokens that were sent
        self.told = set()           # a log is long: each fault once
        self.workers = []

    # --- around a group, around a case -----------------------------------

    def begin(self):
        self.stored = self.digest()
        self.settle()
        self.open = self.descriptors()

    def settle(self):
        """The workers of now are the ones to compare with."""
        if self.site.pool is not None:
            end = time.monotonic() + 5
            want = self.site.workers * (2 if self.site.with_auth else 1)
            while len(self.site.all_pids()) != want and \
                    time.monotonic() < end:
                time.sleep(0.02)
            self.workers = self.site.all_pids()

    def after(self):
        if self.site.pool is None:
            return
        need(self.site.pool.poll() is None, "O4: the pool has ended")
        now = self.site.all_pids()
        need(now == self.workers,
             f"O4: workers were {self.workers}, are {now}\n" +
             self.site.log("fhir.log")[-2000:] +
             self.site.log("auth.log")[-2000:])

    def unchanged(self):
        need(self.digest() == self.stored,
             "O7: the stored records have changed")

    def end(self):
        """What went wrong over the whole group."""
        out = []
        if self.digest() != self.stored:
            out.append("O7: the stored records have changed")
        now = self.descriptors()
        for pid in set(now) & set(self.open):
            if now[pid] > self.open[pid]:
                out.append(f"O4: worker {pid} had {self.open[pid]} "
                           f"descriptors, has {now[pid]}")
        out += [x for x in self.logs() if x not in self.told]
        self.told.update(out)
        return out

    def descriptors(self):
        """Of each worker; who is no root may not look."""
        if self.site.pool is None or not ROOT:
            return {}
        time.sleep(0.1)             # what was asked last is put away
        return {p: len(os.listdir(f"/proc/{p}/fd"))
                for p in self.site.all_pids()}

    def digest(self):
        # Bytes, not text: what is stored need not be UTF-8.
        p = subprocess.run([program("tiphys"), "-c", self.site.conf,
                            "export"], capture_output=True, check=False)
        need(p.returncode == 0, f"tiphys export: {p.stderr!r}")
        lines = sorted(p.stdout.splitlines())
        need(len(lines) > 100, "tiphys export: there is no world")
        return hashlib.sha256(b"\n".join(lines)).hexdigest()

    def logs(self):
        text = self.site.logs()
        secret = self.site.signing_key()["d"]
        out = []
        if secret in text:
            out.append("O3: the signing key stands in a log")
        for token in self.used:
            tail = token.rsplit(".", 1)[-1]
            if len(tail) > 20 and tail in text:
                line = next(x for x in text.splitlines() if tail in x)
                out.append("O3: a token stands in a log: " + line[:300])
                break
        for who, mark in self.marks.items():
            if who != "S" and mark in text:
                line = next(x for x in text.splitlines() if mark in x)
                out.append(f"O3: data of {who} in a log: {line[:300]}")
        found = re.search(r"ERROR: \w+Sanitizer|runtime error:", text)
        if found:
            out.append("O4: a sanitizer reports:\n" +
                       text[max(0, found.start() - 200):][:4000])
        return out

    # --- each answer ------------------------------------------------------

    def view(self, who):
        """Whose canaries may show to a token that the tool has made."""
        if who is None:
            return ""
        claims = json.loads(forge.unb64(
            self.site.tokens[who].split(".")[1]))
        patient = claims.get("patient")
        return patient[1] + "S" if patient else "".join(self.marks)

    def token(self, text):
        if text:
            self.used.add(text)

    def look(self, a, who, sent, seen=""):
        """a: answer or None; who: token name or None; sent: all bytes;
        seen: whose canaries may show, for the pages of who has signed in."""
        if a is None:
            return
        seen += self.view(who) if a.status < 400 else ""
        text = a.raw.decode("utf-8", "replace")
        for name, mark in self.marks.items():
            # An echo of the request tells nothing; a text does, which
            # goes on behind the mark.
            found = name not in seen and re.search(
                mark + " [A-Z]" if mark in sent else mark, text)
            if found:
                i = found.start()
                raise Wrong(f"O1: {name}'s canary shows to {who}: " +
                            repr(text[max(0, i - 200):i + 60]))
        if a.status < 400:
            return
        found = INNER.search(text)
        need(not found, "HTTP-18: the refusal tells too much: " +
             repr(found and text[max(0, found.start() - 80):found.end()]))
        if self.slowest is None or a.ms > self.slowest[0]:
            self.slowest = (a.ms, sent.split("\r\n", 1)[0][:100])
