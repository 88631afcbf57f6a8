# SPDX-License-Identifier: Apache-2.0
"""What a search must find, worked out the slow way from the loaded files.

It shares nothing with the server: paths are written out here for the types
the samples have, and every resource is looked at for every search.  Rules:
DSTU2 search.html; Argonaut Data Query 1.0.0.
"""

import datetime
import decimal
import functools
import glob
import gzip
import json
import os
import re
import unicodedata
import urllib.parse

INFINITE = decimal.Decimal("Infinity")
HAIR = decimal.Decimal(10) ** -20
OPEN = 10 ** 18         # milliseconds: a missing end of a Period
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
FOLDED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th",
                        "œ": "oe", "æ": "ae", "ı": "i"})


# --- files ----------------------------------------------------------------

def resources(path):
    """Every resource of a file or folder: NDJSON, Bundles, one by one."""
    if os.path.isdir(path):
        for name in sorted(glob.glob(path + "/*json*")):
            yield from resources(name)
        return
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as f:
        text = f.read()
    if "ndjson" in path:
        found = [json.loads(line, parse_float=decimal.Decimal)
                 for line in text.splitlines() if line.strip()]
    else:
        found = [json.loads(text, parse_float=decimal.Decimal)]
    for r in found:
        if r["resourceType"] == "Bundle":
            yield from (e["resource"] for e in r["entry"])
        else:
            yield r


# --- values ---------------------------------------------------------------

def at(resource, path):
    """Every value at a dotted path; arrays are walked through."""
    found = [resource]
    for step in path.split("."):
        nxt = []
        for x in found:
            v = x.get(step) if isinstance(x, dict) else None
            nxt += v if isinstance(v, list) else [] if v is None else [v]
        found = nxt
    return found


@functools.lru_cache(None)
def fold(text):
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join(c for c in unicodedata.normalize("NFKD", text)
                   if not unicodedata.combining(c))
    return " ".join(text.translate(FOLDED).split())


DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)"
                  r"(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$")


def ms(t):
    return (t - EPOCH) // datetime.timedelta(milliseconds=1)


def zone(text):
    if text in (None, "Z"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    return datetime.timezone(sign * datetime.timedelta(
        hours=int(text[1:3]), minutes=int(text[4:6])))


@functools.lru_cache(None)
def span(text):
    """A date of any precision as [low, high) in milliseconds."""
    y, mo, d, h, mi, s, frac, tz = DATE.match(text).groups()
    low = datetime.datetime(int(y), int(mo or 1), int(d or 1), int(h or 0),
                            int(mi or 0), int(s or 0), tzinfo=zone(tz))
    if frac:
        at_ms = ms(low) + int(decimal.Decimal(frac) * 1000)
        return at_ms, at_ms + 1
    if s or mi:
        return ms(low), ms(low) + (1000 if s else 60000)
    if d:
        return ms(low), ms(low) + 86400000
    nxt = (low.replace(year=low.year + 1) if not mo else
           (low + datetime.timedelta(days=32)).replace(day=1))
    return ms(low), ms(nxt)


def spans(v):
    if isinstance(v, str):
        return [span(v)]
    low = span(v["start"])[0] if "start" in v else -OPEN
    return [(low, span(v["end"])[1] if "end" in v else OPEN)]


def strings(v):
    if isinstance(v, str):
        return [v]
    return [t for m in ("family", "given", "prefix", "suffix", "text", "line",
                        "city", "district", "state", "postalCode", "country")
            for t in (v[m] if isinstance(v.get(m), list) else
                      [v[m]] if m in v else [])]


def tokens(v):
    """(system, code) of a code, Coding, concept, Identifier, boolean; a code
    of "": the element is there and has none."""
    if isinstance(v, bool):
        return [("", str(v).lower())]
    if isinstance(v, str):
        return [("", v)]
    if "coding" in v:
        return [t for c in v["coding"] for t in tokens(c)]
    return [(v.get("system", ""), v.get("code", v.get("value", "")))]


def contacts(v):
    return [("", v.get("value", ""))]


def quantities(v):
    if "value" not in v:
        return []
    n = decimal.Decimal(v["value"])
    low = high = n
    how = v.get("comparator", "")
    if how:         # an open end is a hair away from the number
        hair = 0 if how.endswith("=") else HAIR
        low, high = ((-INFINITE, n - hair) if how[0] == "<" else
                     (n + hair, INFINITE))
    return [(low, high, v.get("system", ""),
             {v.get("code"), v.get("unit")} - {None})]


def references(v):
    return [v["reference"]] if "reference" in v else []


READERS = {"token": tokens, "contact": contacts, "string": strings,
           "date": spans, "quantity": quantities, "reference": references,
           "uri": lambda v: [v]}

# type: code: (kind, paths); "," between paths: the first that has any
COMMON = {"_id": ("token", ["id"]), "_tag": ("token", ["meta.tag"]),
          "_profile": ("uri", ["meta.profile"]),
          "_security": ("token", ["meta.security"])}
OF_PATIENT = {"patient": ("reference", ["patient"]),
              "status": ("token", ["status"]),
              "identifier": ("token", ["identifier"]),
              "encounter": ("reference", ["encounter"])}
OF_SUBJECT = {**OF_PATIENT, "patient": ("reference", ["subject"]),
              "subject": ("reference", ["subject"]),
              "category": ("token", ["category"]),
              "code": ("token", ["code"])}
PARAMS = {
    "Patient": {
        "identifier": ("token", ["identifier"]), "name": ("string", ["name"]),
        "family": ("string", ["name.family"]),
        "given": ("string", ["name.given"]),
        "gender": ("token", ["gender"]), "birthdate": ("date", ["birthDate"]),
        "address": ("string", ["address"]),
        "address-city": ("string", ["address.city"]),
        "telecom": ("contact", ["telecom"]),
        "language": ("token", ["communication.language"]),
        "active": ("token", ["active"]),
        "race": ("token", ["race"]), "ethnicity": ("token", ["ethnicity"])},
    "Observation": {
        **OF_SUBJECT, "code": ("token", ["code", "component.code"]),
        "component-code": ("token", ["component.code"]),
        "date": ("date", ["effectiveDateTime", "effectivePeriod"]),
        "performer": ("reference", ["performer"]),
        "data-absent-reason": ("token", ["dataAbsentReason"]),
        "related-target": ("reference", ["related.target"]),
        "value-string": ("string", ["valueString"]),
        "value-concept": ("token", ["valueCodeableConcept"]),
        "value-quantity": ("quantity", ["valueQuantity"]),
        "component-value-quantity":
            ("quantity", ["component.valueQuantity"])},
    "Condition": {
        **OF_PATIENT, "category": ("token", ["category"]),
        "clinicalstatus": ("token", ["clinicalStatus"]),
        "code": ("token", ["code"]),
        "onset": ("date", ["onsetDateTime", "onsetPeriod"]),
        "date-recorded": ("date", ["dateRecorded"])},
    "AllergyIntolerance": {
        **OF_PATIENT, "substance": ("token", ["substance",
                                              "reaction.substance"])},
    "CarePlan": {
        **OF_SUBJECT, "date": ("date", ["period"]),
        "participant": ("reference", ["participant.member"])},
    "Device": {**OF_PATIENT, "type": ("token", ["type"]),
               "udi": ("string", ["udi"])},
    "DiagnosticReport": {
        **OF_SUBJECT, "date": ("date", ["effectiveDateTime",
                                        "effectivePeriod"]),
        "issued": ("date", ["issued"]), "result": ("reference", ["result"])},
    "DocumentReference": {
        **OF_SUBJECT, "type": ("token", ["type"]),
        "period": ("date", ["context.period"]),
        "created": ("date", ["created"]),
        "location": ("uri", ["content.attachment.url"])},
    "Goal": {**OF_SUBJECT,
             "date": ("date", ["statusDate,targetDate,startDate"]),
             "targetdate": ("date", ["targetDate"])},
    "Immunization": {**OF_PATIENT, "date": ("date", ["date"]),
                     "vaccine-code": ("token", ["vaccineCode"]),
                     "notgiven": ("token", ["wasNotGiven"])},
    "MedicationOrder": {
        **OF_PATIENT, "datewritten": ("date", ["dateWritten"]),
        "code": ("token", ["medicationCodeableConcept"]),
        "medication": ("reference", ["medicationReference"]),
        "prescriber": ("reference", ["prescriber"])},
    "MedicationStatement": {
        **OF_PATIENT, "code": ("token", ["medicationCodeableConcept"]),
        "medication": ("reference", ["medicationReference"]),
        "effectivedate": ("date", ["effectiveDateTime", "effectivePeriod"])},
    "Procedure": {**OF_SUBJECT,
                  "date": ("date", ["performedDateTime", "performedPeriod"])},
    "Encounter": {**OF_PATIENT, "date": ("date", ["period"]),
                  "type": ("token", ["type"])},
    "Practitioner": {"name": ("string", ["name"])},
    "Organization": {"name": ("string", ["name"])},
    "Medication": {"code": ("token", ["code"])},
    "Location": {"name": ("string", ["name"])},
    "RelatedPerson": {**OF_PATIENT},
    "Binary": {},
}


def extension_codes(r, name):
    """Race and ethnicity: the ombCategory codes are searched."""
    return [e["valueCoding"] for x in r.get("extension", [])
            if x["url"].endswith("argo-" + name)
            for e in x["extension"] if e["url"] == "ombCategory"]


def values(r, code):
    kind, paths = {**COMMON, **PARAMS[r["resourceType"]]}[code]
    if code in ("race", "ethnicity"):
        return kind, [t for v in extension_codes(r, code) for t in tokens(v)]
    found = []
    for path in paths:
        for choice in path.split(","):
            here = at(r, choice)
            found += here
            if here:
                break
    have = [x for v in found for x in READERS[kind](v)]
    if code == "patient":       # a Group is no patient
        have = [x for x in have if "Patient/" in x]
    return kind, have


# --- one value against one wanted -------------------------------------------

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")


def prefix(text):
    return (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)


def hit_date(want, have):
    how, text = prefix(want)
    low, high = span(text)
    if how == "ap":         # within a tenth of the distance from now
        now = ms(datetime.datetime.now(UTC))
        about = max(low - now, now - high, 0) // 10
        return have[0] < high + about and low - about < have[1]
    inside = low <= have[0] and have[1] <= high
    return {"eq": inside, "ne": not inside, "gt": have[1] > high,
            "lt": have[0] < low, "ge": have[1] > high or inside,
            "le": have[0] < low or inside, "sa": have[0] >= high,
            "eb": have[1] <= low}[how]


def hit_quantity(want, have):
    how, text = prefix(want)
    part = text.split("|")
    low, high, system, units = have
    if len(part) == 3 and (part[1] and part[1] != system or
                           part[2] and part[2] not in units):
        return False
    n = decimal.Decimal(part[0])
    half = decimal.Decimal(5).scaleb(n.as_tuple().exponent - 1)
    if how == "ap":
        half = max(half, abs(n) / 10)
        return low < n + half and n - half <= high
    inside = n - half <= low and high < n + half
    return {"eq": inside, "ne": not inside, "gt": high > n, "lt": low < n,
            "ge": high > n or low == n == high,
            "le": low < n or low == n == high,
            "sa": low > n, "eb": high < n}[how]


def hit_token(want, have):
    part = [re.sub(r"\\([,|$\\])", r"\1", x)
            for x in re.split(r"(?<!\\)\|", want)]
    if len(part) == 2 and have[0] != part[0]:
        return False
    if part[-1] == "":
        return have != ("", "")
    return have[1].lower() == part[-1].lower()


class Oracle:
    def __init__(self, base):
        self.base = base
        self.all = {}               # (type, id): resource
        self.known = {}             # (type, id, code): its values

    def add(self, found):
        self.known = {}
        for r in found:
            self.all[r["resourceType"], r["id"]] = r

    def ids(self, rtype):
        return {i for t, i in self.all if t == rtype}

    def search(self, rtype, query, patient=None):
        """The ids; patient: of those which that patient's token sees."""
        pairs = [p.split("=", 1) for p in query.split("&") if p]
        pairs = [(urllib.parse.unquote_plus(n), urllib.parse.unquote_plus(v))
                 for n, v in pairs]
        pairs = [(n, v) for n, v in pairs if not n.startswith(
            ("_sort", "_count", "_include", "_format", "_pretty"))]
        found = [r for (t, _), r in self.all.items()
                 if t == rtype and self.seen(r, patient)]
        for n, v in pairs:
            found = [r for r in found if self.holds(r, n, v)]
        return {r["id"] for r in found}

    def owner(self, r):
        if r["resourceType"] == "Patient":
            return r["id"]
        named = at(r, "subject.reference") + at(r, "patient.reference")
        named = [self.local(n) for n in named]
        return named[0][8:] if named and named[0].startswith("Patient/") \
            else None

    def seen(self, r, patient):
        return patient is None or self.owner(r) == patient

    def local(self, ref):
        return ref[len(self.base) + 1:] if ref.startswith(self.base + "/") \
            else ref

    def holds(self, r, name, wanted):
        name, dot, chain = name.partition(".")
        code, _, mod = name.partition(":")
        key = r["resourceType"], r["id"], code
        if key not in self.known:
            self.known[key] = values(r, code)
        kind, have = self.known[key]
        if mod == "missing":
            return (not have) == (wanted == "true")
        hit = any(self.hit(kind, code, mod, w, h, bool(dot))
                  for w in re.split(r"(?<!\\),", wanted) for h in have)
        return not hit if mod == "not" else hit

    def hit(self, kind, code, mod, want, have, chained):
        if kind == "date":
            return hit_date(want, have)
        if kind == "quantity":
            return hit_quantity(want, have)
        if kind == "uri":
            return want == have
        if kind == "string":
            want = re.sub(r"\\([,|$\\])", r"\1", want)
            if mod == "exact":
                return have == want
            if mod == "contains":
                return fold(want) in fold(have)
            return fold(have).startswith(fold(want))
        if kind == "reference":
            have, want = self.local(have), self.local(want)
            if mod and not have.startswith(mod + "/"):
                return False
            return have == want or have.partition("/")[2] == want
        return (have[1] == want if code == "_id" else hit_token(want, have))
