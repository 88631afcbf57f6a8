# SPDX-License-Identifier: Apache-2.0
"""What writing must do: versions, a journal, and whose each resource is.

The slow way, from the specification and design.md alone: every rule stands
here once, nothing is indexed, and a refusal leaves the ledger as it was.
"""

import copy
import json

ALL = {"read", "search", "create", "update", "delete"}
WRITE = {"create", "update", "delete"}
# The parameters of the Patient compartment, as paths: whoever does not hold
# all of a type answers for each patient named there (CMP-16).
AGREE = {"Observation": ["subject", "performer"],
         "Condition": ["patient"],
         "List": ["subject", "source"]}


class Refused(Exception):
    def __init__(self, status):
        super().__init__(status)
        self.status = status


def local(ref):
    """("Patient", "x") of a reference to this server, else None."""
    part = ref.split("/")
    return (part[0], part[1]) if len(part) == 2 and ":" not in ref else None


def named(content, path):
    """The patients that stand at a path."""
    found = [content]
    for step in path.split("."):
        found = [y for x in found for y in
                 (lambda v: v if isinstance(v, list) else [v])(
                     x.get(step, []))]
    refs = [local(x["reference"]) for x in found if "reference" in x]
    return [r[1] for r in refs if r and r[0] == "Patient"]


def references(x):
    if isinstance(x, dict):
        return {x["reference"]} if "reference" in x else \
            set().union(*(references(v) for v in x.values()))
    return set().union(*(references(v) for v in x)) \
        if isinstance(x, list) else set()


def owner(kind, rid, content):
    """("one", id), ("many", ids), ("shared",) or ("unowned",)"""
    if kind == "Patient":
        return "one", rid
    if kind == "Practitioner":
        return ("shared",)
    if kind == "Observation":
        who = named(content, "subject")
        if "subject" not in content:
            who = named(content, "performer")
    elif kind == "Condition":
        who = named(content, "patient")
    else:
        who = sum((named(content, p)
                   for p in ("subject", "source", "entry.item")), [])
    who = sorted(set(who))
    return ("unowned",) if not who else ("one", who[0]) \
        if len(who) == 1 else ("many", *who)


class Version:
    """content None: a deletion"""

    def __init__(self, number, content, own, created):
        self.number, self.content = number, content
        self.owner, self.created = own, created
        self.leads = references(content)    # its meta, which may yet
        #                                     change, has none


class Resource:
    def __init__(self, kind, rid):
        self.kind, self.id, self.versions = kind, rid, []

    @property
    def now(self):
        return self.versions[-1]

    @property
    def live(self):
        return self.now.content is not None


class View:
    """Rights by type ("*": all types); patient None: every resource."""

    def __init__(self, name, rights, patient=None, user=None):
        self.name, self.rights = name, rights
        self.patient, self.user = patient, user or name
        self.token = None

    def can(self, op, kind):
        return op in self.rights.get(kind, self.rights.get("*", ()))

    def whole(self, op, kind):
        return self.patient is None and self.can(op, kind)

    def reaches(self, op, own):
        if self.patient is None:
            return True
        if own[0] == "shared":
            return op in ("read", "search")
        return own == ("one", self.patient)

    def holds(self, op, r):
        return r is not None and self.can(op, r.kind) and \
            self.reaches(op, r.now.owner)


def stripped(content):
    """What the client may say: the server's part of meta taken out."""
    out = {k: v for k, v in content.items() if k != "id"}
    if "meta" in out:
        meta = {k: v for k, v in out.pop("meta").items()
                if k not in ("versionId", "lastUpdated")}
        if meta:
            out["meta"] = meta
    return out


def written(content):
    """As it stands in the store: members in their order, meta by itself."""
    rest = {k: v for k, v in content.items() if k not in (
        "resourceType", "meta")}
    return json.dumps([rest, content.get("meta", {})])


class Deed:
    """One change that was made: for journal and Provenance."""

    def __init__(self, kind, rid, version, code):
        self.kind, self.id, self.version = kind, rid, version
        self.code = code

    def target(self):
        return f"{self.kind}/{self.id}/_history/{self.version.number}"


class Story:
    """A Provenance the server wrote: who did what; its id is learned."""

    def __init__(self, deeds, view):
        self.targets = [d.target() for d in deeds]
        codes = {d.code for d in deeds}
        self.code = codes.pop() if len(codes) == 1 else None
        self.user, self.deeds, self.id = view.user, deeds, None

    def owner(self, ledger):
        """All that it points to must be of one, to be that one's."""
        own = {ledger.get(d.kind, d.id).now.owner for d in self.deeds}
        return own.pop() if len(own) == 1 else None


class Ledger:
    def __init__(self):
        self.all, self.journal, self.deeds = {}, [], []

    def get(self, kind, rid):
        return self.all.get((kind, rid))

    def of(self, kind):
        """In the order of making."""
        return [r for r in self.all.values() if r.kind == kind]

    # --- all or nothing -----------------------------------------------------

    def mark(self):
        return (dict(self.all), {k: len(r.versions)
                                 for k, r in self.all.items()},
                len(self.journal), len(self.deeds))

    def back(self, mark):
        self.all, lengths, journal, deeds = mark
        for k, n in lengths.items():
            del self.all[k].versions[n:]
        del self.journal[journal:], self.deeds[deeds:]

    def told(self, view):
        """The write-set is over: its Provenance."""
        left = self.deeds
        self.deeds = []
        while left:
            first = left[0]
            own = first.version.owner if first.code != "DELETE" else None
            with_it = [d for d in left if d is first or (
                own and own[0] == "one" and d.code != "DELETE" and
                d.version.owner == own)]
            left = [d for d in left if d not in with_it]
            self.journal.append(Story(with_it, view))

    # --- changes ------------------------------------------------------------

    def add(self, r, content, own, code):
        n = r.now.number + 1 if r.versions else 1
        v = Version(n, content, own, not (r.versions and r.live))
        r.versions.append(v)
        d = Deed(r.kind, r.id, v, code)
        self.journal.append(d)
        self.deeds.append(d)
        return v

    def permit(self, view, op, r, kind, rid, content):
        own = owner(kind, rid, content)
        if r and own != r.now.owner:
            raise Refused(403)          # no change of owner, by nobody
        if not view.can(op, kind) or not view.reaches(op, own):
            raise Refused(403)
        if view.patient is None:
            return own
        old = r.now.content if r and r.live else {}
        labels = old.get("meta", {}).get("security", [])
        if any(x not in content.get("meta", {}).get("security", [])
               for x in labels):
            raise Refused(403)
        for path in AGREE.get(kind, []):
            before = named(old, path)
            if any(p != view.patient for p in named(content, path)
                   if p not in before):
                raise Refused(403)
        return own

    def unheld(self, view, r):
        """Of what may be read it is no secret that it may not be changed."""
        return Refused(403 if view.holds("read", r) and r.live else 404)

    def make(self, view, kind, rid, content):
        content = stripped(content)
        own = self.permit(view, "create", None, kind, rid, content)
        r = Resource(kind, rid)
        self.add(r, content, own, "CREATE")
        self.all[kind, rid] = r
        return 201, r

    def create(self, view, kind, rid, content, match=None):
        """match: what meets If-None-Exist; None: not asked"""
        if not view.can("create", kind) or (
                match is not None and not view.can("search", kind)):
            raise Refused(403)
        if match and len(match) > 1:
            raise Refused(412)
        if match:
            return 200, match[0]
        return self.make(view, kind, rid, content)

    def update(self, view, kind, rid, content, if_match=None, none=False):
        if not view.can("update", kind):
            raise Refused(403)
        r = self.get(kind, rid)
        if r is not None and not view.holds("update", r):
            raise self.unheld(view, r)
        if r is None:
            if not (view.whole("update", kind) and
                    view.whole("create", kind)):
                raise Refused(404)      # ids are the server's for it
            if if_match:
                raise Refused(409)
            return self.make(view, kind, rid, content)
        content = stripped(content)
        own = self.permit(view, "update" if r.live else "create", r, kind,
                          rid, content)
        if if_match and if_match != r.now.number:
            raise Refused(409)
        if none and r.live:
            raise Refused(412)
        if r.live and written(r.now.content) == written(content):
            return 200, r
        made = not r.live
        self.add(r, content, own, "CREATE" if made else "UPDATE")
        return (201 if made else 200), r

    def update_if(self, view, kind, fresh, content, match, if_match=None):
        if not view.can("update", kind) or not view.can("search", kind):
            raise Refused(403)
        if len(match) > 1:
            raise Refused(412)
        own = content.get("id")
        if own and (not match or match[0].id != own):
            raise Refused(400)
        if match:
            return self.update(view, kind, match[0].id, content, if_match)
        if not view.can("create", kind):
            raise Refused(403)
        if if_match:
            raise Refused(409)
        return self.make(view, kind, fresh, content)

    def delete(self, view, kind, rid, if_match=None):
        if not view.can("delete", kind):
            raise Refused(403)
        r = self.get(kind, rid)
        if not view.holds("delete", r):
            if self.unheld(view, r).status == 403:
                raise Refused(403)
            return 204, None
        if if_match and if_match != r.now.number:
            raise Refused(409)
        if r.live:
            self.add(r, None, r.now.owner, "DELETE")
        return 204, r

    def delete_if(self, view, kind, match, if_match=None):
        if not view.can("delete", kind) or not view.can("search", kind):
            raise Refused(403)
        if len(match) > 1:
            raise Refused(412)
        if not match:
            raise Refused(404)
        return self.delete(view, kind, match[0].id, if_match)

    def tags(self, view, kind, rid, number, meta, remove):
        """$meta-add, $meta-delete: no new version, and none is told of but
        in the Provenance."""
        if not view.can("update", kind) or not view.can("read", kind):
            raise Refused(403)
        if remove and "security" in meta and view.patient is not None:
            raise Refused(403)
        v = self.read(view, kind, rid, number)
        r = self.get(kind, rid)
        if not view.holds("update", r):
            raise Refused(404)
        new = copy.deepcopy(v.content.get("meta", {}))
        for name, items in meta.items():
            have = new.pop(name, [])
            have = [x for x in have if x not in items] if remove else \
                have + [x for x in items if x not in have]
            if have:
                new[name] = have
        new = {name: new[name] for name in ("security", "tag")
               if name in new}
        if json.dumps(new) != json.dumps(v.content.get("meta", {})):
            v.content = {k: x for k, x in v.content.items() if k != "meta"}
            if new:
                v.content["meta"] = new
            self.deeds.append(Deed(kind, rid, v, "UPDATE"))
        return 200, new

    # --- reads --------------------------------------------------------------

    def read(self, view, kind, rid, number=None):
        """The version; 404 alike for what is hidden and what never was."""
        if not view.can("read", kind):
            raise Refused(403)
        r = self.get(kind, rid)
        if not view.holds("read", r):
            raise Refused(404)
        if number is None:
            v = r.now
        elif 1 <= number <= r.now.number:
            v = r.versions[number - 1]
        else:
            raise Refused(404)
        if v.content is None:
            raise Refused(410)
        return v

    def history(self, view, kind=None, rid=None):
        """[(type, id, version) or Story], newest first"""
        if rid is not None:
            if not view.can("read", kind):
                raise Refused(403)
            r = self.get(kind, rid)
            if not view.holds("read", r):
                raise Refused(404)
            return [(kind, rid, v) for v in reversed(r.versions)]
        if view.patient is not None:
            raise Refused(403)          # order would tell of others
        found = [j if isinstance(j, Story) else (j.kind, j.id, j.version)
                 for j in reversed(self.journal)]
        if kind is None:
            return found
        return [j for j in found if kind == (
            "Provenance" if isinstance(j, Story) else j[0])]

    def search(self, view, kind, holds):
        """Of the view, in the order in which they were made."""
        if not view.can("search", kind):
            raise Refused(403)
        return [r for r in self.of(kind) if r.live and
                view.holds("search", r) and holds(r.now.content) and
                self.met(view, r)]

    def met(self, view, r):
        """Of what is everybody's a patient finds what her record names."""
        if view.patient is None or r.now.owner[0] != "shared":
            return True
        name = f"{r.kind}/{r.id}"
        return any(x.live and view.holds("search", x) and
                   name in x.now.leads
                   for x in self.all.values())


def clone(content):
    return copy.deepcopy(content)
