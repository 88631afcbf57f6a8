# SPDX-License-Identifier: Apache-2.0
"""The searchable values of a resource, worked out along the paths.

DSTU2 search.html: what each kind of parameter looks at in each data type.
"""

import datetime
import functools
import itertools
import re
import unicodedata
from decimal import Decimal

import spec

OPEN = 10 ** 18                 # milliseconds: a bound that is not there
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th",
                         "œ": "oe", "æ": "ae", "ı": "i", "ħ": "h"})
DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)"
                  r"(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$")
ID = re.compile(r"[A-Za-z0-9.-]{1,64}$")


@functools.lru_cache(100000)
def fold(text):
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join(c for c in unicodedata.normalize("NFKD", text)
                   if not unicodedata.combining(c))
    return " ".join(text.translate(LETTERS).split())


@functools.lru_cache(100000)
def span(text):
    """[low, high) in milliseconds of a date of any precision, or None."""
    m = DATE.match(text)
    if not m:
        return None
    y, mo, d, h, mi, s, frac, tz = m.groups()
    zone = UTC
    if tz not in (None, "Z"):
        zone = datetime.timezone((-1 if tz[0] == "-" else 1) *
                                 datetime.timedelta(hours=int(tz[1:3]),
                                                    minutes=int(tz[4:])))
    try:
        low = datetime.datetime(int(y), int(mo or 1), int(d or 1),
                                int(h or 0), int(mi or 0), int(s or 0),
                                tzinfo=zone)
    except ValueError:
        return None
    at = (low - EPOCH) // datetime.timedelta(milliseconds=1)
    if frac:
        unit = max(1, 10 ** (3 - len(frac)))
        at += int((frac + "00")[:3])
        return at, at + unit
    if h:
        return at, at + (1000 if s else 60000)
    if d:
        return at, at + 86400000
    if mo:
        nxt = (low + datetime.timedelta(days=32)).replace(day=1)
    elif int(y) == 9999:
        return at, at + 365 * 86400000
    else:
        nxt = low.replace(year=low.year + 1)
    return at, (nxt - EPOCH) // datetime.timedelta(milliseconds=1)


class Value:
    """One value; what it has depends on the kind of its parameter."""

    def __init__(self, kind, **more):
        self.kind = kind
        self.__dict__.update(more)

    def __repr__(self):
        return str(self.__dict__)


class Reader:
    """Reads the references of one base."""

    def __init__(self, base):
        self.base = base

    def local(self, text):
        """(type, id), ("#", id), (None, url); None: it is no reference."""
        if text.startswith("#"):
            return "#", text[1:]
        if text.startswith(self.base + "/"):
            text = text[len(self.base) + 1:]
        elif re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text):
            return None, text
        m = re.match(r"(\w+)/([A-Za-z0-9.-]{1,64})"
                     r"(?:/_history/[A-Za-z0-9.-]{1,64})?$", text)
        return m.groups() if m and m.group(1) in spec.TYPES else None


# --- walking ----------------------------------------------------------------

def members(kids, at, name):
    """(value, type) of each member that the step names."""
    if not isinstance(at, dict):
        return
    if name.endswith("[0]"):
        yield from itertools.islice(members(kids, at, name[:-3]), 1)
        return
    for key, v in at.items():
        if name.endswith("[x]"):
            e, kind = spec.child(kids, key)
            if e is None or e.name != name:
                continue
        elif key != name:
            continue
        else:
            e, kind = spec.child(kids, key)
        if e is None:
            continue
        for one in v if isinstance(v, list) else [v]:
            if one is not None:
                yield one, kind, e


def walk(resource, path):
    """(value, type, parent, system) of each value at the path."""
    kids = spec.ELEMENTS[resource["resourceType"]]
    yield from follow(resource, kids, spec.steps(path), resource)


def follow(at, kids, steps, parent):
    name, url, system = steps[0]
    for v, kind, e in members(kids, at, name):
        if url is not None and (not isinstance(v, dict) or
                                v.get("url") != url):
            continue
        if len(steps) == 1:
            yield v, kind, at, system
        else:
            yield from follow(v, spec.shape(e, kind), steps[1:], v)


# --- data types to values ------------------------------------------------------

def strings(v, kind):
    if kind in ("HumanName", "Address") and isinstance(v, dict):
        names = {"HumanName": ("family", "given", "prefix", "suffix", "text"),
                 "Address": ("line", "city", "district", "state",
                             "postalCode", "country", "text")}[kind]
        for n in names:
            have = v.get(n, [])
            yield from have if isinstance(have, list) else [have]
    elif kind in ("string", "markdown", "code", "id", "uri") and \
            isinstance(v, str):
        yield v


def tokens(v, kind, system):
    """(system, code)"""
    if kind == "CodeableConcept":
        for c in v.get("coding", []) or [{}]:
            yield c.get("system", ""), c.get("code", "")
    elif kind == "Coding":
        yield v.get("system", ""), v.get("code", "")
    elif kind == "Identifier":
        yield v.get("system", ""), v.get("value", "")
    elif kind == "ContactPoint":
        if system is None or v.get("system") == system:
            yield "", v.get("value", "")
    elif kind == "boolean":
        yield "", str(v).lower()
    elif kind in ("date", "dateTime", "instant"):
        yield "", "true"            # "deceased": is there a date?
    elif kind in ("integer", "unsignedInt", "positiveInt"):
        yield "", str(v)
    elif kind in ("string", "code", "id", "uri", "oid", "uuid"):
        yield "", v


def period(v):
    low = span(v["start"]) if "start" in v else (-OPEN, -OPEN)
    high = span(v["end"]) if "end" in v else (OPEN, OPEN)
    if "start" not in v and "end" not in v or not low or not high:
        return None
    return low[0], high[1]


def spans(v, kind):
    if kind in ("date", "dateTime", "instant") and isinstance(v, str):
        found = [span(v)]
    elif kind == "Period":
        found = [period(v)]
    elif kind == "Timing":
        found = [span(x) for x in v.get("event", []) if x]
        bounds = v.get("repeat", {}).get("boundsPeriod")
        if bounds:
            found.append(period(bounds))
        if None in found or not found:
            return
        found = [(min(x[0] for x in found), max(x[1] for x in found))]
    else:
        return
    yield from (x for x in found if x and x[0] < x[1])


def number(v):
    return Decimal(v) if isinstance(v, (int, Decimal)) and \
        not isinstance(v, bool) else None


def bounds(v):
    """Low and high as (number, hair above it); a point: alike."""
    n = number(v.get("value"))
    if n is None:
        return None
    how = v.get("comparator", "")
    return {"": ((n, 0), (n, 0)), "<": (None, (n, 0)), "<=": (None, (n, 1)),
            ">": ((n, 1), None), ">=": ((n, 0), None)}.get(how)


def quantities(v, kind):
    if kind == "Range":
        low, high = v.get("low", {}), v.get("high", {})
        a, b = number(low.get("value")), number(high.get("value"))
        if a is None and b is None or None not in (a, b) and a > b:
            return
        lo = None if a is None else (a, 0)
        hi = None if b is None else (b, 1)
        v = low if a is not None else high
    elif kind in ("Quantity", "SimpleQuantity", "Money", "Age", "Duration",
                  "Count", "Distance"):
        both = bounds(v)
        if both is None:
            return
        lo, hi = both
    else:
        return
    code, unit = v.get("code", ""), v.get("unit", "")
    yield Value("quantity", lo=lo, hi=hi, system=v.get("system", ""),
                code=code or unit, unit=unit)


def convert(reader, p, v, kind, system, allowed):
    """Values of one element under one parameter."""
    if p.kind == "string":
        for s in strings(v, kind):
            if s:
                yield Value("string", text=s, folded=fold(s))
    elif p.code == "near":
        at = [number(v.get(x)) for x in ("latitude", "longitude")]
        if None not in at and abs(at[0]) <= 90 and abs(at[1]) <= 180:
            yield Value("place", lat=float(at[0]), lon=float(at[1]))
    elif p.kind == "token":
        for s, c in tokens(v, kind, system):
            yield Value("token", system=s, code=c)
    elif p.kind == "date":
        for low, high in spans(v, kind):
            yield Value("date", lo=low, hi=high)
    elif p.kind == "uri" and isinstance(v, str):
        yield Value("uri", text=v)
    elif p.kind == "number":
        n = number(v.get("value") if isinstance(v, dict) else v)
        if n is not None:
            yield Value("number", lo=(n, 0), hi=(n, 0))
    elif p.kind == "quantity":
        yield from quantities(v, kind)
    elif p.kind == "reference":
        text = v.get("reference") if isinstance(v, dict) else v
        to = reader.local(text) if isinstance(text, str) else None
        if to and (to[0] in (None, "#") or not allowed or to[0] in allowed):
            yield Value("reference", type=to[0], id=to[1])


def entry(reader, bundle, v, want, to):
    """What the entry of a Bundle of the type wanted holds: by its id, and by
    a fullUrl that is of no resource here."""
    held, url = v.get("resource", {}), v.get("fullUrl")
    if bundle.get("type") != want or held.get("resourceType") not in to:
        return
    at = reader.local(url) if url else None
    far = at is not None and at[0] is None
    if held.get("id") and (not far or url[:4].lower() == "urn:"):
        yield Value("reference", type=held["resourceType"], id=held["id"])
    if at and (far or not held.get("id") and at[0] in to):
        yield Value("reference", type=at[0], id=at[1])


def allowed(rtype, p):
    """Types a reference parameter may lead to; []: any."""
    if p.to:
        return p.to
    out = []
    for path in p.paths:
        e, kids = None, spec.ELEMENTS[rtype]
        for name, _, _ in spec.steps(path):
            e, kind = kids.get(name), ""
            if e is None:
                e, kind = spec.child(kids, name)
            if e is None:
                return []
            kids = spec.shape(e, kind or e.types[0])
        if not e.targets:
            return []
        out += e.targets
    return out


ALLOWED = {(t, c): allowed(t, p) for t, ps in spec.PARAMS.items()
           for c, p in ps.items() if p.kind == "reference"}


def fits(p, kind):
    """Is this type of a choice one the parameter looks at?"""
    return {"date": kind in ("date", "dateTime", "instant", "Period",
                             "Timing"),
            "string": kind in ("string", "markdown", "code", "id", "uri",
                               "HumanName", "Address"),
            "quantity": kind in ("Quantity", "Range", "SimpleQuantity",
                                 "Money", "Age", "Duration", "Count"),
            "reference": kind in ("Reference", "uri"),
            }.get(p.kind, True)


def of_path(reader, resource, p, path, within=None):
    to = ALLOWED.get((resource["resourceType"], p.code), [])
    for v, kind, parent, system in walk(resource, path):
        if within is not None and parent is not within:
            continue
        if path.endswith("[x]") and not fits(p, kind):
            continue
        if p.kind == "reference" and kind == "BackboneElement":
            yield from entry(reader, parent, v, system, to)
        else:
            yield from convert(reader, p, v, kind, system, to)


def simple(reader, resource, p, within=None):
    out = []
    for path in p.paths:
        got = list(of_path(reader, resource, p, path, within))
        out += got
        if p.first and got:
            break
    return out


def coded(v):
    return v.kind != "token" or v.code != ""


def parents(resource, path):
    """Every element that holds the last step of the path."""
    steps = path.rpartition(".")[0]
    if not steps:
        return [resource]
    return [v for v, _, _, _ in walk(resource, steps)]


def composite(reader, resource, p):
    """Each combination of parts out of one element."""
    parts = [spec.PARAMS[resource["resourceType"]][c] for c in p.parts]
    out = []
    heads = {path.rpartition(".")[0] for path in parts[0].paths}
    for head in sorted(heads):
        for at in parents(resource, head + ".x" if head else "x"):
            lists = []
            for part in parts:
                lists.append([v for path in part.paths
                              if path.rpartition(".")[0] == head
                              for v in of_path(reader, resource, part, path,
                                               at) if coded(v)])
            combos = [()]
            for one in lists:
                combos = [c + (v,) for c in combos for v in one]
            out += [Value("composite", parts=c) for c in combos]
    return out


def values(reader, resource, code):
    """With elements that have no code: coded() tells."""
    p = spec.PARAMS[resource["resourceType"]][code]
    if p.parts:
        return composite(reader, resource, p)
    return simple(reader, resource, p)
