# SPDX-License-Identifier: Apache-2.0
"""How bench/run measures: load by wrk, CPU and memory by /proc.

Nothing here knows what is measured.
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import time

HERE = os.path.dirname(os.path.realpath(__file__))
PATIENCE = 60       # s beyond the window before a generator is given up


class Failed(Exception):
    """The measurement means nothing: errors, no answers, a dead server."""


class Plan:
    """How long and how often; sizes: resources of the stores searched."""

    def __init__(self, rounds, seconds, scale, sizes):
        self.rounds, self.seconds, self.scale = rounds, seconds, scale
        self.sizes = sizes
        self.window = min(1, seconds)   # s, where there are many rows
        self.smoke = seconds < 1    # judges nothing


def wrk(url, requests, seconds, connections=32):
    """One window of load; requests is a file as wrk.lua wants it.

    wrk counts whole seconds: a shorter window is ended by SIGINT, upon which
    it sums up what it has.
    """
    args = [shutil.which("wrk") or "wrk", "-t1", f"-c{connections}",
            f"-d{max(1, round(seconds))}s", "-s",
            os.path.join(HERE, "wrk.lua"), url, "--", requests]
    with subprocess.Popen(args, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT) as p:
        try:
            if seconds < 1:
                time.sleep(seconds)
                p.send_signal(signal.SIGINT)
            out, _ = p.communicate(timeout=seconds + PATIENCE)
        finally:
            p.kill()
    for line in out.splitlines():
        if line.startswith("{"):
            got = json.loads(line)
            break
    else:
        raise Failed(f"wrk: {out.strip()[-300:]}")
    if got["requests"] == 0 or got["bad"] or got["lost"]:
        raise Failed(f"{url}: {got['requests']} answers, {got['bad']} of "
                     f"them errors, {got['lost']} lost")
    got["rate"] = got["requests"] * 1e6 / got["us"]
    return got


def cpu(pids):
    """Seconds of CPU these processes have had."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/schedstat") as f:
            total += int(f.read().split()[0])
    return total / 1e9


def loaded(url, requests, seconds, pids, connections=32):
    """wrk(), and the CPU of a request (us) in the processes pids."""
    before = cpu(pids)
    got = wrk(url, requests, seconds, connections)
    got["cpu"] = (cpu(pids) - before) * 1e6 / got["requests"]
    return got


def interleaved(plan, cases):
    """{name: [result of each round]}; every other round runs backwards, so
    that no case always follows the same neighbour."""
    out = {name: [] for name in cases}
    for turn in range(plan.rounds):
        for name in list(cases) if turn % 2 == 0 else reversed(cases):
            out[name].append(cases[name]())
    return out


def ratio(ours, bare, key="rate"):
    """Median of the rounds' ratios: each round has its own weather."""
    return statistics.median(a[key] / b[key] for a, b in zip(ours, bare))


def median(results, key):
    return statistics.median(r[key] for r in results)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(p) for p in f.read().split()]


def private(pid):
    """Bytes that are this process's alone: Private_Clean + Private_Dirty.

    Pages of the store's map count while no other process maps them.  Workers
    are not dumpable: their own user may not look.
    """
    try:
        with open(f"/proc/{pid}/smaps_rollup") as f:
            lines = f.read().splitlines()
    except PermissionError as e:
        raise Failed("only root may see a worker's memory") from e
    return 1024 * sum(int(line.split()[1]) for line in lines
                      if line.startswith(("Private_Clean:",
                                          "Private_Dirty:")))
