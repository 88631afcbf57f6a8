# SPDX-License-Identifier: Apache-2.0
"""Does one value satisfy one that is wanted?  DSTU2 search.html#ptypes.

What is wanted comes as the text of the query, its commas already cut.
"""

import functools
import re
from fractions import Fraction
from decimal import Decimal

import codes
import spec
import values
from values import fold, span

UCUM = "http://unitsofmeasure.org"
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")

# What the stores hold, and what is asked for: dimension, factor to its base
# unit, what is added first.  The figures are those of the UCUM tables.
LB, INCH = Fraction("0.45359237"), Fraction("0.0254")
UNITS = {
    "g": ("g", 1, 0), "kg": ("g", 1000, 0), "mg": ("g", Fraction(1, 1000), 0),
    "ug": ("g", Fraction(1, 10 ** 6), 0), "[lb_av]": ("g", 1000 * LB, 0),
    "[oz_av]": ("g", 1000 * LB / 16, 0),
    "m": ("m", 1, 0), "cm": ("m", Fraction(1, 100), 0),
    "mm": ("m", Fraction(1, 1000), 0), "[in_i]": ("m", INCH, 0),
    "mg/dL": ("g/m3", 10, 0), "g/dL": ("g/m3", 10 ** 4, 0),
    "g/L": ("g/m3", 1000, 0), "mg/L": ("g/m3", 1, 0),
    "ug/mL": ("g/m3", 1, 0), "ug/dL": ("g/m3", Fraction(1, 100), 0),
    "Cel": ("K", 1, Fraction("273.15")), "K": ("K", 1, 0),
    "[degF]": ("K", Fraction(5, 9), Fraction("459.67")),
    "mm[Hg]": ("Pa", Fraction("133322"), 0), "Pa": ("Pa", 1000, 0),
    "kPa": ("Pa", 10 ** 6, 0), "/min": ("/s", Fraction(1, 60), 0),
    "/s": ("/s", 1, 0), "Hz": ("/s", 1, 0),
    "%": ("1", Fraction(1, 100), 0), "1": ("1", 1, 0),
    "mg/g": ("1", Fraction(1, 1000), 0), "g/kg": ("1", Fraction(1, 1000), 0),
    "kg/m2": ("g/m2", 1000, 0), "g/m2": ("g/m2", 1, 0),
    "mmol/L": ("mol/m3", 1, 0), "mol/L": ("mol/m3", 1000, 0),
    "10*3/uL": ("/m3", 10 ** 12, 0), "10*9/L": ("/m3", 10 ** 12, 0),
    "10*6/uL": ("/m3", 10 ** 15, 0), "/uL": ("/m3", 10 ** 9, 0),
    "m[IU]/L": ("iu/m3", 1, 0), "[IU]/L": ("iu/m3", 1000, 0),
    "d": ("s", 86400, 0), "wk": ("s", 604800, 0), "h": ("s", 3600, 0),
}


@functools.lru_cache(100000)
def split(text, sign):
    """At signs that no backslash makes plain; escapes stay."""
    out, i, part = [], 0, ""
    while i < len(text):
        if text[i] == "\\" and text[i + 1:i + 2] and text[i + 1] in ",|$\\":
            part += text[i:i + 2]
            i += 2
            continue
        if text[i] == sign:
            out.append(part)
            part = ""
        else:
            part += text[i]
        i += 1
    return out + [part]


@functools.lru_cache(100000)
def plain(text):
    return re.sub(r"\\([,|$\\])", r"\1", text)


def escape(text):
    return re.sub(r"([,|$\\])", r"\\\1", text)


@functools.lru_cache(100000)
def prefix(text):
    if text[:2] in PREFIXES and text[2:3] and text[2] in "0123456789+-.":
        return text[:2], text[2:]
    return "eq", text


# --- time ----------------------------------------------------------------------

def date(want, have, ctx):
    how, text = prefix(want)
    low, high = span(text)
    if how == "ap":         # within a tenth of the distance from now
        now = ctx.now
        about = (low - now) // 10 if now < low else \
            (now - high) // 10 if now >= high else 0
        return have.lo < high + about and low - about < have.hi
    inside = low <= have.lo and have.hi <= high
    return {"eq": inside, "ne": not inside, "gt": have.hi > high,
            "lt": have.lo < low, "ge": have.hi > high or inside,
            "le": have.lo < low or inside, "sa": have.lo >= high,
            "eb": have.hi <= low}[how]


# --- numbers -----------------------------------------------------------------------

INF = Fraction(10) ** 20000


def ends(v, unit=None):
    """(low, hair), (high, hair) as fractions; open ends as infinite."""
    def scale(end, far):
        if end is None:
            return (far, 0)
        n = Fraction(end[0])
        if unit:
            n = (n + unit[2]) * unit[1]
        return (n, end[1])
    return scale(v.lo, -INF), scale(v.hi, INF)


@functools.lru_cache(100000)
def about(text):
    """The number as it is written: its value, and half its last digit."""
    n = Decimal(text)
    return Fraction(n), Fraction(Decimal(5).scaleb(n.as_tuple().exponent - 1))


def number(how, text, have, unit=None):
    """have: (low, high) as of ends()."""
    n, half = about(text)
    a, b = have
    is_point = a == b

    def scaled(x):
        return (x + unit[2]) * unit[1] if unit else x

    if how == "ap":
        half = max(half, abs(n) / 10)
    low, high, at = scaled(n - half), scaled(n + half), scaled(n)
    if how in ("eq", "ne"):
        inside = a >= (low, 0) and (
            a < (high, 0) if is_point else b <= (high, 0))
        return inside == (how == "eq")
    if how == "ap":
        return a < (high, 0) and (a >= (low, 0) if is_point else
                                  b > (low, 0))
    inside = is_point and a == (at, 0)
    above = a > (at, 0) if is_point else b > (at, 1)
    below = a < (at, 0)
    return {"gt": above, "lt": below, "ge": above or inside,
            "le": below or inside,
            "sa": a > (at, 0), "eb": b < (at, 0) if is_point else
            b <= (at, 0)}[how]


def quantity(want, have):
    how, text = prefix(want)
    part = [plain(x) for x in split(text, "|")]
    if len(part) == 1:
        return number(how, text, ends(have))
    n, system, code = part
    mine = UNITS.get(code) if system == UCUM else None
    its = UNITS.get(have.code) if have.system == UCUM else None
    if mine and its:
        return mine[0] == its[0] and number(how, n, ends(have, its), mine)
    if system and have.system != system:
        return False
    if code and have.code != code and (system or have.unit != code):
        return False
    return number(how, n, ends(have))


# --- the others -----------------------------------------------------------------------

def token(want, have, rtype, param):
    part = [plain(x) for x in split(want, "|")]
    if len(part) == 2 and have.system != part[0] and not codes.owns(
            rtype, param, part[0], part[1]):
        return False
    return part[-1] == "" or low(have.code) == low(part[-1])


@functools.lru_cache(100000)
def low(text):
    return "".join(c.lower() if c.isascii() else c for c in text)


def string(want, have, mod):
    want = plain(want)
    if mod == "exact":
        return have.text == want
    if mod == "contains":
        return fold(want) in have.folded
    return have.folded.startswith(fold(want))


def uri(want, have, mod):
    want = plain(want)
    if mod == "below":
        return under(have.text, want)
    if mod == "above":
        return under(want, have.text)
    return want == have.text


def under(text, head):
    """Is text the head itself, or further down its path?"""
    return text == head or text.startswith(head) and (
        head.endswith("/") or text[len(head)] in "/?#")


def reference(want, have, mod, reader, to):
    """mod: "" or a type; to: what the parameter may name."""
    want = plain(want)
    only = mod or (to[0] if len(to) == 1 else "")
    got = reader.local(want)
    if got is None:             # an id alone
        return have.id == want and (not only or have.type == only)
    return (have.type, have.id) == got


def one(p, want, have, mod, ctx, rtype):
    """One value of parameter p against one that is wanted."""
    if p.kind == "date":
        return date(want, have, ctx)
    if p.kind == "number":
        how, text = prefix(want)
        return number(how, text, ends(have))
    if p.kind == "quantity":
        return quantity(want, have)
    if p.kind == "token":
        return have.code == want if p.code == "_id" else token(
            want, have, rtype, p.code)
    if p.kind == "string":
        return string(want, have, mod)
    if p.kind == "uri":
        return uri(want, have, mod)
    if p.kind == "reference":
        return reference(want, have, mod, ctx.reader,
                         values.ALLOWED[rtype, p.code])
    parts = split(want, "$")
    return all(one(spec.PARAMS[rtype][c], w, h, "", ctx, rtype)
               for c, w, h in zip(p.parts, parts, have.parts))
