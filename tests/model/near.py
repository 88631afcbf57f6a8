# SPDX-License-Identifier: Apache-2.0
"""near=LAT,LONG and near-distance: great circles in floating point.

The server computes in integers and by chords; here it is the haversine, so
that neither formula checks itself.
"""

import math

import search

RADIUS = 6371008.8
UNITS = {"km": 1000, "m": 1, "[mi_i]": 1609.344}
PLACES = [(42.2563148, -83.6945691), (42.3, -83.7), (42.2563, -82.5),
          (-17.7, 179.97), (-17.71, -179.98), (89.9, 12), (89.95, -168), (0, 0)]


def metres(a, b):
    (p, x), (q, y) = ([math.radians(c) for c in at] for at in (a, b))
    h = math.sin((q - p) / 2) ** 2 + \
        math.cos(p) * math.cos(q) * math.sin((y - x) / 2) ** 2
    return 2 * RADIUS * math.asin(min(1, math.sqrt(h)))


class Near(search.Leaf):
    """beside: what stands in near-distance, None: nothing."""

    def __init__(self, at, mark, how, number, unit):
        super().__init__("near", "", [f"{at[0]}{mark}{at[1]}"])
        self.at, self.how, self.beside = at, how, None
        self.far = 5000
        if number is not None:
            self.far = number * UNITS[unit or "km"]
            self.beside = f"{how}{number}" + (f"||{unit}" if unit else "")

    def holds(self, ctx, r):
        if self.how == "ap":
            within = [metres(self.at, (v.lat, v.lon)) <= self.far * 1.1
                      for v in r.values("near")]
        else:
            within = [metres(self.at, (v.lat, v.lon)) <= self.far
                      for v in r.values("near")]
        out = self.how in ("gt", "ge", "sa", "ne")
        return any(x != out for x in within)


def ask(r):
    """A question about one of the places that the stores have, or nearby."""
    lat, lon = r.choice(PLACES)
    at = (lat, lon) if r.random() < 0.6 else \
        (round(lat * 0.999, 4), round(lon * 0.999, 5))
    how, number, unit = "", None, ""
    if r.random() < 0.8:
        number = r.choice([1, 7, 15.5, 60, 120, 4000, 20100])
        unit = r.choice(["", "", "km", "[mi_i]", "m"])
        how = r.choice(["", "", "", "le", "lt", "eb", "gt", "ge", "sa", "ne",
                        "eq", "ap"])
        if unit == "m":
            number = int(number * 1000)
    return Near(at, r.choice([",", ",", ":"]), how, number, unit)
