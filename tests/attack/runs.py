#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Several runs of the runner as one suite, their numbers added up.

usage: runs.py "SERVER [OPTION]... [GROUP]..."...
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))


def main():
    total = [0, 0, 0]
    for run in sys.argv[1:]:
        print(f"--- {run}", flush=True)
        p = subprocess.run([sys.executable, HERE + "/runner.py", "--server",
                            *run.split()], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, check=False)
        lines = p.stdout.splitlines()
        last = re.fullmatch(
            r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?",
            lines[-1] if lines else "")
        print("\n".join(lines[:-1] if last else lines))
        for i, n in enumerate(last.groups() if last else (0, 1, 0)):
            total[i] += int(n or 0)
    rest = f", {total[2]} skipped" if total[2] else ""
    print(f"{total[0]} passed, {total[1]} failed{rest}")
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
