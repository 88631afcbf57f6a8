# SPDX-License-Identifier: Apache-2.0
"""A resource cut down to what _summary or _elements asks for."""

import spec

SUBSETTED = {"system": "http://hl7.org/fhir/v3/ObservationValue",
             "code": "SUBSETTED"}
WHOLE = ("Extension", "Resource", "Narrative")


def stays(e):
    return e is not None and (e.summary or e.modifier or e.least != "0")


def value(v, e, kind):
    kids = spec.shape(e, kind)
    if not kids or kind in WHOLE:
        return v
    if isinstance(v, list):
        return [value(x, e, kind) for x in v]
    if not isinstance(v, dict):
        return v
    out = {}
    for key, x in v.items():
        sub, sort = spec.child(kids, key.lstrip("_"))
        if stays(sub):
            out[key] = value(x, sub, sort)
    return out or v


def tagged(r):
    meta = dict(r.get("meta", {}))
    tags = list(meta.get("tag", []))
    if not any(t.get("code") == "SUBSETTED" for t in tags):
        tags.append(SUBSETTED)
    meta["tag"] = tags
    return meta


def summary(r, q, included):
    """What is included is cut by _summary, but by no _elements."""
    mode, elements = q.summary, None if included else q.elements
    if mode in (None, "false", "count") and not elements:
        return r
    kids = spec.ELEMENTS[r["resourceType"]]
    out = {}
    for key, v in r.items():
        e, kind = spec.child(kids, key.lstrip("_"))
        if key in ("resourceType", "id"):
            out[key] = v
        elif key == "meta":
            out[key] = tagged(r)
        elif elements:
            if e is not None and (e.name.replace("[x]", "") in elements or
                                  e.least != "0"):
                out[key] = v
        elif mode == "true":
            if stays(e):
                out[key] = value(v, e, kind)
        elif mode == "text":
            if key == "text" or e is not None and e.least != "0":
                out[key] = v
        elif key != "text":
            out[key] = v
    return out
