# SPDX-License-Identifier: Apache-2.0
"""pytest as a suite of tests/run: its closing line becomes ours."""

import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))


class Count:
    """A test failed if any part of it did; it is counted once."""

    def __init__(self):
        self.state = {}
        self.collect_failed = 0

    def pytest_collectreport(self, report):
        if report.failed:
            self.collect_failed += 1

    def pytest_runtest_logreport(self, report):
        order = ("passed", "skipped", "failed")
        if report.when != "call" and report.outcome == "passed":
            return
        old = self.state.get(report.nodeid, "passed")
        self.state[report.nodeid] = max(old, report.outcome,
                                        key=order.index)

    def line(self):
        outcome = list(self.state.values())
        failed = outcome.count("failed") + self.collect_failed
        skipped = outcome.count("skipped")
        text = f"{outcome.count('passed')} passed, {failed} failed"
        return text + (f", {skipped} skipped" if skipped else "")


def run(*args):
    """Run these files of tests/; further arguments of the suite follow."""
    os.chdir(os.path.dirname(HERE))
    sys.path.insert(0, HERE)
    count = Count()
    code = pytest.main(["-q", "-p", "no:cacheprovider", "--tb=short",
                        "--durations=5", *args, *sys.argv[1:]],
                       plugins=[count])
    line = count.line()
    if code != 0 and " 0 failed" in line:
        print(f"pytest ended with {int(code)}")
        line = line.replace(" 0 failed", " 1 failed", 1)
    print(line, flush=True)
    sys.exit(0 if code == 0 else 1)
