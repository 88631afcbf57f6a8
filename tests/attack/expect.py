# SPDX-License-Identifier: Apache-2.0
"""What an answer should be: the words a case may use, and how they fail.

    status      a number or a list; 0 stands for a closed connection
    header      name to a pattern that must be found in its value
    no_header   names that must not be there
    body        pattern that must be found; no_body: must not
    same_as     target whose answer, asked likewise, has the same bytes
    json        path (a.0.b) to value; null: is not there
    total       Bundle.total, and as many as entries where they fit
    ids         Type/id of all entries of mode match, in any order
    no_ids      Type/id that no entry may have
    away        of a flow: pattern of where it led to an app; null: nowhere
    oauth       error in the JSON, or in what the app got; null: none
    title       pattern of the page's title
    exit, out   of a program: status, pattern in what it printed
    work_ms     the most it may take
"""

import json
import re
from urllib.parse import parse_qs, urlsplit


class Wrong(Exception):
    """An expectation that was not met."""


def need(ok, text):
    if not ok:
        raise Wrong(text)


def listed(value):
    return value if isinstance(value, list) else [value]


def at(value, path):
    for name in path.split("."):
        if isinstance(value, list):
            value = value[int(name)] if int(name) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(name)
        else:
            return None
    return value


def entries(bundle):
    out = []
    for e in bundle.get("entry", []):
        if e.get("search", {}).get("mode", "match") == "match":
            r = e["resource"]
            out.append(f"{r['resourceType']}/{r['id']}")
    return sorted(out)


def every(bundle):
    return {f"{e['resource']['resourceType']}/{e['resource']['id']}"
            for e in bundle.get("entry", []) if "resource" in e}


def masked(a):
    """All that the caller can tell apart, less what is of the moment.

    Whether Apache sends a length or chunks is a matter of its timing; the
    body, which stands here whole, is not.
    """
    lines = [x for x in a.head.split("\r\n") if not re.match(
        "(?i)(date|x-request-id|server|keep-alive|connection|"
        "content-length|transfer-encoding):", x)]
    return "\r\n".join(sorted(lines)).encode("latin-1") + a.body


def status(a, want, _):
    got = a.status if a else 0
    need(got in listed(want), f"status {got}, expected {want}")


def header(a, want, _):
    for name, pattern in want.items():
        value = a.headers.get(name.lower())
        need(value is not None, f"no header {name}")
        need(re.search(pattern, value),
             f"{name}: {value!r}, expected {pattern!r}")


def no_header(a, want, _):
    for name in want:
        need(name.lower() not in a.headers, f"there is a header {name}")


def text_of(a):
    return a.body.decode("utf-8", "replace")


def body(a, want, _):
    need(re.search(want, text_of(a)), f"body has no {want!r}")


def no_body(a, want, _):
    need(not re.search(want, text_of(a)), f"body has {want!r}")


def same_as(a, want, again):
    other = again(want)
    need(other and a and masked(a) == masked(other),
         f"differs from {want}:\n{other and masked(other)!r}")


def values(a, want, _):
    tree = json.loads(a.body)
    for path, value in want.items():
        need(at(tree, path) == value,
             f"{path} is {at(tree, path)!r}, expected {value!r}")


def total(a, want, _):
    tree = json.loads(a.body)
    need(tree.get("total") == want,
         f"total {tree.get('total')}, expected {want}: {entries(tree)}")


def ids(a, want, _):
    got = entries(json.loads(a.body))
    need(got == sorted(want), f"entries {got}, expected {sorted(want)}")


def no_ids(a, want, _):
    got = every(json.loads(a.body))
    need(not got & set(want), f"entries hold {sorted(got & set(want))}")


def away(a, want, _):
    got = getattr(a, "away", None)
    if want is None:
        need(got is None, f"led away to {got}")
    else:
        need(got and re.search(want, got), f"led to {got}, not {want!r}")


def oauth(a, want, _):
    led = getattr(a, "away", None)
    got = parse_qs(urlsplit(led).query).get("error", [None])[0] if led \
        else json.loads(a.body or b"{}").get("error")
    need(got == want, f"error {got!r}, expected {want!r}")


def title(a, want, _):
    got = getattr(a, "title", "")
    need(re.search(want, got), f"title {got!r}, expected {want!r}")


def exits(a, want, _):
    need(a.status in listed(want), f"exit {a.status}, expected {want}")


def work_ms(a, want, _):
    need(a.ms <= want, f"took {a.ms:.0f} ms, at most {want}")


CHECKS = {"status": status, "header": header, "no_header": no_header,
          "body": body, "no_body": no_body, "same_as": same_as,
          "json": values, "total": total, "ids": ids, "no_ids": no_ids,
          "away": away, "oauth": oauth, "title": title, "exit": exits,
          "out": body, "work_ms": work_ms}


def check(a, want, again):
    """Raises Wrong; again(target) asks another question likewise."""
    for name, value in want.items():
        if name not in CHECKS:
            raise KeyError(f"{name} is no expectation")
        if a is None and name != "status":
            raise Wrong("no answer")
        try:
            CHECKS[name](a, value, again)
        except (ValueError, KeyError, TypeError, IndexError) as e:
            raise Wrong(f"{name}: the answer cannot be read: {e!r}") from e
