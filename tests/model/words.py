# SPDX-License-Identifier: Apache-2.0
"""The words of a resource: narrative, content, texts of its codes."""

import html
import re
import unicodedata

import spec
import values

SILENT = {"resourceType", "id", "meta", "reference", "div"}


def cut(text):
    """Runs of letters, marks and digits of a text, folded."""
    out, word = [], ""
    for c in values.fold(text) + " ":
        if unicodedata.category(c)[0] in "LM" or \
                unicodedata.category(c) == "Nd":
            word += c
        elif word:
            out.append(word)
            word = ""
    return out


def narrative(r):
    div = r.get("text", {}).get("div", "")
    div = re.sub(r"<!--.*?-->", " ", div, flags=re.S)
    div = re.sub(r"<(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>", " ", div)
    return html.unescape(div)


def is_prose(text):
    if re.match(r"\d..\d-\d.-\d", text) or text.startswith("urn:"):
        return False
    head = text[:128]
    if "://" in re.split(r"[\s\x80-\U0010ffff]", head)[0]:
        return False
    return len(text.encode()) < 128 or \
        re.search(r"[\s\x80-\U0010ffff]", head) is not None


def prose(at):
    if isinstance(at, str):
        if is_prose(at):
            yield at
    elif isinstance(at, list):
        for x in at:
            yield from prose(x)
    elif isinstance(at, dict):
        for name, x in at.items():
            if name not in SILENT:
                yield from prose(x)


def token_texts(r, p):
    for path in p.paths:
        got = False
        for v, kind, _, _ in values.walk(r, path):
            got = True
            if kind == "CodeableConcept":
                yield v.get("text", "")
                for c in v.get("coding", []):
                    yield c.get("display", "")
            elif kind == "Coding":
                yield v.get("display", "")
            elif kind == "Identifier":
                yield v.get("type", {}).get("text", "")
        if p.first and got:
            return


def of(r, code):
    """_text, _content: a set of words; a token parameter: folded texts."""
    if code == "_text":
        return set(cut(narrative(r)))
    if code == "_content":
        out = set(cut(narrative(r)))
        for text in prose(r):
            out.update(cut(text))
        return out
    p = spec.PARAMS[r["resourceType"]][code]
    return {values.fold(t) for t in token_texts(r, p) if t}
