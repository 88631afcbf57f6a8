# SPDX-License-Identifier: Apache-2.0
"""Start a program with a configuration that must not be accepted.

    config {"base-url": ..., "lines": [...], "drop": [...], "chmod": {path:
            mode}, "remove": [path], "env": {...}, "program": "tiphys-fhir"
            or "tiphys"}

A fresh site is made for each (init is quick), changed as the case says, and
the program started as a server would be: tiphys-fhir on a socket of its own
("refused" is an exit; one that still runs after a while is "accepted", exit
0), tiphys with "config check".
"""

import glob
import os
import shutil
import subprocess

from testsite import Site, program

LONG = 3                            # s: what runs so long has been accepted


def run(case):
    site = Site(server=None)
    try:
        change(site, case)
        return start(site, case)
    finally:
        site.stop()


def change(site, case):
    with open(site.conf) as f:
        lines = f.read().splitlines()
    drop = list(case.get("drop", []))
    more = list(case.get("lines", []))
    if "base-url" in case:
        drop.append("base-url")
        more.append("base-url = " + case["base-url"])
    kept = [x for x in lines if x.split("=")[0].strip() not in drop]
    with open(site.conf, "w") as f:
        f.write("\n".join(kept + more) + "\n")
    for name, mode in case.get("chmod", {}).items():
        for path in sorted(glob.glob(os.path.join(site.data, name))):
            os.chmod(path, int(mode, 8))
    for name in case.get("remove", []):
        for path in sorted(glob.glob(os.path.join(site.data, name))):
            if os.path.isdir(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)


def start(site, case):
    env = dict(os.environ, **case.get("env", {}))
    env.pop("TIPHYS_CONFIG", None)
    if case.get("program", "tiphys-fhir") == "tiphys":
        args = [program("tiphys"), "-c", site.conf, "config", "check"]
    else:
        args = [site.fhir, "-c", site.conf, "-s", site.socket, "-n", "1"]
    args += case.get("args", [])
    p = subprocess.Popen(args, env=env, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True)
    try:
        out, err = p.communicate(timeout=LONG)
        code = p.returncode
    except subprocess.TimeoutExpired:
        p.terminate()
        out, err = p.communicate()
        code = 0
    return subprocess.CompletedProcess(args, code, out, err)
